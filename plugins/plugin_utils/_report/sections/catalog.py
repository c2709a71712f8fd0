# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sections of a report, by the names of the reports in Configuration Manager (Volume Activation Operations Guide, table 1), and of the
ledger.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..._fleet.machines import READ, Machine, natural, state_of
from ..model import Report
from . import expiry, ledger, machines
from .model import ReportSection

SECTIONS: Mapping[str, Callable[[Report, Sequence[Machine]], ReportSection]] = {
    "02A": expiry.count_by_time_range,
    "02B": expiry.expiring_machines,
    "02C": machines.licenses_of_machines,
    "03A": machines.count_by_status,
    "03B": machines.machines_by_status,
    "04A": machines.count_by_product,
    "04B": machines.machines_by_product,
    "05A": machines.kms_hosts,
    "ledger_keys": ledger.use_of_keys,
    "ledger": ledger.newest_entries,
}

OF_LEDGER = ("ledger_keys", "ledger")
"""The sections that a report without a ledger does not have."""


def sections_of(report: Report) -> list[ReportSection]:
    """Return the sections that the report shall have, each once, in the order of `SECTIONS`."""
    left_out = () if report.ledger else OF_LEDGER
    read = _read(report) if report.sections else []
    return [make(report, read) for name, make in SECTIONS.items() if name in report.sections and name not in left_out]


def _read(report: Report) -> list[Machine]:
    """Return the machines that were read, in the natural order of their names."""
    results = report.records.results
    names = sorted((name for name, result in results.items() if state_of(result)[0] == READ), key=natural)
    return [Machine(name, results[name]) for name in names]


__all__ = ["OF_LEDGER", "SECTIONS", "sections_of"]
