# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify that the merged files have each machine of both sites once, with its newest record."""

from __future__ import annotations

import json

import outside

ALL = outside.names("site_tokyo") + outside.names("site_osaka")


def test_each_machine_is_there_once() -> None:
    assert sorted(outside.records("sites.jsonl")) == sorted(ALL)


def test_a_machine_that_both_sites_read_has_the_newest_record() -> None:
    merged = outside.records("sites.jsonl")["site-kms"]
    tokyo, osaka = (outside.records(f"site-{name}.jsonl")["site-kms"] for name in ("tokyo", "osaka"))
    assert tokyo["time"] < osaka["time"]
    assert merged == osaka


def test_the_other_records_are_unchanged() -> None:
    merged = outside.records("sites.jsonl")
    assert merged["site-mak"] == outside.records("site-tokyo.jsonl")["site-mak"]
    assert merged["site-grace"] == outside.records("site-osaka.jsonl")["site-grace"]


def test_the_records_have_the_keys_that_slmgr_shows() -> None:
    for name in ("site-kms", "site-mak", "site-grace"):
        products = outside.records("sites.jsonl")[name]["result"]["products"]
        assert [one["partial_product_key"] for one in products if one["partial_product_key"]] == [outside.partial_key(name)]


def test_the_summary_counts_the_machines_of_both_sites() -> None:
    summary = json.loads(outside.read("sites.json"))
    assert summary["machine_count"] == len(ALL)
    assert list(summary["failures"]) == ["site-off"]
