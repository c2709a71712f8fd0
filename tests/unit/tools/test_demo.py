# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's tables say for each machine what it is and why it was not converted; a failure nobody explains is noticed."""

from __future__ import annotations

from typing import Any

import pytest

import demo
from acts import failover as failover_act
from acts import licenses as licenses_act
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.outcomes.report import MachineOutcome, report
from playbook import Run, TaskRecord


def report_of(*outcomes: MachineOutcome) -> dict[str, Any]:
    return report(outcomes)


CODED = MachineOutcome("win-01", "failed", "Nobody answered.", ("Look.", "Ask."), "0xC004F074 SL_E_X")


def test_a_failure_is_told_with_its_code_its_reason_and_the_first_step() -> None:
    done = MachineOutcome("win-02", "activated", "KMS host kms1.")
    refused = [MachineOutcome(f"WIN-{number}", "refused", f"WIN-{number} is a KMS host.", ("Look.",), "kms_host") for number in (3, 4)]
    rows = demo.failure_rows(report_of(CODED, done, *refused), {"win-01", "WIN-3", "WIN-4"})
    assert rows == [
        ("2", "WIN-3, WIN-4", "kms_host", "The machine is a KMS host.", "Look."),
        ("1", "win-01", "0xC004F074 SL_E_X", "Nobody answered.", "Look."),
    ]


def test_a_machine_that_waits_is_told_with_its_status_in_place_of_a_code() -> None:
    waiting = MachineOutcome(
        "win-01", "waiting_for_count", "KMS host kms1 has not counted the 25 clients yet that it requires.", ("Wait.",)
    )
    ((_number, _names, code, meaning, step),) = demo.failure_rows(report_of(waiting), {"win-01"})
    assert (code, step) == ("waiting for the count", "Wait.")
    assert "25 clients" in meaning


@pytest.mark.parametrize(
    ("message", "steps", "explained"), [("A reason.", ("Look.",), True), ("", ("Look.",), False), ("A reason.", (), False)]
)
def test_a_failure_without_a_meaning_or_a_step_counts_as_not_explained(message: str, steps: tuple[str, ...], explained: bool) -> None:
    (row,) = report_of(MachineOutcome("win-01", "failed", message, steps))["rows"]
    assert demo.is_explained(row) is explained


def test_a_conversion_that_did_not_come_to_its_report_has_none() -> None:
    assert demo.report_of(Run(2, 1.0, 1.0, 0.0, [TaskRecord("Convert", "kms_client", 1.0, {"win-01": {"msg": "no"}})])) == {}


@pytest.mark.parametrize(
    ("result", "converted"),
    [
        ({"status": "ok", "products": [{"channel": "gvlk", "status": "licensed"}]}, True),
        ({"status": "ok", "products": [{"channel": "mak", "status": "licensed"}]}, False),
        ({"status": "ok", "products": [{"channel": "gvlk", "status": "notification"}]}, False),
        ({"status": "failed", "products": [{"channel": "gvlk", "status": "licensed"}]}, False),
        ({"status": "unreachable"}, False),
    ],
)
def test_converted_is_who_ends_as_a_licensed_kms_client(result: dict[str, Any], converted: bool) -> None:
    assert demo.is_converted(result) is converted


@pytest.mark.parametrize(
    ("change", "right"),
    [
        ({}, True),
        ({"clients_moved": 0}, False),
        ({"clients_not_verified": 1}, False),
        ({"records_removed": 0}, False),
        ({"records_added": 2}, False),
        ({"second_run_changed": 1}, False),
    ],
)
def test_a_failover_is_right_when_all_moved_one_record_gave_way_to_another_and_no_more(change: dict[str, int], right: bool) -> None:
    good = {"clients_moved": 57, "clients_not_verified": 0, "records_removed": 1, "records_added": 1, "second_run_changed": 0}
    assert failover_act.is_right({**good, **change}) is right


def test_a_run_that_did_not_come_to_its_statement_has_none() -> None:
    assert failover_act.report_of(Run(2, 1.0, 1.0, 0.0, [TaskRecord("Install", "kms_host", 1.0, {"kms2": {"msg": "no"}})])) == {}


@pytest.mark.parametrize(
    ("change", "right"),
    [
        ({}, True),
        ({"office_activated": 0}, False),
        ({"esu_activated": 0}, False),
        ({"left_alone": 0}, False),
        ({"second_run_changed": 1}, False),
    ],
)
def test_the_licenses_are_right_when_office_and_esu_are_activated_and_the_second_run_changed_nothing(
    change: dict[str, int], right: bool
) -> None:
    good = {"office_activated": 13, "esu_activated": 7, "left_alone": 4, "second_run_changed": 0}
    assert licenses_act.is_right({**good, **change}) is right


def machine(kind: str, *products: dict[str, Any]) -> dict[str, Any]:
    return {"office_installations": [{"release_id": "A", "kind": kind}], "products": list(products)}


def test_an_edition_whose_key_changed_was_not_left_alone() -> None:
    key = {"activation_id": "1", "partial_product_key": "AAAAA", "application": "office", "channel": "retail"}
    before = {"shop": machine("retail", key), "sales": machine("subscription"), "desk": machine("volume")}
    after = {**before, "shop": machine("retail", {**key, "partial_product_key": "BBBBB"})}
    assert licenses_act.left_alone(before, before) == 2
    assert licenses_act.left_alone(before, after) == 1
