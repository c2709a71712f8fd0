# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine of the inventory that keeps files, and jobs that share nothing else: each has an empty home directory, as in a new container.

Ansible reaches the machine with its ssh plugin. The client of SSH is a script that runs the command on this computer with the home
directory of the machine, so that no test needs a server of SSH.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .harness import Lab, Results

NAME = "files01"
_CLIENT = """#!/bin/sh
echo "$@" >> {log}
if [ -e {off} ]; then echo "ssh: connect to host files01 port 22: No route to host" >&2; exit 255; fi
for command; do :; done
HOME={home}; export HOME
[ "$(wc -l < {log})" = "$(cat {turn} 2>/dev/null)" ] && cp {other} "$(cat {target})"
cd "$HOME" && exec /bin/sh -c "$command"
"""


@dataclass
class Keeper:
    """The machine: its home directory, and the jobs that use it."""

    folder: Path
    _jobs: int = field(default=0, init=False)

    @property
    def home(self) -> Path:
        """The home directory of the user on the machine."""
        return self.folder / "home"

    @property
    def requests(self) -> int:
        """How often a command was run on the machine."""
        log = self.folder / "log"
        return len(log.read_text(encoding="utf-8").splitlines()) if log.exists() else 0

    def switch(self, *, off: bool) -> None:
        """Take the machine off the network, or put it back."""
        if off:
            (self.folder / "off").touch()
        else:
            (self.folder / "off").unlink()

    def interfere(self, request: int, target: Path, text: str) -> None:
        """Let somebody else write a file just before a request, the first of which is 1."""
        (self.folder / "turn").write_text(f"{request}\n", encoding="utf-8")
        (self.folder / "target").write_text(str(target), encoding="utf-8")
        (self.folder / "other").write_text(text, encoding="utf-8")

    def variables(self) -> dict[str, Any]:
        """The connection variables of the machine."""
        client = self.folder / "ssh"
        if not client.exists():
            self.home.mkdir()
            names = {name: self.folder / name for name in ("log", "off", "home", "turn", "other", "target")}
            client.write_text(_CLIENT.format(**names), encoding="utf-8")
            client.chmod(0o700)
        return {"ansible_connection": "ssh", "ansible_ssh_executable": str(client), "ansible_host": "127.0.0.1"}

    def inventory(self) -> Path:
        """An inventory with the machine alone."""
        path = self.folder / "files.json"
        path.write_text(json.dumps({"all": {"hosts": {NAME: self.variables()}}}), encoding="utf-8")
        return path

    def job(self, lab: Lab, book: str, variables: Mapping[str, Any], *options: str, warnings: tuple[str, ...] = ()) -> Results:
        """Run a playbook in an environment of its own. Nothing is left of its copies."""
        self._jobs += 1
        container = self.folder / f"container{self._jobs}"
        container.mkdir()
        env = {"HOME": str(container), "ANSIBLE_HOME": str(container / "ansible"), "ANSIBLE_LOCAL_TEMP": str(container / "tmp")}
        done = lab.run(book, variables, options=("-i", str(self.inventory()), *options), env=env, expected_warnings=warnings)
        assert list((container / "tmp").glob("*")) == []
        assert str(container) not in done.output
        return done


def reported(results: Results) -> tuple[str | None, str | None]:
    """The file and its machine in the outcome that a job publishes for the next nodes of a workflow."""
    stats = [result.get("ansible_stats", {}).get("data", {}) for task in results.run.tasks for result in task.hosts.values()]
    outcomes = [value for data in stats for name, value in data.items() if name.endswith("_outcome") and value.get("summary")]
    return outcomes[-1]["report_file"], outcomes[-1]["file_host"]
