# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody between the controller and a machine with message encryption: passes the logon on, and does what it likes with the rest.

It holds no key. It can read nothing, but it can answer, change, hold back and repeat.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from . import behaviors
from .listeners import ADDRESS, Request, read_request

_PORT = 5985
BOUNDARY = b"--Encrypted Boundary"
_LENGTH = re.compile(rb"(?<=Length=)\d+")

Answer = bytes
Pass = Callable[[], Request]
"""Hands the request on to the machine, and gives its answer."""
Trick = Callable[["Between", Request, Pass], Answer]


@dataclass
class Between:
    """Listens on a port of its own. `trick` makes the answers to encrypted requests, from the `honest`-th on."""

    upstream: str
    trick: Trick
    honest: int = 0
    encrypted: int = 0
    seen: list[Request] = field(default_factory=list)
    """The machine's answers to encrypted requests."""

    def __post_init__(self) -> None:
        self._open: list[socket.socket] = []
        self._server = socket.create_server((ADDRESS, 0), backlog=64)
        self.port = int(self._server.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, and reset what is open."""
        for opened in (self._server, *self._open):
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()
        self._thread.join(5)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                opened, _ = self._server.accept()
                self._open.append(opened)
                threading.Thread(target=self._serve, args=(opened,), daemon=True).start()

    def _serve(self, opened: socket.socket) -> None:
        with suppress(OSError), opened, socket.create_connection((self.upstream, _PORT)) as machine:
            while (request := read_request(opened)) is not None:
                opened.sendall(self._answer(request, machine))

    def _answer(self, request: Request, machine: socket.socket) -> bytes:
        def hand_on() -> Request:
            machine.sendall(request.head + b"\r\n\r\n" + request.body)
            answer = read_request(machine)
            assert answer is not None
            if request.body:
                self.seen.append(answer)
            return answer

        if not request.body or "encrypted" not in request.header("Content-Type"):
            return as_bytes(hand_on())
        self.encrypted += 1
        return as_bytes(hand_on()) if self.encrypted <= self.honest else self.trick(self, request, hand_on)


def as_bytes(answer: Request, body: bytes | None = None) -> bytes:
    """An answer of the machine as it is sent on, with another body if need be."""
    if body is None:
        return answer.head + b"\r\n\r\n" + answer.body
    head = re.sub(rb"(?im)^content-length: *\d+", b"Content-Length: %d" % len(body), answer.head)
    return head + b"\r\n\r\n" + body


@contextmanager
def standing_between(upstream: str, trick: Trick, honest: int = 0) -> Iterator[Between]:
    """Somebody between, who leaves with the block."""
    between = Between(upstream, trick, honest)
    try:
        yield between
    finally:
        between.close()


PAGE = (
    "<n:EnumerateResponse><n:Items><p:Win32_OperatingSystem xmlns:p='x'><p:CSName>FORGED</p:CSName></p:Win32_OperatingSystem>"
    "</n:Items><n:EndOfSequence/></n:EnumerateResponse>"
)
OUTPUT = "<p:SetDWORDValue_OUTPUT xmlns:p='x'><p:ReturnValue>0</p:ReturnValue></p:SetDWORDValue_OUTPUT>"
FAULT = (
    "<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text>no</s:Text></s:Reason><s:Detail>"
    '<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="2147942405">'
    "<f:Message>no</f:Message></f:WSManFault>"
    "</s:Detail></s:Fault>"
)
_NOBODY = Request(b"", b"")


def in_clear(status: int, body: str, content_type: bytes = behaviors.SOAP) -> Trick:
    """Answer oneself. Nobody between knows the MessageID, which came encrypted, so there is no RelatesTo."""
    text = behaviors.envelope(_NOBODY, body).replace(b"<a:RelatesTo></a:RelatesTo>", b"") if body else b""
    return lambda _between, _request, _pass: behaviors.whole(status, text, content_type=content_type)


def in_clear_after_passing_on(status: int, body: str) -> Trick:
    """The same, after the machine has carried the request out."""

    def trick(between: Between, request: Request, hand_on: Pass) -> bytes:
        hand_on()
        return in_clear(status, body)(between, request, hand_on)

    return trick


def changed(change: Callable[[bytes], bytes]) -> Trick:
    """Send the machine's encrypted answer on, changed."""

    def trick(_between: Between, _request: Request, hand_on: Pass) -> bytes:
        answer = hand_on()
        body = change(answer.body)
        assert body != answer.body
        return as_bytes(answer, body)

    return trick


def repeated(between: Between, _request: Request, hand_on: Pass) -> bytes:
    """Send an earlier answer again."""
    hand_on()
    return as_bytes(between.seen[0])


def _one_bit(body: bytes) -> bytes:
    place = body.rindex(BOUNDARY) - 5
    return body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]


def _signature(body: bytes) -> bytes:
    place = body.index(b"octet-stream\r\n") + len(b"octet-stream\r\n") + 4 + 6
    return body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "one_bit": _one_bit,
    "signature": _signature,
    "length_lies": lambda body: _LENGTH.sub(lambda found: str(int(found.group()) + 1).encode(), body),
    "cut_short": lambda body: body[: len(body) // 2],
    "no_parts": lambda _: b"",
    "first_part_only": lambda body: BOUNDARY.join(body.split(BOUNDARY)[:2]) + BOUNDARY + b"--\r\n",
    "part_twice": lambda body: body[: body.rindex(BOUNDARY)] + body,
    "clear_part_added": lambda body: (
        body[: body.rindex(BOUNDARY)]
        + BOUNDARY
        + b"\r\n\tContent-Type: text/plain\r\n\tOriginalContent: type=text/plain;Length=4\r\n"
        + BOUNDARY
        + b"\r\n\tContent-Type: application/octet-stream\r\nFAKE"
        + BOUNDARY
        + b"--\r\n"
    ),
    "clear_text_before": lambda body: b"<s:Envelope/>\r\n" + body,
    "clear_text_behind": lambda body: body + b"<s:Envelope/>\r\n",
    "all_in_clear": lambda _: behaviors.envelope(_NOBODY, PAGE),
}

ANSWERS_IN_CLEAR: dict[str, Trick] = {
    "page": in_clear(200, PAGE),
    "fault": in_clear(500, FAULT),
    "fault_400": in_clear(400, FAULT),
    "empty": in_clear(200, ""),
    "html": in_clear(200, "", b"text/html"),
    "wrong_protocol": in_clear(
        200, PAGE, b'multipart/encrypted;protocol="application/HTTP-Kerberos-session-encrypted";boundary="Encrypted Boundary"'
    ),
    "other_case": in_clear(
        200, PAGE, b'Multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"'
    ),
    "not_multipart": in_clear(200, PAGE, b'text/xml;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"'),
}

__all__ = [
    "ANSWERS_IN_CLEAR",
    "CHANGES",
    "FAULT",
    "OUTPUT",
    "PAGE",
    "Between",
    "changed",
    "in_clear",
    "in_clear_after_passing_on",
    "repeated",
    "standing_between",
]
