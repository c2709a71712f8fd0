# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A logon and a message to nobody, so that no worker process pays for what only the first message of a process needs.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

At the first message OpenSSL looks up MD4 and RC4 for NTLM, Python finds out which types are mappings, loads codecs and adapts the code
to its values. Ansible forks one worker for each machine and task, so each of them would do that anew. It imports action plugins in
the process it forks from: what is done there at import is done once. No network is involved, the answers are written here.
"""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from . import envelope
from .guard import Connection, Guard, ReadBudget, settle
from .pywinrm import PywinrmTransport
from .reply import read_reply

try:
    from winrm.protocol import Protocol
except ImportError:  # open_session() says what is missing
    Protocol = None

_ENDPOINT = "http://warm-up.invalid:5985/wsman"
_SECONDS = 5.0
_TIMES = 2
"""Python adapts code that it has run several times."""

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


def _answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    lines = (f"HTTP/1.1 {status}", "Content-Type: application/soap+xml;charset=UTF-8", f"Content-Length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode("ascii") + body


BASIC = (_answer("200 OK", body=_PAGE),)
NTLM = (
    _answer("401 Unauthorized", "WWW-Authenticate: Negotiate"),
    _answer("401 Unauthorized", f"WWW-Authenticate: Negotiate {_CHALLENGE}"),
    _answer("200 OK"),
    _answer("200 OK", body=_PAGE),  # in clear, so that it is refused: nobody has the key to encrypt it
)


class _LoopbackConnection(Connection):
    """What is sent is never read; each answer is the next one of those that are written here."""

    answers: Iterator[bytes]
    _far: socket.socket

    def _new_conn(self) -> socket.socket:
        near, self._far = socket.socketpair()
        return near

    def getresponse(self) -> Any:
        self._far.sendall(next(self.answers))
        return super().getresponse()

    def close(self) -> None:
        super().close()
        if hasattr(self, "_far"):
            self._far.close()


def warm_up() -> None:
    """Log on and ask, as a worker does. Whatever is missing or fails here, a worker meets where it can say so."""
    for _round in range(_TIMES if Protocol is not None else 0):
        for method, answers in (("basic", BASIC), ("ntlm", NTLM)):
            with suppress(Exception):
                converse(method, answers)


def converse(method: str, answers: tuple[bytes, ...]) -> None:
    """Log on to nobody by this method, and ask. Raises what a session raises."""
    # Neither the environment's proxy nor its certificates: pywinrm tells of them once, and that is for a worker to do.
    apart = {"proxy": None, "ca_trust_path": None, "message_encryption": "never"}
    protocol = Protocol(_ENDPOINT, transport=method, username="nobody", password="none", **apart)
    transport = PywinrmTransport(protocol)
    wire = protocol.transport
    session = wire.build_session()
    budget = ReadBudget(time.monotonic)
    budget.begin(_SECONDS)
    to_nobody = Guard(session.get_adapter(_ENDPOINT), budget)
    to_nobody.connect_by(type("ToNobody", (_LoopbackConnection,), {"answers": iter(answers)}))
    session.mount("http://", to_nobody)
    settle(session, budget)
    try:
        if method == "ntlm":
            wire.setup_encryption(session)
        read_reply(transport.send(envelope.enumerate_wql(_ENDPOINT, "root/cimv2", "SELECT * FROM C", _SECONDS).message, _SECONDS), "C")
    finally:
        transport.reset()


__all__ = ["BASIC", "NTLM", "converse", "warm_up"]
