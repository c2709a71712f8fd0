# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distinguished names: values are escaped and read as RFC 4514 says, and names in messages are safe text.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A name of a server is passed back to it as it is. It is taken apart only for messages, and for the name of an object.
"""

from __future__ import annotations

import re
import uuid

_ESCAPED = {letter: f"\\{letter}" for letter in '\\",+;<>='} | {"\x00": "\\00", "\n": "\\0A", "\r": "\\0D"}
_PAIR = re.compile(rb'\\([0-9A-Fa-f]{2}|[\\ "#+,;<=>])')
_GUID = re.compile(r"<GUID=([^<>]{1,64})>\Z", re.IGNORECASE)


def escape_value(value: str) -> str:
    """Return an attribute value as a part of a distinguished name (RFC 4514, section 2.4).

    Line feeds and carriage returns are written as hexadecimal pairs, which keeps a name on one line.
    """
    last = len(value) - 1
    return "".join(
        f"\\{letter}" if (letter == " " and index in (0, last)) or (letter == "#" and index == 0) else _ESCAPED.get(letter, letter)
        for index, letter in enumerate(value)
    )


def child(name: str, parent: str, attribute: str = "CN") -> str:
    """Return the distinguished name of an object directly below another."""
    return f"{attribute}={escape_value(name)},{parent}" if parent else f"{attribute}={escape_value(name)}"


def split(dn: str) -> tuple[str, ...]:
    """Return the parts of a distinguished name as they are written, the object first; empty for the empty name."""
    parts, part, length, escaped = list[str](), list[str](), 0, False
    for letter in dn:
        if letter in ",;" and not escaped:
            parts.append("".join(part[:length]))
            part, length = [], 0
        elif part or letter != " ":
            part.append(letter)
            # Without blanks at the end, unless they are escaped.
            length = len(part) if escaped or letter != " " else length
            escaped = letter == "\\" and not escaped
    return (*parts, "".join(part[:length])) if dn else ()


def parent(dn: str) -> str:
    """Return the distinguished name of the object above, empty for a name of one part."""
    return ",".join(split(dn)[1:])


def first_value(dn: str) -> str:
    """Return the name of an object within its container, without escapes, such as Server 2022 for CN=Server 2022,CN=..."""
    parts = split(dn)
    return unescape_value(parts[0].partition("=")[2]) if parts else ""


def unescape_value(value: str) -> str:
    """Return the value of a part of a distinguished name without escapes; bytes that are not UTF-8 become U+FFFD."""

    def plain(found: re.Match[bytes]) -> bytes:
        written = found.group(1)
        return bytes.fromhex(written.decode("ascii")) if len(written) == 2 else written

    return _PAIR.sub(plain, value.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")


def domain_of(dn: str) -> str:
    """Return the DNS name of a naming context, such as corp.example.com for DC=corp,DC=example,DC=com; empty without such parts."""
    return ".".join(unescape_value(part.partition("=")[2]) for part in split(dn) if part[:3].upper() == "DC=")


def by_guid(guid: uuid.UUID | str) -> str:
    """Return the name by which a search or a delete finds an object by its objectGUID (MS-ADTS, section 3.1.1.3.1.2.4)."""
    return f"<GUID={guid}>"


def guid_in(name: str) -> str | None:
    """Return the GUID of a name of the form <GUID=...>, None for any other name."""
    found = _GUID.match(name)
    return found.group(1) if found else None


__all__ = ["by_guid", "child", "domain_of", "escape_value", "first_value", "guid_in", "parent", "split", "unescape_value"]
