# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarting a service that takes its time, starts by itself, or says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import (
    CimError,
    CimInstance,
    CimPath,
    CimResult,
    CimUnknownOutcomeError,
    CimValue,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting import service as sppsvc
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.timer import RetryTimer
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import StepIncompleteError


@dataclass
class Service:
    """A machine with one service. `pending` is how many looks a change takes, `codes` what a method answers instead of working."""

    state: str = "Running"
    process: int = 4711
    pending: int = 0
    starts_by_itself: bool = False
    codes: dict[str, int] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    now: float = 0.0
    _left: int = 0
    _next: str = ""

    def query(self, wql: str, namespace: str = "root/cimv2") -> list[CimInstance]:
        assert (namespace, "sppsvc" in wql) == ("root/cimv2", True)
        if self._next and self._left == 0:
            self._arrive()
        self._left = max(self._left - 1, 0)
        return [CimInstance("Win32_Service", {"Name": "sppsvc", "State": self.state, "ProcessId": str(self.process)})]

    def _arrive(self) -> None:
        self.state, self._next = self._next, ""
        self.process = 0 if self.state == "Stopped" else self.process + 1
        if self.state == "Stopped" and self.starts_by_itself:
            self.state, self.process = "Running", 5000

    def invoke(self, target: CimPath, method: str, arguments: Mapping[str, CimValue], *, read_only: bool = False) -> CimResult:
        del arguments
        assert not read_only
        self.calls.append(method)
        if method in self.lost:
            self.lost.discard(method)
            raise CimUnknownOutcomeError(method, "dropped")
        if method in self.codes:
            raise CimError(self.codes[method], "", method)
        if target.class_name == "Win32_Service":
            self._next, self._left = ("Stopped" if method == "StopService" else "Running"), self.pending
            self.state = f"{'Stop' if method == 'StopService' else 'Start'} Pending"
        return CimResult(CimInstance(target.class_name, {}))

    def put(self, target: CimPath, properties: Mapping[str, CimValue]) -> None:
        raise AssertionError(f"nothing is put: {target} {properties}")

    def close(self) -> None:
        """Nothing is open."""

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def restart(self) -> list[str]:
        step = sppsvc.restart("because of a test")
        assert step.run is not None
        step.run(self, RetryTimer(lambda: self.now, self.sleep))
        return self.calls


@pytest.mark.parametrize("pending", [0, 1, 7])
def test_a_service_is_stopped_and_started_however_long_it_takes(pending: int) -> None:
    service = Service(pending=pending)
    assert service.restart() == ["StopService", "StartService", "DeleteValue"]
    assert service.state == "Running"


def test_a_service_that_does_not_run_is_only_started() -> None:
    assert Service(state="Stopped", process=0).restart() == ["StartService", "DeleteValue"]


def test_a_service_that_comes_back_by_itself_is_not_started_again() -> None:
    assert Service(starts_by_itself=True).restart() == ["StopService", "DeleteValue"]


@pytest.mark.parametrize("method", ["StopService", "StartService"])
def test_a_request_that_was_lost_is_sent_once_more(method: str) -> None:
    service = Service(lost={method})
    assert service.restart().count(method) == 2
    assert service.state == "Running"


def test_a_service_that_hangs_is_given_a_minute_and_then_named_with_what_to_do() -> None:
    service = Service(pending=10_000)
    with pytest.raises(StepIncompleteError, match=r"does not stop \(state: Stop Pending\).*Restart-Service sppsvc"):
        service.restart()
    assert 60 <= service.now <= 70
    assert "DeleteValue" not in service.calls


def test_missing_rights_are_no_matter_of_patience() -> None:
    service = Service(codes={"StopService": 2})
    with pytest.raises(CimError):
        service.restart()
    assert service.now == 0


def test_a_state_that_takes_no_stop_is_watched_like_any_other() -> None:
    with pytest.raises(StepIncompleteError):
        Service(codes={"StopService": 5}).restart()


def test_a_note_that_is_gone_already_is_no_failure() -> None:
    assert Service(codes={"DeleteValue": 2}).restart()[-1] == "DeleteValue"
