# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sections about the ledger: the use of each key, and the newest entries. They are not reports of Configuration Manager.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any

from ..._fleet.ledger.model import LedgerEntry
from ..._fleet.ledger.totals import KeyUse
from ..._fleet.machines import Machine, natural
from ..._licensing.recording.entry import TIME
from ..ledger.model import ReportLedger
from ..model import Report
from .model import ReportSection

NEWEST = 500
"""Number of entries of a section, so that the result of the task stays small. The CSV file of the ledger has all of them."""

_NAMES = 12
_KEY = (
    "channel", "partial_product_key", "product_name", "machine_count", "licensed_count", "activations_used", "activations_uncertain",
    "uncertain_machines", "first_time", "last_time",
)  # fmt: skip
_ENTRY = (
    "time", "machine", "product_name", "channel", "partial_product_key", "event", "method", "activations_used", "loses", "playbook",
    "result", "code",
)  # fmt: skip


def use_of_keys(report: Report, _machines: Sequence[Machine]) -> ReportSection:
    """Return the use of each key over all entries, the key with the most activations first."""
    ledger = report.ledger or ReportLedger()
    uncertain: dict[tuple[str | None, str | None], dict[str, None]] = {}
    for entry in ledger.uncertain:
        uncertain.setdefault((entry.channel, entry.partial_product_key), {})[entry.inventory_hostname] = None
    uses = sorted(ledger.key_uses, key=lambda use: -use.activations_used)
    return ReportSection.of("ledger_keys", _KEY, (_key(use, uncertain.get((use.channel, use.partial_product_key), ())) for use in uses))


def newest_entries(report: Report, _machines: Sequence[Machine]) -> ReportSection:
    """Return the newest entries, the last one first."""
    ledger = report.ledger or ReportLedger()
    return ReportSection.of("ledger", _ENTRY, (_entry(entry) for entry in ledger.newest(NEWEST)))


def _key(use: KeyUse, uncertain: Iterable[str]) -> dict[str, Any]:
    return {
        "channel": use.channel,
        "partial_product_key": use.partial_product_key,
        "product_name": _names(use.product_names),
        "machine_count": len(use.machines),
        "licensed_count": len(use.licensed_machines),
        "activations_used": use.activations_used,
        "activations_uncertain": use.activations_uncertain,
        "uncertain_machines": _names(sorted(uncertain, key=natural)),
        "first_time": use.first_time.strftime(TIME),
        "last_time": use.last_time.strftime(TIME),
    }


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "time": entry.time.strftime(TIME),
        "machine": entry.inventory_hostname,
        "product_name": entry.product_name,
        "channel": entry.channel,
        "partial_product_key": entry.partial_product_key,
        "event": entry.event,
        "method": entry.method,
        "activations_used": entry.activations_used,
        "loses": entry.loses,
        # The directory is that of a controller. The CSV file has it.
        "playbook": PurePath(entry.playbook).name if entry.playbook else None,
        "result": entry.result,
        "code": entry.code,
    }


def _names(names: Sequence[str]) -> str | None:
    more = len(names) - _NAMES
    return ", ".join([*names[:_NAMES], *([f"... ({more} more)"] if more > 0 else [])]) or None


__all__ = ["NEWEST", "newest_entries", "use_of_keys"]
