# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the name in a record is the name of a machine of the run.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Upper and lower case do not matter in a file, which people type. They do in an inventory, where PC-1 and pc-1 can be two machines.
"""

from __future__ import annotations

from collections.abc import Iterable


class Machines:
    """The names of the machines of a run."""

    def __init__(self, names: Iterable[str]) -> None:
        self._exact = frozenset(names)
        self._folded = frozenset(name.casefold() for name in self._exact)

    def is_another(self, name: str, machine: str) -> bool:
        """Return whether the name in a record is that of another machine of the run than `machine`."""
        if name in self._exact:
            return name != machine
        return name.casefold() != machine.casefold() and name.casefold() in self._folded

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.casefold() in self._folded
