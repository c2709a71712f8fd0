# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify the files of the report: they show what slmgr shows on the same machines."""

from __future__ import annotations

import csv
import io
import json

import pytest

import outside

READ = [*outside.names("site_tokyo"), "site-grace"]
ALL = outside.names("site_tokyo") + outside.names("site_osaka")


def table() -> dict[str, dict[str, str]]:
    """The lines of the CSV file by machine."""
    return {row["inventory_hostname"]: row for row in csv.DictReader(io.StringIO(outside.read("report.csv").removeprefix("\ufeff")))}


@pytest.mark.parametrize("name", READ)
def test_the_table_has_the_key_that_slmgr_shows(name: str) -> None:
    row = table()[name]
    assert (row["read_status"], row["partial_product_key"], row["computer_name"]) == ("read", outside.partial_key(name), name.upper())
    assert row["permanent"] == ("true" if name == "site-mak" else "false")


@pytest.mark.parametrize("name", ["site-kms", "site-grace"])
def test_the_table_has_the_status_that_an_english_machine_shows(name: str) -> None:
    statuses = {"Licensed": "licensed", "Initial grace period": "initial_grace"}
    assert table()[name]["status"] == statuses[outside.status(name)]


def test_the_client_has_its_cmid() -> None:
    assert table()["site-kms"]["cmid"] == outside.cmid("site-kms")


def test_the_machine_that_could_not_be_reached_is_in_the_table() -> None:
    assert (table()["site-off"]["read_status"], table()["site-off"]["error_code"]) == ("unreachable", "unreachable")


def test_the_document_counts_the_machines() -> None:
    summary = json.loads(outside.read("report.json"))["summary"]
    assert summary["machine_count"] == len(ALL)
    assert summary["licensed_machines"] == ["site-kms", "site-mak"]
    assert summary["not_licensed_machines"] == ["site-grace"]


def test_the_records_are_those_of_all_machines() -> None:
    assert sorted(outside.records("report.jsonl")) == sorted(ALL)


def test_the_page_names_each_machine_that_needs_action() -> None:
    page = outside.read("report.html")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert [name for name in ("site-mak", "site-grace", "site-off") if name not in page] == []
