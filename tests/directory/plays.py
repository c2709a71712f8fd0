# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays against a forest of Samba, each in a process of its own, at -vvvv."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from samba_directory import SambaDirectory

_CALLBACKS = Path(__file__).parents[1] / "unit" / "action" / "callback_plugins"
FQCN = "winops.volume_activation"


@dataclass(frozen=True)
class Played:
    """What a play printed, and the results of its tasks in order."""

    output: str
    results: list[dict[str, Any]]


def logon(forest: SambaDirectory, user: str, **options: Any) -> dict[str, Any]:
    """The options of a simple bind in TLS, which needs no library; `options` replace or add some."""
    simple = {
        "server": forest.server,
        "address": forest.address,
        "authentication": "simple",
        "principal": forest.principal(user),
        "password": forest.password,
        "ca_file": str(forest.ca_file),
    }
    return {**simple, **options}


def play(forest: SambaDirectory, folder: Path, *tasks: dict[str, Any], check: bool = False, diff: bool = False) -> Played:
    """Run tasks on localhost, each to its end whatever becomes of the others."""
    folder.mkdir(parents=True, exist_ok=True)
    patient = [{**task, "ignore_errors": True} for task in tasks]
    playbook = [{"name": "Play", "hosts": "localhost", "gather_facts": False, "tasks": patient}]
    (folder / "play.yml").write_text(yaml.safe_dump(playbook, sort_keys=False), encoding="utf-8")
    record = folder / "record"
    record.unlink(missing_ok=True)
    environment = {
        **{name: value for name, value in forest.environment.items() if not name.startswith("ANSIBLE_")},
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_CALLBACK_PLUGINS": str(_CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "record",
        "EDGE_RECORD": str(record),
        "KRB5CCNAME": os.environ.get("KRB5CCNAME", f"FILE:{folder}/no-cache"),
    }
    flags = [*(["--check"] if check else []), *(["--diff"] if diff else [])]
    command = [sys.executable, "-m", "ansible", "playbook", "-vvvv", *flags, "play.yml"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=180)
    assert record.exists(), done.stdout + done.stderr
    lines = record.read_text(encoding="utf-8").splitlines()
    return Played(done.stdout + done.stderr, [json.loads(line)["result"] for line in lines])
