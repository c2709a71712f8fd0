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

STATES: Mapping[str, str] = {
    "activated": "activated",
    "already_licensed": "licensed already",
    "planned": "planned",
    "ready": "has its confirmation ID",
    "waiting": "waiting for a confirmation ID",
    "elsewhere": "not in this run",
    "unknown": "unknown machine",
    "missing": "without a record",
    "stale": "other installation ID",
    "invalid": "bad confirmation ID",
    "no_key": "without a key",
    "failed": "failed",
    "unreachable": "not reached",
    "not_run": "took no part",
}
"""What can become of a row, in the order of the lines: what somebody has to do something about comes last."""

PROBLEMS = ("stale", "invalid", "no_key", "failed")
"""What only a person can put right."""

OF_NO_MACHINE = ("elsewhere", "unknown")
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
class StatementRow:
    """One row; `record` is the number of its record in the file, from 1, `invalid_groups` the groups whose check digit does not fit."""

    machine: str
    state: str
    why: str | None = None
    next_step: str | None = None
    code: str | None = None
    invalid_groups: tuple[str, ...] = ()
    product: str | None = None
    partial_product_key: str | None = None
    installation_id: str | None = None
    record: int | None = None


def row(machine: str, state: str, why: str | None, record: ProxyRecord | None, number: int | None, **more: Any) -> StatementRow:
    """A row about a machine; `more` are fields of the row, and a next step that is not given is the usual one of the state."""
    about = {
        "product": record.product or None,
        "partial_product_key": record.partial_product_key or None,
        "installation_id": spelled(record.installation_id),
    } if record else {}  # fmt: skip
    return StatementRow(machine, state, why, **{"next_step": _NEXT.get(state), "record": number, **about, **more})


def statement(phase: str, rows: Sequence[StatementRow]) -> dict[str, Any]:
    """The rows, how many there are of each state, and all of it for people; `phase` is one of COLLECT and DEPOSIT.

    The record of a machine that is simply not in this run has a row and no line: a file of thousands may be used for one machine.

    `complete` says that nothing is left to do for the machines of the run, `problems` names those a person has to look at.
    """
    order = list(STATES)
    ordered = sorted(rows, key=lambda each: order.index(each.state))
    counts = {state: sum(each.state == state for each in rows) for state in STATES}
    left = [each.machine for each in ordered if each.state not in (*_DONE[phase], *OF_NO_MACHINE)]
    return {
        "phase": phase,
        "complete": not left,
        "left": left,
        "problems": [each.machine for each in ordered if each.state in PROBLEMS],
        "counts": counts,
        "rows": [{**asdict(each), "invalid_groups": list(each.invalid_groups), "line": _line(each, phase)} for each in ordered],
        "lines": [_line(each, phase) for each in ordered if each.state != "elsewhere"],
        "summary": _summary(phase, counts, len(rows) - sum(counts[state] for state in OF_NO_MACHINE)),
    }


def _line(each: StatementRow, phase: str) -> str:
    about = [f"record {each.record}" if each.record and each.state == "unknown" else "", _product(each)]
    if each.state == "waiting":
        about.append(f"installation ID {each.installation_id}")
    words = ", ".join([f"{each.machine}: {STATES[each.state]}", *filter(None, about)])
    reason = f": {each.why.rstrip('.')}." if each.why and each.state not in ("waiting", "already_licensed") else "."
    wrong = ", ".join(each.invalid_groups)
    groups = f" The check digit of group {wrong} of the confirmation ID does not fit." if wrong and f"group {wrong}" not in reason else ""
    step = f" Next: {each.next_step}" if each.next_step and not (phase == COLLECT and each.state == "waiting") else ""
    return f"{words}{reason}{groups}{step}"


def _product(each: StatementRow) -> str:
    if not each.product and not each.partial_product_key:
        return ""
    return " ".join(filter(None, (each.product, f"with the key ending {each.partial_product_key}" if each.partial_product_key else "")))


def _summary(phase: str, counts: Mapping[str, int], machines: int) -> str:
    first = ("ready", "waiting") if phase == COLLECT else ("activated", "already_licensed")
    told = [f"{counts[state]} {STATES[state]}" for state in STATES if counts[state] and state not in first]
    subject = "1 machine" if machines == 1 else f"{machines} machines"
    if phase == COLLECT:
        head = f"{counts['waiting'] + counts['ready']} of {subject} in the file, {counts['ready']} of them with a confirmation ID"
    else:
        head = f"{counts['activated'] + counts['already_licensed']} of {subject} activated, {counts['activated']} of them in this run"
    return "; ".join([head, *told]) + "."
