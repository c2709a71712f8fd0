# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Import dnspython in one place, so that the modules can be documented without it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import traceback

MISSING: str | None = None
"""Traceback of the failed import, or None if dnspython is installed. Code that sends messages checks it first."""

try:
    import dns
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.opcode
    import dns.rcode
    import dns.rdataclass
    import dns.rdataset
    import dns.rdatatype
    import dns.rdtypes.ANY.CNAME  # these types of records dnspython would import at the first answer that has one, in each worker process
    import dns.rdtypes.ANY.SOA
    import dns.rdtypes.ANY.TKEY
    import dns.rdtypes.IN.A
    import dns.rdtypes.IN.AAAA
    import dns.rdtypes.IN.SRV
    import dns.resolver
    import dns.rrset
    import dns.tsig
    import dns.update
except ImportError:
    MISSING = traceback.format_exc()
    dns = None  # type: ignore[assignment]

__all__ = ["MISSING", "dns"]
