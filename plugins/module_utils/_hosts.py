# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host names, addresses and domains as people write them and as Windows stores them.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Comparing is case-insensitive, a final dot does not count, an IPv6 address may be written in any of its forms.
"""

from __future__ import annotations

import ipaddress
import re

DEFAULT_PORT = 1688
"""TCP port of a KMS host when none is set."""

_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)\Z")
_LONGEST_NAME = 253


def parse_host(text: str) -> str:
    """A host name, IPv4 or IPv6 address (plain or in brackets) in its normal form; IPv6 comes back without brackets.

    Raises ValueError whose text says what is wrong.
    """
    if "://" in text:
        raise ValueError(f"{text!r} holds a scheme: give the bare name or address")
    if text != text.strip() or any(letter.isspace() for letter in text):
        raise ValueError(f"{text!r} holds a blank: give the bare name or address")
    bracketed = text.startswith("[") and text.endswith("]")
    bare = text[1:-1] if bracketed else text
    if ":" in bare or bracketed:
        return _parse_ipv6(text, bare)
    return _parse_name(text)


def _parse_ipv6(text: str, bare: str) -> str:
    try:
        return str(ipaddress.IPv6Address(bare))
    except ValueError:
        raise ValueError(f"{text!r} is no IPv6 address; a port does not belong here, it has an option of its own") from None


def _parse_name(text: str) -> str:
    if not text.isascii():
        raise ValueError(f"{text!r} holds letters beyond ASCII: give the name as DNS has it, with labels that begin with xn--")
    name = text.removesuffix(".")
    labels = name.split(".")
    if not name or len(name) > _LONGEST_NAME or not all(_LABEL.match(label) for label in labels):
        raise ValueError(f"{text!r} is neither a host name nor an address")
    if all(label.isdigit() for label in labels):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise ValueError(f"{text!r} is no IPv4 address") from None
    return name


def is_address(text: str) -> bool:
    """Whether the text is a bare IP address and no name."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def wire_host(host: str) -> str:
    """The form the licensing service stores: an IPv6 address in brackets, as slmgr writes it, anything else unchanged."""
    return f"[{host}]" if ":" in host else host


def with_port(host: str, port: int) -> str:
    """host:port for people and for Windows 6.0, which keeps the port inside the name."""
    return f"{wire_host(host)}:{port}"


def split_port(stored: str) -> tuple[str, int | None]:
    """Undo :func:`with_port`; brackets around an IPv6 address go, a missing port is None."""
    if stored.startswith("["):
        address, _bracket, rest = stored[1:].partition("]")
        return address, int(rest[1:]) if _is_port(rest[1:]) else None
    name, _colon, port = stored.rpartition(":")
    if name and ":" not in name and _is_port(port):
        return name, int(port)
    return stored, None


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len("65535") and int(text) <= 65535


def same_name(one: str | None, other: str | None) -> bool:
    """Whether two host names, addresses or domains mean the same; None and empty text are nothing."""
    return normalize_name(one) == normalize_name(other)


def normalize_name(name: str | None) -> str | None:
    """A form in which two spellings of one name, address or domain are equal; None for nothing."""
    if not name:
        return None
    bare = name.strip("[]") if ":" in name else name
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return bare.rstrip(".").casefold()
