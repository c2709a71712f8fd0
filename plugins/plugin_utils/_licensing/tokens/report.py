# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Issuance licenses as the plain data of a task result.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..catalog.errors import explain
from ..state.report import describe_reason, iso
from .model import OSPP_TOKEN_LICENSE, TokenLicense


def describe_token_licenses(licenses: Iterable[TokenLicense]) -> list[dict[str, Any]]:
    """Return issuance licenses in the format of the module results."""
    return [
        {
            "license_id": each.license_id.strip("{}").lower(),
            "issuance_license_id": each.issuance.id,
            "issuance_license_version": each.issuance.version,
            "authorization_status": describe_reason(each.authorization_status),
            "expires": iso(each.expires),
            "description": each.description,
            "additional_info": each.additional_info,
            "licensing_service": "office" if each.class_name == OSPP_TOKEN_LICENSE else "windows",
        }
        for each in licenses
    ]


def status_label(status: int) -> str:
    """Return the code, symbol, and meaning of an authorization status that is not 0, for messages."""
    explanation = explain(status)
    return f"{explanation.label}: {explanation.meaning.rstrip('.')}"
