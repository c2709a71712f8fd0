# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine, or somebody on the way to it, may do to one message: a deadline, a number of bytes, and which answers count.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

pywinrm and pypsrp read a whole answer before anybody can look at it, follow redirects while they log on, unfold compressed
bodies, and take an answer in clear for the answer to an encrypted request. All of their traffic, that of their logon
included, goes through an adapter of requests. :func:`settle` puts ours in the place of theirs; every byte it reads is
counted where it leaves the socket (ADR 24).
"""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

from .transport import ResponseLostError

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
else:
    HTTPAdapter = HTTPConnection = HTTPSConnection = object  # the carriers say what is missing
    with suppress(ImportError):
        from requests.adapters import HTTPAdapter
        from urllib3.connection import HTTPConnection, HTTPSConnection
        from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

MAX_BYTES = 1024 * 1024
"""Bytes a machine may send in answer to one message, logon, headers and refused attempts included. We ask for 150 kB."""

_PIECE = 16 * 1024  # of a request; each piece gets what is left of the deadline
_ENCRYPTED = ("multipart/encrypted;", "multipart/x-multi-encrypted;")
_SPNEGO = 'protocol="application/HTTP-SPNEGO-session-encrypted"'
_KERBEROS = 'protocol="application/HTTP-Kerberos-session-encrypted"'
_BOUNDARY = 'boundary="Encrypted Boundary"'


_CAUSE = "Something on the way, or the machine itself, sent what is no answer of WinRM to this message."


class RejectedResponseError(Exception):
    """An answer that is not used. The text is for people and holds nothing the machine sent."""

    again = False
    steps: tuple[str, ...] = ("Check which machine answers at this address, and what is on the way to it.",)

    def lost(self, *, sent: bool) -> ResponseLostError:
        """What became of the message; `sent` is False when only the logon was under way."""
        return ResponseLostError(str(self), again=self.again, sent=sent, steps=self.steps, cause=_CAUSE)


class ClearTextResponseError(RejectedResponseError):
    """The request was encrypted and the answer is not. Anybody on the way may have written it, whatever its status says."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__("the answer came in clear although the session is encrypted, so it may not be the machine's; it was not used")
        self.status = status
        self.empty = not body.strip()
        self.claims_an_answer = status < 400 or b"Envelope" in body


class ReadBudget:
    """What is left of the time and the bytes of one message."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._end = 0.0
        self._bytes = 0
        self.retry_after = ""
        """What the last answer said of trying again."""

    def begin(self, seconds: float) -> None:
        """Start over for the next message."""
        self._end = self._clock() + seconds
        self._bytes = 0

    def left(self) -> float:
        """Seconds; none or fewer when the deadline has passed."""
        return self._end - self._clock()

    def wait(self) -> float:
        """Seconds for the timeout of a socket, which takes no zero."""
        return max(self.left(), 0.001)

    def took(self, count: int) -> None:
        """Count bytes that were read. Raises Rejected when there are too many."""
        self._bytes += count
        if self._bytes > MAX_BYTES:
            raise RejectedResponseError(f"the machine sent more than {MAX_BYTES // 1024} KiB in answer to one message")


def settle(session: Session, budget: ReadBudget) -> None:
    """Guard a new session of requests before anything is sent through it; doing so twice changes nothing.

    The libraries have already taken proxies and CA bundles from the environment; requests would look at it again three
    times a message.
    """
    session.trust_env = False
    session.max_redirects = 0
    session.headers["Accept-Encoding"] = "identity"
    for scheme in ("http://", "https://"):
        adapter = session.get_adapter(scheme)
        if not isinstance(adapter, Guard):
            session.mount(scheme, Guard(adapter, budget))


class Guard(HTTPAdapter):
    """Sends requests as the adapter it replaces would, within the budget, and rejects answers that must not be used."""

    def __init__(self, replaced: Any, budget: ReadBudget) -> None:
        self._budget = budget
        pool_options = replaced.poolmanager.connection_pool_kw
        self._kept = {name: pool_options[name] for name in ("key_password",) if name in pool_options}
        self._pool_classes = {
            "http": partial(self._pool, HTTPConnectionPool, Connection),
            "https": partial(self._pool, HTTPSConnectionPool, _TlsConnection),
        }
        super().__init__(max_retries=replaced.max_retries)

    def connect_by(self, connection_class: type[Connection]) -> None:
        """Open connections in clear as this class does, from the next one on."""
        self._pool_classes["http"] = partial(self._pool, HTTPConnectionPool, connection_class)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        """Make pools of guarded connections."""
        super().init_poolmanager(connections, maxsize, block, **options, **self._kept)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        """Guard connections through a proxy too, the answer to CONNECT included."""
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = self._pool_classes
        return manager

    def _pool(self, pool_class: Any, connection_class: Any, *arguments: Any, **options: Any) -> Any:
        pool = pool_class(*arguments, **options)
        pool.ConnectionCls = partial(connection_class, budget=self._budget)
        return pool

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> Response:
        """One exchange; logon handlers call this again for each of theirs. Raises Rejected, and what requests raises."""
        connect = timeout[0] if isinstance(timeout, tuple) else timeout
        left = self._budget.wait()
        response = super().send(request, stream, (min(connect or left, left), left), verify, cert, proxies)
        self._budget.retry_after = response.headers.get("Retry-After", "")
        try:
            _judge(request, response)
        except RejectedResponseError:
            response.close()
            raise
        response.encoding = "utf-8"  # pypsrp asks for text; guessing the charset of hostile bytes takes seconds
        return response


def _judge(request: PreparedRequest, response: Response) -> None:
    """Raise Rejected unless the answer may be read on."""
    status = response.status_code
    if 300 <= status < 400:
        raise RejectedResponseError("the machine answered with a redirect, which is not followed")
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise RejectedResponseError("the answer is compressed, which was not asked for")
    asked = str(request.headers.get("Content-Type", ""))
    if asked.startswith(_ENCRYPTED):
        if not _answers(asked, response.headers.get("Content-Type", "")):
            raise ClearTextResponseError(status, response.content)
    elif not request.body and "Authorization" not in request.headers and status < 300:
        raise RejectedResponseError("the machine accepted the request without authentication, so that messages to it cannot be encrypted")


def _answers(asked: str, answered: str) -> bool:
    """Whether a Content-Type makes both libraries decrypt: it has to be to the letter what Windows sends.

    pywinrm looks for the protocol it asked by and takes anything else as it is; pypsrp looks at the beginning, and builds
    a regular expression from the boundary.
    """
    kind, *parameters = (part.strip() for part in answered.split(";"))
    protocols = {part.strip() for part in asked.split(";") if part.strip().startswith("protocol=")}
    if _KERBEROS in protocols:  # asked by pypsrp only, which decrypts either
        protocols.add(_SPNEGO)
    return f"{kind};" in _ENCRYPTED and len(parameters) == 2 and parameters[0] in protocols and parameters[1] == _BOUNDARY


class _Guarded:
    """A connection of urllib3 that takes its timeouts from the budget, whatever was left on the socket before."""

    def __init__(self, *arguments: Any, budget: ReadBudget, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._budget = budget
        self.response_class = partial(_Answer, budget=budget)
        self.socket_options = _OptionsWithinBudget(getattr(self, "socket_options", None) or (), budget)

    def _new_conn(self) -> socket.socket:
        opened: socket.socket = super()._new_conn()  # type: ignore[misc]  # of the connection this is mixed into
        opened.settimeout(self._budget.wait())  # the TLS handshake comes next
        return opened

    def send(self, data: Any) -> None:
        pieces = [data[start : start + _PIECE] for start in range(0, len(data), _PIECE)] if isinstance(data, bytes) else [data]
        for piece in pieces:
            opened = getattr(self, "sock", None)
            if opened is not None:
                opened.settimeout(self._budget.wait())
            super().send(piece)  # type: ignore[misc]


class Connection(_Guarded, HTTPConnection):  # type: ignore[misc]  # http.client only ever calls its response_class
    """A connection in clear."""


class _TlsConnection(_Guarded, HTTPSConnection):  # type: ignore[misc]
    pass


class _OptionsWithinBudget:
    """Options for new sockets. urllib3 takes them for each address of a name, and a name may have any number of silent ones."""

    def __init__(self, options: Iterable[Any], budget: ReadBudget) -> None:
        self._options = tuple(options)
        self._budget = budget

    def __iter__(self) -> Iterator[Any]:
        if self._budget.left() <= 0:
            raise TimeoutError("timed out")
        return iter(self._options)


class _Answer(HTTPResponse):
    """An answer whose status line, headers, chunks and body all come through :class:`_Counted`."""

    def __init__(self, opened: Any, *arguments: Any, budget: ReadBudget, **options: Any) -> None:
        super().__init__(opened, *arguments, **options)
        self.fp = io.BufferedReader(_Counted(self.fp.detach(), opened, budget))


class _Counted(io.RawIOBase):
    """Bytes from a socket, within the budget."""

    def __init__(self, stream: Any, opened: Any, budget: ReadBudget) -> None:
        super().__init__()
        self._stream = stream
        self._sock = opened  # under this name the libraries look for the certificate to bind the logon to
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


__all__ = ["MAX_BYTES", "ClearTextResponseError", "Connection", "Guard", "ReadBudget", "RejectedResponseError", "settle"]
