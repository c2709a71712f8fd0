# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of a report about what changed since the last one.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..history.changes import LISTS, MOVES, changes_of
from ..model import Report
from ..texts import Texts
from .tables import ShownTable, named, table

_RUNS = 30
"""Number of reports that the table of the trend shows, the newest ones."""


def history_tables(report: Report, texts: Texts) -> list[ShownTable]:
    """Return the tables of the changes, without those that have no row; nothing without an earlier report."""
    changes = changes_of(report)
    return [] if changes is None else list(_tables(changes, texts))


def _tables(changes: Mapping[str, Any], texts: Texts) -> Iterator[ShownTable]:
    lists = [
        {"change": texts(f"change.{name}"), "machine_count": len(changes[name]), "machines": named(changes[name], texts)}
        for name in LISTS
        if changes[name]
    ]
    yield table("changes", ("change", "machine_count", "machines"), lists, texts, since=changes["since"])
    moves = [{**each, "change": texts(f"change.{name}")} for name in MOVES for each in changes[name]]
    counts = [
        {**each, "change": texts("change.kms_count_changes"), "before": str(each["before"]), "after": str(each["after"])}
        for each in changes["kms_count_changes"]
        if each["before"] not in (None, each["after"])
    ]
    if moves or counts:
        yield table("moves", ("machine", "change", "before", "after"), [*moves, *counts], texts, since=changes["since"])
    numbers = ("machine_count", "licensed_count", "not_licensed_count", "not_read_count")
    trend = [{**{name: each[name] for name in ("report_time", *numbers)}, "kms_counts": _counts(each)} for each in changes["trend"]]
    yield table("trend", ("report_time", *numbers, "kms_counts"), trend[-_RUNS:], texts)


def _counts(figures: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {count}" for counts in figures["count_by_kms_host"].values() for name, count in sorted(counts.items()))


__all__ = ["history_tables"]
