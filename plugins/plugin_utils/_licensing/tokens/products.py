# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which products a token activated.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..state.model import ActivationType, LicensedProduct
from .model import IssuanceLicense


def activated_by_token(product: LicensedProduct) -> bool:
    """Return whether a token activated the product. Windows 7 does not report the used type, but the issuance license."""
    return product.used_type is ActivationType.TOKEN or (product.used_type is None and product.token is not None)


def activated_with(products: Iterable[LicensedProduct], issuance: IssuanceLicense) -> tuple[LicensedProduct, ...]:
    """Return the products that are activated now by a token of this issuance license."""
    return tuple(
        product for product in products if product.status.is_activated and activated_by_token(product) and issuance_of(product) == issuance
    )


def issuance_of(product: LicensedProduct) -> IssuanceLicense | None:
    """Return the issuance license of the token activation of a product, or None without one."""
    token = product.token
    return IssuanceLicense(token.issuance_license_id, token.issuance_license_version) if token else None
