# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of a session: for one message, for one query, and for everything that a machine sends.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A task that waits repeats a query, and compares at most two responses, the previous one and the current one. Therefore the sizes
of the last two responses to each query are added, for all queries.

The sessions of a task that reads many machines share memory, so that machines with large responses are read a few at a time. A machine of
the usual size never waits: its responses take about 50 KiB, and no message has more than 10 KiB. A machine that needs more than `SMALL`
waits until it has one of a few large rooms, and then never waits again, so that no two machines can wait for each other.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

MAX_WEIGHT = 48 * 1024 * 1024
"""Maximum size of the responses of a task in bytes, see :attr:`Reply.weight`: about 17,000 events, or twice the products of Windows."""

MESSAGES_A_QUERY = 10
"""The time limit of a query is the time limit of this number of messages."""


@dataclass(frozen=True)
class Timeouts:
    """Time limits of the machine for a read and a write in seconds, and the additional time to wait for the response.

    The maximum of WinRM is 60 seconds. A write uses it, because Activate against a KMS host that does not respond fails only after
    the timeout of TCP (about 21 seconds), and a shorter limit would lose the error code.
    """

    read: float = 20.0
    write: float = 60.0
    margin: float = 10.0

    @property
    def query(self) -> float:
        """Return the time limit of a query with all pages and its retry in seconds: that of ten messages, 300 by default."""
        return MESSAGES_A_QUERY * (self.read + self.margin)


SMALL = 256 * 1024
"""Bytes that each machine can use without waiting: the largest message that WinRM sends (150 kB), or five times the usual responses."""

LARGE_ROOMS = 4
"""Number of machines that can use more at the same time. Each is limited by its own maximum, 12 MiB in a fleet."""


NO_ROOM = "the response is large, and other machines with large responses used the memory of the task until the time limit"
NEXT_WHEN_ENDLESS = (
    "Request less data, such as events of a shorter time range. If the request is small already, check which service responds at this"
    " address."
)
NEXT_WHEN_SLOW = (
    "Check that the machine and the network between it and the controller are not overloaded, or allow more time for a machine."
)
NEXT_WITHOUT_ROOM = "Read the machine in a task of its own, and check which service responds at its address."


class SharedMemory:
    """The large rooms of one task."""

    def __init__(self, rooms: int = LARGE_ROOMS) -> None:
        self._free = threading.BoundedSemaphore(rooms)

    def room(self) -> Room:
        """Return the room of one machine, which is small."""
        return Room(self._free)


class Room:
    """The memory of one machine. Only the thread that reads the machine uses it."""

    def __init__(self, free: threading.Semaphore) -> None:
        self._free = free
        self._is_large = False

    def allows(self, used: int, seconds: float) -> bool:
        """Return whether the machine can use this number of bytes. Wait up to `seconds` for a large room if the small one is too small."""
        if used > SMALL and not self._is_large:
            self._is_large = self._free.acquire(timeout=max(seconds, 0.0))
            return self._is_large
        return True

    def leave(self) -> None:
        """Give the large room to another machine; safe to call twice."""
        if self._is_large:
            self._is_large = False
            self._free.release()


@dataclass(frozen=True)
class MachineLimits:
    """Limits for everything that a machine sends in a session.

    `until` is the end on the clock of the session, None for no end, and `seconds` the time between the start and this end, for messages.
    `weight` is the maximum of :attr:`Reply.weight` of the responses that are kept, in bytes, and `room` the memory that the machine shares
    with others, None if it shares none.
    """

    until: float | None = None
    seconds: float = 0.0
    weight: int = MAX_WEIGHT
    room: Room | None = None

    def shortened(self, seconds: float, now: float) -> float:
        """Return the seconds, but not more than the time that is left; 0 or negative after the end."""
        return seconds if self.until is None else min(seconds, self.until - now)

    @property
    def reason(self) -> str:
        """Return why no message is sent after the end."""
        return f"the machine did not complete all requests within {self.seconds:g} seconds"


class Weights:
    """Bytes by query. The response to a write is not kept, so it is not counted."""

    def __init__(self) -> None:
        self._former: dict[str, int] = {}
        self._now: dict[str, int] = {}
        self._query: str | None = None

    def forget(self) -> None:
        """Start a task, which does not keep responses of the previous task."""
        self._former, self._now = {}, {}

    @property
    def kept(self) -> int:
        """Return the bytes of all responses that are kept."""
        return sum(self._former.values()) + sum(self._now.values())

    def begin(self, query: str) -> None:
        """Start a query. If it was sent before, the new response replaces the one before last."""
        self._query = query
        self._former[query] = self._now.get(query, 0)
        self._now[query] = 0

    def repeat(self) -> None:
        """Send the query again; the received part of its response is dropped."""
        if self._query is not None:
            self._now[self._query] = 0

    def write(self) -> None:
        """Start a write, whose response is not counted."""
        self._query = None

    def add(self, weight: int) -> int:
        """Count a part of a response. Return the bytes of all responses that are kept, or 0 for a write."""
        if self._query is None:
            return 0
        self._now[self._query] += weight
        return self.kept


__all__ = [
    "LARGE_ROOMS",
    "MAX_WEIGHT",
    "MESSAGES_A_QUERY",
    "NEXT_WHEN_ENDLESS",
    "NEXT_WHEN_SLOW",
    "NEXT_WITHOUT_ROOM",
    "NO_ROOM",
    "SMALL",
    "MachineLimits",
    "Room",
    "SharedMemory",
    "Timeouts",
    "Weights",
]
