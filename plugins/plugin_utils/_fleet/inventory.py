# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Match patterns with the inventory as Ansible does, including localhost, which Ansible adds if a pattern names it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from ansible.constants import LOCALHOST
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager, split_host_pattern
from ansible.parsing.dataloader import DataLoader

_OPERATORS = "!&"
_WILDCARDS = frozenset("*?[~")


class Inventory:
    """Groups of the inventory, as in the variable ``groups``, without the limit of the run."""

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        self._groups = {str(group): [str(name) for name in names] for group, names in groups.items()}

    @cached_property
    def _manager(self) -> Any:
        manager = InventoryManager(DataLoader(), parse=False)
        for group, names in self._groups.items():
            manager.add_group(group)
            for name in names:
                manager.add_host(name, group=group)
        return manager

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the names of all machines."""
        return frozenset(name for names in self._groups.values() for name in names)

    def machines(self, pattern: str) -> tuple[str, ...]:
        """Return the machines that a pattern matches. Parts for which Ansible would only print a warning are left out."""
        known = [part for part in parts(pattern) if self._is_known(part.lstrip(_OPERATORS))]
        is_empty = any(part.startswith("&") and part not in known for part in parts(pattern))
        if is_empty or all(part.startswith("!") for part in known):
            return ()
        return self._matched(known)

    def _matched(self, pattern: list[str]) -> tuple[str, ...]:
        try:
            return tuple(str(host.name) for host in self._manager.get_hosts(pattern=pattern))
        except AnsibleError:
            return ()

    def unknown_parts(self, pattern: str) -> tuple[str, ...]:
        """Return the parts of a pattern that do not match any machine or group, including parts after ``!`` and ``&``."""
        names = [part.lstrip(_OPERATORS) for part in parts(pattern)]
        return tuple(name for name in names if not self._is_known(name))

    def _is_known(self, part: str) -> bool:
        if part in self._groups or part in self.names or part in LOCALHOST:
            return True
        return bool(_WILDCARDS.intersection(part) and self._matched([part]))

    def left_by(self, limit: str, others: Collection[str]) -> frozenset[str]:
        """Return the machines that a limit does not exclude: `others` of the inventory, and localhost if it is implicit."""
        named = not limit or any(part in LOCALHOST for part in parts(limit))
        return frozenset(others) | (frozenset(LOCALHOST) - self.names if named else frozenset())


def parts(pattern: str) -> list[str]:
    """A pattern taken apart as Ansible does it."""
    return [str(part) for part in split_host_pattern(pattern)]
