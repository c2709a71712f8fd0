# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that count every byte, and the exchange over one of them without the pools of urllib3.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A session has one machine and one connection. The pools of urllib3 would take more processor time than the exchange itself: each worker
process runs their code for the first time, so that the system copies the memory pages of this code. Connections with TLS or through a
proxy use the pools, which configure them.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from http import client
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .limits import NEXT_WITHOUT_ROOM, NO_ROOM, Room
from .transport import ResponseLostError

if TYPE_CHECKING:
    from requests import PreparedRequest
    from urllib3.connection import HTTPConnection, HTTPSConnection
else:
    HTTPConnection = HTTPSConnection = object  # the transports report what is missing
    with suppress(ImportError):
        from urllib3.connection import HTTPConnection, HTTPSConnection

with suppress(ImportError):
    from requests import exceptions as failures
    from requests.utils import select_proxy
    from urllib3 import HTTPResponse
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProtocolError
    from urllib3.util.connection import is_connection_dropped

MAX_BYTES = 1024 * 1024
"""Maximum number of bytes in response to one message, including logon, headers, and rejected attempts. The request allows 150 kB."""
_PIECE = 16 * 1024  # bytes of a request that are sent at once, within the remaining time
_CAUSE = "The machine, or a proxy on the way, sent a response that WinRM does not send to this message."


class RejectedResponseError(Exception):
    """A response that is not used. The text is human-readable and does not contain data of the machine."""

    again = False
    steps: tuple[str, ...] = (
        "Check which machine responds at this address, and which proxies are between the controller and this machine.",
    )

    def lost(self, *, sent: bool) -> ResponseLostError:
        """Return the error for the message; `sent` is False if the failure occurred during the logon."""
        return ResponseLostError(str(self), again=self.again, sent=sent, steps=self.steps, cause=_CAUSE)


class _NoRoomError(RejectedResponseError):
    steps = (NEXT_WITHOUT_ROOM,)


class ReadBudget:
    """The remaining time and bytes of one message."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._end = 0.0
        self._bytes = 0
        self.room: Room | None = None
        """The memory that the machine shares with others, None if it shares none."""
        self.retry_after = ""
        """Header Retry-After of the last response, or empty."""

    def begin(self, seconds: float) -> None:
        """Reset the limits for the next message."""
        self._end = self._clock() + seconds
        self._bytes = 0

    def left(self) -> float:
        """Return the remaining seconds; 0 or negative after the deadline."""
        return self._end - self._clock()

    def wait(self) -> float:
        """Return the remaining seconds as the timeout of a socket, which must not be 0."""
        return max(self.left(), 0.001)

    def took(self, count: int) -> None:
        """Count bytes that were read. Raises RejectedResponseError if the limit is exceeded."""
        self._bytes += count
        if self._bytes > MAX_BYTES:
            raise RejectedResponseError(f"the machine sent more than {MAX_BYTES // 1024} KiB in response to one message")
        if self.room is not None and not self.room.allows(self._bytes, self.left()):
            raise _NoRoomError(NO_ROOM)


class _Guarded:
    """A connection of urllib3 that sets the timeout of its socket from the budget before each operation."""

    def __init__(self, *arguments: Any, budget: ReadBudget, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._budget = budget
        self.response_class = partial(_Response, budget=budget)
        self.socket_options = _OptionsWithinBudget(getattr(self, "socket_options", None) or (), budget)

    def _new_conn(self) -> socket.socket:
        opened: socket.socket = super()._new_conn()  # type: ignore[misc]  # of the connection this is mixed into
        opened.settimeout(self._budget.wait())  # for the TLS handshake
        return opened

    def send(self, data: Any) -> None:
        pieces = [data[start : start + _PIECE] for start in range(0, len(data), _PIECE)] if isinstance(data, bytes) else [data]
        for piece in pieces:
            opened = getattr(self, "sock", None)
            if opened is not None:
                opened.settimeout(self._budget.wait())
            super().send(piece)  # type: ignore[misc]


class Connection(_Guarded, HTTPConnection):  # type: ignore[misc]  # http.client only ever calls its response_class
    """An unencrypted connection. `ask` and `answer` are the exchange without urllib3, for :class:`DirectExchange`."""

    _held: bytearray | None = None

    def ask(self, request: PreparedRequest, path: str) -> None:
        """Send a request at once: http.client would send the headers and the body apart, which the machine would also read apart."""
        self._held = bytearray()
        try:
            client.HTTPConnection.request(self, str(request.method), path, request.body, request.headers)
            message = bytes(self._held)
        finally:
            self._held = None
        self.send(message)

    def send(self, data: Any) -> None:
        if self._held is None:
            super().send(data)
        else:
            self._held += data

    def answer(self) -> client.HTTPResponse:
        return client.HTTPConnection.getresponse(self)


class TlsConnection(_Guarded, HTTPSConnection):  # type: ignore[misc]
    pass


class _OptionsWithinBudget:
    """Options for new sockets, which stop after the deadline.

    urllib3 reads them for each address of a name, and a name can have many addresses that do not respond.
    """

    def __init__(self, options: Iterable[Any], budget: ReadBudget) -> None:
        self._options = tuple(options)
        self._budget = budget

    def __iter__(self) -> Iterator[Any]:
        if self._budget.left() <= 0:
            raise TimeoutError("timed out")
        return iter(self._options)


class _Response(client.HTTPResponse):
    """A response whose status line, headers, chunks, and body are all read through :class:`_Counted`."""

    def __init__(self, opened: Any, *arguments: Any, budget: ReadBudget, **options: Any) -> None:
        super().__init__(opened, *arguments, **options)
        self.fp = io.BufferedReader(_Counted(self.fp.detach(), opened, budget))


class _Counted(io.RawIOBase):
    """Bytes from a socket, within the budget."""

    def __init__(self, stream: Any, opened: Any, budget: ReadBudget) -> None:
        super().__init__()
        self._stream = stream
        self._sock = opened  # the libraries read the certificate for channel binding from the attribute of this name
        self._budget = budget

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._sock.fileno())

    def readinto(self, buffer: Any) -> int | None:
        left = self._budget.left()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        count: int | None = self._stream.readinto(buffer)
        self._budget.took(count or 0)
        return count

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


def is_direct(url: str, proxies: Any) -> bool:
    """Return whether the connection to a URL has neither TLS nor a proxy. IPv6 addresses are left to the pools, which read their zones."""
    return url.startswith("http://") and "[" not in url and not (proxies and select_proxy(url, proxies))


class DirectExchange:
    """Exchanges messages over a connection that it keeps; `connect` makes a connection for a host and a port.

    Raises the same exceptions of requests as its adapter.
    """

    def __init__(self, connect: Callable[[str, int | None], Any]) -> None:
        self._connect = connect
        self._kept: Any = None

    def send(self, request: PreparedRequest, path: str, seconds: float) -> HTTPResponse:
        """Send a request, and return the response before its body is read. `seconds` is the time limit for a new connection."""
        connection = self._connection(str(request.url))
        connection.timeout = seconds
        try:
            return self._exchange(connection, request, path)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Close the connection; safe to call twice."""
        if self._kept is not None:
            self._kept.close()

    def _connection(self, url: str) -> Any:
        parts = urlsplit(url)
        kept = self._kept
        if kept is None or (kept.host, kept.port) != (parts.hostname, parts.port or kept.default_port):
            self.close()
            kept = self._kept = self._connect(str(parts.hostname), parts.port)
        elif kept.sock is not None and is_connection_dropped(kept):
            kept.close()
        return kept

    def _exchange(self, connection: Any, request: PreparedRequest, path: str) -> HTTPResponse:
        is_sent = False
        try:
            # The machine can respond before it has read the message, and close the connection.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.ask(request, path)
            is_sent = True
            received = connection.answer()
        except NewConnectionError as error:
            raise failures.ConnectionError(error, request=request) from error
        except ConnectTimeoutError as error:
            raise failures.ConnectTimeout(error, request=request) from error
        except TimeoutError as error:
            kind = failures.ReadTimeout if is_sent else failures.ConnectionError
            raise kind(ProtocolError("Connection aborted.", error), request=request) from error
        except (OSError, client.HTTPException) as error:
            raise failures.ConnectionError(ProtocolError("Connection aborted.", error), request=request) from error
        return HTTPResponse(
            body=received,
            headers=received.headers.items(),
            status=received.status,
            version=received.version,
            reason=received.reason,
            preload_content=False,
            decode_content=False,
            original_response=received,
            request_method=request.method,
            enforce_content_length=True,
        )


__all__ = ["MAX_BYTES", "Connection", "DirectExchange", "ReadBudget", "RejectedResponseError", "TlsConnection", "is_direct"]
