# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statement: a row for every machine and for every record that is nobody's, and the counts add up."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy import report as reports
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.deposit import decide
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.maks import maks_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.model import ProxyRecord
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.outcome import Rows
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.register import Register, numbered
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.report import STATUSES, ReportRow, report

from .records import GVLK, confirmation, identity, mistyped, product, reading, record

ERROR = {"code": "0xC004F04D", "symbol": "SL_E_CIDIID_INVALID_CHECK_DIGITS", "meaning": "Check digits are wrong.", "next_steps": ["Look."]}
STALE = {"code": "stale_installation_id", "symbol": None, "meaning": "It shows another.", "next_steps": ["Ask."]}


def asked(machine: str, iid: int | None, outcome: str = "needs_confirmation_id", **changes: Any) -> dict[str, Any]:
    """What mak_client says after a collection."""
    host = {"computer_name": machine, "version": "10.0.19045"}
    return {"machine": host, "products": [product(iid, **changes)], "activation": {"outcome": outcome, "error": None}}


def sent(outcome: str, error: dict[str, Any] | None = None) -> dict[str, Any]:
    """What mak_client says after a deposit."""
    failed = {"failed": True, "msg": "PC-01: no.", "error": error} if outcome == "failed" else {}
    return {"activation": {"outcome": outcome, "error": error}, **failed}


def deposited(records: list[ProxyRecord], read: dict[str, Any], result: dict[str, Any] | None, machine: str = "PC-01") -> ReportRow:
    found = decide(read, Register(records, [machine]).of(machine, read, "windows"), "windows", "TTWX3")
    return Rows(records, [machine], "windows").deposited(machine, found.as_dict(numbered(records)), result)


def test_a_machine_that_took_its_confirmation_id_is_activated() -> None:
    found = deposited([record("PC-02", 2), record("PC-01", 1, 1)], reading(product(1)), sent("activated"))
    assert (found.status, found.record_number, found.partial_product_key, found.invalid_groups) == ("activated", 2, "TTWX3", ())


def test_a_refused_confirmation_id_comes_with_code_group_and_what_to_do() -> None:
    wrong = record("PC-01", 1, confirmation_id=mistyped(confirmation(1), 2))
    found = deposited([wrong], reading(product(1)), sent("failed", ERROR))
    assert (found.status, found.code, found.invalid_groups) == ("failed", "0xC004F04D", ("C",))
    assert "Compare group C" in found.next_steps[0]
    (line,) = report("deposit", [found])["lines"]
    assert "0xC004F04D SL_E_CIDIID_INVALID_CHECK_DIGITS: Check digits are wrong." in line
    assert "group C" in line


def test_beside_a_code_about_something_else_a_group_that_does_not_fit_is_a_hint() -> None:
    wrong = record("PC-01", 1, confirmation_id=mistyped(confirmation(1), 2))
    found = deposited([wrong], reading(product(1)), sent("failed", {**ERROR, "code": "0xC004F07E"}))
    assert (found.invalid_groups, found.next_steps) == (("C",), ("Look.",))
    assert "The check digit of group C of the confirmation ID does not fit." in report("deposit", [found])["lines"][0]


def test_a_refusal_for_another_reason_keeps_the_step_of_the_error() -> None:
    found = deposited([record("PC-01", 1, 1)], reading(product(1)), sent("failed", ERROR))
    assert (found.invalid_groups, found.next_steps) == ((), ("Look.",))


def test_hardware_that_turned_out_to_be_another_is_stale() -> None:
    found = deposited([record("PC-01", 1, 1)], reading(product(9, **GVLK)), sent("failed", STALE))
    assert (found.status, found.reason) == ("stale", "It shows another.")
    assert "Collect the installation ID again" in str(found.next_steps)


def test_the_license_of_an_add_on_without_a_key_is_planned_in_check_mode() -> None:
    result = asked("PC-01", None, partial_product_key=None, is_addon=True)
    assert collected([], result, check_mode=True).status == "planned"
    assert collected([], result).status == "failed"


def test_a_machine_whose_collection_failed_in_the_same_run_has_this_reason() -> None:
    refused = {
        "failed": True,
        "msg": "PC-01: no.",
        "error": {"code": "not_a_mak", "meaning": "A KMS host key.", "next_steps": ["kms_host."]},
    }
    missing = decide(reading(product(1)), [], "windows", "").as_dict({})
    rows = Rows([], ["PC-01"], "windows")
    found = rows.deposited("PC-01", missing, None, refused)
    assert (found.status, found.code, found.reason, found.next_steps) == ("failed", "not_a_mak", "A KMS host key.", ("kms_host.",))
    spared = rows.deposited("PC-01", missing, None, {"skipped": True, "why_not_run": "the key is wrong"})
    assert (spared.status, spared.reason) == ("not_run", "the key is wrong")
    assert rows.deposited("PC-01", missing, None, asked("PC-01", 1)).status == "missing"
    assert rows.deposited("PC-01", missing, None, asked("PC-01", 1), check_mode=True).status == "planned"
    assert rows.deposited("PC-01", missing, None).status == "missing"


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ({"unreachable": True, "msg": "gone"}, "unreachable"),
        ({"failed": True, "msg": "PC-01: boom"}, "failed"),
        (sent("already_licensed"), "already_licensed"),
        (sent("planned"), "planned"),
        ({"skipped": True}, "not_run"),
        (None, "not_run"),
    ],
)
def test_what_became_of_a_deposit_is_told_in_a_word(result: dict[str, Any] | None, state: str) -> None:
    assert deposited([record("PC-01", 1, 1)], reading(product(1)), result).status == state


def test_the_name_of_the_machine_is_told_once() -> None:
    assert deposited([record("PC-01", 1, 1)], reading(product(1)), {"failed": True, "msg": "PC-01: boom"}).reason == "boom"


@pytest.mark.parametrize("state", ["waiting", "stale", "missing"])
def test_a_machine_that_gets_nothing_is_told_why_and_what_to_do(state: str) -> None:
    records = {"waiting": [record("PC-01", 1)], "stale": [record("PC-01", 7, 7)], "missing": []}[state]
    found = deposited(records, reading(product(1)), {"skipped": True})
    assert (found.status, bool(found.next_steps)) == (state, True)


def test_a_machine_the_tasks_never_came_to_took_no_part() -> None:
    assert Rows([], ["PC-01"], "windows").deposited("PC-01", None, None).status == "not_run"


def test_records_of_machines_that_nobody_knows_are_rows_with_their_number() -> None:
    records = [record("PC-01", 1, 1), record("GONE", 2, 2), record("PC-09", 3, 3, application="office")]
    rows = Rows(records, ["PC-01"], "windows")
    (found,) = rows.of_no_machine({"PC-01": reading(product(1))}, {"PC-01"})
    assert (found.machine, found.status, found.record_number) == ("GONE", "unknown", 2)


def test_records_of_machines_that_are_simply_not_in_the_run_are_counted_and_fill_no_screen() -> None:
    records = [record("PC-01", 1, 1), *(record(f"PC-{number}", number, number) for number in range(2, 200))]
    found = Rows(records, ["PC-01"], "windows").of_no_machine({"PC-01": reading(product(1))}, {each.machine for each in records})
    told = report("deposit", [ReportRow("PC-01", "activated"), *found])
    assert (told["counts"]["not_in_run"], len(told["lines"]), told["complete"]) == (198, 1, True)
    assert told["summary"] == "1 of 1 machine activated, 1 of them in this run; 198 not in this run."


def test_a_record_that_was_used_under_another_name_is_known() -> None:
    records = [record("OLD", 1, 1)]
    rows = Rows(records, ["NEW"], "windows")
    read = reading(product(1), name="NEW")
    found = decide(read, Register(records, ["NEW"]).of("NEW", read, "windows"), "windows")
    assert rows.deposited("NEW", found.as_dict(numbered(records)), sent("activated")).status == "activated"
    assert rows.of_no_machine({"NEW": read}, {"NEW"}) == []


def collected(records: list[ProxyRecord], result: dict[str, Any] | None, *, check_mode: bool = False) -> ReportRow:
    return Rows(records, ["PC-01"], "windows").collected("PC-01", result, check_mode=check_mode)


@pytest.mark.parametrize(
    ("records", "result", "state"),
    [
        ([record("PC-01", 1)], asked("PC-01", 1), "waiting"),
        ([record("PC-01", 1, 1)], asked("PC-01", 1), "ready"),
        ([record("OLD", 1, 1)], asked("PC-01", 1), "ready"),
        ([], asked("PC-01", 1), "failed"),
        ([], asked("PC-01", None), "failed"),
        ([], asked("PC-01", None, installation_id="12x"), "failed"),
        ([], asked("PC-01", 1, "already_licensed"), "already_licensed"),
        ([record("PC-01", 1, activation_id="", partial_product_key="")], {"skipped": True}, "waiting"),
        ([record("PC-01", 1, 1, activation_id="", partial_product_key="")], {"skipped": True}, "ready"),
        ([], {"skipped": True}, "not_run"),
        ([], None, "not_run"),
        ([], {"unreachable": True}, "unreachable"),
        ([], {"failed": True, "msg": "no", "error": ERROR}, "failed"),
    ],
)
def test_what_became_of_a_collection_is_told_in_a_word(records: list[ProxyRecord], result: dict[str, Any] | None, state: str) -> None:
    assert collected(records, result).status == state


def test_check_mode_knows_only_what_is_there_already() -> None:
    assert collected([], asked("PC-01", 9, **GVLK), check_mode=True).status == "planned"
    assert collected([], asked("PC-01", 1), check_mode=True).status == "planned"
    assert collected([record("PC-01", 1)], asked("PC-01", 1), check_mode=True).status == "waiting"


def test_who_waits_is_named_with_the_installation_id_to_read_out() -> None:
    (line,) = report("collect", [collected([record("PC-01", 1)], asked("PC-01", 1))])["lines"]
    assert f"installation ID {identity(1)[:6]}-{identity(1)[6:12]}-" in line


rows = st.builds(ReportRow, st.sampled_from(["A", "B", "C"]), st.sampled_from(list(STATUSES)), st.none() | st.text(max_size=5))


@given(st.sampled_from(["collect", "deposit"]), st.lists(rows, max_size=12))
def test_the_counts_add_up_and_every_row_has_its_line(phase: str, given_rows: list[ReportRow]) -> None:
    found = report(phase, given_rows)
    assert {state: count for state, count in found["counts"].items() if count} == Counter(each.status for each in given_rows)
    assert set(found["counts"]) == set(STATUSES)
    assert sum(found["counts"].values()) == len(found["rows"]) == len(found["lines"]) + found["counts"]["not_in_run"]
    assert Counter(each["machine"] for each in found["rows"]) == Counter(each.machine for each in given_rows)
    assert set(found["problems"]) <= set(found["incomplete"])
    assert found["complete"] == (not found["incomplete"])
    assert {status: len(names) for status, names in found["machines"].items()} == found["counts"]
    assert all(f"{row['machine']}: {row['message']}" in "\n".join(found["lines"]) for row in found["rows"] if row["status"] != "not_in_run")


def test_what_somebody_has_to_put_right_comes_last() -> None:
    given_rows = [ReportRow("A", "failed"), ReportRow("B", "activated"), ReportRow("C", "waiting")]
    assert [line[0] for line in report("deposit", given_rows)["lines"]] == ["B", "C", "A"]


@pytest.mark.parametrize(
    ("phase", "states", "summary", "complete"),
    [
        ("deposit", ["activated"] * 195 + ["failed"] * 5, "195 of 200 machines activated, 195 of them in this run; 5 failed.", False),
        ("deposit", ["already_licensed", "unknown"], "1 of 1 machine activated, 0 of them in this run; 1 unknown machine.", True),
        ("collect", ["waiting", "ready", "already_licensed"],
         "2 of 3 machines in the file, 1 of them with a confirmation ID; 1 already licensed.", True),
        ("collect", ["waiting", "unreachable"], "1 of 2 machines in the file, 0 of them with a confirmation ID; 1 not reached.", False),
    ],
)  # fmt: skip
def test_the_summary_says_it_in_a_sentence(phase: str, states: list[str], summary: str, complete: bool) -> None:
    found = report(phase, [ReportRow(f"PC-{number}", state) for number, state in enumerate(states)])
    assert (found["summary"], found["complete"]) == (summary, complete)


def test_every_state_that_stops_a_run_says_what_to_do() -> None:
    for state in reports.PROBLEMS:
        if state != "failed":
            assert reports.row("PC-01", state, "why", None, None).next_steps


@pytest.mark.parametrize(
    ("status", "expected"), [("unknown", "unanswered"), ("refused", "refused"), ("invalid", "failed"), ("not_sent", "waiting")]
)
def test_a_request_in_vain_is_told_with_its_code_and_its_next_steps(status: str, expected: str) -> None:
    error = {"code": "0x67", "meaning": "Microsoft has blocked the product key.", "next_steps": ["Run the task again later."]}
    requested = [{"installation_id": identity(1), "status": status, "error": error}]
    rows = Rows([record()], ["PC-01"], "windows", requested)
    decision = {"status": "waiting", "message": "the file does not have a confirmation ID for the machine yet", "record_number": 1}
    found = rows.deposited("PC-01", decision, None)
    assert (found.status, found.code, found.next_steps) == (expected, "0x67", ("Run the task again later.",))
    lines = reports.report(reports.DEPOSIT, [found])["lines"]
    assert "Microsoft has blocked the product key. Next: Run the task again later." in lines[0]
    assert reports.report(reports.DEPOSIT, [found])["complete"] is False


def test_a_machine_for_which_the_run_would_ask_microsoft_is_planned() -> None:
    requested = [{"installation_id": identity(1), "status": "planned", "error": None}]
    decision = {"status": "waiting", "message": "", "record_number": 1}
    assert Rows([record()], ["PC-01"], "windows", requested).deposited("PC-01", decision, None, check_mode=True).status == "planned"
    assert Rows([record()], ["PC-01"], "windows").deposited("PC-01", decision, None, check_mode=True).status == "waiting"


def test_the_activations_that_are_left_are_in_the_report() -> None:
    mak = {"extended_pid": "1-2", "remaining_activations": 7, "checked_time": "T", "needed_activations": 2, "error": None}
    unknown = {**mak, "extended_pid": "1-3", "remaining_activations": None, "checked_time": None}
    found = reports.report(reports.DEPOSIT, [], maks_of({"maks": [mak, unknown]}, [], check_mode=True))
    assert found["lines"][0] == "MAK 1-2: 7 left at Microsoft at T, 2 planned, forecast 5."
    assert found["lines"][1] == "MAK 1-3: not known how many are left, 2 planned."
    assert {key: found["maks"][0][key] for key in mak} == mak


def test_a_machine_that_only_the_telephone_serves_waits() -> None:
    error = {"code": "no_extended_pid", "meaning": "There is none.", "next_steps": ["Call."]}
    rows = Rows([record()], ["PC-01"], "windows", [{"installation_id": identity(1), "status": "invalid", "error": error}])
    found = rows.deposited("PC-01", {"status": "waiting", "message": "", "record_number": 1}, None)
    assert (found.status, found.next_steps) == ("waiting", ("Call.",))


def test_a_machine_with_another_confirmation_id_in_the_file_is_not_complete() -> None:
    """A run deposits one of them. A green report would hide the others."""
    esu = record("PC-01", 9, 9, activation_id="1043add5-23b1-4afb-9a0f-64343c8f3f8d", product_name="A name that lists all editions")
    rows = Rows([esu], ["PC-01"], "windows")
    decided = {"status": "ready", "message": None, "record_number": 1, "other_ready": 1}
    row = rows.deposited("PC-01", decided, {"activation": {"outcome": "activated"}})
    found = reports.report("deposit", [row])
    assert (found["complete"], found["incomplete"], found["problems"]) == (False, ["PC-01"], [])
    assert "Run the playbook again" in found["lines"][0]
    assert found["lines"][0].startswith("PC-01: activated, Extended Security Updates (windows_10_year_2) with the key ending in ")
