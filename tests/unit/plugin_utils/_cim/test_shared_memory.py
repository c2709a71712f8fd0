# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many machines that send as much as they can at the same time keep a few large responses together, whatever their number."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.limits import (
    LARGE_ROOMS,
    SMALL,
    MachineLimits,
    Room,
    SharedMemory,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError

from .answers import envelope, first_page, instance, message_id, next_page

MACHINES = 40
MOST = 2 * 1024 * 1024
PAGE = 100 * 1024
WQL = "SELECT * FROM C"


class Held:
    """The bytes that all machines together hold, and the most there were at any time."""

    def __init__(self) -> None:
        self.now = self.peak = 0
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        with self._lock:
            self.now += count
            self.peak = max(self.peak, self.now)


class Flood:
    """A machine that answers a query with pages without end, or with one small page."""

    endpoint = "http://machine.example:5985/wsman"
    encrypted = True

    def __init__(self, held: Held, *, endless: bool = True) -> None:
        self.held = held
        self.endless = endless
        self.sent = 0

    def share(self, room: Room) -> None:
        del room

    def send(self, message: bytes, timeout: float) -> bytes:
        del timeout
        time.sleep(0.002)  # lets the other machines send too
        size = PAGE if self.endless else 100
        page = (next_page if self.sent else first_page)([instance("C", {"Text": "x" * size})], "uuid:1", ended=not self.endless)
        self.sent += size
        self.held.add(size)
        return envelope(page, message_id(message))

    def reset(self) -> None:
        self.held.add(-self.sent)
        self.sent = 0


def read(flood: Flood, memory: SharedMemory, seconds: float = 60.0) -> str:
    session = Session(flood)
    session.limit(MachineLimits(time.monotonic() + seconds, seconds, MOST, memory.room()))
    try:
        session.query(WQL)
    except UnreachableError as error:
        return str(error)
    finally:
        session.close()
    return "read"


def test_machines_that_send_without_end_hold_a_few_large_responses_together() -> None:
    held, memory = Held(), SharedMemory()
    with ThreadPoolExecutor(MACHINES) as pool:
        found = list(pool.map(lambda _number: read(Flood(held), memory), range(MACHINES)))
    assert all("more memory than a task can use (2 MiB)" in message for message in found)
    assert held.now == 0
    assert held.peak <= MACHINES * (SMALL + PAGE) + LARGE_ROOMS * (MOST + PAGE) < MACHINES * MOST / 3


def test_a_machine_of_the_usual_size_never_waits() -> None:
    memory = SharedMemory(rooms=0)
    assert [read(Flood(Held(), endless=False), memory) for _number in range(3)] == ["read"] * 3


def test_a_machine_that_gets_no_room_before_its_time_ends_says_why_and_what_to_do() -> None:
    began = time.monotonic()
    message = read(Flood(Held()), SharedMemory(rooms=0), seconds=0.5)
    assert "other machines with large responses used the memory of the task until the time limit" in message
    assert "Read the machine in a task of its own" in message
    assert 0.4 < time.monotonic() - began < 5


@pytest.mark.parametrize("times", [1, 2])
def test_a_machine_that_leaves_makes_room_for_another_one(times: int) -> None:
    memory = SharedMemory(rooms=1)
    first, second = memory.room(), memory.room()
    assert (first.allows(SMALL + 1, 0), second.allows(SMALL + 1, 0), second.allows(SMALL, 0)) == (True, False, True)
    for _time in range(times):
        first.leave()
    assert (second.allows(SMALL + 1, 0), first.allows(SMALL + 1, 0)) == (True, False)
