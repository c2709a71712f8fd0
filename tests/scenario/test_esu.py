# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Extended Security Updates: the MAK stands beside the key of Windows, whatever licenses Windows, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from key_gate import assert_no_keys

from . import winrs
from .documented import task_complaints
from .harness import Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "esu.yml"
YEAR_1, YEAR_2 = "MMMMM-KKKKK-MMMMM-YWX22-TTWY2", "MMMMM-KKKKK-MMMMM-YWX33-TTWY3"
S2012, W7, S2008 = "MMMMM-KKKKK-MMMMM-YWX44-TTWY4", "MMMMM-KKKKK-MMMMM-YWX66-TTWY6", "MMMMM-KKKKK-MMMMM-YWX88-TTWY8"
EXHAUSTED, OF_WINDOWS = "MMMMM-KKKKK-MMMMM-YWX77-TTWY7", "MMMMM-KKKKK-MMMMM-MKC22-TTWX3"
ID_10_1, ID_10_2 = "f520e45e-7413-4a34-a497-d2765967d094", "1043add5-23b1-4afb-9a0f-64343c8f3f8d"
ID_2012, ID_7, ID_2008 = (
    "55b1dd2d-2209-4ea0-a805-06298bad25b3",
    "4220f546-f522-46df-8202-4d07afd26454",
    "16c08c85-0c8b-4009-9b2b-f1f7319e45f9",
)

WISHES: Mapping[str, Mapping[str, Any]] = {
    "GVLK": {"product_key": YEAR_2, "esu": "windows_10_year_2"},
    "RETAIL": {"product_key": YEAR_1, "activation_id": ID_10_1},
    "OEM": {"product_key": YEAR_2, "esu": "windows_10_year_2"},
    "MAK": {"product_key": YEAR_2, "activation_id": "{1043ADD5-23B1-4AFB-9A0F-64343C8F3F8D}"},
    "HOME": {"product_key": YEAR_2, "esu": "windows_10_year_2"},
    "HOST-2012R2": {"product_key": S2012, "activation_id": ID_2012},
    "S2012": {"product_key": S2012, "esu": "windows_server_2012_year_3"},
    "W7": {"product_key": W7, "esu": "windows_7_year_3"},
    "S2008R2": {"product_key": S2008, "esu": "windows_server_2008_year_3"},
    "SECOND": {"product_key": YEAR_2, "esu": "windows_10_year_2"},
}
IDS = {
    "GVLK": ID_10_2, "RETAIL": ID_10_1, "OEM": ID_10_2, "MAK": ID_10_2, "HOME": ID_10_2, "SECOND": ID_10_2,
    "HOST-2012R2": ID_2012, "S2012": ID_2012, "W7": ID_7, "S2008R2": ID_2008,
}  # fmt: skip
ENDED = ("RETAIL", "HOST-2012R2", "S2012", "W7", "S2008R2")
"""Machines whose year is over on 2026-11-20."""
ENDED_WARNINGS = (
    "year 1 (windows_10_year_1) ended on 2026-10-13",
    "year 3 (windows_server_2012_year_3) ended on 2026-10-13",
    "year 3 (windows_7_year_3) ended on 2023-01-10",
    "year 3 (windows_server_2008_year_3) ended on 2023-01-10",
)


def windows_of(lab: Lab, name: str) -> dict[str, Any]:
    """What the lab knows of the key of Windows and of the settings of the machine."""
    machine = lab.client.machine(name)
    (windows,) = [product for product in machine["products"] if not product["properties"]["LicenseIsAddon"]]
    settings = {key: machine["service"].get(key) for key in ("KeyManagementServiceMachine", "KeyManagementServicePort")}
    return {**windows["properties"], **settings}


@dataclass(frozen=True)
class Story:
    """Check mode, the run, a second run; Windows before and after, what slmgr says of the add-on then, and what each key has spent."""

    forecast: Results
    done: Results
    again: Results
    before: Mapping[str, Mapping[str, Any]]
    after: Mapping[str, Mapping[str, Any]]
    slmgr: Mapping[str, str]


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    before = {name: windows_of(lab, name) for name in WISHES}
    forecast, done, again = lab.thrice("mak_client", WISHES, expected_warnings=ENDED_WARNINGS)
    after = {name: windows_of(lab, name) for name in WISHES}
    return Story(forecast, done, again, before, after, {name: winrs.slmgr(lab.host_variables(name), "/dlv", IDS[name]) for name in WISHES})


@pytest.mark.smoke
@pytest.mark.parametrize("name", WISHES)
def test_the_license_is_activated_and_one_activation_is_spent(story: Story, name: str) -> None:
    result = story.done[name]
    assert (result["status"], result["changed"]) == ("ok", True)
    assert [(step["action"], step["done"], step["loses"]) for step in result["steps"]] == [
        ("install_product_key", True, None),
        ("activate", True, None),
    ]
    assert (result["activation"]["outcome"], result["activations_used"], story.done.calls(name, "Activate")) == ("activated", 1, 1)


@pytest.mark.parametrize("name", WISHES)
def test_result_and_diff_are_about_the_addon(story: Story, name: str) -> None:
    ending = str(WISHES[name]["product_key"])[-5:]
    for results in (story.forecast, story.done, story.again):
        (product,) = results[name]["products"]
        assert (product["activation_id"], product["is_addon"], product["primary"]) == (IDS[name], True, False)
    done, nothing = story.done[name], {"partial_product_key": None, "channel": None, "status": "unlicensed"}
    kms = {"kms_host": None, "kms_port": None, "lookup_domain": None}
    assert done["before"] == {**nothing, **kms}
    assert done["after"] == {"partial_product_key": ending, "channel": "mak", "status": "licensed", **kms}
    assert (done["products"][0]["partial_product_key"], done["activation"]["partial_product_key"]) == (ending, ending)
    assert (f"partial_product_key: {ending}" in done["diff"]["after"], "gvlk" in done["diff"]["before"]) == (True, False)
    assert (story.forecast[name]["before"], story.forecast[name]["after"]) == (done["before"], done["after"])


@pytest.mark.parametrize("name", WISHES)
def test_windows_itself_is_not_touched(story: Story, name: str) -> None:
    assert story.after[name] == story.before[name]


@pytest.mark.parametrize("name", WISHES)
def test_check_mode_sends_no_write_and_says_what_is_spent(story: Story, name: str) -> None:
    assert (story.forecast.writes(name), story.forecast[name]["activations_used"]) == (0, 1)
    assert [step["action"] for step in story.forecast[name]["steps"]] == ["install_product_key", "activate"]


@pytest.mark.parametrize("name", WISHES)
def test_a_second_run_sends_three_queries_and_writes_nothing(story: Story, name: str) -> None:
    result = story.again[name]
    assert (result["status"], result["changed"], result["activation"]["outcome"]) == ("ok", False, "already_licensed")
    # Windows returns the second product in an answer of its own.
    assert (story.again.writes(name), story.again.requests(name)) == (0, 4)


@pytest.mark.parametrize("name", WISHES)
def test_slmgr_shows_the_license_of_the_year(story: Story, name: str) -> None:
    assert IDS[name] in story.slmgr[name]
    assert str(WISHES[name]["product_key"])[-5:] in story.slmgr[name]


def test_every_license_with_a_key_is_listed(story: Story) -> None:
    assert story.done["SECOND"]["esu"] == [
        {"programme": "windows_10_year_1", "year": 1, "licensed": True, "ends": "2026-10-13"},
        {"programme": "windows_10_year_2", "year": 2, "licensed": True, "ends": "2027-10-12"},
    ]
    assert [each["programme"] for each in story.forecast["SECOND"]["esu"]] == ["windows_10_year_1"]


@pytest.mark.parametrize("name", WISHES)
def test_a_year_that_is_over_is_a_warning(story: Story, name: str) -> None:
    assert any("ended on" in warning for warning in story.again[name].get("warnings", ())) == (name in ENDED)


@pytest.mark.parametrize("name", WISHES)
def test_results_are_as_documented(story: Story, name: str) -> None:
    for results in (story.forecast, story.done):
        assert task_complaints("mak_client", results[name]) == []
    assert_no_keys(story.done.output)


REFUSED: Mapping[str, tuple[Mapping[str, Any], str, tuple[str, ...]]] = {
    "W11": ({"product_key": YEAR_2, "esu": "windows_10_year_2"}, "esu_not_for_this_windows", ("build: 26100", "build 19045")),
    "LTSC": ({"product_key": YEAR_2, "esu": "windows_10_year_2"}, "esu_not_for_this_windows", ("LTSC",)),
    "OLDER": ({"product_key": YEAR_2, "activation_id": ID_10_2}, "esu_not_for_this_windows", ("19044", "Update the machine to")),
    "NOPREP": ({"product_key": YEAR_2, "esu": "windows_10_year_2"}, "esu_preparation_missing", ("KB5046613", "19045.5131", "19045.4046")),
    "NOPREP-2012R2": ({"product_key": S2012, "esu": "windows_server_2012_year_3"}, "esu_preparation_missing", ("KB5017220", "lists none")),
    "GRACE": ({"product_key": YEAR_2, "esu": "windows_10_year_2"}, "windows_not_activated", ("initial_grace", "No activation was used")),
}


@pytest.fixture(scope="module")
def refused(lab: Lab) -> Results:
    return lab.each("mak_client", {name: wish for name, (wish, _code, _words) in REFUSED.items()})


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_work_is_refused_before_the_key_is_sent(refused: Results, name: str) -> None:
    _wish, code, words = REFUSED[name]
    result = refused[name]
    assert (result["status"], result["error"]["code"], refused.writes(name)) == ("failed", code, 0)
    said = f"{result['msg']} {' '.join(result['error']['next_steps'])}"
    assert [word for word in words if word not in said] == []


def test_what_cannot_be_read_is_not_called_missing(lab: Lab) -> None:
    lab.client.set_fault("UNREADABLE", "query_fault", class_name="SoftwareLicensingProduct", hresult=0x80041003)
    result = lab.all("mak_client", ["UNREADABLE"], product_key=YEAR_2, esu="windows_10_year_2")["UNREADABLE"]
    assert (result["status"], result["error"]["code"]) == ("failed", "0x80041003")


FAILURES: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "EXHAUSTED": ({"product_key": EXHAUSTED, "esu": "windows_10_year_2"}, "0xC004C020"),
    "OFFLINE": ({"product_key": YEAR_2, "esu": "windows_10_year_2"}, "0x80072EE7"),
    "WRONGYEAR": ({"product_key": YEAR_1, "esu": "windows_10_year_2"}, "wrong_key_type"),
    "WINDOWSKEY": ({"product_key": OF_WINDOWS, "esu": "windows_10_year_2"}, "wrong_key_type"),
}


@pytest.fixture(scope="module")
def failures(lab: Lab) -> tuple[Mapping[str, Mapping[str, Any]], Results, Mapping[str, Mapping[str, Any]]]:
    before = {name: windows_of(lab, name) for name in FAILURES}
    results = lab.each("mak_client", {name: wish for name, (wish, _code) in FAILURES.items()}, keywords={"diff": True})
    return before, results, {name: windows_of(lab, name) for name in FAILURES}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_takes_the_key_out_again(
    failures: tuple[Mapping[str, Mapping[str, Any]], Results, Mapping[str, Mapping[str, Any]]], name: str
) -> None:
    before, results, after = failures
    result = results[name]
    assert (result["status"], result["error"]["code"], result["rolled_back"]) == ("failed", FAILURES[name][1], True)
    assert result["esu"] == []
    if name != "WINDOWSKEY":
        assert "Windows itself was not changed" in result["msg"]
        assert after[name] == before[name]
    assert after[name]["LicenseStatus"] == 1
    if FAILURES[name][1].startswith("0x"):
        assert task_complaints("mak_client", result) == []
    assert_no_keys(results.output)


def test_a_key_of_windows_that_replaced_one_that_cannot_be_restored_is_no_small_matter(lab: Lab) -> None:
    """Windows shows only after the installation what a MAK is for. The step must not be to remove the only key of Windows."""
    settings = {"expected_warnings": ("lost the activation",)}
    result = lab.all("mak_client", ["WINDOWSKEY-OEM"], settings, product_key=OF_WINDOWS, esu="windows_10_year_2")["WINDOWSKEY-OEM"]
    assert (result["status"], result["error"]["code"], result["rolled_back"]) == ("failed", "wrong_key_type", False)
    assert "the OEM key" in result["msg"]
    first, then = result["error"]["next_steps"]
    assert ("previous key of Windows" in first, "state: absent" in first, "windows_10_year_2" in then) == (True, False, True)


def test_the_telephone_is_told_the_installation_id_of_the_addon(lab: Lab) -> None:
    names = ["PHONE", "PHONE-RETAIL"]
    windows = {name: windows_of(lab, name) for name in names}
    first = lab.each(
        "mak_client",
        {name: {"esu": "windows_10_year_2", "product_key": YEAR_2, "activation_method": "telephone"} for name in names},
        expected_warnings=("Get the confirmation ID from the activation center",),
    )
    told = {}
    for name in names:
        result = first[name]
        (product,) = result["products"]
        assert (result["activation"]["outcome"], product["activation_id"], result["activations_used"]) == (
            "needs_confirmation_id",
            ID_10_2,
            0,
        )
        assert result["activation"]["installation_id"] == product["installation_id"] != windows[name]["OfflineInstallationId"]
        told[name] = lab.client.phone(product["installation_id"])
    wishes = {
        name: {
            "esu": "windows_10_year_2",
            "activation_method": "telephone",
            "confirmation_id": told[name],
            "installation_id": first[name]["activation"]["installation_id"],
        }
        for name in names
    }
    second = lab.each("mak_client", wishes)
    again = lab.each("mak_client", wishes)
    for name in names:
        assert (second[name]["activation"]["outcome"], second[name]["esu"][0]["licensed"]) == ("activated", True)
        assert (again[name]["changed"], again.writes(name)) == (False, 0)
        assert windows_of(lab, name) == windows[name]


def test_a_key_without_a_programme_is_known_after_its_installation(lab: Lab) -> None:
    """Without esu and activation_id, only Windows knows what a MAK is for. The result is then about the add-on all the same."""
    before = windows_of(lab, "BYKEY")
    done = lab.all("mak_client", ["BYKEY"], {"keywords": {"diff": True}}, product_key=YEAR_2)["BYKEY"]
    assert (done["products"][0]["activation_id"], done["after"]["partial_product_key"]) == (ID_10_2, YEAR_2[-5:])
    assert (done["before"]["partial_product_key"], done["before"]["channel"], done["before"]["kms_host"]) == (None, None, None)
    assert windows_of(lab, "BYKEY") == before
    again = lab.all("mak_client", ["BYKEY"], product_key=YEAR_2)
    assert (again["BYKEY"]["changed"], again["BYKEY"]["products"][0]["activation_id"], again.writes("BYKEY")) == (False, ID_10_2, 0)


def test_without_a_programme_a_key_that_might_replace_another_is_refused(lab: Lab) -> None:
    refused = lab.all("mak_client", ["KEYONLY"], product_key=YEAR_2)["KEYONLY"]
    assert refused["error"]["code"] == "activation_would_be_lost"
    assert any("set esu to the programme" in step for step in refused["error"]["next_steps"])


def test_product_key_installs_and_removes_the_key_of_the_addon(lab: Lab) -> None:
    before, wish = windows_of(lab, "KEYONLY"), {"activation_id": ID_10_2}
    forecast, done, again = lab.thrice("product_key", {"KEYONLY": {**wish, "product_key": YEAR_2}})
    for results in (forecast, done, again):
        assert [product["activation_id"] for product in results["KEYONLY"]["products"]] == [ID_10_2]
    assert done["KEYONLY"]["before"]["partial_product_key"] is None
    assert (done["KEYONLY"]["after"]["partial_product_key"], again["KEYONLY"]["changed"]) == (YEAR_2[-5:], False)
    forecast, done, again = lab.thrice("product_key", {"KEYONLY": {**wish, "state": "absent"}})
    assert [product["activation_id"] for product in forecast["KEYONLY"]["products"]] == [ID_10_2]
    assert (done["KEYONLY"]["products"], done["KEYONLY"]["after"]["partial_product_key"]) == ([], None)
    assert (again["KEYONLY"]["changed"], windows_of(lab, "KEYONLY")) == (False, before)


def test_a_missing_tls_version_is_named_as_the_cause(lab: Lab) -> None:
    lab.client.set_fault("TLS", "wmi_fault", method="Activate", hresult=0x80072F8F)
    result = lab.all("mak_client", ["TLS"], {"expected_warnings": ("ended on 2023-01-10",)}, product_key=W7, esu="windows_7_year_3")["TLS"]
    assert (result["error"]["code"], "DefaultSecureProtocols" in result["error"]["next_steps"][0]) == ("0x80072F8F", True)
    lab.client.clear_faults()


CHECK = {"probe": False, "renewal": False, "clock_tolerance": 0, "esu": "windows_10_year_2"}


def test_a_check_fails_a_machine_without_the_year_and_passes_one_with_it(lab: Lab, story: Story) -> None:
    del story
    checked = lab.all("activation_check", ["GVLK", "OEM", "RETAIL", "NOPREP", "W11", "LTSC"], **CHECK)
    found = {name: [finding["id"] for finding in checked[name]["findings"]] for name in checked}
    assert found == {
        "GVLK": [],
        "OEM": [],
        "RETAIL": ["esu_missing", "esu_ended"],
        "NOPREP": ["esu_missing"],
        "W11": ["esu_not_for_this_windows"],
        "LTSC": ["esu_not_for_this_windows"],
    }
    assert {name for name in checked if checked[name]["status"] == "failed"} == {"RETAIL", "NOPREP"}
    assert "KB5046613" in checked["NOPREP"]["error"]["next_steps"][0]
    assert task_complaints("activation_check", checked["RETAIL"]) == []


def test_info_lists_the_licenses_and_names_the_programme(lab: Lab, story: Story) -> None:
    del story
    info = lab.all("activation_info", ["SECOND"])["SECOND"]
    assert [(each["programme"], each["licensed"]) for each in info["esu"]] == [("windows_10_year_1", True), ("windows_10_year_2", True)]
    assert "Extended Security Updates (windows_10_year_2) is licensed" in info["msg"]
    assert task_complaints("activation_info", info) == []


def test_a_rearm_that_would_end_the_license_is_refused(lab: Lab, story: Story) -> None:
    del story
    refused = lab.all("rearm", ["GVLK"], force=True, reboot=False)["GVLK"]
    assert refused["error"]["code"] == "activation_would_be_lost"
    assert "Extended Security Updates (windows_10_year_2)" in refused["msg"]


def test_a_key_that_was_only_installed_is_a_finding_and_is_activated_later(lab: Lab) -> None:
    wish = {"esu": "windows_10_year_2", "product_key": YEAR_2}
    installed = lab.all("mak_client", ["KEYONLY"], {"keywords": {"diff": True}}, **wish, activate=False)["KEYONLY"]
    assert (installed["activation"]["outcome"], installed["after"]["status"]) == ("not_requested", "unlicensed")
    assert installed["esu"] == [{"programme": "windows_10_year_2", "year": 2, "licensed": False, "ends": "2027-10-12"}]
    checked = lab.all("activation_check", ["KEYONLY"], probe=False, clock_tolerance=0)["KEYONLY"]
    assert [finding["id"] for finding in checked["findings"]] == ["esu_not_licensed"]
    later = lab.all("mak_client", ["KEYONLY"], esu="windows_10_year_2")["KEYONLY"]
    assert ([step["action"] for step in later["steps"]], later["activation"]["outcome"]) == (["activate"], "activated")


def test_a_mak_of_windows_is_replaced_by_kms_and_the_addon_stays(lab: Lab, story: Story) -> None:
    del story
    _before, moved = lab.one_by_one(
        ["MAK"], [("kms_client", {"kms_host": "KMS01.esu.example", "lose_activation": True}), ("activation_info", {})],
        expected_warnings=("loses the activation",),
    )  # fmt: skip
    info = moved[-1]["MAK"]
    assert [
        (product["is_addon"], product["channel"], product["status"]) for product in info["products"] if product["partial_product_key"]
    ] in (
        [(False, "gvlk", "licensed"), (True, "mak", "licensed")],
        [(True, "mak", "licensed"), (False, "gvlk", "licensed")],
    )
    again = lab.all("mak_client", ["MAK"], esu="windows_10_year_2")
    assert (again["MAK"]["changed"], again.writes("MAK")) == (False, 0)


def test_a_key_that_windows_does_not_accept_is_explained_by_the_programme(lab: Lab) -> None:
    before = windows_of(lab, "OFFLINE")
    lab.client.set_fault("OFFLINE", "wmi_fault", method="InstallProductKey", hresult=0xC004F050)
    result = lab.all("mak_client", ["OFFLINE"], product_key=YEAR_2, esu="windows_10_year_2")["OFFLINE"]
    lab.client.clear_faults()
    assert (result["error"]["code"], result["changed"]) == ("0xC004F050", False)
    assert "another programme or year" in result["error"]["cause"]
    assert "Each year has a key of its own" in result["error"]["next_steps"][0]
    assert windows_of(lab, "OFFLINE") == before
