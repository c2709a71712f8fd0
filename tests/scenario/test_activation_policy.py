# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies: what somebody wrote by hand with reg.exe is seen and corrected, and what is taken back leaves no trace of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from . import winrs
from .documented import task_complaints
from .harness import FQCN, Lab, Results

ESTATE = "policy.yml"
URL = "https://helpdesk.example.com/activation?from=pc"
SHARE = r"\\files.example.com\public\Help pages\activation.htm"
POLICIES = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies"
WAU = rf"{POLICIES}\Explorer\WAU"
AVS = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform"
OFFICE = r"HKLM\SOFTWARE\Microsoft\OfficeSoftwareProtectionPlatform"
SPP, ACTIVATION = winrs.SPP_KEY, rf"{winrs.SPP_KEY}\Activation"

BY_HAND: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "BY-HAND-W7": (
        (WAU, "/v", "Disabled", "/t", "REG_SZ", "/d", "1"),
        (SPP, "/v", "ActivationAlternateURL", "/t", "REG_EXPAND_SZ", "/d", URL),
        (SPP, "/v", "ActivationAlternateURL", "/d", "http://old.example.com/", "/reg:32"),
        (ACTIVATION, "/v", "AlternateURL", "/d", "http://old.example.com/"),
        (ACTIVATION, "/v", "NotificationDisabled", "/t", "REG_DWORD", "/d", "1"),
    ),
    "TYPES-S22": (
        (SPP, "/v", "UserOperations", "/t", "REG_BINARY", "/d", "01000000"),
        (SPP, "/v", "SkipRearm", "/t", "REG_QWORD", "/d", "1"),
        (ACTIVATION, "/v", "NotificationDisabled", "/t", "REG_MULTI_SZ", "/d", r"1\02"),
    ),
    "ONE-PLACE": ((SPP, "/v", "ActivationAlternateURL", "/d", "http://old.example.com/"),),
    "OFFICE-S08": ((OFFICE, "/v", "Path", "/d", r"C:\Office"), (OFFICE, "/v", "Path", "/d", r"C:\Office", "/reg:32")),
    "THEIR-KEY": ((WAU, "/v", "Disabled", "/t", "REG_DWORD", "/d", "0"), (SPP, "/v", "SkipRearm", "/t", "REG_DWORD", "/d", "1")),
    "AS-WANTED": (
        (WAU, "/v", "DISABLED", "/t", "REG_DWORD", "/d", "1"),
        (AVS, "/v", "NoGenTicket", "/t", "REG_DWORD", "/d", "1"),
        (AVS, "/v", "NoAcquireGT", "/t", "REG_DWORD", "/d", "1"),
    ),
}
ALL = {"activation_alternate_url": URL, "windows_anytime_upgrade": "disabled", "avs_validation": "disabled"}
WISHES: Mapping[str, Mapping[str, Any]] = {
    "BY-HAND-W7": {"activation_alternate_url": URL, "windows_anytime_upgrade": "disabled"},
    "FRESH-W7": {**ALL, "notifications": "disabled"},
    "FRESH-W81": ALL,
    "FRESH-W11": {**ALL, "allow_windows_entitlement_reactivation": "disabled"},
    "TYPES-S22": {"standard_user_activation": "disabled", "skip_rearm": "disabled", "notifications": "enabled"},
    "ONE-PLACE": {"activation_alternate_url": SHARE, "activation_alternate_url_place": "activation"},
    "OFFICE-S08": {"office_standard_user_activation": "enabled", "standard_user_activation": "enabled"},
    "THEIR-KEY": {"windows_anytime_upgrade": "absent", "skip_rearm": "absent"},
    "AS-WANTED": {"windows_anytime_upgrade": "disabled", "avs_validation": "disabled"},
    "OLD-WAU": {"windows_anytime_upgrade": "disabled", "skip_rearm": "absent"},
}
UNCHANGED = ("AS-WANTED",)
WITHOUT_EFFECT = {
    "FRESH-W7": ["avs_validation"],
    "FRESH-W81": ["avs_validation"],
    "FRESH-W11": ["windows_anytime_upgrade"],
    "AS-WANTED": ["windows_anytime_upgrade"],
    "OLD-WAU": ["windows_anytime_upgrade"],
}
SET = {
    "BY-HAND-W7": {
        WAU: {"Disabled": "REG_DWORD 0x1"},
        SPP: {"ActivationAlternateURL": f"REG_SZ {URL}"},
        winrs.SPP_KEY_32: {"ActivationAlternateURL": f"REG_SZ {URL}"},
        ACTIVATION: {"AlternateURL": f"REG_SZ {URL}", "NotificationDisabled": "REG_DWORD 0x1"},
    },
    "FRESH-W7": {
        WAU: {"Disabled": "REG_DWORD 0x1"},
        AVS: {"NoGenTicket": "REG_DWORD 0x1", "NoAcquireGT": "REG_DWORD 0x1"},
        ACTIVATION: {"AlternateURL": f"REG_SZ {URL}", "NotificationDisabled": "REG_DWORD 0x1"},
    },
    "FRESH-W81": {WAU: {"Disabled": "REG_DWORD 0x1"}, SPP: {"ActivationAlternateURL": f"REG_SZ {URL}"}},
    "FRESH-W11": {
        WAU: {"Disabled": "REG_DWORD 0x1"},
        AVS: {"NoGenTicket": "REG_DWORD 0x1", "AllowWindowsEntitlementReactivation": "REG_DWORD 0x0"},
    },
    "TYPES-S22": {
        SPP: {"UserOperations": "REG_DWORD 0x0", "SkipRearm": "REG_DWORD 0x0"},
        winrs.SPP_KEY_32: {"UserOperations": "REG_DWORD 0x0", "SkipRearm": "REG_DWORD 0x0"},
        ACTIVATION: {"NotificationDisabled": "REG_DWORD 0x0"},
    },
    "ONE-PLACE": {SPP: {"ActivationAlternateURL": "REG_SZ http://old.example.com/"}, ACTIVATION: {"AlternateURL": f"REG_SZ {SHARE}"}},
    "OFFICE-S08": {OFFICE: {"UserOperations": "REG_DWORD 0x1", "Path": r"REG_SZ C:\Office"}, SPP: {"UserOperations": "REG_DWORD 0x1"}},
    "OLD-WAU": {WAU: {"Disabled": "REG_DWORD 0x1"}},
}
_VALUE = re.compile(r"^\s+(?P<name>\S+)\s+(?P<type>REG_\w+)\s+(?P<data>.*?)\s*$", re.MULTILINE)


def reg(lab: Lab, name: str, *arguments: str) -> str:
    """What reg.exe prints on a machine; a key or a value with blanks in it is quoted."""
    return winrs.command(lab.host_variables(name), "reg", *(f'"{text}"' if " " in text else text for text in arguments))


def values(lab: Lab, name: str, key: str, *options: str) -> dict[str, str]:
    """The values of a key with their types."""
    return {found["name"]: f"{found['type']} {found['data']}" for found in _VALUE.finditer(reg(lab, name, "query", key, *options))}


def rows(result: Mapping[str, Any], part: str, option: str) -> list[tuple[str, str | None, str | None]]:
    """What the result says of an option, before or after: the paths with type and data."""
    return [(rf"{row['path']}\{row['name']}", row["type"], row["data"]) for row in result[part][option]]


@dataclass(frozen=True)
class Story:
    """Check mode, the run, a second run; then everything absent, twice. What reg.exe shows in between."""

    forecast: Results
    done: Results
    again: Results
    found: Mapping[str, Mapping[str, Mapping[str, str]]]
    taken_back: Results
    nothing_left: Results


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    """Somebody sets what BY_HAND says, and then the tasks run."""
    for name, lines in BY_HAND.items():
        for line in lines:
            reg(lab, name, "add", *line, "/f")
    forecast, done, again = lab.thrice("activation_policy", WISHES, expected_warnings=("has no effect on",))
    found = {name: {key: values(lab, name, key) for key in keys} for name, keys in SET.items()}
    gone = {
        name: {**wish, **{option: "absent" for option in wish if not option.endswith("_place")}}
        for name, wish in WISHES.items()
        if name != "THEIR-KEY"
    }
    return Story(forecast, done, again, found, lab.each("activation_policy", gone), lab.each("activation_policy", gone))


@pytest.mark.quick
@pytest.mark.smoke
@pytest.mark.parametrize("name", WISHES)
def test_check_mode_predicts_and_sends_no_write(story: Story, name: str) -> None:
    forecast, done = story.forecast[name], story.done[name]
    assert (forecast["status"], done["status"]) == ("ok", "ok")
    assert story.forecast.writes(name) == 0
    assert not any(step["done"] for step in forecast["steps"])
    for part in ("changed", "before", "after", "diff", "warnings"):
        assert forecast.get(part) == done.get(part), part
    assert [step["description"] for step in forecast["steps"]] == [step["description"] for step in done["steps"]]


@pytest.mark.parametrize("name", WISHES)
def test_a_second_run_changes_nothing_and_sends_no_write(story: Story, name: str) -> None:
    again = story.again[name]
    assert (again["changed"], again["steps"], story.again.writes(name)) == (False, [], 0)
    assert again["before"] == again["after"] == story.done[name]["after"]


@pytest.mark.parametrize("name", SET)
def test_reg_shows_the_values_with_their_types(story: Story, name: str) -> None:
    for key, expected in SET[name].items():
        assert {value: story.found[name][key].get(value) for value in expected} == expected, key


def test_what_somebody_set_by_hand_is_seen_corrected_and_shown_in_the_diff(story: Story) -> None:
    done = story.done["BY-HAND-W7"]
    assert rows(done, "before", "windows_anytime_upgrade") == [(rf"{WAU}\Disabled", "REG_SZ", "1")]
    assert rows(done, "after", "windows_anytime_upgrade") == [(rf"{WAU}\Disabled", "REG_DWORD", "1")]
    assert [row[1:] for row in rows(done, "before", "activation_alternate_url")] == [
        ("REG_EXPAND_SZ", URL),
        ("REG_SZ", "http://old.example.com/"),
        ("REG_SZ", "http://old.example.com/"),
    ]
    assert {row[1:] for row in rows(done, "after", "activation_alternate_url")} == {("REG_SZ", URL)}
    assert "type: REG_SZ\n  data: '1'" in done["diff"]["before"]
    assert "type: REG_DWORD\n  data: '1'" in done["diff"]["after"]
    assert [step["action"] for step in done["steps"]] == ["set_policy"] * 4
    assert story.done.writes("BY-HAND-W7") == 4


def test_a_wrong_type_is_told_with_its_data_whatever_it_is(story: Story) -> None:
    done = story.done["TYPES-S22"]
    told = [rows(done, "before", option)[0][1:] for option in ("standard_user_activation", "skip_rearm", "notifications")]
    assert told == [("REG_BINARY", "01000000"), ("REG_QWORD", "1"), ("REG_MULTI_SZ", "1 | 2")]
    assert {step["description"].rpartition(" (")[2] for step in done["steps"]} == {
        "was REG_BINARY 01000000)",
        "was REG_QWORD 1)",
        "was REG_MULTI_SZ 1 | 2)",
        "was not set)",
    }


def test_missing_keys_are_created_level_by_level(story: Story) -> None:
    steps = [step["description"] for step in story.done["FRESH-W7"]["steps"] if step["action"] == "create_key"]
    root, nt = r"HKLM\SOFTWARE\Policies\Microsoft", "Windows NT"
    upper = (rf"{root}\{nt}", rf"{root}\{nt}\CurrentVersion", AVS)
    assert steps == [f"create the key {key}" for key in (rf"{POLICIES}\Explorer", WAU, *upper)]


def test_the_place_that_was_not_chosen_is_left_alone(story: Story) -> None:
    assert [step["action"] for step in story.done["ONE-PLACE"]["steps"]] == ["set_policy"]
    assert [row[0] for row in rows(story.done["ONE-PLACE"], "before", "activation_alternate_url")] == [rf"{ACTIVATION}\AlternateURL"]


def test_policy_that_is_not_specified_is_null_and_unchanged(story: Story) -> None:
    assert story.done["BY-HAND-W7"]["before"]["notifications"] is None
    assert story.found["BY-HAND-W7"][ACTIVATION]["NotificationDisabled"] == "REG_DWORD 0x1"


def test_office_has_its_own_place_in_both_views(story: Story, lab: Lab) -> None:
    paths = [row[0] for row in rows(story.done["OFFICE-S08"], "after", "office_standard_user_activation")]
    assert paths == [rf"{key}\UserOperations" for key in (OFFICE, OFFICE.replace("SOFTWARE", r"SOFTWARE\Wow6432Node"))]
    assert "Path" in values(lab, "OFFICE-S08", OFFICE, "/reg:32")


@pytest.mark.parametrize("name", WISHES)
def test_policy_without_effect_is_warned_of_in_every_run(story: Story, name: str) -> None:
    assert [warning.partition(" has no effect on ")[0] for warning in story.done[name].get("warnings", [])] == [
        f"{name}: {option}" for option in WITHOUT_EFFECT.get(name, [])
    ]
    assert story.again[name].get("warnings") == story.done[name].get("warnings")


def test_a_machine_that_is_as_wanted_in_any_spelling_gets_no_write(story: Story) -> None:
    assert {name for name in WISHES if not story.done[name]["changed"]} == set(UNCHANGED)
    # The system, two keys, three values.
    assert (story.done.writes("AS-WANTED"), story.done.requests("AS-WANTED")) == (0, 6)


@pytest.mark.parametrize("name", ["FRESH-W7", "FRESH-W81", "FRESH-W11", "OLD-WAU"])
def test_what_we_created_is_gone_when_the_policies_are_absent(story: Story, lab: Lab, name: str) -> None:
    assert story.taken_back[name]["changed"]
    assert {step["action"] for step in story.taken_back[name]["steps"]} == {"remove_policy", "remove_key"}
    assert "Explorer" not in reg(lab, name, "query", POLICIES)
    assert "Windows NT" not in reg(lab, name, "query", r"HKLM\SOFTWARE\Policies\Microsoft")


@pytest.mark.parametrize("name", ["BY-HAND-W7", "THEIR-KEY", "AS-WANTED"])
def test_a_key_somebody_else_made_stays_without_its_value(story: Story, lab: Lab, name: str) -> None:
    steps = (story.done if name == "THEIR-KEY" else story.taken_back)[name]["steps"]
    assert {step["action"] for step in steps} == {"remove_policy"}
    assert values(lab, name, WAU) == {}


def test_the_second_time_there_is_nothing_to_take_back(story: Story) -> None:
    names = list(story.nothing_left)
    assert len(names) == len(WISHES) - 1
    assert {name: story.nothing_left[name]["changed"] for name in names} == dict.fromkeys(names, False)
    assert {name: story.nothing_left.writes(name) for name in names} == dict.fromkeys(names, 0)


@pytest.mark.parametrize("name", WISHES)
def test_the_result_is_documented(story: Story, name: str) -> None:
    assert task_complaints("activation_policy", story.done[name]) == []


@pytest.fixture(scope="module")
def failed(lab: Lab) -> Results:
    """A machine without a licensing service, and one that refuses a write halfway."""
    lab.client.set_fault("DENIED", "wmi_fault", method="SetDWORDValue", hresult=0x80070005)
    return lab.all("activation_policy", ["OLD-03", "DENIED"], notifications="disabled", windows_anytime_upgrade="disabled")


def test_server_2003_refuses_what_no_service_would_read_and_is_sent_no_write(failed: Results) -> None:
    old = failed["OLD-03"]
    assert (old["status"], old["changed"], failed.writes("OLD-03")) == ("failed", False, 0)
    assert old["error"]["code"] == "not_supported_by_windows"
    assert (
        "which does not have a licensing service that supports notifications. Do not specify these options for this machine." in old["msg"]
    )


def test_a_write_that_is_refused_halfway_says_what_was_done(failed: Results) -> None:
    denied = failed["DENIED"]
    assert (denied["status"], denied["changed"], denied["error"]["code"]) == ("failed", True, "0x80070005")
    assert [(step["action"], step["done"]) for step in denied["steps"]] == [
        ("create_key", True),
        ("create_key", True),
        ("set_policy", False),
        ("set_policy", False),
    ]
    assert denied["msg"].startswith(rf"DENIED: Could not set {WAU}\Disabled to REG_DWORD 1 (was not set): 0x80070005 E_ACCESSDENIED")


def test_the_role_does_the_same_with_variables(story: Story, lab: Lab) -> None:  # noqa: ARG001 - after it
    variables = {"activation_policy_skip_rearm": "disabled"}
    play = {"name": "Role", "hosts": ["FRESH-W11"], "gather_facts": False, "roles": [{"role": f"{FQCN}.activation_policy"}]}
    done = lab.playbook([play], variables).run.results(f"{FQCN}.activation_policy")["FRESH-W11"]
    assert [step["action"] for step in done["steps"]] == ["set_policy"] * 2
    assert values(lab, "FRESH-W11", SPP)["SkipRearm"] == "REG_DWORD 0x0"
