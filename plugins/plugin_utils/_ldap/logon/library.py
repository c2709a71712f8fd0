# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Import the libraries of a logon in one place, so that the plugins can be documented and used with TLS without them.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import contextlib
import importlib
from typing import Any


def _imported(name: str) -> Any:
    """Return a module, None if it is missing. OSError: the library of Kerberos that it loads is missing."""
    with contextlib.suppress(ImportError, OSError):
        return importlib.import_module(name)
    return None


spnego = _imported("spnego")
krb5 = _imported("krb5")
gssapi = _imported("gssapi")

__all__ = ["gssapi", "krb5", "spnego"]
