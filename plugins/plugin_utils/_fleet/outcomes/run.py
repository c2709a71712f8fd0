# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a run from its report: which machines make it fail, with one line each, and what the next job of a workflow is told.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A report is the result of outcome_report, esu_report, proxy_report, kms_failover_report, or activation_summary. A playbook whose work
is not about machines gives the outcome, the counts, and the summary itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..machines import READ, natural
from .artifact import OUTCOMES
from .ending import FAIL_ON, UNREACHABLE, counts_of, ending_of, failing_of, statuses_of, truth_of


@dataclass(frozen=True)
class RunEnding:
    """The end of a run. `not_done` are the machines on which it did not succeed, whether or not they make it fail."""

    outcome: str
    counts: Mapping[str, int]
    summary: str
    failing: tuple[str, ...] = ()
    failures: Mapping[str, str] = field(default_factory=dict)
    not_done: tuple[str, ...] = ()


def run_ending(
    report: Mapping[str, Any],
    playbook: str,
    failing: Sequence[str] | None = None,
    fail_on: Any = "",
    fail_on_unreachable: Any = "",
    *,
    check_mode: bool = False,
) -> RunEnding:
    """Return the end of a run.

    `failing` are the machines that make the run fail, if the playbook selects them itself; otherwise `fail_on` selects them. `fail_on` and
    `fail_on_unreachable` are the values of its variables. Raises FailOnError for a value that is not valid, and ValueError for an unknown
    outcome.
    """
    if "outcome" in report:
        return _told(report)
    prefix = prefix_of(playbook)
    if "licensed_machines" in report:
        report = _of_summary(report)
    rule, unreachable = FAIL_ON.get(prefix), truth_of(prefix, fail_on_unreachable)
    if failing is None:
        failing = failing_of(report, statuses_of(prefix, fail_on)) if rule else report["problems"]
        unreachable = rule.unreachable or None if rule and unreachable is None else unreachable
    ending = ending_of(report, failing, unreachable=unreachable, check_mode=check_mode)
    left = dict.fromkeys([*ending.failing, *(report.get("problems") or ()), *report["machines"].get(UNREACHABLE, ())])
    not_done = tuple(sorted(left, key=natural))
    counts = {**counts_of(report), **(report.get("more_counts") or {})}
    return RunEnding(ending.outcome, counts, str(report["summary"]), ending.failing, _lines(report, ending.failing), not_done)


def prefix_of(playbook: str) -> str:
    """Return the first part of the names of the variables of a playbook. The playbooks of proxy activation share it."""
    return "proxy_activation" if playbook.startswith("proxy_") else playbook


def _told(report: Mapping[str, Any]) -> RunEnding:
    outcome = str(report["outcome"])
    if outcome not in OUTCOMES:
        raise ValueError(f"the outcome is {outcome}, and must be one of {', '.join(OUTCOMES)}.")
    counts = {str(name): int(number) for name, number in (report.get("counts") or {}).items()}
    return RunEnding(outcome, counts, str(report.get("summary") or ""), not_done=tuple(map(str, report.get("failed") or ())))


def _of_summary(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the summary of a check as a report, in which a machine that was read is licensed or not."""
    states = {state: names for state, names in summary["machines"].items() if state != READ}
    licensed = {"licensed": summary["licensed_machines"], "not_licensed": summary["not_licensed_machines"]}
    unread = frozenset(name for names in states.values() for name in names)
    checked = sum(name not in unread for name in summary["problems"])
    found = {"machines": {**licensed, **states}, "complete": not unread}
    return {**summary, **found, "more_counts": {"check_failed": checked} if checked else {}}


def _lines(report: Mapping[str, Any], failing: Sequence[str]) -> dict[str, str]:
    known = {str(row["machine"]): str(row["line"]) for row in report.get("rows") or () if "line" in row}
    known.update(report.get("failures") or {})
    return {name: known[name] for name in failing if name in known}


__all__ = ["RunEnding", "prefix_of", "run_ending"]
