# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report the outcome of every machine and of every record, as rows and as lines of text.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A row is about a machine of the run, or about a record that does not belong to a machine of the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .._licensing.catalog import esu
from .model import ProxyRecord
from .texts import spelled

STATUSES: Mapping[str, str] = {
    "activated": "activated",
    "already_licensed": "already licensed",
    "planned": "planned",
    "ready": "has its confirmation ID",
    "waiting": "waiting for a confirmation ID",
    "unanswered": "without an answer from Microsoft",
    "refused": "refused by Microsoft",
    "not_in_run": "not in this run",
    "unknown": "unknown machine",
    "missing": "without a record",
    "stale": "different installation ID",
    "invalid": "invalid confirmation ID",
    "no_key": "without a key",
    "failed": "failed",
    "unreachable": "not reached",
    "not_run": "not run",
}
"""The statuses of a row, in the order of the lines: those that require an action come last."""

PROBLEMS = ("unanswered", "refused", "stale", "invalid", "no_key", "failed")
"""Statuses that require a correction by the user."""

OF_NO_MACHINE = ("not_in_run", "unknown")
"""Statuses of records: the machine is in the inventory and not in this run, or it is not in the inventory."""

COLLECT, REQUEST, DEPOSIT = "collect", "request", "deposit"
_DONE = {
    COLLECT: ("waiting", "ready", "already_licensed", "planned"),
    REQUEST: ("ready", "planned"),
    DEPOSIT: ("activated", "already_licensed", "planned"),
}

_NEXT: Mapping[str, str] = {
    "waiting": "Get the confirmation ID from Microsoft, and write it to the file.",
    "unanswered": "Compare the remaining activations, or request the confirmation ID by telephone.",
    "refused": "Correct the cause, and request the confirmation ID again.",
    "unknown": "Compare the name of the machine in the file with the inventory.",
    "missing": "Collect the installation ID first.",
    "stale": "Collect the installation ID again, and get the confirmation ID for it from Microsoft.",
    "invalid": "Correct the confirmation ID in the file.",
    "no_key": "Set proxy_activation_product_key to the MAK.",
}

_AGAIN = (
    "Run the playbook again: the file has a confirmation ID for another license of the machine, and a run deposits one for each machine."
)


@dataclass(frozen=True)
class ReportRow:
    """One row. `record_number` is the number of its record in the file, from 1; `invalid_groups` are groups with a wrong check digit.

    `other_ready` is the number of other products of the machine that the next run can activate.
    """

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
    other_ready: int = 0


def row(machine: str, status: str, reason: str | None, record: ProxyRecord | None, number: int | None, **more: Any) -> ReportRow:
    """Return a row about a machine; `more` are other fields of the row. The default for the next steps depends on the status."""
    about = {
        "product_name": esu.short_name(record.activation_id) or record.product_name or None,
        "partial_product_key": record.partial_product_key or None,
        "installation_id": spelled(record.installation_id),
    } if record else {}  # fmt: skip
    usual = (_NEXT[status],) if status in _NEXT else (_AGAIN,) if more.get("other_ready") else ()
    return ReportRow(machine, status, reason, **{"next_steps": usual, "record_number": number, **about, **more})


def report(phase: str, rows: Sequence[ReportRow], maks: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return the rows, the number of rows of each status, and the lines of the report; `phase` is one of COLLECT, REQUEST, and DEPOSIT.

    `maks` are the MAKs for which confirmation IDs were requested, see `maks_of`.

    The record of a machine that is not in this run has a row and no line, because a file with thousands of records can be used for one
    machine. `complete` is whether no machine of the run requires an action, `problems` are the machines that require a correction.
    """
    order = list(STATUSES)
    ordered = sorted(rows, key=lambda each: order.index(each.status))
    counts = {status: sum(each.status == status for each in rows) for status in STATUSES}
    incomplete = [each.machine for each in ordered if each.other_ready or each.status not in (*_DONE[phase], *OF_NO_MACHINE)]
    left = frozenset(incomplete)
    failing = [each for each in ordered if each.status in PROBLEMS or each.machine in left]
    return {
        "phase": phase,
        "failures": {each.machine: details(each) or _message(each) for each in failing},
        "complete": not incomplete,
        "machines": {status: [each.machine for each in rows if each.status == status] for status in STATUSES},
        "incomplete": incomplete,
        "problems": [each.machine for each in ordered if each.status in PROBLEMS],
        "counts": counts,
        "rows": [_plain(each) for each in ordered],
        "lines": [*(_line(each, phase) for each in ordered if each.status != "not_in_run"), *(mak["line"] for mak in maks)],
        "maks": [dict(mak) for mak in maks],
        "summary": _summary(phase, counts, len(rows) - sum(counts[status] for status in OF_NO_MACHINE)),
    }


def _plain(each: ReportRow) -> dict[str, Any]:
    """Return the row as plain data, with the reason in the message."""
    found = {"machine": each.machine, "status": each.status, "message": _message(each), **asdict(each)}
    del found["reason"]
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def _line(each: ReportRow, phase: str) -> str:
    # While the installation IDs are collected, all machines wait.
    is_usual = phase == COLLECT and each.status == "waiting"
    step = f" Next: {each.next_steps[0]}" if each.next_steps and not is_usual else ""
    return f"{each.machine}: {_message(each)}{step}"


def _message(each: ReportRow) -> str:
    about = [f"installation ID {each.installation_id}"] if each.status == "waiting" and not each.code else []
    return f"{', '.join([STATUSES[each.status], *_about(each), *about])}{_because(each)}"


def details(each: ReportRow) -> str:
    """Return the message of a row without its status and its installation ID, which the file contains, and with its code."""
    text = f"{', '.join(_about(each))}{_because(each)}".removeprefix(": ")
    code = f"[{each.code}]" if each.code and each.code not in text else ""
    return " ".join(filter(None, ("" if text == "." else text, code)))


def _about(each: ReportRow) -> list[str]:
    return [
        text for text in (f"record {each.record_number}" if each.record_number and each.status == "unknown" else "", _product(each)) if text
    ]


def _because(each: ReportRow) -> str:
    reason = f": {each.reason.rstrip('.')}." if each.reason and (each.code or each.status not in ("waiting", "already_licensed")) else "."
    wrong = ", ".join(each.invalid_groups)
    groups = f" The check digit of group {wrong} of the confirmation ID does not fit." if wrong and f"group {wrong}" not in reason else ""
    return f"{reason}{groups}"


def _product(each: ReportRow) -> str:
    if not each.product_name and not each.partial_product_key:
        return ""
    return " ".join(
        filter(None, (each.product_name, f"with the key ending in {each.partial_product_key}" if each.partial_product_key else ""))
    )


def _summary(phase: str, counts: Mapping[str, int], machines: int) -> str:
    first = {COLLECT: ("ready", "waiting"), REQUEST: ("ready",)}.get(phase, ("activated", "already_licensed"))
    others = [f"{counts[status]} {STATUSES[status]}" for status in STATUSES if counts[status] and status not in first]
    subject = "1 machine" if machines == 1 else f"{machines} machines"
    if phase == COLLECT:
        head = f"{counts['waiting'] + counts['ready']} of {subject} in the file, {counts['ready']} of them with a confirmation ID"
    elif phase == REQUEST:
        head = f"{counts['ready']} of {'1 record' if machines == 1 else f'{machines} records'} with a confirmation ID"
    else:
        head = f"{counts['activated'] + counts['already_licensed']} of {subject} activated, {counts['activated']} of them in this run"
    return "; ".join([head, *others]) + "."
