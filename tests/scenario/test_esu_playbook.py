# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook for Extended Security Updates: checked and added up first, activated, proven, and told at the end of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from key_gate import assert_no_keys
from stale import stale_texts, stale_values

from . import winrs
from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "esu_fleet.yml"
BOOK = f"{FQCN}.activate_esu"
CLIENT, SERVER = "windows_10_year_2", "windows_server_2012_year_3"
VARIABLES = {
    "activate_esu_hosts": "esu",
    "activate_esu_serial": 4,
    "activate_esu_max_fail_percentage": 100,
    "esu_programme": f"{{{{ '{SERVER}' if 'servers' in group_names else '{CLIENT}' }}}}",
}
GOOD = ("PC-1", "PC-2", "PC-3", "PC-4", "PC-5", "SRV-1", "SRV-2")
ENDED = ("year 3 (windows_server_2012_year_3) ended on 2026-10-13",)


def run(lab: Lab, *options: str, hosts: str = "esu", warnings: tuple[str, ...] = ENDED, verbosity: int = 0, **changes: Any) -> Results:
    vault = lab.folder / "esu.yml"
    keys = {"servers": "MMMMM-KKKKK-MMMMM-YWX44-TTWY4", "pcs": "MMMMM-KKKKK-MMMMM-YWX33-TTWY3"}
    vault.write_text(
        yaml.safe_dump({"my_keys": keys, "esu_product_key": "{{ my_keys['servers' if 'servers' in group_names else 'pcs'] }}"}),
        encoding="utf-8",
    )
    given = ("--extra-vars", f"@{vault}", *options)
    return lab.run(
        BOOK, {**VARIABLES, "activate_esu_hosts": hosts, **changes}, options=given, expected_warnings=warnings, verbosity=verbosity
    )


def report_of(results: Results) -> Mapping[str, Any]:
    facts = [result["ansible_facts"] for task in results.run.tasks for result in task.hosts.values() if "ansible_facts" in result]
    (found,) = (fact["esu_report"] for fact in facts if "esu_report" in fact)
    return dict(found)


def machines(results: Results) -> dict[str, list[str]]:
    return {status: names for status, names in report_of(results)["machines"].items() if names}


@dataclass(frozen=True)
class Story:
    """Too small a budget, check mode, the run, and a second run."""

    stopped: Results
    forecast: Results
    done: Results
    again: Results


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    lab.client.crash("DOWN")
    stopped = run(lab, esu_max_activations=4)
    forecast = run(lab, "--check", esu_max_activations=5)
    done = run(lab, esu_max_activations=5, **stale_values())
    return Story(stopped, forecast, done, run(lab, hosts="esu:!problems", esu_max_activations=0, **stale_texts()))


def test_a_programme_over_its_budget_stops_the_run_before_the_first_activation(lab: Lab, story: Story) -> None:
    assert f"MAK for {CLIENT} that the play would use: 5" in " ".join(story.stopped.output.split())
    assert not any(story.stopped.writes(name) for name in lab.names("esu") if name != "DOWN")


@pytest.mark.smoke
def test_machines_that_can_have_it_are_activated_and_the_others_are_told(story: Story) -> None:
    assert machines(story.done) == {
        "already_licensed": ["PC-5"],
        "activated": ["PC-1", "PC-2", "PC-3", "PC-4", "SRV-1", "SRV-2"],
        "refused": ["NOPREP", "W11"],
        "failed": ["OFFLINE"],
        "unreachable": ["DOWN"],
    }
    found = report_of(story.done)
    codes = {row["machine"]: row["code"] for row in found["rows"] if row["code"]}
    assert codes["NOPREP"] == "esu_preparation_missing"
    assert codes["W11"] == "esu_not_for_this_windows"
    assert codes["OFFLINE"] == "0x80072EE7"
    ended = story.done.run.results(f"{FQCN}.machine_outcome")
    assert set(found["problems"]) == {name for name, result in ended.items() if result["status"] == "failed"}


def test_the_end_of_the_run_can_be_read(story: Story) -> None:
    lines = report_of(story.done)["lines"]
    assert lines[0].startswith(f"{CLIENT} (until 2027-10-12): 1 already licensed, 4 activated, 2 refused, 1 failed, 1 not reached.")
    assert lines[1].startswith(f"{SERVER} (until 2026-10-13): 2 activated.")
    assert any(line.startswith("NOPREP: ") and "KB5046613" in line for line in lines)
    assert report_of(story.done)["summary"].startswith("11 machines: ")
    shown = report_of(story.done)["shown"]
    assert story.done.output.partition("\nPLAY RECAP")[0].rstrip().endswith(shown[-1])
    assert shown[-len(report_of(story.done)["table"]) - 1 :] == [*report_of(story.done)["table"], shown[-1]]


def test_check_mode_promises_the_same_and_writes_nothing(story: Story) -> None:
    assert set(machines(story.forecast)["planned"]) == {"PC-1", "PC-2", "PC-3", "PC-4", "SRV-1", "SRV-2", "OFFLINE"}
    assert not any(story.forecast.writes(name) for name in GOOD)


def test_a_second_run_changes_nothing_and_asks_each_machine_once(story: Story) -> None:
    assert machines(story.again) == {"already_licensed": list(GOOD)}
    for name in GOOD:
        # Three queries; Windows returns the second product in an answer of its own.
        assert (story.again.writes(name), story.again.requests(name)) == (0, 4)


def test_slmgr_proves_it(lab: Lab, story: Story) -> None:
    del story
    for name, identity in (("PC-4", "1043add5-23b1-4afb-9a0f-64343c8f3f8d"), ("SRV-1", "55b1dd2d-2209-4ea0-a805-06298bad25b3")):
        assert identity in winrs.slmgr(lab.host_variables(name), "/dlv", identity)


def test_no_key_and_no_value_of_another_job_is_shown(story: Story) -> None:
    for results in (story.stopped, story.forecast, story.done, story.again):
        assert_no_keys(results.output)


def test_by_telephone_the_report_has_the_installation_ids_and_the_next_run_takes_the_answer(lab: Lab, story: Story) -> None:
    del story
    told = "Get the confirmation ID from the activation center"
    first = run(lab, hosts="OFFLINE", warnings=(told,), esu_activation_method="telephone")
    (row,) = report_of(first)["rows"]
    assert (row["status"], row["installation_id"] in row["message"]) == ("waiting", True)
    answer = lab.client.phone(row["installation_id"])
    second = run(lab, hosts="OFFLINE", warnings=(), esu_activation_method="telephone", esu_confirmation_id=answer)
    assert machines(second) == {"activated": ["OFFLINE"]}


def test_a_check_of_the_fleet_counts_the_programmes(lab: Lab, story: Story) -> None:
    del story
    book = f"{FQCN}.activation_check"
    checked = lab.run(
        book,
        {
            "activation_check_hosts": "esu:!problems",
            "activation_check_esu": VARIABLES["esu_programme"],
            "activation_check_probe": False,
            "activation_check_clock_tolerance": 0,
        },
    )
    facts = [result["ansible_facts"] for task in checked.run.tasks for result in task.hosts.values() if "ansible_facts" in result]
    (summary,) = (fact["activation_check_summary"] for fact in facts if "activation_check_summary" in fact)
    assert {row["programme"]: len(row["licensed_machines"]) for row in summary["esu"]} == {CLIENT: 5, SERVER: 2}
    assert {mak["programme"]: len(mak["licensed_machines"]) for mak in summary["maks"]} == {None: 1, CLIENT: 5, SERVER: 2}


def test_the_report_of_the_fleet_counts_them_too(lab: Lab, story: Story) -> None:
    del story
    files = {f"activation_report_{name}_path": str(lab.folder / f"report.{name}") for name in ("html", "record")}
    told = lab.run(f"{FQCN}.activation_report", {"activation_report_hosts": "esu:!problems", **files})
    flat = " ".join(told.output.split())
    assert "Extended Security Updates windows_10_year_2 (until 2027-10-12): activated on 5 machines." in flat
    assert "until 2027-10-12" in (lab.folder / "report.html").read_text(encoding="utf-8")


def test_without_a_programme_nothing_is_asked_and_windows_is_not_taken_instead(lab: Lab, story: Story) -> None:
    del story
    result = lab.run(BOOK, {"activate_esu_hosts": "PC-1", "esu_product_key": "MMMMM-KKKKK-MMMMM-YWX33-TTWY3"})
    assert result.run.exit_code == 2
    assert "esu_programme" in result.output
    assert result.nothing_sent("PC-1")


@pytest.mark.parametrize("changes", [{}, {"esu_retry_timeout": "soon"}])
def test_no_key_is_shown_at_the_highest_verbosity_not_even_of_a_wrong_variable(lab: Lab, story: Story, changes: dict[str, Any]) -> None:
    del story
    assert_no_keys(run(lab, hosts="PC-1", warnings=(), verbosity=4, **changes).output)


def test_a_key_of_windows_is_found_on_one_machine_and_the_others_keep_theirs(lab: Lab, story: Story) -> None:
    """Windows shows only after the installation what a MAK is for. A mistake in the vault must not cost the OEM keys of a fleet."""
    del story
    vault = lab.folder / "mixed_up.yml"
    vault.write_text(yaml.safe_dump({"esu_product_key": "MMMMM-KKKKK-MMMMM-MKC22-TTWX3"}), encoding="utf-8")
    given = {"activate_esu_hosts": "mixed_up", "esu_programme": CLIENT, "activate_esu_serial": 2, "activate_esu_max_fail_percentage": 100}
    results = lab.run(BOOK, given, options=("--extra-vars", f"@{vault}"), expected_warnings=("lost the activation",))
    assert machines(results) == {"failed": ["KEY-1"], "not_run": ["KEY-2", "KEY-3"]}
    assert [results.writes(name) > 0 for name in ("KEY-1", "KEY-2", "KEY-3")] == [True, False, False]
    assert all("see KEY-1" in line for line in report_of(results)["lines"] if line.startswith(("KEY-2", "KEY-3")))
