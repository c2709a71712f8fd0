# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restart a licensing service, which reads its settings in the registry when it starts.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

StopService and StartService return before the service has stopped or started, so the module reads the state repeatedly. Windows can start
the service automatically when a query requires it. Another process ID then shows that the service was restarted.

No class shows that a restart is required. A run that requires a restart therefore sets a marker in the registry first, so that the next run
restarts the service after an interruption. The restart removes the marker.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ..._cim.session import CimError, CimPath, CimSession, CimUnknownOutcomeError
from ..plan.step import CLEAR_RESTART_MARKER, RESTART_SERVICE, SET_RESTART_MARKER, Step
from ..plan.timer import RetryTimer
from ..problems import StepIncompleteError
from ..registry import steps as registry_steps
from ..registry import values as registry
from ..registry.values import REG_SZ, RegistryValue
from ..state import wql

_DUE = RegistryValue("WinopsRestartDue", REG_SZ, "1")
SPPSVC, OSPPSVC = "sppsvc", "osppsvc"
"""The services of Windows: that of Windows and of Office since 2013, and that of Office 2010, and of any Office before Windows 8."""

_STOPPED, _RUNNING = "Stopped", "Running"
_WRONG_STATE = frozenset({5, 6, 10})
"""Win32_Service: the service cannot accept the control in its state, was not started, or is already running."""

_TIMEOUT_SECONDS = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0


@dataclass(frozen=True)
class _ServiceStatus:
    """State and process ID of Win32_Service; `process` is 0 while the service does not run."""

    state: str
    process: int


def restart(reason: str, name: str = SPPSVC) -> Step:
    """Return the step that stops and starts SPPSVC or OSPPSVC; `reason` is part of the description."""
    description = f"restart the licensing service ({name}) {reason}"
    return Step(RESTART_SERVICE, _path(name), "StopService", description, run=partial(_restart, name))


def set_restart_marker() -> Step:
    """Return the step that sets the restart marker."""
    description = "set a marker in the registry to restart the licensing service after an interruption"
    return registry_steps.set_value(SET_RESTART_MARKER, description, registry.SPP_KEY, _DUE)


def clear_restart_marker() -> Step:
    """Return the step that removes the restart marker, if what required the restart was undone."""
    description = "remove the marker in the registry, because the licensing service does not have to be restarted"
    return registry_steps.remove_value(CLEAR_RESTART_MARKER, description, registry.SPP_KEY, _DUE.name)


def is_restart_due(session: CimSession) -> bool:
    """Return whether an earlier run was interrupted before a required restart."""
    return registry.string(session, registry.SPP_KEY, _DUE.name) is not None


def _path(name: str) -> CimPath:
    return CimPath("Win32_Service", {"Name": name})


def _restart(name: str, session: CimSession, timer: RetryTimer) -> None:
    before = _read_status(session, name)
    if before.state != _STOPPED:
        _stop(session, timer, name, before)
    if _read_status(session, name).state != _RUNNING:
        _start(session, timer, name)
    if name != SPPSVC:  # only SPPSVC has a marker
        return
    try:
        registry.delete(session, registry.SPP_KEY, _DUE.name)
    except CimUnknownOutcomeError:  # the next run might restart the service again
        return


def _stop(session: CimSession, timer: RetryTimer, name: str, before: _ServiceStatus) -> None:
    def is_stopped(now: _ServiceStatus) -> bool:
        return now.state == _STOPPED or (now.state == _RUNNING and now.process != before.process)

    last = _call_and_watch(session, timer, name, "StopService", is_stopped)
    if not is_stopped(last):
        raise StepIncompleteError(
            f"the service does not stop (state: {last.state}). The new settings take effect after its next start.",
            (f"Run 'Restart-Service {name}' on the machine.",),
        )


def _start(session: CimSession, timer: RetryTimer, name: str) -> None:
    last = _call_and_watch(session, timer, name, "StartService", lambda now: now.state == _RUNNING)
    if last.state != _RUNNING:
        raise StepIncompleteError(
            f"the service was stopped, and does not start again (state: {last.state}). Until it runs, nothing on the"
            " machine can be activated, and a KMS host activates no clients.",
            (f"Run 'sc.exe start {name}' on the machine. If this fails, look for event 903 or 16385 in the Application log.",),
        )


def _call_and_watch(
    session: CimSession, timer: RetryTimer, name: str, method: str, is_reached: Callable[[_ServiceStatus], bool]
) -> _ServiceStatus:
    """Call a method, watch the service, and return its last status. A request whose response was lost is sent once more."""
    has_response = _send(session, name, method)
    last = _watch(session, timer, name, is_reached)
    if has_response or is_reached(last):
        return last
    _send(session, name, method)
    return _watch(session, timer, name, is_reached)


def _send(session: CimSession, name: str, method: str) -> bool:
    """Call a method; return False if the response was lost. A wrong state is not an error yet, because the status is read afterwards."""
    try:
        session.invoke(_path(name), method, {})
    except CimUnknownOutcomeError:
        return False
    except CimError as error:
        if error.code not in _WRONG_STATE:
            raise
    return True


def _watch(session: CimSession, timer: RetryTimer, name: str, is_reached: Callable[[_ServiceStatus], bool]) -> _ServiceStatus:
    """Read the status until it is reached, or the timeout is over; return the last status."""
    deadline, pause = timer.clock() + _TIMEOUT_SECONDS, _FIRST_PAUSE
    now = _read_status(session, name)
    while not is_reached(now) and timer.clock() < deadline:
        timer.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
        now = _read_status(session, name)
    return now


def _read_status(session: CimSession, name: str) -> _ServiceStatus:
    found = session.query(f"SELECT Name,State,ProcessId FROM Win32_Service WHERE Name={wql.literal(name)}")
    if not found:
        raise StepIncompleteError(f"the machine does not have the service {name}.")
    return _ServiceStatus(found[0].text("State") or "unknown", found[0].integer("ProcessId", 0, 0xFFFFFFFF) or 0)
