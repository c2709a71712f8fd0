# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics, the alert rules, and the dashboard, checked by Prometheus' own program promtool.

In the tests of the rules, time begins in 1970, as it does in promtool.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from sample_fleet import CLONE, OPTIONS, finding, machine, sample_report
from sample_ledger import sample_ledger

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.alarms import ALARMS
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.merge import merge
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import Record
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.prometheus.exposition import PREFIX
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.prometheus.metrics import METRICS, render_prometheus
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.task import report_of

SHIPPED = Path(__file__).parents[2] / "extensions" / "monitoring"
RULES, DASHBOARD = SHIPPED / "prometheus-alerts.yml", SHIPPED / "grafana-dashboard.json"
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="needs promtool (Debian: apt-get install --no-install-recommends prometheus)")

NOW = datetime(1970, 1, 21, tzinfo=timezone.utc)
"""The time of the reports whose metrics the rules are tested with."""

SCRAPED = {"instance", "job"}
"""Labels that Prometheus adds."""

_METRIC = re.compile(rf"{PREFIX}([a-z_]+)(?:\{{([^}}]*)\}})?")


def promtool(*arguments: object, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(PROMTOOL), *map(str, arguments)]
    return subprocess.run(command, check=False, input=text, capture_output=True, text=True, timeout=120)


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return found


def queries() -> Iterator[str]:
    """Yield every query of the rules and of the dashboard, with a value for its variable."""
    yield from (rule["expr"] for rule in rules())
    yield from (target["expr"].replace("$instance", ".*") for panel in panels() for target in panel.get("targets", ()))


def fleet(*results: dict[str, Any], age: timedelta = timedelta(), **options: Any) -> str:
    """Return the metrics of machines that were read just before NOW."""
    found = [Record(f"pc{number}", NOW - age, result) for number, result in enumerate(results)]
    return render_prometheus(report_of(merge({"a": found}, NOW), {**OPTIONS, **options}, NOW - age))


def client(days: int = 180, **more: Any) -> dict[str, Any]:
    """A machine whose license ends in this number of days."""
    end = (NOW + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return machine(random.Random(1), 1, **{"days": days, "expires": end, **more})


def own(*results: dict[str, Any]) -> list[dict[str, Any]]:
    """Give each machine a CMID and hardware of its own."""
    for number, result in enumerate(results):
        result["service"]["cmid"] = f"{number:08}-9a0f-4f3a-8f57-0d2f4a1c9b11"
        result["machine"]["computer_name"] = f"PC{number}"
    return list(results)


def host(count: int = 50, *findings: str, required: int = 25) -> dict[str, Any]:
    found = machine(random.Random(2), 2, days=0, channel="csvlk", activated_by=None, host_role={"current_count": count})
    found["service"].update(is_kms_host=True, current_count=count, required_count=required, request_counters={"total": 100, "failed": 0})
    severities = {alarm.finding: alarm.severity for alarm in ALARMS}
    found["findings"] = [finding(name, severities[name], "-") for name in findings]
    return found


@needs_promtool
@pytest.mark.parametrize("count", [0, 1, 200, 3000])
def test_metrics_follow_the_conventions_of_prometheus(count: int) -> None:
    report = sample_report(count, sample_ledger(count), stale_after_days=14, mak_budgets={"2X4YB": 60})
    done = promtool("check", "metrics", text=render_prometheus(report))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_promtool
def test_rules_are_valid() -> None:
    done = promtool("check", "rules", RULES)
    assert done.returncode == 0, done.stderr


@needs_promtool
def test_queries_of_the_dashboard_are_valid(tmp_path: Path) -> None:
    recorded = [{"record": f"query{number}", "expr": query} for number, query in enumerate(queries())]
    path = tmp_path / "queries.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": recorded}]}), encoding="utf-8")
    done = promtool("check", "rules", path)
    assert done.returncode == 0, done.stderr


def test_every_query_is_about_metrics_and_labels_that_exist() -> None:
    known = {metric.name: set(metric.labels) | SCRAPED for metric in METRICS}
    for query in queries():
        found = _METRIC.findall(query)
        assert found, query
        for name, selector in found:
            assert name in known, query
            assert set(re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", selector)) <= known[name], query
        labels = set.union(*(known[name] for name, _selector in found))
        grouped = [label.strip() for part in re.findall(r"(?:by|without|on|ignoring)\s*\(([^)]*)\)", query) for label in part.split(",")]
        assert set(grouped) <= labels, query


def test_texts_of_rules_and_panels_use_labels_that_exist() -> None:
    every = {label for metric in METRICS for label in metric.labels}
    texts = [text for rule in rules() for text in rule["annotations"].values()]
    assert set(re.findall(r"\$labels\.([a-z_]+)", "".join(texts))) <= every
    legends = [target["legendFormat"] for panel in panels() for target in panel.get("targets", ())]
    assert set(re.findall(r"\{\{([a-z_]+)\}\}", "".join(legends))) <= every


def test_every_metric_is_in_the_dashboard_or_in_a_rule() -> None:
    used = {name for query in queries() for name, _selector in _METRIC.findall(query)}
    elsewhere = {"stale_machines", "checked_machines", "kms_clients", "kms_countable_clients", "kms_hosts", "machine_read"}
    elsewhere |= {"record_timestamp_seconds", "omitted_machines"}
    assert {metric.name for metric in METRICS} - used == elsewhere


def test_every_alarm_of_the_management_pack_has_a_rule() -> None:
    text = RULES.read_text(encoding="utf-8")
    assert [alarm.finding for alarm in ALARMS if f'id="{alarm.finding}"' not in text] == ["count_below_threshold"]
    assert "windows_activation_kms_counted_clients <" in text


def test_dashboard_is_a_grid_without_overlaps() -> None:
    taken: set[tuple[int, int]] = set()
    ids = [panel["id"] for panel in panels()]
    assert sorted(set(ids)) == sorted(ids)
    for panel in panels():
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


HEALTHY = [client(175) for _number in range(4)]
ESU = {"programme": "windows_7_year_1", "year": 1, "licensed": True, "ends": "2021-01-12"}
MAK = {"channel": "mak", "activated_by": None, "partial_product_key": "2X4YB"}


def expected_cases() -> dict[str, tuple[str, set[str]]]:
    """Return metrics with the alerts that fire for them."""
    pid = "55041-00140-015-871562-03-1033-7078.0000-0992009"
    makless = [{"extended_pid": pid, "remaining_activations": 3}]
    maks = [client(0, expires=None, extended_pid=pid, **MAK) for _number in range(2)]
    esu = client(175)
    esu["esu"] = [ESU]
    clones = [client(175) for _number in range(3)]
    for number, each in enumerate(clones):
        each["service"]["cmid"] = CLONE
        each["machine"]["computer_name"] = f"CLONE{number}"
        each["products"][0]["installation_id"] = str(number)
    silent = client(175)
    silent["findings"] = [finding("kms_host_not_responding", "error", "-")]
    off = {"unreachable": True, "msg": "no route to host"}
    return {
        "healthy": (fleet(*own(*HEALTHY, host())), set()),
        "count": (fleet(*own(client(175), host(17, "count_below_threshold"))), {"KmsCountBelowThreshold"}),
        "idle": (fleet(*own(host(50, "no_kms_activity"))), {"KmsHostWithoutActivity"}),
        "start": (fleet(*own(host(50, "kms_host_failed_to_start"))), {"KmsHostFailedToStart"}),
        "timer": (fleet(*own(host(50, "renewal_timer_failed"))), {"KmsRenewalTimerFailed"}),
        "dns": (fleet(*own(host(50, "dns_publishing_failed"))), {"KmsDnsPublishingFailed"}),
        "silent": (fleet(*own(silent)), {"KmsHostNotResponding"}),
        "soon": (fleet(*own(client(12))), {"LicenseExpiresSoon"}),
        "ended": (fleet(*own(client(1)), age=timedelta(days=1, hours=18)), {"LicenseExpiresSoon"}),
        "unlicensed": (fleet(*own(client(5, status="notification", activated_by=None))), {"MachinesNotLicensed"}),
        "off": (fleet(*own(client(175), client(175)), off), {"ManyMachinesNotRead"}),
        "clones": (fleet(*clones), {"DuplicateCmids"}),
        "mak": (fleet(*own(*maks), maks=makless, mak_budgets={"2X4YB": 1}), {"MakActivationsRunLow", "MakBudgetExceeded"}),
        "esu": (fleet(*own(esu)), set()),
        "old report": (fleet(*own(*HEALTHY), age=timedelta(days=3)), {"ActivationReportTooOld"}),
        "very old": (fleet(*own(*HEALTHY), age=timedelta(days=15)), {"ActivationReportTooOld", "ActivationRecordsTooOld"}),
        "nothing": ("", {"ActivationReportMissing"}),
    }


@needs_promtool
def test_each_alert_fires_for_its_fleet_and_for_no_other(tmp_path: Path) -> None:
    cases = expected_cases()
    tests = [_test(name, text, alerts) for name, (text, alerts) in cases.items()]
    path = tmp_path / "rules_test.yml"
    path.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": f"{_STEP}s", "tests": tests}), encoding="utf-8")
    done = promtool("test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr
    fired = set.union(*(alerts for _text, alerts in cases.values()))
    # The others need a time that moves, see the next test.
    assert {rule["alert"] for rule in rules()} - fired == {"LicenseExpired", "EsuYearEnds", "KmsRequestsFail", "ActivationWithoutResult"}


@needs_promtool
def test_alerts_about_what_changes_with_time(tmp_path: Path) -> None:
    def series(name: str, values: str, labels: str = 'machine="kms1"') -> dict[str, str]:
        return {"series": f"{PREFIX}{name}{{{labels}}}", "values": values}

    day, programme = 24 * 60 * 60, 'programme="windows_10_year_1"'
    moving = [
        series("report_timestamp_seconds", "0+3600x60", ""),
        series("expiry_timestamp_seconds", f"{day}x60", 'machine="pc1", application="windows"'),
        series("kms_requests_total", "0+10x60"),
        series("kms_failed_requests_total", "0+2x60"),
        series("kms_requests_total", "0+10x60", 'machine="kms2"'),
        series("kms_failed_requests_total", "0x60", 'machine="kms2"'),
        series("esu_end_timestamp_seconds", f"{70 * day}x60", programme),
        series("esu_machines", "5x60", f'{programme}, activated="true"'),
        series("esu_end_timestamp_seconds", f"{30 * day}x60", 'programme="windows_7_year_1"'),
        series("esu_machines", "0x60", 'programme="windows_7_year_1", activated="true"'),
        series("esu_end_timestamp_seconds", f"{30 * day}x60", 'programme="windows_7_year_2"'),
        series("esu_machines", "3x60", 'programme="windows_7_year_2", activated="true"'),
        series("ledger_unknown_requests", "0x24 2x36", ""),
    ]
    always = {"KmsRequestsFail", "EsuYearEnds"}
    before, after = always | {"LicenseExpiresSoon"}, always | {"LicenseExpired", "ActivationWithoutResult"}
    expected = [_firing(before, "20h"), _firing(after, "30h")]
    test = {"interval": "1h", "name": "moving", "input_series": moving, "promql_expr_test": expected}
    path = tmp_path / "rules_test.yml"
    path.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1h", "tests": [test]}), encoding="utf-8")
    done = promtool("test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


_STEP = 12 * 60 * 60
"""Seconds between two samples."""


def _test(name: str, text: str, alerts: set[str]) -> dict[str, Any]:
    """Return a test in which the metrics have been the same since 1970."""
    steps = int(NOW.timestamp()) // _STEP
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    series = [{"series": found, "values": f"{value}x{steps}"} for found, _space, value in lines]
    return {"interval": f"{_STEP}s", "name": name, "input_series": series, "promql_expr_test": [_firing(alerts, f"{steps * _STEP}s")]}


def _firing(alerts: set[str], time: str) -> dict[str, Any]:
    samples = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(alerts)]
    return {"expr": 'count by (alertname) (ALERTS{alertstate="firing"}) > bool 0', "eval_time": time, "exp_samples": samples}
