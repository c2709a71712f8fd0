# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kms_client does not do to a machine: it says what stands in the way and what to do, and sends no write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from . import winrs
from .harness import Lab, Results, gvlk_ending

ESTATE = "refuse.yml"
MAK = "MMMMM-KKKKK-MMMMM-BCDFG-HJK23"
REFUSALS = {
    "EVAL-SERVER": "evaluation_edition",
    "EVAL-CLIENT": "evaluation_edition",
    "EVAL-DC": "evaluation_edition",
    "NEW-SERVER": "build_not_known",
    "HOME-W10": "no_gvlk_for_edition",
    "ULTIMATE-W7": "no_gvlk_for_edition",
    "KMS02": "is_kms_host",
    "CSVLK-CLIENT": "is_kms_host",
    "UNKNOWN-KEY": "not_a_gvlk",
    "MISMATCH-W10": "edition_mismatch",
    "MISMATCH-SERVER": "edition_mismatch",
    "E5-FINE": "subscription_active",
    "E5-ODD": "subscription_active",
    "OLD-W7": "not_supported_by_windows",
    "OLD-S2008R2": "not_supported_by_windows",
}


UNASKED = ("EVAL-SERVER", "EVAL-CLIENT", "EVAL-DC", "NEW-SERVER", "HOME-W10", "ULTIMATE-W7", "KMS02", "CSVLK-CLIENT")
SUBSCRIBED = ["E5-FINE", "E5-ODD"]


@pytest.fixture(scope="module")
def refused(lab: Lab) -> Results:
    """One run in which every machine is asked for what it must not become."""
    wishes: dict[str, Mapping[str, Any]] = {
        **{name: {"discovery": True} for name in (*UNASKED, *SUBSCRIBED)},
        "UNKNOWN-KEY": {"product_key": MAK},
        # Windows 10 Enterprise on a Pro, Windows 10 Pro on a server.
        "MISMATCH-W10": {"product_key": gvlk_ending("2YT43")},
        "MISMATCH-SERVER": {"product_key": gvlk_ending("T83GX")},
        "OLD-W7": {"lookup_domain": "branch.example"},
        "OLD-S2008R2": {"activation_type": "kms"},
    }
    return lab.each("kms_client", wishes)


@pytest.mark.parametrize(("name", "code"), REFUSALS.items())
def test_a_refusal_fails_with_its_own_word_and_sends_no_write(refused: Results, name: str, code: str) -> None:
    result = refused[name]
    assert (result["status"], result["changed"], result["error"]["code"], result["error"]["category"]) == (
        "failed",
        False,
        code,
        "precondition",
    )
    assert (refused.writes(name), refused.costs[name]["shells"]) == (0, 0)
    assert refused.requests(name) <= 4


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_names_the_machine_and_the_next_step(refused: Results, name: str) -> None:
    result = refused[name]
    assert result["msg"].startswith(name)
    assert result["error"]["next_steps"]
    assert all(step in result["msg"] for step in result["error"]["next_steps"])
    assert result["error"]["meaning"] in result["msg"]


def test_an_evaluation_server_is_told_the_dism_commands_and_a_client_to_reinstall(refused: Results) -> None:
    said = refused["EVAL-SERVER"]["msg"]
    assert 0 < said.index("DISM /Online /Get-TargetEditions") < said.index("DISM /Online /Set-Edition:ServerStandard ")
    assert "Reinstall" in refused["EVAL-CLIENT"]["msg"]


def test_a_domain_controller_is_not_told_to_convert_what_microsoft_does_not_convert(refused: Results) -> None:
    assert "A domain controller cannot be converted" in refused["EVAL-DC"]["msg"]
    assert "DISM" not in refused["EVAL-DC"]["msg"]


def test_a_server_newer_than_the_collection_is_not_given_the_key_of_an_older_one(lab: Lab, refused: Results) -> None:
    said = refused["NEW-SERVER"]["msg"]
    assert "build 29651 is newer than this collection: version 0.1.0 knows the GVLKs of Windows Server up to build 26100" in said
    assert "allow_unknown_key: true" in said
    kept = lab.all("kms_client", ["NEW-KEEPS"])
    assert (kept["NEW-KEEPS"]["status"], kept["NEW-KEEPS"]["changed"], kept.writes("NEW-KEEPS")) == ("ok", False, 0)


def test_an_edition_without_a_gvlk_is_named_with_the_other_ways(refused: Results) -> None:
    assert "edition Core" in refused["HOME-W10"]["msg"]
    assert "edition Ultimate" in refused["ULTIMATE-W7"]["msg"]
    assert "change to a volume edition" in refused["HOME-W10"]["msg"]


def test_a_mismatch_names_the_edition_of_the_key_and_of_the_machine(refused: Results) -> None:
    assert "edition Enterprise" in refused["MISMATCH-W10"]["msg"]
    assert "edition: Professional" in refused["MISMATCH-W10"]["msg"]
    assert "edition: ServerStandard" in refused["MISMATCH-SERVER"]["msg"]


def test_a_setting_windows_7_does_not_have_is_named_with_its_version(refused: Results) -> None:
    assert "lookup_domain" in refused["OLD-W7"]["msg"]
    assert "6.1.7601" in refused["OLD-W7"]["msg"]
    assert "activation_type" in refused["OLD-S2008R2"]["msg"]


def test_a_refused_key_shows_by_its_last_five_only(refused: Results) -> None:
    assert "HJK23" in refused["UNKNOWN-KEY"]["msg"]
    assert MAK not in refused.output


def test_check_mode_refuses_the_same(lab: Lab, refused: Results) -> None:
    names = ("EVAL-SERVER", "HOME-W10", "KMS02", "CSVLK-CLIENT")
    forecast = lab.all("kms_client", names, {"keywords": {"check_mode": True}}, discovery=True)
    assert {name: forecast[name]["msg"] for name in names} == {name: refused[name]["msg"] for name in names}


def test_a_kms_host_becomes_a_client_when_the_task_says_so(lab: Lab) -> None:
    wanted: dict[str, Any] = {"convert_kms_host": True, "kms_host": "kms01.refuse.example"}
    done = lab.all("kms_client", ["KMS03"], {"expected_warnings": ("Remove its _vlmcs._tcp records from DNS",)}, **wanted)
    assert (done["KMS03"]["status"], done["KMS03"]["before"]["channel"], done["KMS03"]["after"]["channel"]) == ("ok", "csvlk", "gvlk")
    assert done["KMS03"]["activation"]["outcome"] == "activated"
    text = winrs.slmgr(lab.host_variables("KMS03"), "/dlv")
    assert "VOLUME_KMSCLIENT" in text
    assert "Key Management Service is enabled" not in text
    again = lab.all("kms_client", ["KMS03"], **wanted)
    assert (again["KMS03"]["changed"], again.writes("KMS03")) == (False, 0)


def test_a_forced_key_that_turns_out_a_mak_is_taken_back_and_never_activated(lab: Lab) -> None:
    done = lab.each("kms_client", {"FORCED-MAK": {"product_key": MAK, "allow_unknown_key": True, "lose_activation": True}})
    result = done["FORCED-MAK"]
    assert (result["status"], result["changed"]) == ("failed", True)
    assert "MAK" in result["msg"]
    assert "did not activate the key" in result["msg"]
    assert done.calls("FORCED-MAK", "Activate") == 0
    assert done.calls("FORCED-MAK", "InstallProductKey") == 2
    assert "VOLUME_KMSCLIENT" in winrs.slmgr(lab.host_variables("FORCED-MAK"), "/dli")
    assert MAK not in done.output


def test_a_machine_that_a_subscription_licenses_is_reported_and_left_alone(lab: Lab) -> None:
    read = lab.all("activation_info", SUBSCRIBED)
    for name, status in zip(SUBSCRIBED, ("licensed", "notification"), strict=True):
        (product,) = read[name]["products"]
        assert (read[name]["licensed"], product["status"], product["activated_by"]) == (True, status, "subscription")
        shown = read[name]["service"]["subscription"]
        assert (shown["status"], shown["type"], shown["edition"]) == ("active", "user_based", "Windows 11 Enterprise")
    checked = lab.all("activation_check", SUBSCRIBED, expected_channels=["subscription"], probe=False)
    assert [checked[name]["findings"] for name in SUBSCRIBED] == [[], []]
    for module in ("mak_client", "product_key"):
        done = lab.all(module, SUBSCRIBED, product_key="MMMMM-KKKKK-MMMMM-44444-66666")
        assert {done[name]["error"]["code"] for name in SUBSCRIBED} == {"subscription_active"}
        assert not any(done.writes(name) for name in SUBSCRIBED)


def test_a_subscription_is_replaced_when_the_task_says_so_and_its_loss_is_named(lab: Lab) -> None:
    wishes = {"E5-ODD": {"replace_subscription": True}}
    lost = ("Windows uses the subscription again only after a user with the license signs in.",)
    forecast = lab.each("kms_client", wishes, keywords={"check_mode": True}, expected_warnings=lost)
    done = lab.each("kms_client", wishes, expected_warnings=lost)
    for results in (forecast, done):
        (named,) = [step["loses"] for step in results["E5-ODD"]["steps"] if step["loses"]]
        assert named.startswith("the activation of Windows(R), Enterprise edition by subscription (key ending in ")
    assert (done["E5-ODD"]["changed"], done["E5-ODD"]["after"]["status"]) == (True, "licensed")
