# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run publishes for the next job of a workflow: its outcome in less than 4 KiB, also if it fails, has no machine, or is a slice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from key_gate import assert_no_keys
from stale import stale_texts, stale_values

from .harness import FQCN, LAB_DNS, Lab, Results
from .test_play_end import fatal

ESTATE = "ending.yml"
CONVERT = {"kms_client_kms_host": "kms01.ending.example", **LAB_DNS}


def artifact(results: Results, name: str) -> dict[str, Any]:
    """The artifact of a run, which is the only one."""
    assert list(results.run.artifacts) == [name]
    found = dict(results.run.artifacts[name])
    assert len(json.dumps(results.run.artifacts)) < 4096
    assert list(found) == ["playbook", "outcome", "counts", "failed", "summary", "report_file", "file_host"]
    assert_no_keys(json.dumps(results.run.artifacts))
    return found


def convert(lab: Lab, hosts: str, variables: Mapping[str, Any] | None = None, options: tuple[str, ...] = ()) -> Results:
    lab.client.crash("off-01")
    return lab.run(f"{FQCN}.convert_to_kms", {"convert_to_kms_hosts": hosts, **CONVERT, **(variables or {})}, options=options)


@pytest.fixture(scope="module", autouse=True)
def converted(lab: Lab) -> Results:
    """The two machines that are clients of a KMS host in all tests."""
    return convert(lab, "kms-01,kms-02")


def test_a_run_that_changes_machines_is_ok(converted: Results) -> None:
    found = artifact(converted, "convert_to_kms_outcome")
    assert (found["outcome"], found["counts"], found["failed"]) == ("ok", {"machines": 2, "activated": 2}, [])


@pytest.mark.smoke
def test_a_run_that_fails_publishes_which_machines_failed(lab: Lab) -> None:
    done = convert(lab, "kms-01,trial-01,off-01")
    assert done.run.exit_code == 4
    assert artifact(done, "convert_to_kms_outcome") == {
        "playbook": "convert_to_kms",
        "outcome": "failed",
        "counts": {"machines": 3, "already_licensed": 1, "refused": 1, "unreachable": 1},
        "failed": ["off-01", "trial-01"],
        "summary": "3 machines: 1 already licensed, 1 refused, 1 not reached.",
        "report_file": None,
        "file_host": None,
    }


def test_a_run_that_changes_nothing_says_so_with_stale_artifacts_of_earlier_jobs(lab: Lab) -> None:
    for stale in (stale_values(), stale_texts()):
        found = artifact(convert(lab, "kms-01,kms-02", stale), "convert_to_kms_outcome")
        assert (found["outcome"], found["counts"], found["failed"]) == ("nothing_to_do", {"machines": 2, "already_licensed": 2}, [])


@pytest.mark.smoke
def test_check_mode_publishes_what_is_planned(lab: Lab) -> None:
    found = artifact(convert(lab, "desk-01,kms-01", options=("--check",)), "convert_to_kms_outcome")
    assert (found["outcome"], found["counts"]) == ("planned", {"machines": 2, "already_licensed": 1, "planned": 1})


@pytest.mark.parametrize(("variable", "job"), [("awx_job_id", 1742), ("tower_job_id", "1743")])
def test_in_a_job_of_awx_the_name_ends_with_the_number_of_the_job(lab: Lab, variable: str, job: Any) -> None:
    found = artifact(convert(lab, "kms-01", {variable: job}), f"convert_to_kms_outcome_{job}")
    assert found["outcome"] == "nothing_to_do"


@pytest.mark.smoke
def test_a_slice_without_machines_publishes_that_it_had_nothing_to_do(lab: Lab) -> None:
    done = convert(lab, "fleet", {"convert_to_kms_allow_empty": True, "awx_job_id": 7}, options=("--limit", "KMS02"))
    assert done.run.exit_code == 0
    found = artifact(done, "convert_to_kms_outcome_7")
    assert (found["outcome"], found["counts"], found["failed"]) == ("nothing_to_do", {"machines": 0}, [])
    assert not any(cost["tcp_connections"] for cost in done.costs.values())


@pytest.mark.smoke
def test_a_run_that_ends_before_its_report_says_that_it_was_stopped(lab: Lab) -> None:
    done = convert(lab, "kms-01", {"kms_client_activation_type": "phone", "kms_client_retry_timeout": "soon"})
    assert done.run.exit_code == 2
    found = artifact(done, "convert_to_kms_outcome")
    assert (found["outcome"], found["counts"]) == ("stopped", {})
    assert "ended before its report" in found["summary"]


@pytest.mark.smoke
def test_a_machine_that_is_off_need_not_make_the_run_fail(lab: Lab) -> None:
    done = convert(lab, "kms-01,off-01", {"convert_to_kms_fail_on_unreachable": "false"})
    assert (done.run.exit_code, fatal(done)) == (0, {})
    found = artifact(done, "convert_to_kms_outcome")
    assert (found["outcome"], found["failed"]) == ("incomplete", ["off-01"])
    assert found["counts"] == {"machines": 2, "already_licensed": 1, "unreachable": 1}
    assert "not reached" in done.output


def test_if_all_machines_are_off_the_run_still_shows_them(lab: Lab) -> None:
    done = convert(lab, "off-01", {"convert_to_kms_fail_on_unreachable": False})
    assert (done.run.exit_code, artifact(done, "convert_to_kms_outcome")["outcome"]) == (0, "incomplete")
    assert "1 machine: 1 not reached." in done.output


def test_the_statuses_that_make_the_run_fail_are_those_of_the_user(lab: Lab) -> None:
    lenient = convert(lab, "kms-01,trial-01", {"convert_to_kms_fail_on": "failed"})
    assert (lenient.run.exit_code, artifact(lenient, "convert_to_kms_outcome")["outcome"]) == (0, "incomplete")
    strict = convert(lab, "kms-01,trial-01", {"convert_to_kms_fail_on": ["refused", "not_run"]})
    assert (strict.run.exit_code, fatal(strict)) == (2, {"trial-01": ["FAILED"]})


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"convert_to_kms_fail_on": ["refuse"]}, "convert_to_kms_fail_on contains refuse, and can contain refused, failed"),
        ({"convert_to_kms_fail_on": "unreachable"}, "which convert_to_kms_fail_on_unreachable decides"),
        ({"convert_to_kms_fail_on_unreachable": "maybe"}, "convert_to_kms_fail_on_unreachable must be true or false, and is maybe."),
        ({"convert_to_kms_fail_onn": []}, "did you mean convert_to_kms_fail_on?"),
    ],
)
def test_a_value_that_is_not_valid_is_refused_before_anything_is_sent(lab: Lab, variables: dict[str, Any], words: str) -> None:
    line = lab.refused(f"{FQCN}.convert_to_kms", {"convert_to_kms_hosts": "kms-01", **variables})
    assert words in line
    assert line.endswith("Nothing was changed.")


KEY = "MMMMM-KKKKK-MMMMM-22222-33333"
ESU_KEY = "MMMMM-KKKKK-MMMMM-YWX33-TTWY3"
PLAYBOOKS: dict[str, tuple[str, dict[str, Any]]] = {
    "convert_to_kms": ("convert_to_kms", {"convert_to_kms_hosts": "kms-01,off-01", **CONVERT}),
    "convert_to_mak": ("convert_to_mak", {"convert_to_mak_hosts": "mak-12,off-01", "mak_client_product_key": KEY}),
    "mak_to_kms_when_ready": (
        "mak_to_kms_when_ready",
        {"mak_to_kms_when_ready_hosts": "kms-01,off-01", "mak_to_kms_when_ready_kms_hosts": "KMS01"},
    ),
    "rearm_duplicates": (
        "rearm_duplicates",
        {
            "rearm_duplicates": [{"cmid": "2de67392-b7a7-462a-b1ca-108dd189f588", "machines_to_rearm": ["kms-03", "off-01"]}],
            "rearm_duplicates_reboot": False,
        },
    ),
    "recover_nongenuine": ("recover_nongenuine", {"recover_nongenuine_hosts": "kms-03,off-01"}),
    "activate_esu": ("activate_esu", {"activate_esu_hosts": "off-01", "esu_programme": "windows_10_year_2", "esu_product_key": ESU_KEY}),
    "proxy_collect": ("proxy_activation", {"proxy_activation_hosts": "off-01", "proxy_activation_product_key": KEY}),
}
"""Playbooks with the variables fail_on and fail_on_unreachable: the first part of their names, and a run over a machine that is off."""


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_in_every_playbook_a_machine_that_is_off_makes_the_run_fail_as_the_user_wants(lab: Lab, tmp_path: Path, playbook: str) -> None:
    prefix, variables = PLAYBOOKS[playbook]
    lab.client.crash("off-01")
    if prefix == "proxy_activation":
        variables = {**variables, "proxy_activation_file": str(tmp_path / "plant.csv")}
    # Keys are in a file, as they should be.
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({name: value for name, value in variables.items() if name.endswith("_key")}), encoding="utf-8")
    given = {name: value for name, value in variables.items() if not name.endswith("_key")}
    for wanted in (False, True):
        told = {**given, f"{prefix}_fail_on_unreachable": wanted, "awx_job_id": 17}
        done = lab.run(f"{FQCN}.{playbook}", told, options=("--extra-vars", f"@{keys}"))
        found = artifact(done, f"{playbook}_outcome_17")
        assert (done.run.exit_code == 0) is not wanted, done.output
        assert (found["outcome"], found["failed"]) == ("failed" if wanted else "incomplete", ["off-01"])
        assert found["counts"]["unreachable"] == 1
        assert found["report_file"] is None, "no file was written"


@pytest.mark.parametrize("executed", [True, False])
def test_a_machine_that_is_lost_while_it_is_changed_makes_the_run_fail_in_any_case(lab: Lab, executed: bool) -> None:
    """The GVLK was sent, and replaces the MAK or not."""
    name = "mak-10" if executed else "mak-11"
    lab.client.set_fault(name, "restart", method="InstallProductKey", times=1, executed=executed)
    lenient = {"convert_to_kms_fail_on_unreachable": False, "convert_to_kms_fail_on": [], "kms_client_lose_activation": True}
    done = convert(lab, f"kms-01,{name}", lenient)
    lab.client.clear_faults()
    found = artifact(done, "convert_to_kms_outcome")
    assert (done.run.exit_code, found["outcome"], found["failed"]) == (4, "failed", [name])
    assert found["counts"]["unreachable"] == 1
