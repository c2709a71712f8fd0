# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report what became of every machine of a run that activates Extended Security Updates.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The input are the results of a machine: the check mode result of mak_client, the result of mak_client, and that of activation_check.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .._errors import sentence
from .._licensing.catalog import esu
from .._task_results import WHY_NOT_RUN, Result, bare_message, task_failure
from .machines import natural
from .messages import names, number
from .outcomes.grouping import TableRow, grouped, shortened
from .outcomes.grouping import lines as table_of

STATUSES: Mapping[str, str] = {
    "already_licensed": "already licensed",
    "activated": "activated",
    "planned": "planned",
    "waiting": "waiting for a confirmation ID",
    "refused": "refused",
    "failed": "failed",
    "unreachable": "not reached",
    "not_run": "not run",
}
"""The statuses of a machine, in the order of the lines: those that require an action come last."""

PROBLEMS = ("refused", "failed", "unreachable", "not_run")
"""Statuses of machines that do not have the license after the run."""

_DEPOSIT = "Get the confirmation ID from Microsoft, and run the playbook again with esu_confirmation_id for this machine."


@dataclass(frozen=True)
class EsuRow:
    """What became of one machine. `programme` is None if the machine was not checked, `installation_id` set while it waits for an ID."""

    machine: str
    programme: str | None
    status: str
    message: str
    next_steps: tuple[str, ...] = ()
    code: str | None = None
    installation_id: str | None = None


def row_of(machine: str, programme: str | None, checked: Result | None, activated: Result | None, proof: Result | None) -> EsuRow:
    """Return the row of a machine.

    `checked` is the result of mak_client in check mode, `activated` that of the run, and `proof` that of activation_check afterwards.
    """
    found = [result for result in (checked, activated, proof) if result and not result.get("skipped")]
    for result in found:
        stopped = task_failure(result)
        if stopped:
            return _stopped(machine, programme, result, *stopped)
    last = next((result for result in reversed(found) if result.get("activation")), None)
    if last is None:
        return EsuRow(machine, programme, "not_run", "The task did not run on the machine.")
    status, identity = _status(last, is_check=last is checked), last["activation"].get("installation_id")
    if status == "not_run":
        reason = (activated or {}).get(WHY_NOT_RUN)
        text = f"Not run, because {reason}." if reason else "The machine was checked, but the task did not run on it."
        return EsuRow(machine, programme, status, text)
    if status == "waiting":
        text = f"Waiting for a confirmation ID for the installation ID {identity}."
        return EsuRow(machine, programme, status, text, (_DEPOSIT,), installation_id=identity)
    return EsuRow(machine, programme, status, f"{STATUSES[status].capitalize()}.")


def _status(result: Result, *, is_check: bool) -> str:
    """Return the status by the outcome. A check with steps that no run followed did not change anything."""
    outcome = str(result["activation"]["outcome"])
    if is_check and result.get("steps"):
        return "not_run"
    if outcome == "needs_confirmation_id":
        return "waiting" if result["activation"].get("installation_id") else "planned"
    return outcome if outcome in STATUSES else "failed"


def _stopped(machine: str, programme: str | None, result: Result, status: str, reason: str) -> EsuRow:
    error = result.get("error") or {}
    is_refused = status == "failed" and error.get("category") == "precondition"
    return EsuRow(
        machine,
        programme,
        "refused" if is_refused else status,
        bare_message(result, reason).removeprefix(f"{machine}: "),
        tuple(map(str, error.get("next_steps") or ())),
        error.get("code"),
    )


def report(rows: Iterable[EsuRow]) -> dict[str, Any]:
    """Return the rows, the machines by status and by programme, and the lines of the report."""
    ordered = sorted(rows, key=lambda row: natural(row.machine))
    groups, summary = grouped(map(_table_row, ordered)), f"{number(len(ordered))}: {_numbers(ordered)}."
    programmes, table = list(_of_programmes(ordered)), table_of(groups)
    return {
        "complete": all(row.status not in (*PROBLEMS, "waiting") for row in ordered),
        "machines": {status: [row.machine for row in ordered if row.status == status] for status in STATUSES},
        "programmes": {name: _counts(ordered, name) for name in esu.names() if any(row.programme == name for row in ordered)},
        "problems": [row.machine for row in ordered if row.status in PROBLEMS],
        "rows": [{**asdict(row), "next_steps": list(row.next_steps), "line": _line(row)} for row in ordered],
        "failures": {row.machine: shortened(_coded(row, row.message)) for row in ordered if row.status in PROBLEMS},
        "lines": [*programmes, *(_line(row) for row in ordered if row.status in ("waiting", *PROBLEMS))],
        "groups": groups,
        "table": table,
        "summary": summary,
        "shown": [*(programmes and [*programmes, ""]), *table, summary],
    }


def _table_row(row: EsuRow) -> TableRow:
    """Return the row of a machine for the table. A refusal has short steps, which are all named."""
    step = " ".join(row.next_steps if row.status == "refused" else row.next_steps[:1])
    return TableRow(row.machine, list(STATUSES).index(row.status), STATUSES[row.status], _reason(row), step)


def _reason(row: EsuRow) -> str:
    """Return the message, or the programme if the message only repeats the status."""
    is_status = row.message.rstrip(".").casefold() == STATUSES[row.status].casefold()
    return f"{row.programme}." if is_status and row.programme else _coded(row, row.message)


def _coded(row: EsuRow, text: str) -> str:
    return f"{text} [{row.code}]" if row.code and row.code not in text and row.code != row.status else text


def _counts(rows: Sequence[EsuRow], programme: str) -> dict[str, int]:
    return {status: sum(row.status == status and row.programme == programme for row in rows) for status in STATUSES}


def _of_programmes(rows: Sequence[EsuRow]) -> Iterable[str]:
    for name in esu.names():
        own = [row for row in rows if row.programme == name]
        if own:
            good = [row.machine for row in own if row.status in ("activated", "already_licensed")]
            yield f"{name} (until {esu.named(name).ends}): {_numbers(own)}.{f' Licensed: {names(good)}.' if good else ''}"


def _numbers(rows: Sequence[EsuRow]) -> str:
    counts = {status: sum(row.status == status for row in rows) for status in STATUSES}
    return ", ".join(f"{count} {STATUSES[status]}" for status, count in counts.items() if count) or "no machine"


def _line(row: EsuRow) -> str:
    """Return the machine, its message, the next step, and the code, each of them once. A refusal has short steps, which are all named."""
    has_name = row.message.casefold().startswith(f"{row.machine} ".casefold())
    message = row.message[len(row.machine) + 1 :] if has_name else row.message
    steps = [step for step in (row.next_steps if row.status == "refused" else row.next_steps[:1]) if step not in message]
    text = f"{row.machine}: {message}"
    text = f"{sentence(text)} Next: {' '.join(steps)}" if steps else text
    return f"{text} [{row.code}]" if row.code and row.code not in text else text
