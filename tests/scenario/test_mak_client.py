# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mak_client activates with a MAK and consumes nothing twice; what fails is explained, and the machine is no worse off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from key_gate import assert_no_keys

from . import winrs
from .documented import task_complaints
from .harness import FQCN, Lab, Results, gvlk_ending

pytestmark = pytest.mark.slow

ESTATE = "mak_client.yml"
MAK = "MMMMM-KKKKK-MMMMM-MKC22-TTWX3"
EXHAUSTED, EXTENDED, BLOCKED = "MMMMM-KKKKK-MMMMM-MKC33-TTWX4", "MMMMM-KKKKK-MMMMM-MKC77-TTWX9", "MMMMM-KKKKK-MMMMM-MKC88-TTWX6"
RETAIL, OFFICE, DATACENTER = "RRRRR-TTTTT-RRRRR-MKC44-TTWX7", "MMMMM-KKKKK-MMMMM-MKC66-TTWX8", "MMMMM-KKKKK-MMMMM-MKC99-TTWX2"
WISHES: Mapping[str, Mapping[str, Any]] = {
    "PIN-W10": {"product_key": MAK, "clear_kms_settings": True},
    "OWNPIN-W11": {"product_key": MAK, "clear_kms_settings": True},
    "DNS-S2019": {"product_key": MAK.lower(), "edition_id": "ServerStandard"},
    "NOKEY-W7": {"product_key": MAK},
    "GRACE-S2012R2": {"product_key": MAK, "activate": False},
    "OEM-W7": {"product_key": MAK},
    "OFFICE": {"product_key": OFFICE, "application": "office"},
}
INSTALL, ACTIVATE = "install_product_key", "activate"
EXPECTED = {
    "PIN-W10": [INSTALL, ACTIVATE, "clear_kms_host", "clear_lookup_domain"],
    "OWNPIN-W11": [INSTALL, ACTIVATE, "clear_product_kms_host"],
    "DNS-S2019": [INSTALL, ACTIVATE],
    "NOKEY-W7": [INSTALL, ACTIVATE],
    "GRACE-S2012R2": [INSTALL],
    "OEM-W7": [INSTALL, ACTIVATE],
    "OFFICE": [INSTALL, ACTIVATE],
}


@dataclass(frozen=True)
class Story:
    """Check mode, the run, a second run; what slmgr says then."""

    forecast: Results
    done: Results
    again: Results
    slmgr: Mapping[str, str]


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    forecast, done, again = lab.thrice("mak_client", WISHES)
    return Story(forecast, done, again, {name: winrs.slmgr(lab.host_variables(name), "/dli") for name in WISHES})


@pytest.mark.smoke
@pytest.mark.parametrize("name", EXPECTED)
def test_it_does_what_was_asked_for_and_spends_one_activation(story: Story, name: str) -> None:
    result, activates = story.done[name], ACTIVATE in EXPECTED[name]
    assert (result["status"], result["changed"]) == ("ok", True)
    assert [(step["action"], step["done"]) for step in result["steps"]] == [(action, True) for action in EXPECTED[name]]
    assert result["activation"]["outcome"] == ("activated" if activates else "not_requested")
    assert (result["activations_used"], story.done.calls(name, "Activate")) == (int(activates), int(activates))


@pytest.mark.parametrize("name", EXPECTED)
def test_check_mode_says_exactly_what_would_be_spent_and_sends_no_write(story: Story, name: str) -> None:
    forecast, done = story.forecast[name], story.done[name]
    assert (story.forecast.writes(name), story.forecast.costs[name]["shells"]) == (0, 0)
    assert [step["action"] for step in forecast["steps"]] == EXPECTED[name]
    assert forecast["activations_used"] == done["activations_used"]
    assert (forecast["after"], forecast["diff"]["after"]) == (done["after"], done["diff"]["after"])


@pytest.mark.parametrize("name", EXPECTED)
def test_a_second_run_changes_nothing_and_sends_no_write(story: Story, name: str) -> None:
    result = story.again[name]
    assert (result["status"], result["changed"], result["activations_used"], story.again.writes(name)) == ("ok", False, 0, 0)


@pytest.mark.parametrize("name", [name for name in WISHES if name not in ("OFFICE", "GRACE-S2012R2")])
def test_slmgr_says_the_same(story: Story, name: str) -> None:
    assert "TTWX3" in story.slmgr[name]
    assert "VOLUME_MAK" in story.slmgr[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_results_are_as_documented(story: Story, name: str) -> None:
    for results in (story.forecast, story.done):
        assert task_complaints("mak_client", results[name]) == []


FAILURES: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "EXHAUSTED": ({"product_key": EXHAUSTED}, "0xC004C020"),
    "EXTENDED": ({"product_key": EXTENDED}, "0xC004C021"),
    "BLOCKED": ({"product_key": BLOCKED}, "0xC004C003"),
    "OFFLINE": ({"product_key": MAK}, "0x80072EE7"),
}
REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "HOME": ({"product_key": MAK}, "edition_takes_no_mak"),
    "EVAL": ({"product_key": MAK}, "evaluation_edition"),
    "HOST": ({"product_key": MAK}, "is_kms_host"),
    "MISMATCH": ({"product_key": DATACENTER, "edition_id": "ServerDatacenter"}, "edition_mismatch"),
    "FC07": ({"product_key": gvlk_ending("J464C")}, "not_a_mak"),
    "PHONE-W7": ({"activation_method": "telephone"}, "product_key_missing"),
    "RETAIL": ({"product_key": MAK}, "activation_would_be_lost"),
    "OEM": ({"product_key": MAK, "rollback": False}, "activation_would_be_lost"),
    "HARDWARE": ({"product_key": EXHAUSTED}, "activation_would_be_lost"),
    "NO-ADDON": ({"product_key": MAK, "activation_id": "11111111-2222-4333-8444-555555555555"}, "activation_id_unknown"),
}


@pytest.fixture(scope="module")
def failed(lab: Lab) -> Results:
    """Every machine gets what cannot work on it."""
    wishes = {name: dict(wish) for name, (wish, _code) in {**FAILURES, **REFUSED}.items()}
    return lab.each("mak_client", {**wishes, "RETAILKEY": {"product_key": RETAIL}})


@pytest.mark.parametrize("name", FAILURES)
def test_a_mak_that_cannot_be_activated_is_explained_and_the_client_is_licensed_by_kms_again(failed: Results, lab: Lab, name: str) -> None:
    result = failed[name]
    assert (result["status"], result["error"]["code"], result["rolled_back"]) == ("failed", FAILURES[name][1], True)
    assert (result["activations_used"], result["after"]["channel"], result["after"]["status"]) == (0, "gvlk", "licensed")
    text = " ".join(result["msg"].split())
    assert text.startswith(f"{name}: The activation of Windows")
    assert "The module restored the GVLK ending in T83GX. The machine is licensed again. Next: " in text
    assert winrs.slmgr_fields(winrs.slmgr(lab.host_variables(name), "/dli"))["License Status"] == "Licensed"


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_not_be_done_is_refused_before_anything_is_sent(failed: Results, name: str) -> None:
    result = failed[name]
    assert (result["status"], result["error"]["code"], failed.writes(name)) == ("failed", REFUSED[name][1], 0)
    assert result["error"]["next_steps"]
    assert name in result["msg"]


def test_a_key_that_turns_out_to_be_no_mak_gives_way_to_the_gvlk(failed: Results) -> None:
    result = failed["RETAILKEY"]
    assert (result["status"], result["changed"]) == ("failed", True)
    assert (
        "is a key of channel retail, which is not a MAK. The module did not activate the key. The module restored the GVLK" in result["msg"]
    )
    assert [(step["action"], step["done"]) for step in result["steps"]] == [
        (INSTALL, True), (ACTIVATE, False), ("restore_product_key", True), ("activate_again", True),
    ]  # fmt: skip


def test_the_codes_of_a_refused_installation_leave_the_machine_as_it_was(lab: Lab) -> None:
    lab.client.set_fault("FC07", "wmi_fault", method="InstallProductKey", hresult="0xC004FC07", times=1)
    refused = lab.each("mak_client", {"FC07": {"product_key": MAK}, "MISMATCH": {"product_key": DATACENTER}})
    assert refused["FC07"]["error"]["symbol"] == "SL_E_VALIDITY_PERIOD_EXPIRED"
    assert "not used elsewhere" in refused["FC07"]["error"]["next_steps"][2]
    assert refused["MISMATCH"]["error"]["code"] == "0xC004F069"
    assert winrs.slmgr_fields(winrs.slmgr(lab.host_variables("MISMATCH"), "/dli"))["Partial Product Key"] == "J464C"


def test_a_hardware_change_is_recognized_named_and_costs_one_activation_more(lab: Lab) -> None:
    lab.client.change_hardware("HARDWARE")
    told = lab.all("activation_info", ["HARDWARE"])["HARDWARE"]["products"][0]
    assert (told["status"], told["reason"]["symbol"]) == ("out_of_tolerance_grace", "SL_E_OUT_OF_TOLERANCE")
    warning = "The hardware has changed since the MAK ending in TTWX3 was activated"
    lab.client.set_fault("HARDWARE", "mak_exhausted")
    short = lab.all("mak_client", ["HARDWARE"], {"expected_warnings": (warning,)}, product_key=MAK)["HARDWARE"]
    assert (short["error"]["code"], short["rolled_back"]) == ("0xC004C020", False)
    lab.client.clear_faults()
    done = lab.all("mak_client", ["HARDWARE"], {"expected_warnings": (warning,)}, product_key=MAK)
    assert (done["HARDWARE"]["activations_used"], [step["action"] for step in done["HARDWARE"]["steps"]]) == (1, [ACTIVATE])
    assert lab.all("mak_client", ["HARDWARE"], product_key=MAK)["HARDWARE"]["changed"] is False


PHONE = ("PHONE-W11", "PHONE-W7")


def test_a_machine_that_is_gone_after_the_mark_was_set_has_its_account_and_the_command_that_removes_the_mark(lab: Lab) -> None:
    lab.client.set_fault("DROPPED", "drop_before_reply", method="EnumValues")
    warning = "The mark of this run stays on the machine"
    told = lab.each("mak_client", {"DROPPED": {"product_key": MAK}}, expected_warnings=(warning,))["DROPPED"]
    lab.client.clear_faults()
    assert (told["status"], told["changed"], told["activations_used"]) == ("unreachable", False, 0)
    assert [(step["action"], step["done"]) for step in told["steps"]] == [("install_product_key", False), ("activate", False)]
    assert any("reg delete" in str(text) for text in told["warnings"])


def test_the_telephone_takes_two_runs_and_a_mistyped_group_is_named(lab: Lab) -> None:
    tell = ("Get the confirmation ID from the activation center",)
    waiting = lab.all("mak_client", PHONE, {"expected_warnings": tell}, product_key=MAK, activation_method="telephone")
    assert {result["activation"]["outcome"] for result in waiting.values()} == {"needs_confirmation_id"}
    assert [len(waiting[name]["products"][0]["installation_id_groups"]) for name in PHONE] == [9, 9]
    told = {name: "".join(waiting[name]["products"][0]["installation_id_groups"]) for name in PHONE}
    assert told == {name: waiting[name]["products"][0]["installation_id"] for name in PHONE}
    answers = {name: lab.client.phone(told[name]) for name in PHONE}
    wrong = {name: answer[:20] + str((int(answer[20]) + 1) % 10) + answer[21:] for name, answer in answers.items()}
    settings = {"expected_warnings": ("the check digit of group D does not match",)}
    refused = lab.each(
        "mak_client", {name: {"activation_method": "telephone", "confirmation_id": wrong[name]} for name in PHONE}, **settings
    )
    for name in PHONE:
        assert refused[name]["error"]["code"] == "0xC004F04D"
        assert "group D does not match: compare the ID with its source" in refused[name]["msg"]
    spoken = {name: "-".join(answer[start : start + 6] for start in range(0, 48, 6)) for name, answer in answers.items()}
    wishes = {name: {"activation_method": "telephone", "confirmation_id": spoken[name], "installation_id": told[name]} for name in PHONE}
    done, again = lab.each("mak_client", wishes), lab.each("mak_client", wishes)
    assert {name: done[name]["activation"]["outcome"] for name in PHONE} == dict.fromkeys(PHONE, "activated")
    assert sum(done[name]["activations_used"] for name in PHONE) == 0
    assert {name: (again[name]["changed"], again.writes(name)) for name in PHONE} == dict.fromkeys(PHONE, (False, 0))
    assert "Licensed" in winrs.slmgr(lab.host_variables("PHONE-W11"), "/dli")


DEPOSIT_CODES = (
    "0xC004F02C",
    "0xC004F02D",
    "0xC004F02E",
    "0xC004F02F",
    "0xC004F030",
    "0xC004F031",
    "0xC004F04D",
    "0xC004F07E",
    "0xC004F07F",
)
DEPOSITS = [f"DEPOSIT-{number}" for number in range(1, len(DEPOSIT_CODES) + 1)]


def test_every_error_of_a_deposit_has_its_meaning_and_a_next_step(lab: Lab) -> None:
    codes = dict(zip(DEPOSITS, DEPOSIT_CODES, strict=True))
    for name, code in codes.items():
        lab.client.change_hardware(name)
        lab.client.set_fault(name, "wmi_fault", method="DepositOfflineConfirmationId", hresult=code, times=1)
    settings = {"expected_warnings": ("The hardware has changed",)}
    told = lab.all("mak_client", DEPOSITS, settings, activation_method="telephone", confirmation_id="0" * 48)
    for name, code in codes.items():
        error = told[name]["error"]
        assert (told[name]["status"], error["code"], bool(error["next_steps"])) == ("failed", code, True)
    assert len({told[name]["error"]["meaning"] for name in DEPOSITS}) == len(DEPOSIT_CODES)


@pytest.mark.quick
def test_the_round_trip_from_kms_to_a_mak_and_back_ends_where_it_began(lab: Lab) -> None:
    there = {"convert_to_mak_hosts": "ROUND-W10", "mak_client_product_key": MAK, "mak_client_max_activations": 1}
    back = {"convert_to_kms_hosts": "ROUND-W10", "kms_client_lose_activation": True}
    before = state_of(lab, "ROUND-W10")
    lost = ("Activating the MAK again uses another of its activations.",)
    ways: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
        ("mak", there, ()),
        ("mak", there, ()),
        ("kms", back, lost),
        ("kms", back, ()),
    ]
    runs = [lab.run(f"{FQCN}.convert_to_{way}", wish, expected_warnings=warnings) for way, wish, warnings in ways]
    assert [run.run.changed_hosts() for run in runs] == [1, 0, 1, 0]
    assert [run.writes("ROUND-W10") for run in runs[1::2]] == [0, 0]
    assert state_of(lab, "ROUND-W10") == before


def state_of(lab: Lab, name: str) -> dict[str, Any]:
    """What a person would compare, without what tells the time."""
    found = lab.all("activation_info", [name])[name]
    product = {key: value for key, value in found["products"][0].items() if key not in ("grace_minutes", "expires", "trusted_time")}
    return {"licensed": found["licensed"], "service": found["service"], "product": {**product, "extended_pid": None}}


def test_no_output_of_all_these_runs_holds_a_full_key(lab: Lab, story: Story, failed: Results) -> None:  # noqa: ARG001 - after them
    again = lab.all("mak_client", ["EXHAUSTED"], {"verbosity": 4, "keywords": {"diff": True}}, product_key=EXHAUSTED)
    for text in (again.output, *(path.read_text("utf-8", "replace") for path in lab.folder.glob("output*.txt"))):
        assert_no_keys(text)
    for path in lab.folder.glob("record*.json"):
        assert_no_keys(path.read_text("utf-8"))


def test_a_mak_of_windows_in_a_task_for_office_is_not_activated_and_the_activation_that_it_replaced_is_named(lab: Lab) -> None:
    found = lab.all("mak_client", ["MIXED"], product_key=BLOCKED, application="office")
    failed = found["MIXED"]
    assert (failed["error"]["code"], found.calls("MIXED", "Activate"), failed["activations_used"]) == ("wrong_key_type", 0, 0)
    assert failed["steps"][0]["loses"] == "the activation of Windows(R), Professional edition with the MAK ending in TTWX3"
    assert "is lost" in failed["msg"]
    assert (failed["before"]["partial_product_key"], failed["after"]["partial_product_key"]) == (None, None)
