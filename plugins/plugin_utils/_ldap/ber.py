# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Basic Encoding Rules of ASN.1, as far as LDAP uses them (RFC 4511, section 5.1).

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

An element is a tag of one byte, a definite length, and a content. Reading is driven by the message that is expected: a reader returns one
element, and the caller decides whether it looks into it. Nothing here calls itself, so that nested elements of a server cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

BOOLEAN, INTEGER, OCTET_STRING, ENUMERATED = 0x01, 0x02, 0x04, 0x0A
SEQUENCE, SET = 0x30, 0x31
OBJECT_IDENTIFIER = 0x06

_LONG_FORM = 0x80
_MORE_TAG_BYTES = 0x1F
_LENGTH_BYTES = 4
"""Longest length field. Active Directory always uses four bytes, also for short contents."""

_INTEGER_BYTES = 8


class MalformedError(ValueError):
    """The bytes are not what the encoding or the protocol allows. The text says why, and contains nothing of the bytes."""


@dataclass(frozen=True)
class BerElement:
    """One element: its tag with class and form in one byte, and its content."""

    tag: int
    content: bytes


def encode(tag: int, *contents: bytes) -> bytes:
    """Return an element whose content is the contents one after the other."""
    content = b"".join(contents)
    size = len(content)
    if size < _LONG_FORM:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG_FORM | len(length))) + length + content


def encode_integer(value: int, tag: int = INTEGER) -> bytes:
    """Return an integer, or with another tag an enumerated value."""
    return encode(tag, value.to_bytes((value + (value < 0)).bit_length() // 8 + 1, "big", signed=True))


def encode_text(value: str, tag: int = OCTET_STRING) -> bytes:
    """Return a text in UTF-8. Raises ValueError for a text with a lone surrogate."""
    return encode(tag, value.encode("utf-8"))


def encode_octets(value: bytes, tag: int = OCTET_STRING) -> bytes:
    """Return an octet string."""
    return encode(tag, value)


def encode_boolean(value: bool, tag: int = BOOLEAN) -> bytes:
    """Return a boolean; true is FF (RFC 4511, section 5.1)."""
    return encode(tag, b"\xff" if value else b"\x00")


def element_size(data: bytes | bytearray, limit: int) -> int | None:
    """Return the size of the element at the start of the data, in bytes; None if the header is not complete yet.

    Raises MalformedError for a header that LDAP does not allow, and for an element that is larger than the limit, before any of its
    content is needed.
    """
    header = _header(data, 0, len(data))
    if header is None:
        return None
    start, length = header
    if start + length > limit:
        raise MalformedError(f"an element of {start + length} bytes is longer than the limit of {limit} bytes")
    return start + length


def _header(data: bytes | bytearray, at: int, end: int) -> tuple[int, int] | None:
    """Return where the content of the element at this offset begins, and its length; None if the header does not end before `end`."""
    if at < end and data[at] & _MORE_TAG_BYTES == _MORE_TAG_BYTES:
        raise MalformedError("a tag has more than one byte")
    if end - at < 2:
        return None
    first = data[at + 1]
    if first < _LONG_FORM:
        return at + 2, first
    count = first & ~_LONG_FORM
    if not 1 <= count <= _LENGTH_BYTES:
        raise MalformedError("a length is indefinite or has more than four bytes")
    start = at + 2 + count
    if end < start:
        return None
    return start, int.from_bytes(data[at + 2 : start], "big")


class Reader:
    """The elements of a content, one after the other."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    @property
    def at_end(self) -> bool:
        """Whether all elements were read."""
        return self._at == len(self._content)

    def peek(self) -> int | None:
        """Return the tag of the next element, None at the end."""
        return None if self.at_end else self._content[self._at]

    def element(self) -> BerElement:
        """Return the next element. Raises MalformedError if there is none, or if it is longer than what surrounds it."""
        end = len(self._content)
        header = _header(self._content, self._at, end)
        if header is None or header[0] + header[1] > end:
            raise MalformedError("an element is missing or incomplete")
        tag, start = self._content[self._at], header[0]
        self._at = start + header[1]
        return BerElement(tag, self._content[start : self._at])

    def take(self, tag: int) -> bytes:
        """Return the content of the next element, which must have this tag. Raises MalformedError."""
        found = self.element()
        if found.tag != tag:
            raise MalformedError(f"an element has the tag {found.tag:#04x} instead of {tag:#04x}")
        return found.content

    def take_optional(self, tag: int) -> bytes | None:
        """Return the content of the next element if it has this tag, otherwise None without reading it."""
        return self.take(tag) if self.peek() == tag else None

    def integer(self, tag: int = INTEGER) -> int:
        """Return an integer, or with another tag an enumerated value, of at most eight bytes. Raises MalformedError."""
        content = self.take(tag)
        if not 1 <= len(content) <= _INTEGER_BYTES:
            raise MalformedError("an integer has no or too many bytes")
        return int.from_bytes(content, "big", signed=True)

    def text(self, tag: int = OCTET_STRING) -> str:
        """Return a text in UTF-8. Raises MalformedError for other bytes."""
        try:
            return self.take(tag).decode("utf-8")
        except UnicodeDecodeError:
            raise MalformedError("a text is not UTF-8") from None

    def octets(self) -> bytes:
        """Return an octet string."""
        return self.take(OCTET_STRING)

    def rest(self) -> Iterator[BerElement]:
        """Yield the remaining elements."""
        while not self.at_end:
            yield self.element()


__all__ = [
    "BOOLEAN",
    "ENUMERATED",
    "INTEGER",
    "OBJECT_IDENTIFIER",
    "OCTET_STRING",
    "SEQUENCE",
    "SET",
    "BerElement",
    "MalformedError",
    "Reader",
    "element_size",
    "encode",
    "encode_boolean",
    "encode_integer",
    "encode_octets",
    "encode_text",
]
