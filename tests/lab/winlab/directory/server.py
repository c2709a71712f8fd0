# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sockets of a directory of the lab's own: LDAP with StartTLS and with sealing, and LDAP over TLS.

It runs in threads of its own, because the machines of the lab, which are its clients, ask it from the loop of the lab and wait.
"""

from __future__ import annotations

import contextlib
import hmac
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import spnego
import spnego.exceptions

from winlab.directory import messages
from winlab.directory.accounts import Settings
from winlab.directory.messages import Malformed, Outcome, Request
from winlab.directory.session import PROTOCOL_ERROR, Book, Session
from winlab.directory.tree import Tree
from winlab.protocol.kerberos import KerberosContext, is_kerberos
from winlab.protocol.ntlm import AccountFiles, NtlmContext
from winlab.protocol.sealing import Refused, SecurityContext
from winlab.protocol.sockets import listening_socket
from winlab.protocol.tls import Authority, Owner

SUCCESS, WRONG_METHOD, STRONGER, BIND_IN_PROGRESS, INVALID_CREDENTIALS, UNWILLING = 0, 7, 8, 14, 49, 53
_MECHANISM = "GSS-SPNEGO"
_IDLE_SECONDS = 300.0
_LARGEST_FRAME = messages.LARGEST + 1024
_CHUNK = 64 << 10
_SEALING = spnego.ContextReq.integrity | spnego.ContextReq.confidentiality


class DirectoryServer:
    """Serves one directory from :meth:`start` to :meth:`stop`."""

    def __init__(self, settings: Settings, tree: Tree, folder: Path, *, kerberos: bool = False) -> None:
        self.settings, self.tree, self.book = settings, tree, Book()
        self.authority = Authority(folder / "tls")
        self.files = AccountFiles(folder / "accounts")
        self.kerberos = kerberos
        certificate, _leaf = self.authority.issue(Owner(settings.host, settings.address, with_address=False))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self._listening: list[socket.socket] = []
        self._open: set[_Connection] = set()
        self._stopping = False
        self.lock = threading.Lock()
        """One request at a time changes or reads the tree."""

    def start(self) -> None:
        """Listen; raises OSError and leaves nothing open."""
        self._stopping = False
        try:
            for port, tls in ((self.settings.port, False), (self.settings.tls_port, True)):
                sock = listening_socket(self.settings.address, port)
                sock.setblocking(True)
                self._listening.append(sock)
                threading.Thread(target=self._accept, args=(sock, tls), name=f"directory {self.settings.domain}", daemon=True).start()
        except OSError:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop listening and end every connection."""
        self._stopping = True
        for sock in self._listening:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self._listening.clear()
        for connection in list(self._open):
            connection.close()

    def _accept(self, listening: socket.socket, tls: bool) -> None:
        while not self._stopping:
            try:
                sock, _peer = listening.accept()
            except OSError:
                return
            connection = _Connection(self, sock, tls)
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), name=f"directory {self.settings.domain}", daemon=True).start()

    def _serve(self, connection: _Connection) -> None:
        try:
            with contextlib.suppress(OSError, Malformed, ssl.SSLError):
                connection.run()
        finally:
            connection.close()
            self._open.discard(connection)


class _Connection:
    """One client."""

    def __init__(self, server: DirectoryServer, sock: socket.socket, tls: bool) -> None:
        self._server, self._sock, self._tls = server, sock, tls
        self._settings = server.settings
        self._session = Session(server.settings, server.tree, server.book)
        self._handshake: SecurityContext | None = None
        self._sealed: SecurityContext | None = None

    def close(self) -> None:
        """End it at once."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def run(self) -> None:
        """Serve to the end; raises OSError and Malformed."""
        self._sock.settimeout(_IDLE_SECONDS)
        if self._tls:
            self._sock = self._server.context.wrap_socket(self._sock, server_side=True)
            self._session.security = "tls"
        for data in self._messages():
            request = messages.read(data)
            if request.kind == "unbindRequest":
                return
            if request.kind == "bindRequest":
                self._bind(request)
            elif request.kind == "extendedReq" and str(request.content["requestName"]) == messages.START_TLS:
                self._start_tls(request)
            else:
                with self._server.lock:
                    answers = list(self._session.answer(request))
                self._send(*answers)

    def _messages(self) -> Iterator[bytes]:
        """The messages that come in. Sealed ones are in frames; one frame may hold several, and a message several frames."""
        plain = b""
        while True:
            size = messages.size_of(plain)
            if size is not None and len(plain) >= size:
                yield plain[:size]
                plain = plain[size:]
                continue
            more = self._frame() if self._sealed is not None else self._sock.recv(_CHUNK)
            if not more:
                return
            plain += more

    def _frame(self) -> bytes:
        """The content of one frame; empty at the end of the connection. Raises Malformed for one that is not sealed by the client."""
        header = self._exactly(4)
        if not header:
            return b""
        (size,) = struct.unpack(">I", header)
        if not 0 < size <= _LARGEST_FRAME:
            raise Malformed(f"a frame of {size} bytes")
        assert self._sealed is not None
        try:
            found = self._sealed.established.unwrap(self._exactly(size))
        except (spnego.exceptions.SpnegoError, ValueError, struct.error, IndexError):
            raise Malformed("a frame that the client did not seal") from None
        if not found.encrypted:
            raise Malformed("a frame that is not encrypted")
        return bytes(found.data)

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            more = self._sock.recv(size - len(found))
            if not more:
                return b""
            found += more
        return found

    def _send(self, *answers: bytes) -> None:
        data = b"".join(answers)
        if self._sealed is None:
            self._sock.sendall(data)
            return
        for start in range(0, len(data), _CHUNK):
            token = self._sealed.established.wrap(data[start : start + _CHUNK]).data
            self._sock.sendall(struct.pack(">I", len(token)) + token)

    def _start_tls(self, request: Request) -> None:
        if self._tls or self._sealed is not None or self._handshake is not None:
            self._send(messages.extended(request, Outcome(1, "TLS or a logon is there already"), messages.START_TLS))
            return
        self._send(messages.extended(request, Outcome(), messages.START_TLS))
        self._sock = self._server.context.wrap_socket(self._sock, server_side=True)
        self._tls, self._session.security = True, "tls"

    def _bind(self, request: Request) -> None:
        content = request.content
        method = content["authentication"].getName()
        self._session.account = None
        if int(content["version"]) != 3:
            self._send(messages.done(request, Outcome(PROTOCOL_ERROR, "LDAP version 3 only")))
        elif self._sealed is not None:
            self._send(messages.done(request, Outcome(UNWILLING, "a second logon after a sealed one")))
        elif method == "simple":
            outcome = self._simple(str(content["name"]), bytes(content["authentication"].getComponent()))
            self._note("bind simple", str(content["name"]), outcome)
            self._send(messages.done(request, outcome))
        elif method == "sasl":
            self._sasl(request, content["authentication"].getComponent())
        else:
            self._send(messages.done(request, Outcome(WRONG_METHOD, f"{method} is not here")))

    def _note(self, kind: str, name: str, outcome: Outcome) -> None:
        self._server.book.operations.append({
            "account": None if self._session.account is None else self._session.account.name, "security": self._session.security,
            "kind": kind, "name": name, "code": outcome.code,
        })  # fmt: skip

    def _simple(self, name: str, password: bytes) -> Outcome:
        if not name and not password:
            return Outcome()
        if not self._tls:
            return Outcome(STRONGER, "BindSimple: Transport encryption required.")
        account = self._settings.account_of(name)
        if account is None or account.state or not password or not hmac.compare_digest(account.password.encode(), password):
            return Outcome(INVALID_CREDENTIALS, self._settings.refused(name))
        self._session.account = account
        return Outcome()

    def _sasl(self, request: Request, credentials: Any) -> None:
        outcome, token = self._step(str(credentials["mechanism"]),
                                    bytes(credentials["credentials"]) if credentials["credentials"].isValue else b"")  # fmt: skip
        if outcome.code != BIND_IN_PROGRESS:
            self._note("bind sasl", str(credentials["mechanism"]), outcome)
        self._send(messages.bound(request, outcome, token))
        if outcome.code == SUCCESS:
            self._sealed = self._handshake
        if outcome.code != BIND_IN_PROGRESS:
            self._handshake = None

    def _step(self, mechanism: str, token: bytes) -> tuple[Outcome, bytes | None]:
        if mechanism != _MECHANISM:
            return Outcome(WRONG_METHOD, f"SASL mechanism {mechanism} is not here"), None
        if self._tls:
            return Outcome(UNWILLING, f"SASL:[{_MECHANISM}]: Sign or Seal are not allowed if TLS is used"), None
        try:
            if self._handshake is None:
                self._handshake = self._new_context(token)
            answer = self._handshake.step(token)
        except Refused:
            return Outcome(INVALID_CREDENTIALS, self._settings.refused(None)), None
        if not self._handshake.complete:
            return Outcome(BIND_IN_PROGRESS), answer
        outcome = self._logged_on(self._handshake)
        return outcome, answer if outcome.code == SUCCESS else None

    def _logged_on(self, context: SecurityContext) -> Outcome:
        """Who logged on with SASL, unless he may not or nothing would be sealed."""
        account = self._settings.account_of(str(context.user), plain=True)
        if account is None or account.state:
            return Outcome(INVALID_CREDENTIALS, self._settings.refused(str(context.user)))
        if context.established.context_attr & _SEALING != _SEALING:
            return Outcome(STRONGER, f"SASL:[{_MECHANISM}]: Sign or Seal are required.")
        self._session.account = account
        self._session.security = "kerberos sealed" if isinstance(context, KerberosContext) else "ntlm sealed"
        return Outcome()

    def _new_context(self, token: bytes) -> SecurityContext:
        if is_kerberos(token) and self._server.kerberos:
            return KerberosContext(self._settings, self._settings.host.partition(".")[0], service="ldap")
        return NtlmContext(self._server.files, self._settings)
