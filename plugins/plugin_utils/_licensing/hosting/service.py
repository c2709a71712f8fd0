# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarting the licensing service, which takes the settings of a KMS host from the registry when it starts.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

StopService and StartService only begin their work, so the state is watched. Windows may start the service by itself as
soon as something asks it; another process ID then says that the restart has happened.

That a restart is due no class shows. A run that is going to need one notes it in the registry first, so that after an
interruption the next run makes up for it; the restart takes the note away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..._cim.session import CimError, CimPath, CimSession, CimUnknownOutcomeError
from ..plan.step import RESTART_SERVICE, Step
from ..plan.timer import RetryTimer
from ..problems import StepIncompleteError
from ..registry import steps as registry_steps
from ..registry import values as registry
from ..registry.values import REG_SZ, RegistryValue

_DUE = RegistryValue("WinopsRestartDue", REG_SZ, "1")
_SERVICE = CimPath("Win32_Service", {"Name": "sppsvc"})
_QUERY = "SELECT Name,State,ProcessId FROM Win32_Service WHERE Name='sppsvc'"
_STOPPED, _RUNNING = "Stopped", "Running"
_STATE_IN_THE_WAY = frozenset({5, 6, 10})
"""Win32_Service: the state takes no such control, the service has not been started, it is running already."""

_PATIENCE_SECONDS = 60.0
_FIRST_LOOK, _LONGEST_PAUSE = 0.5, 5.0


@dataclass(frozen=True)
class _Look:
    """What Win32_Service says; `process` is 0 while the service does not run."""

    state: str
    process: int


def restart(reason: str) -> Step:
    """Stop and start sppsvc; `reason` goes into the words for people."""
    return Step(RESTART_SERVICE, _SERVICE, "StopService", f"restart the licensing service (sppsvc), {reason}", run=_restart)


def set_restart_marker() -> Step:
    """Note that a restart will be due."""
    words = "note in the registry that the licensing service has to be restarted, in case the run is interrupted"
    return registry_steps.set_value("set_restart_marker", words, registry.SPP_KEY, _DUE)


def is_restart_due(session: CimSession) -> bool:
    """Whether an earlier run was interrupted before the restart it needed."""
    return registry.string(session, registry.SPP_KEY, _DUE.name) is not None


def _restart(session: CimSession, timer: RetryTimer) -> None:
    before = _look(session)
    if before.state != _STOPPED:
        _stop(session, timer, before)
    if _look(session).state != _RUNNING:
        _start(session, timer)
    try:
        registry.delete(session, registry.SPP_KEY, _DUE.name)
    except CimUnknownOutcomeError:  # at worst the next run restarts the service once more
        return


def _stop(session: CimSession, timer: RetryTimer, before: _Look) -> None:
    def gone(now: _Look) -> bool:
        return now.state == _STOPPED or (now.state == _RUNNING and now.process != before.process)

    last = _bring(session, timer, "StopService", gone)
    if not gone(last):
        raise StepIncompleteError(
            f"it does not stop (state {last.state}), and what was set counts after its next start.",
            ("Run 'Restart-Service sppsvc' on the machine.",),
        )


def _start(session: CimSession, timer: RetryTimer) -> None:
    last = _bring(session, timer, "StartService", lambda now: now.state == _RUNNING)
    if last.state != _RUNNING:
        raise StepIncompleteError(
            f"it was stopped and does not start again (state {last.state}). Until it runs the machine activates nobody.",
            ("Start it with 'sc.exe start sppsvc', and look for event 903 or 16385 in its Application log when that fails.",),
        )


def _bring(session: CimSession, timer: RetryTimer, method: str, is_there: Callable[[_Look], bool]) -> _Look:
    """Call a method and watch the service; a request that may have been lost is sent once more. The last look."""
    answered = _send(session, method)
    last = _watch(session, timer, is_there)
    if answered or is_there(last):
        return last
    _send(session, method)
    return _watch(session, timer, is_there)


def _send(session: CimSession, method: str) -> bool:
    """False when the answer was lost. Whether it was of use the state tells, so a state that does not fit is no failure yet."""
    try:
        session.invoke(_SERVICE, method, {})
    except CimUnknownOutcomeError:
        return False
    except CimError as error:
        if error.code not in _STATE_IN_THE_WAY:
            raise
    return True


def _watch(session: CimSession, timer: RetryTimer, is_there: Callable[[_Look], bool]) -> _Look:
    """Look until it is there or a minute has passed; the last look."""
    deadline, pause = timer.clock() + _PATIENCE_SECONDS, _FIRST_LOOK
    now = _look(session)
    while not is_there(now) and timer.clock() < deadline:
        timer.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
        now = _look(session)
    return now


def _look(session: CimSession) -> _Look:
    found = session.query(_QUERY)
    if not found:
        raise StepIncompleteError("the machine reports no service sppsvc.")
    return _Look(found[0].text("State") or "unknown", found[0].integer("ProcessId", 0, 0xFFFFFFFF) or 0)
