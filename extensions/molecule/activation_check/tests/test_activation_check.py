# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify the files of the check: they show what slmgr shows on the same machines."""

from __future__ import annotations

import json
from typing import Any

import pytest

import outside

READ = {"site-kms": "gvlk", "site-mak": "mak", "site-grace": "gvlk"}
"""The channel of each machine that can be reached."""


@pytest.fixture(scope="module")
def summary() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(outside.read("check.json"))
    return found


@pytest.mark.parametrize("name", READ)
def test_the_record_has_the_key_and_the_expiry_that_slmgr_shows(name: str) -> None:
    result = outside.records("check.jsonl")[name]["result"]
    (windows,) = (product for product in result["products"] if product["partial_product_key"])
    assert (windows["channel"], windows["partial_product_key"]) == (READ[name], outside.partial_key(name))
    assert windows["extended_pid"] == outside.extended_pids(name)[0]
    left = windows["grace_minutes"] or None
    shown = outside.minutes_left(name)
    assert (left is None) is (shown is None)
    assert left is None or abs(left - (shown or 0)) <= 30


def test_the_records_are_those_of_all_machines() -> None:
    assert sorted(outside.records("check.jsonl")) == ["site-grace", "site-kms", "site-mak", "site-off"]


def test_the_record_of_the_client_has_its_kms_host_and_its_cmid() -> None:
    service = outside.records("check.jsonl")["site-kms"]["result"]["service"]
    assert f"{service['discovered_host']}:{service['discovered_port']}" == outside.kms_host("site-kms")
    assert service["cmid"] == outside.cmid("site-kms")


def test_the_summary_has_a_finding_for_each_machine_that_slmgr_shows_as_different(summary: dict[str, Any]) -> None:
    assert {finding["id"]: finding["machines"] for finding in summary["findings"]} == {
        "not_licensed": ["site-grace"],
        "unexpected_channel": ["site-mak"],
    }
    assert outside.status("site-grace") == "Initial grace period"
    assert outside.channel("site-mak") == "VOLUME_MAK"
    assert outside.status("site-kms") == "Licensed"


def test_the_summary_names_the_machine_that_could_not_be_reached(summary: dict[str, Any]) -> None:
    assert list(summary["failures"]) == ["site-off"]
