# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which library provides the security context of a logon.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from ..errors import DirectoryError
from ..options import Logon
from . import library
from .by_gssapi import GssapiContext
from .by_spnego import SpnegoContext
from .context import SecurityContext


def security_context(logon: Logon, server: str, who: str) -> SecurityContext:
    """Return a context for a connection to a server. Raises DirectoryError, also if a library is missing."""
    kerberos = logon.authentication == "kerberos"
    if library.spnego is not None and (not kerberos or (library.gssapi is not None and library.krb5 is not None)):
        return SpnegoContext(logon, server, who)
    if kerberos and library.gssapi is not None:
        return GssapiContext(logon, server, who)
    wanted = ("spnego", "gssapi", "krb5") if kerberos else ("spnego",)
    missing = ", ".join(name for name in wanted if getattr(library, name) is None)
    raise DirectoryError("directory_library_missing", f"authentication={logon.authentication} requires: {missing}.")


__all__ = ["security_context"]
