# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Index the records of a file, to find the records of each machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .._task_results import Result
from .machines import Machines
from .model import ProxyRecord
from .results import computer_name, maks


class Register:
    """The records of a file. `machines` are the names of all machines, whose records are not used for another machine."""

    def __init__(self, records: Iterable[ProxyRecord], machines: Iterable[str] = ()) -> None:
        self._by_id: dict[tuple[str, str], list[ProxyRecord]] = {}
        self._by_machine: dict[str, list[ProxyRecord]] = {}
        self._by_computer: dict[str, list[ProxyRecord]] = {}
        self._present = Machines(machines)
        for record in records:
            self._by_id.setdefault(record.identity, []).append(record)
            self._by_machine.setdefault(record.machine.casefold(), []).append(record)
            if record.computer_name and record.machine not in self._present:
                self._by_computer.setdefault(record.computer_name.casefold(), []).append(record)

    def of(self, machine: str, read: Result | None, application: str) -> list[ProxyRecord]:
        """Return the records that can belong to a machine: by its installation IDs, by its name, or by its computer name.

        A record of another machine of the play is returned only if this machine shows the installation ID of the record.
        """
        shown = [product["installation_id"] for product in maks(read or {}, application) if product["installation_id"]]
        found = [record for identity in shown for record in self._by_id.get((application, identity), ())]
        own = [record for record in self._by_machine.get(machine.casefold(), []) if not self._present.is_another(record.machine, machine)]
        named = own or self._by_computer.get(computer_name(read).casefold(), [])
        found += [record for record in named if record.application == application]
        return list(dict.fromkeys(found))

    def with_id(self, application: str, installation_id: str) -> Sequence[ProxyRecord]:
        """Return the records with an installation ID."""
        return self._by_id.get((application, installation_id), ())


def numbered(records: Iterable[ProxyRecord]) -> dict[ProxyRecord, int]:
    """Return the number of each record in its file, from 1. Equal records have the number of the first one."""
    numbers: dict[ProxyRecord, int] = {}
    for number, record in enumerate(records, start=1):
        numbers.setdefault(record, number)
    return numbers
