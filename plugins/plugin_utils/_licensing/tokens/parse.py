# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion of CIM instances to the values of token-based activation.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import re

from ..._cim.session import CimInstance
from ..state.columns import DWORD, check_class, matching, number
from .model import OSPP_TOKEN_LICENSE, SPP_TOKEN_LICENSE, IssuanceLicense, TokenActivation, TokenLicense

_ID = re.compile(r"\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?")
_AN_ID = "an ID such as 2de67392-b7a7-462a-b1ca-108dd189f588"
_NO_VERSION = DWORD


def read_token_activation(instance: CimInstance) -> TokenActivation | None:
    """Return the token activation. The version of the issuance license shows whether there is one, as slmgr.vbs decides it."""
    version, identity = number(instance, "TokenActivationILVID"), _given(instance, "TokenActivationILID")
    if version is None or not identity:
        return None
    return TokenActivation(
        issuance_license_id=bare(identity),
        issuance_license_version=version,
        grant_number=number(instance, "TokenActivationGrantNumber"),
        certificate_thumbprint=_given(instance, "TokenActivationCertificateThumbprint"),
        additional_info=_given(instance, "TokenActivationAdditionalInfo"),
    )


def read_token_license(instance: CimInstance) -> TokenLicense:
    """Read SoftwareLicensingTokenActivationLicense or OfficeSoftwareProtectionTokenActivationLicense.

    Raises MalformedResponseError for an invalid value.
    """
    check_class(instance, SPP_TOKEN_LICENSE, OSPP_TOKEN_LICENSE)
    instance.required("ILVID")
    status = instance.integer("AuthorizationStatus", -(1 << 31), DWORD)
    return TokenLicense(
        license_id=matching(instance, "ID", _ID, _AN_ID),
        issuance=IssuanceLicense(bare(matching(instance, "ILID", _ID, _AN_ID)), instance.integer("ILVID", 0, _NO_VERSION - 1) or 0),
        authorization_status=status & DWORD if status else None,
        expires=instance.moment("ExpirationDate"),
        description=_given(instance, "Description"),
        additional_info=_given(instance, "AdditionalInfo"),
        class_name=instance.class_name,
    )


def bare(identity: str) -> str:
    """Return an ID in the form of the model: lower case, without braces."""
    return identity.strip("{}").lower()


def _given(instance: CimInstance, name: str) -> str | None:
    """Return a text, or None if it is NULL, empty, or blank."""
    return (instance.text(name) or "").strip() or None
