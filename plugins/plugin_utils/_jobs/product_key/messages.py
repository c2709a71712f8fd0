# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of keys, and the settings for `before` and `after` of a task about one product key.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._licensing.catalog import gvlk
from ..._licensing.plan.key_steps import beside
from ..._licensing.state.model import Channel, LicensedProduct, LicenseStatus
from ..._licensing.state.product_key import ProductKey
from .model import ProductKeyDesired


def name_of(key: ProductKey, entry: gvlk.Gvlk | None, current: LicensedProduct | None, addon: LicensedProduct | None = None) -> str:
    """Return a noun phrase for the key. It is not known before whether an unknown key replaces the current one, or is for an add-on."""
    if entry:
        return f"GVLK ending in {key.partial_product_key} of {entry.product}"
    return f"product key ending in {key.partial_product_key}{beside(current, is_addon=addon is not None)}"


def comparable(product: LicensedProduct | None) -> dict[str, Any]:
    if product is None:
        return {"partial_product_key": None, "channel": None, "status": LicenseStatus.UNLICENSED.name.lower()}
    keyed = bool(product.partial_product_key)
    return {
        "partial_product_key": product.partial_product_key,
        "channel": product.channel.value if keyed else None,
        "status": product.status.name.lower(),
    }


def predict(desired: ProductKeyDesired, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the predicted `after`. The channel of a key that is not a GVLK is not known before its installation."""
    key = desired.product_key
    if not desired.present or key is None:
        return comparable(None)
    channel = Channel.GVLK if gvlk.known(key) else Channel.UNKNOWN
    return {
        **before,
        "partial_product_key": key.partial_product_key,
        "channel": channel.value,
        "status": LicenseStatus.INITIAL_GRACE.name.lower(),
    }
