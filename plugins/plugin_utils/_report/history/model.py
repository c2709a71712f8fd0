# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of earlier reports: the records of the last one, and a few numbers of each.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ..._records.merge import MergedRecords

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_NUMBERS = ("machine_count", "licensed_count", "not_licensed_count", "not_read_count")
_COUNTS = ("windows", "office")
_MOST_HOSTS = 100


@dataclass(frozen=True)
class RunFigures:
    """The numbers of one report. `kms_counts` has the count of each KMS host by its name, for each application."""

    report_time: datetime
    machine_count: int
    licensed_count: int
    not_licensed_count: int
    not_read_count: int
    kms_counts: Mapping[str, Mapping[str, int]]

    @classmethod
    def of(cls, summary: Mapping[str, Any], report_time: datetime) -> RunFigures:
        """Return the numbers of a summary. At most 100 KMS hosts are kept."""
        hosts = sorted(summary["kms_hosts"], key=lambda row: str(row["machine"]))[:_MOST_HOSTS]
        windows = {row["machine"]: row["current_count"] for row in hosts if row["current_count"] is not None}
        office = {row["machine"]: row["office_count"] for row in hosts if row["office_count"] is not None}
        return cls(
            report_time,
            summary["machine_count"],
            len(summary["licensed_machines"]),
            len(summary["not_licensed_machines"]),
            summary["machine_count"] - len(summary["machines"]["read"]),
            {"windows": windows, "office": office},
        )

    @classmethod
    def parse(cls, found: Any) -> RunFigures:
        """Return the numbers that `as_dict` returned. Raises ValueError for anything else."""
        try:
            time = datetime.strptime(found["report_time"], TIME_FORMAT).replace(tzinfo=timezone.utc)
            counts = {each: {str(name): _whole(count) for name, count in found["count_by_kms_host"][each].items()} for each in _COUNTS}
            return cls(report_time=time, kms_counts=counts, **{name: _whole(found[name]) for name in _NUMBERS})
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"the numbers of a report are not complete: {error}") from None

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers as plain data."""
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        return {
            "report_time": self.report_time.strftime(TIME_FORMAT),
            **numbers,
            "count_by_kms_host": {k: dict(v) for k, v in self.kms_counts.items()},
        }


@dataclass(frozen=True)
class ReportHistory:
    """The earlier reports. `previous` has the records of the last one, or None if there is none; `trend` is ordered by time.

    `unreadable` are the names of kept reports that cannot be read.
    """

    previous: MergedRecords | None = None
    previous_time: datetime | None = None
    trend: Sequence[RunFigures] = ()
    unreadable: Sequence[str] = ()


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a number is not whole")
    return value


__all__ = ["TIME_FORMAT", "ReportHistory", "RunFigures"]
