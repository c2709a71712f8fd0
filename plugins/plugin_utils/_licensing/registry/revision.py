# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The revision of the build (UBR), which each cumulative update of Windows 10, Windows Server 2016, and later raises.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Only the registry contains it: Win32_OperatingSystem.Version ends with the build.
"""

from __future__ import annotations

from ..._cim.session import CimError, CimSession
from . import values

_REVISION = "UBR"


def read_revision(session: CimSession) -> int | None:
    """Read the revision with one request. Return None if the machine does not have the value, or does not return it."""
    try:
        return values.dword(session, values.CURRENT_VERSION, _REVISION)
    except CimError:
        return None
