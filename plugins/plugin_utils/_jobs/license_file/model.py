# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""License files, and what a machine knows of the products that they name.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..._licensing.state.model import Application, LicensingService, OperatingSystem


@dataclass(frozen=True)
class LicenseFile:
    """A license file of the controller: its decoded text, the title of its first license, and the products and applications that it names.

    IDs are in lower case and without braces.
    """

    path: str
    text: str = field(repr=False)
    title: str | None = None
    activation_ids: tuple[str, ...] = ()
    application_ids: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Its name without its folder."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class DesiredLicenses:
    """The files that are to be installed, in order. `reinstall`: whatever the machine lists."""

    files: tuple[LicenseFile, ...]
    application: Application = Application.WINDOWS
    reinstall: bool = False

    @property
    def activation_ids(self) -> tuple[str, ...]:
        """The products that the files name, each once."""
        return tuple(dict.fromkeys(identity for file in self.files for identity in file.activation_ids))


@dataclass(frozen=True)
class LicenseState:
    """A machine, the licensing service that takes the files, the files, and those of their products that it lists."""

    os: OperatingSystem
    service: LicensingService
    files: tuple[LicenseFile, ...] = ()
    listed: frozenset[str] = frozenset()


__all__ = ["DesiredLicenses", "LicenseFile", "LicenseState"]
