# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Token-based activation: which issuance license and certificate activated a product, and the issuance licenses of a machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Microsoft documents that an issuance license has an ID for the customer (ILID), which is not unique, and a version (ILVID), and that both
together identify it (SoftwareLicensingTokenActivationLicense).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..._cim.session import CimPath

SPP_TOKEN_LICENSE = "SoftwareLicensingTokenActivationLicense"
OSPP_TOKEN_LICENSE = "OfficeSoftwareProtectionTokenActivationLicense"


@dataclass(frozen=True)
class TokenActivation:
    """The TokenActivation* properties of a product that a token activated. The ID is in lower case and without braces."""

    issuance_license_id: str
    issuance_license_version: int
    grant_number: int | None = None
    certificate_thumbprint: str | None = None
    additional_info: str | None = None


@dataclass(frozen=True, order=True)
class IssuanceLicense:
    """What identifies an issuance license: its ID (ILID) in lower case and without braces, and its version (ILVID)."""

    id: str
    version: int

    def __str__(self) -> str:
        return f"the issuance license {self.id}, version {self.version}"


@dataclass(frozen=True)
class TokenLicense:
    """One instance of the class of issuance licenses. `license_id` is its key, as the machine returned it.

    `authorization_status` is the HRESULT of the authorization as an unsigned number, or None for 0, which means success. After `expires`
    (UTC), the license cannot activate anything.
    """

    license_id: str
    issuance: IssuanceLicense
    authorization_status: int | None = None
    expires: datetime | None = None
    description: str | None = None
    additional_info: str | None = None
    class_name: str = SPP_TOKEN_LICENSE

    @property
    def path(self) -> CimPath:
        """The WMI path for the methods of the license."""
        return CimPath(self.class_name, {"ID": self.license_id})

    def has_expired(self, now: datetime) -> bool:
        """Whether the license has expired at this time."""
        return self.expires is not None and self.expires <= now
