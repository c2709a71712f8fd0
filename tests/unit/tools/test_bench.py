# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark's report: medians over rounds, counts per machine, ratios to the floor, targets without mercy."""

from __future__ import annotations

import pytest

import bench
import bench_logons
import bench_tables
from bench import COUNTED, Sample
from import_times import ImportTime, action_plugins, import_time

IMPORTS = {"kms_client": [ImportTime(210.0, 160), ImportTime(190.5, 160), ImportTime(400.0, 160)]}


def sample(seconds: float, requests: int = 0, rss: float = 50.0) -> Sample:
    return Sample(seconds, rss, seconds / 2, {**dict.fromkeys(COUNTED, 0), "requests": requests})


@pytest.fixture
def samples() -> dict[str, list[Sample]]:
    """Three rounds; the machine was busy during the last one."""
    return {
        "floor": [sample(2.0), sample(1.0), sample(9.0)],
        "info": [sample(3.0, 30), sample(3.0, 30), sample(13.5, 31)],
        "check_mak": [sample(3.3, 40)] * 3,
        "convert": [sample(8.0, 100)] * 3,
        "steady": [sample(3.1, 30)] * 3,
        "check_kms": [sample(3.4, 60)] * 3,
        "info_ntlm": [sample(4.6, 30), sample(2.3, 30), sample(20.7, 30)],
        "slmgr_raw": [sample(6.0, 60, rss=75.04), sample(3.0, 60), sample(27.0, 60)],
    }


def test_the_median_of_the_rounds_counts(samples: dict[str, list[Sample]]) -> None:
    cases = bench.summarize(samples, IMPORTS, 10)["cases"]
    assert (cases["floor"]["seconds"], cases["floor"]["ratio"]) == (2.0, 1.0)
    assert (cases["info"]["seconds"], cases["info"]["requests_per_machine"]) == (3.0, 3.0)


def test_a_ratio_is_taken_within_a_round_before_the_median(samples: dict[str, list[Sample]]) -> None:
    cases = bench.summarize(samples, IMPORTS, 10)["cases"]
    assert (cases["info"]["ratio"], cases["info_ntlm"]["ratio"]) == (1.5, 2.3)
    assert (cases["info"]["cpu_ratio"], cases["info_ntlm"]["cpu_ratio"]) == (1.5, 2.3)


def test_processor_time_is_told_for_each_machine_with_the_spread_of_the_rounds(samples: dict[str, list[Sample]]) -> None:
    info = bench.summarize(samples, IMPORTS, 10)["cases"]["info"]
    cpu = [info[f"cpu_seconds_per_machine{suffix}"] for suffix in ("", "_least", "_most")]
    assert cpu == [0.15, 0.15, 0.675]


def test_the_report_has_the_shape_others_read(samples: dict[str, list[Sample]]) -> None:
    report = bench.summarize(samples, IMPORTS, 10)
    assert list(report) == ["machines", "controller_peak_rss_mib", "cases", "imports"]
    assert (report["machines"], report["controller_peak_rss_mib"]) == (10, 75.0)
    assert report["imports"] == {"kms_client": {"milliseconds": 210.0, "least": 190.5, "most": 400.0, "modules": 160}}
    assert list(report["cases"]) == ["floor", "info", "check_mak", "convert", "steady", "check_kms", "info_ntlm", "slmgr_raw"]
    per_machine = [f"{name}_per_machine" for name in ("requests", "auth_requests", "bytes", "shells", "writes")]
    cpu = ["cpu_seconds_per_machine", "cpu_seconds_per_machine_least", "cpu_seconds_per_machine_most"]
    assert all(list(case) == ["seconds", "ratio", "cpu_ratio", *cpu, *per_machine] for case in report["cases"].values())


def test_a_target_just_reached_is_met_and_one_just_missed_is_not(samples: dict[str, list[Sample]]) -> None:
    met = {sentence: value <= limit for sentence, value, limit in bench_tables.targets(bench.summarize(samples, IMPORTS, 10)["cases"], 10)}
    assert met["activation_info: times the floor"]
    assert met["activation_info: requests per machine"]
    assert not met["activation_info over NTLM with encryption: times the floor"]


def test_a_plugin_is_imported_with_its_own_modules_only() -> None:
    assert {"kms_client", "kms_srv_record"} <= set(action_plugins())
    found = import_time("kms_srv_record")
    assert found.milliseconds > 0
    assert 1 < found.modules < import_time("kms_client").modules


def test_a_way_of_logging_on_that_cannot_be_measured_says_what_it_needs() -> None:
    reason = bench_logons.missing_for(bench_logons.Way("other", "http", "no_such_package"))
    assert reason == "needs the Python package no_such_package"
    row = {"method": "other", "scheme": "http", "connection": "psrp"}
    measured = {"logon_ms": 5.0, "read_ms": 3.0, "logon_requests": 2.0, "connections": 1.0}
    shown = bench_logons.table([{**row, "skipped": reason}, {**row, **measured}])
    assert [list(column.cells) for column in shown.columns[3:6]] == [[f"skipped: {reason}", "5.0"], ["", "3.0"], ["", "2"]]


def test_both_connections_are_measured_with_every_method() -> None:
    methods = {way.method for way in bench_logons.WAYS}
    assert methods == {"basic", "ntlm", "kerberos", "certificate", "credssp"}
