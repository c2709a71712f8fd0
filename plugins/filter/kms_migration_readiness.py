# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``kms_migration_readiness``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.readiness import readiness
from ..plugin_utils._task_results import registered


def kms_migration_readiness(value: Mapping[str, Any], hosts: Sequence[Mapping[str, Any]], application: str = "windows") -> dict[str, Any]:
    """Find out whether a machine with a MAK can move to KMS now."""
    return make_unsafe(readiness(registered(value), [registered(host) for host in hosts], application))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"kms_migration_readiness": kms_migration_readiness}
