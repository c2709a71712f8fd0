# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distinguished names (RFC 4514), as far as a directory has to compare and write them."""

from __future__ import annotations

import re
import uuid

_HEX = re.compile(r"[0-9A-Fa-f]{2}")
_GUID = re.compile(r"<GUID=([0-9A-Fa-f-]+)>", re.IGNORECASE)
_SPECIAL = ',+"\\<>;='
Rdn = tuple[str, str]
Key = tuple[Rdn, ...]


class WrongName(ValueError):
    """The text is no distinguished name."""


def parse(text: str) -> tuple[Rdn, ...]:
    """Type and value of each part, from the entry up; raises WrongName."""
    return tuple(_rdn(part) for part in _parts(text)) if text.strip() else ()


def _parts(text: str) -> list[str]:
    parts, start, escaped = [], 0, False
    for place, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == ",":
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _rdn(text: str) -> Rdn:
    kind, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*|[0-9.]+", kind.strip(" ")):
        raise WrongName(f"{text!r} is no part of a name")
    return kind.strip(" "), _plain(_trimmed(value.lstrip(" ")))


def _trimmed(text: str) -> str:
    """Without the blanks at the end, but for one that is escaped."""
    short = text.rstrip(" ")
    is_escaped = (len(short) - len(short.rstrip("\\"))) % 2 == 1
    return text[: len(short) + 1] if is_escaped else short


def _plain(text: str) -> str:
    """A value without its escapes."""
    found, place = bytearray(), 0
    while place < len(text):
        if text[place] != "\\":
            if text[place] in '+"<>;':
                raise WrongName(f"{text[place]!r} must be escaped")
            found += text[place].encode()
            place += 1
        elif _HEX.match(text, place + 1):
            found.append(int(text[place + 1 : place + 3], 16))
            place += 3
        elif text[place + 1 : place + 2]:
            found += text[place + 1].encode()
            place += 2
        else:
            raise WrongName("a name ends in a backslash")
    try:
        return found.decode()
    except UnicodeDecodeError:
        raise WrongName("a name that is not in UTF-8") from None


def key(parts: tuple[Rdn, ...]) -> Key:
    """What two names have in common that are the same."""
    return tuple((kind.casefold(), value.casefold()) for kind, value in parts)


def escape(value: str) -> str:
    """A value as it stands in a name."""
    text = "".join(f"\\{character}" if character in _SPECIAL else character for character in value)
    text = "".join(f"\\{ord(character):02X}" if ord(character) < ord(" ") else character for character in text)
    if value.startswith(("#", " ")):
        text = "\\" + text
    return text[:-1] + "\\ " if value.endswith(" ") and len(value) > 1 else text


def write(parts: tuple[Rdn, ...]) -> str:
    """The text of a name."""
    return ",".join(f"{kind}={escape(value)}" for kind, value in parts)


def guid_of(text: str) -> bytes | None:
    """The octets of the GUID in a name of the form <GUID=...>, None for any other name; raises WrongName."""
    if not text.startswith("<"):
        return None
    match = _GUID.fullmatch(text)
    if match is None:
        raise WrongName(f"{text!r} is no name")
    try:
        return uuid.UUID(match[1]).bytes_le if "-" in match[1] else uuid.UUID(bytes_le=bytes.fromhex(match[1])).bytes_le
    except ValueError:
        raise WrongName(f"{text!r} has no GUID") from None
