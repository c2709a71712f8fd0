# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report the outcome of a run for each machine: what was done, what was not done and why, and what to do.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..machines import natural
from ..messages import number
from .grouping import TableRow, grouped, lines, shortened

STATUSES: Mapping[str, str] = {
    "unchanged": "unchanged",
    "already_licensed": "already licensed",
    "not_affected": "not affected",
    "changed": "changed",
    "activated": "activated",
    "planned": "planned",
    "not_yet": "not yet",
    "waiting_for_count": "waiting for the count",
    "waiting": "waiting for a confirmation ID",
    "refused": "refused",
    "failed": "failed",
    "unreachable": "not reached",
    "not_run": "not run",
}
"""The statuses of a machine, in the order of the table: those that require an action come last."""

PROBLEMS = ("refused", "failed", "unreachable")
"""Statuses of machines on which the run did not succeed."""


@dataclass(frozen=True)
class MachineOutcome:
    """What became of one machine. `code` is None if no task failed, `computer_name` the name that the machine itself has, if known.

    `is_begun`: a task that did not succeed did a step before, or might have done one.
    """

    machine: str
    status: str
    message: str
    next_steps: tuple[str, ...] = ()
    code: str | None = None
    computer_name: str = ""
    is_begun: bool = False

    @property
    def line(self) -> str:
        """Return the message and the code as one short line."""
        is_told = not self.code or self.code in (*self.message.split(), self.status)
        return shortened(self.message if is_told else f"{self.message} [{self.code}]")


def report(outcomes: Iterable[MachineOutcome]) -> dict[str, Any]:
    """Return the outcomes as rows, as groups of machines with the same outcome, and as the lines of a table."""
    ordered = sorted(outcomes, key=lambda each: natural(each.machine))
    groups, summary = grouped(map(_table_row, ordered)), _summary(ordered)
    table = lines(groups)
    return {
        "complete": all(each.status not in (*PROBLEMS, "not_yet", "waiting", "waiting_for_count", "not_run") for each in ordered),
        "machines": {status: [each.machine for each in ordered if each.status == status] for status in STATUSES},
        "problems": [each.machine for each in ordered if each.status in PROBLEMS],
        "interrupted": [each.machine for each in ordered if each.status == "unreachable" and each.is_begun],
        "failures": {each.machine: each.line for each in ordered if each.status in PROBLEMS},
        "rows": [_plain(each) for each in ordered],
        "groups": groups,
        "table": table,
        "summary": summary,
        "shown": [*table, summary],
    }


def _table_row(each: MachineOutcome) -> TableRow:
    rank, reason = list(STATUSES).index(each.status), each.line
    return TableRow(each.machine, rank, STATUSES[each.status], reason, next(iter(each.next_steps), ""), each.computer_name)


def _plain(each: MachineOutcome) -> dict[str, Any]:
    return {
        "machine": each.machine,
        "status": each.status,
        "message": each.message,
        "next_steps": list(each.next_steps),
        "code": each.code,
        "line": each.line,
    }


def _summary(ordered: Sequence[MachineOutcome]) -> str:
    counts = {status: sum(each.status == status for each in ordered) for status in STATUSES}
    numbers = ", ".join(f"{count} {STATUSES[status]}" for status, count in counts.items() if count)
    return f"{number(len(ordered))}: {numbers or 'no machine'}."


__all__ = ["PROBLEMS", "STATUSES", "MachineOutcome", "report"]
