# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reboot a machine, and wait until it is available again.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The machine is available when it responds, was started later than before, and its licensing service responds. The connection is closed
before every query, because it belongs to the machine before the reboot.
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
"""Codes of a shutdown that is in progress, or is scheduled."""

_DRIFT = timedelta(seconds=2)
"""A correction of the clock changes the time of the last start by this much, without a reboot."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 10.0
_STILL_UP = "the machine responds, and was not rebooted"


def last_start(session: CimSession) -> datetime:
    """Return when the machine was started, by its own clock. One query; raises LicensingError if the machine does not return it."""
    found = session.query(_BOOT_QUERY)
    started = found[0].moment("LastBootUpTime") if found else None
    if started is None:
        raise LicensingError("The machine does not return the time of its last start.")
    return started


def reboot(started: datetime, timeout: int, reason: str) -> Step:
    """Return the step that reboots the machine, and waits up to `timeout` seconds until it was started later than `started`.

    `reason` is part of the description.
    """

    def run(session: CimSession, timer: RetryTimer) -> None:
        _send(session)
        _wait(session, timer, timeout, lambda: last_start(session) - started > _DRIFT)

    description = f"reboot the machine {reason}, and wait up to {timeout} seconds for it"
    return Step(REBOOT, _MACHINE, "Reboot", description, run=run, repeatable=False)


def _send(session: CimSession) -> None:
    """Request the reboot once. Later queries show whether it happens, also if the response was lost."""
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
        problem = _check(session, has_restarted)
        if problem is None:
            return
        if timer.clock() >= deadline:
            raise _not_back(problem, timeout)


def _check(session: CimSession, has_restarted: Callable[[], bool]) -> str | None:
    """Return why the machine is not available yet; None if it is available."""
    session.close()
    try:
        if not has_restarted():
            return _STILL_UP
        session.query(_READY_QUERY)
    except UnreachableError as problem:
        return problem.message  # the next steps are about the inventory, but the machine had responded
    except (CimError, LicensingError, MalformedResponseError) as problem:
        return str(problem)
    return None


def _not_back(problem: str, timeout: int) -> StepIncompleteError:
    if problem == _STILL_UP:
        reason = "A program, a logged-on user, or an update might delay the reboot."
        message = f"after {timeout} seconds, {problem}. {reason}"
        return StepIncompleteError(message, ("Reboot the machine manually, or run the task again.",))
    steps = (
        "Check the console of the machine, and run the task again when the machine is available.",
        "If the machine needs more time, increase reboot_timeout.",
    )
    return StepIncompleteError(f"the machine is not available after {timeout} seconds ({problem.rstrip('.')}).", steps)
