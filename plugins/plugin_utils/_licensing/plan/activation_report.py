# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result `activation` as plain data, with the same fields in every module.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....module_utils._hosts import DEFAULT_PORT, split_port
from ..state.model import Channel, LicensedProduct

ALREADY_LICENSED = "already_licensed"
"""The activation outcome of a product that is already licensed."""

NEEDS_CONFIRMATION_ID = "needs_confirmation_id"
"""The activation outcome of a product that requires a confirmation ID from Microsoft."""

_WITH_INSTALLATION_ID = frozenset({NEEDS_CONFIRMATION_ID, "failed", "not_requested"})


def activation_report(
    outcome: str,
    partial_product_key: str | None,
    attempts: int = 0,
    *,
    product: LicensedProduct | None = None,
    subject: LicensedProduct | None = None,
    endpoint: str | None = None,
    expires: str | None = None,
    count: Mapping[str, int | None] | None = None,
    error: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return `activation` of a result. Values that are not known are None.

    :param product: The product with the key, for its installation ID.
    :param subject: The product that the activation is about, also if it does not have the key yet. By default `product`.
    :param endpoint: The KMS host, as host:port.
    :param count: The clients that the KMS host has counted (`current`) and must count (`required`).
    :param error: An explained error.
    """
    host, port = split_port(endpoint) if endpoint else (None, None)
    named = subject or product
    return {
        "product_name": named.name if named else None,
        "activation_id": (named.activation_id or None) if named else None,
        "partial_product_key": partial_product_key,
        "outcome": outcome,
        "attempts": attempts,
        "kms_host": host,
        "kms_port": (port or DEFAULT_PORT) if host else None,
        "expires": expires,
        "current_count": count["current"] if count else None,
        "required_count": count["required"] if count else None,
        "installation_id": _installation_id(outcome, product),
        "error": None if error is None else dict(error),
    }


def _installation_id(outcome: str, product: LicensedProduct | None) -> str | None:
    """Return the installation ID for a telephone activation while the product is not activated; None for a KMS client."""
    if product is None or product.channel is Channel.GVLK or outcome not in _WITH_INSTALLATION_ID:
        return None
    return product.installation_id
