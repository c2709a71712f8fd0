# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark's report: medians over rounds, counts per machine, ratios to the floor, targets without mercy."""

from __future__ import annotations

import pytest

import bench
from bench import COUNTED, Sample


def sample(seconds: float, requests: int = 0, rss: float = 50.0) -> Sample:
    return Sample(seconds, rss, seconds / 2, {**dict.fromkeys(COUNTED, 0), "requests": requests})


@pytest.fixture
def samples() -> dict[str, list[Sample]]:
    """Three rounds; the machine was busy during the last one."""
    return {
        "floor": [sample(2.0), sample(1.0), sample(9.0)],
        "info": [sample(3.2, 30), sample(3.0, 30), sample(14.4, 31)],
        "convert": [sample(8.0, 100)] * 3,
        "steady": [sample(3.1, 30)] * 3,
        "info_ntlm": [sample(4.6, 30), sample(2.3, 30), sample(20.7, 30)],
        "slmgr_raw": [sample(6.0, 60, rss=75.04), sample(3.0, 60), sample(27.0, 60)],
    }


def test_the_median_of_the_rounds_counts(samples: dict[str, list[Sample]]) -> None:
    cases = bench.summarise(samples, 10, 300)["cases"]
    assert (cases["floor"]["seconds"], cases["floor"]["ratio"]) == (2.0, 1.0)
    assert (cases["info"]["seconds"], cases["info"]["requests_per_machine"]) == (3.2, 3.0)


def test_a_ratio_is_taken_within_a_round_before_the_median(samples: dict[str, list[Sample]]) -> None:
    cases = bench.summarise(samples, 10, 300)["cases"]
    assert (cases["info"]["ratio"], cases["info_ntlm"]["ratio"]) == (1.6, 2.3)


def test_processor_time_is_told_for_each_machine_with_the_spread_of_the_rounds(samples: dict[str, list[Sample]]) -> None:
    info = bench.summarise(samples, 10, 300)["cases"]["info"]
    cpu = [info[f"cpu_seconds_per_machine{suffix}"] for suffix in ("", "_least", "_most")]
    assert cpu == [0.16, 0.15, 0.72]


def test_the_report_has_the_shape_others_read(samples: dict[str, list[Sample]]) -> None:
    report = bench.summarise(samples, 10, 300)
    assert list(report) == ["machines", "controller_peak_rss_mib", "cases", "assumptions"]
    assert (report["machines"], report["controller_peak_rss_mib"]) == (10, 75.0)
    assert report["assumptions"] == {"powershell_start_milliseconds": 300}
    assert list(report["cases"]) == ["floor", "info", "convert", "steady", "info_ntlm", "slmgr_raw"]
    per_machine = [f"{name}_per_machine" for name in ("requests", "auth_requests", "bytes", "shells", "writes")]
    cpu = ["cpu_seconds_per_machine", "cpu_seconds_per_machine_least", "cpu_seconds_per_machine_most"]
    assert all(list(case) == ["seconds", "ratio", *cpu, *per_machine] for case in report["cases"].values())


def test_a_target_just_reached_is_met_and_one_just_missed_is_not(samples: dict[str, list[Sample]]) -> None:
    met = {sentence: value <= limit for sentence, value, limit in bench.targets(bench.summarise(samples, 10, 300)["cases"])}
    assert met["activation_info: times the floor"]
    assert met["activation_info: requests per machine"]
    assert not met["activation_info over NTLM with encryption: times the floor"]
    assert not met["activation_info: part of slmgr's time"]
