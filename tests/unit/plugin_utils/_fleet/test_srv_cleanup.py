# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which records are stale and which may go: the rules one by one, and what holds whatever a network looks like."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._dns.model import parse_old_target
from ansible_collections.winops.volume_activation.plugins.module_utils._hosts import normalize_name
from ansible_collections.winops.volume_activation.plugins.module_utils._kms.status import MEANINGS, NEXT_STEPS, ProbeStatus
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.srv_cleanup import stale_records

DOMAIN = "corp.example"
KMS1, KMS2, PC = "kms1.corp.example", "kms2.corp.example", "pc-07.corp.example"


def probe(status: str) -> dict[str, Any]:
    known = ProbeStatus(status)
    return {"status": status, "is_kms_host": status == "available", "meaning": MEANINGS[known], "next_steps": list(NEXT_STEPS[known])}


def record(host: str, status: str, port: int = 1688, priority: int = 0) -> dict[str, Any]:
    return {"host": host, "port": port, "priority": priority, "weight": 0, "order": 1, "probe_result": probe(status)}


def reading(*records: dict[str, Any], domain: str = DOMAIN, error: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    return [{"domain": domain, "records": list(records), "error": error}]


def judged(*records: dict[str, Any], expected: list[str] | None = None) -> dict[str, Any]:
    return stale_records([reading(*records)], expected)


def statuses(result: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """Reason of each stale record, and whether it may go."""
    return {f"{one['host']}:{one['port']}": (one["status"], one["kept_because"] is None) for one in result["records"]}


@pytest.mark.parametrize("status", ["connection_refused", "timeout", "unresolved", "unreachable", "closed"])
def test_a_target_that_does_not_answer_is_dead_and_may_go_while_another_works(status: str) -> None:
    result = judged(record(KMS1, "available"), record(KMS2, status))
    assert statuses(result) == {f"{KMS2}:1688": ("not_responding", True)}
    assert result["removals"] == [{"domains": [DOMAIN], "state": "absent", "records": [{"host": f"{KMS2}."}]}]


@pytest.mark.parametrize("target", ["kms1", "10.0.0.5", "kms\\0321.corp.example", "."])
def test_a_target_that_never_was_a_host_name_is_removed_in_words_the_module_takes(target: str) -> None:
    (removal,) = judged(record(KMS1, "available"), record(target, "unresolved"))["removals"]
    (named,) = removal["records"]
    assert normalize_name(parse_old_target(named["host"])) == normalize_name(target)


def test_something_else_that_answers_is_no_kms_host_and_may_go() -> None:
    assert statuses(judged(record(KMS1, "available"), record(KMS2, "not_kms"))) == {f"{KMS2}:1688": ("not_a_kms_host", True)}


def test_a_domain_in_which_all_is_well_has_nothing_to_report() -> None:
    result = judged(record(KMS1, "available"), record(KMS2, "available"), expected=[KMS1, KMS2])
    assert (result["records"], result["removals"]) == ([], [])
    assert result["domains"][0]["message"] == "Records: 2. Responding KMS hosts: 2. Removable: 0."


def test_when_no_record_works_none_goes_and_the_report_says_why() -> None:
    result = judged(record(KMS1, "connection_refused"), record(KMS2, "not_kms"))
    assert result["removals"] == []
    assert {one["kept_because"][:31] for one in result["records"]} == {"No record of the domain works, "}
    assert "No record is known to work, so no record is removed. Clients that look in this domain do not find a KMS host." in str(
        result["domains"]
    )


def test_a_machine_that_answers_and_is_not_expected_is_named_as_an_intruder() -> None:
    result = judged(record(KMS1, "available"), record(PC, "available"), expected=[f"{KMS1.upper()}."])
    assert statuses(result) == {f"{PC}:1688": ("not_expected", True)}
    assert "by mistake" in result["records"][0]["meaning"]
    assert "repair" in " ".join(result["records"][0]["next_steps"])


def test_an_intruder_stays_while_no_expected_host_works_and_the_dead_may_go() -> None:
    result = judged(record(KMS1, "timeout"), record(PC, "available"), expected=[KMS1])
    assert statuses(result) == {f"{KMS1}:1688": ("not_responding", True), f"{PC}:1688": ("not_expected", False)}
    assert result["removals"] == [{"domains": [DOMAIN], "state": "absent", "records": [{"host": f"{KMS1}."}]}]


def test_whoever_answers_is_expected_when_nobody_says_who_is() -> None:
    assert judged(record(PC, "available"))["records"] == []


@pytest.mark.parametrize("status", ["unknown", "busy"])
def test_what_could_not_be_asked_is_reported_and_stays(status: str) -> None:
    result = judged(record(KMS1, "available"), record(KMS2, status))
    assert statuses(result) == {f"{KMS2}:1688": ("undecided", False)}
    assert result["removals"] == []


def test_one_answer_of_several_is_enough_to_be_alive() -> None:
    attempts = [reading(record(KMS1, "available"), record(KMS2, status)) for status in ("timeout", "available", "connection_refused")]
    assert stale_records(attempts)["records"] == []


def test_one_attempt_that_could_not_ask_leaves_the_record_undecided() -> None:
    attempts = [reading(record(KMS1, "available"), record(KMS2, status)) for status in ("timeout", "unknown", "timeout")]
    assert statuses(stale_records(attempts)) == {f"{KMS2}:1688": ("undecided", False)}


def test_the_number_of_attempts_is_in_the_meaning() -> None:
    attempts = [reading(record(KMS1, "available"), record(KMS2, "connection_refused"))] * 3
    assert stale_records(attempts)["records"][0]["meaning"].endswith("The target was probed 3 times.")


def test_the_newest_reading_says_which_records_there_are() -> None:
    attempts = [reading(record(KMS1, "available"), record(KMS2, "connection_refused")), reading(record(KMS1, "available"))]
    assert stale_records(attempts)["records"] == []


def test_a_host_that_moved_to_another_port_keeps_the_record_that_works() -> None:
    result = judged(record(KMS1, "available", port=1689, priority=5), record(f"{KMS1.upper()}.", "connection_refused"))
    survivor = {"host": KMS1, "port": 1689, "priority": 5, "weight": 0}
    assert result["removals"] == [{"domains": [DOMAIN], "state": "present", "records": [survivor]}]


def test_a_stale_record_of_a_host_that_keeps_several_stays_as_records_are_removed_by_host() -> None:
    result = judged(record(KMS1, "available"), record(KMS1, "available", priority=5), record(KMS1, "connection_refused", port=1689))
    assert statuses(result) == {f"{KMS1}:1689": ("not_responding", False)}
    assert "manually" in result["records"][0]["kept_because"]
    assert result["removals"] == []


def test_two_records_of_one_host_and_port_are_one_entry_and_two_records() -> None:
    result = judged(record(KMS1, "available"), record(KMS2, "connection_refused"), record(KMS2, "connection_refused", priority=10))
    assert statuses(result) == {f"{KMS2}:1688": ("not_responding", True)}
    assert result["domains"][0]["published"] == 3
    assert result["domains"][0]["removable"] == 2


def test_a_domain_that_could_not_be_read_is_said_and_nothing_is_removed_from_it() -> None:
    error = {"code": "timeout", "meaning": "The server did not answer."}
    result = stale_records([reading(record(KMS1, "available")) + reading(domain="branch.example", error=error)])
    assert [domain["error"] for domain in result["domains"]] == [None, error]
    assert result["domains"][1]["message"] == "The records could not be read: The server did not answer."
    assert result["removals"] == []


def test_a_domain_that_was_read_once_of_several_times_is_judged_by_that() -> None:
    attempts = [
        reading(error={"code": "timeout", "meaning": "No answer."}),
        reading(record(KMS1, "available"), record(KMS2, "connection_refused")),
    ]
    result = stale_records(attempts)
    assert result["domains"][0]["error"] is None
    assert statuses(result) == {f"{KMS2}:1688": ("not_responding", True)}


def test_a_domain_without_records_is_said() -> None:
    assert "No record is published." in judged()["domains"][0]["message"]


@pytest.mark.parametrize("name", ["kms1", "kms1.", "", 7])
def test_an_expected_host_is_named_in_full(name: Any) -> None:
    with pytest.raises(ValueError, match="is not a full name"):
        judged(record(KMS1, "available"), expected=[name])


def test_records_that_were_not_asked_are_not_judged() -> None:
    with pytest.raises(ValueError, match="probe: true"):
        judged({**record(KMS1, "available"), "probe_result": None})


@pytest.mark.parametrize("status", ["not_asked", "not_allowed"])
def test_a_host_that_a_limit_of_the_probe_kept_from_being_asked_is_not_dead(status: str) -> None:
    result = judged(record(KMS1, "available"), record(KMS2, status))
    assert [(found["status"], found["kept_because"] is not None) for found in result["records"]] == [("undecided", True)]
    assert result["removals"] == []


HOSTS = [KMS1, KMS2, KMS2.upper(), PC, "old.corp.example"]
RECORDS = st.lists(
    st.builds(record, st.sampled_from(HOSTS), st.sampled_from([status.value for status in ProbeStatus]), st.sampled_from([1688, 1689])),
    max_size=7,
)
EXPECTED = st.none() | st.lists(st.sampled_from([KMS1, f"{KMS2}."]), max_size=2)


def left_after(result: dict[str, Any], records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records after kms_srv_record did what the removals say: a host goes, or has exactly the one record it was given."""
    left = records
    for removal in result["removals"]:
        named = [normalize_name(one["host"]) for one in removal["records"]]
        assert len(named) == len(set(named)), "kms_srv_record takes each host once"
        kept = {key(one) for one in removal["records"]} if removal["state"] == "present" else set()
        left = [one for one in left if normalize_name(one["host"]) not in named or key(one) in kept]
    return left


def key(one: dict[str, Any]) -> tuple[str | None, int]:
    return normalize_name(one["host"]), one["port"]


def answers(records: list[dict[str, Any]]) -> set[tuple[str | None, int]]:
    return {key(one) for one in records if one["probe_result"]["is_kms_host"]}


@given(st.lists(RECORDS, min_size=1, max_size=3), EXPECTED)
def test_a_domain_with_a_working_record_has_one_afterwards(attempts: list[list[dict[str, Any]]], expected: list[str] | None) -> None:
    result = stale_records([reading(*records) for records in attempts], expected)
    newest = {key(one) for one in attempts[-1]}
    working = {key for records in attempts for key in answers(records)} & newest
    left = {key(one) for one in left_after(result, attempts[-1])}
    assert bool(left & working) == bool(working)


@given(RECORDS, EXPECTED)
def test_no_expected_host_that_works_loses_its_record(records: list[dict[str, Any]], expected: list[str] | None) -> None:
    names = None if expected is None else {normalize_name(name) for name in expected}
    safe = {(host, port) for host, port in answers(records) if names is None or host in names}
    left = {key(one) for one in left_after(judged(*records, expected=expected), records)}
    assert safe <= left


@given(RECORDS, EXPECTED)
def test_nothing_leaves_a_domain_in_which_nothing_works(records: list[dict[str, Any]], expected: list[str] | None) -> None:
    if not answers(records):
        assert judged(*records, expected=expected)["removals"] == []


@given(RECORDS, EXPECTED)
def test_what_leaves_is_exactly_what_the_report_says(records: list[dict[str, Any]], expected: list[str] | None) -> None:
    result = judged(*records, expected=expected)
    told = {key(one) for one in result["records"] if one["kept_because"] is None}
    left = {key(one) for one in left_after(result, records)}
    assert {key(one) for one in records} - left == told
    assert bool(result["domains"][0]["removable"]) == bool(told)


@given(RECORDS, EXPECTED)
def test_a_second_run_finds_nothing_more_to_remove(records: list[dict[str, Any]], expected: list[str] | None) -> None:
    left = left_after(judged(*records, expected=expected), records)
    assert judged(*left, expected=expected)["removals"] == []
