# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tokens of SPNEGO around those of Kerberos (RFC 4178), with Kerberos as the only mechanism.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A negotiation with one mechanism cannot end with another one: a server that answers with NTLM is refused. The check of the list of
mechanisms (mechListMIC) protects a choice among several, and is not needed.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..ber import ENUMERATED, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, MalformedError, Reader, encode, encode_octets
from ..errors import DirectoryError, DirectoryLogonError

ACCEPTED, INCOMPLETE, REJECTED, REQUEST_MIC = range(4)

_SPNEGO = bytes.fromhex("2b0601050502")
_KERBEROS = bytes.fromhex("2a864886f712010202")
_KERBEROS_OF_WINDOWS_2000 = bytes.fromhex("2a864882f712010202")
"""A number with one wrong bit, with which Windows answers in some versions (MS-SPNG, section 1.9)."""

_FIRST_TOKEN, _INIT, _RESPONSE = 0x60, 0xA0, 0xA1
_PART = (0xA0, 0xA1, 0xA2, 0xA3)


@dataclass(frozen=True)
class Response:
    """The answer of the server: its state, None if it has none, and the token of Kerberos."""

    state: int | None
    token: bytes | None


def first_token(token: bytes) -> bytes:
    """Return the first message of the negotiation, with a token of Kerberos."""
    mechanisms = encode(_PART[0], encode(SEQUENCE, encode(OBJECT_IDENTIFIER, _KERBEROS)))
    offer = encode(_INIT, encode(SEQUENCE, mechanisms, encode(_PART[2], encode_octets(token))))
    return encode(_FIRST_TOKEN, encode(OBJECT_IDENTIFIER, _SPNEGO), offer)


def next_token(token: bytes) -> bytes:
    """Return a later message of the negotiation, with a token of Kerberos."""
    return encode(_RESPONSE, encode(SEQUENCE, encode(_PART[2], encode_octets(token))))


def read_response(data: bytes) -> Response:
    """Return the parts of an answer; a token of Kerberos that is not wrapped is accepted. Raises MalformedError."""
    reader = Reader(data)
    if reader.peek() == _FIRST_TOKEN:
        return Response(None, data)
    parts = Reader(Reader(reader.take(_RESPONSE)).take(SEQUENCE))
    state = parts.take_optional(_PART[0])
    mechanism = parts.take_optional(_PART[1])
    token = parts.take_optional(_PART[2])
    if mechanism is not None and Reader(mechanism).take(OBJECT_IDENTIFIER) not in (_KERBEROS, _KERBEROS_OF_WINDOWS_2000):
        raise MalformedError("the server chose another mechanism than Kerberos")
    return Response(
        None if state is None else Reader(state).integer(ENUMERATED),
        None if token is None else Reader(token).take(OCTET_STRING),
    )


def answer_of(data: bytes, who: str) -> bytes:
    """Return the token of Kerberos in an answer, which is an error of Kerberos if the server refused the ticket. Raises DirectoryError."""
    try:
        response = read_response(data)
    except MalformedError as error:
        raise DirectoryError("directory_malformed_answer", f"{who}: {error}.") from None
    if response.token is None or response.state == REQUEST_MIC:
        raise DirectoryLogonError("directory_kerberos_failed", f"{who}: the server did not continue the negotiation.")
    return response.token


__all__ = ["ACCEPTED", "INCOMPLETE", "REJECTED", "REQUEST_MIC", "Response", "answer_of", "first_token", "next_token", "read_response"]
