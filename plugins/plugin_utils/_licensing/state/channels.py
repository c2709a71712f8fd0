# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of product keys in words.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from .model import Channel, LicensedProduct

_WORDS = {
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


def channel_words(product: LicensedProduct) -> str:
    """The kind of a product's key for people."""
    return _WORDS[product.channel]
