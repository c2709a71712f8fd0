# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option csvlk_products: products of KMS host keys by activation ID."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.directory.opening import learned_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import InvalidOptionsError

ID = "2DE67392-B7A7-462A-B1CA-108DD189F588"


def test_ids_are_in_lower_case_and_products_have_the_name_of_the_catalog() -> None:
    assert learned_of({"csvlk_products": {ID: "windows server 2022"}}) == {ID.lower(): "Windows Server 2022"}


@pytest.mark.parametrize(
    ("known", "ends"),
    [({ID: "Server 2022"}, "?"), ({ID: "Solaris"}, "."), ({"abc": "Windows Server 2022"}, ".")],
    ids=["near", "far", "ID"],
)
def test_a_wrong_item_is_named_in_one_sentence(known: dict[str, str], ends: str) -> None:
    with pytest.raises(InvalidOptionsError) as failed:
        learned_of({"csvlk_products": known})
    text = str(failed.value)
    assert text.startswith("csvlk_products: '")
    assert text.endswith(ends)
    assert text[-2] not in "?."
