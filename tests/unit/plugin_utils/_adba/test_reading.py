# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of activation objects, and what a task says about them."""

from __future__ import annotations

import uuid

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._adba.explanation import describe_directory, summary, warnings_about
from ansible_collections.winops.volume_activation.plugins.plugin_utils._adba.model import ATTRIBUTES, describe, of_entry
from ansible_collections.winops.volume_activation.plugins.plugin_utils._adba.reading import (
    Domains,
    container_of,
    domains_of,
    read_object,
    read_objects,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import DirectoryError

from .directory_in_memory import CONTAINER, NOW, Memory, entry, guid_of

TWIN = "Twin\nCNF:4b6d2b0e-6a0c-4a44-9a35-1fd6c1d0a111"


def test_guids_have_the_byte_order_of_windows() -> None:
    found = of_entry(entry(msSPP_CSVLKSkuId=(bytes.fromhex("83b9f347537c454dabc6bcd91e2dd90a"),)), {})
    assert found
    assert found.activation_id == "47f3b983-7c53-4d45-abc6-bcd91e2dd90a"
    assert found.product_name == "Office LTSC 2021"


def test_an_object_becomes_the_data_of_a_result() -> None:
    found = of_entry(entry(displayName=(b"Server 2022 (CSVLK)",)), {})
    assert found
    data = describe(found, NOW)
    assert data["name"] == "Server 2022"
    assert data["display_name"] == "Server 2022 (CSVLK)"
    assert (data["created_time"], data["age_days"]) == ("2026-11-20T10:00:00Z", 11)
    assert data["kms_ids"] == [str(uuid.UUID(int=1)), str(uuid.UUID(int=2))], "the server returns them in any order"
    assert data["is_conflict_copy"] is False


def test_without_a_display_name_the_name_is_shown() -> None:
    found = of_entry(entry(), {})
    assert found
    assert describe(found, NOW)["display_name"] == "Server 2022"


def test_an_object_that_was_created_in_the_future_has_the_age_0() -> None:
    found = of_entry(entry(whenCreated=(b"20261224100000.0Z",)), {})
    assert found
    assert describe(found, NOW)["age_days"] == 0


def test_a_learned_product_is_used_for_an_id_that_is_not_published() -> None:
    sku = uuid.UUID("aaaaaaaa-0000-4000-8000-000000000022")
    item = entry(msSPP_CSVLKSkuId=(sku.bytes_le,))
    products = [found.product_name for learned in ({}, {str(sku): "Windows Server 2022"}) if (found := of_entry(item, learned))]
    assert products == [None, "Windows Server 2022"]


@pytest.mark.parametrize("value", [b"", b"short", bytes(17)])
def test_a_value_that_is_no_guid_is_not_known(value: bytes) -> None:
    found = of_entry(entry(msSPP_CSVLKSkuId=(value,), msSPP_KMSIds=(value,)), {})
    assert found
    assert (found.activation_id, found.kms_ids) == (None, ())


def test_an_entry_of_another_class_or_without_guid_is_no_activation_object() -> None:
    assert of_entry(entry(objectClass=(b"top", b"container")), {}) is None
    assert of_entry(entry(objectGUID=()), {}) is None


def test_a_name_that_the_account_cannot_read_is_in_the_distinguished_name() -> None:
    found = of_entry(entry("Server, 2022", cn=()), {})
    assert found
    assert found.name == "Server, 2022"


def test_texts_of_a_server_are_bounded() -> None:
    long = (b"x" * 100_000,)
    found = of_entry(entry(cn=long, displayName=long, msSPP_CSVLKPartialProductKey=long, msSPP_CSVLKPid=long), {})
    assert found
    assert max(len(str(value)) for value in describe(found, NOW).values()) == 1024
    assert len(found.label) < 3000


def test_a_conflict_copy_is_marked_and_its_name_is_one_line() -> None:
    found = of_entry(entry(TWIN, displayName=(b"Twin",)), {})
    assert found
    data = describe(found, NOW)
    assert data["name"] == "Twin\\0ACNF:4b6d2b0e-6a0c-4a44-9a35-1fd6c1d0a111"
    assert data["is_conflict_copy"] is True
    assert all("\n" not in text for text in data.values() if isinstance(text, str))


def test_a_conflict_copy_is_found_by_its_own_name_only() -> None:
    copy, original = of_entry(entry(TWIN, displayName=(b"Twin",)), {}), of_entry(entry("Twin"), {})
    assert copy
    assert original
    assert not copy.has_name("Twin")
    assert copy.has_name("Twin\\0ACNF:4b6d2b0e-6a0c-4a44-9a35-1fd6c1d0a111")
    assert original.has_name("TWIN")


def test_only_named_attributes_are_read_and_no_license() -> None:
    memory = Memory([entry()])
    read_objects(memory, {})
    read_object(memory, guid_of(memory.objects[0]), {})
    assert [asked for _base, _scope, _filter, asked in memory.searches] == [ATTRIBUTES, ATTRIBUTES]
    assert not [name for name in ATTRIBUTES if "License" in name or name == "*"]


def test_the_container_is_searched_one_level_deep_below_the_configuration_of_the_forest() -> None:
    memory = Memory([entry("b"), entry("A")])
    assert [item.name for item in read_objects(memory, {})] == ["A", "b"]
    assert memory.searches[0][:3] == (CONTAINER, "one", "(objectClass=msSPP-ActivationObject)")
    assert container_of(memory) == CONTAINER


@pytest.mark.parametrize(("has_class", "code"), [(True, "directory_no_container"), (False, "directory_schema_too_old")])
def test_without_container_the_schema_decides_what_is_missing(has_class: bool, code: str) -> None:
    with pytest.raises(DirectoryError) as raised:
        read_objects(Memory(has_container=False, has_class=has_class), {})
    assert raised.value.error_code == code
    assert "CORP\\reader" in str(raised.value)


def test_no_object_is_no_proof_and_names_the_account() -> None:
    text = summary(Memory(), ())
    assert "CORP\\reader sees no activation object in the forest corp.lab" in text
    assert "without the right to read" in text


def test_the_summary_names_the_objects_with_product_and_key() -> None:
    memory = Memory([entry(name) for name in "ABCDE"])
    text = summary(memory, read_objects(memory, {}))
    assert text.startswith(
        "dc1.corp.lab: 5 activation objects in the forest corp.lab: 'A' of Office LTSC 2021 with the key ending in 3QDRM;"
    )
    assert text.endswith("; and 2 more.")


def test_what_needs_attention_is_a_warning() -> None:
    objects = [
        of_entry(entry(TWIN), {}),
        of_entry(entry("Hidden", msSPP_CSVLKSkuId=()), {}),
        of_entry(entry("New", msSPP_CSVLKSkuId=(uuid.UUID(int=9).bytes_le,)), {}),
    ]
    copy, hidden, new = warnings_about([item for item in objects if item])
    assert "renamed" in copy
    assert "'Hidden'" in hidden
    assert str(uuid.UUID(int=9)) in new
    assert warnings_about([item for item in [of_entry(entry(), {})] if item]) == ()


def test_the_directory_of_a_result_has_the_forest_and_the_container() -> None:
    described = describe_directory(Memory())
    assert (described["server"], described["forest"], described["container"]) == ("dc1.corp.lab", "corp.lab", CONTAINER)


def test_the_domains_of_a_forest_include_its_root_domain_also_if_they_cannot_be_read() -> None:
    assert domains_of(Memory()) == Domains("corp.lab")
    found = domains_of(Memory(partitions=("corp.lab", "EU.corp.lab", "other.lab")))
    assert found == Domains("corp.lab", ("corp.lab", "eu.corp.lab", "other.lab"))
