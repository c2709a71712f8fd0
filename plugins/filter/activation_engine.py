# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``activation_engine``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.redact import mask_keys
from ..plugin_utils._fleet.inventory import Inventory

ENGINES = ("fleet", "tasks")
MOST_TASKS = 300
"""Number of machines up to which each machine has a task of its own, unless the user chooses."""

_NO_GROUPS: Mapping[str, Sequence[str]] = MappingProxyType({})


def activation_engine(value: Any, machines: str | Sequence[str], groups: Mapping[str, Sequence[str]] = _NO_GROUPS, limit: str = "") -> str:
    """Return "fleet" or "tasks": the chosen engine, or the one for this number of machines, which are names or a pattern."""
    chosen = "" if value is None else str(value).strip()
    if chosen and chosen not in ENGINES:
        problem = f"the engine is {chosen!r}, but must be one of {', '.join(ENGINES)}. No machine was checked."
        raise AnsibleFilterError(f"activation_engine: {mask_keys(problem)}")
    if chosen:
        return chosen
    count = _matched(machines, groups, limit) if isinstance(machines, str) else len(machines)
    return "fleet" if count > MOST_TASKS else "tasks"


def _matched(pattern: str, groups: Mapping[str, Sequence[str]], limit: str) -> int:
    """Return the number of machines that a pattern matches, and the limit of the run too, unless the limit is a file."""
    inventory = Inventory(groups)
    found = set(inventory.machines(pattern))
    return len(found & set(inventory.machines(limit)) if limit and not limit.startswith("@") else found)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"activation_engine": activation_engine}
