# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""50 machines without internet access get Extended Security Updates by telephone, as the guide describes it.

Whatever the key of Windows is, Microsoft is asked about the add-on: the installation ID of Windows would spend an activation of its MAK.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from key_gate import assert_no_keys
from winlab.client import LabError

from . import winrs
from .harness import Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "esu_telephone.yml"
KEY, WINDOWS_MAK = "MMMMM-KKKKK-MMMMM-22222-4444Y", "PC-MAK-01"
ACTIVATION_ID = "1043add5-23b1-4afb-9a0f-64343c8f3f8d"
WISH = {"esu": "windows_10_year_2", "product_key": KEY, "activation_method": "telephone"}


@dataclass(frozen=True)
class Plant:
    """Windows before anything was done, the run that installs the key, and the run that deposits what the telephone said."""

    windows: Mapping[str, list[dict[str, Any]]]
    spent: int
    first: Results
    second: Results


def windows_of(lab: Lab, name: str) -> list[dict[str, Any]]:
    products = [product["properties"] for product in lab.client.machine(name)["products"]]
    shown = ("ID", "PartialProductKey", "LicenseStatus", "OfflineInstallationId", "ProductKeyID", "KeyManagementServiceMachine")
    return [{each: product[each] for each in shown} for product in products if not product["LicenseIsAddon"]]


def addon_of(lab: Lab, name: str) -> Mapping[str, Any]:
    (found,) = (product["properties"] for product in lab.client.machine(name)["products"] if product["properties"]["LicenseIsAddon"])
    return dict(found)


def activations(lab: Lab, name: str, *, addon: bool) -> int:
    """How often the key of the add-on, or of Windows, was activated by all machines together."""
    products = lab.client.machine(name)["products"]
    return int(next(product["activations_used"] for product in products if product["properties"]["LicenseIsAddon"] is addon))


@pytest.fixture(scope="module")
def plant(lab: Lab) -> Plant:
    names = lab.names("plant")
    windows, spent = {name: windows_of(lab, name) for name in names}, activations(lab, WINDOWS_MAK, addon=False)
    first = lab.all("mak_client", names, {"expected_warnings": ("without a confirmation ID",)}, **WISH)
    wishes = {}
    for name, result in first.items():
        iid = result["products"][0]["installation_id"]
        wishes[name] = {**WISH, "installation_id": iid, "confirmation_id": lab.client.phone(iid)}
    return Plant(windows, spent, first, lab.each("mak_client", wishes))


def test_each_machine_reads_out_the_installation_id_of_its_add_on(lab: Lab, plant: Plant) -> None:
    told = {name: result["products"][0]["installation_id"] for name, result in plant.first.items()}
    assert told == {name: addon_of(lab, name)["OfflineInstallationId"] for name in plant.windows}
    assert len(set(told.values())) == 50
    assert not set(told.values()) & {product["OfflineInstallationId"] for products in plant.windows.values() for product in products}


def test_the_result_is_about_the_add_on(plant: Plant) -> None:
    for results in (plant.first, plant.second):
        assert {result["products"][0]["activation_id"] for result in results.values()} == {ACTIVATION_ID}
        assert {len(result["products"]) for result in results.values()} == {1}
    assert {result["activation"]["outcome"] for result in plant.first.values()} == {"needs_confirmation_id"}


def test_all_are_activated(lab: Lab, plant: Plant) -> None:
    assert {result["activation"]["outcome"] for result in plant.second.values()} == {"activated"}
    assert {addon_of(lab, name)["LicenseStatus"] for name in plant.windows} == {1}
    assert {(each["programme"], each["licensed"]) for result in plant.second.values() for each in result["esu"]} == {(WISH["esu"], True)}


def test_no_activation_of_windows_is_spent_and_one_of_the_add_on_for_each(lab: Lab, plant: Plant) -> None:
    assert activations(lab, WINDOWS_MAK, addon=False) == plant.spent == 12
    assert activations(lab, WINDOWS_MAK, addon=True) == 50
    with pytest.raises(LabError, match="4444Y has no activations left"):
        lab.client.phone(addon_of(lab, WINDOWS_MAK)["OfflineInstallationId"])


def test_windows_is_what_it_was(lab: Lab, plant: Plant) -> None:
    assert {name: windows_of(lab, name) for name in plant.windows} == plant.windows


def test_nothing_was_activated_over_the_internet(plant: Plant) -> None:
    assert {results.calls(name, "Activate") for results in (plant.first, plant.second) for name in plant.windows} == {0}
    assert {plant.second.calls(name, "DepositOfflineConfirmationId") for name in plant.windows} == {1}


@pytest.mark.parametrize("name", ["PC-KMS-16", "PC-MAK-01", "PC-OEM-12"])
def test_slmgr_says_that_windows_and_the_add_on_are_licensed(lab: Lab, plant: Plant, name: str) -> None:
    assert name in plant.windows
    for words in (("/dlv",), ("/dlv", ACTIVATION_ID)):
        assert winrs.slmgr_fields(winrs.slmgr(lab.host_variables(name), *words))["License Status"] == "Licensed"
    assert winrs.slmgr(lab.host_variables(name), "/dlv", "all").count("-ESU-Year") == 3


def test_another_run_writes_nothing(lab: Lab, plant: Plant) -> None:
    again = lab.all("mak_client", plant.windows, **WISH)
    assert {(result["changed"], again.writes(name)) for name, result in again.items()} == {(False, 0)}


def test_no_output_shows_a_key(plant: Plant) -> None:
    for results in (plant.first, plant.second):
        assert_no_keys(results.output, extra_keys=[KEY])
