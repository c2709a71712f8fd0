# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CSV files of a fleet: every machine and every product once, with the names of the results of activation_info."""

from __future__ import annotations

import csv
import io
import random
from typing import Any

import pytest
import yaml
from sample_fleet import NOW, OPTIONS, machine, sample_report

from ansible_collections.winops.volume_activation.plugins.modules.activation_info import RETURN
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.merge import merge
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import Record
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.spreadsheets.machines import (
    MACHINE_COLUMNS,
    render_machines,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.spreadsheets.products import (
    PRODUCT_COLUMNS,
    render_products,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.task import report_of

OWN = {
    "inventory_hostname", "time", "stale", "read_status", "read_error", "error_code", "product_name", "days_left", "request_count",
    "failed_request_count", "office_cmid", "checked", "errors", "warnings", "reason_code", "reason_meaning", "ad_object_name",
    "ad_object_dn", "covered",
}  # fmt: skip
"""Columns that are not a field of activation_info under the same name."""


def lines(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter))


def fields(tree: dict[str, Any]) -> set[str]:
    return set(tree) | {name for each in tree.values() for name in fields(each.get("contains") or {})}


def test_columns_have_the_names_of_activation_info() -> None:
    known = fields(yaml.safe_load(RETURN)) | OWN
    assert [column.name for column in (*MACHINE_COLUMNS, *PRODUCT_COLUMNS) if column.name not in known] == []


@pytest.mark.parametrize("columns", [MACHINE_COLUMNS, PRODUCT_COLUMNS])
def test_no_column_is_there_twice(columns: Any) -> None:
    names = [column.name for column in columns]
    assert sorted(set(names)) == sorted(names)


def test_every_machine_is_one_line_in_natural_order() -> None:
    report = sample_report(120, stale_after_days=0)
    found = lines(render_machines(report))
    assert {line["inventory_hostname"] for line in found} == set(report.records.results)
    assert len(found) == 120
    by_name = {line["inventory_hostname"]: line for line in found}
    host = by_name["kms-host-0001"]
    assert (host["current_count"], host["required_count"], host["is_kms_host"], host["channel"]) == ("50", "25", "true", "csvlk")
    assert (host["request_count"], host["activated_by"], host["days_left"]) == ("4000", "csvlk", "")
    overdue = next(line for line in found if line["inventory_hostname"].startswith("overdue"))
    assert (overdue["errors"], overdue["warnings"], overdue["checked"]) == ("last_request_failed", "renewal_overdue", "true")
    assert overdue["expires"].endswith("Z")
    off = next(line for line in found if line["read_status"] == "unreachable")
    assert (off["error_code"], off["licensed"], off["computer_name"], off["checked"]) == ("unreachable", "", "", "")
    assert "refused the connection" in off["read_error"]
    assert {line["stale"] for line in found} == {"true", "false"}


def test_every_product_is_one_line() -> None:
    report = sample_report(120)
    found = lines(render_products(report))
    assert len(found) == sum(len(result.get("products") or ()) for result in report.records.results.values())
    assert {line["application"] for line in found} == {"windows", "office"}
    assert {line["kms_host"] for line in found if line["channel"] != "gvlk"} == {""}
    addon = next(line for line in found if line["is_addon"] == "true")
    assert (addon["name"], addon["partial_product_key"], addon["days_left"]) == ("Windows(R), Client-ESU-Year2 add-on", "ESU2K", "")


def test_a_machine_that_active_directory_activated_has_its_object_in_both_files() -> None:
    dn = "CN=Server 2022,CN=Activation Objects"
    found = machine(
        random.Random(1), 1, activated_by="ad", activation_type="all", ad={"object_name": "=cmd|' /C calc'!A0", "object_dn": dn}
    )
    covered = [{"activation_id": found["products"][0]["activation_id"], "covered": False}]
    records = merge(
        {"a": [Record("pc1", NOW, {**found, "object_coverage": covered}), Record("pc2", NOW, machine(random.Random(2), 2))]}, NOW
    )
    report = report_of(records, OPTIONS, NOW)
    ad, kms = lines(render_machines(report))
    assert (ad["activated_by"], ad["activation_type"], ad["covered"]) == ("ad", "all", "false")
    assert (kms["ad_object_name"], kms["covered"]) == ("", "")
    product = lines(render_products(report))[0]
    assert (product["ad_object_dn"], product["covered"], product["activated_by"]) == (dn, "false", "ad")
    for line in (ad, product):
        assert not line["ad_object_name"].startswith("=")


def test_semicolon_delimits_both_files() -> None:
    report = sample_report(40, csv_delimiter="semicolon")
    assert len(lines(render_machines(report), ";")) == 40
    assert lines(render_products(report), ";")[0]["status"] == "licensed"


def test_csv_of_ten_thousand_machines_is_small_and_has_no_long_number() -> None:
    text = render_products(sample_report(10_000))
    assert len(text.encode()) < 6 * 1024 * 1024
    assert not any(part.isdecimal() and len(part) > 15 for part in text.replace("\r\n", ",").split(","))
