# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of LDAP that this collection sends, and the reading of those that it receives (RFC 4511).

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A message that is received is a value with the parts that are used. A part that LDAP does not allow raises MalformedError; elements after
the known ones of a sequence are ignored, as RFC 4511, section 4, requires.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

from .ber import (
    BOOLEAN,
    ENUMERATED,
    OCTET_STRING,
    SEQUENCE,
    SET,
    MalformedError,
    Reader,
    encode,
    encode_boolean,
    encode_integer,
    encode_octets,
    encode_text,
)
from .filters import encode_filter

BIND_RESPONSE, SEARCH_ENTRY, SEARCH_DONE, SEARCH_REFERENCE = 0x61, 0x64, 0x65, 0x73
DELETE_RESPONSE, EXTENDED_RESPONSE = 0x6B, 0x78

SASL_MECHANISM = "GSS-SPNEGO"
START_TLS = "1.3.6.1.4.1.1466.20037"
WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"
NOTICE_OF_DISCONNECTION = "1.3.6.1.4.1.1466.20036"
PAGED_RESULTS = "1.2.840.113556.1.4.319"

SCOPES = MappingProxyType({"base": 0, "one": 1, "subtree": 2})

_BIND, _UNBIND, _SEARCH, _DELETE, _EXTENDED = 0x60, 0x42, 0x63, 0x4A, 0x77
_CONTROLS = 0xA0
_SIMPLE, _SASL = 0x80, 0xA3
_SERVER_CREDENTIALS = 0x87
_REFERRAL = 0xA3
_EXTENDED_NAME, _EXTENDED_VALUE = 0x8A, 0x8B
_VERSION = 3
_NEVER_DEREFERENCE = 0
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class Message:
    """A received message: its ID, the tag and the content of its operation, and the values of its controls by their OID."""

    message_id: int
    tag: int
    content: bytes
    controls: MappingProxyType[str, bytes]


@dataclass(frozen=True)
class Result:
    """An LDAPResult: the result code, the part of the name that exists, and the text of the server, which has no fixed form.

    `server_credentials` is the token of a bind, and `name` and `value` are those of an extended response.
    """

    code: int
    matched: str
    text: str
    referrals: tuple[str, ...] = ()
    server_credentials: bytes | None = None
    name: str | None = None
    value: bytes | None = None


@dataclass(frozen=True)
class DirectoryEntry:
    """An entry that was found. `attributes` has the names that the server returned, with their values in its order."""

    dn: str
    attributes: MappingProxyType[str, tuple[bytes, ...]]

    def values(self, name: str) -> tuple[bytes, ...]:
        """Return the values of an attribute; empty if the entry does not have it. Names are compared without case."""
        wanted = name.casefold()
        return next((values for known, values in self.attributes.items() if known.casefold() == wanted), ())

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the values of an attribute as texts; bytes that are not UTF-8 become U+FFFD."""
        return tuple(value.decode("utf-8", "replace") for value in self.values(name))

    def text(self, name: str) -> str | None:
        """Return the first value of an attribute as text, None if the entry does not have it."""
        return next(iter(self.texts(name)), None)


def message(message_id: int, operation: bytes, controls: bytes = b"") -> bytes:
    """Return a message with an encoded operation, and the encoded controls if there are any."""
    return encode(SEQUENCE, encode_integer(message_id), operation, encode(_CONTROLS, controls) if controls else b"")


def simple_bind(name: str, password: str) -> bytes:
    """Return a simple bind. Raises ValueError for an empty password, which servers accept as an anonymous logon (RFC 4513, 5.1.2)."""
    if not name or not password:
        raise ValueError("a simple bind must have a name and a password")
    return encode(_BIND, encode_integer(_VERSION), encode_text(name), encode_text(password, _SIMPLE))


def sasl_bind(token: bytes | None) -> bytes:
    """Return a bind with a token of the mechanism GSS-SPNEGO."""
    credentials = encode(_SASL, encode_text(SASL_MECHANISM), b"" if token is None else encode_octets(token))
    return encode(_BIND, encode_integer(_VERSION), encode_text(""), credentials)


def unbind() -> bytes:
    """Return the end of a session, to which there is no response."""
    return encode(_UNBIND)


def search(base: str, scope: str, filter_text: str, attributes: Iterable[str], *, seconds: int = 0) -> bytes:
    """Return a search. `seconds` is the time limit of the server. Raises ValueError for an unknown scope or an invalid filter."""
    if scope not in SCOPES:
        raise ValueError(f"the scope of a search is one of {', '.join(SCOPES)}")
    return encode(
        _SEARCH,
        encode_text(base),
        encode_integer(SCOPES[scope], ENUMERATED),
        encode_integer(_NEVER_DEREFERENCE, ENUMERATED),
        encode_integer(0),
        encode_integer(seconds),
        encode_boolean(False, BOOLEAN),
        encode_filter(filter_text),
        encode(SEQUENCE, *map(encode_text, attributes)),
    )


def paged(size: int, cookie: bytes = b"") -> bytes:
    """Return the control for one page of a search (RFC 2696)."""
    value = encode(SEQUENCE, encode_integer(size), encode_octets(cookie))
    return encode(SEQUENCE, encode_text(PAGED_RESULTS), encode_octets(value))


def delete(dn: str) -> bytes:
    """Return a delete."""
    return encode_text(dn, _DELETE)


def extended(oid: str) -> bytes:
    """Return an extended request without a value."""
    return encode(_EXTENDED, encode_text(oid, 0x80))


def read_message(data: bytes) -> Message:
    """Return a message from exactly its bytes. Raises MalformedError."""
    outer = Reader(data)
    parts = Reader(outer.take(SEQUENCE))
    if not outer.at_end:
        raise MalformedError("there are bytes after a message")
    message_id = parts.integer()
    if not 0 <= message_id <= _LARGEST_ID:
        raise MalformedError("a message ID is out of range")
    operation = parts.element()
    controls = parts.take_optional(_CONTROLS)
    for _ignored in parts.rest():
        pass
    return Message(message_id, operation.tag, operation.content, MappingProxyType({} if controls is None else _controls(controls)))


def _controls(content: bytes) -> dict[str, bytes]:
    found = {}
    for control in Reader(content).rest():
        if control.tag != SEQUENCE:
            raise MalformedError("a control is not a sequence")
        parts = Reader(control.content)
        oid = parts.text()
        parts.take_optional(BOOLEAN)
        found[oid] = parts.take_optional(OCTET_STRING) or b""
    return found


def read_result(content: bytes) -> Result:
    """Return the result in the content of a response. Raises MalformedError."""
    parts = Reader(content)
    code, matched, text = parts.integer(ENUMERATED), parts.text(), parts.octets().decode("utf-8", "replace")
    referral = parts.take_optional(_REFERRAL)
    found = {element.tag: element.content for element in parts.rest()}
    name = found.get(_EXTENDED_NAME)
    return Result(
        code=code,
        matched=matched,
        text=text,
        referrals=() if referral is None else _texts(referral),
        server_credentials=found.get(_SERVER_CREDENTIALS),
        name=None if name is None else name.decode("utf-8", "replace"),
        value=found.get(_EXTENDED_VALUE),
    )


def _texts(content: bytes) -> tuple[str, ...]:
    return tuple(element.content.decode("utf-8", "replace") for element in Reader(content).rest())


def read_entry(content: bytes) -> DirectoryEntry:
    """Return the entry in the content of a search result entry. Raises MalformedError."""
    parts = Reader(content)
    dn = parts.text()
    attributes = {}
    for attribute in Reader(parts.take(SEQUENCE)).rest():
        if attribute.tag != SEQUENCE:
            raise MalformedError("an attribute is not a sequence")
        pair = Reader(attribute.content)
        name = pair.text()
        attributes[name] = tuple(_value(element.tag, element.content) for element in Reader(pair.take(SET)).rest())
    return DirectoryEntry(dn, MappingProxyType(attributes))


def _value(tag: int, content: bytes) -> bytes:
    if tag != OCTET_STRING:
        raise MalformedError("a value of an attribute is not an octet string")
    return content


def next_page(found: Message) -> bytes:
    """Return the cookie of the next page, empty if there is none. Raises MalformedError."""
    value = found.controls.get(PAGED_RESULTS)
    if not value:
        return b""
    parts = Reader(Reader(value).take(SEQUENCE))
    parts.integer()
    return parts.octets()


__all__ = [
    "BIND_RESPONSE",
    "DELETE_RESPONSE",
    "EXTENDED_RESPONSE",
    "NOTICE_OF_DISCONNECTION",
    "PAGED_RESULTS",
    "SASL_MECHANISM",
    "SCOPES",
    "SEARCH_DONE",
    "SEARCH_ENTRY",
    "SEARCH_REFERENCE",
    "START_TLS",
    "WHO_AM_I",
    "DirectoryEntry",
    "Message",
    "Result",
    "delete",
    "extended",
    "message",
    "next_page",
    "paged",
    "read_entry",
    "read_message",
    "read_result",
    "sasl_bind",
    "search",
    "simple_bind",
    "unbind",
]
