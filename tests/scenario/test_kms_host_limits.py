# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A KMS host key works on six hosts, ten times on each: what kms_host consumes of that, what it says at the end, and the telephone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from winlab.simulation.identity import confirmation_id

from . import winrs
from .harness import FQCN, Lab, Options, Results

pytestmark = pytest.mark.slow

ESTATE = "kms_host_limits.yml"
SHARED, WORN_KEY = "CCCCC-VVVVV-KKKKK-TTTTT-22222", "CCCCC-VVVVV-KKKKK-TTTTT-33333"
ONE_KEY, PHONE_KEY = "CCCCC-VVVVV-KKKKK-TTTTT-44444", "CCCCC-VVVVV-KKKKK-TTTTT-66666"
LIMITED_KEY, LIMITED = "CCCCC-VVVVV-KKKKK-TTTTT-77777", ["LIMIT-1", "LIMIT-2"]
SIX = [f"six{number}" for number in range(1, 8)]
PENDING = "confirmation ID from the activation center"
LATER = "The module does not write these settings"
BY_PHONE: dict[str, Any] = {"activation_method": "telephone", "renewal_interval": 5000}
CODES = {
    "CODE-1": ("InstallProductKey", "0xC004F015", "The license for the key is not installed"),
    "CODE-2": ("InstallProductKey", "0xC004F050", "Install the update that adds support for this CSVLK"),
    "CODE-3": ("Activate", "0xC004F042", "does not activate this product"),
}
"""What a method of a machine answers, and words of the message."""


def wish(key: str, confirmation: str | None = None, **options: Any) -> Options:
    entry = {"product_key": key, **({"confirmation_id": confirmation} if confirmation else {})}
    return {"host_keys": [entry], **options}


def answer(results: Results, name: str) -> str:
    """What the activation centre says to the installation ID of a result."""
    (activation,) = results[name]["activations"]
    return confirmation_id(activation["installation_id"])


def grouped(digits: str) -> str:
    """As it is spoken."""
    return "-".join(digits[start : start + 6] for start in range(0, 48, 6))


@pytest.fixture(scope="module")
def first(lab: Lab) -> Results:
    """Six hosts of one key, and one machine for each thing that may come of a key."""
    lab.client.set_fault("DROPPED", "drop_before_reply", action="Invoke", method="Activate", times=1, executed=True)
    for name, (method, code, _words) in CODES.items():
        lab.client.set_fault(name, "wmi_fault", method=method, hresult=code, times=1)
    wishes = {
        **dict.fromkeys(SIX[:6], wish(SHARED)),
        "WORN": wish(WORN_KEY),
        "DROPPED": wish(ONE_KEY),
        "REBUILT": wish(ONE_KEY, listening_port=1689),
        "PHONE": wish(PHONE_KEY, **BY_PHONE),
        "MISTYPED": wish(PHONE_KEY, activation_method="telephone"),
        "OFFLINE": wish(PHONE_KEY),
        **{name: wish(ONE_KEY if method == "InstallProductKey" else PHONE_KEY) for name, (method, _code, _words) in CODES.items()},
    }
    done = lab.each("kms_host", wishes, expected_warnings=(PENDING, LATER))
    lab.client.clear_faults()
    return done


@pytest.fixture(scope="module")
def second(lab: Lab, first: Results) -> Results:
    """A seventh host, an eleventh activation, a dead machine, and a confirmation ID with a slip."""
    for _time in range(9):
        winrs.slmgr(lab.host_variables("WORN"), "/ato")
    lab.client.rebuild("WORN")
    lab.client.crash("REBUILT")
    digits = answer(first, "MISTYPED")
    wishes = {
        "six1": wish(SHARED, listening_port=1700),
        "six7": wish(SHARED),
        "WORN": wish(WORN_KEY),
        "DROPPED": wish(ONE_KEY),
        "REBUILT": wish(ONE_KEY, listening_port=1689),
        "PHONE": wish(PHONE_KEY, **BY_PHONE),
        "MISTYPED": wish(PHONE_KEY, digits[:12] + str((int(digits[12]) + 1) % 10) + digits[13:]),
    }
    return lab.each("kms_host", wishes, expected_warnings=(PENDING, LATER, "the check digit of group C does not match"))


@pytest.fixture(scope="module")
def third(lab: Lab, first: Results, second: Results) -> Results:
    """What the telephone said, and the dead machine is there again under its name."""
    lab.client.rebuild("REBUILT")
    digits = answer(first, "PHONE")
    wishes = {
        "WORN": wish(WORN_KEY, answer(second, "WORN")),
        "REBUILT": wish(ONE_KEY, listening_port=1689),
        "PHONE": wish(PHONE_KEY, grouped(digits), **BY_PHONE),
        "MISTYPED": wish(PHONE_KEY, answer(first, "MISTYPED")[:40]),
    }
    return lab.each("kms_host", wishes, expected_warnings=("there are 40 digits",))


def test_the_seventh_host_of_a_key_is_told_that_six_is_the_end_and_what_to_do(first: Results, second: Results) -> None:
    assert {first[name]["activations"][0]["outcome"] for name in SIX[:6]} == {"activated"}
    seventh = second["six7"]
    assert (seventh["status"], seventh["error"]["code"]) == ("failed", "0xC004C008")
    assert "SL_E_CHPA_MAXIMUM_UNLOCK_EXCEEDED" in seventh["msg"]
    assert "telephone" in seventh["msg"]
    (activation,) = seventh["activations"]
    assert (activation["outcome"], activation["attempts"], len(activation["installation_id"])) == ("failed", 1, 63)
    assert (seventh["activations_used"], seventh["service"]["is_kms_host"], seventh["service_restarted"]) == (0, False, False)
    assert seventh["firewall_info"]["status"] == "closed"


def test_the_eleventh_activation_on_one_host_fails_and_the_telephone_helps(first: Results, second: Results, third: Results) -> None:
    assert first["WORN"]["activations_used"] == 1
    assert (second["WORN"]["status"], second["WORN"]["error"]["code"]) == ("failed", "0xC004C008")
    rescued = third["WORN"]
    assert (rescued["status"], rescued["service"]["is_kms_host"], rescued["activations_used"]) == ("ok", True, 0)


def test_a_licensed_host_key_is_never_activated_again(second: Results) -> None:
    assert (second["six1"]["changed"], second.calls("six1", "Activate"), second["six1"]["activations_used"]) == (True, 0, 0)
    assert second["six1"]["activations"][0]["outcome"] == "already_licensed"


def test_an_activation_whose_answer_is_lost_is_decided_by_the_state_and_spends_one(first: Results, second: Results) -> None:
    assert (first["DROPPED"]["status"], first["DROPPED"]["service"]["is_kms_host"]) == ("ok", True)
    assert (first.calls("DROPPED", "Activate"), first["DROPPED"]["activations_used"]) == (1, 1)
    assert (second["DROPPED"]["changed"], second.calls("DROPPED", "Activate")) == (False, 0)


def test_a_host_that_died_and_was_rebuilt_becomes_the_same_host_again(lab: Lab, first: Results, second: Results, third: Results) -> None:
    before, rebuilt = first["REBUILT"], third["REBUILT"]
    assert second["REBUILT"]["status"] == "unreachable"
    assert (rebuilt["status"], rebuilt["changed"], rebuilt["after"]) == ("ok", True, before["after"])
    assert rebuilt["srv_records"] == before["srv_records"]
    assert rebuilt["products"][0]["extended_pid"] != before["products"][0]["extended_pid"]
    assert [(item["host"], item["port"]) for item in lab.client.srv_records("limits.example") if item["host"].startswith("rebuilt.")] == [
        ("rebuilt.limits.example", 1689)
    ]


def warned(result: Mapping[str, Any], words: str) -> bool:
    return any(words in warning for warning in result["warnings"])


def test_by_telephone_the_first_run_gives_the_installation_id_and_the_second_deposits_the_answer(
    lab: Lab, first: Results, second: Results, third: Results
) -> None:
    result = first["PHONE"]
    (activation,) = result["activations"]
    assert (result["status"], activation["outcome"], activation["error"]) == ("ok", "needs_confirmation_id", None)
    assert all(warned(results["PHONE"], words) for results in (first, second) for words in (PENDING, LATER))
    assert [step["action"] for step in result["steps"]] == ["install_product_key", "set_host_version", "enable_firewall_rule"]
    assert activation["installation_id"] == result["products"][0]["installation_id"]
    assert (second["PHONE"]["changed"], second.writes("PHONE")) == (False, 0)
    done = third["PHONE"]
    assert (done["service"]["is_kms_host"], done["activations"][0]["outcome"]) == (True, "activated")
    assert (done["service"]["renewal_interval"], done["activations_used"]) == (5000, 0)
    assert (third.calls("PHONE", "DepositOfflineConfirmationId"), third.calls("PHONE", "Activate")) == (1, 0)
    digits = answer(first, "PHONE")
    again = lab.each("kms_host", {"PHONE": wish(PHONE_KEY, grouped(digits), **BY_PHONE)})
    assert (again["PHONE"]["changed"], again.writes("PHONE")) == (False, 0)


def test_a_mistyped_confirmation_id_is_warned_of_by_its_group_and_refused_by_windows(second: Results, third: Results) -> None:
    assert (second["MISTYPED"]["status"], second["MISTYPED"]["error"]["code"]) == ("failed", "0xC004F04D")
    assert warned(second["MISTYPED"], "the check digit of group C does not match")
    assert "Next: " in second["MISTYPED"]["msg"]
    assert (third["MISTYPED"]["status"], third["MISTYPED"]["error"]["code"]) == ("failed", "0xC004F02F")
    assert warned(third["MISTYPED"], "there are 40 digits")


def test_a_host_without_internet_is_told_about_the_telephone(first: Results) -> None:
    failed = first["OFFLINE"]
    assert (failed["status"], failed["error"]["code"], failed["error"]["transient"]) == ("failed", "0x80072EE7", True)
    assert failed["steps"][0]["done"] is True


@pytest.mark.parametrize("name", CODES)
def test_a_code_a_kms_host_gives_is_told_with_its_meaning_and_the_next_step(first: Results, name: str) -> None:
    failed, (_method, code, words) = first[name], CODES[name]
    assert (failed["status"], failed["error"]["code"]) == ("failed", code)
    assert words in " ".join((failed["msg"], *failed["error"]["next_steps"]))
    assert not any(key in str(failed) for key in (ONE_KEY, PHONE_KEY))


def test_a_task_that_ansible_repeats_uses_no_activation(lab: Lab) -> None:
    refused = lab.play(LIMITED, {f"{FQCN}.kms_host": wish(LIMITED_KEY), "retries": 2, "delay": 0})
    for name in LIMITED:
        assert (refused[name]["error"]["code"], refused.writes(name)) == ("retries_not_supported", 0)


def test_a_play_that_could_use_more_than_its_maximum_is_refused_before_a_change(lab: Lab) -> None:
    refused = lab.all("kms_host", LIMITED, max_activations=1, **wish(LIMITED_KEY))
    for name in LIMITED:
        assert (refused[name]["status"], refused[name]["error"]["code"], refused.writes(name)) == ("failed", "activation_budget", 0)
        assert (
            "2 machines, of which each can use an activation, which is more than max_activations: 1. Nothing was changed."
            in refused[name]["msg"]
        )
    done = lab.all("kms_host", LIMITED, max_activations=2, **wish(LIMITED_KEY))
    assert {(done[name]["status"], done[name]["activations_used"]) for name in LIMITED} == {("ok", 1)}
    again = lab.all("kms_host", LIMITED, max_activations=0, **wish(LIMITED_KEY))
    assert {(again[name]["status"], again[name]["changed"]) for name in LIMITED} == {("ok", False)}


def test_a_confirmation_id_for_another_installation_id_is_not_sent(lab: Lab) -> None:
    told = lab.each("kms_host", {"TOLD": wish(PHONE_KEY, **BY_PHONE)}, expected_warnings=(PENDING, LATER))
    spoken, (activation,) = answer(told, "TOLD"), told["TOLD"]["activations"]

    def deposit(installation_id: str) -> Results:
        entry = {"product_key": PHONE_KEY, "confirmation_id": spoken, "installation_id": installation_id}
        return lab.each("kms_host", {"TOLD": {"host_keys": [entry], **BY_PHONE}})

    refused = deposit(activation["installation_id"][::-1])
    assert (refused["TOLD"]["error"]["code"], refused.writes("TOLD")) == ("stale_installation_id", 0)
    assert deposit(activation["installation_id"])["TOLD"]["activations"][0]["outcome"] == "activated"
