# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows Product Activation: what Windows Server 2003 says of its activation, as values that cannot change.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass

WPA_CLASS = "Win32_WindowsProductActivation"

FIX = "KB824345"
"""Microsoft's correction of activation by telephone after the grace period is over."""

FIXED_VERSION = (5, 2, 3790, 81)
"""The version of the two files from which on it is there; service packs bring later ones (KB824345, 2008-05-27)."""

FIXED_FILES = ("licdll.dll", "winlogon.exe")


@dataclass(frozen=True)
class SystemFile:
    """A file of the system folder; `version` is None when the machine has no such file or tells no version."""

    name: str
    version: str | None

    @property
    def is_fixed(self) -> bool | None:
        """Whether it is as new as the correction; None when nobody knows."""
        try:
            return None if self.version is None else tuple(int(part) for part in self.version.split(".")) >= FIXED_VERSION
        except ValueError:
            return None


@dataclass(frozen=True)
class ProductActivation:
    """The one Win32_WindowsProductActivation. Periods are in days and None when they do not run.

    `is_required` is false after activation, and always for volume media. `files` are those of the correction, empty when the
    machine would not tell.
    """

    server_name: str
    product_id: str | None
    is_required: bool
    is_notification_on: bool
    grace_days: int | None
    evaluation_days: int | None
    files: tuple[SystemFile, ...] = ()

    @property
    def has_fix(self) -> bool | None:
        """Whether KB824345, or a service pack that contains it, is installed; None when nobody knows."""
        found = [file.is_fixed for file in self.files]
        if any(fixed is False for fixed in found):
            return False
        return True if found and all(found) else None

    @property
    def is_grace_over(self) -> bool:
        """Whether the machine should have been activated by now."""
        return self.is_required and not self.grace_days
