# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of every machine and of every record, a row for each, and the same in lines for people.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A row is about a machine of the run, or about a record of a machine that is none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .model import ProxyRecord
from .words import spelled

STATUSES: Mapping[str, str] = {
    "activated": "activated",
    "already_licensed": "licensed already",
    "planned": "planned",
    "ready": "has its confirmation ID",
    "waiting": "waiting for a confirmation ID",
    "not_in_run": "not in this run",
    "unknown": "unknown machine",
    "missing": "without a record",
    "stale": "other installation ID",
    "invalid": "bad confirmation ID",
    "no_key": "without a key",
    "failed": "failed",
    "unreachable": "not reached",
    "not_run": "took no part",
}
"""The statuses of a row, in the order of the lines: those that require an action come last."""

PROBLEMS = ("stale", "invalid", "no_key", "failed")
"""Statuses that a person must correct."""

OF_NO_MACHINE = ("not_in_run", "unknown")
"""Rows about records: of a machine the inventory has, and this run is not for; of a machine the inventory does not have."""

COLLECT, DEPOSIT = "collect", "deposit"
_DONE = {COLLECT: ("waiting", "ready", "already_licensed", "planned"), DEPOSIT: ("activated", "already_licensed", "planned")}

_COLLECT_AGAIN = "Collect it again, and ask for a confirmation ID for the installation ID it shows."
_NEXT: Mapping[str, str] = {
    "waiting": "Ask for its confirmation ID and write it into the file.",
    "unknown": "Compare its name in the file with the inventory.",
    "missing": "Collect its installation ID first.",
    "stale": _COLLECT_AGAIN,
    "invalid": "Correct it in the file.",
    "no_key": "Give the MAK in proxy_activation_product_key.",
}


@dataclass(frozen=True)
class ReportRow:
    """One row; `record_number` is the number of its record in the file, from 1, `invalid_groups` the groups with a wrong check digit."""

    machine: str
    status: str
    reason: str | None = None
    next_steps: tuple[str, ...] = ()
    code: str | None = None
    invalid_groups: tuple[str, ...] = ()
    product_name: str | None = None
    partial_product_key: str | None = None
    installation_id: str | None = None
    record_number: int | None = None


def row(machine: str, status: str, reason: str | None, record: ProxyRecord | None, number: int | None, **more: Any) -> ReportRow:
    """Return a row about a machine; `more` are fields of the row, and next steps that are not given are the usual ones of the status."""
    about = {
        "product_name": record.product_name or None,
        "partial_product_key": record.partial_product_key or None,
        "installation_id": spelled(record.installation_id),
    } if record else {}  # fmt: skip
    usual = (_NEXT[status],) if status in _NEXT else ()
    return ReportRow(machine, status, reason, **{"next_steps": usual, "record_number": number, **about, **more})


def report(phase: str, rows: Sequence[ReportRow]) -> dict[str, Any]:
    """The rows, how many there are of each status, and all of it for people; `phase` is one of COLLECT and DEPOSIT.

    The record of a machine that is simply not in this run has a row and no line: a file of thousands may be used for one machine.

    `complete` is whether nothing is left to do for the machines of the run, `problems` are those that a person must look at.
    """
    order = list(STATUSES)
    ordered = sorted(rows, key=lambda each: order.index(each.status))
    counts = {status: sum(each.status == status for each in rows) for status in STATUSES}
    incomplete = [each.machine for each in ordered if each.status not in (*_DONE[phase], *OF_NO_MACHINE)]
    return {
        "phase": phase,
        "complete": not incomplete,
        "machines": {status: [each.machine for each in rows if each.status == status] for status in STATUSES},
        "incomplete": incomplete,
        "problems": [each.machine for each in ordered if each.status in PROBLEMS],
        "counts": counts,
        "rows": [_plain(each) for each in ordered],
        "lines": [_line(each, phase) for each in ordered if each.status != "not_in_run"],
        "summary": _summary(phase, counts, len(rows) - sum(counts[status] for status in OF_NO_MACHINE)),
    }


def _plain(each: ReportRow) -> dict[str, Any]:
    """The row as plain data, in which the message contains the reason."""
    found = {"machine": each.machine, "status": each.status, "message": _message(each), **asdict(each)}
    del found["reason"]
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def _line(each: ReportRow, phase: str) -> str:
    # While the installation IDs are collected, all machines wait.
    is_usual = phase == COLLECT and each.status == "waiting"
    step = f" Next: {each.next_steps[0]}" if each.next_steps and not is_usual else ""
    return f"{each.machine}: {_message(each)}{step}"


def _message(each: ReportRow) -> str:
    about = [f"record {each.record_number}" if each.record_number and each.status == "unknown" else "", _product(each)]
    if each.status == "waiting":
        about.append(f"installation ID {each.installation_id}")
    words = ", ".join([STATUSES[each.status], *filter(None, about)])
    reason = f": {each.reason.rstrip('.')}." if each.reason and each.status not in ("waiting", "already_licensed") else "."
    wrong = ", ".join(each.invalid_groups)
    groups = f" The check digit of group {wrong} of the confirmation ID does not fit." if wrong and f"group {wrong}" not in reason else ""
    return f"{words}{reason}{groups}"


def _product(each: ReportRow) -> str:
    if not each.product_name and not each.partial_product_key:
        return ""
    return " ".join(
        filter(None, (each.product_name, f"with the key ending in {each.partial_product_key}" if each.partial_product_key else ""))
    )


def _summary(phase: str, counts: Mapping[str, int], machines: int) -> str:
    first = ("ready", "waiting") if phase == COLLECT else ("activated", "already_licensed")
    told = [f"{counts[status]} {STATUSES[status]}" for status in STATUSES if counts[status] and status not in first]
    subject = "1 machine" if machines == 1 else f"{machines} machines"
    if phase == COLLECT:
        head = f"{counts['waiting'] + counts['ready']} of {subject} in the file, {counts['ready']} of them with a confirmation ID"
    else:
        head = f"{counts['activated'] + counts['already_licensed']} of {subject} activated, {counts['activated']} of them in this run"
    return "; ".join([head, *told]) + "."
