# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A domain controller in the process of a test: it gets the bytes of a client, and answers with what the test says.

Its encoding is its own, so that an error of the collection's is not on both sides.
"""

from __future__ import annotations

import ssl
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.winops.volume_activation.plugins.module_utils._deadline import Deadline
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import DirectoryError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.opening import open_directory
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.options import DirectoryTarget, Logon
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.session import Directory

SERVER = "dc1.ad.test"
PASSWORD = "a password of the tests"
SIMPLE = Logon("simple", "ldaps", "reader@AD.TEST", PASSWORD)
BIND, UNBIND, SEARCH, DELETE, EXTENDED = 0x60, 0x42, 0x63, 0x4A, 0x77
CONFIGURATION = "CN=Configuration,DC=ad,DC=test"
ROOT = {
    "configurationNamingContext": [CONFIGURATION],
    "rootDomainNamingContext": ["DC=ad,DC=test"],
    "dnsHostName": [SERVER],
    "currentTime": ["20261201133057.0Z"],
}


def tlv(tag: int, *parts: bytes) -> bytes:
    """An element, with a length of four bytes, as Active Directory writes it."""
    content = b"".join(parts)
    return bytes([tag, 0x84]) + len(content).to_bytes(4, "big") + content


def text(value: str | bytes, tag: int = 4) -> bytes:
    """An octet string."""
    return tlv(tag, value if isinstance(value, bytes) else value.encode())


def number(value: int, tag: int = 2) -> bytes:
    """An integer."""
    return tlv(tag, value.to_bytes(5, "big", signed=True).lstrip(b"\0") or b"\0")


def message(message_id: int, operation: bytes, *more: bytes) -> bytes:
    """A message."""
    written = b"\0" if message_id == 0 else message_id.to_bytes(4, "big").lstrip(b"\0")
    written = b"\0" + written if written[0] & 0x80 else written
    return tlv(0x30, tlv(2, written), operation, *more)


def result(tag: int, code: int = 0, diagnostic: str = "", *more: bytes) -> bytes:
    """A response with a result code."""
    return tlv(tag, tlv(0x0A, bytes([code])), text(""), text(diagnostic), *more)


def entry(dn: str, attributes: Mapping[str, Iterable[str | bytes]]) -> bytes:
    """An entry that was found."""
    lists = (tlv(0x30, text(name), tlv(0x31, *map(text, values))) for name, values in attributes.items())
    return tlv(0x64, text(dn), tlv(0x30, *lists))


def page(cookie: bytes) -> bytes:
    """The controls at the end of a page."""
    value = tlv(0x30, number(0), text(cookie))
    return tlv(0xA0, tlv(0x30, text("1.2.840.113556.1.4.319"), text(value)))


@dataclass(frozen=True)
class Request:
    """A request of the client: its ID, its kind, and all its bytes."""

    message_id: int
    tag: int
    data: bytes


def requests_in(data: bytes) -> tuple[list[Request], bytes]:
    """The complete requests at the start of what a client sent, and the rest."""
    found = []
    while len(data) >= 2:
        start, size = _content(data, 0)
        if len(data) < start + size:
            break
        first, length = _content(data, start)
        message_id = int.from_bytes(data[first : first + length], "big")
        found.append(Request(message_id, data[first + length], data[: start + size]))
        data = data[start + size :]
    return found, data


def _content(data: bytes, at: int) -> tuple[int, int]:
    length = data[at + 1]
    if length < 0x80:
        return at + 2, length
    count = length & 0x7F
    return at + 2 + count, int.from_bytes(data[at + 2 : at + 2 + count], "big")


Answer = Callable[[Request], Iterable[bytes]]
"""What the server sends after a request, in pieces as they arrive."""


@dataclass
class Served:
    """The connection of a client. After the last piece, the server is silent, or closes the connection if `closes`."""

    answer: Answer
    closes: bool = False
    address: str = "192.0.2.1"
    sent: list[bytes] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    tls: list[tuple[bool, str]] = field(default_factory=list)
    closed: bool = False
    _unread: bytes = b""
    _pieces: deque[bytes] = field(default_factory=deque)

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Take bytes of the client."""
        assert deadline.left() > 0
        assert not self.closed
        self.sent.append(data)
        found, self._unread = requests_in(self._unread + data)
        for request in found:
            self.requests.append(request)
            self._pieces.extend(self.answer(request))

    def receive(self, deadline: Deadline) -> bytes:
        """Give the next piece."""
        assert not self.closed
        if self._pieces:
            return self._pieces.popleft()
        raise DirectoryError("directory_connection_lost" if self.closes else "directory_timeout", f"{deadline.left() > 0}")

    def start_tls(self, context: ssl.SSLContext, name: str, deadline: Deadline) -> str:
        """Begin TLS, and write down whether it would verify."""
        assert deadline.left() > 0
        self.tls.append((context.check_hostname and context.verify_mode == ssl.CERT_REQUIRED, name))
        return "TLSv1.3"

    def close(self) -> None:
        """End the connection."""
        self.closed = True

    def add(self, *pieces: bytes) -> None:
        """Send more."""
        self._pieces.extend(pieces)

    def connect(self, *_where: object) -> Served:
        """Open it."""
        return self


def honest(request: Request, root: Mapping[str, Iterable[str | bytes]] = ROOT) -> list[bytes]:
    """What a domain controller answers to a logon, to a search, whose result is its root entry, and to a delete."""
    if request.tag == BIND:
        return [message(request.message_id, result(0x61))]
    if request.tag == SEARCH:
        return [message(request.message_id, entry("", root)) + message(request.message_id, result(0x65))]
    if request.tag == DELETE:
        return [message(request.message_id, result(0x6B))]
    if request.tag == EXTENDED:
        return [message(request.message_id, result(0x78))]
    return []


def then(answer: Answer, after: int = 2) -> Answer:
    """An honest server for the requests of opening a session, which then answers as the test says."""
    seen: list[Request] = []

    def server(request: Request) -> Iterable[bytes]:
        seen.append(request)
        return honest(request) if len(seen) <= after else answer(request)

    return server


def opened(server: Served, logon: Logon = SIMPLE, **options: Any) -> Directory:
    """A session with the server."""
    return open_directory(DirectoryTarget(SERVER), logon, connect=server.connect, **options)
