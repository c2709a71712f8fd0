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


def test_a_request_right_after_the_one_that_restarted_it_gets_no_answer(machine: Any, soap: Any) -> None:
    assert restart(machine, soap) == 200
    assert machine.running.endpoint(machine).away
