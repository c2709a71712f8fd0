# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module mak_confirmation_id on the host of the task, and hide secrets in its result."""

from __future__ import annotations

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..module_utils._batch.options import CONFIRMATION_ID
from ..plugin_utils._edge.actions.request import RequestAction


class ActionModule(RequestAction):
    """winops.volume_activation.mak_confirmation_id"""

    OPTIONS = CONFIRMATION_ID


main = ActionModule.main
