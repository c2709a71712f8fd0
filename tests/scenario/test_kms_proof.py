# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A license that nobody can give back is replaced only when a KMS host is proven to answer, or when the task accepts the loss."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from key_gate import assert_no_keys

from . import winrs
from .harness import Lab, Results, gvlk_ending

pytestmark = pytest.mark.slow

ESTATE = "proof.yml"
LICENSED = ["MAK-PC", "MAK-SRV", "RETAIL", "OEM"]
HOSTS_OF_THE_ESTATE = ("KMS01", "YOUNG")
GONE, KMS, YOUNG = "gone.proof.example", "kms01.proof.example", "young.proof.example"
MAK = "MMMMM-KKKKK-MMMMM-PRF22-TTWX3"
LOST, NOT_CHECKED, UNKNOWN_COUNT = (
    "activation_would_be_lost",
    "(probe: false)",
    "responded, but the module does not know whether it has counted",
)


def binds(results: Results) -> int:
    return sum(int(results.costs[name]["kms_binds"]) for name in HOSTS_OF_THE_ESTATE)


def statuses(lab: Lab, names: list[str]) -> dict[str, tuple[str, str]]:
    """Status and channel of the Windows product of machines."""
    read = lab.all("activation_info", names)
    primary = {name: next(product for product in read[name]["products"] if product["primary"]) for name in names}
    return {name: (product["status"], product["channel"]) for name, product in primary.items()}


def refused(result: Mapping[str, Any]) -> str:
    """The message of a refusal, which has changed nothing."""
    assert (result["status"], result.get("changed", False)) == ("failed", False), result
    assert result["error"]["code"] == LOST
    assert any("lose_activation: true" in step for step in result["error"]["next_steps"])
    return str(result["msg"])


@pytest.fixture(scope="module")
def untouched(lab: Lab) -> Mapping[str, tuple[str, str]]:
    return statuses(lab, LICENSED)


@pytest.fixture(scope="module")
def left(lab: Lab, gone: tuple[Results, Results]) -> Mapping[str, tuple[str, str]]:
    """What is there after the tasks were refused."""
    del gone
    return statuses(lab, LICENSED)


@pytest.fixture(scope="module")
def gone(lab: Lab, untouched: Mapping[str, tuple[str, str]]) -> tuple[Results, Results]:
    """A KMS host that does not exist: check mode and the run."""
    del untouched
    options = {name: {"kms_host": GONE} for name in LICENSED}
    return lab.each("kms_client", options, keywords={"check_mode": True}), lab.each("kms_client", options)


@pytest.mark.parametrize("name", LICENSED)
def test_without_a_kms_host_that_answers_the_license_stays_and_nothing_is_written(
    gone: tuple[Results, Results], untouched: Mapping[str, tuple[str, str]], left: Mapping[str, tuple[str, str]], name: str
) -> None:
    forecast, done = gone
    assert refused(forecast[name]) == refused(done[name])
    message = refused(done[name])
    assert f"No KMS host responds at {GONE}:1688: The name does not have an address" in message
    assert "probe: false" in message
    assert (forecast.writes(name), done.writes(name)) == (0, 0)
    assert untouched[name][0] == "licensed"
    assert left[name] == untouched[name]


def test_dns_that_names_no_host_is_no_proof_either(lab: Lab) -> None:
    told = lab.each("kms_client", {"MAK-EMPTY": {"discovery": True}})
    assert "No KMS host is configured or published in DNS" in refused(told["MAK-EMPTY"])
    assert told.writes("MAK-EMPTY") == 0


def test_a_host_that_must_not_be_asked_is_no_proof(lab: Lab) -> None:
    told = lab.each("kms_client", {"MAK-SRV": {"kms_host": KMS, "probe_networks": []}, "OEM": {"kms_host": "169.254.169.250"}})
    assert "is a loopback address" in refused(told["MAK-SRV"])
    assert "belongs to Amazon EC2" in refused(told["OEM"])
    assert binds(told) == 0


def test_a_host_that_is_known_to_count_too_few_is_no_proof_and_one_whose_count_is_unknown_only_warns(lab: Lab) -> None:
    young = lab.all("activation_info", ["YOUNG", "KMS01"])
    info = [dict(young["YOUNG"]), dict(young["KMS01"])]
    known = lab.each("kms_client", {"MAK-PC": {"kms_host": YOUNG, "kms_host_info": info}})
    assert "YOUNG counts 2 of the 25 machines that a client requires" in refused(known["MAK-PC"])
    assert "mak_to_kms_when_ready" in known["MAK-PC"]["msg"]
    options = {"MAK-PC": {"kms_host": YOUNG}, "OEM": {"kms_host": KMS, "kms_host_info": info}}
    forecast = lab.each("kms_client", options, keywords={"check_mode": True}, expected_warnings=(UNKNOWN_COUNT,))
    assert forecast["MAK-PC"]["changed"] is True
    assert any(UNKNOWN_COUNT in warning for warning in forecast["MAK-PC"]["warnings"])
    assert not any(UNKNOWN_COUNT in warning for warning in forecast["OEM"]["warnings"])
    assert [step["loses"] for step in forecast["OEM"]["steps"] if step["action"] == "install_product_key"] != [None]


def test_active_directory_and_a_token_are_no_proof_and_only_the_first_may_go_unchecked(lab: Lab) -> None:
    wish = {"MAK-PC": {"activation_type": "ad"}, "MAK-SRV": {"activation_type": "token"}}
    told = lab.each("kms_client", wish)
    assert "The controller cannot verify that Active Directory activates the machine" in refused(told["MAK-PC"])
    assert "Only a token can activate the machine" in refused(told["MAK-SRV"])
    unprobed = {name: {**options, "probe": False} for name, options in wish.items()}
    forecast = lab.each("kms_client", unprobed, keywords={"check_mode": True}, expected_warnings=(NOT_CHECKED,))
    assert forecast["MAK-PC"]["status"] == "ok"
    assert "Only a token can activate the machine" in refused(forecast["MAK-SRV"])


@pytest.mark.parametrize(
    ("kind", "words"),
    [("1", "The controller cannot verify that Active Directory activates the machine"), ("3", "Only a token can activate the machine")],
)
def test_what_the_machine_itself_allows_counts_where_the_task_says_nothing(lab: Lab, kind: str, words: str) -> None:
    winrs.slmgr(lab.host_variables("MAK-SRV"), "/act-type", kind)
    told = lab.each("kms_client", {"MAK-SRV": {"kms_host": KMS}})
    winrs.slmgr(lab.host_variables("MAK-SRV"), "/act-type", "0")
    assert words in refused(told["MAK-SRV"])
    assert binds(told) == 0


def test_a_fallback_key_that_can_be_of_no_use_is_said_to_be_so(lab: Lab) -> None:
    warnings = ("fallback_key is not used because this task does not replace a licensed key",)
    lab.each("kms_client", {"GRACE": {"kms_host": KMS, "fallback_key": MAK}}, keywords={"check_mode": True}, expected_warnings=warnings)


def test_nobody_is_asked_when_nothing_is_lost_or_the_task_is_refused_or_accepts_the_loss(lab: Lab) -> None:
    wishes = {
        "FOUND": {"kms_host": KMS},
        "GRACE": {"kms_host": KMS},
        "MAK-SRV": {"kms_host": KMS, "product_key": MAK},
        "OEM": {"kms_host": KMS, "lose_activation": True},
    }
    told = lab.each("kms_client", wishes, keywords={"check_mode": True})
    assert told["MAK-SRV"]["error"]["code"] == "not_a_gvlk"
    assert [told[name]["status"] for name in ("FOUND", "GRACE", "OEM")] == ["ok"] * 3
    assert binds(told) == 0


def test_a_fallback_that_needs_kms_itself_is_refused(lab: Lab) -> None:
    told = lab.each("kms_client", {"MAK-SRV": {"kms_host": KMS, "fallback_key": gvlk_ending("T83GX")}})
    assert told["MAK-SRV"]["error"]["code"] == "fallback_is_gvlk"
    assert binds(told) == 0


def test_with_proof_the_machine_is_converted_and_the_second_run_asks_nobody(lab: Lab) -> None:
    options = {"OEM": {"kms_host": KMS}, "MAK-FOUND": {"discovery": True}}
    done, again = lab.each("kms_client", options), lab.each("kms_client", options)
    assert binds(done) == 1
    for name in options:
        assert (done[name]["activation"]["outcome"], done[name]["activations_used"], done[name]["rolled_back"]) == ("activated", 0, False)
        assert (again[name]["changed"], again.requests(name), binds(again)) == (False, 3, 0)


def test_without_a_probe_the_task_goes_on_with_a_warning_and_a_failure_says_what_was_lost(lab: Lab) -> None:
    done = lab.each("kms_client", {"MAK-SRV": {"kms_host": GONE, "probe": False}}, expected_warnings=(NOT_CHECKED,))["MAK-SRV"]
    assert (done["status"], done["changed"], done["activations_used"], done["rolled_back"]) == ("failed", True, 0, False)
    assert re.search("The machine lost the activation of .* with the MAK ending in TTWX3", done["msg"])
    assert "mak_client" in done["msg"]


def test_the_fallback_key_is_installed_and_activated_again_when_kms_refuses_after_all(lab: Lab) -> None:
    options = {"MAK-PC": {"kms_host": GONE, "probe": False, "fallback_key": MAK}}
    results = lab.each(
        "kms_client",
        options,
        expected_warnings=(NOT_CHECKED, "If KMS does not activate the machine, the module installs and activates the fallback key"),
    )
    done = results["MAK-PC"]
    assert (done["status"], done["rolled_back"], done["activations_used"]) == ("failed", True, 1)
    assert "The machine is licensed again, which might have used an activation of the key ending in TTWX3" in done["msg"]
    assert [(step["action"], step["done"]) for step in done["steps"][-3:]] == [
        ("activate", False),
        ("restore_product_key", True),
        ("activate_again", True),
    ]
    assert done["steps"][-1]["consumes"] == "an activation of the key ending in TTWX3"
    assert statuses(lab, ["MAK-PC"]) == {"MAK-PC": ("licensed", "mak")}
    mark = ("SetStringValue", "DeleteValue")
    assert [results.calls("MAK-PC", method) for method in mark] == [1, 1], "no other run consumes the key meanwhile"
    assert_no_keys(results.output, "output")


def test_a_fallback_that_cannot_be_activated_says_so_and_spends_nothing(lab: Lab) -> None:
    lab.client.set_fault("RETAIL", "no_internet")
    options = {"RETAIL": {"kms_host": GONE, "probe": False, "fallback_key": "RRRRR-TTTTT-RRRRR-PRF22-HHHWW"}}
    warnings = (NOT_CHECKED, "If KMS does not activate the machine, the module installs and activates the fallback key")
    done = lab.each("kms_client", options, expected_warnings=warnings)["RETAIL"]
    lab.client.clear_faults()
    assert (done["status"], done["rolled_back"], done["activations_used"]) == ("failed", True, 0)
    assert "The machine is not licensed now" in done["msg"]
    assert done["steps"][-1]["action"] == "activate_again"
    assert done["steps"][-1]["done"] is False
