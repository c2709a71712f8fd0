# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Issuance licenses of token-based activation, and products that a token activated.

Facts: Office and AD facts section 4. The smart card, its certificates and their grants are not simulated: a machine can have issuance
licenses, and begin as activated by a token; nobody can activate one with a token.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from ..interfaces import Value
from .clock import NEVER

CATEGORY = "msft:sl/IL/TOKEN"
"""The category of an issuance license in a license file; the lab's own, as the real one is not in the facts."""
SL_E_TKA_GRANT_NOT_FOUND = 0xC004F304
SL_E_TKA_INVALID_SKU_ID = 0xC004F306
SL_E_VALIDITY_PERIOD_EXPIRED = 0xC004FC07
ILID, ILVID, EXPIRES, ADDITIONAL = "tokenIlid", "tokenIlvid", "tokenExpires", "tokenAdditionalInfo"
"""Names of the fields in a license file; the lab's own."""
_VERSIONS = range(0xFFFFFFFF)


@dataclass(frozen=True)
class TokenLicense:
    """One issuance license. `status` of None: what the lab finds, 0 for one that is in order."""

    activation_id: str
    ilid: str
    ilvid: int = 1
    expires: datetime | None = None
    additional_info: str = ""
    status: int | None = None

    @property
    def license_id(self) -> str:
        """The ID of this version of the license, as the licensing service makes one for each license file."""
        return str(uuid.uuid5(uuid.UUID(self.ilid), str(self.ilvid)))

    def authorization(self, volume_clients: Iterable[str], now: datetime) -> int:
        """The HRESULT of AuthorizationStatus on a machine with these KMS client licenses."""
        if self.status is not None:
            return self.status
        if self.activation_id not in volume_clients:
            return SL_E_TKA_INVALID_SKU_ID
        return SL_E_VALIDITY_PERIOD_EXPIRED if self.expires is not None and now >= self.expires else 0

    def values(self, description: str, status: int) -> Mapping[str, Value]:
        """The instance of the class; `description` is that of the product."""
        return {
            "ID": self.license_id, "ILID": self.ilid, "ILVID": self.ilvid, "AuthorizationStatus": status,
            "ExpirationDate": self.expires or NEVER, "Description": description or None, "AdditionalInfo": self.additional_info or None,
        }  # fmt: skip


@dataclass(frozen=True)
class TokenGrant:
    """By what a product was activated: the issuance license, and which grant and certificate."""

    issued: TokenLicense
    number: int
    thumbprint: str

    def values(self) -> Mapping[str, Value]:
        """The properties of the product and of the service."""
        return {
            "TokenActivationILID": self.issued.ilid, "TokenActivationILVID": self.issued.ilvid,
            "TokenActivationGrantNumber": self.number, "TokenActivationCertificateThumbprint": self.thumbprint,
            "TokenActivationAdditionalInfo": self.issued.additional_info or None,
        }  # fmt: skip


def is_guid(text: str) -> bool:
    """Whether a text is a GUID with hyphens."""
    try:
        return str(uuid.UUID(text)) == text.casefold()
    except ValueError:
        return False


def from_file(info: Mapping[str, str]) -> TokenLicense:
    """The issuance license of the fields of a license file; raises ValueError for fields that make none."""
    identity, ilid, version = (info.get(name, "").strip("{}").casefold() for name in ("productSkuId", ILID, ILVID))
    if not is_guid(identity) or not is_guid(ilid) or not version.isdecimal() or int(version) not in _VERSIONS:
        raise ValueError("no issuance license")
    return TokenLicense(identity, ilid, int(version), _moment(info.get(EXPIRES, "")), info.get(ADDITIONAL, ""))


def file_fields(issued: TokenLicense) -> dict[str, str]:
    """The fields of a license file that :func:`from_file` reads, but for the product."""
    expires = "" if issued.expires is None else issued.expires.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {ILID: f"{{{issued.ilid}}}", ILVID: str(issued.ilvid), EXPIRES: expires, ADDITIONAL: issued.additional_info}


def _moment(text: str) -> datetime | None:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc) if text else None
