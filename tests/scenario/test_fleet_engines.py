# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet, checked by a task for each machine and by one task for all: the same summary, and the same records."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stale import stale_texts, stale_values

from .documented import task_complaints
from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "fleet_engines.yml"
BOOK = f"{FQCN}.activation_check"
CHECKED = "all:!KMS-0[3-9]*:!KMS-1[01]*:!SRV-0[1-9]*:!SRV-1*"
"""98 of the 300 machines, with each kind of them."""
SETS = {"TWIN": 2, "TRIPLE": 3, "FIVE": 5, "TEN": 10}
CLONES = [f"{name}-{number}" for name, size in SETS.items() for number in range(1, size + 1)]
CRASHED = ["GONE-1", "GONE-2", "GONE-3"]
READ = [*CLONES, "MAK-01", "KMS-120", "SRV-001", "LATE-1", "OLD"]
LAB_DNS = {
    "activation_check_dns_server": "{{ winlab_dns_server }}",
    "activation_check_dns_port": "{{ winlab_dns_port }}",
    "activation_check_probe_networks": "{{ winlab_probe_networks }}",
}
OF_ITS_TIME = ("current_time", "trusted_time", "clock_difference_minutes")
OF_ANSIBLE = ("failed", "unreachable", "task_status", "warnings")


@dataclass(frozen=True)
class Both:
    """The same machines at the same time of their clocks: a task for each of them, and one task for all."""

    runs: Mapping[str, Results]
    summaries: Mapping[str, str]
    records: Mapping[str, Mapping[str, Any]]

    @property
    def fleet(self) -> Results:
        """The run with one task for all machines."""
        return self.runs["fleet"]


def run(lab: Lab, engine: str, **variables: Any) -> tuple[Results, str, dict[str, Any]]:
    """Run the playbook, and return the summary without the time of the report, and the results in the records."""
    report, record = lab.folder / f"{engine}.json", lab.folder / f"{engine}.jsonl"
    files = {"activation_check_report_path": str(report), "activation_check_record_path": str(record)}
    done = lab.run(BOOK, {"activation_check_engine": engine, **files, **LAB_DNS, **variables})
    found = json.loads(report.read_text(encoding="utf-8"))
    del found["report_time"]
    records = [json.loads(line) for line in record.read_text(encoding="ascii").splitlines()]
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    return done, json.dumps(found, ensure_ascii=False), {each["inventory_hostname"]: each["result"] for each in records}


@pytest.fixture(scope="module")
def both(lab: Lab) -> Both:
    for name in CRASHED:
        lab.client.crash(name)
    found = {
        "tasks": run(lab, "tasks", activation_check_hosts=CHECKED, **stale_values()),
        "fleet": run(lab, "fleet", activation_check_hosts=CHECKED, **stale_texts()),
    }
    runs, summaries, records = ({engine: parts[place] for engine, parts in found.items()} for place in range(3))
    return Both(runs, summaries, records)


def lasting(value: Any) -> Any:
    """A value without what differs between two runs, and without what Ansible adds to a result that it registers."""
    if isinstance(value, Mapping):
        return {name: lasting(inner) for name, inner in value.items() if name not in (*OF_ITS_TIME, *OF_ANSIBLE)}
    return [lasting(inner) for inner in value] if isinstance(value, list) else value


def test_both_engines_have_the_same_summary_to_the_last_byte(both: Both) -> None:
    assert both.summaries["fleet"] == both.summaries["tasks"]
    summary = json.loads(both.summaries["fleet"])
    assert (summary["machine_count"], summary["machines"]["unreachable"]) == (98, CRASHED)
    assert sorted(len(each["machines"]) for each in summary["duplicate_cmids"]) == sorted(SETS.values())


def test_both_engines_keep_the_same_records(both: Both) -> None:
    fleet, tasks = ({name: lasting(result) for name, result in both.records[engine].items()} for engine in ("fleet", "tasks"))
    assert len(fleet) == 98
    assert [name for name in fleet if fleet[name] != tasks.get(name)] == []
    assert set(fleet) == set(tasks)


def test_both_engines_send_the_same_to_a_machine_and_nothing_that_changes_it(both: Both) -> None:
    for name in READ:
        costs = [(results.requests(name), results.writes(name)) for results in both.runs.values()]
        assert costs[0] == costs[1]
        assert costs[0][1] == 0


def test_one_task_for_all_machines_prints_few_lines_and_ends_with_the_machines_that_failed(both: Both) -> None:
    lines = both.fleet.output.splitlines()
    assert len(lines) < len(both.runs["tasks"].output.splitlines()) / 4
    (failed,) = both.fleet.run.results(f"{FQCN}.machine_outcome").values()
    assert "3 could not be reached: GONE-1, GONE-2, GONE-3" in failed["msg"]
    assert both.fleet.run.exit_code == both.runs["tasks"].run.exit_code == 2
    recap = lines[next(place for place, line in enumerate(lines) if line.startswith("PLAY RECAP")) + 1 :]
    assert len([line for line in recap if line.strip()]) == 1


def test_one_task_for_all_machines_starts_a_process_for_none_of_them(both: Both) -> None:
    assert len({host for task in both.fleet.run.tasks for host in task.hosts}) == 1


def test_a_limit_and_options_of_each_machine_apply_with_one_task_too(both: Both, lab: Lab) -> None:
    del both
    wanted = "{{ ['mak'] if inventory_hostname.startswith('MAK') else ['gvlk'] }}"
    record = lab.folder / "limited.jsonl"
    settings = {"activation_check_engine": "fleet", "activation_check_probe": False, "activation_check_record_path": str(record)}
    done = lab.run(BOOK, {**settings, "activation_check_expected_channels": wanted}, options=("--limit", "MAK-01,MAK-02,SRV-001"))
    records = {found["inventory_hostname"]: found["result"] for found in map(json.loads, record.read_text(encoding="ascii").splitlines())}
    assert {name: [finding["id"] for finding in result["findings"]] for name, result in records.items()} == {
        "MAK-01": [],
        "MAK-02": [],
        "SRV-001": [],
    }
    assert not any(done.requests(name) for name in ("MAK-03", "SRV-002"))


def test_the_role_in_a_play_with_batches_has_one_summary_of_all_of_them(both: Both, lab: Lab) -> None:
    del both
    names = [*CLONES, "GONE-1"]
    variables = {"activation_check_engine": "fleet", "activation_check_probe": False, "activation_check_fail_on_unreachable": False}
    role = {"ansible.builtin.import_role": {"name": BOOK, "tasks_from": "check"}}
    summary = {"ansible.builtin.import_role": {"name": BOOK, "tasks_from": "summary"}}
    play = {"hosts": names, "gather_facts": False, "vars": variables}
    plays = [
        {"name": "Check", **play, "serial": 8, "tasks": [{"name": "Check", **role}]},
        {"name": "Summarize", **play, "tasks": [{"name": "Summarize", **summary}]},
    ]
    done = lab.playbook(plays)
    (message,) = [result["msg"] for result in done.run.results("ansible.builtin.debug").values()]
    shown = " ".join("\n".join(message if isinstance(message, list) else [message]).split())
    assert "CMID 2a0b1c2d-0000-4000-8000-00000000000d is on 10 machines" in shown
    assert "1 could not be reached" in shown


def test_more_than_300_machines_are_read_by_one_task_unless_the_user_chooses(lab: Lab) -> None:
    pattern = "all,localhost"  # 300 machines of the lab, and one more
    settings = {"activation_check_hosts": pattern, "activation_check_fail_on": ["no_product_key"], "activation_check_probe": False}
    done = lab.run(BOOK, settings)
    (read,) = done.run.results(f"{FQCN}.activation_fleet_info").values()
    assert read["machine_count"] == 301
    assert [row["machine"] for row in read["failed_machines"]] == ["BARE", "localhost"]


@pytest.fixture(scope="module")
def slices(both: Both, lab: Lab) -> list[str]:
    """The records of three controllers, each for some of the machines, as slices of a job write them. The clones are in two of them."""
    del both
    paths = []
    for number, limit in enumerate(("TWIN-1,TRIPLE-*,FIVE-*,GONE-1", "TWIN-2,TEN-*", "FIVE-*,SRV-00*,GONE-2")):
        paths.append(str(lab.folder / f"slice{number}.jsonl"))
        settings = {"activation_check_engine": "fleet", "activation_check_probe": False, "activation_check_record_path": paths[-1]}
        lab.run(BOOK, {**settings, "activation_check_fail_on": []}, options=("--limit", limit))
    return paths


def test_record_files_of_several_controllers_are_put_together(slices: list[str], lab: Lab) -> None:
    whole, report = lab.folder / "whole.jsonl", lab.folder / "whole.json"
    variables = {"activation_merge_paths": [str(lab.folder / "slice*.jsonl")], "activation_merge_path": str(whole)}
    merged = lab.run(f"{FQCN}.activation_merge", {**variables, "activation_merge_report_path": str(report), **stale_values()})
    (result,) = merged.run.results(f"{FQCN}.activation_merge").values()
    assert task_complaints("activation_merge", result) == []
    lines = [json.loads(line) for line in whole.read_text(encoding="ascii").splitlines()]
    names = [line["inventory_hostname"] for line in lines]
    assert names[:5] == ["FIVE-1", "FIVE-2", "FIVE-3", "FIVE-4", "FIVE-5"]
    assert len(names) == len(set(names)) == result["machine_count"] == 1 + 3 + 5 + 1 + 1 + 10 + 9 + 1
    assert [row["machine"] for row in result["several_files"]] == [f"FIVE-{number}" for number in range(1, 6)]
    assert result["several_files"][0]["sources"] == [slices[0], slices[2]]
    summary = json.loads(report.read_text(encoding="utf-8"))
    assert sorted(len(each["machines"]) for each in summary["duplicate_cmids"]) == sorted(SETS.values())
    assert (summary["machines"]["unreachable"], result["stale_machines"]) == (["GONE-1", "GONE-2"], [])
    (message,) = [found["msg"] for found in merged.run.results("ansible.builtin.debug").values()]
    assert "Machines that are in several files: FIVE-1, FIVE-2, FIVE-3, FIVE-4, FIVE-5." in message


def test_an_old_record_is_stale_and_a_second_run_writes_the_same_file(slices: list[str], lab: Lab) -> None:
    whole = lab.folder / "whole.jsonl"
    older = lab.folder / "older.jsonl"
    lines = Path(slices[1]).read_text(encoding="ascii").splitlines()
    older.write_text(lines[0].replace('"time":"20', '"time":"19') + "\n", encoding="ascii")
    task = {f"{FQCN}.activation_merge": {"record_paths": [str(older), slices[0]], "record_path": str(whole), "stale_after_days": 30}}
    first = lab.play(["TWIN-1", "TWIN-2"], task)["TWIN-1"]
    written = whole.read_bytes()
    assert (first["stale_machines"], lab.play(["TWIN-1"], task)["TWIN-1"]["stale_machines"]) == (["TEN-1"], ["TEN-1"])
    assert whole.read_bytes() == written
    whole.unlink()
    assert lab.play(["TWIN-1"], task, keywords={"check_mode": True})["TWIN-1"]["record_path"] == str(whole)
    assert not whole.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}\n", "line 1: the line does not have the fields"),
        ("\n\nno JSON\n", "line 3: the line is not a JSON object"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_is_no_record_file_is_refused_and_nothing_is_written(
    lab: Lab, tmp_path: Path, content: str | None, message: str
) -> None:
    broken, whole = tmp_path / "broken.jsonl", tmp_path / "whole.jsonl"
    if content is not None:
        broken.write_text(content, encoding="utf-8")
    task = {f"{FQCN}.activation_merge": {"record_paths": [str(broken)], "record_path": str(whole)}}
    result = lab.play(["TWIN-1"], task)["TWIN-1"]
    assert (result["error"]["code"], message in result["msg"]) == ("records_file", True)
    assert not whole.exists()


def test_the_playbook_says_which_variable_is_missing(lab: Lab) -> None:
    done = lab.run(f"{FQCN}.activation_merge")
    assert "activation_merge_paths must name record files, and is not set." in " ".join(done.output.split())
