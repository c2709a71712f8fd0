# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines of the programmes of Extended Security Updates, and their licenses, made by hand."""

from __future__ import annotations

from typing import Any

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import esu
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    Channel,
    LicensedProduct,
    LicenseStatus,
    ProductType,
)

from .conftest import build_product

WINDOWS_10: dict[str, Any] = {
    "caption": "Microsoft Windows 10 Pro",
    "version": "10.0.19045",
    "build": 19045,
    "product_type": ProductType.CLIENT,
}
WINDOWS_11 = {**WINDOWS_10, "caption": "Microsoft Windows 11 Pro", "version": "10.0.26100", "build": 26100}
ENDING = "YYYYY"


def build_windows(channel: Channel = Channel.RETAIL, **changes: Any) -> LicensedProduct:
    """The license of Windows 10 itself."""
    return build_product(
        **{
            "activation_id": "aaaaaaaa-0000-4000-8000-00000000000a",
            "name": "Windows(R), Professional edition",
            "family": "Professional",
            "channel": channel,
            "partial_product_key": "WWWWW",
            **changes,
        }
    )


def build_addon(name: str = "windows_10_year_2", ending: str | None = ENDING, **changes: Any) -> LicensedProduct:
    """The license of a programme, licensed and with a key unless told otherwise."""
    programme = esu.named(name)
    return build_product(
        **{
            "activation_id": programme.activation_id,
            "name": f"Windows(R), Client-ESU-Year{programme.year} add-on for Enterprise,Professional",
            "family": f"Client-ESU-Year{programme.year}",
            "is_addon": True,
            "partial_product_key": ending,
            "status": LicenseStatus.LICENSED if ending else LicenseStatus.UNLICENSED,
            **changes,
        }
    )
