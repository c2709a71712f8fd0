# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module mak_activations_info on the host of the task, once in a run for each MAK, and hide secrets in its result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..module_utils._batch.options import ACTIVATIONS_INFO
from ..module_utils._batch.remaining import joined, numbers_in, questions_in
from ..plugin_utils._edge.actions.remembering import RememberingAction


class ActionModule(RememberingAction):
    """winops.volume_activation.mak_activations_info"""

    OPTIONS = ACTIVATIONS_INFO
    ITEMS = "extended_pids"

    def _keys(self, arguments: Mapping[str, Any]) -> dict[str, str]:
        return questions_in(arguments)

    def _answers(self, result: Mapping[str, Any]) -> dict[str, Any]:
        return numbers_in(result)

    def _joined(self, result: Mapping[str, Any], items: list[str], known: Mapping[str, Any]) -> dict[str, Any]:
        return joined(result, items, known)


main = ActionModule.main
