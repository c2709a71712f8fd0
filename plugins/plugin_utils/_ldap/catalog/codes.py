# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every error code of a directory: its meaning, the usual cause, and the next steps.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Result codes are those of RFC 4511, and the numbers in the answer to a failed logon are those of Windows. What each of them means in
practice was measured with Samba 4.17; a domain controller of Windows was not available.
"""

from __future__ import annotations

from .answers import RESULTS, UNKNOWN
from .connection import CONNECTION, TLS
from .explanation import Explanation
from .logons import LOGON

CATALOG: dict[str, Explanation] = {**CONNECTION, **TLS, **LOGON, **RESULTS}
"""Every code, and every code with a subcode behind a dot."""

MAY_PASS = frozenset(("directory_unreachable", "directory_timeout", "directory_connection_lost", "directory_answer_lost", "directory_busy"))
"""Codes of what may be gone at the next attempt with nothing changed."""

_SOURCES = {
    "directory_schema_too_old": "Microsoft: Active Directory-Based Activation Overview",
    "directory_no_container": "Microsoft: Active Directory-Based Activation Overview",
    "directory_stronger_logon_required": "RFC 4511",
    "directory_referral": "RFC 4511",
}


def entry_of(code: str, subcode: str | None = None) -> Explanation:
    """Return the explanation of a code with its subcode, or else of the code, or else of an unknown result."""
    specific = CATALOG.get(f"{code}.{subcode}") if subcode else None
    return specific or CATALOG.get(code, UNKNOWN)


def source_of(code: str) -> str | None:
    """Return the source of the explanation, None if it is this collection."""
    return _SOURCES.get(code)


__all__ = ["CATALOG", "MAY_PASS", "Explanation", "entry_of", "source_of"]
