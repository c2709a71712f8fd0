# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Search filters: values are escaped, and a filter as text (RFC 4515) is encoded for a message (RFC 4511, section 4.5.1.7).

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Supported are and, or, not, equality, presence, substrings, greater or equal, less or equal, and approximate matches. Extensible matches
are not supported, because no search of this collection needs one.
"""

from __future__ import annotations

import re

from .ber import encode, encode_octets, encode_text

DEEPEST = 20
"""Maximum number of filters inside each other, more than any search needs."""

_AND, _OR, _NOT = 0xA0, 0xA1, 0xA2
_EQUAL, _SUBSTRINGS, _GREATER, _LESS, _PRESENT, _APPROXIMATE = 0xA3, 0xA4, 0xA5, 0xA6, 0x87, 0xA8
_INITIAL, _ANY, _FINAL = 0x80, 0x81, 0x82
_KINDS = {"=": _EQUAL, ">=": _GREATER, "<=": _LESS, "~=": _APPROXIMATE}
_LISTS = {"&": _AND, "|": _OR}

_ITEM = re.compile(r"(?P<attribute>[A-Za-z][A-Za-z0-9-]{0,255}|[0-9]+(?:\.[0-9]+)*)(?P<kind>>=|<=|~=|=)(?P<value>[^()]*)\Z")
_ESCAPE = re.compile(r"[\\*()\x00]")
_WRITTEN = re.compile(rb"\\([0-9A-Fa-f]{2})?")


def escape_value(value: str) -> str:
    """Return a text as the value of a filter (RFC 4515, section 3)."""
    return _ESCAPE.sub(lambda found: f"\\{ord(found.group()):02x}", value)


def escape_octets(value: bytes) -> str:
    """Return bytes, such as a GUID, as the value of a filter: each as a pair of hexadecimal digits."""
    return "".join(f"\\{octet:02x}" for octet in value)


def equal(attribute: str, value: str | bytes) -> str:
    """Return the filter for entries that have this value."""
    return f"({attribute}={escape_octets(value) if isinstance(value, bytes) else escape_value(value)})"


def encode_filter(text: str) -> bytes:
    """Return the encoded filter. Raises ValueError with the reason for a text that is not a filter."""
    encoded, end = _filter(text, 0, 0)
    if end != len(text):
        raise ValueError(f"the filter has text after its end, at character {end + 1}")
    return encoded


def _filter(text: str, at: int, depth: int) -> tuple[bytes, int]:
    """Return the encoded filter that begins at this offset, and the offset after it."""
    if depth > DEEPEST:
        raise ValueError(f"the filter has more than {DEEPEST} filters inside each other")
    if text[at : at + 1] != "(":
        raise ValueError(f"the filter needs an opening parenthesis at character {at + 1}")
    operator = text[at + 1 : at + 2]
    if operator in _LISTS or operator == "!":
        parts, end = _parts(text, at + 2, depth)
        if operator == "!" and len(parts) != 1:
            raise ValueError("a filter with ! must have exactly one filter inside")
        return encode(_LISTS.get(operator, _NOT), *parts), end
    end = text.find(")", at)
    if end < 0:
        raise ValueError("the filter needs a closing parenthesis at its end")
    return _item(text[at + 1 : end]), end + 1


def _parts(text: str, at: int, depth: int) -> tuple[list[bytes], int]:
    parts = []
    while text[at : at + 1] == "(":
        part, at = _filter(text, at, depth + 1)
        parts.append(part)
    if text[at : at + 1] != ")":
        raise ValueError(f"the filter needs a parenthesis at character {at + 1}")
    return parts, at + 1


def _item(text: str) -> bytes:
    found = _ITEM.match(text)
    if found is None:
        raise ValueError("a part of the filter does not have the form attribute=value")
    attribute, kind, value = encode_text(found["attribute"]), found["kind"], found["value"]
    if kind == "=" and value == "*":
        return encode_text(found["attribute"], _PRESENT)
    if "*" not in value:
        return encode(_KINDS[kind], attribute, encode_octets(_octets(value)))
    if kind != "=":
        raise ValueError("only a comparison with = can contain *")
    return encode(_SUBSTRINGS, attribute, encode(0x30, *_substrings(value.split("*"))))


def _substrings(pieces: list[str]) -> list[bytes]:
    last = len(pieces) - 1
    tags = [_INITIAL if index == 0 else _FINAL if index == last else _ANY for index in range(len(pieces))]
    return [encode_octets(_octets(piece), tag) for piece, tag in zip(pieces, tags, strict=True) if piece]


def _octets(value: str) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        if found.group(1) is None:
            raise ValueError("a backslash in the filter is not followed by two hexadecimal digits")
        return bytes.fromhex(found.group(1).decode("ascii"))

    return _WRITTEN.sub(plain, value.encode("utf-8"))


__all__ = ["DEEPEST", "encode_filter", "equal", "escape_octets", "escape_value"]
