# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain tables of a report: the sections of Configuration Manager and of the ledger, and the alarms of KMS hosts.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..model import Report
from ..sections.catalog import OF_LEDGER, sections_of
from ..sections.model import ReportSection
from ..texts import Texts

_ROWS = 500
"""Number of rows that a table shows. The result of the task and the CSV files have all of them."""
_NAMES = 12
_LABELS = ("application", "channel", "status", "activated_by", "severity", "event", "method", "result")
"""Columns whose values have texts, in the group of the same name."""
_WHOLE = ("method", "result")
"""Columns with short texts."""
_TIMES = ("time", "first_time", "last_time")
_TIME = re.compile(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)Z$")


@dataclass(frozen=True)
class ShownCell:
    """One value. `is_number` aligns it to the right, `is_whole` keeps it in one line, and `machine` is that whose page it leads to."""

    text: str
    is_number: bool = False
    machine: str | None = None
    is_whole: bool = False


@dataclass(frozen=True)
class ShownTable:
    """One table with its texts. `more` is the number of rows that are left out."""

    id: str
    title: str
    note: str
    headings: Sequence[ShownCell]
    rows: Sequence[Sequence[ShownCell]]
    more: int = 0


def section_tables(report: Report, texts: Texts) -> list[ShownTable]:
    """Return the sections of a report, without those that have no row."""
    return [_section(section, report, texts) for section in sections_of(report) if section.rows]


def alarm_tables(report: Report, texts: Texts) -> list[ShownTable]:
    """Return the table of the alarms, or nothing if no alarm is about a machine of the report."""
    lists = ("machines", "ok_machines", "not_known_machines")
    alarms = report.summary["kms_alarms"]
    if not any(alarm[each] for alarm in alarms for each in lists):
        return []
    columns = ("monitor", "severity", *lists)
    rows = [{column: named(alarm[column], texts) if column in lists else alarm[column] for column in columns} for alarm in alarms]
    return [table("alarms", columns, rows, texts)]


def table(
    table_id: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    texts: Texts,
    machines: Container[str] | None = None,
    **values: str,
) -> ShownTable:
    """Return the table of rows, with the texts of its name in the group `section`, and values for the placeholders of its note.

    A name leads to the page of its machine. If some machines have no page, `machines` are those that have one.
    """
    numbers = {column for column in columns if all(_is_number(row[column]) or row[column] is None for row in rows)}
    return ShownTable(
        table_id,
        texts(f"section.{table_id}.title"),
        texts(f"section.{table_id}.note", **values),
        [ShownCell(texts(f"section_column.{column}"), column in numbers) for column in columns],
        [[_cell(column, row[column], column in numbers, texts, machines) for column in columns] for row in rows[:_ROWS]],
        max(0, len(rows) - _ROWS),
    )


def _section(section: ReportSection, report: Report, texts: Texts) -> ShownTable:
    if section.id in OF_LEDGER and report.ledger:
        values = {"shown": texts.number(len(section.rows)), "count": texts.number(len(report.ledger.entries))}
        return table(section.id, section.columns, section.rows, texts, report.records.results, **values)
    if section.id not in ("02A", "02B"):
        return table(section.id, section.columns, section.rows, texts)
    # Two numbers are one range for a reader.
    columns = ("days_left_range", *(column for column in section.columns if not column.startswith("days_left_")))
    rows = [{**row, "days_left_range": _range(row, texts)} for row in section.rows]
    return table(section.id, columns, rows, texts)


def _range(row: Mapping[str, Any], texts: Texts) -> str:
    first, last = row["days_left_from"], row["days_left_to"]
    return texts("section.range_open", first=first) if last is None else texts("section.range", first=first, last=last)


def _cell(column: str, value: Any, is_number: bool, texts: Texts, machines: Container[str] | None) -> ShownCell:
    if value is None:
        return ShownCell("–", is_number)
    if isinstance(value, bool):
        return ShownCell(texts("section.yes" if value else "section.no"))
    if _is_number(value):
        # A port is a number of which nobody counts the thousands.
        return ShownCell(str(value) if column.endswith("port") else texts.number(value), is_number)
    if column in _TIMES:
        return ShownCell(shown_time(str(value)), is_whole=True)
    text = texts.label(column, value) if column in _LABELS else str(value)
    is_linked = column == "machine" and (machines is None or value in machines)
    return ShownCell(text, machine=text if is_linked else None, is_whole=column in _WHOLE)


def shown_time(time: str) -> str:
    """Return a time such as 2026-11-30T08:15:00Z as the page shows it, and any other text as it is. The page says that times are in UTC."""
    return _TIME.sub(r"\1 \2", time)


def named(names: Iterable[str], texts: Texts) -> str | None:
    """Return the first names, and the number of the others; None without names."""
    held = list(names)
    more = len(held) - _NAMES
    if not held:
        return None
    return ", ".join(held) if more <= 1 else f"{', '.join(held[:_NAMES])} {texts('report.and_more', count=texts.number(more))}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


__all__ = ["ShownCell", "ShownTable", "alarm_tables", "named", "section_tables", "shown_time", "table"]
