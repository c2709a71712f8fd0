# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a machine, from the results of its tasks: one status each, with the reason and the next step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.outcomes.from_results import outcome_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.outcomes.report import (
    PROBLEMS,
    STATUSES,
    MachineOutcome,
    report,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._task_results import registered

MAK = {"channel": "mak", "partial_product_key": "33333"}
GVLK = {"channel": "gvlk", "partial_product_key": "T83GX"}
CLOCK = {
    "code": "0xC004F06C",
    "symbol": "SL_E_VL_INVALID_TIMESTAMP",
    "meaning": "The clocks differ too much.",
    "cause": "Windows compares both times in UTC.",
    "next_steps": ["Correct the time.", "Check the hypervisor."],
    "category": "clock",
}
REFUSED = {**CLOCK, "code": "evaluation_edition", "symbol": None, "meaning": "PC1 runs an evaluation edition.", "category": "precondition"}


def step(*, done: bool = True, loses: str | None = None) -> dict[str, Any]:
    return {"action": "activate", "description": "activate", "done": done, "loses": loses}


def result(outcome: str | None, *steps: Mapping[str, Any], before: Any = GVLK, after: Any = GVLK, **more: Any) -> dict[str, Any]:
    """A result of kms_client or mak_client; `more` are fields of the activation."""
    usual = {"product_name": "Windows(R), Professional edition", "partial_product_key": after["partial_product_key"], "kms_host": None}
    activation = {**usual, "outcome": outcome, "installation_id": None, **more} if outcome else None
    shown = {"activation": activation, "steps": list(steps), "before": before, "after": after}
    return {**shown, "machine": {"computer_name": "PC1"}, "changed": any(each["done"] for each in steps)}


def failed(error: Mapping[str, Any], *steps: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    text = f"pc1: {error['meaning']} Next: {error['next_steps'][0]} [{error['code']}]"
    return {"failed": True, "msg": text, "error": error, "steps": list(steps), "activation": None, **more}


def outcome(*results: Any, checks: Any = (), decision: Any = None) -> MachineOutcome:
    return outcome_of("pc1", checks, results, decision)


@pytest.mark.parametrize(
    ("given_result", "status", "message"),
    [
        (result("activated", step(), kms_host="kms01"), "activated", "KMS host kms01."),
        (
            result("activated", step(loses="the activation with the MAK"), before=MAK, kms_host="kms01"),
            "activated",
            "KMS host kms01; GVLK instead of the MAK ending in 33333, whose activation is lost.",
        ),
        (
            result("planned", step(done=False, loses="the activation"), before=MAK, kms_host="kms01"),
            "planned",
            "KMS host kms01; GVLK instead of the MAK ending in 33333, whose activation would be lost.",
        ),
        (result("already_licensed", kms_host="kms01"), "already_licensed", "KMS host kms01."),
        (result("already_licensed", step(), kms_host="kms01"), "changed", "KMS host kms01."),
        (result("not_requested"), "unchanged", "GVLK."),
        (result("activated", step(), before=GVLK, after=MAK), "activated", "MAK ending in 33333 instead of the GVLK."),
        (
            result("needs_confirmation_id", step(), after=MAK, before=MAK, installation_id="1" * 63),
            "waiting",
            f"Installation ID {'-'.join(['1' * 7] * 9)}.",
        ),
        (
            result("waiting_for_count", step(), kms_host="kms01", required_count=25, current_count=7),
            "waiting_for_count",
            "KMS host kms01 has not counted the 25 clients yet that it requires.",
        ),
        (result(None, step(), before={}, after={"partial_product_key": None}), "changed", ""),
        ({"steps": [step()], "rearms_used": 1, "rebooted": True, "after": {}, "before": {}}, "changed", "Rearmed and rebooted."),
    ],
)
def test_the_status_and_the_reason_of_a_task_that_succeeded(given_result: dict[str, Any], status: str, message: str) -> None:
    found = outcome(given_result)
    assert (found.status, found.message, found.code) == (status, message, None)


@pytest.mark.parametrize(
    ("products", "message"),
    [
        ([{"activation_id": "a", "activated_by": "ad", "ad": {"object_name": "Servers"}}], "Activation object Servers."),
        ([{"activation_id": "b", "activated_by": "ad", "ad": {"object_name": "Servers"}}], "GVLK."),
        ([{"activation_id": "a", "activated_by": "kms", "ad": None}], "GVLK."),
        ([{"activation_id": "a", "activated_by": "ad", "ad": {"object_name": None}}], "GVLK."),
    ],
)
def test_the_reason_of_an_activation_by_active_directory_is_its_object(products: list[dict[str, Any]], message: str) -> None:
    given = {**result("activated", step(), activation_id="a"), "products": products}
    assert outcome(given).message == message


@pytest.mark.parametrize(("activation_type", "message"), [("ad", "Active Directory."), ("kms", "GVLK."), ("all", "GVLK.")])
def test_the_reason_of_a_planned_activation_by_active_directory_is_active_directory(activation_type: str, message: str) -> None:
    assert outcome(result("planned", step(done=False), after={**GVLK, "activation_type": activation_type})).message == message


def test_a_failure_shows_its_meaning_and_code_once_and_its_next_steps() -> None:
    found = outcome(failed(CLOCK))
    assert (found.status, found.next_steps) == ("failed", ("Correct the time.", "Check the hypervisor."))
    assert found.line == "The clocks differ too much. [0xC004F06C SL_E_VL_INVALID_TIMESTAMP]"


def test_a_failure_after_steps_shows_that_they_were_done_and_what_was_lost() -> None:
    lost = "the activation of Windows with the MAK ending in 33333"
    found = outcome(failed(CLOCK, step(loses=lost), step(), step(done=False)))
    assert found.message == f"The clocks differ too much. 2 steps were done before. Lost: {lost}."


def test_a_code_with_several_reasons_shows_the_one_of_this_machine() -> None:
    assert outcome(failed({**CLOCK, "subcode": 1})).message == "Windows compares both times in UTC."
    hidden = {"code": "0x1", "symbol": "S", "meaning": "The host is off."}
    assert outcome(failed({**CLOCK, "underlying": hidden})).message == "The host is off."


def test_a_refusal_is_not_a_failure_of_the_machine() -> None:
    found = outcome(failed(REFUSED))
    assert (found.status, found.line) == ("refused", "PC1 runs an evaluation edition. [evaluation_edition]")


def test_a_task_that_failed_without_an_explanation_shows_its_message() -> None:
    assert outcome({"failed": True, "msg": "pc1: 'key' is undefined"}).line == "'key' is undefined."


def test_a_machine_that_is_off_is_not_reached() -> None:
    error = {**CLOCK, "code": "unreachable", "symbol": None, "meaning": "http://pc1:5985/wsman: connection refused."}
    found = outcome({"unreachable": True, "msg": "pc1: ...", "error": error})
    assert (found.status, found.line) == ("unreachable", "http://pc1:5985/wsman: connection refused.")
    assert outcome({"unreachable": True, "msg": "Task failed: it is off"}).line == "it is off."


def test_the_first_failure_decides_also_that_of_a_check() -> None:
    assert outcome(result("activated", step()), checks=[failed(CLOCK)]).status == "failed"
    assert outcome(result("activated", step()), failed(CLOCK)).status == "failed"


def test_a_check_alone_does_not_mean_that_the_task_ran() -> None:
    found = outcome(None, {"skipped": True}, checks=[result("planned", step(done=False))])
    assert (found.status, found.message) == ("not_run", "The machine was read, but the task did not run on it.")
    assert outcome().message == "The task did not run on the machine."


def test_a_machine_that_was_not_to_be_changed_has_the_reason() -> None:
    found = outcome(checks=[{"machine": {"computer_name": "PC1"}}], decision={"status": "not_yet", "message": "No KMS host is ready."})
    assert (found.status, found.message, found.computer_name) == ("not_yet", "No KMS host is ready.", "PC1")
    assert outcome(result("activated", step()), decision={"status": "ready", "message": "Ready."}).status == "activated"


def test_a_machine_that_waits_for_a_reboot_says_so() -> None:
    rearmed = {"steps": [step()], "rearms_used": 1, "rebooted": False, "reboot_required": True, "after": {}, "before": {}}
    assert outcome(rearmed).next_steps == ("Reboot the machine, and run the playbook again.",)


def test_of_several_products_the_one_that_needs_most_decides_and_all_are_named() -> None:
    office = {"product_name": "Office 21, Office21ProPlus2021VL_KMS_Client_AE edition", "kms_host": "kms01", "required_count": 5}
    both = result("activated", step(), kms_host="kms01")
    both["activations"] = [both["activation"], {**office, "outcome": "waiting_for_count"}]
    found = outcome(both)
    assert found.status == "waiting_for_count"
    assert found.message == "Windows(R): KMS host kms01; ProPlus 2021: KMS host kms01 has not counted the 5 clients yet that it requires."


@pytest.mark.parametrize("status", ["failed", "unreachable"])
def test_a_collected_result_is_read_as_one_that_ended_the_play(status: str) -> None:
    assert registered({"task_status": status, "msg": "x"})[status] is True
    assert outcome(registered({"task_status": status, "msg": "x"})).status == status
    assert registered(None) is None
    assert registered({"changed": False}) == {"changed": False}


MACHINES = st.lists(st.tuples(st.text(min_size=1, max_size=15), st.sampled_from(list(STATUSES)), st.text(max_size=400)), max_size=30)


@given(found=MACHINES)
def test_every_machine_is_in_one_list_one_row_and_one_group(found: list[tuple[str, str, str]]) -> None:
    outcomes = [MachineOutcome(name, status, text, (text,), None) for name, status, text in {each[0]: each for each in found}.values()]
    made = report(outcomes)
    names = sorted(each.machine for each in outcomes)
    assert sorted(name for listed in made["machines"].values() for name in listed) == names
    assert sorted(row["machine"] for row in made["rows"]) == names
    assert sorted(name for group in made["groups"] for name in group["machines"]) == names
    assert made["problems"] == [row["machine"] for row in made["rows"] if row["status"] in PROBLEMS]
    assert all(len(row["line"]) <= 300 for row in made["rows"])


def test_the_summary_counts_the_machines_and_nobody_is_an_answer_too() -> None:
    made = report([MachineOutcome("pc2", "failed", "x"), MachineOutcome("pc1", "activated", ""), MachineOutcome("pc10", "activated", "")])
    assert made["summary"] == "3 machines: 2 activated, 1 failed."
    assert made["machines"]["activated"] == ["pc1", "pc10"]
    assert (made["complete"], report([])["complete"], report([])["summary"]) == (False, True, "0 machines: no machine.")


def test_a_genuine_status_that_is_not_known_has_its_number_in_the_table() -> None:
    found = {"changed": False, "genuine_state": "unknown_status", "products": [{"genuine_status": 7}], "machine": {"computer_name": "PC1"}}
    assert "Unknown status 7" in outcome_of("pc1", [], [found]).message


def test_a_decision_can_refuse_a_machine_with_a_code_and_a_step_and_can_fail_one_that_was_changed() -> None:
    refused = {"status": "refused", "message": "No object covers it.", "next_steps": ["Create one."], "code": "no_object_covers"}
    found = outcome(checks=[{"machine": {"computer_name": "PC1"}}], decision=refused)
    assert (found.status, found.line, found.next_steps) == ("refused", "No object covers it. [no_object_covers]", ("Create one.",))
    after = outcome(
        result("activated", step()), decision={"status": "failed", "message": "KMS activated it.", "next_steps": [], "code": None}
    )
    assert (after.status, after.message, after.is_begun) == ("failed", "KMS activated it.", True)


def test_a_failed_task_counts_more_than_a_decision() -> None:
    assert outcome({"failed": True, "msg": "broken"}, decision={"status": "not_run", "message": "Another one."}).status == "failed"
