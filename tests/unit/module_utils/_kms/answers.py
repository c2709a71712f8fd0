# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers to an RPC bind, written down octet by octet from C706 chapter 12 and MS-RPCE 2.2.2, not made by the code under test."""

from __future__ import annotations

NDR = bytes.fromhex("045d888aeb1cc9119fe808002b104860 02000000")
NDR_BIG_ENDIAN = bytes.fromhex("8a885d041ceb11c99fe808002b104860 00020000")
NO_SYNTAX = bytes(20)

BIND = bytes.fromhex(
    "05 00 0b 03 10000000 4800 0000 01000000"  # version 5.0, bind, first and last fragment, little-endian, 72 octets, no auth, call 1
    "d016 d016 00000000 01 00 0000"  # fragments of 5840 octets both ways, a new association group, one context
    "0000 01 00"  # context 0 with one transfer syntax
    "7521c851 4e84 5047 b0d8 ec255555bc06 0100 0000"  # the KMS interface, version 1.0
    "045d888a eb1c c911 9fe8 08002b104860 0200 0000"  # NDR, version 2.0
)


def header(kind: int, length: int, call: int = 1) -> bytes:
    """The sixteen octets before every message."""
    return bytes([5, 0, kind, 3, 0x10, 0, 0, 0]) + length.to_bytes(2, "little") + bytes(2) + call.to_bytes(4, "little")


def bind_ack(result: int = 0, reason: int = 0, *, syntax: bytes = NDR, address: bytes = b"1688\0", call: int = 1) -> bytes:
    """A bind_ack with one result. The server's own address is a counted string, and the results begin at the next fourth octet."""
    body = bytes.fromhex("d016 d016 53f00100") + len(address).to_bytes(2, "little") + address
    body += bytes(-(16 + len(body)) % 4)
    body += bytes([1, 0, 0, 0]) + result.to_bytes(2, "little") + reason.to_bytes(2, "little") + syntax
    return header(12, 16 + len(body), call) + body


def bind_nak(reason: int) -> bytes:
    """A bind_nak that supports version 5.0."""
    body = reason.to_bytes(2, "little") + bytes([1, 5, 0])
    return header(13, 16 + len(body)) + body


def fault(status: int) -> bytes:
    """A fault: allocation hint, context, cancel count, status."""
    body = bytes.fromhex("20000000 0000 00 00") + status.to_bytes(4, "little") + bytes(4)
    return header(3, 16 + len(body)) + body


BIG_ENDIAN_ACK = (
    bytes.fromhex("05 00 0c 03 00000000 003c 0000 0000000116d0 16d0 0001f053 0005 3136383800 0001 00 0000 0000 0000") + NDR_BIG_ENDIAN
)
