# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read from a socket within a deadline and a limit in bytes.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import io
from typing import Any, Protocol

from .._deadline import Deadline


class StreamError(Exception):
    """More bytes arrived than permitted."""


class Source(Protocol):
    """What the stream needs of a socket."""

    def settimeout(self, seconds: float, /) -> None:
        """Set the time in seconds for each call."""

    def recv_into(self, buffer: memoryview, /) -> int:
        """Read what has arrived, and return the number of bytes."""

    def sendall(self, message: bytes, /) -> None:
        """Send a message."""


class BoundedSocket(io.RawIOBase):
    """What http.client reads from. One deadline is for the whole message, because a peer can send one byte at a time.

    With `step` 1, no byte is read that http.client did not ask for, so that the connection can be used for something else afterwards.
    """

    def __init__(self, source: Source, deadline: Deadline, most: int, *, step: int | None = None) -> None:
        super().__init__()
        self._source = source
        self._deadline = deadline
        self._most = most
        self._step = step

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """Return the reader of the message."""
        return io.BufferedReader(self, self._step or io.DEFAULT_BUFFER_SIZE)

    def readable(self) -> bool:
        """Return True: the stream is for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what has arrived. Raises StreamError and OSError."""
        self._arm()
        count = self._source.recv_into(memoryview(buffer)[: self._step])
        self._most -= count
        if self._most < 0:
            raise StreamError("the message is too large")
        return count

    def send(self, message: bytes) -> None:
        """Send a message. Raises OSError."""
        self._arm()
        self._source.sendall(message)

    def _arm(self) -> None:
        left = self._deadline.left()
        if not left:
            raise TimeoutError
        self._source.settimeout(left)
