# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as one JSON document: the summary, and the record of each machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import json
from typing import Any

from .._fleet.ledger.table import entry_data, key_data
from .ledger.lines import summary_of
from .ledger.model import ReportLedger
from .model import Report
from .sections.catalog import sections_of

SCHEMA = 1
"""Version of the document. A release that removes a field, or changes its meaning, has a higher number; a new field does not change it."""

NEWEST = 10_000
"""Number of entries of the ledgers in the document, about 8 MB. The CSV file has all of them."""

_TIME = "%Y-%m-%dT%H:%M:%SZ"


def document(report: Report) -> dict[str, Any]:
    """Return the report as data. The machines are in the order of the record files, each with the fields of a record."""
    return {
        "schema": SCHEMA,
        "title": report.title or None,
        "report_time": report.report_time.strftime(_TIME),
        "stale_after_days": report.stale_after_days,
        "expiring_within_days": report.expiring_within_days,
        "summary": dict(report.summary),
        "sections": [section.as_dict() for section in sections_of(report)],
        "remaining_activations": dict(report.maks_left),
        "checked_times": dict(report.maks_checked),
        "mak_budgets": dict(report.mak_budgets),
        "ledger": _ledger(report.ledger),
        "machines": [
            {
                **record.as_dict(),
                "stale": record.inventory_hostname in report.records.stale,
                "sources": list(report.records.sources.get(record.inventory_hostname, ())),
            }
            for record in report.records.records
        ],
    }


def _ledger(ledger: ReportLedger | None) -> dict[str, Any] | None:
    """Return the numbers, the keys, and the newest entries of the ledgers; None without a ledger."""
    if ledger is None:
        return None
    return {
        **summary_of(ledger),
        "product_keys": [key_data(use) for use in ledger.key_uses],
        "newest_entries": [entry_data(entry) for entry in ledger.newest(NEWEST)],
    }


def render_json(report: Report) -> str:
    """Return the document as JSON, in ASCII."""
    return json.dumps(document(report), separators=(",", ":"), default=str) + "\n"


__all__ = ["SCHEMA", "document", "render_json"]
