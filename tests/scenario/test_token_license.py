# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Issuance licenses are installed once and removed once, known by ID and version, and a license in use is not removed unasked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from winlab.simulation.catalog import activation_id
from winlab.simulation.facts import OFFICE, WINDOWS
from winlab.simulation.license_files import document, issuance_license
from winlab.simulation.token_licenses import TokenLicense

from .documented import complaints, documentation, task_complaints
from .harness import Lab, Results

ESTATE = "token_license.yml"
INSTALL, UNINSTALL = "InstallLicense", "Uninstall"
ILID, OTHER_ILID = "2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42", "9c42aaaa-7b3e-4c9a-8f60-3d1e5b7a0001"
PRODUCT = activation_id("a product of no machine")
V3 = {"issuance_license_id": ILID, "issuance_license_version": 3}
V2 = {**V3, "issuance_license_version": 2}
FILES = {
    "v3.xrm-ms": issuance_license(TokenLicense(PRODUCT, ILID, 3)),
    "office.xrm-ms": issuance_license(TokenLicense(PRODUCT, ILID, 3), application_id=OFFICE),
    "other.xrm-ms": issuance_license(TokenLicense(PRODUCT, OTHER_ILID, 7)),
    "addon.xrm-ms": document("Add-on", PRODUCT, WINDOWS),
    "unsigned.xrm-ms": issuance_license(TokenLicense(PRODUCT, ILID, 3), signature="somebody"),
    "page.xrm-ms": "<html><body>Not found</body></html>",
}
PRESENT = {**V3, "src": ["v3.xrm-ms"]}
WISHES: Mapping[str, Mapping[str, Any]] = {
    "PLAIN": PRESENT,
    "TOKYO": {**PRESENT, "issuance_license_id": f"{{{ILID.upper()}}}"},
    "R2": PRESENT,
    "SEVEN": {**V3, "src": ["office.xrm-ms"], "licensing_service": "office"},
    "OLDER": {**V2, "state": "absent"},
}
SOME = {"issuance_licenses": [V3]}
NONE: dict[str, Any] = {"issuance_licenses": []}
UNKNOWN_PRODUCT = "Windows does not authorize the issuance license"

Runs = tuple[Results, Results, Results]


@pytest.fixture(scope="module", autouse=True)
def files(lab: Lab) -> None:
    """The files beside the playbooks."""
    folder = lab.folder / "files"
    folder.mkdir(exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def runs(lab: Lab) -> Runs:
    """Check mode, the run and a second run. The lab does not know the product of the license, and says so in AuthorizationStatus."""
    forecast = lab.each("token_license", WISHES, keywords={"check_mode": True, "diff": True})
    done = lab.each("token_license", WISHES, keywords={"diff": True}, expected_warnings=(UNKNOWN_PRODUCT,))
    return forecast, done, lab.each("token_license", WISHES, expected_warnings=(UNKNOWN_PRODUCT,))


@pytest.mark.quick
@pytest.mark.smoke
@pytest.mark.parametrize("name", WISHES)
def test_a_license_is_installed_or_removed_once(runs: Runs, name: str) -> None:
    forecast, done, again = (run[name] for run in runs)
    assert (forecast["changed"], done["changed"], again["changed"]) == (True, True, False)
    assert [run.writes(name) for run in runs] == [0, 1, 0]
    assert runs[2].requests(name) == 3
    assert done["after"] == forecast["after"] == again["before"] == again["after"] == (NONE if name == "OLDER" else SOME)


@pytest.mark.parametrize("name", WISHES)
def test_check_mode_foresees_what_the_run_does(runs: Runs, name: str) -> None:
    forecast, done, again = (run[name] for run in runs)
    doing = f"remove the issuance license {ILID}, version 2"
    if name != "OLDER":
        doing = f"install the issuance license {ILID}, version 3, from {WISHES[name]['src'][0]}"
    assert [step["description"] for step in done["steps"]] == [doing]
    assert [{**step, "done": False} for step in done["steps"]] == forecast["steps"]
    assert again["steps"] == []
    assert forecast["diff"] == done["diff"]
    assert (ILID in done["diff"]["after"]) is (name != "OLDER")


def test_the_result_is_as_documented_and_lists_the_licenses(runs: Runs) -> None:
    for name in WISHES:
        assert task_complaints("token_license", runs[1][name]) == []
    (license_of_seven,) = runs[1]["SEVEN"]["token_licenses"]
    assert (license_of_seven["issuance_license_version"], license_of_seven["licensing_service"]) == (3, "office")
    assert runs[0]["PLAIN"]["token_licenses"] == []
    assert runs[1]["PLAIN"]["token_licenses"][0]["authorization_status"]["symbol"] == "SL_E_TKA_INVALID_SKU_ID"


def test_activation_info_reads_issuance_licenses_only_if_asked(runs: Runs, lab: Lab) -> None:
    assert runs[1]["SEVEN"]["changed"]
    names = ["CARD", "CARD7", "SEVEN", "OLD"]
    plain, found = lab.all("activation_info", names), lab.all("activation_info", names, include_token_licenses=True)
    assert [plain[name]["token_licenses"] for name in names] == [None] * 4
    assert found.requests("CARD") == plain.requests("CARD") + 1
    assert found.requests("OLD") == plain.requests("OLD")
    assert (found["OLD"]["token_licenses"], found["SEVEN"]["token_licenses"]) == (None, [])
    (card,) = found["CARD"]["token_licenses"]
    assert (card["issuance_license_id"], card["expires"], card["authorization_status"]) == (ILID, "2027-11-20T09:00:00Z", None)
    assert task_complaints("activation_info", found["CARD"]) == []
    office = lab.all("activation_info", ["SEVEN"], application="office", include_token_licenses=True)["SEVEN"]
    assert [each["licensing_service"] for each in office["token_licenses"]] == ["office"]


@pytest.mark.parametrize("name", ["CARD", "CARD7"])
def test_a_machine_shows_the_token_that_activated_it(lab: Lab, name: str) -> None:
    (product,) = (each for each in lab.all("activation_info", [name])[name]["products"] if each["primary"])
    assert product["activated_by"] == "token"
    assert (product["token"]["issuance_license_id"], product["token"]["issuance_license_version"]) == (ILID, 3)
    assert product["token"]["grant_number"] == 1
    assert len(product["token"]["certificate_thumbprint"]) == 40


def test_a_check_looks_at_the_license_of_a_token_and_costs_other_machines_nothing(lab: Lab) -> None:
    wish = {"renewal": False, "fail_on": []}
    found = lab.all("activation_check", ["CARD", "BARE"], min_days_left=400, **wish)
    findings = {each["id"]: each for each in found["CARD"]["findings"]}
    assert set(findings) == {"token_license_expires_soon", "expires_soon"}
    assert "2027-11-20T09:00:00Z" in findings["token_license_expires_soon"]["message"]
    assert "slmgr.vbs /fta <thumbprint>" in findings["expires_soon"]["next_steps"][0]
    assert lab.all("activation_check", ["CARD"], min_days_left=30, **wish)["CARD"]["findings"] == []
    assert not [each for each in found["BARE"]["findings"] if each["id"].startswith("token")]


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_license_in_use_is_not_removed_unasked(lab: Lab, check_mode: bool) -> None:
    found = lab.all("token_license", ["CARD", "CARD7"], {"keywords": {"check_mode": check_mode}}, **V3, state="absent")
    for name in ("CARD", "CARD7"):
        result = found[name]
        assert (result["status"], result["error"]["code"], found.writes(name)) == ("failed", "activation_would_be_lost", 0)
        assert "would lose the token-based activation of" in result["msg"]
        assert "Set lose_activation: true" in " ".join(result["error"]["next_steps"])


def test_another_version_of_a_license_in_use_may_go(lab: Lab) -> None:
    done = lab.all("token_license", ["CARD"], **V2, state="absent")["CARD"]
    assert (done["status"], done["changed"], done["after"]) == ("ok", False, SOME)


def test_a_license_in_use_is_removed_if_the_loss_is_accepted(lab: Lab) -> None:
    warning = "This task loses the token-based activation of"
    settings = {"expected_warnings": (warning,), "keywords": {"diff": True}}
    done = lab.all("token_license", ["CARD7"], settings, **V3, state="absent", lose_activation=True)["CARD7"]
    assert (done["status"], done["changed"], done["after"]) == ("ok", True, NONE)
    assert done["steps"][0]["loses"].startswith("the token-based activation of Windows")
    assert "lost_activations" in done["diff"]["after"]
    assert not lab.all("activation_info", ["CARD7"])["CARD7"]["licensed"]


def test_a_lost_answer_is_decided_by_what_the_machine_lists(lab: Lab) -> None:
    lab.client.set_fault("TAKEN", "drop_before_reply", method=INSTALL, times=1, executed=True)
    lab.client.set_fault("LOST", "drop_before_reply", method=INSTALL, times=1, executed=False)
    settings = {"expected_warnings": (UNKNOWN_PRODUCT,)}
    found = lab.all("token_license", ["TAKEN", "LOST"], settings, **PRESENT)
    for name, sent in (("TAKEN", 1), ("LOST", 2)):
        assert (found[name]["changed"], found.calls(name, INSTALL), found[name]["after"]) == (True, sent, SOME)
    lab.client.set_fault("TAKEN", "drop_before_reply", method=UNINSTALL, times=1, executed=True)
    lab.client.set_fault("LOST", "drop_before_reply", method=UNINSTALL, times=1, executed=False)
    found = lab.all("token_license", ["TAKEN", "LOST"], **V3, state="absent")
    lab.client.clear_faults()
    for name, sent in (("TAKEN", 1), ("LOST", 2)):
        assert (found[name]["changed"], found.calls(name, UNINSTALL), found[name]["after"]) == (True, sent, NONE)


def test_two_lost_answers_end_the_task_without_a_guess(lab: Lab) -> None:
    lab.client.set_fault("TWICE", "drop_before_reply", method=INSTALL, executed=False)
    result = lab.all("token_license", ["TWICE"], **PRESENT)["TWICE"]
    lab.client.clear_faults()
    assert (result["status"], result["changed"], result["error"]["code"]) == ("failed", False, "unknown_outcome")


def test_a_file_with_another_license_or_with_none_is_named(lab: Lab) -> None:
    found = lab.each("token_license", {"OTHER": {**V3, "src": ["other.xrm-ms"]}, "SILENT": {**V3, "src": ["addon.xrm-ms"]}})
    for name in ("OTHER", "SILENT"):
        assert (found[name]["status"], found[name]["changed"], found[name]["error"]["code"]) == ("failed", True, "wrong_issuance_license")
        assert list(complaints(found[name]["error"], documentation("token_license")["error"]["contains"], "error.")) == []
    assert f"now has the issuance license {OTHER_ILID}, version 7, not the issuance license {ILID}, version 3" in found["OTHER"]["msg"]
    assert "does not list" in found["SILENT"]["msg"]
    corrected = {"issuance_license_id": OTHER_ILID, "issuance_license_version": 7, "src": ["other.xrm-ms"]}
    again = lab.all("token_license", ["OTHER"], {"expected_warnings": (UNKNOWN_PRODUCT,)}, **corrected)["OTHER"]
    assert (again["status"], again["changed"]) == ("ok", False)


def test_what_windows_says_is_explained_with_the_next_step(lab: Lab) -> None:
    wishes = {"UNSIGNED": "unsigned.xrm-ms", "DENIED": "v3.xrm-ms", "FOREIGN": "v3.xrm-ms"}
    codes = {"UNSIGNED": "0xC004F01D", "DENIED": "0x80070005", "FOREIGN": "0xC004F01F"}
    lab.client.set_fault("DENIED", "wmi_fault", method=INSTALL, hresult=0x80070005)
    lab.client.set_fault("FOREIGN", "wmi_fault", method=INSTALL, hresult=0xC004F01F)
    found = lab.each("token_license", {name: {**V3, "src": [file]} for name, file in wishes.items()})
    lab.client.clear_faults()
    for name, file in wishes.items():
        result = found[name]
        assert (result["status"], result["changed"], result["error"]["code"]) == ("failed", False, codes[name])
        assert result["msg"].startswith(f"{name}: Could not install the issuance license {ILID}, version 3, from {file}: {codes[name]}")


def test_an_expired_license_is_present_and_useless(lab: Lab) -> None:
    warning = "Windows does not authorize the issuance license"
    result = lab.all("token_license", ["ENDED"], {"expected_warnings": (warning,)}, **PRESENT)["ENDED"]
    assert (result["status"], result["changed"]) == ("ok", False)
    assert result["token_licenses"][0]["authorization_status"]["code"] == "0xC004FC07"


def test_the_type_token_is_set_and_what_needs_the_smart_card_is_said(lab: Lab) -> None:
    said = "Activate Windows on the machine itself, with the certificate or smart card: 'slmgr.vbs /fta <thumbprint>'."
    wish = {"activation_type": "token"}
    done = lab.all("kms_client", ["FOREIGN"], {"expected_warnings": (said,)}, **wish)["FOREIGN"]
    assert (done["status"], done["after"]["activation_type"]) == ("ok", "token")
    refused = lab.all("kms_client", ["FOREIGN", "CARD"], reactivate=True, **wish)
    for name in ("FOREIGN", "CARD"):
        assert (refused[name]["error"]["code"], refused.writes(name)) == ("token_needs_smart_card", 0)
    licensed = lab.all("kms_client", ["CARD"], **wish)["CARD"]
    assert (licensed["status"], licensed["changed"]) == ("ok", False)
    older = lab.all("kms_client", ["R2"], **wish)["R2"]
    assert older["error"]["code"] == "not_supported_by_windows"
    assert "slmgr.vbs /stao" in older["error"]["next_steps"][1]


REFUSALS: Mapping[str, tuple[Mapping[str, Any], str, str]] = {
    "BARE": ({**PRESENT, "licensing_service": "office"}, "office_service_missing", "BARE does not have Office"),
    "OLD": (PRESENT, "not_supported_by_windows", "does not have token-based activation"),
}


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_refusal_says_why_in_check_mode_too(lab: Lab, check_mode: bool) -> None:
    wishes = {name: wish for name, (wish, _code, _words) in REFUSALS.items()}
    found = lab.each("token_license", wishes, keywords={"check_mode": check_mode})
    for name, (_wish, code, words) in REFUSALS.items():
        assert (found[name]["status"], found[name]["error"]["code"], found.writes(name)) == ("failed", code, 0)
        assert words in found[name]["msg"]


BAD: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "PLAIN": (V3, "src is required with state: present"),
    "TOKYO": ({**PRESENT, "issuance_license_id": "contoso"}, "'contoso' is not an ID"),
    "SEVEN": ({**PRESENT, "issuance_license_version": 4294967295}, "4294967295 is not a version"),
    "R2": ({**V3, "src": ["missing.xrm-ms"]}, "token_license: src: Ansible does not find the file missing.xrm-ms"),
    "OLDER": ({**V3, "src": ["page.xrm-ms"]}, "page.xrm-ms is not a license file"),
    "LOST": ({"issuance_license_id": ILID, "src": ["v3.xrm-ms"]}, "issuance_license_version is required"),
}


def test_what_is_wrong_with_the_options_is_said_before_anything_is_sent(lab: Lab) -> None:
    found = lab.each("token_license", {name: wish for name, (wish, _words) in BAD.items()})
    for name, (_wish, words) in BAD.items():
        assert (found[name]["status"], found[name]["error"]["code"], found.nothing_sent(name)) == ("failed", "invalid_options", True), name
        assert words in found[name]["msg"]
