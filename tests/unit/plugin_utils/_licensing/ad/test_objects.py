# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation objects that a task is given: what is refused, which forest they are of, and what they cover."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.ad import objects as ad_objects
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.ad.objects import KnownObject, known_object

from ...conftest import build_client, build_office, build_os

CONTAINER = "CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration"
ITEM: dict[str, Any] = {"name": "Server 2022", "dn": f"CN=Server 2022,{CONTAINER},DC=corp,DC=lab", "product_name": "Windows Server 2022"}


def test_an_item_of_the_result_is_read_and_other_fields_do_not_matter() -> None:
    assert known_object({**ITEM, "guid": "x", "is_conflict_copy": False}) == KnownObject(ITEM["name"], ITEM["dn"], ITEM["product_name"])
    assert known_object({**ITEM, "product_name": None}).application is None


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"name": None}, "the name and the dn"),
        ({"dn": " "}, "the name and the dn"),
        ({"dn": ["CN=x"]}, "the name and the dn"),
        ({"product_name": "Windows 3.11"}, "the product_name of the activation object 'Server 2022'"),
        ({"product_name": 2022}, "the product_name of the activation object 'Server 2022'"),
    ],
)
def test_an_item_that_is_no_object_is_refused_in_a_sentence(wrong: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(complaint)):
        known_object({**ITEM, **wrong})


def test_an_object_with_a_name_of_blanks_does_not_make_the_others_useless() -> None:
    assert known_object({**ITEM, "name": "\u3000"}).name == "\u3000"


@given(st.text(), st.text(min_size=1).filter(str.strip))
def test_the_texts_of_an_object_are_one_line_and_bounded(name: str, dn: str) -> None:
    made = known_object({"name": name, "dn": dn, "product_name": None})
    assert len(made.name) <= 1024
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", made.name + made.dn)


@pytest.mark.parametrize(
    ("dn", "forest"),
    [
        (f"CN=a,{CONTAINER},DC=corp,DC=lab", "corp.lab"),
        (f"cn=a,{CONTAINER.lower()},dc=Corp,dc=LAB", "corp.lab"),
        (f"CN=a\\,CN=Configuration\\,DC=evil,{CONTAINER},DC=corp,DC=lab", "corp.lab"),
        (f"CN=a,CN=Configuration,DC=evil,{CONTAINER},DC=corp", "corp"),
        ("CN=a,CN=Users,DC=corp,DC=lab", None),
        ("CN=a\\,CN=Configuration,DC=corp", None),
        (f"CN=a,{CONTAINER},DC=corp,DC=lab,CN=x", None),
        ("", None),
        (None, None),
    ],
)
def test_the_forest_is_the_end_of_the_dn_and_a_name_cannot_pretend_another(dn: str | None, forest: str | None) -> None:
    assert ad_objects.forest_of(dn) == forest


@pytest.mark.parametrize(
    ("domain", "expected"),
    [("corp.lab", True), ("Child.CORP.lab.", True), ("evilcorp.lab", False), ("lab", False), ("corp.lab.evil", False)],
)
def test_a_domain_is_of_a_forest_if_it_is_its_root_or_below(domain: str, expected: bool) -> None:
    assert ad_objects.is_below(domain, "corp.lab") is expected


def test_the_required_key_is_the_oldest_that_covers_a_product_and_never_one_for_clients_only() -> None:
    def required(**os: Any) -> str | None:
        return ad_objects.required_key(build_client(), build_os(**os))

    assert required() == "Windows Server 2022"
    assert required(build=26100) == "Windows Server 2025"
    assert required(build=99999) is None
    office = build_office("Office21ProPlus2021VL_KMS_Client_AE")
    assert ad_objects.required_key(office, build_os()) == "Office LTSC 2021"


def test_the_newest_object_is_the_one_with_the_newest_key_in_any_order() -> None:
    made = [KnownObject(name, "CN=x", name) for name in ("Windows Server 2016", "Windows Server 2022", "Windows Server 2019")]
    for order in (made, made[::-1]):
        assert getattr(ad_objects.newest(order), "name", None) == "Windows Server 2022"
    assert ad_objects.newest([KnownObject("a", "CN=a", None)]) is None
