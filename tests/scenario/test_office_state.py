# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of Office is read, reported, and checked. What a subscription licenses, and what no key fits, is left alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from .documented import task_complaints
from .harness import Lab, Results, gvlk_ending

ESTATE = "office_state.yml"
READ = ("NONE", "M365", "M365-RDS", "MIXED", "NO-KEY", "RETAIL", "C2R-2016", "MSI-2016", "MSI-2010", "W7", "TWO-KEYS")
MAK_VISIO, MAK_2010, MAK_2021 = (f"MMMMM-KKKKK-MMMMM-FFFFF-{ending}" for ending in ("22233", "22244", "22266"))
SUITE_2021, SUITE_2010, VISIO_MSI, VISIO_C2R = (gvlk_ending(ending) for ending in ("6F7TH", "H3GVB", "RJRJK", "RM6XC"))
LEFTOVER = "85dd8b5f-eaa4-4af3-a628-cce9e77c9a03"

INSTALLED: Mapping[str, list[tuple[str | None, str | None, str]]] = {
    "NONE": [],
    "M365": [("O365ProPlusRetail", None, "subscription")],
    "M365-RDS": [("O365ProPlusRetail", None, "subscription")],
    "MIXED": [("O365ProPlusRetail", None, "subscription"), ("VisioPro2021Volume", "2021", "volume"), (None, "2010", "volume")],
    "NO-KEY": [("ProPlus2021Volume", "2021", "volume"), ("VisioPro2021Volume", "2021", "volume")],
    "RETAIL": [("ProPlus2021Retail", "2021", "retail")],
    "C2R-2016": [("VisioProXVolume", "2016", "volume")],
    "MSI-2016": [(None, "2016", "volume")],
    "MSI-2010": [(None, "2010", "volume")],
    "W7": [(None, "2016", "volume")],
    "TWO-KEYS": [("ProPlus2021Volume", "2021", "volume")],
}
FINDINGS = {
    "NONE": [],
    "M365": ["managed_by_subscription"],
    "M365-RDS": ["managed_by_subscription"],
    "MIXED": ["leftover_key", "managed_by_subscription"],
    "NO-KEY": ["office_no_key"],
    "RETAIL": [],
    "C2R-2016": ["office_no_key"],
    "MSI-2016": ["office_no_key"],
    "MSI-2010": ["office_no_key"],
    "W7": [],
    "TWO-KEYS": [],
}
REFUSED: Mapping[str, tuple[str, str]] = {
    "M365": (SUITE_2021, "managed_by_subscription"),
    "M365-RDS": (SUITE_2021, "managed_by_subscription"),
    "MIXED": (SUITE_2021, "managed_by_subscription"),
    "RETAIL": (SUITE_2021, "click_to_run_is_retail"),
    "C2R-2016": (VISIO_MSI, "click_to_run_2016_key"),
    "MSI-2016": (VISIO_C2R, "click_to_run_2016_key"),
    "NONE": (SUITE_2010, "office_service_missing"),
}


@dataclass(frozen=True)
class Story:
    """What was read before anything changed; keys that no installed Office accepts; those that fit; and what is read at the end."""

    info: Results
    checked: Results
    refused: Results
    rejected: Results
    installed: Results
    again: Results
    removed: Results
    final: Results


def office_key(key: str, **options: Any) -> dict[str, Any]:
    return {"product_key": key, "application": "office", **options}


def leftover_id(result: Mapping[str, Any]) -> str:
    """The activation ID in the next step of the only leftover key."""
    (finding,) = [each for each in result["findings"] if each["id"] == "leftover_key"]
    return str(re.findall(r"activation_id: ([0-9a-f-]{36})", finding["next_steps"][0])[0])


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    check = {"application": "all", "probe": False, "fail_on": []}
    info, checked = lab.all("activation_info", READ, application="all"), lab.all("activation_check", READ, **check)
    refused = lab.each("product_key", {name: office_key(key) for name, (key, _code) in REFUSED.items()})
    rejected = lab.each("product_key", {"C2R-2016": office_key(MAK_VISIO), "MIXED": office_key(MAK_2010), "W7": office_key(MAK_VISIO)})
    fitting = {
        "NO-KEY": office_key(SUITE_2021),
        "C2R-2016": office_key(VISIO_C2R),
        "MSI-2016": office_key(MAK_VISIO),
        "MSI-2010": office_key(SUITE_2010),
        "MSI-2010-MAK": office_key(MAK_2010),
        "TWO-KEYS": office_key(MAK_2021),
    }
    installed, again = lab.each("product_key", fitting), lab.each("product_key", fitting)
    lab.each("product_key", {"MSI-2010": office_key(MAK_2010)})
    second = lab.all("activation_check", ["MSI-2010"], **check)
    absent = {"application": "office", "state": "absent"}
    removals = {"MIXED": {**absent, "activation_id": LEFTOVER}, "MSI-2010": {**absent, "activation_id": leftover_id(second["MSI-2010"])}}
    removed = lab.each("product_key", removals)
    final = lab.all("activation_check", READ, **check)
    return Story(info, checked, refused, rejected, installed, again, removed, final)


@pytest.mark.quick
@pytest.mark.smoke
@pytest.mark.parametrize("name", READ)
def test_installed_office_is_read_and_checked(story: Story, name: str) -> None:
    found = [(each["release_id"], each["release"], each["kind"]) for each in story.info[name]["office_installations"]]
    assert found == INSTALLED[name]
    assert story.checked[name]["office_installations"] == story.info[name]["office_installations"]
    assert [finding["id"] for finding in story.checked[name]["findings"]] == FINDINGS[name]
    assert (story.info.writes(name), story.checked.writes(name)) == (0, 0)


def test_results_are_as_documented(story: Story) -> None:
    for name in READ:
        assert task_complaints("activation_info", story.info[name]) == []
        assert task_complaints("activation_check", story.checked[name]) == []


def test_what_a_subscription_licenses_is_marked(story: Story) -> None:
    rds = story.info["M365-RDS"]
    assert [product["managed_by"] for product in rds["products"]] == [None, "subscription", "subscription"]
    assert rds["office_installations"][0]["shared_computer_licensing"] is True
    assert story.info["M365"]["office_installations"][0]["shared_computer_licensing"] is False
    assert "WMI does not show it" in rds["msg"]


def test_each_licensing_service_has_its_own_cmid_and_kms_host(story: Story) -> None:
    mixed = story.info["MIXED"]
    hosts = {product["licensing_service"]: product["kms"]["kms_host"] for product in mixed["products"]}
    assert hosts == {"windows": "kms1.office.example", "office": "kms14.office.example"}
    assert mixed["office_service"]["cmid"] not in (None, mixed["service"]["cmid"])
    assert story.info["W7"]["office_service"]["cmid"] not in (None, story.info["W7"]["service"]["cmid"])
    assert story.info["NO-KEY"]["office_service"] is None


@pytest.mark.parametrize("name", REFUSED)
def test_gvlk_of_another_edition_is_refused_before_it_is_sent(story: Story, name: str) -> None:
    result = story.refused[name]
    assert (result["status"], result["error"]["code"]) == ("failed", REFUSED[name][1])
    assert not story.refused.writes(name)


def test_rejected_key_is_explained_by_the_installed_office(story: Story) -> None:
    assert story.rejected["C2R-2016"]["error"]["code"] == "0xC004F069"
    assert "C2R-P for use with the Office Deployment Tool" in story.rejected["C2R-2016"]["msg"]
    assert story.rejected["MIXED"]["error"]["code"] == "several_licensing_services"
    assert story.rejected["W7"]["error"]["code"] == "0xC004E016"
    assert "office_installations" in story.rejected["W7"]["msg"]


@pytest.mark.parametrize("name", ["NO-KEY", "C2R-2016", "MSI-2016", "MSI-2010", "MSI-2010-MAK", "TWO-KEYS"])
def test_key_of_the_installed_office_goes_to_its_licensing_service(story: Story, name: str) -> None:
    done = story.installed[name]
    assert (done["status"], done["changed"], done.get("warnings", [])) == ("ok", True, [])
    assert done["products"][0]["licensing_service"] == ("office" if "2010" in name else "windows")
    assert (story.again[name]["changed"], story.again.writes(name)) == (False, 0)


def test_leftover_key_is_removed_by_the_step_of_the_finding(story: Story) -> None:
    (finding,) = [each for each in story.checked["MIXED"]["findings"] if each["id"] == "leftover_key"]
    assert f"activation_id: {LEFTOVER}" in finding["next_steps"][0]
    assert [step["action"] for step in story.removed["MIXED"]["steps"]] == ["remove_product_key"]
    assert [each["id"] for each in story.final["MIXED"]["findings"]] == ["managed_by_subscription"]


def test_leftover_key_of_the_licensing_service_of_office_is_removed_too(story: Story) -> None:
    assert [(step["action"], step["done"]) for step in story.removed["MSI-2010"]["steps"]] == [("remove_product_key", True)]
    assert "leftover_key" not in [each["id"] for each in story.final["MSI-2010"]["findings"]]


def test_second_key_of_a_product_is_a_leftover(story: Story) -> None:
    (finding,) = story.final["TWO-KEYS"]["findings"]
    assert (finding["id"], "ending in 22266" in finding["message"]) == ("leftover_key", True)
