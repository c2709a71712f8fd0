# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion of CIM instances to the values of token-based activation.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from ..._cim.session import CimInstance
from ..state.columns import number
from .model import TokenActivation


def read_token_activation(instance: CimInstance) -> TokenActivation | None:
    """Return the token activation. The version of the issuance license shows whether there is one, as slmgr.vbs decides it."""
    version, identity_text = number(instance, "TokenActivationILVID"), _given(instance, "TokenActivationILID")
    if version is None or not identity_text:
        return None
    return TokenActivation(
        issuance_license_id=identity_text.strip("{}").lower(),
        issuance_license_version=version,
        grant_number=number(instance, "TokenActivationGrantNumber"),
        certificate_thumbprint=_given(instance, "TokenActivationCertificateThumbprint"),
        additional_info=_given(instance, "TokenActivationAdditionalInfo"),
    )


def _given(instance: CimInstance, name: str) -> str | None:
    """Return a text, or None if it is NULL, empty, or blank."""
    return (instance.text(name) or "").strip() or None
