# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run over 35 machines ends readable: one line for each machine that failed, then the table, then the recap."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from .harness import FQCN, LAB_DNS, Lab, Results

ESTATE = "ending.yml"
MAK = "MMMMM-KKKKK-MMMMM-22222-33333"
OFF = ("off-01", "off-02")
REFUSED = ("trial-01", "trial-02")
CONVERT = {"convert_to_kms_hosts": "fleet", "kms_client_kms_host": "kms01.ending.example", **LAB_DNS}
LOSSES = ("loses the activation", "does not know whether it has counted")
JSON = {"ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
YAML = {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}


def end_of(results: Results) -> list[str]:
    """The lines of the last task before the recap."""
    return results.output.partition("\nPLAY RECAP")[0].rstrip().rpartition("\nTASK [")[2].splitlines()[1:]


def table_of(results: Results) -> list[str]:
    """The lines of the table, without what Ansible prints around them."""
    return [re.sub(r'^\s*"|",?$', "", line) if line.startswith('        "') else line.strip() for line in end_of(results)]


def fatal(results: Results) -> dict[str, list[str]]:
    """How often each machine failed or was not reached, and how."""
    found: dict[str, list[str]] = {}
    for machine, how in re.findall(r"^fatal: \[([\w-]+)\]: (\w+)!", results.output, re.MULTILINE):
        found.setdefault(machine, []).append(how)
    return found


def recap(results: Results) -> dict[str, dict[str, int]]:
    """The counts of each machine in the recap."""
    lines = results.output.partition("PLAY RECAP")[2].splitlines()[1:]
    counts = {line.split(":")[0].strip(): re.findall(r"(\w+)=(\d+)", line) for line in lines if ":" in line}
    return {machine: {name: int(number) for name, number in found} for machine, found in counts.items()}


@pytest.fixture(scope="module")
def converted(lab: Lab) -> Results:
    """35 machines, of which two are evaluation editions, two are off, and one has a wrong clock."""
    for name in OFF:
        lab.client.crash(name)
    return lab.run(f"{FQCN}.convert_to_kms", CONVERT, expected_warnings=LOSSES, env=YAML)


@pytest.mark.quick
@pytest.mark.smoke
def test_the_table_is_the_last_text_before_the_recap(converted: Results) -> None:
    lines = [" ".join(line.split()) for line in table_of(converted)]
    assert lines[-1] == "35 machines: 30 activated, 2 refused, 1 failed, 2 not reached."
    assert "machines which outcome why what to do" in lines
    assert "2 off-01, off-02 not reached connection refused. Check ansible_host and ansible_port," in lines
    assert any(line.startswith("2 trial-01, trial-02 refused The machine runs the evaluation") for line in lines)
    assert any(line.startswith("18 desk-01, desk-02, desk-03, activated KMS host kms01.ending.example.") for line in lines)
    assert all(len(line) <= 140 for line in end_of(converted))


def test_a_machine_fails_once_with_one_short_line_and_nobody_else_fails(converted: Results) -> None:
    expected = {name: ["UNREACHABLE" if name in OFF else "FAILED"] for name in (*OFF, *REFUSED, "clock-01")}
    assert fatal(converted) == expected
    assert "[ERROR]" not in converted.output
    assert converted.output.count("evaluation edition ServerStandardEval") == len(REFUSED), "the table wraps this text"
    assert "next_steps" not in converted.output


def test_the_exit_status_and_the_recap_are_those_of_machines_that_failed_or_were_not_reached(converted: Results) -> None:
    counts = recap(converted)
    assert converted.run.exit_code == 4
    assert {name for name, found in counts.items() if found["failed"]} == {*REFUSED, "clock-01"}
    assert {name for name, found in counts.items() if found["unreachable"]} == set(OFF)
    assert counts["clock-01"]["changed"] == 1, "its KMS host was set before the activation failed"
    assert not any(found["ignored"] or found["rescued"] for found in counts.values())


def test_a_run_over_35_machines_prints_a_few_kilobytes(converted: Results) -> None:
    """It was 26,735 bytes and 559 lines, most of it the results of five machines."""
    assert len(converted.output.encode()) < 16000
    # Up to ansible-core 2.18, a warning is wrapped.
    assert len(converted.output.splitlines()) < 300


@pytest.fixture(scope="module")
def again(lab: Lab, converted: Results) -> Results:
    del converted
    return lab.run(f"{FQCN}.convert_to_kms", CONVERT, env=JSON)


def test_with_json_every_line_of_the_table_is_one_line(again: Results) -> None:
    assert all(line.startswith('        "') for line in end_of(again)[2:-2])
    assert table_of(again)[-3] == "35 machines: 30 already licensed, 2 refused, 1 failed, 2 not reached."
    assert all(len(line) <= 140 for line in end_of(again))


def test_the_report_contains_every_machine_with_its_own_text(lab: Lab, converted: Results) -> None:
    del converted
    show = {"ansible.builtin.debug": {"msg": "{{ outcome_report }}"}, "run_once": True}
    book = lab.folder / "report.yml"
    book.write_text(
        f"- ansible.builtin.import_playbook: {FQCN}.convert_to_kms\n- hosts: fleet\n  gather_facts: false\n  tasks: [{show}]\n",
        encoding="utf-8",
    )
    report: Mapping[str, Any] = lab.run(book, CONVERT)["mak-01"]["msg"]
    rows = {row["machine"]: row for row in report["rows"]}
    assert len(rows) == 35
    refused = "TRIAL-02 runs the evaluation edition ServerStandardEval, which does not accept a GVLK."
    assert (rows["trial-02"]["message"], rows["trial-02"]["line"]) == (refused, f"{refused} [evaluation_edition]")
    assert rows["off-01"]["message"].startswith(f"http://{lab.address('off-01')}:")
    assert sum(group["count"] for group in report["groups"]) == 35


def test_verbose_output_contains_the_whole_result_of_a_failure(lab: Lab, converted: Results) -> None:
    del converted
    shown = lab.run(f"{FQCN}.convert_to_kms", {**CONVERT, "convert_to_kms_hosts": "clock-01"}, verbosity=1)
    assert "For virtual machines, check the clock of the hypervisor" in " ".join(shown.output.split())


def test_a_run_in_which_nothing_failed_ends_with_the_table_too(lab: Lab, converted: Results) -> None:
    del converted
    done = lab.run(f"{FQCN}.convert_to_kms", {**CONVERT, "convert_to_kms_hosts": "desk-*"}, options=("--check",))
    assert (done.run.exit_code, fatal(done)) == (0, {})
    assert table_of(done)[-1] == "10 machines: 10 already licensed."


def test_if_no_machine_was_reached_the_table_comes_before_their_lines(lab: Lab, converted: Results) -> None:
    del converted
    lost = lab.run(f"{FQCN}.convert_to_kms", {**CONVERT, "convert_to_kms_hosts": "off-*"})
    assert (lost.run.exit_code, fatal(lost)) == (4, {name: ["UNREACHABLE"] for name in OFF})
    assert lost.output.count("2 machines: 2 not reached.") == 1


def test_with_a_limit_the_table_is_about_its_machines(lab: Lab, converted: Results) -> None:
    del converted
    limited = lab.run(f"{FQCN}.convert_to_kms", CONVERT, options=("--limit", "desk-03,clock-01"))
    assert (limited.run.exit_code, fatal(limited)) == (2, {"clock-01": ["FAILED"]})
    assert table_of(limited)[-1] == "2 machines: 1 already licensed, 1 failed."


def test_the_module_ends_a_machine_masks_keys_and_refuses_another_status(lab: Lab, converted: Results) -> None:
    del converted
    wishes = {
        "desk-01": {"status": "failed", "msg": f"The key {MAK} is wrong."},
        "desk-02": {"status": "unreachable", "msg": "It is off."},
        "desk-03": {"status": "ok", "msg": "All is well."},
        "desk-04": {"status": "broken", "msg": "x"},
    }
    done = lab.each("machine_outcome", wishes)
    assert {name: done[name]["status"] for name in wishes} == {
        "desk-01": "failed", "desk-02": "unreachable", "desk-03": "ok", "desk-04": "failed",
    }  # fmt: skip
    assert done["desk-01"]["msg"] == "The key XXXXX-XXXXX-XXXXX-XXXXX-33333 is wrong."
    assert done["desk-04"]["error"]["code"] == "invalid_options"
    assert MAK not in done.output
    assert all(done.nothing_sent(name) for name in wishes)


def test_a_check_ends_with_its_table_and_a_machine_fails_once(lab: Lab, converted: Results) -> None:
    del converted
    variables = {"activation_check_hosts": "fleet", "activation_check_probe": False, "activation_check_serial": 20}
    checked = lab.run(f"{FQCN}.activation_check", variables, env=YAML)
    assert (checked.run.exit_code, fatal(checked)) == (2, {name: ["FAILED"] for name in (*OFF, "clock-01")})
    lines = [" ".join(line.split()) for line in table_of(checked)]
    assert lines[-1].startswith("32 of 35 machines licensed; 1 not licensed; 2 could not be reached")
    assert "2 off-01, off-02 not reached connection refused. Check ansible_host and ansible_port," in lines
    assert len(checked.output.encode()) < 14000


def test_the_role_of_the_check_ends_a_play_of_its_own_the_same_way(lab: Lab, converted: Results) -> None:
    del converted
    role = {"name": "Check", "hosts": ["desk-01", "clock-01", "off-01"], "gather_facts": False, "roles": [f"{FQCN}.activation_check"]}
    checked = lab.playbook([role], {"activation_check_probe": False, "activation_check_fail_on_unreachable": False})
    assert (checked.run.exit_code, fatal(checked)) == (2, {"clock-01": ["FAILED"]})
    assert table_of(checked)[-1].startswith("1 of 3 machines licensed; 1 not licensed; 1 could not be reached")


def test_a_machine_that_could_not_be_checked_is_not_activated_and_fails_once(lab: Lab, converted: Results) -> None:
    del converted
    variables = {"convert_to_mak_hosts": "desk-01,desk-02,off-01,trial-01", "mak_client_product_key": MAK, "mak_client_max_activations": 2}
    done = lab.run(f"{FQCN}.convert_to_mak", variables)
    assert (done.run.exit_code, fatal(done)) == (4, {"off-01": ["UNREACHABLE"], "trial-01": ["FAILED"]})
    assert table_of(done)[-1] == "4 machines: 2 activated, 1 refused, 1 not reached."
    assert [done.calls(name, "Activate") for name in ("desk-01", "desk-02", "trial-01")] == [1, 1, 0]


def test_machines_of_batches_that_did_not_begin_are_in_the_table(lab: Lab, converted: Results) -> None:
    del converted
    variables = {**CONVERT, "convert_to_kms_hosts": ["trial-01", "clock-01", "desk-01", "desk-02"], "convert_to_kms_serial": 2}
    stopped = lab.run(f"{FQCN}.convert_to_kms", variables)
    assert "No other batch begins: 2 of the 2 machines" in " ".join(stopped.output.split())
    assert stopped.nothing_sent("desk-01")
    assert table_of(stopped)[-1] == "4 machines: 1 refused, 1 failed, 2 not run."
