# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host names, addresses, and domains: parsing, comparison, and the form that Windows stores.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The comparison ignores case, a final dot, and the form of an IPv6 address.
"""

from __future__ import annotations

import ipaddress
import re

DEFAULT_PORT = 1688
"""Default TCP port of a KMS host."""

_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)\Z")
_LONGEST_NAME = 253


def parse_host(text: str) -> str:
    """Return a host name, IPv4 address, or IPv6 address (with or without brackets) in its normal form; IPv6 without brackets.

    Raises ValueError with a human-readable message.
    """
    if "://" in text:
        raise ValueError(f"{text!r} contains a scheme: specify only the name or address")
    if text != text.strip() or any(letter.isspace() for letter in text):
        raise ValueError(f"{text!r} contains a space: specify only the name or address")
    bracketed = text.startswith("[") and text.endswith("]")
    bare = text[1:-1] if bracketed else text
    if ":" in bare or bracketed:
        return _parse_ipv6(text, bare)
    return _parse_name(text)


def _parse_ipv6(text: str, bare: str) -> str:
    try:
        return str(ipaddress.IPv6Address(bare))
    except ValueError:
        raise ValueError(f"{text!r} is not an IPv6 address; a port must be set in its own option") from None


def _parse_name(text: str) -> str:
    if not text.isascii():
        raise ValueError(
            f"{text!r} contains characters other than ASCII: specify the name in its DNS form, with labels that start with xn--"
        )
    name = text.removesuffix(".")
    labels = name.split(".")
    if not name or len(name) > _LONGEST_NAME or not all(_LABEL.match(label) for label in labels):
        raise ValueError(f"{text!r} is neither a host name nor an address")
    if all(label.isdigit() for label in labels):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise ValueError(f"{text!r} is not an IPv4 address") from None
    return name


def is_address(text: str) -> bool:
    """Return whether the text is an IP address and not a name."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def wire_host(host: str) -> str:
    """Return the form that the licensing service stores: an IPv6 address in brackets, as slmgr writes it; others unchanged."""
    return f"[{host}]" if ":" in host else host


def with_port(host: str, port: int) -> str:
    """Return host:port, for messages and for Windows 6.0, which stores the port in the name."""
    return f"{wire_host(host)}:{port}"


def split_port(stored: str) -> tuple[str, int | None]:
    """Return host and port of a text from :func:`with_port`, an IPv6 address without brackets; a missing port is None."""
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
    """Return whether two host names, addresses, or domains are the same; None and an empty text are equal."""
    return one == other or normalize_name(one) == normalize_name(other)


def normalize_name(name: str | None) -> str | None:
    """Return the normal form of a name, address, or domain for comparison; None for None or an empty text."""
    if not name:
        return None
    bare = name.strip("[]") if ":" in name else name
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return bare.rstrip(".").casefold()
