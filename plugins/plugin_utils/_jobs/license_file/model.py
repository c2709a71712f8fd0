# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""License files, and the products of these files on a machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..._licensing.state.model import Application, LicensingService, OperatingSystem


@dataclass(frozen=True)
class LicenseFile:
    """A license file on the controller: its decoded text, the title of its first license, and the IDs of its products and applications.

    IDs are in lower case and without braces.
    """

    path: str
    text: str = field(repr=False)
    title: str | None = None
    activation_ids: tuple[str, ...] = ()
    application_ids: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The name of the file without its directory."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class DesiredLicenses:
    """The files to install, in this order. If `reinstall` is true, files of listed products are installed too."""

    files: tuple[LicenseFile, ...]
    application: Application = Application.WINDOWS
    reinstall: bool = False

    @property
    def activation_ids(self) -> tuple[str, ...]:
        """The IDs of all products in the files, without duplicates."""
        return tuple(dict.fromkeys(identity for file in self.files for identity in file.activation_ids))


@dataclass(frozen=True)
class LicenseState:
    """A machine, the licensing service that receives the files, the files, and the products of the files that the machine lists."""

    os: OperatingSystem
    service: LicensingService
    files: tuple[LicenseFile, ...] = ()
    listed: frozenset[str] = frozenset()


__all__ = ["DesiredLicenses", "LicenseFile", "LicenseState"]
