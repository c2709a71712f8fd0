# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledgers of a report as one value.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from ..._fleet.ledger.model import LedgerEntry
from ..._fleet.ledger.totals import KeyUse
from ..._licensing.plan.claim import OPERATION_SECONDS
from ..._licensing.recording.entry import EntryResult

MOST_DAMAGED = 100
"""Number of damaged lines that a report names. The others are counted."""

_MAK = "mak"
_LONGEST = timedelta(seconds=OPERATION_SECONDS)


@dataclass(frozen=True)
class DamagedLine:
    """A line of a ledger that cannot be read. `line` is its number in the file, from 1."""

    path: str
    line: int
    reason: str


@dataclass(frozen=True)
class ReportLedger:
    """What all ledgers of a report contain. The entries are in the order of their time, each once, with texts that are safe to show.

    `key_uses` are the totals over all entries. `damaged` are the first `MOST_DAMAGED` of `damaged_count` lines. `read_time` is when the
    files were read, in UTC; without it, no entry counts as one of a run that still goes on.
    """

    entries: Sequence[LedgerEntry] = ()
    key_uses: Sequence[KeyUse] = ()
    damaged: Sequence[DamagedLine] = ()
    damaged_count: int = 0
    read_time: datetime | None = None

    def newest(self, number: int) -> Iterator[LedgerEntry]:
        """Yield this number of entries, the newest first."""
        return reversed(self.entries[-number:])

    @cached_property
    def uncertain(self) -> Sequence[LedgerEntry]:
        """Return the entries without a known result, in the order of their time, without those of a run that can still go on."""
        return [entry for entry in self.entries if entry.is_uncertain and not self._can_be_running(entry)]

    def _can_be_running(self, entry: LedgerEntry) -> bool:
        """Whether a request has begun so recently that its result can follow. The clock of another controller can be ahead."""
        is_open = entry.result == EntryResult.STARTED.value and self.read_time is not None
        return is_open and abs(self.read_time - entry.time) < _LONGEST  # type: ignore[operator]

    @cached_property
    def machines(self) -> frozenset[str]:
        """Return the names of the machines in the inventory that have an entry."""
        return frozenset(entry.inventory_hostname for entry in self.entries)

    @cached_property
    def maks(self) -> Mapping[str, KeyUse]:
        """Return the use of each MAK by its last five characters."""
        return {each.partial_product_key: each for each in self.key_uses if each.channel == _MAK and each.partial_product_key}


__all__ = ["MOST_DAMAGED", "DamagedLine", "ReportLedger"]
