# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory that the sessions of many machines share, so that machines with large responses are read a few at a time.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A machine of the usual size never waits: its responses take about 50 KiB, and no message has more than 10 KiB. A machine that needs more
than `SMALL` waits until it has one of a few large rooms, and then never waits again, so that no two machines can wait for each other.
"""

from __future__ import annotations

import threading

SMALL = 256 * 1024
"""Bytes that each machine can use without waiting: the largest message that WinRM sends (150 kB), or five times the usual responses."""

LARGE_ROOMS = 4
"""Number of machines that can use more at the same time. Each is limited by its own maximum, 12 MiB in a fleet."""


NO_ROOM = "the response is large, and other machines with large responses used the memory of the task until the time limit"
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


__all__ = ["LARGE_ROOMS", "NEXT_WITHOUT_ROOM", "NO_ROOM", "SMALL", "Room", "SharedMemory"]
