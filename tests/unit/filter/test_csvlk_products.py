# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The products of KMS host keys are learned from the licenses that a machine lists."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.winops.volume_activation.plugins.filter.csvlk_products import csvlk_products

WINDOWS = "Windows(R) Operating System"
PRODUCTS = [
    {"activation_id": "b", "name": "Windows(R), ServerDatacenter edition", "description": f"{WINDOWS}, VOLUME_KMS_WS22 channel"},
    {"activation_id": "a", "name": "Windows(R), ServerDatacenter edition", "description": f"{WINDOWS}, VOLUME_KMS_WS25 channel"},
    {"activation_id": "c", "name": "Windows(R), ServerStandard edition", "description": f"{WINDOWS}, VOLUME_KMSCLIENT channel"},
    {"activation_id": "d", "name": "Windows(R), ServerStandard edition", "description": f"{WINDOWS}, VOLUME_KMS_WS31 channel"},
    {"activation_id": "e", "name": "Office 21, Office21KMSHost2021VL_KMS_Host_AE edition", "description": "Office 21, VOLUME_KMS channel"},
    {"activation_id": None, "name": "Windows(R)", "description": f"{WINDOWS}, VOLUME_KMS_WS19 channel"},
]
EXPECTED = {"a": "Windows Server 2025", "b": "Windows Server 2022", "e": "Office LTSC 2021"}


def test_host_licenses_are_named_and_others_are_left_out() -> None:
    found = csvlk_products(PRODUCTS)
    assert found == EXPECTED
    assert list(found) == ["a", "b", "e"]


def test_a_whole_result_and_its_list_give_the_same() -> None:
    assert csvlk_products({"products": PRODUCTS, "changed": False}) == EXPECTED
    assert csvlk_products([]) == {}


@pytest.mark.parametrize("value", [None, "text", {"failed": True}, ["text"], 7])
def test_any_other_input_is_refused(value: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="csvlk_products: "):
        csvlk_products(value)
