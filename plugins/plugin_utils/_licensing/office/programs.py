# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of Office for what its licensing service cannot do over WMI.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Office 2010 has OSPPREARM.EXE in a folder for programs that several products share, and later releases have it in their own folder
(public deployment scripts).
"""

from __future__ import annotations

from ..state.model import LicensedProduct
from .names import license_name

_SHARED = r"%CommonProgramFiles%\Microsoft Shared\OfficeSoftwareProtectionPlatform"
_FOLDERS = {"2010": _SHARED, "2013": r"%ProgramFiles%\Microsoft Office\Office15", "2016": r"%ProgramFiles%\Microsoft Office\Office16"}


def ospprearm_steps(product: LicensedProduct) -> tuple[str, ...]:
    """Return the steps that rearm an Office of its own licensing service on the machine."""
    name = license_name(product)
    folder = _FOLDERS.get(name.release if name else "", r"%ProgramFiles%\Microsoft Office\Office1x")
    return (
        f'Run this command as an administrator on the machine: "{folder}\\OSPPREARM.EXE"',
        f'For a 32-bit Office on a 64-bit Windows, the command is: "{_of_32_bit(folder)}\\OSPPREARM.EXE"',
        "Then restart the Office programs, and activate Office again. The rearm gives this Office a new CMID.",
    )


def _of_32_bit(folder: str) -> str:
    return folder.replace("%ProgramFiles%", "%ProgramFiles(x86)%").replace("%CommonProgramFiles%", "%CommonProgramFiles(x86)%")
