# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rebooting a machine, and waiting until it is there again.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The machine is back when it answers, was started later than before, and its licensing service answers too. The connection is given up
before every look: what was open belongs to the machine that went down.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ..._cim.session import (
    CimError,
    CimPath,
    CimSession,
    CimUnknownOutcomeError,
    MalformedResponseError,
    ShuttingDownError,
    UnreachableError,
)
from ..problems import LicensingError, StepIncompleteError
from ..state.model import SPP_SERVICE
from .step import REBOOT, Step
from .timer import RetryTimer

_MACHINE = CimPath("Win32_OperatingSystem")
_BOOT_QUERY = "SELECT LastBootUpTime FROM Win32_OperatingSystem"
_READY_QUERY = f"SELECT Version FROM {SPP_SERVICE}"
_UNDER_WAY = frozenset({1115, 1190, 0x8007045B, 0x800704A6})
"""A shutdown is in progress, or is scheduled."""

_DRIFT = timedelta(seconds=2)
"""A clock that is set moves the time of the last start by that much, without a restart."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 10.0
_STILL_UP = "it answers, and has not restarted"


def last_start(session: CimSession) -> datetime:
    """When the machine was started, by its own clock. One query; raises LicensingError when it does not say."""
    found = session.query(_BOOT_QUERY)
    started = found[0].moment("LastBootUpTime") if found else None
    if started is None:
        raise LicensingError("the machine does not say when it was started")
    return started


def reboot(started: datetime, timeout: int, reason: str) -> Step:
    """Reboot the machine that was `started` then, and wait `timeout` seconds for it; `reason` goes into the words for people."""

    def run(session: CimSession, timer: RetryTimer) -> None:
        _send(session)
        _wait(session, timer, timeout, lambda: last_start(session) - started > _DRIFT)

    words = f"reboot the machine, {reason}, and wait up to {timeout} seconds for it"
    return Step(REBOOT, _MACHINE, "Reboot", words, run=run, repeatable=False)


def _send(session: CimSession) -> None:
    """Ask for the restart once; whether it happens is seen afterwards, also when the answer was lost."""
    try:
        session.invoke(_MACHINE, "Reboot", {})
    except (CimUnknownOutcomeError, ShuttingDownError):
        return
    except CimError as error:
        if error.code not in _UNDER_WAY:
            raise


def _wait(session: CimSession, timer: RetryTimer, timeout: int, has_restarted: Callable[[], bool]) -> None:
    deadline, pause = timer.clock() + timeout, _FIRST_PAUSE
    while True:
        timer.sleep(min(pause, max(deadline - timer.clock(), 0.0)))
        pause = min(pause * 1.5, _LONGEST_PAUSE)
        problem = _look(session, has_restarted)
        if problem is None:
            return
        if timer.clock() >= deadline:
            raise _not_back(problem, timeout)


def _look(session: CimSession, has_restarted: Callable[[], bool]) -> str | None:
    """What is still in the way, None when the machine is there again."""
    session.close()
    try:
        if not has_restarted():
            return _STILL_UP
        session.query(_READY_QUERY)
    except (UnreachableError, CimError, LicensingError, MalformedResponseError) as problem:
        return str(problem)
    return None


def _not_back(problem: str, timeout: int) -> StepIncompleteError:
    if problem == _STILL_UP:
        words = f"after {timeout} seconds {problem}. A program or a logged-on user may hold it up, or updates are being installed."
        return StepIncompleteError(words, ("Restart it by hand, or run the task again.",))
    steps = ("Look at its console, and run the task again when it is up.", "Give a machine that takes longer a longer reboot_timeout.")
    return StepIncompleteError(f"it has not come back after {timeout} seconds ({problem.rstrip('.')}).", steps)
