# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries of the ledgers of a report as CSV, one line for each request. The columns have the names of the fields of a ledger.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter

from ..._licensing.recording.entry import TIME
from ..model import Report
from .cells import SpreadsheetColumn, spreadsheet

_NAMES = (
    "inventory_hostname", "computer_name", "event", "result", "code", "product_name", "application", "channel", "partial_product_key",
    "extended_pid", "activation_id", "method", "consumes", "loses", "activations_used", "rearms_used", "action", "description", "user",
    "controller", "playbook", "play", "module", "run_id", "job_id", "id",
)  # fmt: skip


def render_ledger(report: Report) -> str:
    """Return all entries as CSV, in the order of their time."""
    return spreadsheet(LEDGER_COLUMNS, report.ledger.entries if report.ledger else (), report.csv_delimiter)


def _text(time: datetime | None) -> str | None:
    return time.strftime(TIME) if time else None


def _column(name: str) -> SpreadsheetColumn:
    return SpreadsheetColumn(name, attrgetter(name))


LEDGER_COLUMNS = (
    SpreadsheetColumn("time", lambda entry: _text(entry.time)),
    SpreadsheetColumn("started_time", lambda entry: _text(entry.started_time)),
    *(_column(name) for name in _NAMES),
)

__all__ = ["LEDGER_COLUMNS", "render_ledger"]
