# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics of a fleet: their format, their numbers, and a limit that no record file can break."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_fleet import NOW, OPTIONS, finding, machine, records, sample_report

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog.findings import FINDINGS
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.merge import merge
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import Record
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.model import Report
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.prometheus.metrics import METRICS, render_prometheus
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.prometheus.source import MOST_HOSTS
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.task import report_of

KEY = "MMMMM-KKKKK-MMMMM-22222-33333"
Samples = dict[str, dict[tuple[str, ...], int]]

_SAMPLE = re.compile(r'^windows_activation_([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (-?[0-9]+)$')
_LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


def parsed(text: str) -> Samples:
    """Return the values of every metric by the values of its labels, after a check of each line."""
    found: Samples = {}
    labels = {metric.name: list(metric.labels) for metric in METRICS}
    for line in text.splitlines():
        if line.startswith("# "):
            continue
        match = _SAMPLE.match(line)
        assert match, line
        pairs = _LABEL.findall(match[2] or "")
        assert [name for name, _value in pairs] == labels[match[1]], line
        values = tuple(re.sub(r"\\(.)", lambda each: "\n" if each[1] == "n" else each[1], value) for _name, value in pairs)
        assert values not in found.setdefault(match[1], {}), f"twice: {line}"
        found[match[1]][values] = int(match[3])
    return found


def report(*results: dict[str, Any], names: tuple[str, ...] = (), **options: Any) -> Report:
    pairs = enumerate(results)
    found = [Record(names[number] if names else f"pc{number}", NOW, result) for number, result in pairs]
    return report_of(merge({"a": found}, NOW), {**OPTIONS, **options}, NOW)


def test_counts_are_those_of_the_summary() -> None:
    made = sample_report(200, stale_after_days=0, mak_budgets={"2X4YB": 60}, maks=[])
    found, summary = parsed(render_prometheus(made)), made.summary
    assert {name: value for (name,), value in found["machines"].items()} == {k: len(v) for k, v in summary["machines"].items()}
    assert found["licensed_machines"] == {
        ("true",): len(summary["licensed_machines"]),
        ("false",): len(summary["not_licensed_machines"]),
    }
    assert found["report_timestamp_seconds"] == {(): int(NOW.timestamp())}
    assert found["expiring_licenses"] == {(): len(summary["expiring"])}
    assert sum(found["products"].values()) == sum(len(result.get("products") or ()) for result in made.records.results.values())
    assert set(found["findings"]) == {(severity.value, name) for name, severity in FINDINGS.items()}
    expected = {row["id"]: row["count"] for row in summary["findings"]}
    assert {name: value for (_severity, name), value in found["findings"].items() if value} == expected
    assert found["mak_budget_activations"] == {("2X4YB",): 60}
    assert set(found["kms_counted_clients"].values()) <= {50, 17, 3}
    assert found["omitted_machines"] == {(): 0}
    assert found["stale_machines"][()] == len(made.records.stale) > 0
    assert Counter(found["licensed"].values())[1] == len(summary["licensed_machines"])
    assert found["esu_end_timestamp_seconds"] == {("windows_10_year_2",): 1823385600}


def test_what_is_not_known_has_no_sample() -> None:
    found = parsed(render_prometheus(sample_report(40)))
    assert "stale_machines" not in found
    assert "mak_remaining_activations" not in found
    unchecked = {key: value for key, value in next(records(1)).result.items() if key != "findings"}
    only_read = parsed(render_prometheus(report(unchecked)))
    assert "findings" not in only_read
    assert only_read["checked_machines"] == {(): 0}
    assert {labels[1] for labels in only_read["kms_alarm"]} == {"count_below_threshold"}


def test_alarm_is_one_or_zero() -> None:
    host = dict(next(records(1)).result)
    host["findings"] = [finding("dns_publishing_failed", "error", "-")]
    alarms = {labels[1]: value for labels, value in parsed(render_prometheus(report(host)))["kms_alarm"].items()}
    assert alarms == {
        "kms_host_not_responding": 0,
        "kms_host_failed_to_start": 0,
        "renewal_timer_failed": 0,
        "dns_publishing_failed": 1,
        "count_below_threshold": 0,
        "no_kms_activity": 0,
    }


def test_machines_that_need_attention_come_first() -> None:
    made = sample_report(200, prometheus_machines=30)
    found = parsed(render_prometheus(made))
    shown = [name for (name,) in found["machine_read"]]
    assert len(shown) == 30
    assert found["omitted_machines"] == {(): 170}
    bad = set(made.summary["not_licensed_machines"])
    assert set(shown[: len(bad)]) == bad
    errors = {name for row in made.summary["findings"] if row["severity"] == "error" for name in row["machines"]} - bad
    assert errors
    assert set(shown[len(bad) :][: len(errors)]) == errors
    none = parsed(render_prometheus(sample_report(200, prometheus_machines=0)))
    assert not {"machine_read", "licensed", "expiry_timestamp_seconds", "record_timestamp_seconds"} & set(none)
    assert none["omitted_machines"] == {(): 200}


def test_license_that_ends_next_comes_first_among_healthy_machines() -> None:
    chance = random.Random(1)
    made = report(*(machine(chance, number, days=days) for number, days in enumerate((150, 40, 170))), prometheus_machines=1)
    assert list(parsed(render_prometheus(made))["licensed"]) == [("pc1",)]


def test_ten_thousand_machines_have_a_bounded_number_of_series() -> None:
    text = render_prometheus(sample_report(10_000))
    assert len(text.splitlines()) < 6000
    assert len(text.encode()) < 512 * 1024


def test_names_of_machines_are_escaped_and_keys_are_masked() -> None:
    names = ('a"} 1\nwindows_activation_evil 1', "b\\", f"c {KEY}")
    chance = random.Random(1)
    mak = {"channel": "mak", "partial_product_key": KEY, "activated_by": None}
    text = render_prometheus(report(*(machine(chance, number, **mak) for number in range(3)), names=names))
    found = parsed(text)
    assert "evil" not in found
    assert KEY not in text
    assert KEY[:11] not in text
    assert {labels[0] for labels in found["mak_machines"]} == {"33333"}
    assert {name for (name,) in found["licensed"]} == {'a"} 1\ufffdwindows_activation_evil 1', "b\\", "c XXXXX-XXXXX-XXXXX-XXXXX-33333"}


def test_names_that_a_record_file_invents_make_no_series() -> None:
    chance = random.Random(1)
    results = []
    for number in range(150):
        found = machine(chance, number, channel=f"channel{number}", name=f"product{number}")
        found["service"].update(is_kms_host=True, current_count=number)
        found["findings"] = [finding(f"finding{number}", "error", "-")]
        found["esu"] = [{"programme": f"programme{number}", "year": 1, "licensed": True, "ends": "2027-01-01"}]
        results.append(found)
    found = parsed(render_prometheus(report(*results, prometheus_machines=5)))
    assert found["products"] == {("windows", "unknown", "licensed"): 150}
    assert found["findings"][("error", "other")] == 150
    assert "esu_machines" not in found
    assert len(found["kms_counted_clients"]) == MOST_HOSTS
    assert found["kms_hosts"] == {(): 150}


@given(st.integers(0, 70), st.integers(0, 80))
def test_any_fleet_has_valid_samples_and_describes_each_metric_once(count: int, most: int) -> None:
    text = render_prometheus(report_of(merge({"a": records(count)}, NOW), {**OPTIONS, "prometheus_machines": most}, NOW))
    found = parsed(text)
    assert text.endswith("\n")
    described = re.findall(r"^# HELP (\S+) ", text, re.MULTILINE)
    assert described == re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE)
    assert described == [f"windows_activation_{name}" for name in found]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_names_follow_the_conventions(metric: Any) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", metric.name)
    assert (metric.kind == "counter") == metric.name.endswith("_total")
    assert not metric.name.endswith(("_count", "_sum", "_bucket", "_info"))
    assert metric.description.endswith(".")
    assert "timestamp" not in metric.name or metric.name.endswith("_timestamp_seconds")


def test_machines_are_counted_by_their_least_covered_product_and_only_if_a_check_knew_the_objects() -> None:
    chance, answers = random.Random(1), ([True], [True, None], [True, None, False], [False], None, [])
    results = []
    for number, covered in enumerate(answers):
        found = machine(chance, number)
        found["object_coverage"] = None if covered is None else [{"activation_id": f"{number}", "covered": each} for each in covered]
        results.append(found)
    found = parsed(render_prometheus(report(*results)))
    assert found["object_coverage_machines"] == {("true",): 1, ("false",): 2, ("unknown",): 1}
    assert "object_coverage_machines" not in parsed(render_prometheus(report(results[4])))
