# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""rearm gives clones CMIDs of their own, consumes nothing twice, and refuses what would cost more than it helps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from stale import stale_texts, stale_values

from . import winrs
from .documented import task_complaints
from .harness import FQCN, Lab, Results, gvlk_ending

pytestmark = pytest.mark.slow

ESTATE = "rearm.yml"
FIRST, SECOND = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
CLONES = ("CLONE-W7", "CLONE-S2008R2", "CLONE-W10", "CLONE-W11", "CLONE-S2012R2", "CLONE-S2025")
KEEP = "ONLY"
THIRD, FOURTH = "33333333-3333-4333-8333-333333333333", "44444444-4444-4444-8444-444444444444"
PLAYBOOK = f"{FQCN}.rearm_duplicates"
WISH = {"cmids": [FIRST.upper(), f"{{{SECOND}}}"], "reboot": True, "reboot_timeout": 60}
SPP = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
OFFICE_ID = "0ff1ce15-a989-479d-af46-f275c6370663"


def cmid(lab: Lab, name: str) -> str:
    """The CMID a machine has by its own account."""
    return str(lab.client.machine(name)["service"]["ClientMachineID"])


def rearms(lab: Lab, name: str) -> int:
    """How many rearms Windows has left."""
    return int(lab.client.machine(name)["service"]["RemainingWindowsReArmCount"])


def count_of_the_host(lab: Lab) -> int:
    """What the KMS host counts."""
    (role,) = lab.client.machine("KMS01")["kms_host"].values()
    return int(role["count"])


@dataclass(frozen=True)
class Story:
    """Check mode, the run, a second run, and the clones activated again; what the KMS host counted before and after."""

    left: Mapping[str, int]
    forecast: Results
    done: Results
    again: Results
    activated: Results
    counts: tuple[int, int]


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    """Six clones of two images, and a machine that has a CMID of its own."""
    machines = dict.fromkeys((*CLONES, KEEP), WISH)
    lab.all("kms_client", [*CLONES, KEEP], reactivate=True)
    left, before = {name: rearms(lab, name) for name in machines}, count_of_the_host(lab)
    forecast, done, again = lab.thrice("rearm", machines)
    activated = lab.all("kms_client", [*CLONES, KEEP])
    return Story(left, forecast, done, again, activated, (before, count_of_the_host(lab)))


@pytest.mark.smoke
@pytest.mark.parametrize("name", CLONES)
def test_a_clone_gets_a_cmid_of_its_own_at_the_price_of_one_rearm(story: Story, lab: Lab, name: str) -> None:
    result = story.done[name]
    assert (result["status"], result["changed"], result["trigger"]) == ("ok", True, "duplicate_cmid")
    assert [(step["action"], step["done"]) for step in result["steps"]] == [("rearm", True), ("reboot", True)]
    assert (result["rearms_used"], result["rebooted"], result["reboot_required"]) == (1, True, False)
    assert result["after"]["cmid"] == cmid(lab, name)
    assert result["after"]["cmid"] not in (FIRST, SECOND)
    assert result["before"]["rearms_left"] - 1 == result["after"]["rearms_left"] == rearms(lab, name)


def test_no_two_of_them_have_the_same_cmid_then(story: Story) -> None:
    assert len({story.done[name]["after"]["cmid"] for name in (*CLONES, KEEP)}) == len(CLONES) + 1


@pytest.mark.parametrize("name", CLONES)
def test_check_mode_says_what_it_would_spend_and_sends_no_write(story: Story, name: str) -> None:
    forecast, done = story.forecast[name], story.done[name]
    assert (forecast["changed"], story.forecast.writes(name), forecast["rearms_used"], forecast["rebooted"]) == (True, 0, 1, False)
    assert [step["action"] for step in forecast["steps"]] == ["rearm", "reboot"]
    assert forecast["steps"][0]["consumes"] == f"1 rearm of {story.left[name]}"
    assert {**forecast["after"], "cmid": None} == {**done["after"], "cmid": None}


@pytest.mark.parametrize("name", [*CLONES, KEEP])
def test_a_second_run_changes_nothing_and_sends_no_write(story: Story, name: str) -> None:
    result = story.again[name]
    assert (result["status"], result["changed"], result["trigger"], story.again.writes(name)) == ("ok", False, None, 0)


def test_a_machine_with_a_cmid_of_its_own_is_left_alone_for_three_requests(story: Story, lab: Lab) -> None:
    result = story.done[KEEP]
    assert (result["changed"], result["rearms_used"], story.done.writes(KEEP), story.done.requests(KEEP)) == (False, 0, 0, 3)
    assert rearms(lab, KEEP) == story.left[KEEP]
    assert result["msg"] == f"{KEEP} does not require a rearm."


@pytest.mark.parametrize("name", CLONES)
def test_it_is_told_to_activate_again_and_that_works(story: Story, lab: Lab, name: str) -> None:
    assert story.done[name]["msg"].endswith("Activate the machine again with kms_client.")
    assert story.activated[name]["activation"]["outcome"] == "activated"
    language = "ja" if name in ("CLONE-W7", "CLONE-W10") else "en"
    text = winrs.slmgr(lab.host_variables(name), "/dlv")
    assert story.done[name]["after"]["cmid"] in text
    assert ("ライセンスされています" if language == "ja" else "License Status: Licensed") in text


def test_the_count_of_the_kms_host_rises_by_those_it_had_taken_for_one(story: Story) -> None:
    before, after = story.counts
    assert after == before + len(CLONES)


@pytest.mark.parametrize("name", [*CLONES, KEEP])
def test_results_are_as_documented(story: Story, name: str) -> None:
    for results in (story.forecast, story.done):
        assert task_complaints("rearm", results[name]) == []


@dataclass(frozen=True)
class Waiting:
    """A rearm without a restart, the same once more, what another module says meanwhile, and the restart."""

    done: Results
    again: Results
    meanwhile: Results
    restarted: Results
    last: Results


@pytest.fixture(scope="module")
def waiting(lab: Lab) -> Waiting:
    lab.client.set_fault("HIDING", "rearm_hides_licenses")
    wish = {"cmids": [FIRST]}
    both = ["LATER", "HIDING"]
    done, again = lab.all("rearm", both, **wish), lab.all("rearm", both, **wish)
    meanwhile = lab.all("kms_client", ["LATER"], reactivate=True)
    restarted = lab.all("rearm", both, **wish, reboot=True)
    lab.client.clear_faults()
    return Waiting(done, again, meanwhile, restarted, lab.all("rearm", both, **wish, reboot=True))


@pytest.mark.parametrize("name", ["LATER", "HIDING"])
def test_without_a_restart_it_says_that_one_is_needed(waiting: Waiting, name: str) -> None:
    result = waiting.done[name]
    assert (result["changed"], result["rearms_used"], result["rebooted"], result["reboot_required"]) == (True, 1, False, True)
    assert "takes effect at the next reboot" in result["msg"]
    assert (set(result["after"].values()) == {None}) is (name == "HIDING")


@pytest.mark.parametrize("name", ["LATER", "HIDING"])
def test_a_rearm_that_waits_for_its_restart_is_not_done_once_more(waiting: Waiting, name: str) -> None:
    result = waiting.again[name]
    assert (result["changed"], result["rearms_used"], result["reboot_required"], waiting.again.writes(name)) == (False, 0, True, 0)
    assert result["msg"].startswith(f"A rearm of {name} is waiting for a reboot.")


def test_another_module_says_meanwhile_that_the_restart_is_missing(waiting: Waiting) -> None:
    result = waiting.meanwhile["LATER"]
    assert (result["status"], result["error"]["code"]) == ("failed", "0xC004D302")
    assert "Reboot the machine" in result["error"]["next_steps"][0]


@pytest.mark.parametrize("name", ["LATER", "HIDING"])
def test_the_restart_that_was_missing_is_made_up_for(waiting: Waiting, lab: Lab, name: str) -> None:
    result = waiting.restarted[name]
    assert [(step["action"], step["done"]) for step in result["steps"]] == [("reboot", True)]
    assert (result["rebooted"], result["reboot_required"], waiting.restarted.calls(name, "ReArmWindows")) == (True, False, 0)
    assert result["after"]["cmid"] == cmid(lab, name) != FIRST
    assert (rearms(lab, name), waiting.last[name]["changed"]) == (999, False)


def test_a_grace_period_that_is_over_is_begun_anew_and_one_that_runs_is_left_alone(lab: Lab) -> None:
    wish = {"max_days_left": 3, "reboot": True}
    done, again = lab.all("rearm", ["GRACE", "EARLY"], **wish), lab.all("rearm", ["GRACE", "EARLY"], **wish)
    result = done["GRACE"]
    assert (result["trigger"], result["rearms_used"], result["after"]["rearms_left"]) == ("grace_ends", 1, 1)
    assert (result["before"]["status"], result["after"]["status"]) == ("notification", "initial_grace")
    assert [again["GRACE"]["changed"], done["EARLY"]["changed"], done.writes("EARLY")] == [False, False, 0]


def test_a_rearm_that_is_to_be_kept_is_kept(lab: Lab) -> None:
    refused = lab.all("rearm", ["KEEPER"], force=True, min_rearms_left=1)
    assert (refused["KEEPER"]["error"]["code"], refused.writes("KEEPER")) == ("rearm_limit", 0)
    assert "has 1 rearm left, but min_rearms_left requires 1" in refused["KEEPER"]["msg"]


def test_office_is_rearmed_by_its_product_or_as_an_application_and_windows_is_not(lab: Lab) -> None:
    lab.play(["OFFICE"], {f"{FQCN}.product_key": {"application": "office", "product_key": gvlk_ending("6F7TH")}})
    told = lab.all("activation_info", ["OFFICE"], application="office")["OFFICE"]["products"][0]
    before = cmid(lab, "OFFICE")
    wishes = (
        {"scope": "product", "activation_id": told["activation_id"], "force": True, "reboot": True},
        {"scope": "application", "application_id": OFFICE_ID, "force": True, "reboot": True},
    )
    sku, application = (lab.all("rearm", ["OFFICE"], **wish) for wish in wishes)
    assert (sku["OFFICE"]["rearms_used"], sku.calls("OFFICE", "ReArmSku")) == (1, 1)
    assert (application["OFFICE"]["rearms_used"], application.calls("OFFICE", "ReArmApp")) == (1, 1)
    assert "Office" in application["OFFICE"]["steps"][0]["description"]
    assert cmid(lab, "OFFICE") == before
    assert lab.client.machine("OFFICE")["products"][0]["properties"]["LicenseStatus"] == 1


@pytest.mark.parametrize(
    ("name", "application_id", "folder"),
    [
        ("OFFICE-10", "59a52881-a989-479d-af46-f275c6370663", r"%CommonProgramFiles%\Microsoft Shared\OfficeSoftwareProtectionPlatform"),
        ("OFFICE-W7", OFFICE_ID, r"%ProgramFiles%\Microsoft Office\Office16"),
    ],
)
def test_office_with_its_own_service_is_refused_with_the_command_that_works(lab: Lab, name: str, application_id: str, folder: str) -> None:
    def office_cmid() -> str:
        return str(lab.all("activation_info", [name], application="office")[name]["office_service"]["cmid"])

    result = lab.all("rearm", [name], scope="application", application_id=application_id, force=True)[name]
    assert (result["status"], result["error"]["code"]) == ("failed", "not_supported_by_windows")
    before, (command,) = office_cmid(), re.findall(r'machine: "(.+)"', result["error"]["next_steps"][0])
    assert command == rf"{folder}\OSPPREARM.EXE"
    winrs.command(lab.host_variables(name), f'"{command}"')
    assert office_cmid() != before


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "MAK": ({"cmids": FIRST}, "activation_would_be_lost"),
    "HOST": ({"cmids": FIRST}, "activation_would_be_lost"),
    "NONE-LEFT": ({"force": True}, "no_rearms_left"),
    "OLD": ({"force": True}, "not_supported_by_windows"),
    "NO-KEY": ({"force": True}, "no_such_product"),
    "GRACE": (
        {"scope": "application", "application_id": "55c92734-d682-4d71-983e-d6ec3f16059f", "force": True},
        "not_supported_by_windows",
    ),
    "SKIP": ({"cmids": FIRST}, "skip_rearm"),
}


@pytest.fixture(scope="module")
def refused(lab: Lab) -> Results:
    winrs.command(lab.host_variables("SKIP"), "reg", "add", f'"{SPP}"', "/v", "SkipRearm", "/t", "REG_DWORD", "/d", "1", "/f")
    return lab.each("rearm", {name: wish for name, (wish, _code) in REFUSED.items()})


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_not_be_done_is_refused_before_anything_is_sent(refused: Results, name: str) -> None:
    result = refused[name]
    assert (result["status"], result["error"]["code"], refused.writes(name)) == ("failed", REFUSED[name][1], 0)
    assert result["error"]["next_steps"]
    assert name in result["msg"]


def test_a_mak_and_a_host_are_rearmed_when_losing_the_activation_is_meant(lab: Lab) -> None:
    done = lab.all("rearm", ["MAK", "HOST"], {"keywords": {"check_mode": True}}, cmids=FIRST, lose_activation=True)
    for name, kind in (("MAK", "MAK"), ("HOST", "KMS host key")):
        (step,) = done[name]["steps"]
        assert step["consumes"].startswith("1 rearm")
        assert re.match(f"the activation of .* with the {kind} ending in ", step["loses"])
        assert any(step["loses"] in warning for warning in done[name]["warnings"])
    assert done["MAK"]["msg"].endswith("activate the machine again with mak_client.")


SENSELESS: tuple[tuple[Mapping[str, Any], str], ...] = (
    ({}, "specify when the machine must be rearmed"),
    ({"cmids": "none"}, "cmids: 'none' is not an ID"),
    ({"force": True, "min_rearms_left": -1}, "min_rearms_left: -1 is negative"),
    ({"max_days_left": 30}, "max_days_left: 30 is not a number of days from 0 to 7"),
    ({"force": True, "scope": "product"}, "activation_id is required with scope: product"),
    ({"force": True, "application_id": OFFICE_ID}, "application_id cannot be combined with scope: windows"),
    ({"cmids": FIRST, "scope": "application", "application_id": OFFICE_ID}, "cmids cannot be combined with scope: application"),
)


def test_options_that_make_no_sense_are_told_before_anything_is_sent(lab: Lab) -> None:
    whole, told = lab.one_by_one([KEEP], [("rearm", wish) for wish, _words in SENSELESS])
    assert len(told) == len(SENSELESS)
    for each, (_wish, words) in zip(told, SENSELESS, strict=True):
        assert (each[KEEP]["status"], words in each[KEEP]["msg"]) == ("failed", True), each[KEEP]["msg"]
    assert whole.nothing_sent(KEEP)


@pytest.mark.quick
def test_the_playbook_gives_each_set_of_duplicates_cmids_of_their_own_and_activates_them(lab: Lab) -> None:
    shared = {"TWIN-A": THIRD, "TWIN-B": THIRD, "TWIN-C": FOURTH}
    found = [{"cmid": THIRD, "machines_to_rearm": ["TWIN-A", "TWIN-B"]}, {"cmid": FOURTH, "machines_to_rearm": ["TWIN-C"]}]
    variables = {"rearm_duplicates": found, "rearm_duplicates_serial": 2, "rearm_min_rearms_left": 1, "rearm_cmids": [FIRST]}
    done, again = lab.run(PLAYBOOK, {**variables, **stale_values()}), lab.run(PLAYBOOK, {**variables, **stale_texts()})
    assert done.run.exit_code == again.run.exit_code == 0
    told = done.run.results(f"{FQCN}.kms_client")
    assert {name: told[name]["activation"]["outcome"] for name in shared} == dict.fromkeys(shared, "activated")
    assert len({cmid(lab, name) for name in shared} - {THIRD, FOURTH}) == len(shared)
    assert (again.run.changed_hosts(), sum(again.writes(name) for name in shared)) == (0, 0)
