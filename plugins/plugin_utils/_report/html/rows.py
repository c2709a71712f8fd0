# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts about each machine that the table, the charts, and the page of the machine show.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from ..._fleet.licenses import badness, way_of
from ..._fleet.machines import FAILED, READ, Machine, is_activated, is_left_alone, natural, state_of
from ..model import Report
from ..product_facts import status_of

SEVERITIES = ("error", "warning", "info", "none")
"""The severities of a machine, the worst first."""


@dataclass(frozen=True)
class MachineRow:
    """One machine of a report. `message` is why it was not read, and None if it was read."""

    machine: Machine
    state: str
    message: str | None
    time: datetime
    is_stale: bool = False
    sources: Sequence[str] = field(default_factory=tuple)

    @property
    def name(self) -> str:
        """Return the name of the machine in the inventory."""
        return self.machine.name

    @property
    def facts(self) -> Mapping[str, Any]:
        """Return the facts about Windows; empty if the machine was not read."""
        return self.machine.result.get("machine") or {} if self.state == READ else {}

    @cached_property
    def products(self) -> Sequence[Mapping[str, Any]]:
        """Return all products with a key, add-ons included; empty if the machine was not read."""
        return (*self.machine.products, *self.machine.addons) if self.state == READ else ()

    @cached_property
    def office(self) -> Sequence[Mapping[str, Any]]:
        """Return the Office products with a key that are not licensed by a subscription."""
        return [each for each in self.products if each["application"] == "office" and not is_left_alone(each)]

    @cached_property
    def leading(self) -> Mapping[str, Any] | None:
        """Return the product that the table shows: Windows, or the first Office product if Windows was not read."""
        return next(iter(self.machine.leading), None) if self.state == READ else None

    @property
    def status(self) -> str:
        """Return the status of the leading product, "no_key", or why the machine was not read."""
        if self.state != READ:
            return self.state
        return status_of(self.leading) if self.leading else "no_key"

    @property
    def channel(self) -> str | None:
        """Return the channel of the leading product, "none" without a key, or None if the machine was not read."""
        if self.state != READ:
            return None
        return str(self.leading["channel"]) if self.leading else "none"

    @property
    def activated_by(self) -> str | None:
        """Return what activated the leading product, or None if it is not activated."""
        return way_of(self.leading) if self.leading and is_activated(self.leading) else None

    @property
    def office_status(self) -> str | None:
        """Return the worst status of the Office products with a key, or None without such a product."""
        return min((status_of(each) for each in self.office), key=badness, default=None)

    @property
    def findings(self) -> Sequence[Mapping[str, Any]]:
        """Return the findings of the check, the worst first; empty without a check."""
        return self.machine.result.get("findings") or () if self.state == READ else ()

    @cached_property
    def severity(self) -> str:
        """Return the severity of the machine. One that was not read, or is not licensed without a check, needs action too."""
        if self.state != READ:
            return "error" if self.state == FAILED else "warning"
        found = {str(each["severity"]) for each in self.findings}
        if "findings" not in self.machine.result and not self.machine.is_licensed:
            found.add("error")
        return next((each for each in SEVERITIES if each in found), "none")


def rows_of(report: Report) -> list[MachineRow]:
    """Return the machines of a report in the natural order of their names, pc2 before pc10."""
    rows = []
    for record in sorted(report.records.records, key=lambda each: natural(each.inventory_hostname)):
        state, message = state_of(record.result)
        name = record.inventory_hostname
        sources = report.records.sources.get(name, ())
        rows.append(MachineRow(Machine(name, record.result), state, message, record.time, name in report.records.stale, sources))
    return rows


__all__ = ["SEVERITIES", "MachineRow", "rows_of"]
