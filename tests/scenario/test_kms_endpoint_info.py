# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kms_endpoint_info against the lab: whatever listens there is found out, and nobody is counted for being asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from .documented import task_complaints
from .harness import FQCN, Lab, Results

ESTATE = "kms_endpoint.yml"
PORTS = {"KMS01": 1688, "KMS02": 1689, "DEAD": 1688, "CLIENT": 1688, "HTTP": 1688, "SILENT": 1688, "RPC": 1688}
EXPECTED = {
    "KMS01": "available",
    "KMS02": "available",
    "DEAD": "connection_refused",
    "CLIENT": "connection_refused",
    "HTTP": "not_kms",
    "SILENT": "timeout",
    "RPC": "not_kms",
}


def counts(lab: Lab) -> list[Any]:
    """What the KMS hosts have counted and been asked."""
    return [lab.client.machine(name)["kms_host"] for name in ("KMS01", "KMS02")]


def ask(lab: Lab, endpoints: list[str], **keywords: Any) -> Results:
    """Run the module where the playbook runs."""
    task = {"name": "Ask", f"{FQCN}.kms_endpoint_info": {"endpoints": endpoints, "probe_timeout": 2}}
    return lab.playbook([{"name": "Ask", "hosts": "localhost", "connection": "local", "gather_facts": False, **keywords, "tasks": [task]}])


@dataclass(frozen=True)
class Asked:
    """The result of the task, what each machine served for it, and whether a KMS host counted something."""

    result: Mapping[str, Any]
    costs: Mapping[str, Mapping[str, Any]]
    counted: bool


@pytest.fixture(scope="module")
def asked(lab: Lab) -> Asked:
    """The module asks every kind of listener."""
    for name, what in {"HTTP": "http", "SILENT": "silent", "RPC": "other_rpc"}.items():
        lab.client.set_fault(name, "kms_port_speaks", what=what)
    lab.client.crash("DEAD")
    before = counts(lab)
    results = ask(lab, [f"{lab.address(name)}:{port}" for name, port in PORTS.items()])
    return Asked(results["localhost"], results.costs, before != counts(lab))


@pytest.fixture
def found(asked: Asked) -> dict[str, dict[str, Any]]:
    """What was found, by machine."""
    return dict(zip(PORTS, asked.result["endpoints"], strict=True))


@pytest.mark.quick
@pytest.mark.smoke
def test_every_listener_is_told_from_a_kms_host(asked: Asked, found: dict[str, dict[str, Any]]) -> None:
    assert (asked.result["status"], asked.result["changed"]) == ("ok", False)
    assert {name: one["status"] for name, one in found.items()} == EXPECTED
    assert {name for name, one in found.items() if one["is_kms_host"]} == {"KMS01", "KMS02"}


def test_no_kms_host_counts_the_machine_that_asks(asked: Asked) -> None:
    assert asked.counted is False
    assert {name: (asked.costs[name]["kms_binds"], asked.costs[name]["kms_requests"]) for name in PORTS} == {
        name: (int(status in ("available", "not_kms") and name != "HTTP"), 0) for name, status in EXPECTED.items()
    }


def test_the_result_is_the_documented_one(asked: Asked) -> None:
    assert task_complaints("kms_endpoint_info", asked.result) == []


@pytest.mark.parametrize(
    ("name", "words"), [("DEAD", "sppsvc"), ("HTTP", "port"), ("SILENT", "@FirewallAPI.dll,-28002"), ("RPC", "program")]
)
def test_what_is_wrong_comes_with_a_next_step(found: dict[str, dict[str, Any]], name: str, words: str) -> None:
    assert words in " ".join(found[name]["next_steps"])


def test_a_host_that_was_switched_on_again_answers(lab: Lab, found: dict[str, dict[str, Any]]) -> None:
    assert found["DEAD"]["status"] == "connection_refused"
    lab.client.power_on("DEAD")
    assert ask(lab, [lab.address("DEAD")], check_mode=True)["localhost"]["endpoints"][0]["is_kms_host"] is True


def test_a_wrong_endpoint_fails_before_anything_is_sent(lab: Lab) -> None:
    refused = ask(lab, [lab.address("KMS01"), "kms1:0"])["localhost"]
    assert refused["status"] == "failed"
    assert refused["msg"].startswith(
        "kms_endpoint_info: Nothing was sent: endpoints: 'kms1:0' has no port from 1 to 65535 after the colon. "
    )


def test_a_task_on_windows_is_told_to_delegate_and_localhost_which_settings_it_inherited(lab: Lab, tmp_path: Path) -> None:
    """A localhost in the group of the Windows machines has their connection."""
    beside = tmp_path / "localhost.yml"
    beside.write_text(yaml.safe_dump({"windows": {"hosts": {"localhost": {}}, "vars": {"ansible_connection": "winrm"}}}), encoding="utf-8")
    task = {f"{FQCN}.kms_endpoint_info": {"endpoints": [f"{lab.address('KMS01')}:1688"]}}
    local = {"ansible_connection": "local", "ansible_shell_type": "sh", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    tasks = [
        {"name": "On Windows", **task, "ignore_errors": True},
        {"name": "Delegated", **task, "delegate_to": "localhost", "ignore_errors": True},
        {"name": "Delegated with the settings", **task, "delegate_to": "localhost", "vars": local},
    ]
    book = tmp_path / "windows.yml"
    book.write_text(yaml.safe_dump([{"hosts": "CLIENT", "gather_facts": False, "tasks": tasks}], sort_keys=False), encoding="utf-8")
    done = lab.run(book, options=("-i", str(beside)))
    refused, inherited, asked = (task.hosts["CLIENT"] for task in done.run.tasks)
    assert refused["msg"].startswith(
        "CLIENT: kms_endpoint_info does not run on Windows, and the connection is winrm. Add delegate_to: localhost"
    )
    assert inherited["msg"].startswith(
        "localhost: kms_endpoint_info does not run on Windows, and the connection is winrm. If localhost is the "
    )
    assert asked["endpoints"][0]["is_kms_host"] is True
    assert done.nothing_sent("CLIENT")
