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
from playbook import Run, TaskRecord


def error(**more: Any) -> dict[str, Any]:
    return {"code": "0xC004F074", "symbol": "SL_E_X", "meaning": "A wrapper.", "cause": None, "next_steps": ["Look.", "Ask."], **more}


@pytest.mark.parametrize(
    ("result", "explained"),
    [
        ({"error": error()}, ("0xC004F074 SL_E_X", "A wrapper.", "Look.")),
        ({"error": error(symbol=None, code="evaluation")}, ("evaluation", "A wrapper.", "Look.")),
        ({"error": error(underlying={"meaning": "Nobody answered."})}, ("0xC004F074 SL_E_X", "Nobody answered.", "Look.")),
        ({"error": error(subcode="oem", cause="No marker.")}, ("0xC004F074 SL_E_X", "No marker.", "Look.")),
        ({"error": error(meaning="WIN-01 is a KMS host.")}, ("0xC004F074 SL_E_X", "This machine is a KMS host.", "Look.")),
        ({"activation": {"outcome": "failed", "error": error()}}, ("0xC004F074 SL_E_X", "A wrapper.", "Look.")),
    ],
)
def test_a_failure_is_told_with_its_code_its_reason_and_the_first_step(result: dict[str, Any], explained: tuple[str, str, str]) -> None:
    assert demo.explain("win-01", {"status": "failed", **result}) == explained


def test_a_count_that_is_too_low_is_explained_with_the_count() -> None:
    waiting = {"outcome": "waiting_for_count", "current_count": 3, "required_count": 25, "error": None}
    explained = demo.explain("win-01", {"status": "ok", "activation": waiting})
    assert explained is not None
    assert "3 of the 25" in explained[1]


@pytest.mark.parametrize("result", [{"msg": "Traceback"}, {"error": error(next_steps=[])}, {"error": error(meaning="")}])
def test_a_failure_without_a_meaning_or_a_step_counts_as_not_explained(result: dict[str, Any]) -> None:
    assert demo.explain("win-01", {"status": "failed", **result}) is None


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
