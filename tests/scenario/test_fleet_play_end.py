# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role activation_check with one task for all machines, in plays of users: whatever fails, the summary is the last text of the play."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from .harness import FQCN, Lab, Results
from .test_play_end import fatal, table_of

ESTATE = "ending.yml"
ROLE = f"{FQCN}.activation_check"
SETTINGS = {"activation_check_probe": False, "activation_check_engine": "fleet"}
FIRST_BATCH = ["kms-01", "mak-01"]
SECOND_BATCH = ["clock-01", "off-01"]
THIRD_BATCH = ["kms-02", "mak-02"]
WHOLE = "4 of 6 machines licensed; 1 not licensed; 1 could not be reached; 1 with errors."
SECOND = "0 of 6 machines licensed; 1 not licensed; 1 could not be reached; 4 were not part of this run; 1 with errors."


def check(lab: Lab, hosts: list[str], variables: Mapping[str, Any] | None = None, **keywords: Any) -> Results:
    """A play of a user with the role and one task after it."""
    lab.client.crash("off-01")
    after = {"name": "Go on", "ansible.builtin.debug": {"msg": "went on"}}
    play = {"name": "Check", "hosts": hosts, "gather_facts": False, **keywords, "roles": [ROLE], "post_tasks": [after]}
    return lab.playbook([play], {**SETTINGS, **(variables or {})})


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("keywords", "summary"),
    [
        ({}, WHOLE),
        ({"any_errors_fatal": True}, WHOLE),
        ({"max_fail_percentage": 0}, WHOLE),
        ({"serial": 2}, SECOND),
        ({"serial": 2, "any_errors_fatal": True}, SECOND),
        ({"serial": 2, "max_fail_percentage": 50}, SECOND),
    ],
    ids=str,
)
def test_the_summary_is_the_last_text_of_a_play_that_fails(lab: Lab, keywords: Mapping[str, Any], summary: str) -> None:
    done = check(lab, FIRST_BATCH + SECOND_BATCH + THIRD_BATCH, **keywords)
    (failed,) = fatal(done).values()
    assert (failed, done.run.exit_code) == (["FAILED"], 2)
    # With max_fail_percentage, Ansible says more than once that no machine is left.
    said = [line for line in table_of(done) if line and not line.startswith(("NO MORE HOSTS", "}"))]
    assert said[-1] == summary
    assert done.nothing_sent("mak-02") == ("serial" in keywords)
    assert done.output.count("went on") == (2 if "serial" in keywords else 0), "no task after the role runs on a batch that failed"


@pytest.mark.smoke
@pytest.mark.parametrize("keywords", [{}, {"serial": 1}], ids=str)
def test_a_machine_that_cannot_be_reached_ends_the_play_only_if_the_user_wants_this(lab: Lab, keywords: Mapping[str, Any]) -> None:
    hosts = ["mak-01", "off-01", "mak-02"]
    ended = check(lab, hosts, **keywords)
    assert (len(fatal(ended)), ended.run.exit_code, "1 could not be reached" in table_of(ended)[-1]) == (1, 2, True)
    passed = check(lab, hosts, {"activation_check_fail_on_unreachable": False}, **keywords)
    assert (fatal(passed), passed.run.exit_code) == ({}, 0)
    assert passed.output.count("went on") == 3


@pytest.mark.smoke
def test_the_findings_that_fail_are_those_of_the_user(lab: Lab) -> None:
    strict = {"activation_check_fail_on": ["unexpected_channel"], "activation_check_expected_channels": ["gvlk"]}
    ended = check(lab, ["mak-01", "kms-01"], strict)
    assert (len(fatal(ended)), table_of(ended)[-1].startswith("2 of 2 machines licensed")) == (1, True)
    assert "1 failed: mak-01" in " ".join(ended.output.split())
    passed = check(lab, ["clock-01", "kms-01"], {"activation_check_fail_on": []})
    assert (fatal(passed), passed.run.exit_code) == ({}, 0)


@pytest.mark.smoke
def test_records_and_report_are_written_before_the_play_fails(lab: Lab) -> None:
    record, report = lab.folder / "ended.jsonl", lab.folder / "ended.json"
    paths = {"activation_check_record_path": str(record), "activation_check_report_path": str(report)}
    done = check(lab, SECOND_BATCH, paths)
    assert (done.run.exit_code, len(record.read_text(encoding="ascii").splitlines()), report.exists()) == (2, 2, True)


@pytest.mark.smoke
def test_the_playbook_ends_with_the_summary_in_any_strategy_of_the_configuration(lab: Lab) -> None:
    """The tasks that run once need the strategy linear: the strategy free of a configuration would run them on each machine."""
    lab.client.crash("off-01")
    for engine in ("fleet", "tasks"):
        variables = {
            "activation_check_hosts": "mak-01,mak-02,off-01",
            "activation_check_serial": 2,
            **SETTINGS,
            "activation_check_engine": engine,
        }
        done = lab.run(ROLE, variables, env={"ANSIBLE_STRATEGY": "free"})
        assert (len(fatal(done)), done.run.exit_code) == (1, 2)
        assert "2 of 3 machines licensed; 1 could not be reached." in " ".join(table_of(done))
