# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine with a registry and one product, and runs that share it request by request, on a clock of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import (
    CimError,
    CimInstance,
    CimPath,
    CimResult,
    CimUnknownOutcomeError,
    CimValue,
    UnreachableError,
)

START = datetime(2026, 11, 20, 9, 30, tzinfo=timezone.utc)
REQUEST_SECONDS = 0.05
WAITS_FOR_EVER = 10.0


class Killed(BaseException):
    """As kill -9 does it: nothing of the run happens after this."""


@dataclass
class Machine:
    """What all runs see. An activation that began comes to its end whoever still waits for the answer."""

    activate_seconds: float = 1.0
    clock_skew: timedelta = timedelta()
    refuses: frozenset[str] = frozenset()
    values: dict[str, str] = field(default_factory=dict)
    now: float = 0.0
    spent: int = 0
    ends: list[float] = field(default_factory=list)

    @property
    def time(self) -> datetime:
        return START + self.clock_skew + timedelta(seconds=self.now)

    @property
    def is_licensed(self) -> bool:
        return any(end <= self.now for end in self.ends)

    def call(self, method: str, arguments: Mapping[str, CimValue]) -> Mapping[str, object]:
        if method in self.refuses:
            raise CimError(5, "Access is denied.", method)
        name = str(arguments.get("sValueName", ""))
        if method == "SetStringValue":
            self.values[name] = str(arguments["sValue"])
        elif method == "DeleteValue" and self.values.pop(name, None) is None:
            raise CimError(2, "not found", method)
        elif method == "EnumValues":
            return {"sNames": tuple(self.values), "Types": tuple("1" for _value in self.values)}
        elif method == "Activate":
            self.spent += 1
            self.ends.append(self.now + self.activate_seconds)
        return {}


class PlanRun:
    """One run in a thread of its own, which goes on only when it is let. Also the session and the time that the code under test uses."""

    def __init__(self, machine: Machine, work: Callable[[PlanRun], object], dies_at: int | None = None) -> None:
        self.machine = machine
        self.result: object = None
        self.error: BaseException | None = None
        self.warnings: list[str] = []
        self.shown: list[str] = []
        self.requests: list[str] = []
        self.lost: set[str] = set()
        self.unreachable_at: str | None = None
        self.wakes_at = 0.0
        self.is_over = False
        self._dies_at = dies_at
        self._steps = 0
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._work, args=(work,), daemon=True)
        self._thread.start()

    def _work(self, work: Callable[[PlanRun], object]) -> None:
        self._go.acquire()
        try:
            self.result = work(self)
        except BaseException as error:  # noqa: BLE001 - the tests look at it
            self.error = error
        self.is_over = True
        self._stopped.release()

    def go_on(self) -> None:
        """Let it come to its next request or pause."""
        self._go.release()
        assert self._stopped.acquire(timeout=WAITS_FOR_EVER), "the run hangs"

    def _pause(self, seconds: float) -> None:
        self._steps += 1
        self.wakes_at = self.machine.now + seconds
        self._stopped.release()
        assert self._go.acquire(timeout=WAITS_FOR_EVER * 10)
        if self._steps == self._dies_at:
            raise Killed

    def clock(self) -> float:
        return self.machine.now

    def sleep(self, seconds: float) -> None:
        self._pause(seconds)

    def query(self, wql: str, namespace: str = "root/cimv2") -> list[CimInstance]:
        raise AssertionError((wql, namespace))

    def put(self, target: CimPath, properties: Mapping[str, CimValue]) -> None:
        raise AssertionError((target, properties))

    def close(self) -> None:
        """Nothing is open."""

    def invoke(self, target: CimPath, method: str, arguments: Mapping[str, CimValue], *, read_only: bool = False) -> CimResult:
        del read_only
        self._pause(REQUEST_SECONDS)
        self.requests.append(method)
        if method == self.unreachable_at:
            raise UnreachableError("no answer")
        outputs = self.machine.call(method, arguments)
        if method in self.lost:
            self.lost.discard(method)
            raise CimUnknownOutcomeError(method, "dropped")
        self._pause(self.machine.activate_seconds if method == "Activate" else REQUEST_SECONDS)
        return CimResult(CimInstance(target.class_name, outputs))

    def see_whether_licensed(self) -> bool:
        """One reading of the product."""
        self._pause(REQUEST_SECONDS)
        return self.machine.is_licensed


def run_all(machine: Machine, runs: Sequence[PlanRun], schedule: Iterator[int]) -> None:
    """Let the runs go on, one request at a time and in the order of the schedule, until all are over."""
    while waiting := [run for run in runs if not run.is_over]:
        ready = [run for run in waiting if run.wakes_at <= machine.now]
        if not ready:
            machine.now = min(run.wakes_at for run in waiting)
            continue
        ready[next(schedule) % len(ready)].go_on()
