# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reports of Configuration Manager: counts agree with the machines behind them, in data and in the page."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_fleet import NOW, OPTIONS, machine, product, records, sample_report
from sample_ledger import sample_ledger

from ansible_collections.winops.volume_activation.plugins.doc_fragments._report_files import ModuleDocFragment as Files
from ansible_collections.winops.volume_activation.plugins.modules.activation_report import DOCUMENTATION
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.spec import ModuleSpec
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog.errors import LANGUAGES
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.merge import merge
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import Record
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.html.tables import alarm_tables, section_tables
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.sections.catalog import OF_LEDGER, SECTIONS, sections_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.sections.expiry import RANGES
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.task import report_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.texts import Texts

Rows = list[dict[str, Any]]


def rows_of(count: int = 200) -> dict[str, Rows]:
    return {each.id: [dict(row) for row in each.rows] for each in sections_of(sample_report(count, sections=list(SECTIONS)))}


@pytest.fixture(scope="module")
def sample() -> dict[str, Rows]:
    return rows_of()


def test_option_has_all_sections_and_counts_by_default() -> None:
    spec = ModuleSpec.from_documentation(DOCUMENTATION, Files).options["sections"]
    assert spec.choices == tuple(SECTIONS)
    assert [each for each in spec.default if not each.endswith("A")] == list(OF_LEDGER)


def test_only_the_requested_sections_are_made_each_once() -> None:
    assert [each.id for each in sections_of(sample_report(sections=["03A", "02A", "03A"]))] == ["02A", "03A"]
    assert sections_of(sample_report()) == []


def test_ranges_have_no_gap() -> None:
    assert RANGES[0][0] == 0
    assert [last for _first, last in RANGES] == [first - 1 for first, _last in RANGES[1:]] + [None]


def test_counts_agree_with_the_machines(sample: dict[str, Rows]) -> None:
    assert sum(row["license_count"] for row in sample["02A"]) == len(sample["02B"])
    inside = Counter((row["days_left_from"], row["days_left_to"]) for row in sample["02B"])
    assert {(row["days_left_from"], row["days_left_to"]): row["license_count"] for row in sample["02A"]} == {
        each: inside[each] for each in RANGES
    }
    statuses = Counter((row["application"], row["status"]) for row in sample["03B"])
    assert {(row["application"], row["status"]): row["machine_count"] for row in sample["03A"]} == dict(statuses)
    products = Counter((row["product_name"], row["application"]) for row in sample["04B"])
    assert {(row["product_name"], row["application"]): row["machine_count"] for row in sample["04A"]} == dict(products)
    assert len(sample["02C"]) == len(sample["04B"])


def test_every_day_is_in_its_range(sample: dict[str, Rows]) -> None:
    assert sample["02B"]
    for row in sample["02B"]:
        assert row["days_left_from"] <= row["days_left"] <= (row["days_left_to"] or 10**6)


def test_machine_with_two_licenses_in_a_range_is_one_machine() -> None:
    found = machine(random.Random(1), 1, days=100)
    found["products"].append(product(random.Random(2), days=120, application="office", primary=False, name="Office 24"))
    report = report_of(merge({"a": [Record("pc1", NOW, found)]}, NOW), {**OPTIONS, "sections": ["02A", "04A"]}, NOW)
    (by_range, by_product) = sections_of(report)
    row = next(row for row in by_range.rows if row["license_count"])
    assert (row["days_left_from"], row["machine_count"], row["license_count"]) == (90, 1, 2)
    assert [row["product_name"] for row in by_product.rows] == ["Office 24", "Windows(R), Enterprise edition"]


def test_kms_hosts_have_their_counts(sample: dict[str, Rows]) -> None:
    assert sample["05A"]
    assert {row["current_count"] for row in sample["05A"]} <= {50, 17, 3}
    assert all(row["licensed"] and row["request_count"] == 4000 for row in sample["05A"])


def test_a_license_names_a_kms_host_only_for_a_kms_client(sample: dict[str, Rows]) -> None:
    assert {row["kms_host"] for row in sample["02C"] if row["channel"] == "gvlk"} == {"kms1.example.com"}
    assert {row["kms_host"] for row in sample["02C"] if row["channel"] != "gvlk"} == {None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_has_texts_and_all_cells(language: str) -> None:
    report, texts = sample_report(200, sample_ledger(60), sections=list(SECTIONS), language=language), Texts(language)
    tables = [*alarm_tables(report, texts), *section_tables(report, texts)]
    assert [each.id for each in tables] == ["alarms", *SECTIONS]
    assert all(len(row) == len(each.headings) for each in tables for row in each.rows)
    assert all(cell.text for each in tables for row in each.rows for cell in row)
    links = {cell.machine for each in tables for row in each.rows for cell in row if cell.machine}
    assert links <= set(report.records.results)


def test_long_table_is_cut_and_says_so() -> None:
    (shown,) = section_tables(sample_report(2000, sections=["02C"]), Texts("en"))
    assert len(shown.rows) == 500
    assert shown.more == len(rows_of(2000)["02C"]) - 500


def test_report_without_kms_hosts_has_no_table_of_alarms() -> None:
    report = report_of(merge({"a": [Record("pc1", NOW, machine(random.Random(1), 1))]}, NOW), OPTIONS, NOW)
    assert alarm_tables(report, Texts("en")) == []


@given(st.integers(0, 60))
def test_sections_of_any_fleet_have_their_columns_in_order(count: int) -> None:
    report = report_of(merge({"a": records(count)}, NOW), {**OPTIONS, "sections": list(SECTIONS)}, NOW)
    for section in sections_of(report):
        assert all(tuple(row) == tuple(section.columns) for row in section.rows)
