# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of 100 machines is verified in batches: one summary over all of them finds what no machine can tell alone."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stale import stale_texts, stale_values

from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "fleet.yml"
BOOK = f"{FQCN}.activation_check"
SETS = {"TWIN": 2, "TRIPLE": 3, "FIVE": 5, "TEN": 10}
CLONES = [f"{name}-{number}" for name, size in SETS.items() for number in range(1, size + 1)]
WITH_A_MAK = "TRIPLE-3"
NEW = [f"NEW-{number}" for number in range(1, 7)]
CRASHED = ["GONE-1", "GONE-2", "GONE-3"]
LATE = [f"LATE-{number}" for number in range(1, 7)]


@dataclass(frozen=True)
class Story:
    """The clones ask their KMS host, some machines crash, and then all are verified."""

    asked: Results
    verified: Results
    summary: Mapping[str, Any]
    report: Path


@pytest.fixture(scope="module")
def asked(lab: Lab) -> Results:
    clients = [name for name in [*CLONES, *NEW] if name != WITH_A_MAK]
    return lab.all("kms_client", clients, {"expected_warnings": ("has not counted enough clients",)})


@pytest.fixture(scope="module")
def story(lab: Lab, asked: Results) -> Story:
    for name in CRASHED:
        lab.client.crash(name)
    report = lab.folder / "fleet.json"
    variables = {"activation_check_serial": 40, "activation_check_probe": False, "activation_check_report_path": str(report)}
    verified = lab.run(BOOK, {**variables, **stale_values()})
    return Story(asked, verified, json.loads(report.read_text(encoding="utf-8")), report)


def duplicates(story: Story) -> dict[str, Mapping[str, Any]]:
    """The sets found, by what the names of their machines begin with."""
    return {each["machines"][0].partition("-")[0]: each for each in story.summary["duplicate_cmids"]}


@pytest.mark.smoke
def test_exactly_the_four_sets_of_duplicates_are_found(story: Story) -> None:
    found = story.summary["duplicate_cmids"]
    assert len(found) == len(SETS)
    assert {name: len(each["machines"]) for name, each in duplicates(story).items()} == SETS
    assert sorted(machine for each in found for machine in each["machines"]) == sorted(CLONES)


def test_one_of_each_set_keeps_its_cmid_a_server_first_and_one_with_a_mak_is_left_alone(story: Story) -> None:
    found = duplicates(story)
    assert {name: each["keep"] for name, each in found.items()} == {
        "TWIN": "TWIN-1",
        "TRIPLE": "TRIPLE-2",
        "FIVE": "FIVE-1",
        "TEN": "TEN-1",
    }
    assert (found["TRIPLE"]["machines_to_rearm"], found["TRIPLE"]["not_affected"]) == (["TRIPLE-1"], [WITH_A_MAK])
    assert found["TEN"]["machines_to_rearm"] == [f"TEN-{number}" for number in range(2, 11)]


def test_the_kms_host_of_the_clones_counts_too_few_and_would_count_enough_without_duplicates(story: Story) -> None:
    hosts = {host["machine"]: host for host in story.summary["kms_hosts"]}
    assert set(hosts) == {"KMS01", "KMS02"}
    outcomes = {story.asked[name]["activation"]["outcome"] for name in NEW}
    assert outcomes == {"waiting_for_count"}
    assert hosts["KMS02"]["current_count"] == len(SETS) + len(NEW) == 10
    assert hosts["KMS02"]["count_after_rearm"] == 25


def test_every_machine_is_in_exactly_one_list_and_those_that_crashed_are_counted(story: Story) -> None:
    machines = story.summary["machines"]
    assert story.summary["machine_count"] == 100
    assert machines["unreachable"] == CRASHED
    assert len(machines["read"]) == 100 - len(CRASHED)
    assert (machines["failed"], machines["skipped"], machines["not_run"]) == ([], [], [])
    assert "connection refused" in story.summary["read_errors"]["GONE-1"]


def test_licenses_that_end_soon_and_what_a_mak_activated_are_named(story: Story) -> None:
    assert {row["machine"] for row in story.summary["expiring"]} == set(LATE)
    assert {row["days_left"] for row in story.summary["expiring"]} <= {19, 20}
    (mak,) = story.summary["maks"]
    assert (mak["partial_product_key"], len(mak["licensed_machines"])) == ("TTWX3", 21)


def test_statuses_cover_every_machine_that_was_read_windows_server_2003_and_one_without_a_key_too(story: Story) -> None:
    statuses = {row["status"]: row["machines"] for row in story.summary["statuses"]}
    assert sum(map(len, statuses.values())) == 97
    assert statuses["unlicensed"] == ["BARE"]
    assert "OLD" in statuses["initial_grace"]


def test_the_run_fails_on_the_machines_that_failed_their_check_or_were_not_reached_and_on_no_other(story: Story) -> None:
    failed = {host for host, result in story.verified.run.results(f"{FQCN}.machine_outcome").items() if result["status"] == "failed"}
    expected = {name for row in story.summary["findings"] if row["severity"] == "error" for name in row["machines"]}
    assert failed == expected | set(CRASHED)
    assert {"BARE", *NEW} < failed
    assert story.verified.run.exit_code == 2
    assert not any(story.verified.writes(name) for name in story.summary["machines"]["read"])


def test_one_summary_over_all_batches_is_printed_and_written_for_its_owner(story: Story) -> None:
    said = [task for task in story.verified.run.tasks if task.action == "ansible.builtin.debug"]
    (message,) = [result["msg"] for task in said for result in task.hosts.values() if result.get("msg")]
    assert message == "\n".join(story.summary["shown"])
    assert story.summary["shown"][-len(story.summary["table"]) - 1 :] == [*story.summary["table"], story.summary["summary"]]
    assert "3 machines of 100 could not be reached: GONE-1, GONE-2, GONE-3." in story.summary["lines"]
    assert sorted(name for group in story.summary["groups"] for name in group["machines"]) == sorted(
        name for names in story.summary["machines"].values() for name in names
    )
    assert stat.S_IMODE(story.report.stat().st_mode) == 0o600


def test_a_report_without_a_folder_is_refused_before_any_machine_is_asked(lab: Lab) -> None:
    refused = lab.run(BOOK, {"activation_check_hosts": "TWIN-1", "activation_check_report_path": "/nowhere/at/all.json"})
    assert "does not exist on the controller: /nowhere/at. Create it, or set another path." in " ".join(refused.output.split())
    assert refused.nothing_sent("TWIN-1")


def test_a_report_that_would_take_the_place_of_a_pipe_or_a_folder_is_refused_before_any_machine_is_asked(lab: Lab, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, words in (
        (pipe, f"{pipe} is a named pipe, not a file. Specify a file"),
        (tmp_path, f"activation_check_report_path is a directory: {tmp_path}. Set the path of a file."),
    ):
        refused = lab.run(BOOK, {"activation_check_hosts": "TWIN-1", "activation_check_report_path": str(path)})
        assert words in " ".join(refused.output.split())
        assert refused.nothing_sent("TWIN-1")
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


@pytest.fixture(scope="module")
def rearmed(story: Story, lab: Lab) -> Results:
    """What the summary names is rearmed."""
    duplicates_of_the_summary = {"rearm_duplicates": story.summary["duplicate_cmids"]}
    return lab.run(f"{FQCN}.rearm_duplicates", duplicates_of_the_summary, expected_warnings=("has not counted enough clients",))


@pytest.fixture(scope="module")
def mended(rearmed: Results, lab: Lab) -> Story:
    """Everybody asks once more, and the machines of the story are verified again."""
    del rearmed
    clients = [name for name in [*CLONES, *NEW] if name != WITH_A_MAK]
    asked = lab.all("kms_client", clients)
    report = lab.folder / "mended.json"
    report.touch(mode=0o640)
    report.chmod(0o640)
    variables = {"activation_check_hosts": ",".join([*CLONES, *NEW, "KMS02"]), "activation_check_probe": False}
    verified = lab.run(BOOK, {**variables, "activation_check_report_path": str(report), **stale_texts()})
    return Story(asked, verified, json.loads(report.read_text(encoding="utf-8")), report)


def test_a_report_that_is_there_keeps_its_mode(mended: Story) -> None:
    assert stat.S_IMODE(mended.report.stat().st_mode) == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a link of another user")
def test_a_report_is_not_written_through_a_link_of_another_user(lab: Lab, tmp_path: Path) -> None:
    mine, link = tmp_path / "mine.txt", tmp_path / "report.json"
    mine.write_text("mine", encoding="utf-8")
    link.symlink_to(mine)
    os.lchown(link, 65534, 65534)
    refused = lab.run(BOOK, {"activation_check_hosts": "TWIN-1", "activation_check_report_path": str(link)})
    assert f"{link} is a symbolic link that belongs to another user (UID 65534)" in " ".join(refused.output.split())
    assert refused.nothing_sent("TWIN-1")
    assert mine.read_text(encoding="utf-8") == "mine"


def test_a_rearm_of_what_the_summary_names_leaves_none_to_rearm_and_the_count_rises(mended: Story) -> None:
    (harmless,) = mended.summary["duplicate_cmids"]
    assert (harmless["machines_to_rearm"], harmless["not_affected"]) == ([], [WITH_A_MAK]), "a machine with a MAK asks no KMS host"
    (host,) = [host for host in mended.summary["kms_hosts"] if host["machine"] == "KMS02"]
    assert host["current_count"] == 25
    assert {result["activation"]["outcome"] for result in mended.asked.values()} <= {"activated", "already_licensed"}
    assert mended.summary["not_licensed_machines"] == []


def test_a_second_rearm_with_the_same_list_changes_nothing(mended: Story, story: Story, lab: Lab) -> None:
    del mended
    again = lab.run(f"{FQCN}.rearm_duplicates", {"rearm_duplicates": story.summary["duplicate_cmids"]})
    assert [name for name in CLONES if again.writes(name)] == []
    assert again.run.exit_code == 0
