# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validation of the address of a help page, which each user of the machine can read and open.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from ...module_utils._hosts import parse_host
from .._licensing.policies.places import ABSENT
from .redact import mask_keys

_STARTS = ("http://", "https://", "file://")
_PORTS = range(1, 65536)


def help_url(value: str) -> str:
    """Return an address that each user can open: of a web page, of a file, or a UNC path; or the choice that removes it."""
    if value == ABSENT:
        return value
    if mask_keys(value) != value:
        raise ValueError("it contains a product key, which each user of the machine could read")
    if not value or not value.isprintable() or value != value.strip():
        raise ValueError(f"{value!r} is not a valid address: it is empty, or contains control characters, or spaces at its start or end")
    if value.startswith("\\\\"):
        return _unc_path(value)
    if not value.lower().startswith(_STARTS):
        wanted = f"an address that starts with {', '.join(_STARTS)}, a UNC path such as \\\\server\\share\\file, or {ABSENT}"
        raise ValueError(f"{value!r} is not valid: it must be {wanted}")
    return _url(value)


def _unc_path(value: str) -> str:
    server, _backslash, rest = value[2:].partition("\\")
    share, _backslash, file = rest.partition("\\")
    if not share or not file.strip("\\"):
        raise ValueError(f"{value!r} does not contain a file name: a UNC path is \\\\server\\share\\file")
    if set('<>"|?*/:') & set(rest):
        raise ValueError(f"{value!r} contains a character that is not allowed in a UNC path")
    parse_host(server)
    return value


def _url(value: str) -> str:
    if any(letter.isspace() or letter in '"<>\\' for letter in value):
        raise ValueError(
            f"{value!r} contains a space, a quotation mark, an angle bracket, or a backslash; write %20 for a space and / for a backslash"
        )
    if "@" in value.partition("://")[2].partition("/")[0]:
        raise ValueError("it contains a user name or a password, and each user of the machine can read the registry")
    try:
        parts = urlsplit(value)
        _refuse_parts(parts, parts.port)
    except ValueError as wrong:
        raise ValueError(f"{value!r} is not a valid address: {wrong}") from None
    return value


def _refuse_parts(parts: SplitResult, port_number: int | None) -> None:
    if parts.scheme == "file" and not parts.path.strip("/"):
        raise ValueError("it does not contain a file name")
    if parts.hostname:
        parse_host(parts.hostname)
    elif parts.scheme != "file":
        raise ValueError("it does not contain a host name")
    if port_number is not None and port_number not in _PORTS:
        raise ValueError(f"{port_number} is not a TCP port")
