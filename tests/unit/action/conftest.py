# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ansible-playbook processes against a host on which nothing listens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent

CLOSED = {
    "ansible_connection": "winrm",
    "ansible_host": "127.57.0.1",
    "ansible_port": 1,
    "ansible_user": "LabAdmin",
    "ansible_password": "Lab-Passw0rd!",
    "ansible_winrm_scheme": "http",
    "ansible_winrm_transport": "basic",
}
"""A host that refuses every connection: a task that fails with another word than "refused" has sent nothing."""


@dataclass(frozen=True)
class Play:
    """What one run printed, and the results of its tasks in order."""

    output: str
    results: list[dict[str, Any]]

    def message(self, number: int) -> str:
        """The message of a failed task."""
        found: str = self.results[number]["result"]["msg"]
        return found


Player = Callable[..., Play]


@pytest.fixture(scope="session")
def play(tmp_path_factory: pytest.TempPathFactory) -> Player:
    """Run tasks, each to its end whatever becomes of the others, at -vvvv."""

    def run(*tasks: dict[str, Any], variables: dict[str, Any] | None = None) -> Play:
        folder = tmp_path_factory.mktemp("play")
        patient = [{**task, "ignore_errors": True, "ignore_unreachable": True} for task in tasks]
        playbook = [{"name": "Play", "hosts": "all", "gather_facts": False, "tasks": patient}]
        inventory = {"all": {"hosts": {"w10": {**CLOSED, **(variables or {})}}}}
        (folder / "play.yml").write_text(yaml.safe_dump(playbook, sort_keys=False), encoding="utf-8")
        (folder / "inventory.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
            "ANSIBLE_ACTION_PLUGINS": str(HERE / "action_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "EDGE_RECORD": str(folder / "record"),
        }
        command = [sys.executable, "-m", "ansible", "playbook", "-vvvv", "-i", "inventory.yml", "play.yml"]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120)
        record = folder / "record"
        assert record.exists(), done.stdout + done.stderr
        lines = record.read_text(encoding="utf-8").splitlines()
        return Play(done.stdout + done.stderr, [json.loads(line) for line in lines])

    return run
