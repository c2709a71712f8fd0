# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the kinds of product keys for messages.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from .model import Channel, LicensedProduct

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
