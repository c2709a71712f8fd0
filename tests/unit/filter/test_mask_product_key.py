# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter masks keys in texts and structures."""

from __future__ import annotations

from ansible_collections.winops.volume_activation.plugins.filter.mask_product_key import FilterModule, mask_product_key

KEY = "MMMMM-KKKKK-MMMMM-23BCD-FGHJK"
MASKED = "XXXXX-XXXXX-XXXXX-XXXXX-FGHJK"


def test_ansible_finds_the_filter_by_its_name() -> None:
    assert FilterModule().filters() == {"mask_product_key": mask_product_key}


def test_a_key_in_a_text_is_masked() -> None:
    assert mask_product_key(f"Installed {KEY} on win01") == f"Installed {MASKED} on win01"


def test_a_structure_is_masked_throughout() -> None:
    assert mask_product_key({"lines": [f"key {KEY}", 5], KEY: None}) == {"lines": [f"key {MASKED}", 5], MASKED: None}


def test_a_value_without_text_comes_back_unchanged() -> None:
    assert mask_product_key(1688) == 1688
