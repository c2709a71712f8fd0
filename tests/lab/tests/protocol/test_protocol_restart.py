# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that restarts over the network answers the request, is away for a while, and comes back."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from winlab.protocol.transport_faults import Dropped

ENOUGH = 10.0


def listens(machine: Any) -> bool:
    try:
        socket.create_connection((machine.address, machine.listen.http_port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + ENOUGH
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def machine(tiny: Callable[..., Any], wire: Callable[..., Any]) -> Any:
    found = tiny()
    found.running = wire(found)
    return found


def restart(machine: Any, soap: Any) -> int:
    """What the machine answers to the request that restarts it."""
    machine.restarts_asked += 1
    return int(machine.running.ask(machine, soap.invoke("SetKey"))[0])


def test_it_answers_goes_away_and_comes_back_by_itself(machine: Any, soap: Any) -> None:
    assert restart(machine, soap) == 200
    wait_until(lambda: not listens(machine))
    wait_until(lambda: listens(machine))
    assert machine.running.ask(machine, soap.invoke("SetKey"))[0] == 200


def test_one_that_hangs_stays_away_until_the_faults_are_cleared(machine: Any, soap: Any) -> None:
    machine.stays_down = True
    assert restart(machine, soap) == 200
    wait_until(lambda: not listens(machine))
    wait_until(lambda: not machine.running.service.is_restarting(machine.name))
    machine.running.call(machine.running.service.sync())
    assert not listens(machine)
    machine.stays_down = False
    machine.running.call(machine.running.service.clear_faults())
    assert listens(machine)


@pytest.mark.parametrize("executed", [False, True])
def test_a_restart_in_the_middle_of_a_write_answers_nothing_and_it_took_effect_or_not(machine: Any, soap: Any, executed: bool) -> None:
    machine.running.service.set_fault(machine.name, "restart", method="SetKey", times=1, executed=executed)
    with pytest.raises(Dropped):
        machine.running.ask(machine, soap.invoke("SetKey"))
    assert (len(machine.invoked), machine.restarts_asked) == (int(executed), 1)
    wait_until(lambda: not listens(machine))
    wait_until(lambda: listens(machine))
    assert machine.running.ask(machine, soap.invoke("SetKey"))[0] == 200


def test_a_restart_between_two_pages_loses_the_enumeration(machine: Any, soap: Any) -> None:
    _, text = machine.running.ask(machine, soap.query("SELECT * FROM Lab_Sample"))
    context = text.partition("<n:EnumerationContext>")[2].partition("<")[0]
    machine.running.service.set_fault(machine.name, "restart", action="Pull", times=1)
    with pytest.raises(Dropped):
        machine.running.ask(machine, soap.pull(context))
    wait_until(lambda: not listens(machine))
    wait_until(lambda: listens(machine))
    status, text = machine.running.ask(machine, soap.pull(context))
    assert (status, "n:InvalidEnumerationContext" in text) == (500, True)


def test_a_request_right_after_the_one_that_restarted_it_gets_no_answer(machine: Any, soap: Any) -> None:
    assert restart(machine, soap) == 200
    assert machine.running.endpoint(machine).away
