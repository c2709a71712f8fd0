# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time consumes activations on a machine, whatever controllers the runs come from.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A run that will use an activation writes its mark, and then reads the marks of other runs. It continues only if there are none: of two runs
that do this at the same time, at least one sees the mark of the other. It then plans again from the current state of the machine. A run
that sees another mark waits, and removes its own mark unless that one comes first in order. While it waits, it reads the machine, and stops
waiting if no activation is required any more. The mark of a run that was interrupted is valid for the maximum duration of the run, because
the machine continues the activation.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from ..._cim.session import CimError, CimSession, CimUnknownOutcomeError, UnreachableError
from ..._errors import sentence
from ..problems import LicensingError, TaskRefusedError
from . import mark as marks
from .claim import Claim, Planned, claim_of
from .mark import Mark
from .timer import RetryTimer

P = TypeVar("P", bound=Planned)
R = TypeVar("R")

_MARGIN_SECONDS = 60
"""Additional time to wait for another run, because its mark might be newer than the own one."""


@dataclass(frozen=True)
class Messages:
    """Where messages go: `warn` adds a warning to the result of the task, `show` displays a progress message immediately."""

    warn: Callable[[str], None]
    show: Callable[[str], None]


def in_turn(
    session: CimSession, plan: P, again: Callable[[], P], carry_out: Callable[[P], R], timer: RetryTimer, messages: Messages
) -> tuple[P, R]:
    """Carry out a plan while no other run uses activations on the machine; return the plan that was carried out, and its result.

    :param again: Reads the machine, and plans again.
    :raises TaskRefusedError: Another run does not end in time.

    A plan that does not use an activation is carried out without waiting. Exceptions of `again` and `carry_out` are passed on.
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
        """Wait for the turn, and return the plan to carry out. The mark is then set, unless the plan does not claim anything any more."""
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
                self._warn(sentence(f"The module cannot check whether another run activates the machine at the same time: {problem}"))
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
        """Remove the mark. If this fails, warn; the mark becomes invalid automatically."""
        mark, self._mark = self._mark, None
        problem = self._remove(mark) if mark else None
        if mark and problem:
            self._warn_of(mark, f"The module could not remove the mark of this run ({problem})")

    def leave(self) -> None:
        """Leave the mark on a machine that cannot be reached, because the activation might continue there."""
        mark, self._mark = self._mark, None
        if mark:
            self._warn_of(mark, "The mark of this run stays on the machine because an activation might be in progress")

    def _warn_of(self, mark: Mark, what: str) -> None:
        until = self._now() + timedelta(seconds=mark.left(self._now()))
        self._warn(
            f"{what}. Other runs wait for the mark until {until:%Y-%m-%d %H:%M:%S} UTC by the clock of the machine."
            f" To remove the mark, run this command on the machine: {marks.removal(self._key, mark)}"
        )

    def _set_and_look(self) -> tuple[Mark, ...]:
        """Write the mark, and return the valid marks of other runs. Raises CimError if the machine denies one of both."""
        mark = marks.new(self._now(), self._claim.seconds, self._run, self._claim.subject)
        before = self._mark
        self._write(mark)
        if before and before.name != mark.name and (problem := self._remove(before)):
            self._warn_of(before, f"The module could not remove the earlier mark of this run ({problem})")
        found = marks.read(self._session, self._key)
        others = self._others(found)
        if not any(found_mark.run == self._run for found_mark in found):
            raise LicensingError(
                f"The machine accepted the mark of this run, {mark.name}, but does not show it. The module did not activate anything.",
                ("Run the task again.", f"If the task fails again, check whether the mark exists: {marks.query(self._key)}"),
            )
        counting = tuple(other for other in others if self._left(other) > 0)
        for other in others if not counting else ():
            self._clear(other, "did not end properly")
        return counting

    def _others(self, found: Iterable[Mark]) -> tuple[Mark, ...]:
        return tuple(mark for mark in found if mark.run != self._run)

    def _is_first(self, others: Iterable[Mark]) -> bool:
        """Return whether the own mark comes first. One of the runs that see each other must keep its mark, or all could wait forever."""
        return all(other.run is not None and self._run < other.run for other in others)

    def _write(self, mark: Mark) -> None:
        """Write the mark, and write it again if the response was lost. Writing the same value twice does no harm."""
        try:
            marks.write(self._session, self._key, mark, self._claim.what)
        except CimUnknownOutcomeError:
            self._mark = mark
            marks.write(self._session, self._key, mark, self._claim.what)
        self._mark = mark

    def _planned(self, plan: P) -> P:
        """Return the plan, and remove the mark if the plan does not claim anything any more."""
        if claim_of(plan) is None:
            self.give_back()
        return plan

    def _wait(self, others: tuple[Mark, ...], again: Callable[[], P], wait: Callable[[], bool]) -> tuple[P, bool]:
        """Wait until the other runs end; return the current plan, and whether it does not claim anything any more."""
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
                        self._clear(mark, "worked on the same product, which does not need an activation any more")
                return plan, True
            if not counting:
                return plan, False
            others = counting

    def _clear(self, mark: Mark, what: str) -> None:
        """Remove the mark of another run that has ended."""
        problem = self._remove(mark)
        began = f"{mark.set_at:%Y-%m-%d %H:%M:%S} UTC" if mark.set_at else "an unknown time"
        command = marks.removal(self._key, mark)
        left = f" The module could not remove its mark ({problem}). To remove it, run this command: {command}" if problem else ""
        self._warn(f"Another run, which started at {began} by the clock of the machine, {what}.{left}")

    def _remove(self, mark: Mark) -> str | None:
        """Remove a mark; return the problem, or None if the mark is removed. A second request does no harm."""
        try:
            try:
                marks.remove(self._session, self._key, mark)
            except CimUnknownOutcomeError:
                marks.remove(self._session, self._key, mark)
        except (CimError, CimUnknownOutcomeError, UnreachableError) as problem:
            return str(problem)
        return None

    def _left(self, mark: Mark) -> float:
        """Return the seconds for which the mark of another run is valid: by the clock of the machine, and at most its duration from now.

        If the clock is set back, the mark is therefore not valid for hours.
        """
        seen = self._timer.clock() - self._first_seen.setdefault(mark.name, self._timer.clock())
        return min(mark.left(self._now()), max(0.0, mark.seconds - seen)) if mark.set_at else mark.left(self._now())

    def _now(self) -> datetime:
        """Return the clock of the machine, advanced by the time since it was read."""
        return self._claim.os.time + timedelta(seconds=self._timer.clock() - self._read_at)

    def _refusal(self, other: Mark) -> TaskRefusedError:
        left = self._left(other)
        until = f"for {left:.0f} more seconds" if other.set_at else "until it is removed"
        name = self._claim.os.computer_name
        return TaskRefusedError(
            "activation_under_way",
            f"{name} has the mark of another run that will use an activation: {other.name}. The mark is valid {until}. This run waited"
            f" {self._claim.seconds + _MARGIN_SECONDS} seconds, and did not use an activation.",
            (
                "Wait until the other run has ended, and run the task again.",
                f"If no other run is active, remove the mark of the run on the machine: {marks.removal(self._key, other)}",
            ),
            cause="Two runs that activate a machine at the same time would use two activations of the key instead of one.",
        )
