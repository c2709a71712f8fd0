# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A logon and a message over a loopback connection, so that worker processes do not repeat the work of a first message.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

For the first message of a process, OpenSSL loads MD4 and RC4 for NTLM, and Python checks which types are mappings, loads codecs, and
specializes the code. Ansible forks one worker for each machine and task, and each worker would repeat this work. Ansible imports action
plugins in the process from which it forks, so work at import is done once. The network is not used; this file contains the responses.
"""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPResponse

from . import envelope
from .guard import Connection, Guard, ReadBudget, guard_session
from .pywinrm import PywinrmTransport
from .reply import read_reply

try:
    from winrm.protocol import Protocol
except ImportError:  # open_session() reports what is missing
    Protocol = None

_ENDPOINT = "http://warm-up.invalid:5985/wsman"
_SECONDS = 5.0
_TIMES = 2
"""Python specializes code after several runs."""

# NTLM's second message ([MS-NLMP] 2.2.1.2): no target name, the flags of Windows, the server's challenge, no target information.
_CHALLENGE = base64.b64encode(
    b"NTLMSSP\0\2\0\0\0"
    + bytes.fromhex("00000000 38000000 158288e2 0102030405060708 0000000000000000 04000400 38000000 0000000000000000 00000000")
).decode("ascii")
_PAGE = (
    b'<s:Envelope xmlns:s="urn:s"><s:Body><n:EnumerateResponse xmlns:n="urn:n"><w:Items xmlns:w="urn:w">'
    b'<p:C xmlns:p="urn:p" xmlns:x="urn:x"><p:Name>text</p:Name><p:Null x:nil="true"/><p:List>1</p:List><p:List>2</p:List></p:C>'
    b"</w:Items><w:EndOfSequence xmlns:w='urn:w'/></n:EnumerateResponse></s:Body></s:Envelope>"
)


_SOAP = "application/soap+xml;charset=UTF-8"
_SPNEGO = "application/HTTP-SPNEGO-session-encrypted"
_BOUNDARY = "--Encrypted Boundary"
_MULTIPART = f'multipart/encrypted;protocol="{_SPNEGO}";boundary="Encrypted Boundary"'
"""Python parses the headers of a multipart response with a regular expression of their own, which it compiles once in a process."""

_SEALED = (
    (
        f"{_BOUNDARY}\r\n\tContent-Type: {_SPNEGO}\r\n\tOriginalContent: type={_SOAP};Length=1\r\n"
        f"{_BOUNDARY}\r\n\tContent-Type: application/octet-stream\r\n"
    ).encode("ascii")
    + b"\x10\0\0\0\1\0\0\0"
    + bytes(13)
    + f"{_BOUNDARY}--\r\n".encode("ascii")
)


def _response(status: str, *headers: str, body: bytes = b"", kind: str = _SOAP) -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode("ascii") + body


BASIC = (_response("200 OK", body=_PAGE),)
NTLM = (
    _response("401 Unauthorized", f"WWW-Authenticate: Negotiate {_CHALLENGE}"),
    _response("200 OK"),
    _response("200 OK", body=_SEALED, kind=_MULTIPART),  # rejected after decryption, because a fixed response has a wrong signature
)


class _LoopbackConnection(Connection):
    """Discards requests, and returns the responses of this file in their order."""

    responses: Iterator[bytes]
    _far: socket.socket

    def _new_conn(self) -> socket.socket:
        near, self._far = socket.socketpair()
        return near

    def answer(self) -> HTTPResponse:
        self._far.sendall(next(self.responses))
        return super().answer()

    def close(self) -> None:
        super().close()
        if hasattr(self, "_far"):
            self._far.close()


def warm_up() -> None:
    """Log on and send a query, as a worker does. Errors are ignored, because a worker reports them later."""
    for _round in range(_TIMES if Protocol is not None else 0):
        for method, responses in (("basic", BASIC), ("ntlm", NTLM)):
            with suppress(Exception):
                exchange(method, responses)


def exchange(method: str, responses: tuple[bytes, ...]) -> None:
    """Log on over the loopback connection with this method, and send a query. Raises the errors of a session."""
    # Without the proxy and the certificates of the environment: pywinrm warns about them once, which a worker must do.
    apart = {"proxy": None, "ca_trust_path": None, "message_encryption": "never"}
    protocol = Protocol(_ENDPOINT, transport=method, username="nobody", password="none", **apart)
    transport = PywinrmTransport(protocol)
    wire = protocol.transport
    session = wire.build_session()
    budget = ReadBudget(time.monotonic)
    budget.begin(_SECONDS)
    loopback = Guard(session.get_adapter(_ENDPOINT), budget)
    loopback.connect_by(type("Loopback", (_LoopbackConnection,), {"responses": iter(responses)}))
    session.mount("http://", loopback)
    guard_session(session, budget)
    try:
        if method == "ntlm":
            wire.setup_encryption(session)
        read_reply(transport.send(envelope.enumerate_wql(_ENDPOINT, "root/cimv2", "SELECT * FROM C", _SECONDS).message, _SECONDS), "C")
    finally:
        transport.reset()


__all__ = ["BASIC", "NTLM", "exchange", "warm_up"]
