# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put the records of several files together: the newest record of a machine counts.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Several controllers, or the slices of a job in AWX, write a file each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .._task_results import Result
from .model import Record


@dataclass(frozen=True)
class MergedRecords:
    """The newest record of each machine, in the order in which the machines were first found.

    `sources` has the names of all files that contain a machine, only for machines in more than one file. `stale` has the machines whose
    newest record is too old.
    """

    records: Sequence[Record]
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stale: frozenset[str] = frozenset()

    @property
    def results(self) -> dict[str, Result]:
        """Return the results by the names of the machines, as the summary of a run takes them."""
        return {record.inventory_hostname: record.result for record in self.records}


def merge(files: Mapping[str, Iterable[Record]], now: datetime, stale_after_days: int | None = None) -> MergedRecords:
    """Merge the records of files by their names. Of two records with the same time, the later one in the files counts."""
    newest: dict[str, Record] = {}
    sources: dict[str, dict[str, None]] = {}
    for source, records in files.items():
        for record in records:
            name = record.inventory_hostname
            sources.setdefault(name, {})[source] = None
            if name not in newest or record.time >= newest[name].time:
                newest[name] = record
    several = {name: tuple(found) for name, found in sources.items() if len(found) > 1}
    return MergedRecords(tuple(newest.values()), several, _stale(newest, now, stale_after_days))


def _stale(newest: Mapping[str, Record], now: datetime, days: int | None) -> frozenset[str]:
    if days is None:
        return frozenset()
    return frozenset(name for name, record in newest.items() if now - record.time > timedelta(days=days))


__all__ = ["MergedRecords", "merge"]
