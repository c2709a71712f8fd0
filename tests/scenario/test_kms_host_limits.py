# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A KMS host key works on six hosts, ten times on each: what kms_host spends of that, what it says at the end, and the telephone."""

from __future__ import annotations

from typing import Any

import pytest

from winlab.world.identity import confirmation_id

from . import winrs
from .harness import Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "kms_host_limits.yml"
SHARED, WORN_KEY = "CCCCC-VVVVV-KKKKK-TTTTT-22222", "CCCCC-VVVVV-KKKKK-TTTTT-33333"
ONE_KEY, PHONE_KEY = "CCCCC-VVVVV-KKKKK-TTTTT-44444", "CCCCC-VVVVV-KKKKK-TTTTT-66666"
SIX = [f"six{number}" for number in range(1, 8)]
PENDING = "is not activated: ask the activation centre"


def become_host(lab: Lab, name: str, key: str, *warnings: str, confirmation: str | None = None, **options: Any) -> Results:
    entry = {"product_key": key, **({"confirmation_id": confirmation} if confirmation else {})}
    return lab.each("kms_host", {name: {"host_keys": [entry], **options}}, expected_warnings=warnings)


def test_the_seventh_host_of_a_key_is_told_that_six_is_the_end_and_what_to_do(lab: Lab) -> None:
    six = lab.all("kms_host", SIX[:6], host_keys=[{"product_key": SHARED}])
    assert {six[name]["activations"][0]["outcome"] for name in SIX[:6]} == {"activated"}
    seventh = become_host(lab, "six7", SHARED)["six7"]
    assert (seventh["status"], seventh["error"]["code"]) == ("failed", "0xC004C008")
    assert "SL_E_CHPA_MAXIMUM_UNLOCK_EXCEEDED" in seventh["msg"]
    assert "telephone" in seventh["msg"]
    (activation,) = seventh["activations"]
    assert (activation["outcome"], activation["attempts"], len(activation["installation_id"])) == ("failed", 1, 63)
    assert (seventh["activations_spent"], seventh["host"]["enabled"], seventh["restarted"]) == (0, False, False)
    assert seventh["host"]["firewall"]["state"] == "closed"


def test_the_eleventh_activation_on_one_host_fails_and_the_telephone_helps(lab: Lab) -> None:
    assert become_host(lab, "WORN", WORN_KEY)["WORN"]["activations_spent"] == 1
    for _time in range(9):
        winrs.slmgr(lab.host_variables("WORN"), "/ato")
    lab.client.rebuild("WORN")
    failed = become_host(lab, "WORN", WORN_KEY)["WORN"]
    assert (failed["status"], failed["error"]["code"]) == ("failed", "0xC004C008")
    (activation,) = failed["activations"]
    rescued = become_host(lab, "WORN", WORN_KEY, confirmation=confirmation_id(activation["installation_id"]))["WORN"]
    assert (rescued["status"], rescued["host"]["enabled"], rescued["activations_spent"]) == ("ok", True, 0)


def test_a_licensed_host_key_is_never_activated_again(lab: Lab) -> None:
    done = become_host(lab, "six1", SHARED, listening_port=1700)
    assert (done["six1"]["changed"], done.calls("six1", "Activate"), done["six1"]["activations_spent"]) == (True, 0, 0)
    assert done["six1"]["activations"][0]["outcome"] == "already_licensed"


def test_an_activation_whose_answer_is_lost_is_decided_by_the_state_and_spends_one(lab: Lab) -> None:
    lab.client.set_fault("DROPPED", "drop_before_reply", action="Invoke", method="Activate", times=1, executed=True)
    done = become_host(lab, "DROPPED", ONE_KEY)
    lab.client.clear_faults()
    assert (done["DROPPED"]["status"], done["DROPPED"]["host"]["enabled"]) == ("ok", True)
    assert (done.calls("DROPPED", "Activate"), done["DROPPED"]["activations_spent"]) == (1, 1)
    again = become_host(lab, "DROPPED", ONE_KEY)
    assert (again["DROPPED"]["changed"], again.calls("DROPPED", "Activate")) == (False, 0)


def test_a_host_that_died_and_was_rebuilt_becomes_the_same_host_again(lab: Lab) -> None:
    first = become_host(lab, "REBUILT", ONE_KEY, listening_port=1689)["REBUILT"]
    lab.client.crash("REBUILT")
    assert become_host(lab, "REBUILT", ONE_KEY, listening_port=1689)["REBUILT"]["status"] == "unreachable"
    lab.client.rebuild("REBUILT")
    second = become_host(lab, "REBUILT", ONE_KEY, listening_port=1689)["REBUILT"]
    assert (second["status"], second["changed"], second["after"]) == ("ok", True, first["after"])
    assert second["host"]["srv_records"] == first["host"]["srv_records"]
    assert second["host"]["keys"][0]["extended_pid"] != first["host"]["keys"][0]["extended_pid"]
    assert [(item["host"], item["port"]) for item in lab.client.srv_records("limits.example") if item["host"].startswith("rebuilt.")] == [
        ("rebuilt.limits.example", 1689)
    ]


def test_by_telephone_the_first_run_gives_the_installation_id_and_the_second_deposits_the_answer(lab: Lab) -> None:
    settings: dict[str, Any] = {"activation": "telephone", "renewal_interval": 5000}
    first = become_host(lab, "PHONE", PHONE_KEY, PENDING, "not written yet", **settings)
    result = first["PHONE"]
    (activation,) = result["activations"]
    assert (result["status"], activation["outcome"], activation["error"]) == ("ok", "needs_confirmation_id", None)
    assert [step["action"] for step in result["steps"]] == ["install_product_key", "note_host_version", "enable_firewall_rule"]
    assert activation["installation_id"] == result["host"]["keys"][0]["installation_id"]
    waiting = become_host(lab, "PHONE", PHONE_KEY, PENDING, "not written yet", **settings)
    assert (waiting["PHONE"]["changed"], waiting.writes("PHONE")) == (False, 0)
    digits = confirmation_id(activation["installation_id"])
    grouped = "-".join(digits[start : start + 6] for start in range(0, 48, 6))
    done = become_host(lab, "PHONE", PHONE_KEY, confirmation=grouped, **settings)
    assert (done["PHONE"]["host"]["enabled"], done["PHONE"]["activations"][0]["outcome"]) == (True, "activated")
    assert (done["PHONE"]["host"]["intervals"]["renewal"], done["PHONE"]["activations_spent"]) == (5000, 0)
    assert (done.calls("PHONE", "DepositOfflineConfirmationId"), done.calls("PHONE", "Activate")) == (1, 0)
    again = become_host(lab, "PHONE", PHONE_KEY, confirmation=grouped, **settings)
    assert (again["PHONE"]["changed"], again.writes("PHONE")) == (False, 0)


def test_a_mistyped_confirmation_id_is_warned_of_by_its_group_and_refused_by_windows(lab: Lab) -> None:
    pending = become_host(lab, "MISTYPED", PHONE_KEY, PENDING, activation="telephone")["MISTYPED"]
    digits = confirmation_id(pending["activations"][0]["installation_id"])
    wrong = digits[:12] + str((int(digits[12]) + 1) % 10) + digits[13:]
    failed = become_host(lab, "MISTYPED", PHONE_KEY, "the check digit of group C does not fit", confirmation=wrong)["MISTYPED"]
    assert (failed["status"], failed["error"]["code"]) == ("failed", "0xC004F04D")
    assert "Next: " in failed["msg"]
    short = become_host(lab, "MISTYPED", PHONE_KEY, "there are 40 digits", confirmation=digits[:40])["MISTYPED"]
    assert (short["status"], short["error"]["code"]) == ("failed", "0xC004F02F")


def test_a_host_without_internet_is_told_about_the_telephone(lab: Lab) -> None:
    failed = become_host(lab, "OFFLINE", PHONE_KEY)["OFFLINE"]
    assert (failed["status"], failed["error"]["code"], failed["error"]["transient"]) == ("failed", "0x80072EE7", True)
    assert failed["steps"][0]["done"] is True


@pytest.mark.parametrize(
    ("method", "code", "words"),
    [
        ("InstallProductKey", "0xC004F015", "The licence that belongs to the key is not installed"),
        ("InstallProductKey", "0xC004F050", "install the enabling update before the new CSVLK"),
        ("Activate", "0xC004F042", "does not serve this product"),
    ],
)
def test_a_code_a_kms_host_gives_is_told_with_its_meaning_and_the_next_step(lab: Lab, method: str, code: str, words: str) -> None:
    lab.client.set_fault("OFFLINE", "wmi_fault", method=method, hresult=code, times=1)
    key = ONE_KEY if method == "InstallProductKey" else PHONE_KEY
    failed = become_host(lab, "OFFLINE", key)["OFFLINE"]
    lab.client.clear_faults()
    assert (failed["status"], failed["error"]["code"]) == ("failed", code)
    assert words in " ".join((failed["msg"], *failed["error"]["next_steps"]))
    assert key not in str(failed)
