# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time consumes activations on a machine, whatever controllers the runs come from.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A run that is going to spend sets its mark and then looks for those of others. It goes on only when it sees none: of two runs that do
so at once, at least one sees the other. Then it plans again, from what the machine is now that nobody else is at work. A run that
sees a mark waits, and unless its own comes first in order it takes that back. It looks at the machine meanwhile: once nothing is
left to spend there is nothing to wait for. The mark of a run that died counts until the time is over that its work may take,
because the machine goes on activating although nobody waits for the answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from ..._cim.session import CimError, CimSession, CimUnknownOutcomeError, UnreachableError
from ..problems import LicensingError, TaskRefusedError
from . import mark as marks
from .claim import Claim, Planned, claim_of
from .mark import Mark
from .timer import RetryTimer

P = TypeVar("P", bound=Planned)
R = TypeVar("R")

_MARGIN_SECONDS = 60
"""How much longer than its own work may take a run waits for another one, whose mark may be a little younger."""


@dataclass(frozen=True)
class Messages:
    """Where sentences go: `warn` into the result of the task, `show` to the screen at once."""

    warn: Callable[[str], None]
    show: Callable[[str], None]


def in_turn(
    session: CimSession, plan: P, again: Callable[[], P], carry_out: Callable[[P], R], timer: RetryTimer, messages: Messages
) -> tuple[P, R]:
    """Carry a plan out while no other run consumes activations on the machine; the plan that was carried out, and what came of it.

    `again` reads the machine and plans anew. A plan that consumes nothing is carried out as it is. Raises TaskRefusedError when another
    run does
    not end in time, and what `again` and `carry_out` raise.
    """
    claim = claim_of(plan)
    if claim is None:
        return plan, carry_out(plan)
    turn: _Turn[P] = _Turn(session, claim, timer, messages)
    plan = turn.take(plan, again)
    try:
        result = carry_out(plan)
    except UnreachableError:
        turn.leave()
        raise
    except Exception:
        turn.give_back()
        raise
    turn.give_back()
    return plan, result


class _Turn(Generic[P]):
    """The turn of one run on one machine."""

    def __init__(self, session: CimSession, claim: Claim, timer: RetryTimer, messages: Messages) -> None:
        self._session = session
        self._claim = claim
        self._timer = timer
        self._warn = messages.warn
        self._show = messages.show
        self._key = marks.key_on(claim.os)
        self._run = uuid.uuid4().hex[:12]
        self._read_at = timer.clock()
        self._mark: Mark | None = None
        self._first_seen: dict[str, float] = {}

    def take(self, plan: P, again: Callable[[], P]) -> P:
        """Wait for the turn; the plan to carry out. The mark is set then, unless that plan has nothing to claim any more."""
        try:
            return self._take(plan, again)
        except UnreachableError:
            self.leave()
            raise
        except Exception:
            self.give_back()
            raise

    def _take(self, plan: P, again: Callable[[], P]) -> P:
        wait = self._timer.delays(self._timer.clock() + self._claim.seconds + _MARGIN_SECONDS)
        while True:
            try:
                others = self._set_and_look()
            except CimError as problem:
                self.give_back()
                self._warn(f"this run cannot see whether another one activates the machine at the same time: {problem}")
                return plan
            if not others:
                return self._planned(again())
            self._show(f"waits up to {self._claim.seconds + _MARGIN_SECONDS} seconds for another run, which has its mark on the machine")
            if not self._is_first(others):
                self.give_back()
            plan, is_over = self._wait(others, again, wait)
            if is_over:
                return plan

    def give_back(self) -> None:
        """Remove the mark. What cannot be removed is said, and stops counting by itself."""
        mark, self._mark = self._mark, None
        problem = self._remove(mark) if mark else None
        if mark and problem:
            self._warn_of(mark, f"the mark of this run could not be removed ({problem})")

    def leave(self) -> None:
        """Leave the mark for the time that it counts: nobody reaches the machine, where what was asked for may still go on."""
        mark, self._mark = self._mark, None
        if mark:
            self._warn_of(mark, "the mark of this run stays on the machine, where an activation may be under way")

    def _warn_of(self, mark: Mark, what: str) -> None:
        until = self._now() + timedelta(seconds=mark.left(self._now()))
        self._warn(
            f"{what}. Other runs wait for it until {until:%Y-%m-%d %H:%M:%S} UTC by the clock of the machine;"
            f" remove it there with: {marks.removal(self._key, mark)}"
        )

    def _set_and_look(self) -> tuple[Mark, ...]:
        """Set the mark, and see the marks of other runs that count. Raises CimError when the machine allows one of both to nobody."""
        mark = marks.new(self._now(), self._claim.seconds, self._run, self._claim.subject)
        before = self._mark
        self._write(mark)
        if before and before.name != mark.name and (problem := self._remove(before)):
            self._warn_of(before, f"the earlier mark of this run could not be removed ({problem})")
        found = marks.read(self._session, self._key)
        others = self._others(found)
        if not any(found_mark.run == self._run for found_mark in found):
            raise LicensingError(
                f"the machine took the mark of this run, {mark.name}, and does not show it, so nothing was activated.",
                ("Run the task again.", f"When that fails too, see whether the mark is there: {marks.query(self._key)}"),
            )
        counting = tuple(other for other in others if self._left(other) > 0)
        for other in others if not counting else ():
            self._clear(other, "did not come to its end")
        return counting

    def _others(self, found: Iterable[Mark]) -> tuple[Mark, ...]:
        return tuple(mark for mark in found if mark.run != self._run)

    def _is_first(self, others: Iterable[Mark]) -> bool:
        """Of runs that see each other one keeps its mark, or they could give way to each other for ever."""
        return all(other.run is not None and self._run < other.run for other in others)

    def _write(self, mark: Mark) -> None:
        """The value is the same however often it is written, so a lost answer is no problem before the second one."""
        try:
            marks.write(self._session, self._key, mark, self._claim.what)
        except CimUnknownOutcomeError:
            self._mark = mark
            marks.write(self._session, self._key, mark, self._claim.what)
        self._mark = mark

    def _planned(self, plan: P) -> P:
        """A plan that came of waiting may claim nothing any more."""
        if claim_of(plan) is None:
            self.give_back()
        return plan

    def _wait(self, others: tuple[Mark, ...], again: Callable[[], P], wait: Callable[[], bool]) -> tuple[P, bool]:
        """Wait until the others are done; the plan as it is then, and whether it has nothing left to claim."""
        while True:
            if not wait():
                raise self._refusal(others[0])
            found = self._others(marks.read(self._session, self._key))
            counting = tuple(mark for mark in found if self._left(mark) > 0)
            plan = again()
            if claim_of(plan) is None:
                self.give_back()
                for mark in counting:
                    if mark.subject == self._claim.subject:
                        self._clear(mark, "was at work on the same product, and this one found nothing left to spend")
                return plan, True
            if not counting:
                return plan, False
            others = counting

    def _clear(self, mark: Mark, what: str) -> None:
        """Remove the mark of another run, which nobody needs any more."""
        problem = self._remove(mark)
        began = f"{mark.set_at:%Y-%m-%d %H:%M:%S} UTC" if mark.set_at else "another time"
        left = f"; its mark could not be removed ({problem}): {marks.removal(self._key, mark)}" if problem else ""
        self._warn(f"another run, begun at {began} by the clock of the machine, {what}{left}")

    def _remove(self, mark: Mark) -> str | None:
        """Remove a mark; why it could not be done, None when it was. Asking for it twice does no harm."""
        try:
            try:
                marks.remove(self._session, self._key, mark)
            except CimUnknownOutcomeError:
                marks.remove(self._session, self._key, mark)
        except (CimError, CimUnknownOutcomeError, UnreachableError) as problem:
            return str(problem)
        return None

    def _left(self, mark: Mark) -> float:
        """Seconds for which the mark of another run counts: by the clock of the machine, and never longer than it was seen from here.

        So a clock that was set back meanwhile does not make a mark count for hours.
        """
        seen = self._timer.clock() - self._first_seen.setdefault(mark.name, self._timer.clock())
        return min(mark.left(self._now()), max(0.0, mark.seconds - seen)) if mark.set_at else mark.left(self._now())

    def _now(self) -> datetime:
        """The machine's clock, moved on by the time that has passed here since it was read."""
        return self._claim.os.time + timedelta(seconds=self._timer.clock() - self._read_at)

    def _refusal(self, other: Mark) -> TaskRefusedError:
        left = self._left(other)
        until = f"for {left:.0f} more seconds" if other.set_at else "until it is removed"
        name = self._claim.os.computer_name
        return TaskRefusedError(
            "activation_under_way",
            f"{name} has the mark of another run that is about to spend an activation, {other.name}. It counts {until}, and this run waited"
            f" {self._claim.seconds + _MARGIN_SECONDS} seconds for it and spent nothing.",
            (
                "Wait until the other run has ended, and run the task again.",
                f"When no other run is at work, remove its mark on the machine: {marks.removal(self._key, other)}",
            ),
            cause="Two runs that activate a machine at the same time spend two activations of the key, and one is enough.",
        )
