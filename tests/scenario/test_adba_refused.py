# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines that Active Directory cannot activate are named before a machine is touched; one that it does not activate keeps KMS."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from .adba_by_hand import back, migration_of, move, state
from .harness import FQCN, Lab, Results, report_rows

pytestmark = pytest.mark.slow

ESTATE = "adba_refused.yml"
OLD = {"product_name": "Windows Server 2022"}


@dataclass(frozen=True)
class Story:
    """A run that is stopped, one that is told to go on, and one in which a machine does not find the object."""

    stopped: Results
    outside: Results
    broken: Results
    moved: Results


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    lab.client.crash("DOWN")
    stopped = move(lab, "all", **OLD)
    outside = move(lab, "older:outside", **OLD)
    lab.client.set_fault("BROKEN", "directory_down")
    broken = move(lab, "broken", **OLD)
    return Story(stopped, outside, broken, move(lab, "covered:newer:mak", adba_skip_not_covered=True, **OLD))


def test_machines_that_no_object_covers_are_named_and_no_machine_is_written_to(story: Story, lab: Lab) -> None:
    rows = report_rows(story.stopped)
    for name in ("S25-1", "S25-2"):
        assert (rows[name]["status"], rows[name]["code"]) == ("refused", "no_object_covers")
        assert "Windows Server 2025 Standard (build 26100): old-2022 is for Windows Server 2022." in rows[name]["message"]
        assert rows[name]["next_steps"][0].startswith(
            "Create an activation object with the KMS host key (CSVLK) of Windows Server 2025 or of a later version"
        )
    assert {name: rows[name]["status"] for name in ("S22-1", "MAK", "DOWN")} == {
        "S22-1": "not_run",
        "MAK": "not_affected",
        "DOWN": "unreachable",
    }
    assert "Active Directory cannot activate 4 machines of the run" in rows["S22-1"]["message"]
    assert sum(story.stopped.writes(name) for name in lab.names()) == 0
    assert story.stopped.run.exit_code != 0
    assert story.stopped.run.artifacts["kms_to_adba_outcome"]["outcome"] == "failed"


def test_a_machine_is_refused_for_its_version_and_its_domain(story: Story) -> None:
    rows = report_rows(story.outside)
    assert (rows["R2"]["status"], rows["R2"]["code"]) == ("refused", "not_supported_by_windows")
    assert (rows["ALONE"]["status"], rows["ALONE"]["code"]) == ("refused", "other_forest")
    assert sum(story.outside.writes(name) for name in ("R2", "ALONE")) == 0


def test_a_machine_that_active_directory_does_not_activate_keeps_its_license_and_its_type(story: Story, lab: Lab) -> None:
    (row,) = report_rows(story.broken).values()
    assert (row["status"], row["code"].split()[0]) == ("failed", "0x8007203A")
    found = state(lab, "BROKEN")
    assert (found["licensed"], found["used"], found["allowed"]) == (True, "kms", "all")
    (failed,) = (task.hosts["BROKEN"] for task in story.broken.run.tasks if task.action == f"{FQCN}.kms_client" and "BROKEN" in task.hosts)
    assert failed["rolled_back"] is True
    assert "The module restored the previous activation type (all). The product is still licensed until" in failed["msg"]


def test_the_others_move_if_the_user_says_so(story: Story, lab: Lab) -> None:
    rows = report_rows(story.moved)
    assert {name: rows[name]["status"] for name in ("S22-1", "S22-2", "S22-3")} == dict.fromkeys(("S22-1", "S22-2", "S22-3"), "activated")
    assert {name: rows[name]["status"] for name in ("S25-1", "S25-2", "MAK")} == {
        "S25-1": "not_yet",
        "S25-2": "not_yet",
        "MAK": "not_affected",
    }
    assert story.moved.run.exit_code == 0
    assert story.moved.run.artifacts["kms_to_adba_outcome"]["outcome"] == "incomplete"
    assert migration_of(story.moved)["counts"]["by_kms"] == 2
    assert {state(lab, name)["used"] for name in ("S25-1", "S25-2")} == {"kms"}
    assert sum(story.moved.writes(name) for name in ("S25-1", "S25-2", "MAK")) == 0


def test_with_both_types_a_machine_stays_with_active_directory(story: Story, lab: Lab) -> None:
    del story
    assert back(lab, "S22-1", kind="all").run.exit_code == 0
    assert (state(lab, "S22-1")["used"], state(lab, "S22-1")["allowed"]) == ("ad", "all")
