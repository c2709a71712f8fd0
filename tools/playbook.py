# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-playbook against a lab and return its results, for demo and bench."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from project import ROOT, ToolError, environment

PROGRAMS = Path(sys.executable).parent
"""The programs of the running Python: `make matrix` runs the same tests with several versions of ansible-core."""

FINISHED = (0, 2, 4, 6)
"""Exit codes of a complete run: success, failed machines, unreachable machines, both."""


LINES_SHOWN = 15
"""Lines of the output file that the message about an incomplete run contains."""


@dataclass(frozen=True)
class TaskRecord:
    """One task on all machines. `seconds` is the time from its start to the result of the last machine."""

    name: str
    action: str
    seconds: float
    hosts: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Run:
    """One run of ansible-playbook."""

    exit_code: int
    seconds: float
    peak_rss_mib: float
    cpu_seconds: float
    """User and system time of ansible-playbook and its child processes."""
    tasks: Sequence[TaskRecord] = field(default_factory=tuple)
    artifacts: Mapping[str, Any] = field(default_factory=dict)
    """What the run published for all machines with `set_stats`: the artifacts of a job of AWX."""

    def results(self, action: str) -> dict[str, Mapping[str, Any]]:
        """Return the results of a module by machine. `action` is its full name."""
        return {host: result for task in self.tasks if task.action == action for host, result in task.hosts.items()}

    def changed_hosts(self) -> int:
        """Return the number of machines on which a task changed something."""
        return len({host for task in self.tasks for host, result in task.hosts.items() if result.get("changed")})


@dataclass(frozen=True)
class Ended:
    """The exit code of a process of ansible-playbook, and the resources that it and its child processes used."""

    exit_code: int
    peak_rss_mib: float
    cpu_seconds: float


Start = Callable[[Sequence[str], Mapping[str, str], IO[str] | None], Ended]
"""A function that runs a command with an environment and an output file, in the checkout. Without a file, the terminal shows the output."""


def new_process(command: Sequence[str], settings: Mapping[str, str], output: IO[str] | None) -> Ended:
    """Run a command in a new process."""
    # A separate session, because ansible-playbook prints stack traces after Ctrl+C. Only this process gets Ctrl+C, and kills it.
    with subprocess.Popen(
        command, cwd=ROOT, env=settings, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
    ) as process:
        try:
            # wait4 returns the peak of this process and its child processes only.
            _, status, usage = os.wait4(process.pid, 0)
        except KeyboardInterrupt:
            process.kill()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
    return Ended(process.returncode, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def run_playbook(
    playbook: str | Path,
    inventory: Path,
    record: Path,
    *,
    variables: Mapping[str, Any] | None = None,
    variables_file: Path | None = None,
    options: Sequence[str] = (),
    output: IO[str] | None = None,
    env: Mapping[str, str] | None = None,
    start: Start = new_process,
) -> Run:
    """Run a playbook. Without `output`, the terminal shows its output.

    Raises ToolError if the run was not complete, for example because of a syntax error, but not for failed machines.
    """
    record.parent.mkdir(parents=True, exist_ok=True)
    record.unlink(missing_ok=True)
    command = [str(PROGRAMS / "ansible-playbook"), "-i", str(inventory), *options, str(playbook)]
    if variables:
        command += ["--extra-vars", json.dumps(dict(variables))]
    if variables_file:
        command += ["--extra-vars", f"@{variables_file}"]
    callbacks = {"ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tools" / "callback_plugins"), "ANSIBLE_CALLBACKS_ENABLED": "recorder"}
    settings = environment(**{**callbacks, "WINOPS_RECORD": str(record), **(env or {})})
    settings["PATH"] = f"{PROGRAMS}{os.pathsep}{settings['PATH']}"
    if output is None and sys.stdout.isatty():
        settings.setdefault("ANSIBLE_FORCE_COLOR", "1")
    sys.stdout.flush()
    began = time.monotonic()
    ended = start(command, settings, output)
    seconds = time.monotonic() - began
    if ended.exit_code not in FINISHED or not record.exists():
        raise ToolError(f"exit code {ended.exit_code} from: {' '.join(command)}{_last_words(output)}")
    tasks, artifacts = read_record(record)
    return Run(ended.exit_code, seconds, ended.peak_rss_mib, ended.cpu_seconds, tuple(tasks), artifacts)


def _last_words(output: IO[str] | None) -> str:
    """Return the last lines of the output file of a run."""
    if output is None or not isinstance(output.name, str):
        return ""
    output.flush()
    lines = Path(output.name).read_text(encoding="utf-8", errors="replace").splitlines()[-LINES_SHOWN:]
    return "".join(f"\n  {line}" for line in (f"The end of {output.name}:", *lines)) if lines else ""


def read_record(record: Path) -> tuple[list[TaskRecord], dict[str, Any]]:
    """Return the tasks and the artifacts of a run from the file of the callback plugin."""
    found = json.loads(record.read_text(encoding="utf-8"))
    tasks = [TaskRecord(task["name"], task["action"], max(0.0, task["ended"] - task["began"]), task["hosts"]) for task in found["tasks"]]
    return tasks, dict(found["artifacts"])
