# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only two messages of DCE/RPC the probe knows: the bind it sends, and the answer to a bind.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Layouts are those of C706 chapter 12 and MS-RPCE 2.2.2. There is no request here and none may be added: a request is what
a KMS client sends, and a host counts whoever sends one. Everything that is read came from a stranger, so every length is checked.
"""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass
from enum import Enum
from typing import Any

HEADER = 16
"""Octets of the part that all messages begin with."""

MAX_FRAGMENT = 5840
"""Maximum size of a message in octets, which the bind offers too, as Windows does over TCP."""

KMS_INTERFACE = uuid.UUID("51c82175-844e-4750-b0d8-ec255555bc06")
NDR = uuid.UUID("8a885d04-1ceb-11c9-9fe8-08002b104860")

_CALL = 1
_BIND, _BIND_ACK, _BIND_NAK, _FAULT = 11, 12, 13, 3
_FIRST_AND_LAST = 3
_LITTLE_ENDIAN = b"\x10\x00\x00\x00"

_ACCEPTANCE = 0
_NO_ROOM_FOR_A_CONTEXT = 3
"""Reason in a bind_ack: local limit exceeded."""

_NO_ROOM_FOR_A_CONNECTION = (1, 2)
"""Reasons in a bind_nak: temporary congestion and local limit exceeded."""


class PduVerdict(Enum):
    """The result of a bind for the KMS interface."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NO_ROOM = "no_room"


@dataclass(frozen=True)
class BindResponse:
    """A result, and the detail of the response that led to it."""

    verdict: PduVerdict
    detail: str


class PduError(ValueError):
    """The octets are not a response to the bind. The message contains the difference."""


def bind() -> bytes:
    """Return the message to send, 72 octets: version 5.0, one context with the KMS interface 1.0 in NDR 2.0, without authentication."""
    context = struct.pack("<HBx", 0, 1) + _syntax(KMS_INTERFACE, 1) + _syntax(NDR, 2)
    body = struct.pack("<HHIB3x", MAX_FRAGMENT, MAX_FRAGMENT, 0, 1) + context
    return struct.pack("<BBBB4sHHI", 5, 0, _BIND, _FIRST_AND_LAST, _LITTLE_ENDIAN, HEADER + len(body), 0, _CALL) + body


def _syntax(interface: uuid.UUID, major: int) -> bytes:
    return interface.bytes_le + struct.pack("<HH", major, 0)


def answer_length(header: bytes) -> int:
    """Return the size in octets of the message with this header. Raises PduError if it is not the header of a response."""
    if header[:1] != b"\x05" or header[1:2] > b"\x01":
        raise PduError("it does not begin as an RPC message does")
    if len(header) < HEADER:
        raise PduError(f"{len(header)} octets are too few for an RPC message")
    (length,) = struct.unpack_from(f"{_order(header)}H", header, 8)
    if not HEADER <= length <= MAX_FRAGMENT:
        raise PduError(f"an RPC message of {length} octets cannot be the answer to a bind")
    return int(length)


def read_answer(message: bytes) -> BindResponse:
    """Return the result in a complete message. Raises PduError if it is not a valid response to the bind."""
    if len(message) != answer_length(message):
        raise PduError("the RPC message is cut short, or something follows it")
    order = _order(message)
    (call,) = struct.unpack_from(f"{order}I", message, 12)
    if call != _CALL:
        raise PduError("the RPC message answers a call that was not made")
    kind = message[2]
    if kind == _BIND_ACK:
        return _read_bind_ack(message, order)
    if kind == _BIND_NAK:
        return _read_bind_nak(message, order)
    if kind == _FAULT:
        return BindResponse(PduVerdict.REJECTED, "the RPC server answered the bind with a fault")
    raise PduError(f"an RPC message of type {kind} is no answer to a bind")


def _read_bind_ack(message: bytes, order: str) -> BindResponse:
    """Return the result of the only context, which follows the address of the server and the padding to four octets."""
    (address_length,) = _unpack(f"{order}H", message, HEADER + 8)
    results = (HEADER + 10 + address_length + 3) // 4 * 4
    (count,) = _unpack("B", message, results)
    if not count:
        raise PduError("the RPC message names no result for the interface")
    result, reason = _unpack(f"{order}HH", message, results + 4)
    (syntax,) = _unpack("16s", message, results + 8)
    if result == _ACCEPTANCE:
        if syntax != (NDR.bytes_le if order == "<" else NDR.bytes):
            raise PduError("the RPC server accepted an encoding that was not offered")
        return BindResponse(PduVerdict.ACCEPTED, "the RPC server accepted the KMS interface")
    verdict = PduVerdict.NO_ROOM if reason == _NO_ROOM_FOR_A_CONTEXT else PduVerdict.REJECTED
    return BindResponse(verdict, f"the RPC server did not accept the KMS interface (result {result}, reason {reason})")


def _read_bind_nak(message: bytes, order: str) -> BindResponse:
    (reason,) = _unpack(f"{order}H", message, HEADER)
    verdict = PduVerdict.NO_ROOM if reason in _NO_ROOM_FOR_A_CONNECTION else PduVerdict.REJECTED
    return BindResponse(verdict, f"the RPC server refused the bind (reason {reason})")


def _order(header: bytes) -> str:
    """Return the byte order of the sender: the high half of the fifth octet is 1 for little-endian, 0 for big-endian."""
    return "<" if header[4] >> 4 else ">"


def _unpack(layout: str, message: bytes, offset: int) -> tuple[Any, ...]:
    try:
        return struct.unpack_from(layout, message, offset)
    except struct.error:
        raise PduError("the RPC message is shorter than what it announces") from None
