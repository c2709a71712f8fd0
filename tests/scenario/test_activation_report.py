# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One playbook reads all machines and writes one report. A machine that is off is in it, and does not make the run fail."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from sample_fleet import NOW, records

from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.files import RecordWriter, read_records
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import Record

from .documented import task_complaints
from .harness import FQCN, Lab, Results

ESTATE = "role.yml"
BOOK = f"{FQCN}.activation_report"
CHECK = f"{FQCN}.activation_check"
GONE = "SRV-02"
UNLICENSED = "SRV-01"


@dataclass(frozen=True)
class Story:
    """The run, and the files that it wrote."""

    run: Results
    html: Path
    records: Path

    @property
    def result(self) -> Mapping[str, Any]:
        """The result of the module."""
        (found,) = self.run.run.results(BOOK).values()
        return found

    @property
    def shown(self) -> list[str]:
        """The lines at the end of the run."""
        (found,) = self.run.run.results("ansible.builtin.debug").values()
        lines: list[str] = found["msg"]
        return lines


def settings(folder: Path, **more: Any) -> dict[str, Any]:
    files = {"activation_report_html_path": str(folder / "fleet.html"), "activation_report_record_path": str(folder / "fleet.jsonl")}
    return {"activation_report_hosts": "windows", "activation_report_check": {"probe": False}, **files, **more}


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    lab.client.crash(GONE)
    folder = lab.folder / "report"
    folder.mkdir()
    return Story(lab.run(BOOK, settings(folder)), folder / "fleet.html", folder / "fleet.jsonl")


@pytest.mark.quick
@pytest.mark.smoke
def test_run_is_green_and_ends_with_the_summary_and_the_path(story: Story, lab: Lab) -> None:
    assert story.run.run.exit_code == 0, story.run.output
    assert story.result["machine_count"] == len(lab.names())
    assert story.shown[0] == f"1 machine of {len(lab.names())} could not be reached: {GONE}."
    assert story.shown[-1].endswith(f"Written to {story.html}.")
    after = story.run.output.rpartition(str(story.html))[2]
    assert "TASK" not in after.partition("PLAY RECAP")[0].replace("TASK [Fail if a machine", "")
    assert {lab_name: story.run.writes(lab_name) for lab_name in lab.names()} == dict.fromkeys(lab.names(), 0)


def test_report_and_records_contain_every_machine(story: Story, lab: Lab) -> None:
    found = {record.inventory_hostname: record.result for record in read_records(story.records)}
    assert sorted(found) == sorted(lab.names())
    assert found[GONE]["unreachable"]
    assert "not_licensed" in {each["id"] for each in found[UNLICENSED]["findings"]}
    html = story.html.read_text(encoding="utf-8")
    assert "Could not be reached" in html
    assert f"#machine/{UNLICENSED}" in html
    assert [stat.S_IMODE(path.stat().st_mode) for path in (story.html, story.records)] == [0o600, 0o600]


def test_result_is_as_documented(story: Story) -> None:
    assert task_complaints("activation_report", story.result) == []


def test_summary_is_that_of_activation_check(story: Story, lab: Lab) -> None:
    checked = lab.run(CHECK, {"activation_check_hosts": "windows", "activation_check_probe": False, "activation_check_fail_on": []})
    facts = [result["ansible_facts"] for task in checked.run.tasks for result in task.hosts.values() if "ansible_facts" in result]
    (summary,) = (fact["activation_check_summary"] for fact in facts if "activation_check_summary" in fact)
    assert story.result["lines"] == summary["lines"]
    assert story.shown == [*summary["lines"], story.result["msg"]]


def test_second_run_keeps_the_mode_and_adds_other_records(story: Story, lab: Lab) -> None:
    story.html.chmod(0o644)
    other = story.html.parent / "other.jsonl"
    with RecordWriter(other) as writer:
        for record in (*records(40), Record(GONE, NOW.replace(year=2020), {"skipped": True})):
            writer.add(record)
    formats = {name: str(story.html.parent / f"fleet.{name}") for name in ("machines_csv", "products_csv", "json", "prom")}
    more = {
        **{f"activation_report_{'prometheus' if name == 'prom' else name}_path": path for name, path in formats.items()},
        "activation_report_sections": ["05A"],
        "activation_report_other_record_paths": [str(other)],
        "activation_report_language": "ja",
        "activation_report_title": "All <sites>",
    }
    again = lab.run(BOOK, settings(story.html.parent, **more))
    (result,) = again.run.results(BOOK).values()
    assert result["machine_count"] == len(lab.names()) + 40
    html = story.html.read_text(encoding="utf-8")
    assert stat.S_IMODE(story.html.stat().st_mode) == 0o644
    assert "<title>All &lt;sites&gt;</title>" in html
    assert "対応が必要な項目" in html
    assert all(Path(path).stat().st_size for path in formats.values())


def test_run_fails_for_a_machine_that_is_off_only_if_asked(lab: Lab, story: Story, tmp_path: Path) -> None:
    del story
    asked = lab.run(BOOK, settings(tmp_path, activation_report_fail_on_unreachable=True))
    assert asked.run.exit_code == 2
    assert f"1 could not be reached: {GONE}" in " ".join(asked.output.split())
    assert (tmp_path / "fleet.html").exists()
    checked = lab.run(BOOK, settings(tmp_path, activation_report_fail_on_failed=True))
    assert checked.run.exit_code == 0
    check = {"probe": False, "fail_on": ["error"]}
    failed = lab.run(BOOK, settings(tmp_path, activation_report_fail_on_failed=True, activation_report_check=check))
    assert failed.run.exit_code == 2


def test_reading_without_a_check_has_no_findings(lab: Lab, story: Story, tmp_path: Path) -> None:
    del story
    lab.run(BOOK, settings(tmp_path, activation_report_run_check=False))
    results = [record.result for record in read_records(tmp_path / "fleet.jsonl")]
    assert all("findings" not in result for result in results)
    assert f"#machine/{UNLICENSED}" in (tmp_path / "fleet.html").read_text(encoding="utf-8")


def test_report_of_records_reads_no_machine_and_fails_if_it_is_worse(lab: Lab, story: Story, tmp_path: Path) -> None:
    """As a workflow of AWX does after the slices of its survey."""
    sound = list(read_records(story.records))
    unread = next(record.result for record in sound if record.inventory_hostname == GONE)
    lost = next(record.inventory_hostname for record in sound if record.inventory_hostname not in (GONE, UNLICENSED))
    worse = [
        Record(record.inventory_hostname, record.time, unread if record.inventory_hostname == lost else record.result) for record in sound
    ]
    for name, found in (("sound", sound), ("worse", worse)):
        with RecordWriter(tmp_path / f"{name}.jsonl") as writer:
            for record in found:
                writer.add(record)
    settled = {
        **settings(tmp_path, activation_report_read_machines=False, activation_report_fail_on_worse=True),
        "activation_report_history_path": str(tmp_path / "history"),
    }
    for name, code in (("sound", 0), ("sound", 0), ("worse", 2)):
        run = lab.run(BOOK, {**settled, "activation_report_other_record_paths": [str(tmp_path / f"{name}.jsonl")]})
        assert run.run.exit_code == code, run.output
        assert run.run.results(f"{FQCN}.activation_fleet_info") == {}
    assert f"Could not be read: {lost}." in " ".join(run.output.split())
    assert not (tmp_path / "fleet.jsonl").exists()


def test_report_of_no_records_is_refused_before_anything_is_read(lab: Lab, tmp_path: Path) -> None:
    run = lab.run(BOOK, settings(tmp_path, activation_report_read_machines=False))
    assert run.run.exit_code == 2
    assert "activation_report_other_record_paths must name record files" in " ".join(run.output.split())


def test_check_mode_writes_nothing(lab: Lab, story: Story, tmp_path: Path) -> None:
    del story
    done = lab.run(BOOK, settings(tmp_path), options=("--check",))
    assert done.run.exit_code == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("activation_report_html_path", "{folder}/missing/fleet.html", "The directory of activation_report_html_path does not exist"),
        ("activation_report_record_path", "{folder}", "activation_report_record_path is a directory"),
        ("activation_report_language", "fr", "Value of activation_report_language must be one of"),
        ("activation_report_mak_budgets", [60], "activation_report_mak_budgets"),
    ],
)
def test_wrong_variable_is_refused_before_a_machine_is_read(lab: Lab, tmp_path: Path, name: str, value: Any, message: str) -> None:
    given = value.format(folder=tmp_path) if isinstance(value, str) else value
    refused = lab.run(BOOK, settings(tmp_path, **{name: given}))
    assert refused.run.exit_code == 2
    assert message in " ".join(refused.output.split())
    assert all(refused.nothing_sent(machine) for machine in lab.names())
    assert list(tmp_path.iterdir()) == []


def module(lab: Lab, folder: Path, **options: Any) -> Mapping[str, Any]:
    """Run the module on two machines of the lab, and return its only result."""
    given = {"record_paths": [str(folder / "*.jsonl")], "html_path": str(folder / "fleet.html"), **options}
    done = lab.play(["PC-01", "PC-02"], {f"{FQCN}.activation_report": given})
    assert all(done.nothing_sent(machine) for machine in lab.names())
    (result,) = done.run.results(BOOK).values()
    return result


def fleet(folder: Path, change: Mapping[str, Any] | None = None) -> None:
    with RecordWriter(folder / "fleet.jsonl") as writer:
        for record in records(40):
            writer.add(Record(record.inventory_hostname, record.time, {**record.result, **(change or {})}))


def test_module_runs_once_and_compares_the_activations_of_a_mak(lab: Lab, tmp_path: Path) -> None:
    fleet(tmp_path)
    left = [{"extended_pid": "55041-00140-015-871562-03-1033-7078.0000-0992009", "remaining_activations": 417, "error": None}]
    result = module(lab, tmp_path, maks=left, mak_budgets={"2X4YB": 60})
    assert (result["status"], result["changed"], result["machine_count"]) == ("ok", True, 40)
    row = re.search(r"<code>2X4YB</code>.*?</tr>", (tmp_path / "fleet.html").read_text(encoding="utf-8"), re.DOTALL)
    assert row
    assert re.findall(r'class="number"[^>]*>([\d,]+)<', row[0]) == ["2", "0", "60", "417"]


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ({"html_path": None}, "invalid_options", "specify a file to write: html_path"),
        ({"stale_after_days": -1}, "invalid_options", "must be 0 or greater"),
        ({"langauge": "ja"}, "invalid_options", "did you mean language?"),
        ({"mak_budgets": {"2X4YB": "many"}}, "invalid_options", "such as 2X4YB: 60"),
        ({"mak_budgets": {"MMMMM-KKKKK-MMMMM-22222-33333": 1}}, "invalid_options", "such as 2X4YB: 60"),
        ({"record_paths": ["/nowhere/*.jsonl"]}, "records_file", "no file matches /nowhere/*.jsonl"),
        ({"html_path": "/nowhere/fleet.html"}, "report_file", "the directory /nowhere does not exist"),
        ({"html_path": "/dev/null"}, "unsafe_path", "/dev/null is a character device"),
    ],
)
def test_module_refuses_what_it_cannot_use(lab: Lab, tmp_path: Path, options: dict[str, Any], code: str, message: str) -> None:
    fleet(tmp_path)
    result = module(lab, tmp_path, **options)
    assert (result["status"], result["error"]["code"]) == ("failed", code)
    assert message in result["msg"]
    assert [path.name for path in tmp_path.iterdir()] == ["fleet.jsonl"]
    assert "KKKKK" not in json.dumps(result)


def test_damaged_record_is_refused_with_its_line(lab: Lab, tmp_path: Path) -> None:
    fleet(tmp_path, {"products": "all"})
    result = module(lab, tmp_path)
    assert "line 1: in the result, products is not a list" in result["msg"]
    assert result["error"]["code"] == "records_file"


def test_each_machine_is_checked_with_its_own_variables(lab: Lab, tmp_path: Path) -> None:
    own = {"PC-01": {"activation_report_check": {"probe": False, "expected_channels": ["gvlk"]}}}
    beside = tmp_path / "beside.yml"
    beside.write_text(yaml.safe_dump({"windows": {"hosts": own}}), encoding="utf-8")
    variables = {name: value for name, value in settings(tmp_path).items() if name != "activation_report_check"}
    lab.run(BOOK, variables, options=("-i", str(beside)))
    found = {record.inventory_hostname: record.result for record in read_records(tmp_path / "fleet.jsonl")}
    ids = {name: {each["id"] for each in found[name]["findings"]} for name in ("PC-01", "PC-02")}
    assert "unexpected_channel" in ids["PC-01"]
    assert "unexpected_channel" not in ids["PC-02"]
