# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the kinds of product keys for messages, and of what activated a product for all modules and reports.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from ..tokens.products import activated_by_token
from .model import Channel, LicensedProduct

_OWN_KEYS = (Channel.MAK, Channel.CSVLK)
_LABELS = {
    Channel.GVLK: "GVLK",
    Channel.MAK: "MAK",
    Channel.CSVLK: "KMS host key",
    Channel.RETAIL: "retail key",
    Channel.OEM: "OEM key",
    Channel.SUBSCRIPTION: "subscription key",
    Channel.EVALUATION: "evaluation key",
    Channel.AVMA: "AVMA key",
    Channel.UNKNOWN: "key",
}


def channel_label(product: LicensedProduct) -> str:
    """Return the name of the kind of a product key for messages."""
    return _LABELS[product.channel]


def activated_by(product: LicensedProduct) -> str | None:
    """Return the channel of a MAK or a KMS host key that is activated itself, else VLActivationType if Windows reports it.

    On Windows 7 and Windows Server 2008 R2, a token is the way if the product names its issuance license, and the PID of a KMS host on an
    activated client means KMS.
    """
    if product.by_subscription:
        kept = product.used_type if product.status.is_activated else None
        return kept.name.lower() if kept is not None else "subscription"
    if not product.status.is_activated:
        return None
    if product.channel in _OWN_KEYS:
        return product.channel.value
    if product.used_type is not None:
        return product.used_type.name.lower()
    if activated_by_token(product):
        return "token"
    return "kms" if product.channel is Channel.GVLK and product.kms.host_extended_pid else None
