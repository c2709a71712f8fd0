# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries of a ledger as frozen values: what runs did to the keys and activations of machines.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from ..._licensing.recording.entry import EntryResult, LedgerEvent

_OPEN = frozenset({EntryResult.STARTED.value, EntryResult.UNKNOWN.value})
_LICENSING = frozenset({LedgerEvent.ACTIVATED.value, LedgerEvent.CONFIRMATION_ID_DEPOSITED.value})


@dataclass(frozen=True)
class LedgerEntry:
    """One request, as its last line in the ledger describes it. Texts are None if they are not known.

    `time` is the time of that line, and `started_time` of the line before the request was sent, None if the ledger does not have it. Both
    are UTC, by the clock of the controller. `event` and `result` are values of :class:`LedgerEvent` and :class:`EntryResult`; a newer
    version of the collection can add events. `run_id` is the same for all entries of one run of ansible-playbook, `job_id` is that of AWX.
    `inventory_hostname` is the name in the inventory, `computer_name` that of Windows.

    `activations_used` and `rearms_used` are None if it is not known whether the request was counted.
    """

    id: str
    time: datetime
    event: str
    result: str
    inventory_hostname: str
    run_id: str
    started_time: datetime | None = None
    job_id: str | None = None
    user: str | None = None
    controller: str | None = None
    playbook: str | None = None
    play: str | None = None
    module: str | None = None
    computer_name: str | None = None
    action: str | None = None
    description: str | None = None
    product_name: str | None = None
    activation_id: str | None = None
    application: str | None = None
    channel: str | None = None
    partial_product_key: str | None = None
    extended_pid: str | None = None
    method: str | None = None
    consumes: str | None = None
    loses: str | None = None
    activations_used: int | None = 0
    rearms_used: int | None = 0
    code: str | None = None

    @property
    def is_uncertain(self) -> bool:
        """Whether the request was sent, or might have been, and its result is not known. The machine shows what happened."""
        return self.result in _OPEN

    @property
    def has_licensed(self) -> bool:
        """Whether the request licensed the product: an activation, or the deposit of a confirmation ID."""
        return self.event in _LICENSING and self.result == EntryResult.DONE.value


@dataclass(frozen=True)
class LedgerProblem:
    """A line that cannot be read. `line` is its number in the file, from 1."""

    line: int
    reason: str


@dataclass(frozen=True)
class Ledger:
    """A ledger: its entries in the order in which their requests began, and the lines that cannot be read."""

    entries: tuple[LedgerEntry, ...] = ()
    problems: tuple[LedgerProblem, ...] = ()


def combine(ledgers: Iterable[Ledger]) -> Ledger:
    """Return one ledger with the entries of several, such as those of several controllers or of renamed files, in the order of their time.

    An entry that several ledgers contain is in the result once. The line with a result counts, and of several results the newest.
    """
    found: dict[str, LedgerEntry] = {}
    problems: list[LedgerProblem] = []
    for ledger in ledgers:
        problems += ledger.problems
        for entry in ledger.entries:
            found[entry.id] = merged(found[entry.id], entry) if entry.id in found else entry
    entries = sorted(found.values(), key=lambda entry: (entry.started_time or entry.time, entry.id))
    return Ledger(tuple(entries), tuple(problems))


def merged(first: LedgerEntry, second: LedgerEntry) -> LedgerEntry:
    """Return the one of two descriptions of a request that counts: the second one, unless it is older, or has no result yet.

    The start is taken from the other one if necessary.
    """
    started = EntryResult.STARTED.value
    if (first.result == started) == (second.result == started):
        later = first if second.time < first.time else second
    else:
        later = first if second.result == started else second
    return replace(later, started_time=first.started_time or second.started_time)


__all__ = ["Ledger", "LedgerEntry", "LedgerProblem", "combine", "merged"]
