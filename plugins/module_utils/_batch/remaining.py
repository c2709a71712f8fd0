# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask how many activations MAKs have left. Nothing is counted for it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .._deadline import Deadline
from .._errors import InvalidOptionsError, sentence, with_next_step
from .._extended_pid import key_part
from .errors import ServiceError
from .message import Question
from .options import extended_pids_of
from .pool import Pool
from .service import Ask

_WITHOUT_ERROR = " Without an error: "

ATTEMPTS = 2
"""Number of attempts for a question that only reads."""


@dataclass(frozen=True)
class Remaining:
    """The number of activations that a MAK has left, when Microsoft returned it, or the error."""

    extended_pid: str
    number: int | None = None
    time: str | None = None
    error: ServiceError | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "extended_pid": self.extended_pid,
            "remaining_activations": self.number,
            "checked_time": self.time,
            "error": self.error.explain().as_dict() if self.error else None,
        }


def now() -> str:
    """Return the time in UTC, ISO 8601."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def ask_all(extended_pids: Sequence[str], ask: Ask, at_once: int, deadline: Deadline, clock: Callable[[], str] = now) -> list[Remaining]:
    """Return the remaining activations of each MAK, in the same order."""

    def work(extended_pid: str) -> tuple[Remaining, ServiceError | None]:
        found = _ask(extended_pid, ask, deadline, clock)
        return found, found.error

    pool = Pool(work, at_once, deadline)
    found = pool.run(extended_pids)
    return [one or Remaining(pid, error=left_out(pool.breaker.reason)) for pid, one in zip(extended_pids, found, strict=True)]


def left_out(reason: ServiceError | None) -> ServiceError:
    """Return the error of a question that was not asked."""
    return ServiceError("not_requested", f"The reason is {reason.error_code}." if reason else "The deadline of the task was reached.")


def _ask(extended_pid: str, ask: Ask, deadline: Deadline, clock: Callable[[], str], attempts: int = ATTEMPTS) -> Remaining:
    try:
        return Remaining(extended_pid, ask(Question(extended_pid), deadline).remaining, clock())
    except ServiceError as error:
        if attempts > 1 and error.explain().transient:
            return _ask(extended_pid, ask, deadline, clock, attempts - 1)
        return Remaining(extended_pid, error=error)


def result_of(found: Sequence[Remaining]) -> dict[str, Any]:
    """Return the result of mak_activations_info. It fails if the number of any MAK is not known."""
    maks = [{**one.as_dict(), "cached": False} for one in found]
    failed = failure_of({one.extended_pid: one.error for one in found if one.error})
    return _with_message({"changed": False, "maks": maks, **failed}, failed.get("msg", ""))


def joined(result: Mapping[str, Any], extended_pids: Sequence[str], known: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    """Return the result of mak_activations_info with the numbers that an earlier task of the run got, in the order of `extended_pids`.

    `known` are these numbers and their times by extended product ID.
    """
    if "maks" not in result:
        return dict(result)
    asked = {mak["extended_pid"]: mak for mak in result["maks"]}
    for pid, (number, time) in known.items():
        asked[pid] = {**Remaining(pid, number, time).as_dict(), "cached": True}
    maks = [asked[pid] for pid in extended_pids if pid in asked]
    return _with_message({**result, "maks": maks}, result["msg"].partition(_WITHOUT_ERROR)[0] if result.get("failed") else "")


def questions_in(options: Mapping[str, Any]) -> dict[str, str]:
    """Return a key for each extended product ID of options that were not validated; empty if they are not valid.

    All extended product IDs of a MAK have the same key at the same service.
    """
    texts = options.get("extended_pids")
    texts = texts.split(",") if isinstance(texts, str) else texts
    if not isinstance(texts, (list, tuple)):
        return {}
    try:
        return {pid: f"{options.get('service_url') or ''} {key_part(pid)}" for pid in extended_pids_of([str(text) for text in texts])}
    except InvalidOptionsError:
        return {}


def numbers_in(result: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    """Return the numbers and their times in a result of mak_activations_info, by extended product ID, without errors."""
    return {
        mak["extended_pid"]: (mak["remaining_activations"], mak["checked_time"]) for mak in result.get("maks") or () if mak["error"] is None
    }


def _with_message(result: Mapping[str, Any], failure: str) -> dict[str, Any]:
    """Return the result with its line of text: what failed, and the numbers of the other MAKs."""
    numbers = "; ".join(map(_described, (mak for mak in result["maks"] if mak["error"] is None)))
    if not failure:
        return {**result, "msg": f"{numbers or 'Nothing to ask'}."}
    return {**result, "msg": f"{failure}{_WITHOUT_ERROR}{numbers}." if numbers else failure}


def _described(mak: Mapping[str, Any]) -> str:
    source = f" at {mak['checked_time']}, from an earlier task of this run" if mak["cached"] else ""
    return f"{mak['extended_pid']}: {mak['remaining_activations']} left{source}"


def failure_of(problems: Mapping[str, ServiceError]) -> dict[str, Any]:
    """Return `failed`, `msg`, and `error` if there is a problem. `error` is the first one, `msg` contains each with its subjects."""
    if not problems:
        return {}
    subjects: dict[str, list[str]] = {}
    for subject, problem in problems.items():
        subjects.setdefault(with_next_step(sentence(problem.message), problem.explain().as_dict()), []).append(subject)
    words = " ".join(f"{_several(names)}: {text}" for text, names in subjects.items())
    return {"failed": True, "msg": words, "error": next(iter(problems.values())).explain().as_dict()}


def _several(names: Sequence[str], most: int = 5) -> str:
    more = f", and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
