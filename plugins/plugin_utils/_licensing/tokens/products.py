# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which products a token activated.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from ..state.model import ActivationType, LicensedProduct


def activated_by_token(product: LicensedProduct) -> bool:
    """Return whether a token activated the product. Windows 7 does not report the used type, but the issuance license."""
    return product.used_type is ActivationType.TOKEN or (product.used_type is None and product.token is not None)
