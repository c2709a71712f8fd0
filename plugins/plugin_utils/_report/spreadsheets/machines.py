# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machines of a report as CSV, one line for each. The columns have the names of the results of activation_info.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..._fleet.licenses import way_of
from ..._fleet.machines import READ, Machine, is_activated, natural, state_of
from ..._records.model import Record
from ..model import Report
from ..product_facts import covered_of, days_left, expiry_of, status_of
from .cells import SpreadsheetColumn, spreadsheet

Part = Mapping[str, Any]


@dataclass(frozen=True)
class MachineLine:
    """One machine. `leading` is Windows, or the first Office product if Windows was not read; empty without a product with a key."""

    record: Record
    machine: Machine
    read_status: str
    message: str | None
    is_stale: bool

    @property
    def was_read(self) -> bool:
        """Whether the machine was read."""
        return self.read_status == READ

    def part(self, name: str) -> Part:
        """Return a dictionary of the result; empty if the machine was not read or does not have it."""
        return self.record.result.get(name) or {} if self.was_read else {}

    @cached_property
    def leading(self) -> Part:
        """Return the product that shows how the machine is activated."""
        return next(iter(self.machine.leading), {}) if self.was_read else {}

    def finding_ids(self, *severities: str) -> list[str]:
        """Return the IDs of the findings with these severities, each once."""
        found = self.record.result.get("findings") or () if self.was_read else ()
        return list(dict.fromkeys(str(finding["id"]) for finding in found if finding["severity"] in severities))


def machine_lines(report: Report) -> Iterator[MachineLine]:
    """Yield the machines in the natural order of their names, pc2 before pc10."""
    for record in sorted(report.records.records, key=lambda each: natural(each.inventory_hostname)):
        name, (state, message) = record.inventory_hostname, state_of(record.result)
        yield MachineLine(record, Machine(name, record.result), state, message, name in report.records.stale)


def render_machines(report: Report) -> str:
    """Return the machines as CSV."""
    return spreadsheet(MACHINE_COLUMNS, machine_lines(report), report.csv_delimiter)


def time_text(record: Record) -> str:
    """Return the time of a record as the results of all modules have it."""
    return record.time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _of(part: str, *names: str) -> Iterator[SpreadsheetColumn]:
    def reader(name: str) -> Callable[[MachineLine], Any]:
        return lambda line: line.part(part).get(name)

    yield from (SpreadsheetColumn(name, reader(name)) for name in names)


def _of_leading(*names: str) -> Iterator[SpreadsheetColumn]:
    def reader(name: str) -> Callable[[MachineLine], Any]:
        return lambda line: line.leading.get(name)

    yield from (SpreadsheetColumn(name, reader(name)) for name in names)


def _counter(name: str) -> Callable[[MachineLine], Any]:
    return lambda line: (line.part("service").get("request_counters") or {}).get(name)


def _error_code(line: MachineLine) -> str | None:
    return None if line.was_read else (line.record.result.get("error") or {}).get("code")


MACHINE_COLUMNS = (
    SpreadsheetColumn("inventory_hostname", lambda line: line.record.inventory_hostname),
    SpreadsheetColumn("time", lambda line: time_text(line.record)),
    SpreadsheetColumn("stale", lambda line: line.is_stale),
    SpreadsheetColumn("read_status", lambda line: line.read_status),
    SpreadsheetColumn("read_error", lambda line: line.message),
    SpreadsheetColumn("error_code", _error_code),
    *_of("machine", "computer_name", "caption", "version", "build", "edition_id", "product_type", "language", "licensing_version"),
    SpreadsheetColumn("licensed", lambda line: line.machine.is_licensed if line.was_read else None),
    SpreadsheetColumn("product_name", lambda line: line.leading.get("name")),
    *_of_leading("channel", "partial_product_key"),
    SpreadsheetColumn("status", lambda line: status_of(line.leading) if line.leading else None),
    SpreadsheetColumn("activated_by", lambda line: way_of(line.leading) if line.leading and is_activated(line.leading) else None),
    *_of_leading("expires", "permanent"),
    SpreadsheetColumn("days_left", lambda line: days_left(line.leading) if line.leading and expiry_of(line.leading) else None),
    *_of("service", "cmid", "windows_rearms_left", "kms_host", "kms_port", "lookup_domain", "host_caching", "is_kms_host"),
    *_of("service", "listening_port", "dns_publishing", "current_count", "required_count"),
    SpreadsheetColumn("request_count", _counter("total")),
    SpreadsheetColumn("failed_request_count", _counter("failed")),
    SpreadsheetColumn("office_cmid", lambda line: line.machine.office_cmid if line.was_read else None),
    SpreadsheetColumn("checked", lambda line: "findings" in line.record.result if line.was_read else None),
    SpreadsheetColumn("errors", lambda line: line.finding_ids("error")),
    SpreadsheetColumn("warnings", lambda line: line.finding_ids("warning")),
    *_of_leading("activation_type"),
    SpreadsheetColumn("ad_object_name", lambda line: (line.leading.get("ad") or {}).get("object_name")),
    SpreadsheetColumn("covered", lambda line: covered_of(line.record.result, line.leading) if line.leading else None),
)

__all__ = ["MACHINE_COLUMNS", "MachineLine", "machine_lines", "render_machines", "time_text"]
