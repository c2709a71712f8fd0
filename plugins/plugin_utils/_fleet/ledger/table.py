# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger as plain data, and as lines of a table.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from typing import Any

from ..._licensing.recording.entry import TIME
from ..outcomes import columns
from .model import Ledger, LedgerEntry
from .totals import KeyUse, key_uses

_COLUMNS = tuple(
    columns.Column(title, is_number=title == "Used")
    for title in ("Time", "Machine", "Event", "Result", "Channel", "Key", "Method", "Used", "Code")
)
_WIDTH = 160
_UNKNOWN, _NOTHING = "?", "-"


def as_data(ledger: Ledger) -> dict[str, Any]:
    """Return the entries, the keys, the problems, and the lines of the table. Times are texts."""
    return {
        "entries": [entry_data(entry) for entry in ledger.entries],
        "product_keys": [key_data(use) for use in key_uses(ledger)],
        "damaged_lines": [_plain(problem) for problem in ledger.problems],
        "lines": table(ledger),
    }


def table(ledger: Ledger) -> list[str]:
    """Return the lines of a table with a line for each entry. A question mark is a number that is not known."""
    return columns.table(_COLUMNS, [_row(entry) for entry in ledger.entries], _WIDTH)


def _row(entry: LedgerEntry) -> tuple[str, ...]:
    used = (entry.activations_used, entry.rearms_used)
    number = _UNKNOWN if None in used else str(sum(each or 0 for each in used))
    cells = (entry.channel, entry.partial_product_key, entry.method)
    return (
        entry.time.strftime(TIME), entry.inventory_hostname, entry.event, entry.result, *(cell or _NOTHING for cell in cells), number,
        entry.code or _NOTHING,
    )  # fmt: skip


def entry_data(entry: LedgerEntry) -> dict[str, Any]:
    """Return an entry as plain data."""
    return _plain(entry)


def key_data(use: KeyUse) -> dict[str, Any]:
    """Return the use of a key as plain data."""
    days = [{"date": day.isoformat(), "activations_used": number} for day, number in use.by_day]
    return {**_plain(use), "by_day": days}


def _plain(value: Any) -> dict[str, Any]:
    return {field.name: _text(getattr(value, field.name)) for field in fields(value)}


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime(TIME)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


__all__ = ["as_data", "entry_data", "key_data", "table"]
