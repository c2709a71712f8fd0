# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures at the top of a report.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..model import Report
from ..texts import Texts
from .rows import MachineRow


@dataclass(frozen=True)
class Figure:
    """One number with its label. `tone` is "good", "bad", or "plain", and `select` the filter of the table that shows its machines."""

    label: str
    value: str
    note: str
    tone: str = "plain"
    select: str = ""


def figures(report: Report, rows: Sequence[MachineRow], texts: Texts) -> list[Figure]:
    """Return the figures: how many machines are licensed, and what is not in order."""
    return list(_figures(report, rows, texts))


def _figures(report: Report, rows: Sequence[MachineRow], texts: Texts) -> Iterator[Figure]:
    found = report.summary
    read, licensed = len(found["machines"]["read"]), len(found["licensed_machines"])
    percent = f"{100 * licensed // read}%" if read else ""
    note = texts("headline.licensed_note", percent=percent, count=texts.number(read)) if read else texts("headline.nothing_read")
    yield Figure(texts("headline.licensed"), texts.number(licensed), note, "good" if read and licensed == read else "plain")
    yield _bad(texts, "not_licensed", len(found["not_licensed_machines"]))
    yield _bad(texts, "errors", sum(row.severity == "error" and row.state == "read" for row in rows), select="finding/error")
    yield _bad(texts, "not_read", len(rows) - read, select="finding/unread")
    within, stale = report.expiring_within_days, report.stale_after_days
    expiring = len(found["expiring"])
    note = texts.count("headline.expiring_note", within)
    yield Figure(texts("headline.expiring"), texts.number(expiring), note, "bad" if expiring else "plain")
    if stale is not None:
        note, number = texts.count("headline.stale_note", stale), len(report.records.stale)
        yield Figure(texts("headline.stale"), texts.number(number), note, "bad" if number else "plain", "finding/stale" if number else "")


def _bad(texts: Texts, name: str, number: int, select: str = "") -> Figure:
    """Return a figure that should be zero."""
    tone = "bad" if number else "plain"
    return Figure(texts(f"headline.{name}"), texts.number(number), texts(f"headline.{name}_note"), tone, select if number else "")


__all__ = ["Figure", "figures"]
