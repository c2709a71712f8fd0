# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns of machines, matched by Ansible itself, and a machine that Ansible has whether the inventory names it or not.

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
    """The groups of the inventory, as the variable ``groups`` has them. The limit of the run is not applied."""

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
        """Every machine."""
        return frozenset(name for names in self._groups.values() for name in names)

    def machines(self, pattern: str) -> tuple[str, ...]:
        """The machines a pattern matches. Ansible is not asked for a part that it would only warn of."""
        known = [part for part in parts(pattern) if self._is_known(part.lstrip(_OPERATORS))]
        asks_in_vain = any(part.startswith("&") and part not in known for part in parts(pattern))
        if asks_in_vain or all(part.startswith("!") for part in known):
            return ()
        return self._matched(known)

    def _matched(self, pattern: list[str]) -> tuple[str, ...]:
        try:
            return tuple(str(host.name) for host in self._manager.get_hosts(pattern=pattern))
        except AnsibleError:
            return ()

    def strangers(self, pattern: str) -> tuple[str, ...]:
        """The parts of a pattern that match no machine and no group, those after ``!`` and ``&`` too."""
        names = [part.lstrip(_OPERATORS) for part in parts(pattern)]
        return tuple(name for name in names if not self._is_known(name))

    def _is_known(self, part: str) -> bool:
        if part in self._groups or part in self.names or part in LOCALHOST:
            return True
        return bool(_WILDCARDS.intersection(part) and self._matched([part]))

    def left_by(self, limit: str, others: Collection[str]) -> frozenset[str]:
        """The machines a limit leaves: `others` of the inventory, and localhost, which Ansible adds where a pattern names it."""
        named = not limit or any(part in LOCALHOST for part in parts(limit))
        return frozenset(others) | (frozenset(LOCALHOST) - self.names if named else frozenset())


def parts(pattern: str) -> list[str]:
    """A pattern taken apart as Ansible does it."""
    return [str(part) for part in split_host_pattern(pattern)]
