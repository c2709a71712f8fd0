# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All formats show the ledger: the newest requests, totals over all of them, and nothing that is not escaped."""

from __future__ import annotations

import csv
import io
import json
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sample_fleet import NOW, records, sample_report
from sample_ledger import EXTENDED_PID, MAK, line, lines, sample_ledger, written

from ansible_collections.winops.volume_activation.plugins.doc_fragments._report_files import ModuleDocFragment as Files
from ansible_collections.winops.volume_activation.plugins.modules.activation_report import DOCUMENTATION
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.spec import InvalidOptionsError, ModuleSpec
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.read import parse_ledger
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.recording.entry import LedgerError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.files import RecordWriter
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.document import render_json
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.html.attention import Group, groups
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.html.counts import mak_uses
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.html.page import render
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.html.rows import rows_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.ledger.source import combined
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.prometheus.metrics import render_prometheus
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.sections.catalog import OF_LEDGER, sections_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.spreadsheets.ledger import LEDGER_COLUMNS, render_ledger
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.task import run
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.texts import Texts

SPEC = ModuleSpec.from_documentation(DOCUMENTATION, Files)
LEFT = {"extended_pid": EXTENDED_PID, "remaining_activations": 412, "checked_time": "2026-11-30T11:00:00Z", "error": None}


def test_a_report_without_a_ledger_does_not_mention_one() -> None:
    report = sample_report(sections=list(OF_LEDGER))
    assert sections_of(report) == []
    assert "edger" not in render(report)
    assert json.loads(render_json(report))["ledger"] is None


def test_sections_have_the_newest_requests_and_totals_over_all() -> None:
    keys, newest = sections_of(sample_report(ledger=sample_ledger(1200), sections=list(OF_LEDGER)))
    (row,) = keys.rows
    assert (row["partial_product_key"], row["machine_count"], row["licensed_count"]) == (MAK, 1200, 1110)
    assert (row["activations_used"], row["activations_uncertain"]) == (1110, 60)
    assert str(row["uncertain_machines"]).startswith("mak-0020, mak-0040, ")
    assert str(row["uncertain_machines"]).endswith(", ... (48 more)")
    assert [each["machine"] for each in newest.rows][::499] == ["mak-1200", "mak-0701"]
    assert newest.rows[0]["playbook"] == "convert_to_mak.yml"


def test_page_says_how_many_requests_it_shows() -> None:
    report = sample_report(ledger=sample_ledger(1200), sections=list(OF_LEDGER))
    html = render(report)
    assert "The newest 500 of 1,200 requests" in html
    assert "Totals over all 1,200 requests" in html
    assert "/srv/ledger.jsonl" in html
    assert "the line is not complete" in html
    assert "mak-0701" in html
    assert "mak-0699</td>" not in html
    japanese = render(replace(report, language="ja"))
    assert "台帳: 最近の要求" in japanese
    assert "不明 (結果なし)" in japanese


def test_texts_of_a_ledger_stay_texts() -> None:
    evil = "<img src=x onerror=alert(1)>"
    fields = (
        "inventory_hostname",
        "product_name",
        "channel",
        "partial_product_key",
        "event",
        "method",
        "loses",
        "playbook",
        "code",
        "result",
    )
    ledger = combined({Path("/srv/x"): parse_ledger([line(**dict.fromkeys(fields, evil)).encode()])})
    html = render(sample_report(ledger=ledger, sections=list(OF_LEDGER)))
    assert "<img" not in html
    assert html.count("&lt;img") >= len(fields)


def test_csv_has_all_requests_in_order_and_no_formula() -> None:
    more = parse_ledger(line(1, description="=1+1", rearms_used=None).encode().splitlines(keepends=True))
    text = render_ledger(
        sample_report(ledger=combined({Path("a"): parse_ledger([each.encode() for each in lines(1200)]), Path("b"): more}))
    )
    found = list(csv.DictReader(io.StringIO(text[1:], newline="")))
    assert list(found[0]) == [column.name for column in LEDGER_COLUMNS]
    assert [len(found), found[0]["id"], found[-1]["inventory_hostname"]] == [1200, "0000000000000001", "mak-1200"]
    assert found[19]["activations_used"] == ""
    assert (found[19]["result"], found[19]["started_time"]) == ("unknown", found[19]["time"])
    assert all(not each["description"].startswith("=") for each in found)


def test_document_has_the_numbers_the_keys_and_the_newest_requests() -> None:
    found = json.loads(render_json(sample_report(ledger=sample_ledger(50))))["ledger"]
    assert (found["entry_count"], found["activations_used"], found["activations_uncertain"], found["damaged_line_count"]) == (50, 46, 2, 1)
    assert [key["partial_product_key"] for key in found["product_keys"]] == [MAK]
    assert (len(found["newest_entries"]), found["newest_entries"][0]["inventory_hostname"]) == (50, "mak-0050")


def test_metrics_have_the_activations_of_each_mak() -> None:
    name = "windows_activation_mak_ledger_activations_total"
    assert f'{name}{{partial_product_key="{MAK}"}} 46\n' in render_prometheus(sample_report(ledger=sample_ledger(50)))
    assert name not in render_prometheus(sample_report())


def test_metrics_have_the_requests_without_a_known_result() -> None:
    name = "windows_activation_ledger_unknown_requests"
    assert f"{name} 2\n" in render_prometheus(sample_report(ledger=sample_ledger(50)))
    assert name not in render_prometheus(sample_report())


def test_mak_is_compared_with_the_higher_number_and_with_what_microsoft_has_left() -> None:
    before = mak_uses(sample_report(mak_budgets={MAK: 60}), Texts("en"))
    (mak,) = [each for each in before if each.key == MAK]
    assert (mak.used, mak.budget, mak.left, mak.filled) == ("2", "60", "not asked", pytest.approx(100 * 2 / 60))
    report = sample_report(ledger=sample_ledger(40), maks=[LEFT])
    (mak,) = [each for each in mak_uses(report, Texts("en")) if each.key == MAK]
    assert (mak.used, mak.ledger, mak.left) == ("2", "37, 2 not known", "412 (2026-11-30 11:00:00)")
    assert (mak.filled, mak.description) == (pytest.approx(100 * 37 / 449), "37 used, 412 left")
    assert "412 (2026-11-30 11:00:00)" in render(report)
    assert json.loads(render_json(report))["checked_times"] == {MAK: LEFT["checked_time"]}


def test_mak_that_no_machine_has_any_more_is_in_the_chart() -> None:
    other = line(1, partial_product_key="QQQQQ", extended_pid="another")
    ledger = combined({Path("a"): parse_ledger([other.encode()])})
    asked = {"extended_pid": "another", "remaining_activations": 7}
    mak = mak_uses(sample_report(ledger=ledger, maks=[asked]), Texts("en"))[-1]
    assert (mak.key, mak.product, mak.used, mak.ledger, mak.left) == ("QQQQQ", "Windows(R), Enterprise edition", "0", "1", "7")


def uncertain(**fields: Any) -> Group | None:
    entry = line(1, result="unknown", activations_used=None, **fields)
    report = sample_report(ledger=combined({Path("a"): parse_ledger([entry.encode()])}))
    found = groups(report, rows_of(report), Texts("en"))
    return next((each for each in found if each.title == "Request without a known result"), None)


def test_request_without_a_result_needs_action_until_the_machine_was_read() -> None:
    names = [record.inventory_hostname for record in sample_report().records.records]
    read, unread = next(name for name in names if name.startswith("mak")), next(name for name in names if name.startswith("unreachable"))
    later = (NOW + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert uncertain(inventory_hostname=read) is None
    for name, when in ((read, later), (unread, later), (unread, "2026-11-01T08:00:00Z"), ("gone", "2026-11-01T08:00:00Z")):
        found = uncertain(inventory_hostname=name, time=when)
        assert found is not None
        assert (list(found.machines), list(found.notes)) == (
            [name],
            [f"{name}: Activation, key ending in {MAK}, {when[:10]} {when[11:19]}"],
        )


def options(folder: Path, **more: Any) -> dict[str, Any]:
    path = folder / "fleet.jsonl"
    with RecordWriter(path) as writer:
        for record in records(40):
            writer.add(record)
    return SPEC.validate({"record_paths": [str(path)], "html_path": str(folder / "fleet.html"), **more})


def test_task_writes_the_ledger_and_returns_its_numbers(tmp_path: Path) -> None:
    given = {"ledger_paths": [written(tmp_path / "ledger", 40)], "ledger_csv_path": str(tmp_path / "ledger.csv")}
    result = run(options(tmp_path, **given), NOW, check_mode=False)
    assert [each["format"] for each in result["written_files"]] == ["html", "ledger_csv"]
    assert (result["ledger"]["entry_count"], result["ledger"]["uncertain_machines"]) == (40, ["mak-0020", "mak-0040"])
    assert "40 requests in the ledger for 40 machines; MAK ending in 2X4YB: 37 activations used, 2 not known." in result["lines"]
    assert {"ledger_keys", "ledger"} <= {section["id"] for section in result["sections"]}
    assert run(options(tmp_path), NOW, check_mode=True)["ledger"] is None


def test_ledger_that_cannot_be_read_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="No such file"):
        run(options(tmp_path, ledger_paths=[str(tmp_path / "none")]), NOW, check_mode=False)
    assert not (tmp_path / "fleet.html").exists()
    with pytest.raises(InvalidOptionsError, match="ledger_csv_path needs ledger_paths"):
        run(options(tmp_path, ledger_csv_path=str(tmp_path / "ledger.csv")), NOW, check_mode=False)


def test_200000_lines_are_read_in_time_and_the_page_stays_small(tmp_path: Path) -> None:
    given = options(tmp_path, ledger_paths=[written(tmp_path / "ledger", 102_000)])
    began = time.process_time()
    result = run(given, NOW, check_mode=False)
    assert time.process_time() - began < 60, "it is about 10 seconds"
    (html,) = result["written_files"]
    assert html["size"] < 600_000
    assert result["ledger"]["entry_count"] == 102_000
    assert sum(len(section["rows"]) for section in result["sections"] if section["id"] == "ledger") == 500
