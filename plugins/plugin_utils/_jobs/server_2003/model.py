# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows Product Activation: the activation state of Windows Server 2003 as frozen values.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass

WPA_CLASS = "Win32_WindowsProductActivation"

FIX = "KB824345"
"""The Microsoft update that corrects telephone activation after the end of the grace period."""

FIXED_VERSION = (5, 2, 3790, 81)
"""The first version of the two files with the correction. Service packs contain later versions (KB824345, 2008-05-27)."""

FIXED_FILES = ("licdll.dll", "winlogon.exe")


@dataclass(frozen=True)
class SystemFile:
    """A file in the system directory. `version` is None if the file or its version does not exist."""

    name: str
    version: str | None

    @property
    def is_fixed(self) -> bool | None:
        """Whether the file contains the correction, or None if this is not known."""
        try:
            return None if self.version is None else tuple(int(part) for part in self.version.split(".")) >= FIXED_VERSION
        except ValueError:
            return None


@dataclass(frozen=True)
class ProductActivation:
    """The instance of Win32_WindowsProductActivation. Periods are in days, or None if they are not running.

    `is_required` is false after the activation, and always false for volume media. `files` are the files of the correction, or empty if
    they could not be read.
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
        """Whether KB824345, or a service pack that contains it, is installed, or None if this is not known."""
        found = [file.is_fixed for file in self.files]
        if any(fixed is False for fixed in found):
            return False
        return True if found and all(found) else None

    @property
    def is_grace_over(self) -> bool:
        """Whether the grace period has ended without an activation."""
        return self.is_required and not self.grace_days
