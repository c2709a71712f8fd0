# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reports 02A and 02B of Configuration Manager: the licenses that expire.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Configuration Manager shows the licenses by KMS. These sections contain every activated license that ends, with its channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._fleet.licenses import expiring
from ..._fleet.machines import Machine
from ..model import Report
from .model import ReportSection

RANGES: Sequence[tuple[int, int | None]] = ((0, 6), (7, 29), (30, 59), (60, 89), (90, 179), (180, None))
"""The first and the last day of each range. A license by KMS is valid for 180 days, and Windows renews it every 7 days."""

_EVERY_DAY = 10**9
_RANGE = ("days_left_from", "days_left_to")


def count_by_time_range(_report: Report, machines: Sequence[Machine]) -> ReportSection:
    """Return 02A: for each range of days, the number of machines with a license that expires, and the number of these licenses."""
    found, rows = expiring(machines, _EVERY_DAY), []
    for each in RANGES:
        inside = [row["machine"] for row in found if _range_of(row["days_left"]) == each]
        rows.append({**_range(each), "machine_count": len(set(inside)), "license_count": len(inside)})
    return ReportSection.of("02A", (*_RANGE, "machine_count", "license_count"), rows)


def expiring_machines(_report: Report, machines: Sequence[Machine]) -> ReportSection:
    """Return 02B: every license that expires with its machine, the next first."""
    rows = ({**_range(_range_of(row["days_left"])), **row} for row in expiring(machines, _EVERY_DAY))
    return ReportSection.of("02B", ("machine", "product_name", "channel", "expires", "days_left", *_RANGE), rows)


def _range_of(days: int) -> tuple[int, int | None]:
    return next((each for each in reversed(RANGES) if days >= each[0]), RANGES[0])


def _range(each: tuple[int, int | None]) -> dict[str, Any]:
    return dict(zip(_RANGE, each, strict=True))


__all__ = ["RANGES", "count_by_time_range", "expiring_machines"]
