# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify the machines that were activated with a MAK, and the ledger of their activations."""

from __future__ import annotations

import json

import pytest

import outside

BRANCHES = outside.names("branches")


@pytest.mark.parametrize("name", BRANCHES)
def test_windows_has_the_mak(name: str) -> None:
    assert (outside.channel(name), outside.partial_key(name)) == ("VOLUME_MAK", "66666")


def test_an_english_machine_shows_that_it_is_licensed() -> None:
    assert outside.status("branch-desktop") == "Licensed"


@pytest.mark.parametrize("name", BRANCHES)
def test_the_license_has_no_end(name: str) -> None:
    assert outside.minutes_left(name) is None
    outside.output(outside.machine(name), "cscript //nologo slmgr.vbs /xpr")


@pytest.mark.parametrize("name", BRANCHES)
def test_no_kms_host_is_left_in_the_registry(name: str) -> None:
    assert outside.registry(name, "KeyManagementServiceName") is None


def test_two_runs_used_one_activation_for_each_machine() -> None:
    assert outside.activations_used("66666", "Windows 10 Pro") == len(BRANCHES)


@pytest.mark.parametrize("name", BRANCHES)
def test_the_ledger_has_one_installation_and_one_activation_of_each_machine(name: str) -> None:
    entries = [json.loads(line) for line in outside.read("ledger.jsonl").splitlines()]
    # Of the lines with one ID, the last contains the result.
    last = {entry["id"]: entry for entry in entries if entry["inventory_hostname"] == name}
    assert [(entry["event"], entry["result"]) for entry in last.values()] == [("key_installed", "done"), ("activated", "done")]
    assert {(entry["channel"], entry["partial_product_key"]) for entry in last.values()} == {("mak", "66666")}
    assert sum(entry["activations_used"] for entry in last.values()) == 1
