# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""product_key installs and removes one key and nothing else, and no task takes a key away by accident."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from key_gate import assert_no_keys

from . import winrs
from .documented import task_complaints
from .harness import Lab, Results, gvlk_ending

ESTATE = "product_key.yml"
MAK_A, MAK_B = "MMMMM-KKKKK-MMMMM-PRQ22-TTWX3", "MMMMM-KKKKK-MMMMM-PRQ33-TTWX4"
OFFICE_MAK = "MMMMM-KKKKK-MMMMM-PRQ44-TTWX6"
BLOCKED = "RRRRR-TTTTT-RRRRR-PRQ66-TTWX7"
WISHES: Mapping[str, Mapping[str, Any]] = {
    "INSTALL-W10": {"product_key": MAK_A, "lose_activation": True},
    "INSTALL-W7": {"product_key": MAK_A.lower()},
    "SAME-W11": {"product_key": MAK_A},
    "ALWAYS-W10": {"product_key": MAK_B, "clear_from_registry": "always"},
    "REMOVE-W10": {"state": "absent", "lose_activation": True},
    "REMOVE-OTHER": {"state": "absent", "product_key": MAK_A},
    "CLEAR-W11": {"product_key": MAK_A, "clear_from_registry": "on_change", "lose_activation": True},
}
EXPECTED = {
    "INSTALL-W10": ["install_product_key"],
    "INSTALL-W7": ["install_product_key"],
    "SAME-W11": [],
    "REMOVE-W10": ["remove_product_key"],
    "REMOVE-OTHER": [],
    "CLEAR-W11": ["install_product_key", "clear_product_key_from_registry"],
}
CHANGED = ("INSTALL-W10", "INSTALL-W7", "REMOVE-W10", "CLEAR-W11")


@dataclass(frozen=True)
class Story:
    """Check mode, the run, a second run; what slmgr says then."""

    forecast: Results
    done: Results
    again: Results
    slmgr: Mapping[str, str]


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    """Every machine gets the key it is named after."""
    forecast, done, again = lab.thrice("product_key", WISHES)
    slmgr = {name: winrs.slmgr(lab.host_variables(name), "/dli") for name in WISHES if name != "REMOVE-W10"}
    return Story(forecast, done, again, slmgr)


@pytest.mark.quick
@pytest.mark.parametrize("name", EXPECTED)
def test_it_does_what_was_asked_for_and_nothing_else(story: Story, name: str) -> None:
    result = story.done[name]
    assert (result["status"], result["changed"]) == ("ok", name in CHANGED)
    assert [(step["action"], step["done"], step["consumes"]) for step in result["steps"]] == [
        (action, True, None) for action in EXPECTED[name]
    ]
    assert story.done.calls(name, "Activate") == 0


@pytest.mark.parametrize("name", EXPECTED)
def test_check_mode_predicts_and_sends_no_write(story: Story, name: str) -> None:
    forecast = story.forecast[name]
    assert (forecast["changed"], story.forecast.writes(name), story.forecast.costs[name]["shells"]) == (name in CHANGED, 0, 0)
    assert [step["action"] for step in forecast["steps"]] == EXPECTED[name]
    assert forecast["after"]["partial_product_key"] == story.done[name]["after"]["partial_product_key"]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_second_run_changes_nothing_and_sends_no_write(story: Story, name: str) -> None:
    assert (story.again[name]["changed"], story.again[name]["steps"], story.again.writes(name)) == (False, [], 0)
    assert story.again.requests(name) <= 4


LOST = {"INSTALL-W10": "retail key", "CLEAR-W11": "retail key", "REMOVE-W10": f"MAK ending in {MAK_B[-5:]}"}


@pytest.mark.parametrize("name", LOST)
def test_steps_warning_and_diff_name_the_activation_that_is_lost(story: Story, name: str) -> None:
    for results in (story.forecast, story.done):
        (lost,) = (step["loses"] for step in results[name]["steps"] if step["loses"])
        assert re.match(rf"the activation of .* with the {LOST[name]}", lost)
        assert results[name]["before"]["partial_product_key"] in lost
        assert any(f"{name}: This task loses {lost}." in warning for warning in results[name]["warnings"])
        assert lost in results[name]["diff"]["after"]
    assert all(step["loses"] is None for host in EXPECTED if host not in LOST for step in story.done[host]["steps"])


@pytest.mark.parametrize("name", ["INSTALL-W10", "CLEAR-W11", "SAME-W11"])
def test_slmgr_proves_the_key(story: Story, name: str) -> None:
    fields = winrs.slmgr_fields(story.slmgr[name])
    assert fields["Partial Product Key"] == "TTWX3"
    assert "VOLUME_MAK channel" in fields["Description"]


def test_a_key_in_lower_case_reaches_a_japanese_windows_7(story: Story) -> None:
    assert "TTWX3" in story.slmgr["INSTALL-W7"]
    assert story.done["INSTALL-W7"]["after"]["channel"] == "mak"


def test_a_mak_that_is_installed_is_not_installed_again_and_spends_no_activation(story: Story, lab: Lab) -> None:
    assert story.done.calls("SAME-W11", "InstallProductKey") == 0
    assert lab.client.machine("SAME-W11")["products"][0]["activations_used"] == 1


def test_force_clears_the_registry_but_does_not_install_the_same_mak_again(story: Story) -> None:
    assert [step["action"] for step in story.done["ALWAYS-W10"]["steps"]] == ["clear_product_key_from_registry"]
    assert story.done.calls("ALWAYS-W10", "ClearProductKeyFromRegistry") == 1
    assert story.done.calls("ALWAYS-W10", "InstallProductKey") == 0
    assert story.done["ALWAYS-W10"]["after"]["partial_product_key"] == MAK_B[-5:]


def test_a_removed_key_leaves_windows_without_one(story: Story, lab: Lab) -> None:
    assert (story.done["REMOVE-W10"]["before"]["partial_product_key"], story.done["REMOVE-W10"]["after"]["partial_product_key"]) == (
        MAK_B[-5:],
        None,
    )
    assert lab.all("activation_info", ["REMOVE-W10"])["REMOVE-W10"]["products"] == []
    with pytest.raises(AssertionError, match="slmgr"):
        winrs.slmgr(lab.host_variables("REMOVE-W10"), "/dli")


def test_a_key_is_removed_only_when_it_is_the_one_named(story: Story) -> None:
    assert story.done.calls("REMOVE-OTHER", "UninstallProductKey") == 0
    assert winrs.slmgr_fields(story.slmgr["REMOVE-OTHER"])["Partial Product Key"] == MAK_B[-5:]


@pytest.mark.parametrize("name", EXPECTED)
def test_every_documented_field_of_the_result_is_there(story: Story, name: str) -> None:
    assert task_complaints("product_key", story.done[name]) == []


def test_no_full_key_shows_in_results_diffs_and_output(story: Story) -> None:
    for results in (story.forecast, story.done, story.again):
        assert_no_keys(results.output)
        assert_no_keys(str(dict(results)))


def test_office_keys_stand_side_by_side_and_none_is_removed_without_saying_which(lab: Lab) -> None:
    host = ["OFFICE-TWO"]
    office = [gvlk_ending("6F7TH"), gvlk_ending("K2HT4")]
    for key in office:
        lab.all("product_key", host, application="office", product_key=key)
    keyed = lab.all("activation_info", host, application="office")["OFFICE-TWO"]["products"]
    assert len(keyed) == len(office) == 2
    refused = lab.all("product_key", host, application="office", state="absent")
    assert (refused["OFFICE-TWO"]["error"]["code"], refused.writes("OFFICE-TWO")) == ("several_products", 0)
    for product in keyed:
        assert product["activation_id"] in refused["OFFICE-TWO"]["msg"]
    gone = lab.all("product_key", host, application="office", state="absent", activation_id=keyed[0]["activation_id"])
    assert gone.calls("OFFICE-TWO", "UninstallProductKey") == 1
    left = lab.all("activation_info", host, application="all")["OFFICE-TWO"]["products"]
    assert [product["application"] for product in left] == ["windows", "office"]
    assert left[1]["activation_id"] == keyed[1]["activation_id"]


def test_the_key_of_a_kms_host_is_removed_only_by_convert_kms_host(lab: Lab) -> None:
    refused = lab.all("product_key", ["KMS01", "KMS02"], state="absent", lose_activation=True)
    for name in ("KMS01", "KMS02"):
        assert (refused[name]["error"]["code"], refused.writes(name)) == ("is_kms_host", 0)
    done = lab.all("product_key", ["KMS01"], state="absent", convert_kms_host=True)
    assert (done["KMS01"]["changed"], done["KMS01"]["before"]["channel"], done["KMS01"]["after"]["channel"]) == (True, "csvlk", None)
    assert "KMS host key" in done["KMS01"]["steps"][0]["loses"]


UNASKED: Mapping[str, Mapping[str, Any]] = {
    "REMOVE-OTHER": {"state": "absent"},
    "ALWAYS-W10": {"product_key": MAK_A, "allow_edition_mismatch": True, "convert_kms_host": True},
    "WRONGID-W10": {"product_key": MAK_A},
    "OEM-W10": {"product_key": gvlk_ending("T83GX")},
}


@pytest.mark.parametrize("check", [False, True])
def test_no_activation_is_lost_unasked_whatever_else_is_allowed(lab: Lab, check: bool) -> None:
    refused = lab.each("product_key", UNASKED, keywords={"check_mode": check})
    for name in UNASKED:
        result = refused[name]
        assert (result["status"], result["error"]["code"], refused.writes(name)) == ("failed", "activation_would_be_lost", 0)
        assert f"{name} would lose the activation of " in result["msg"]
        assert "lose_activation: true" in result["error"]["next_steps"][0]


def test_a_key_in_grace_or_refused_by_microsoft_is_replaced_without_being_asked(lab: Lab) -> None:
    done = lab.all("product_key", ["WRONG-W10", "GRACE-OEM", "BLOCKED-W10"], product_key=gvlk_ending("T83GX"))
    for name in ("WRONG-W10", "GRACE-OEM", "BLOCKED-W10"):
        assert (done[name]["status"], [step["loses"] for step in done[name]["steps"]]) == ("ok", [None])
        assert done[name]["before"]["channel"] in ("retail", "oem", "mak")


def test_a_blocked_key_is_explained_and_the_machine_keeps_its_own(lab: Lab) -> None:
    done = lab.all("product_key", ["BLOCKED-S2019"], product_key=BLOCKED, lose_activation=True)
    result = done["BLOCKED-S2019"]
    assert (result["status"], result["changed"], result["error"]["code"]) == ("failed", False, "0xC004F051")
    assert result["error"]["symbol"] == "SL_E_BLOCKED_PRODUCT_KEY"
    assert result["msg"].startswith("BLOCKED-S2019: Could not install the product key ending in TTWX7")
    assert "0xC004F051 SL_E_BLOCKED_PRODUCT_KEY: " in result["msg"]
    assert result["msg"].endswith(f"Next: {result['error']['next_steps'][0]}")
    assert winrs.slmgr_fields(winrs.slmgr(lab.host_variables("BLOCKED-S2019"), "/dli"))["Partial Product Key"] == MAK_B[-5:]
    assert_no_keys(done.output)


def test_a_key_of_office_is_not_taken_for_one_of_windows(lab: Lab) -> None:
    refused = lab.all("product_key", ["WRONGID-W10"], product_key=gvlk_ending("6F7TH"))
    assert (refused["WRONGID-W10"]["error"]["code"], refused.writes("WRONGID-W10")) == ("application_mismatch", 0)
    assert "Set application: office." in refused["WRONGID-W10"]["msg"]


def test_a_key_for_a_license_the_machine_does_not_have_is_refused_before_it_replaces_another(lab: Lab) -> None:
    wrong = "00000000-0000-0000-0000-000000000001"
    done = lab.all("product_key", ["WRONGID-W10"], product_key=MAK_A, activation_id=wrong, lose_activation=True)
    assert (done["WRONGID-W10"]["error"]["code"], done.writes("WRONGID-W10")) == ("activation_id_unknown", 0)
    assert wrong in done["WRONGID-W10"]["msg"]


def test_a_key_that_turns_out_to_be_for_another_product_than_named_fails(lab: Lab) -> None:
    products = lab.all("activation_info", ["WRONGID-W10"], include_products_without_key=True)["WRONGID-W10"]["products"]
    other = next(product["activation_id"] for product in products if product["channel"] == "oem" and not product["partial_product_key"])
    done = lab.all("product_key", ["WRONGID-W10"], product_key=MAK_A, activation_id=other, lose_activation=True)
    assert (done["WRONGID-W10"]["status"], done["WRONGID-W10"]["error"]["code"]) == ("failed", "wrong_key_type")
    assert other in done["WRONGID-W10"]["msg"]
    assert done.calls("WRONGID-W10", "Activate") == 0


@dataclass(frozen=True)
class Mixed:
    """A key of Windows in a task for Office, and the other way round; what the machines are afterwards."""

    done: Results
    after: Results


@pytest.fixture(scope="module")
def mixed(lab: Lab) -> Mixed:
    """What a key is for is known only after its installation."""
    for_office = {"application": "office", "product_key": MAK_A}
    wishes = {"MIXED-MAK": for_office, "MIXED-KMS": for_office, "MIXED-OFFICE": {"product_key": OFFICE_MAK}}
    done = lab.each("product_key", {**wishes, "MIXED-HOST": for_office})
    return Mixed(done, lab.all("activation_info", [*wishes, "MIXED-HOST"], application="all"))


@pytest.mark.parametrize("name", ["MIXED-MAK", "MIXED-HOST"])
def test_a_key_of_windows_in_a_task_for_office_fails_and_names_the_activation_that_it_replaced(mixed: Mixed, name: str) -> None:
    failed = mixed.done[name]
    assert (failed["status"], failed["changed"], failed["error"]["code"]) == ("failed", True, "wrong_key_type")
    assert failed["steps"][0]["loses"] == "the activation of Windows(R), Professional edition with the MAK ending in TTWX4"
    assert all("MAK ending in TTWX4" in text for text in (failed["msg"], " ".join(failed["warnings"])))
    assert failed["before"] == failed["after"] == {"partial_product_key": None, "channel": None, "status": "unlicensed"}
    (windows,) = (product for product in mixed.after[name]["products"] if product["application"] == "windows")
    assert windows["partial_product_key"] == MAK_A[-5:]


def test_a_kms_client_gets_its_key_back_from_a_key_of_windows_in_a_task_for_office(mixed: Mixed) -> None:
    failed = mixed.done["MIXED-KMS"]
    assert (failed["status"], failed["error"]["code"], failed["steps"][0]["loses"]) == ("failed", "wrong_key_type", None)
    (windows,) = mixed.after["MIXED-KMS"]["products"]
    assert (windows["channel"], windows["status"]) == ("gvlk", "licensed")


def test_a_key_of_office_in_a_task_for_windows_fails_and_windows_stays_as_it_is(mixed: Mixed) -> None:
    failed = mixed.done["MIXED-OFFICE"]
    assert (failed["status"], failed["error"]["code"]) == ("failed", "wrong_key_type")
    assert "application: windows" in failed["msg"]
    windows = next(product for product in mixed.after["MIXED-OFFICE"]["products"] if product["application"] == "windows")
    assert (windows["channel"], windows["status"]) == ("gvlk", "licensed")
