# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The choice of a GVLK: unambiguous for every machine a published key is for, refused with a way out for all others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import gvlk
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    Application,
    LicensedProduct,
    OperatingSystem,
    ProductType,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey

SHARED = Path(__file__).resolve().parents[6] / "shared" / "data" / "gvlk.json"
# Every build Microsoft released, from Vista to Server 2025, with the ones of service packs and one from the future.
BUILDS = (6000, 6001, 6002, 6003, 7600, 7601, 9200, 9600, 10240, 10586, 14393, 15063, 16299, 17134, 17763, 18362, 18363, 19041, 19042,
          19043, 19044, 19045, 20348, 22000, 22621, 22631, 25398, 26100, 26200, 29651)  # fmt: skip
WINDOWS = [entry for entry in gvlk.catalog() if entry.application is Application.WINDOWS]
Systems = Callable[..., OperatingSystem]
Products = Callable[..., LicensedProduct]


def _machine(make_os: Systems, entry: gvlk.Gvlk, build: int) -> OperatingSystem:
    return make_os(build=build, product_type=ProductType.SERVER if entry.is_server else ProductType.CLIENT)


@pytest.mark.parametrize("entry", [entry for entry in WINDOWS if entry.auto_select], ids=lambda entry: entry.product)
def test_every_published_key_is_the_only_choice_for_its_edition_on_each_of_its_builds(entry: gvlk.Gvlk, make_os: Systems) -> None:
    builds = (*BUILDS, entry.build_min, entry.build_max or 99999)
    covered = {
        build for build in builds if entry.covers(_machine(make_os, entry, build)) and not gvlk.is_newer(_machine(make_os, entry, build))
    }
    assert covered
    for build in covered:
        rivals = [other for other in WINDOWS if other.auto_select and other.fits(_machine(make_os, entry, build), entry.edition_id)]
        if rivals == [entry]:
            assert gvlk.choose_gvlk(_machine(make_os, entry, build), entry.edition_id) is entry
        else:
            pytest.fail(f"build {build}: {[rival.product for rival in rivals]}")


def test_keys_of_editions_without_volume_licensing_are_known_but_never_chosen(make_os: Systems) -> None:
    never = [entry for entry in WINDOWS if not entry.auto_select]
    assert len(never) == 4
    assert all(gvlk.known(entry.key) is entry and entry.edition_id is None for entry in never)
    with pytest.raises(TaskRefusedError, match="no known GVLK for edition Core"):
        gvlk.choose_gvlk(make_os(build=9200, product_type=ProductType.CLIENT), "Core")


@pytest.mark.parametrize("edition", ["ServerStandard", "ServerDatacenterCor", "ServerTurbine"])
def test_a_server_newer_than_the_table_is_refused_with_the_version_that_knows_less(make_os: Systems, edition: str) -> None:
    with pytest.raises(TaskRefusedError) as refusal:
        gvlk.choose_gvlk(make_os(build=gvlk.NEWEST_SERVER.build + 1), edition)
    assert refusal.value.error_code == "build_not_known"
    assert "version 0.1.0 knows the GVLKs of Windows Server up to build 26100 (Windows Server 2025)" in refusal.value.message
    assert "allow_unknown_key: true" in refusal.value.next_steps[-1]


def test_a_client_newer_than_the_table_takes_the_key_of_all_clients(make_os: Systems) -> None:
    assert gvlk.choose_gvlk(make_os(build=40000, product_type=ProductType.CLIENT), "Professional").build_max is None


def test_the_newest_server_is_that_of_the_keys_and_of_this_version() -> None:
    newest = max((entry for entry in WINDOWS if entry.is_server), key=lambda entry: entry.build_min)
    assert newest.build_min == gvlk.NEWEST_SERVER.build
    assert newest.product.startswith(gvlk.NEWEST_SERVER.name)
    version = yaml.safe_load((Path(__file__).parents[5] / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    assert version == gvlk.NEWEST_SERVER.collection


def test_a_domain_controller_is_a_server_and_a_client_edition_is_not_offered_to_it(make_os: Systems) -> None:
    assert gvlk.choose_gvlk(make_os(product_type=ProductType.DOMAIN_CONTROLLER), "ServerStandard").is_server
    with pytest.raises(TaskRefusedError):
        gvlk.choose_gvlk(make_os(product_type=ProductType.CLIENT), "ServerStandard")


def test_server_core_of_2008_r2_takes_the_key_of_the_full_edition(make_os: Systems) -> None:
    assert gvlk.choose_gvlk(make_os(build=7601), "ServerEnterpriseCore").product == "Windows Server 2008 R2 Enterprise"


@pytest.mark.parametrize("edition", ["ServerStandardCor", "ServerStandardCore"])
def test_a_core_edition_of_later_servers_takes_the_key_of_the_full_edition(edition: str, make_os: Systems) -> None:
    assert gvlk.choose_gvlk(make_os(build=17763), edition).product == gvlk.choose_gvlk(make_os(build=17763), "ServerStandard").product


@pytest.mark.parametrize("family", ["ServerStandardCor", "ServerEnterpriseCore", "ServerDatacenterACor", "Professional"])
def test_the_family_of_a_core_edition_tells_the_edition_without_another_question(family: str, make_mak: Products) -> None:
    assert gvlk.shows_edition(make_mak(family=family))


def test_an_edition_without_a_gvlk_is_refused_with_what_the_machine_reported_and_a_way_out_that_exists(make_os: Systems) -> None:
    with pytest.raises(TaskRefusedError) as refusal:
        gvlk.choose_gvlk(make_os(caption="Microsoft Windows 11 Home", build=22631, product_type=ProductType.CLIENT), "Core")
    assert all(word in refusal.value.message for word in ("Core", "Windows 11 Home", "22631", "client"))
    # Such an edition has no volume license at all, so a MAK is no way out either.
    assert "the original key of the machine" in refusal.value.next_steps[0]


def test_without_key_and_edition_id_the_edition_is_unknown(make_os: Systems) -> None:
    with pytest.raises(TaskRefusedError) as refusal:
        gvlk.choose_gvlk(make_os(), None)
    assert refusal.value.error_code == "edition_unknown"


def test_the_catalog_holds_169_keys_82_of_windows_and_87_of_office() -> None:
    assert len(WINDOWS) == 82
    assert len(gvlk.catalog()) == 169
    assert len({entry.key for entry in gvlk.catalog()}) == 169
    assert len({entry.partial_product_key for entry in gvlk.catalog()}) == 169


@pytest.mark.skipif(not SHARED.exists(), reason="the shared facts are not next to this checkout")
def test_the_catalog_says_what_the_collected_facts_say() -> None:
    facts: list[dict[str, Any]] = json.loads(SHARED.read_text(encoding="utf-8"))
    for fact in facts:
        entry = gvlk.known(ProductKey(fact["key"]))
        assert entry is not None
        assert entry.product == fact["edition"]
        assert (entry.application.value, entry.auto_select) == (fact["kind"], fact["auto_select"])
        if fact["kind"] == "windows":
            assert (entry.edition_id, entry.build_min, entry.build_max) == (fact["edition_id"], fact["build_min"], fact["build_max"])
            assert entry.is_server == (fact["product_type"] == "server")
    # The keys of Project 2016 and Visio 2016 for Click-to-Run are from another page of Microsoft.
    assert len(facts) == len([entry for entry in gvlk.catalog() if not entry.click_to_run])


def test_a_range_of_one_build_is_named_as_one_build() -> None:
    for entry in gvlk.catalog():
        text = gvlk.describe_range(entry)
        assert f"{entry.build_min} to {entry.build_min}" not in text
        assert (f"build {entry.build_min})" in text) == (entry.edition_id is not None and entry.build_min == entry.build_max)
