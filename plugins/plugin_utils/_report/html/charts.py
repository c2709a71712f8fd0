# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The charts of a report as data: shares in percent, with the texts of their parts. The templates draw them as SVG.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ..._fleet.licenses import ACTIVATED_BY, badness
from ..._fleet.machines import STATES
from ..model import Report
from ..product_facts import expiry_of, status_of
from ..texts import Texts
from .rows import MachineRow

WEEKS = 26
"""Number of columns of the chart of licenses that expire: 182 days, which include the 180 days of a license by KMS."""

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_TONES = {
    "licensed": "good",
    "extended_grace": "good",
    "initial_grace": "mid",
    "out_of_tolerance_grace": "mid",
    "non_genuine_grace": "bad",
    "notification": "bad",
    "unlicensed": "bad",
    "no_key": "bad",
}


@dataclass(frozen=True)
class Bar:
    """One bar. `share` is its length in percent of the longest possible, and `tone` its color: "good", "mid", "bad", "off", or "plain"."""

    label: str
    count: int
    shown: str
    share: float
    tone: str = "plain"
    select: str = ""


@dataclass(frozen=True)
class WeekColumn:
    """The licenses that expire in one week. `x` and `height` are in percent of the chart."""

    label: str
    count: int
    shown: str
    x: float
    height: float


@dataclass(frozen=True)
class Expiry:
    """The licenses that expire, by week. `past` is the number of licenses whose end is before the report."""

    columns: Sequence[WeekColumn]
    ticks: Sequence[tuple[float, str]]
    total: int
    past: int


def status_bars(rows: Sequence[MachineRow], texts: Texts) -> list[Bar]:
    """Return every machine by the status of Windows, the activated ones first, and those that were not read last."""
    counted = Counter(row.status for row in rows)
    order = sorted((status for status in counted if status not in STATES), key=_status_order)
    order += [state for state in STATES if counted[state]]
    return _bars([(texts.label("status", each), counted[each], _TONES.get(each, "off"), f"status/{each}") for each in order], texts)


def channel_bars(rows: Sequence[MachineRow], texts: Texts) -> list[Bar]:
    """Return the machines that were read by the channel of their key, the most frequent first."""
    counted = Counter(row.channel for row in rows if row.channel)
    return _bars([(texts.label("channel", each), number, "plain", f"channel/{each}") for each, number in counted.most_common()], texts)


def activation_bars(report: Report, texts: Texts) -> list[Bar]:
    """Return the licensed machines by what activated them."""
    found = report.summary["machines_by_activation"]
    return _bars([(texts.label("activated_by", way), len(found[way]), "plain", "") for way in ACTIVATED_BY if found[way]], texts)


def office_bars(rows: Sequence[MachineRow], texts: Texts) -> list[Bar]:
    """Return the Office products with a key by their status."""
    counted = Counter(status_of(product) for row in rows for product in row.office)
    return _bars(
        [(texts.label("status", each), counted[each], _TONES.get(each, "off"), "") for each in sorted(counted, key=_status_order)], texts
    )


def expiry(report: Report, rows: Sequence[MachineRow], texts: Texts) -> Expiry:
    """Return the licenses that expire, by weeks from the day of the report."""
    first = report.report_time.date()
    ends = [found.date() for row in rows for product in row.products if (found := expiry_of(product))]
    weeks = Counter((end - first) // _WEEK for end in ends if end >= first)
    highest = max((weeks[number] for number in range(WEEKS)), default=0)
    columns = [_column(first + number * _WEEK, number, weeks[number], highest, texts) for number in range(WEEKS)]
    total = sum(column.count for column in columns)
    return Expiry(columns, list(_ticks(first)), total, sum(end < first for end in ends))


def _column(start: date, number: int, count: int, highest: int, texts: Texts) -> WeekColumn:
    label = texts("charts.expiry_column", start=start.isoformat(), end=(start + _WEEK - _DAY).isoformat())
    return WeekColumn(label, count, texts.number(count), round(100 * number / WEEKS, 3), round(100 * count / highest, 2) if highest else 0)


def _ticks(first: date) -> Iterator[tuple[float, str]]:
    """Yield the first days of months with their place in percent, except at the right edge, where the text would be cut off."""
    days = [first + number * _DAY for number in range(WEEKS * 7)]
    for number, day in enumerate(days):
        if day.day == 1 and number < len(days) - 14:
            yield round(100 * number / len(days), 3), f"{day:%Y-%m}"


def _bars(found: Iterable[tuple[str, int, str, str]], texts: Texts) -> list[Bar]:
    held = list(found)
    total = sum(count for _label, count, _tone, _select in held)
    return [
        Bar(label, count, texts.number(count), round(100 * count / total, 2), tone, select) for label, count, tone, select in held if total
    ]


def _status_order(status: str) -> tuple[bool, tuple[bool, int]]:
    """Return a sort key: activated first, then the grace periods, and a machine without a key last."""
    if status == "no_key":
        return True, (False, 0)
    is_activated, rank = badness(status)
    return False, (not is_activated, -rank)


__all__ = ["WEEKS", "Bar", "Expiry", "WeekColumn", "activation_bars", "channel_bars", "expiry", "office_bars", "status_bars"]
