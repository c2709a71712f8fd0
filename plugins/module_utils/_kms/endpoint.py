# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endpoints of KMS hosts as people write them.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import re

from .._hosts import DEFAULT_PORT, parse_host

_WITH_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*):(?P<port>[^:]*)\Z")


def parse_endpoint(text: str) -> tuple[str, int]:
    """Host and port of "host", "host:port", "address", "[IPv6]" or "[IPv6]:port"; without a port it is 1688.

    An IPv6 address without brackets has no port, as nobody could tell it from the last group. Raises ValueError whose text says
    what is wrong.
    """
    found = _WITH_PORT.match(text) if "://" not in text else None
    if found is None:
        return parse_host(text), DEFAULT_PORT
    host, port = found["host"], found["port"]
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535):
        raise ValueError(f"{text!r} has no port from 1 to 65535 after the colon")
    return parse_host(host), int(port)
