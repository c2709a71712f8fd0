# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TLS connection inside another TLS connection: to the service, through a proxy whose own connection is encrypted.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The ssl module of Python cannot wrap an encrypted socket a second time. The inner connection is therefore one without a socket, whose bytes
go over the outer one.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from typing import TypeVar

_CHUNK = 64 * 1024

_T = TypeVar("_T")


class NestedTls:
    """The inner connection, with what its users need of a socket. The timeout is for a whole call, however many bytes it takes."""

    def __init__(self, outer: ssl.SSLSocket, context: ssl.SSLContext, host: str) -> None:
        self._outer = outer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._seconds = 0.0

    def settimeout(self, seconds: float) -> None:
        """Set the time in seconds for each call."""
        self._seconds = seconds

    def handshake(self) -> None:
        """Verify the certificate of the other end. Raises OSError."""
        self._run(self._tls.do_handshake)

    def recv_into(self, buffer: memoryview) -> int:
        """Read what has arrived, and return the number of bytes; 0 at the end, as a socket does. Raises OSError."""
        try:
            return self._run(lambda: self._read_into(buffer))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return 0

    def _read_into(self, buffer: memoryview) -> int:
        found = self._tls.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def sendall(self, message: bytes) -> None:
        """Send a message. Raises OSError."""
        rest = memoryview(message)
        while rest:
            rest = rest[self._run(lambda part=rest: self._tls.write(part)) :]  # type: ignore[misc]

    def close(self) -> None:
        """End both connections."""
        self._outer.close()

    def _run(self, work: Callable[[], _T]) -> _T:
        """Repeat `work` until it does not need more bytes of the other end."""
        end = time.monotonic() + self._seconds
        while True:
            result = self._once(work, end)
            if result is not None:
                return result[0]

    def _once(self, work: Callable[[], _T], end: float) -> tuple[_T] | None:
        """Return the result of `work` in a tuple, or None after more bytes have arrived."""
        try:
            result = work()
        except ssl.SSLWantReadError:
            self._flush(end)
            self._fill(end)
            return None
        except ssl.SSLError:
            self._flush(end)  # the alert that tells the other end why
            raise
        self._flush(end)
        return (result,)

    def _flush(self, end: float) -> None:
        waiting = self._outgoing.read()
        if waiting:
            self._arm(end)
            self._outer.sendall(waiting)

    def _fill(self, end: float) -> None:
        self._arm(end)
        found = self._outer.recv(_CHUNK)
        if found:
            self._incoming.write(found)
        else:
            self._incoming.write_eof()

    def _arm(self, end: float) -> None:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._outer.settimeout(left)
