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


@dataclass(frozen=True)
class TokenActivation:
    """The TokenActivation* properties of a product that a token activated. The ID is in lower case and without braces."""

    issuance_license_id: str
    issuance_license_version: int
    grant_number: int | None = None
    certificate_thumbprint: str | None = None
    additional_info: str | None = None
