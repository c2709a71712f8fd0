# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Office 2010, which has its own licensing service on every Windows: the cases of Microsoft's questions and answers about it.

One key of a KMS host activates all products, each product has its own MAK, the first machines use a MAK until the KMS host has counted
five, machines without a connection use the telephone, and Windows and Office are activated independently of each other.
"""

from __future__ import annotations

import re

import pytest

from . import winrs
from .harness import Lab, Results

ESTATE = "office_2010.yml"
KEY = "MMMMM-KKKKK-MMMMM-HHH44-"
FEW_CLIENTS = "has not counted enough clients (current count: 3, required count: 5)"
BOTH = "keeps its GVLK ending in"
FIREWALL = "cannot manage the firewall of this machine because Windows does not show rules"
RESTART = "Restart the Office programs"
HOST = {"application": "office", "kms_host": "kms14.corp.lab"}
ALL = {"SEVEN": 3, "TOKYO": 3, "TERMINAL": 1}
FEW = ["FEW1", "FEW2", "FEW3"]
SETTLED = {"expected_warnings": (RESTART,)}


def statuses(lab: Lab, name: str) -> dict[str, str]:
    """The products with a key and their status, as ospp.vbs shows them."""
    found = winrs.ospp_products(winrs.ospp(lab.host_variables(name), 14, "/dstatus"))
    return {license_name: product["LICENSE STATUS"].strip("-") for license_name, product in found.items()}


def settled(lab: Lab, name: str) -> None:
    """Everything on a machine is licensed."""
    assert set(statuses(lab, name).values()) == {"LICENSED"}


@pytest.fixture(scope="module")
def converted(lab: Lab) -> tuple[Results, Results, Results]:
    """All products of the machines become clients of the host with one key."""
    wishes = dict.fromkeys(ALL, HOST)
    forecast = lab.each("kms_client", wishes, keywords={"check_mode": True})
    return forecast, lab.each("kms_client", wishes, expected_warnings=(RESTART,)), lab.each("kms_client", wishes)


@pytest.mark.quick
@pytest.mark.parametrize("name", ALL)
def test_one_host_key_activates_the_suite_project_and_visio(lab: Lab, converted: tuple[Results, Results, Results], name: str) -> None:
    forecast, done, again = (results[name] for results in converted)
    assert [item["outcome"] for item in done["activations"]] == ["activated"] * ALL[name]
    assert (forecast["changed"], done["changed"], again["changed"], converted[2].writes(name)) == (True, True, False, 0)
    settled(lab, name)
    assert lab.client.machine(name)["service"]["KeyManagementServiceMachine"] == "kms22.corp.lab"


def test_the_host_counts_the_cmid_of_office_and_not_that_of_windows(lab: Lab, converted: tuple[Results, Results, Results]) -> None:
    assert converted[1]["SEVEN"]["changed"]
    clients = [client for role in lab.client.machine("kms14")["kms_host"].values() for client in role["clients"]]
    for name in ALL:
        snapshot = lab.client.machine(name)
        assert snapshot["office"]["cmid"] in clients
        assert snapshot["service"]["ClientMachineID"] not in clients
    found = lab.all("activation_info", ["TOKYO"], application="all")["TOKYO"]
    assert found["office_service"]["cmid"] == lab.client.machine("TOKYO")["office"]["cmid"]


def test_the_first_machines_use_a_mak_until_the_host_has_counted_five(lab: Lab) -> None:
    wish = {"application": "office", "kms_host": "young14.corp.lab"}
    waiting = lab.all("kms_client", FEW[:1], {"expected_warnings": (FEW_CLIENTS,)}, **wish)[FEW[0]]
    assert (waiting["status"], waiting["activations"][0]["outcome"]) == ("ok", "waiting_for_count")
    assert (waiting["activations"][0]["current_count"], waiting["activations"][0]["required_count"]) == (3, 5)
    by_mak = lab.all("mak_client", FEW[:1], {"expected_warnings": (BOTH,)}, application="office", product_key=f"{KEY}BB222")[FEW[0]]
    assert (by_mak["activation"]["outcome"], by_mak["activations_used"]) == ("activated", 1)
    assert statuses(lab, FEW[0])["OfficeStandard-MAK"] == "LICENSED"
    lab.client.set_fault("young14", "kms_count", value=5)
    wish |= {"remove_leftover_keys": True, "lose_activation": True}
    done = lab.all("kms_client", FEW, SETTLED, **wish)
    again = lab.all("kms_client", FEW, **wish)
    lab.client.clear_faults()
    for name in FEW:
        assert done[name]["activations"][0]["outcome"] == "activated"
        assert statuses(lab, name) == {"OfficeStandard-KMS_Client": "LICENSED"}
        assert (again[name]["changed"], again.writes(name)) == (False, 0)


def test_each_product_has_a_mak_of_its_own(lab: Lab) -> None:
    listed = lab.all("activation_info", ["EACH"], application="office", include_products_without_key=True)["EACH"]["products"]
    (visio,) = (product["activation_id"] for product in listed if "OfficeVisioPrem-MAK" in product["name"])
    tasks = [
        ("mak_client", {"application": "office", "product_key": f"{KEY}BB222"}),
        ("mak_client", {"application": "office", "product_key": f"{KEY}VV222"}),
        ("mak_client", {"application": "office", "product_key": f"{KEY}VV222", "activation_id": visio}),
    ]
    _whole, done = lab.one_by_one(["EACH"], tasks, expected_warnings=(BOTH,))
    unclear = done.pop(1)["EACH"]
    assert unclear["error"]["code"] == "activation_would_be_lost"  # without activation_id, the MAK could be another one for the suite
    assert "activation_id" in unclear["msg"]
    assert [task["EACH"]["activations_used"] for task in done] == [1, 1]
    shown = statuses(lab, "EACH")
    assert (shown["OfficeStandard-MAK"], shown["OfficeVisioPrem-MAK"]) == ("LICENSED", "LICENSED")
    wrong = lab.all("mak_client", ["SINGLE"], application="office", product_key=f"{KEY}VV222")["SINGLE"]
    assert (wrong["status"], wrong["changed"], wrong["error"]["code"]) == ("failed", False, "0xC004E016")
    word = lab.all("mak_client", ["SINGLE"], application="office", product_key=f"{KEY}DD222")["SINGLE"]
    assert word["activation"]["outcome"] == "activated"
    assert statuses(lab, "SINGLE") == {"OfficeWord-MAK": "LICENSED"}


def test_windows_and_office_are_activated_in_different_ways(lab: Lab) -> None:
    found = lab.all("activation_info", ["EACH"], application="all")["EACH"]
    channels = {(product["application"], product["channel"]) for product in found["products"]}
    assert ("windows", "gvlk") in channels
    assert ("office", "mak") in channels


def test_a_machine_without_a_connection_is_activated_by_telephone(lab: Lab) -> None:
    tell = {"expected_warnings": ("does not activate the MAK ending in VV222 without a confirmation ID",)}
    waiting = lab.all("mak_client", ["PHONE"], tell, application="office", product_key=f"{KEY}VV222", activation_method="telephone")[
        "PHONE"
    ]
    assert waiting["activation"]["outcome"] == "needs_confirmation_id"
    (visio,) = (product for product in waiting["products"] if product["channel"] == "mak")
    assert visio["installation_id"] in winrs.ospp(lab.host_variables("PHONE"), 14, "/dinstid")
    answer = lab.client.phone(visio["installation_id"])
    wish = {"application": "office", "activation_method": "telephone", "confirmation_id": answer}
    done, again = lab.all("mak_client", ["PHONE"], **wish), lab.all("mak_client", ["PHONE"], **wish)
    assert (done["PHONE"]["activation"]["outcome"], again["PHONE"]["changed"]) == ("activated", False)
    assert statuses(lab, "PHONE")["OfficeVisioPrem-MAK"] == "LICENSED"


def test_the_grace_of_an_activated_office_is_reset_by_its_own_program_only(lab: Lab, converted: tuple[Results, Results, Results]) -> None:
    assert converted[1]["SEVEN"]["changed"]
    wish = {"scope": "application", "application_id": "59a52881-a989-479d-af46-f275c6370663", "force": True}
    refused = lab.all("rearm", ["TERMINAL"], **wish)["TERMINAL"]
    assert (refused["status"], refused["changed"]) == ("failed", False)
    command, _of_32_bit = re.findall(r'"%[^"]+OSPPREARM.EXE"', refused["msg"])
    before = lab.client.machine("TERMINAL")["office"]["cmid"]
    assert "successful" in winrs.command(lab.host_variables("TERMINAL"), command)
    assert lab.client.machine("TERMINAL")["office"]["cmid"] != before
    assert statuses(lab, "TERMINAL") == {"OfficeStandard-KMS_Client": "OOB_GRACE"}
    again = lab.all("kms_client", ["TERMINAL"], SETTLED, **HOST)["TERMINAL"]
    assert again["activations"][0]["outcome"] == "activated"


def test_a_host_for_windows_becomes_one_for_office_2010_too(lab: Lab) -> None:
    wish = {"host_keys": [{"product_key": "CCCCC-VVVVV-KKKKK-HHH44-MM222"}]}
    done = lab.all("kms_host", ["NEWHOST"], {"expected_warnings": (FIREWALL,)}, **wish)["NEWHOST"]
    assert (done["status"], done["changed"]) == ("ok", True), done["msg"]
    assert not lab.all("kms_host", ["NEWHOST"], {"expected_warnings": (FIREWALL,)}, **wish)["NEWHOST"]["changed"]
    moved = lab.all("kms_client", ["SEVEN"], SETTLED, application="office", kms_host="NEWHOST.corp.lab")["SEVEN"]
    assert [item["outcome"] for item in moved["activations"]] == ["activated"] * 3
