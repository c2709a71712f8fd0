# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One playbook writes a report in all formats and keeps it, and the next run shows what changed."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sample_fleet import records

from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.files import RecordWriter

from .documented import task_complaints
from .harness import FQCN, Lab, Results

ESTATE = "role.yml"
BOOK = f"{FQCN}.activation_report"
OFF = "PC-01"


def settings(folder: Path, **more: Any) -> dict[str, Any]:
    files = {
        "html_path": "fleet.html",
        "record_path": "fleet.jsonl",
        "machines_csv_path": "machines.csv",
        "products_csv_path": "products.csv",
        "json_path": "fleet.json",
        "prometheus_path": "activation.prom",
        "history_path": "history",
    }
    paths = {f"activation_report_{name}": str(folder / file) for name, file in files.items()}
    return {"activation_report_hosts": "windows", "activation_report_check": {"probe": False}, **paths, **more}


@dataclass(frozen=True)
class Story:
    """Two runs with a machine that is off in the second, and the files after them."""

    first: Results
    second: Results
    folder: Path

    @staticmethod
    def result(run: Results) -> Mapping[str, Any]:
        """The result of the module."""
        (found,) = run.run.results(BOOK).values()
        return found


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    folder = lab.folder / "formats"
    folder.mkdir()
    first = lab.run(BOOK, settings(folder))
    lab.client.crash(OFF)
    return Story(first, lab.run(BOOK, settings(folder, activation_report_sections=["02C", "03A"])), folder)


@pytest.mark.quick
def test_both_runs_are_green_and_write_all_formats(story: Story) -> None:
    for run in (story.first, story.second):
        assert run.run.exit_code == 0, run.output
        assert [each["format"] for each in story.result(run)["written_files"]] == [
            "html",
            "machines_csv",
            "products_csv",
            "json",
            "prometheus",
        ]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in story.folder.iterdir() if path.is_file()}
    assert modes.pop("activation.prom") == 0o644
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((story.folder / "history").stat().st_mode) == 0o700


def test_formats_agree_about_the_machines(story: Story, lab: Lab) -> None:
    text = (story.folder / "machines.csv").read_text(encoding="utf-8")
    assert text.startswith("\ufeff")
    lines = list(csv.DictReader(io.StringIO(text[1:], newline="")))
    assert [line["inventory_hostname"] for line in lines] == sorted(lab.names())
    assert {line["inventory_hostname"] for line in lines if line["read_status"] == "unreachable"} == {OFF}
    document = json.loads((story.folder / "fleet.json").read_text(encoding="utf-8"))
    assert {each["inventory_hostname"] for each in document["machines"]} == set(lab.names())
    metrics = (story.folder / "activation.prom").read_text(encoding="utf-8")
    assert 'windows_activation_machines{read_status="unreachable"} 1' in metrics
    licensed = sum(line["licensed"] == "true" for line in lines)
    assert f'windows_activation_licensed_machines{{licensed="true"}} {licensed}' in metrics
    assert document["summary"]["licensed_machines"] == [line["inventory_hostname"] for line in lines if line["licensed"] == "true"]


def test_second_run_shows_what_changed(story: Story) -> None:
    assert story.result(story.first)["changes"] is None
    result = story.result(story.second)
    assert result["changes"]["no_longer_read"] == [OFF]
    assert result["changes"]["new_machines"] == result["changes"]["gone_machines"] == []
    assert len(result["changes"]["trend"]) == 2
    assert any(line.startswith("Since ") and line.endswith(f"could be read before, and not now: {OFF}.") for line in result["lines"])
    html = (story.folder / "fleet.html").read_text(encoding="utf-8")
    assert "Changes since the last report" in html
    assert "License 02C" in html
    assert [section["id"] for section in result["sections"]] == ["02C", "03A"]
    assert len(list((story.folder / "history").iterdir())) == 2


def test_results_are_as_documented(story: Story) -> None:
    assert task_complaints("activation_report", story.result(story.second)) == []


@pytest.mark.parametrize(
    ("name", "path", "message"),
    [
        ("prometheus_path", "activation.txt", "activation_report_prometheus_path must end with .prom"),
        ("history_path", "missing/history", "activation_report_history_path must be a directory"),
        ("json_path", "missing/fleet.json", "The directory of activation_report_json_path does not exist"),
    ],
)
def test_wrong_path_is_refused_before_a_machine_is_read(lab: Lab, tmp_path: Path, name: str, path: str, message: str) -> None:
    refused = lab.run(BOOK, settings(tmp_path, **{f"activation_report_{name}": str(tmp_path / path)}))
    assert refused.run.exit_code == 2
    assert message in " ".join(refused.output.split())
    assert all(refused.nothing_sent(machine) for machine in lab.names())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ({"prometheus_path": "{folder}/activation.txt"}, "invalid_options", "must end with .prom"),
        ({"json_path": "{folder}/same", "html_path": "{folder}/same"}, "invalid_options", "a file of its own"),
        ({"history_path": "{folder}/fleet.jsonl"}, "report_history", "is a file, not a directory"),
        ({"history_path": "/nowhere/history"}, "report_history", "the directory /nowhere does not exist"),
        ({"history_path": "{folder}/history", "history_keep": 0}, "invalid_options", "history_keep"),
        ({"html_path": "{folder}/fleet.html", "sections": ["01A"]}, "invalid_options", "01A"),
    ],
)
def test_module_refuses_what_it_cannot_use(lab: Lab, tmp_path: Path, options: dict[str, Any], code: str, message: str) -> None:
    with RecordWriter(tmp_path / "fleet.jsonl") as writer:
        for record in records(4):
            writer.add(record)
    given = {name: value.format(folder=tmp_path) if isinstance(value, str) else value for name, value in options.items()}
    done = lab.play(["PC-02"], {f"{FQCN}.activation_report": {"record_paths": [str(tmp_path / "fleet.jsonl")], **given}})
    (result,) = done.run.results(BOOK).values()
    assert (result["status"], result["error"]["code"]) == ("failed", code)
    assert re.search(re.escape(message), result["msg"])
    assert [path.name for path in tmp_path.iterdir()] == ["fleet.jsonl"]
