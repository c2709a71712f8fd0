# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desired state of a task about an issuance license, and the issuance licenses of a machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._licensing.state.model import OSPP_SERVICE, SPP_SERVICE, LicensedProduct, LicensingService, OperatingSystem
from ..._licensing.tokens.model import IssuanceLicense, TokenLicense

SERVICES = {"windows": SPP_SERVICE, "office": OSPP_SERVICE}
"""The class of a licensing service, by the value of the option `licensing_service`."""


@dataclass(frozen=True)
class IssuanceFile:
    """The name and the decoded text of a license file on the controller."""

    name: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class TokenLicenseDesired:
    """The desired state of one issuance license.

    `files` contain the license, in the order of installation; without files, the license must not exist. `service_class` is the licensing
    service. `lose_activation` permits the removal of a license by which a product is activated.
    """

    issuance: IssuanceLicense
    files: tuple[IssuanceFile, ...] = ()
    service_class: str = SPP_SERVICE
    lose_activation: bool = False

    @classmethod
    def of(cls, options: Mapping[str, Any], files: Mapping[str, str]) -> TokenLicenseDesired:
        """Return the desired state of a task with these options; `files` are the texts of the files by their paths."""
        found = tuple(IssuanceFile(path.rpartition("/")[2], text) for path, text in files.items())
        issuance = IssuanceLicense(options["issuance_license_id"], options["issuance_license_version"])
        return cls(issuance, found, SERVICES[options["licensing_service"]], lose_activation=options["lose_activation"])


@dataclass(frozen=True)
class TokenLicenseState:
    """A machine, a licensing service, its issuance licenses, and the products that the license of the task activated, if they were read."""

    os: OperatingSystem
    service: LicensingService
    token_licenses: tuple[TokenLicense, ...] = ()
    activated: tuple[LicensedProduct, ...] = ()

    def of(self, issuance: IssuanceLicense) -> tuple[TokenLicense, ...]:
        """Return the licenses with this ID and version."""
        return tuple(each for each in self.token_licenses if each.issuance == issuance)


__all__ = ["SERVICES", "IssuanceFile", "IssuanceLicense", "TokenLicenseDesired", "TokenLicenseState"]
