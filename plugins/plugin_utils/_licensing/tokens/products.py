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

from ..state.model import ActivationType, Application, LicensedProduct
from .model import IssuanceLicense


def activated_by_token(product: LicensedProduct) -> bool:
    """Return whether a token activated the product. Windows 7 does not report the used type, but the issuance license."""
    return product.used_type is ActivationType.TOKEN or (product.used_type is None and product.token is not None)


def activated_with(products: Iterable[LicensedProduct], issuance: IssuanceLicense) -> tuple[LicensedProduct, ...]:
    """Return the products that are activated now by a token of this issuance license."""
    return tuple(
        product for product in products if product.status.is_activated and activated_by_token(product) and issuance_of(product) == issuance
    )


def activate_on_machine(product: LicensedProduct) -> str:
    """Return the next step that activates a product with a token. Only a COM object of the machine itself can sign with the certificate."""
    is_office = product.application is Application.OFFICE
    command = "cscript ospp.vbs /tokact:<thumbprint>" if is_office else "slmgr.vbs /fta <thumbprint>"
    return f"Activate {product.name} on the machine, with the certificate or smart card: '{command}'."


def issuance_of(product: LicensedProduct) -> IssuanceLicense | None:
    """Return the issuance license of the token activation of a product, or None without one."""
    token = product.token
    return IssuanceLicense(token.issuance_license_id, token.issuance_license_version) if token else None
