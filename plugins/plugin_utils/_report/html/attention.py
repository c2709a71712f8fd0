# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person must do, grouped by reason: the part of a report that is read first, and that is printed.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ..._fleet.machines import READ
from ..explanations import Explained, Explanations
from ..model import Report
from ..texts import Texts
from .ledger import uncertain_machines
from .rows import SEVERITIES, MachineRow

_Item = TypeVar("_Item")

_SETS = 10
"""Number of sets of machines with the same CMID that are shown; the others are counted."""

_UNREAD = {"failed": "error", "unreachable": "warning", "not_run": "warning", "skipped": "info"}
"""The severity of machines that were not read. A machine that is off is not an error."""


@dataclass(frozen=True)
class Group:
    """One reason with its machines.

    `select` are the parts of the address that selects these machines in the table: the filter, its value, and a text to search. `code`
    explains the error code of the reason, `example` is the message of the first machine, and `notes` are sentences about these machines.
    """

    severity: str
    title: str
    meaning: str
    steps: Sequence[str]
    machines: Sequence[str]
    select: Sequence[str] = ()
    code: Explained | None = None
    example: str = ""
    notes: Sequence[str] = ()


def groups(report: Report, rows: Sequence[MachineRow], texts: Texts) -> list[Group]:
    """Return what needs action, the worst and the most frequent first."""
    explanations = Explanations(report.language)
    found = [
        *_unread(rows, texts, explanations),
        *_findings(rows, texts, explanations),
        *_not_licensed(rows, texts, explanations),
        *_expiring(report, rows, texts),
        *_duplicates(report, texts),
        *_stale(report, rows, texts),
        *_uncertain(report, rows, texts),
    ]
    return sorted(found, key=lambda group: (SEVERITIES.index(group.severity), -len(group.machines)))


def _unread(rows: Sequence[MachineRow], texts: Texts, explanations: Explanations) -> Iterator[Group]:
    """Yield the machines that were not read, by their status and error code."""
    for state, severity in _UNREAD.items():
        unread = [(row, explanations.of_error(row.machine.result.get("error"))) for row in rows if row.state == state]
        for code, found in _by(unread, lambda pair: pair[1].code if pair[1] else ""):
            (first, error), names = found[0], [row.name for row, _error in found]
            steps = _common([each.next_steps for _row, each in found if each])
            steps = steps or ([texts("attention.not_run_step")] if state == "not_run" else [])
            title, meaning, own = texts(f"attention.{state}"), texts(f"attention.{state}_meaning"), bool(error) and code != state
            yield Group(severity, title, meaning, steps, names, ("status", state, *([code] if own else [])), None, first.message or "")


def _findings(rows: Sequence[MachineRow], texts: Texts, explanations: Explanations) -> Iterator[Group]:
    """Yield the findings of the checks, by their name and the code of Windows behind them."""
    found = [(row, finding, explanations.of_error(finding.get("error"))) for row in rows for finding in row.findings]
    for (finding_id, code), each in _by(found, lambda item: (str(item[1]["id"]), item[2].code if item[2] else "")):
        _row, first, error = each[0]
        steps = _common([explanations.steps_of(finding) for _each, finding, _error in each]) or _text_of(texts, finding_id, "step")
        yield Group(
            str(first["severity"]),
            texts.label("finding", finding_id),
            "".join(_text_of(texts, finding_id, "meaning")),
            steps,
            list(dict.fromkeys(row.name for row, _finding, _error in each)),
            ("finding", finding_id, *([code] if code else [])),
            error,
            "" if error else str(first["message"]),
        )


def _common(lists: Sequence[Sequence[str]]) -> list[str]:
    """Return the steps that are in all of these lists, in the order of the first."""
    return [step for step in lists[0] if all(step in others for others in lists)] if lists else []


def _text_of(texts: Texts, finding_id: str, name: str) -> list[str]:
    """Return a text about a finding; empty for a finding of a newer release."""
    try:
        return [texts(f"finding.{finding_id}.{name}")]
    except KeyError:
        return []


def _not_licensed(rows: Sequence[MachineRow], texts: Texts, explanations: Explanations) -> Iterator[Group]:
    """Yield the machines that only activation_info read, by the reason that Windows reports. A check has findings about them."""
    unlicensed = [row for row in rows if row.state == READ and not row.machine.is_licensed and "findings" not in row.machine.result]
    found = [(row, explanations.of_reason((row.leading or {}).get("reason"))) for row in unlicensed]
    for (status, code), each in _by(found, lambda pair: (pair[0].status, pair[1].code if pair[1] else "")):
        reason, names = each[0][1], [row.name for row, _reason in each]
        steps = list(reason.next_steps) if reason and reason.next_steps else [texts("attention.not_licensed_step")]
        title = f"{texts('attention.not_licensed')}: {texts.label('status', status)}"
        meaning, select = texts("attention.not_licensed_meaning"), ("status", status, *([code] if code else []))
        yield Group("error", title, meaning, steps, names, select, reason)


def _expiring(report: Report, rows: Sequence[MachineRow], texts: Texts) -> Iterator[Group]:
    """Yield the machines whose license expires, without those that have the finding about it."""
    has_finding = {row.name for row in rows if any(finding["id"] == "expires_soon" for finding in row.findings)}
    found = {row["machine"]: row["days_left"] for row in reversed(report.summary["expiring"]) if row["machine"] not in has_finding}
    if found:
        title, step = texts.count("attention.expiring", report.expiring_within_days), texts("attention.expiring_step")
        names = sorted(found, key=lambda name: found[name])
        notes = [f"{name}: {texts.count('report.days', found[name])}" for name in names[:_SETS]]
        yield Group("warning", title, texts("attention.expiring_meaning"), [step], names, notes=notes)


def _duplicates(report: Report, texts: Texts) -> Iterator[Group]:
    sets = [each for each in report.summary["duplicate_cmids"] if any(each[kind] for kind in _ACTIONS)]
    if not sets:
        return
    steps = [_sentence(texts, key, each[kind]) for each in sets[:_SETS] for kind, key in _ACTIONS.items() if each[kind]]
    steps += [texts("attention.duplicates_more", count=len(sets) - _SETS)] if len(sets) > _SETS else []
    names = [name for each in sets for name in each["machines"]]
    yield Group("warning", texts("attention.duplicates"), texts("attention.duplicates_meaning"), steps, names)


_ACTIONS = {"machines_to_rearm": "rearm", "machines_to_rearm_locally": "local", "no_rearms_left": "stuck"}


def _sentence(texts: Texts, key: str, machines: Sequence[str]) -> str:
    more = len(machines) - _SETS
    named = ", ".join(machines) if more <= 1 else f"{', '.join(machines[:_SETS])} {texts('report.and_more', count=more)}"
    return texts(f"attention.duplicates_{key}", machines=named)


def _stale(report: Report, rows: Sequence[MachineRow], texts: Texts) -> Iterator[Group]:
    names = [row.name for row in rows if row.is_stale]
    if names and report.stale_after_days is not None:
        meaning = texts.count("attention.stale_meaning", report.stale_after_days)
        yield Group("warning", texts("attention.stale"), meaning, [texts("attention.stale_step")], names, ("finding", "stale"))


def _uncertain(report: Report, rows: Sequence[MachineRow], texts: Texts) -> Iterator[Group]:
    """Yield the machines with a request in the ledger whose result is not known."""
    names, notes = uncertain_machines(report, rows, texts)
    if names:
        title, meaning, step = (texts(f"attention.ledger{part}") for part in ("", "_meaning", "_step"))
        yield Group("warning", title, meaning, [step], names, notes=notes)


def _by(items: Iterable[_Item], key: Callable[[_Item], Any]) -> list[tuple[Any, list[_Item]]]:
    """Return the items by their keys, the most frequent first."""
    found: dict[Any, list[_Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return sorted(found.items(), key=lambda pair: -len(pair[1]))


__all__ = ["Group", "groups"]
