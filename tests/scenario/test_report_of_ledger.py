# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook uses activations of a MAK, and the report shows them from the ledger, next to a budget and to what Microsoft has left."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from key_gate import assert_no_keys

from .documented import task_complaints
from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "report_of_ledger.yml"
MAK = "MMMMM-KKKKK-MMMMM-22222-33333"
REPORT = f"{FQCN}.activation_report"
LOCAL = {"ansible_connection": "local", "ansible_shell_type": "sh", "ansible_python_interpreter": sys.executable}


def book(lab: Lab, folder: Path, **variables: Any) -> list[dict[str, Any]]:
    """Ask Microsoft about the MAK of the first machine, and report on the machines that are there."""
    batch = lab.client.batch()
    way = {"service_url": batch["url"], "ca_path": batch["ca"], "http_proxy": batch["proxy"]}
    ask = {"extended_pids": ["{{ (read.products | selectattr('channel', 'equalto', 'mak') | first).extended_pid }}"], **way}
    files = {"html_path": "fleet.html", "record_path": "fleet.jsonl", "json_path": "fleet.json", "ledger_csv_path": "ledger.csv"}
    given = {
        **{name: str(folder / file) for name, file in files.items()},
        "ledger_paths": [str(folder / "ledger.jsonl"), str(folder / "other" / "*.jsonl")],
        "maks": "{{ left.maks }}",
        "mak_budgets": {"33333": 10},
        "check": {"probe": False},
        **variables,
    }
    tasks = [
        {"name": "Read", f"{FQCN}.activation_info": {}, "register": "read"},
        {
            "name": "Ask",
            f"{FQCN}.mak_activations_info": ask,
            "delegate_to": "localhost",
            "run_once": True,
            "vars": LOCAL,
            "register": "left",
        },
        {
            "name": "Report",
            "ansible.builtin.import_role": {"name": f"{FQCN}.activation_report"},
            "vars": {f"activation_report_{name}": value for name, value in given.items()},
        },
    ]
    return [{"name": "Report", "hosts": ["SRV-1", "SRV-2", "SRV-3"], "gather_facts": False, "tasks": tasks}]


@dataclass(frozen=True)
class Story:
    """The run of the report, its folder, and what Microsoft has left."""

    run: Results
    folder: Path
    remaining: int

    @property
    def result(self) -> Mapping[str, Any]:
        """The result of the module."""
        (found,) = self.run.run.results(REPORT).values()
        return found


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    folder = lab.folder / "report"
    (folder / "other").mkdir(parents=True)
    ledger = folder / "ledger.jsonl"
    spend = {"mak_client_product_key": MAK, "mak_client_max_activations": 4, "activation_ledger": str(ledger)}
    spent = lab.run(f"{FQCN}.convert_to_mak", {"convert_to_mak_hosts": "windows", **spend})
    assert spent.run.exit_code == 0, spent.output
    lines = ledger.read_text(encoding="ascii").splitlines(keepends=True)
    begun = next(line for line in lines if '"event":"activated"' in line and '"result":"started"' in line and '"GONE"' in line)
    entry = json.loads(begun)
    # Older than an activation can take: a younger one could be of a run that has not ended yet.
    past = (datetime.fromisoformat(entry["time"].replace("Z", "+00:00")) - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    unknown = {**entry, "id": "0123456789abcdef", "inventory_hostname": "NEVER-SEEN", "time": past}
    # The other controller has some of the same requests, one of a killed run, and the end of a full disk.
    (folder / "other" / "b.jsonl").write_text("".join(lines[:6]) + json.dumps(unknown) + "\n" + lines[0][:50], encoding="ascii")
    (key,) = lab.client.batch()["keys"]
    return Story(lab.playbook(book(lab, folder)), folder, int(key["remaining"]))


@pytest.mark.quick
def test_report_counts_the_activations_of_the_ledger_once(story: Story, lab: Lab) -> None:
    assert story.run.run.exit_code == 0, story.run.output
    ledger = story.result["ledger"]
    used = sum(int(key["used"]) for key in lab.client.batch()["keys"])
    assert (ledger["activations_used"], ledger["activations_uncertain"]) == (used, 1) == (4, 1)
    assert (ledger["machine_count"], ledger["uncertain_machines"], ledger["damaged_line_count"]) == (5, ["NEVER-SEEN"], 1)
    assert any("MAK ending in 33333: 4 activations used, 1 not known." in line for line in story.result["lines"])
    assert task_complaints("activation_report", story.result) == []


def test_page_shows_the_ledger_the_budget_and_what_microsoft_has_left(story: Story) -> None:
    html = (story.folder / "fleet.html").read_text(encoding="utf-8")
    assert story.remaining == 16
    assert "4, 1 not known" in html
    assert f">{story.remaining} (20" in html
    assert "4 of a budget of 10" in html
    assert "Ledger: use of each key" in html
    assert "Request without a known result" in html
    assert "other/b.jsonl" in html
    assert "<li>NEVER-SEEN</li>" in html
    assert "convert_to_mak.yml" in html


def test_csv_and_document_agree_with_the_ledger(story: Story) -> None:
    text = (story.folder / "ledger.csv").read_text(encoding="utf-8")
    lines = list(csv.DictReader(io.StringIO(text[1:], newline="")))
    assert len(lines) == story.result["ledger"]["entry_count"]
    used = [line for line in lines if line["activations_used"] == "1"]
    assert sorted(line["inventory_hostname"] for line in used) == ["GONE", "SRV-1", "SRV-2", "SRV-3"]
    assert {(line["event"], line["method"], line["partial_product_key"]) for line in used} == {("activated", "online", "33333")}
    document = json.loads((story.folder / "fleet.json").read_text(encoding="utf-8"))
    assert {entry["id"] for entry in document["ledger"]["newest_entries"]} == {line["id"] for line in lines}
    assert document["remaining_activations"] == {"33333": story.remaining}
    assert list(document["checked_times"]) == ["33333"]
    for name in ("fleet.html", "fleet.json", "ledger.csv", "fleet.jsonl"):
        assert_no_keys((story.folder / name).read_text(encoding="utf-8"), name, [MAK])


def test_missing_ledger_ends_the_run_before_a_machine_is_read(story: Story, lab: Lab, tmp_path: Path) -> None:
    for paths, message in (([str(tmp_path / "none.jsonl")], "do not exist"), ([], "needs activation_report_ledger_paths")):
        given = {"html_path": tmp_path / "a.html", "record_path": tmp_path / "a.jsonl", "ledger_csv_path": tmp_path / "a.csv"}
        variables = {**{f"activation_report_{name}": str(path) for name, path in given.items()}, "activation_report_ledger_paths": paths}
        refused = lab.run(REPORT, variables)
        assert refused.run.exit_code == 2
        assert message in " ".join(refused.output.split())
        assert all(refused.nothing_sent(name) for name in ("SRV-1", "GONE"))
    assert list(tmp_path.iterdir()) == []
    assert story.result["ledger"]
