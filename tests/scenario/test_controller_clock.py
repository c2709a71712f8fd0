# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong clock of the controller is one line of the summary, and the result of each machine stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from .documented import task_complaints
from .harness import FQCN, Lab, Results

ESTATE = "controller_clock.yml"
WITH_FINDING = {"KMS01": 300, "PC-01": 300, "PC-02": 300, "PC-03": 300, "PC-04": 300, "ODD": -90}
DIFFERENCES = {**WITH_FINDING, "MAK-01": 301, "ASIDE": 0}
VARIABLES = {"activation_check_probe": False, "activation_check_renewal": True}


@pytest.fixture(scope="module")
def verified(lab: Lab) -> Results:
    lab.client.set_fault("KMS01", "clock_skew", minutes=300)
    return lab.run(f"{FQCN}.activation_check", VARIABLES)


def checks(results: Results) -> Mapping[str, Any]:
    return results.run.results(f"{FQCN}.activation_check")


def summary_of(results: Results) -> dict[str, Any]:
    """What the playbook published about all machines."""
    facts = (result.get("ansible_facts", {}) for task in results.run.tasks for result in task.hosts.values())
    (found,) = [each["activation_check_summary"] for each in facts if "activation_check_summary" in each]
    return dict(found)


@pytest.mark.quick
def test_the_summary_has_one_line_about_the_clock_of_the_controller(verified: Results) -> None:
    found = summary_of(verified)
    assert found["controller_clock"]["compared_count"] == len(DIFFERENCES)
    assert sorted(found["controller_clock"]["machines"]) == sorted(name for name, minutes in DIFFERENCES.items() if minutes >= 300)
    assert found["controller_clock"]["difference_minutes"] == 300
    lines = [line for line in found["lines"] if "clock" in line]
    assert [line.partition(", so the clock")[0] for line in lines] == [
        "Error clock_skew on 6 of 8 machines: their clocks are about 300 minutes ahead of the clock of the controller",
        "Error clock_skew on 1 machine: ODD. Next: Synchronize the clock of the machine (w32tm /resync).",
    ]
    assert "the clock of the controller is probably wrong" in found["summary"]


def test_the_result_of_each_machine_keeps_its_finding_and_its_difference(verified: Results) -> None:
    found = checks(verified)
    assert {name: result["clock_difference_minutes"] for name, result in found.items()} == DIFFERENCES
    reported = {name for name, result in found.items() for finding in result["findings"] if finding["id"] == "clock_skew"}
    assert reported == set(WITH_FINDING)
    assert task_complaints("activation_check", found["PC-01"]) == []


def test_with_the_right_clock_each_machine_that_is_off_is_named(lab: Lab) -> None:
    """The same machines, of which only a minority is checked with the wrong amount."""
    done = lab.run(f"{FQCN}.activation_check", {**VARIABLES, "activation_check_hosts": "PC-01,PC-02,ASIDE,ODD"})
    found = summary_of(done)
    assert found["controller_clock"] is None
    (line,) = [line for line in found["lines"] if "clock" in line]
    assert line.startswith("Error clock_skew on 3 machines: ODD, PC-01, PC-02. Next: ")


def test_without_a_tolerance_no_clock_is_compared(lab: Lab) -> None:
    done = lab.run(f"{FQCN}.activation_check", {**VARIABLES, "activation_check_clock_tolerance": 0})
    assert summary_of(done)["controller_clock"] is None
    assert {result["clock_difference_minutes"] for result in checks(done).values()} == {None}
