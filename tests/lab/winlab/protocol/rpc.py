# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The port of a KMS host, as far as anybody can tell that it is one: the bind of connection-oriented DCE/RPC (C706, chapter 12).

A bind of the KMS interface is acknowledged, one of any other interface rejected by the provider. A request gets the fault "access denied"
and the connection ends: no licensing message is ever read, formed or answered here.
"""

from __future__ import annotations

import asyncio
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass

REQUEST, FAULT, BIND, BIND_ACK, BIND_NAK = 0, 3, 11, 12, 13
KMS_INTERFACE = (uuid.UUID("51c82175-844e-4750-b0d8-ec255555bc06"), 1, 0)
"""Identifier, major and minor version of what a KMS host offers."""
NDR = (uuid.UUID("8a885d04-1ceb-11c9-9fe8-08002b104860"), 2, 0)
_NO_SYNTAX = bytes(20)
_ACCEPTED, _PROVIDER_REJECTION = 0, 2
_NO_REASON, _ABSTRACT_SYNTAX, _TRANSFER_SYNTAX = 0, 1, 2
_ACCESS_DENIED = 5
_VERSION_NOT_SUPPORTED = 4
_HEADER = 16
_LARGEST_FRAGMENT = 5840
_WHOLE = 0x03
"""Flags of a message in one fragment."""
_HTTP_ANSWER = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

KMS, SILENT, HTTP, OTHER_RPC = "kms", "silent", "http", "other_rpc"
"""What may listen: a KMS host, something that never answers, a web server, another RPC service."""


@dataclass(frozen=True)
class Message:
    """One PDU: its type, its call, and the body after the header; `order` is how its numbers are written (struct's < or >)."""

    kind: int
    call: int
    order: str
    body: bytes


class NoRpc(ValueError):
    """The bytes are not a message of connection-oriented RPC version 5.0; `version` says that only the version is wrong."""

    def __init__(self, *, version: bool = False, call: int = 0) -> None:
        super().__init__("no RPC message")
        self.version = version
        self.call = call


def split_message(data: bytes) -> tuple[Message, bytes] | None:
    """The first message and what follows it, None while it is incomplete; raises NoRpc."""
    if data[:1] not in (b"", b"\x05"):
        raise NoRpc
    if len(data) < _HEADER:
        return None
    _major, minor, kind, _flags, representation = data[:5]
    order = "<" if representation & 0xF0 == 0x10 else ">"
    length, _signature, call = struct.unpack_from(f"{order}HHI", data, 8)
    if not _HEADER <= length <= _LARGEST_FRAGMENT:
        raise NoRpc
    if minor not in (0, 1):
        raise NoRpc(version=True, call=call)
    if len(data) < length:
        return None
    return Message(kind, call, order, data[_HEADER:length]), data[length:]


def _pack(kind: int, call: int, body: bytes) -> bytes:
    return struct.pack("<BBBB4sHHI", 5, 0, kind, _WHOLE, b"\x10\0\0\0", _HEADER + len(body), 0, call) + body


def _syntax(data: bytes, start: int, order: str) -> tuple[uuid.UUID, int, int]:
    raw = data[start : start + 16]
    major, minor = struct.unpack_from(f"{order}HH", data, start + 16)
    return (uuid.UUID(bytes_le=raw) if order == "<" else uuid.UUID(bytes=raw)), major, minor


def _judge(message: Message, offered: tuple[uuid.UUID, int, int] | None) -> list[tuple[int, int]]:
    """Result and reason for each presentation context of a bind; raises struct.error or ValueError when it is cut short."""
    body, order = message.body, message.order
    results = []
    position = 12
    for _context in range(body[8]):
        transfers = body[position + 2]
        wanted = _syntax(body, position + 4, order)
        ways = [_syntax(body, position + 24 + 20 * number, order) for number in range(transfers)]
        position += 24 + 20 * transfers
        if wanted != offered:
            results.append((_PROVIDER_REJECTION, _ABSTRACT_SYNTAX))
        elif NDR not in ways:
            results.append((_PROVIDER_REJECTION, _TRANSFER_SYNTAX))
        else:
            results.append((_ACCEPTED, _NO_REASON))
    return results


def acknowledge(message: Message, offered: tuple[uuid.UUID, int, int] | None, port: int) -> tuple[bytes, bool]:
    """The answer to a bind of an end that offers this interface, and whether any context was accepted; raises NoRpc."""
    try:
        results = _judge(message, offered)
        largest_sent, largest_taken = struct.unpack_from(f"{message.order}HH", message.body)
    except (struct.error, ValueError, IndexError) as error:
        raise NoRpc from error
    address = f"{port}\0".encode()
    body = struct.pack("<HHIH", largest_taken, largest_sent, 0x1688, len(address)) + address
    body += bytes(-(_HEADER + len(body)) % 4) + struct.pack("<B3x", len(results))
    ndr = NDR[0].bytes_le + struct.pack("<HH", *NDR[1:])
    for result, reason in results:
        body += struct.pack("<HH", result, reason) + (ndr if result == _ACCEPTED else _NO_SYNTAX)
    return _pack(BIND_ACK, message.call, body), any(result == _ACCEPTED for result, _reason in results)


def refuse_request(message: Message) -> bytes:
    """The fault a request gets, whatever it asks."""
    return _pack(FAULT, message.call, struct.pack("<IHBBI4x", 0, 0, 0, 0, _ACCESS_DENIED))


def refuse_version(call: int) -> bytes:
    """The answer to a bind of another protocol version: this end speaks 5.0."""
    return _pack(BIND_NAK, call, struct.pack("<HBBB", _VERSION_NOT_SUPPORTED, 1, 5, 0))


class Connections:
    """The connections to one port, until the port is closed: one that was only just accepted then ends too."""

    def __init__(self) -> None:
        self._open: set[KmsConnection] = set()
        self._ended = False

    def add(self, connection: KmsConnection) -> None:
        """A client is connected."""
        if self._ended:
            connection.abort()
        else:
            self._open.add(connection)

    def discard(self, connection: KmsConnection) -> None:
        """A client is gone."""
        self._open.discard(connection)

    def end(self) -> None:
        """Reset all of them, and whichever comes yet."""
        self._ended = True
        for connection in list(self._open):
            connection.abort()


class KmsConnection(asyncio.Protocol):
    """One connection to the port; `note` is told "bind" and "request" as they come."""

    def __init__(self, speech: str, port: int, open_connections: Connections, note: Callable[[str], None]) -> None:
        self._speech = speech
        self._port = port
        self._open = open_connections
        self._note = note
        self._bound = False
        self._data = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the connection, so that it ends with its listener."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # the protocol has it
        """Forget the connection."""
        self._open.discard(self)

    def abort(self) -> None:
        """Reset the connection."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Answer as what listens here answers."""
        assert self._transport is not None
        if self._speech == SILENT:
            return
        if self._speech == HTTP:
            self._end_with(_HTTP_ANSWER)
            return
        self._data += data
        try:
            while (found := split_message(self._data)) is not None:
                message, self._data = found
                self._answer(message)
        except NoRpc as refusal:
            self._end_with(refuse_version(refusal.call) if refusal.version else b"")

    def _answer(self, message: Message) -> None:
        assert self._transport is not None
        if message.kind == BIND:
            self._note("bind")
            answer, accepted = acknowledge(message, KMS_INTERFACE if self._speech == KMS else None, self._port)
            self._bound = self._bound or accepted
            self._transport.write(answer)
        elif message.kind == REQUEST and self._bound:
            self._note("request")
            self._end_with(refuse_request(message))
        else:
            raise NoRpc

    def _end_with(self, data: bytes) -> None:
        assert self._transport is not None
        self._data = b""
        if data:
            self._transport.write(data)
        self._transport.close()
