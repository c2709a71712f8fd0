# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide which machines make a run fail, and what the outcome of the run is.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A report is the result of outcome_report, esu_report, proxy_report, or kms_failover_report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..._errors import VolumeActivationError
from ..._variables.answers import answer, is_empty, items

UNREACHABLE = "unreachable"
_ALWAYS = "failed"
_IDLE = ("unchanged", "already_licensed", "not_affected", "not_in_run", "unknown")
"""Statuses of machines on which nothing had to be done, and of records that do not belong to a machine of the run."""
_OF_NO_MACHINE = ("not_in_run", "unknown")


@dataclass(frozen=True)
class FailOn:
    """Statuses that can make a run fail, and those that do so by default. `failed` always does: such a machine might be half changed.

    `unreachable` is whether a machine that could not be reached makes the run fail by default.
    """

    choices: tuple[str, ...]
    default: tuple[str, ...]
    unreachable: bool = True


_CONVERSION = FailOn(("refused", "failed", "not_yet", "waiting_for_count", "waiting", "not_run"), ("refused", "failed"))
_PROXY = FailOn(
    ("unanswered", "refused", "stale", "invalid", "no_key", "failed", "missing", "waiting", "ready", "not_run"),
    ("unanswered", "refused", "stale", "invalid", "no_key", "failed"),
    unreachable=False,
)
FAIL_ON: Mapping[str, FailOn] = {
    **dict.fromkeys(("convert_to_kms", "convert_to_mak", "mak_to_kms_when_ready", "rearm_duplicates", "recover_nongenuine"), _CONVERSION),
    "activate_esu": FailOn(("refused", "failed", "waiting", "not_run"), ("refused", "failed", "not_run")),
    "kms_to_adba": FailOn(("refused", "failed", "not_yet", "not_run"), ("refused", "failed", "not_run")),
    "proxy_activation": _PROXY,
}
"""By the first part of the names of the variables of a playbook."""


class FailOnError(VolumeActivationError):
    """A variable that decides whether a run fails has a value that is not valid."""


@dataclass(frozen=True)
class Ending:
    """How a run ends: the machines that make it fail, and the outcome of the run."""

    failing: tuple[str, ...]
    outcome: str


def statuses_of(prefix: str, value: Any) -> tuple[str, ...]:
    """Return the statuses that make a run fail; those of the default if the variable is not set or empty.

    `value` is a list, or a text with one status per line or with commas, as a survey sends it. Raises FailOnError.
    """
    rule = FAIL_ON[prefix]
    if value is None or is_empty(value):
        return rule.default
    given = items(value)
    if not all(isinstance(one, str) for one in given):
        raise FailOnError(f"{prefix}_fail_on must be a list of {', '.join(rule.choices)}, and is {value}. Correct it.")
    found = tuple(dict.fromkeys(filter(None, given)))
    if UNREACHABLE in found:
        raise FailOnError(f"{prefix}_fail_on contains unreachable, which {prefix}_fail_on_unreachable decides. Remove it.")
    wrong = [one for one in found if one not in rule.choices]
    if wrong:
        raise FailOnError(f"{prefix}_fail_on contains {', '.join(wrong)}, and can contain {', '.join(rule.choices)}. Correct it.")
    return (*found, *(() if _ALWAYS in found else (_ALWAYS,)))


def truth_of(prefix: str, value: Any) -> bool | None:
    """Return whether a machine that could not be reached makes the run fail; None if the variable is not set or empty.

    Raises FailOnError for a value that is not a boolean.
    """
    if value is None or is_empty(value):
        return None
    try:
        return bool(answer(value, True))
    except ValueError:
        raise FailOnError(f"{prefix}_fail_on_unreachable must be true or false, and is {value}. Correct it.") from None


def ending_of(report: Mapping[str, Any], failing: Sequence[str], *, unreachable: bool | None = None, check_mode: bool = False) -> Ending:
    """Return how a run ends that fails on the machines `failing`.

    With `unreachable`, all machines that could not be reached make the run fail; with False none of them does, and with None those in
    `failing` do. A machine with which the connection was lost after a step always makes it fail.
    """
    off, named = off_machines(report), dict.fromkeys(failing)
    named |= dict.fromkeys([*(report.get("interrupted") or ()), *(off if unreachable else ())])
    left = frozenset(off) if unreachable is False else frozenset()
    found = tuple(name for name in named if name not in left)
    return Ending(found, _outcome(report, is_failing=bool(found), check_mode=check_mode))


def failing_of(report: Mapping[str, Any], statuses: Sequence[str]) -> tuple[str, ...]:
    """Return the machines with a status that makes the run fail."""
    return tuple(name for status in statuses for name in report["machines"].get(status, ()))


def off_machines(report: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the machines that could not be reached, without those with which the connection was lost after a step."""
    interrupted = frozenset(report.get("interrupted") or ())
    return tuple(name for name in report["machines"].get(UNREACHABLE, ()) if name not in interrupted)


def counts_of(report: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of machines, and of those with each status that a machine has."""
    numbers = {str(status): len(names) for status, names in report["machines"].items()}
    total = sum(number for status, number in numbers.items() if status not in _OF_NO_MACHINE)
    return {"machines": total, **{status: number for status, number in numbers.items() if number}}


def _outcome(report: Mapping[str, Any], *, is_failing: bool, check_mode: bool) -> str:
    machines = report["machines"]
    if is_failing:
        return "failed"
    if not any(names for status, names in machines.items() if status not in _IDLE):
        return "nothing_to_do"
    if check_mode and not any(machines.get(status) for status in (UNREACHABLE, "refused", _ALWAYS)):
        return "planned"
    return "ok" if report["complete"] else "incomplete"


__all__ = [
    "FAIL_ON",
    "UNREACHABLE",
    "Ending",
    "FailOn",
    "FailOnError",
    "counts_of",
    "ending_of",
    "failing_of",
    "off_machines",
    "statuses_of",
    "truth_of",
]
