# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine was asked, what it answered, and what that says about an assumption.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .._cim.recording.exchanges import RecordedExchange
from .._cim.session import CimSession

CHANGE = "change_"
"""The beginning of the names of answers that a change of the machine gave."""


class Verdict(Enum):
    """What a machine says about an assumption. `RECORDED`: either truth is fine, or a person must compare; it does not count as holding."""

    HOLDS = "holds"
    DOES_NOT_HOLD = "does_not_hold"
    RECORDED = "recorded"
    NOT_VISIBLE = "not_visible"


@dataclass(frozen=True)
class Finding:
    """A verdict, and in one sentence what was seen, or why nothing could be seen."""

    verdict: Verdict
    seen: str


@dataclass(frozen=True)
class KitQuestion:
    """A read that a module makes, or one that must fail. `ask` gets the session and the answers so far, and returns a value for the checks.

    `is_fault` is whether the machine must answer with an error.
    """

    name: str
    about: str
    ask: Callable[[CimSession, Answers], Any]
    is_fault: bool = False


@dataclass(frozen=True)
class KitAnswer:
    """The value of a question, or its error: the code as an unsigned 32-bit number, 0 without a code, and the text.

    `right` is the right that the account lacks if the machine refused the question for this reason, as a part of a sentence.
    """

    name: str
    value: Any = None
    code: int | None = None
    error: str | None = None
    exchanges: tuple[RecordedExchange, ...] = ()
    right: str | None = None

    @property
    def seconds(self) -> float:
        """Return the duration of all its requests."""
        return sum(exchange.seconds for exchange in self.exchanges)


@dataclass(frozen=True)
class Answers:
    """All answers of a machine by the names of the questions, and what is known about the connection."""

    by_name: Mapping[str, KitAnswer] = field(default_factory=dict)
    encrypted: bool = False

    def value(self, name: str) -> Any:
        """Return the value of an answer, or None if the question was not asked or failed."""
        answer = self.by_name.get(name)
        return None if answer is None else answer.value

    def exchanges(self) -> tuple[RecordedExchange, ...]:
        """Return all exchanges in their order."""
        return tuple(exchange for answer in self.by_name.values() for exchange in answer.exchanges)


@dataclass(frozen=True)
class Assumption:
    """Something about Windows that the collection relies on, and that no public source proves.

    `id` never changes. `if_wrong` is what a user would see. `how` says what shows an assumption that reading cannot show. `check` is then
    None, or it judges what a change of the machine showed, which the user must allow.
    """

    id: str
    area: str
    text: str
    if_wrong: str
    check: Callable[[Answers], Finding] | None = None
    how: str = ""

    def judge(self, answers: Answers) -> Finding:
        """Return what the answers of a machine say."""
        return self.check(answers) if self.check else Finding(Verdict.NOT_VISIBLE, self.how)


def holds(seen: str) -> Finding:
    """Return that an assumption holds."""
    return Finding(Verdict.HOLDS, seen)


def fails(seen: str) -> Finding:
    """Return that an assumption does not hold."""
    return Finding(Verdict.DOES_NOT_HOLD, seen)


def recorded_only(seen: str) -> Finding:
    """Return what was seen of an assumption that no reading can confirm or refute."""
    return Finding(Verdict.RECORDED, seen)


def ask_nothing(_session: CimSession, _answers: Answers) -> None:
    """Ask nothing, for the description of what was done already."""


def not_visible(why: str) -> Finding:
    """Return that this machine shows nothing about an assumption."""
    return Finding(Verdict.NOT_VISIBLE, why)


def hidden_from_account(answers: Answers, *names: str) -> Finding | None:
    """Return that the account lacks a right for one of these questions, and which; None if it had all rights."""
    rights = (answers.by_name[name].right for name in names if name in answers.by_name)
    right = next((right for right in rights if right), None)
    return None if right is None else needs_right(right)


def needs_right(right: str) -> Finding:
    """Return that an assumption cannot be seen with an account that lacks this right."""
    return not_visible(f"This cannot be seen with this account. It requires {right}.")


__all__ = [
    "CHANGE",
    "Answers",
    "Assumption",
    "Finding",
    "KitAnswer",
    "KitQuestion",
    "Verdict",
    "ask_nothing",
    "fails",
    "hidden_from_account",
    "holds",
    "needs_right",
    "not_visible",
    "recorded_only",
]
