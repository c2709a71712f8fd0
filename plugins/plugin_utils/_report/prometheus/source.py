# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the metrics of a report are read from. Everything with a name is limited in number.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The number of series must not depend on how many names a record file can invent. A fleet of 10,000 machines would have 40,000 series, and
node_exporter reads the file at every scrape. So the machines that need attention have series of their own. Counts are about all machines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..._fleet.machines import READ, Machine, natural, state_of
from ..._records.model import Record
from ..model import Report
from ..product_facts import expiry_of

MOST_HOSTS = 100
"""Number of KMS hosts that have series. Microsoft permits the activation of a KMS host key on six machines."""

MOST_KEYS = 100
"""Number of MAKs that have series."""


@dataclass(frozen=True)
class MetricSource:
    """A report, and the parts of it that have series of their own."""

    report: Report

    @cached_property
    def read(self) -> Mapping[str, Machine]:
        """Return the machines that were read, by their names."""
        found = self.report.records.results
        return {name: Machine(name, result) for name, result in found.items() if state_of(result)[0] == READ}

    @cached_property
    def shown(self) -> Sequence[Record]:
        """Return the records of the machines with series: first those that are not licensed, then those with an error, then those that
        were not read, then those whose license ends next.
        """
        return sorted(self.report.records.records, key=self._order)[: self.report.prometheus_machines]

    @cached_property
    def hosts(self) -> Sequence[Mapping[str, Any]]:
        """Return the KMS hosts with series, those with the lowest count first."""
        rows = self.report.summary["kms_hosts"]
        return sorted(rows, key=lambda row: (row["current_count"] is None, row["current_count"] or 0, row["machine"]))[:MOST_HOSTS]

    @cached_property
    def maks(self) -> Sequence[Mapping[str, Any]]:
        """Return the MAKs with series, those with the most activated machines first."""
        rows = self.report.summary["maks"]
        return sorted(rows, key=lambda row: (-len(row["licensed_machines"]), row["partial_product_key"]))[:MOST_KEYS]

    def ends(self, name: str) -> Iterator[tuple[str, int]]:
        """Yield the application and the end of each activated license of a machine that ends."""
        machine = self.read.get(name)
        for product in (*machine.products, *machine.addons) if machine else ():
            if end := expiry_of(product):
                yield str(product["application"]), int(end.timestamp())

    def _order(self, record: Record) -> tuple[Any, ...]:
        name = record.inventory_hostname
        next_end = min((end for _application, end in self.ends(name)), default=None)
        return self._rank(self.read.get(name)), next_end is None, next_end or 0, natural(name)

    @staticmethod
    def _rank(machine: Machine | None) -> int:
        if machine is None:
            return 2
        if not machine.is_licensed:
            return 0
        return 1 if any(finding["severity"] == "error" for finding in machine.result.get("findings") or ()) else 3


__all__ = ["MOST_HOSTS", "MOST_KEYS", "MetricSource"]
