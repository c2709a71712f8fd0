# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report is made of. Every format is a pure function from a `Report` to a text.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .._records.merge import MergedRecords
from .history.model import ReportHistory
from .ledger.model import ReportLedger


@dataclass(frozen=True)
class Report:
    """The input of all formats of one report.

    `summary` is the result of `_fleet.summary.summarize` for `records`. `report_time` is UTC, to the second. `history` is what is known
    of earlier reports, or None, and `ledger` what the ledgers contain, or None without one. `maks_left` has what Microsoft says is left, by
    the last five characters of each MAK that was asked about, `maks_checked` the time of the answer as a text if it is known, and
    `mak_budgets` the number of activations that a MAK may use, also by its last five characters. `language` is one of those of the error
    catalog; names and texts of machines are not translated. `sections` are the tables that the report has, such as "02A". `csv_delimiter`
    is a name of a delimiter. `prometheus_machines` is the number of machines that have metrics of their own.
    """

    records: MergedRecords
    summary: Mapping[str, Any]
    report_time: datetime
    title: str = ""
    language: str = "en"
    stale_after_days: int | None = None
    expiring_within_days: int = 30
    history: ReportHistory | None = None
    ledger: ReportLedger | None = None
    maks_left: Mapping[str, int] = field(default_factory=dict)
    maks_checked: Mapping[str, str] = field(default_factory=dict)
    mak_budgets: Mapping[str, int] = field(default_factory=dict)
    sections: Sequence[str] = ()
    csv_delimiter: str = "comma"
    prometheus_machines: int = 1000


__all__ = ["Report"]
