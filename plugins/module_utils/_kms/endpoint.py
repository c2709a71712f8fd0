# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parse endpoints of KMS hosts.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import re

from .._hosts import DEFAULT_PORT, parse_host

_WITH_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*):(?P<port>[^:]*)\Z")


def parse_endpoint(text: str) -> tuple[str, int]:
    """Return host and port of "host", "host:port", "address", "[IPv6]", or "[IPv6]:port". The default port is 1688.

    An IPv6 address without brackets has no port, because the port could not be distinguished from the last group. Raises ValueError with
    the reason.
    """
    found = _WITH_PORT.match(text) if "://" not in text else None
    if found is None:
        return parse_host(text), DEFAULT_PORT
    host, port = found["host"], found["port"]
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535):
        raise ValueError(f"{text!r} has no port from 1 to 65535 after the colon")
    return parse_host(host), int(port)
