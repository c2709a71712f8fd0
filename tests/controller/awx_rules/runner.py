# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one job with ansible-runner, in folders that exist for this job only.

A job has a private data directory, a copy of the project, a home, and a folder for temporary files. All of them are empty at the start and
removed at the end, as is the container of an execution environment. What stays is what the job sent elsewhere.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from awx_rules.credentials import Injection, WriteFile

IDENT = "job"
LONGEST = 300.0
"""Seconds until a job is killed: a guard against a hang."""

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

Watch = Callable[[Sequence[Mapping[str, Any]]], bool]
"""Looks at the events so far, and says whether the job is to be canceled now."""


@dataclass(frozen=True)
class Environment:
    """An execution environment: where its collections are, and the variables of its processes."""

    collections: Path
    project: Path
    env: Mapping[str, str]


@dataclass(frozen=True)
class Job:
    """A job that is ready to start."""

    number: int
    playbook: str
    inventory: Mapping[str, Any]
    extra_vars: Mapping[str, Any]
    trusted: Mapping[str, Any] = field(default_factory=dict)
    """The extra variables of the template. Only they may contain templates of Jinja."""
    credentials: tuple[Callable[[WriteFile], Injection], ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finished:
    """What is left of a job."""

    status: str
    events: tuple[Mapping[str, Any], ...]
    stdout: str
    artifacts: Mapping[str, Any]
    seconds: float

    @cached_property
    def text(self) -> str:
        """All that AWX stores of the output of a job: its events, its standard output, and its artifacts."""
        shown = json.dumps([self.events, self.artifacts], ensure_ascii=False)
        return f"{shown}\n{self.stdout}"

    def results(self, name: str = "event") -> list[Mapping[str, Any]]:
        """Return the data of the events with this name."""
        return [event["event_data"] for event in self.events if event.get("event") == name]

    @property
    def messages(self) -> str:
        """The messages of the tasks that failed, one on a line."""
        names = ("runner_on_failed", "runner_on_unreachable", "runner_item_on_failed")
        found = [entry.get("res", {}).get("msg", "") for name in names for entry in self.results(name)]
        return "\n".join(map(str, found))


class _Unsafe(str):
    """A text in which Ansible must not look for templates."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(_Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


def _marked(value: Any) -> Any:
    if isinstance(value, str):
        return _Unsafe(value)
    if isinstance(value, Mapping):
        return {_marked(name): _marked(entry) for name, entry in value.items()}
    return [_marked(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def variables_file(values: Mapping[str, Any], trusted: Mapping[str, Any]) -> str:
    """Return a file of extra variables. Every text is unsafe, unless the template of the job has the same variable with the same value."""
    lines = {name if trusted.get(name) == value and name in trusted else _Unsafe(name): value for name, value in values.items()}
    return str(
        yaml.dump(
            {name: _marked(value) if isinstance(name, _Unsafe) else value for name, value in lines.items()},
            Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000,
        )
    )  # fmt: skip


def arguments(fields: Mapping[str, Any]) -> list[str]:
    """Return the arguments of ansible-playbook for the fields of a job."""
    found = ["--check"] if fields.get("job_type") == "check" else []
    found += ["--diff"] if fields.get("diff_mode") else []
    found += [f"--forks={fields['forks']}"] if fields.get("forks") else []
    found += ["-l", str(fields["limit"])] if fields.get("limit") else []
    found += ["-" + "v" * min(5, int(fields["verbosity"]))] if fields.get("verbosity") else []
    found += ["-t", str(fields["job_tags"])] if fields.get("job_tags") else []
    found += [f"--skip-tags={fields['skip_tags']}"] if fields.get("skip_tags") else []
    return found


def _write(path: Path, text: str, mode: int = stat.S_IRUSR | stat.S_IWUSR) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def prepare(folder: Path, job: Job, environment: Environment) -> None:
    """Write the private data directory of a job."""
    shutil.copytree(environment.project, folder / "project")
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    listing = json.dumps(job.inventory)
    _write(folder / "inventory" / "hosts", f"#!/bin/sh\ncat <<'END_OF_LISTING'\n{listing}\nEND_OF_LISTING\n", stat.S_IRWXU)
    line = arguments(job.fields)
    env: dict[str, str] = {}
    passwords: dict[str, str] = {}
    for number, credential in enumerate(job.credentials):

        def keep(label: str, content: str, number: int = number) -> str:
            _write(folder / "env" / f"file-{number}-{label}", content)
            return str(folder / "env" / f"file-{number}-{label}")

        injection = credential(keep)
        line += injection.arguments
        env.update(injection.env)
        passwords.update(injection.passwords)
        if injection.extra_vars:
            line += ["-e", "@" + keep("variables", variables_file(injection.extra_vars, {}))]
    _write(folder / "env" / "cmdline", shlex.join(line))
    _write(folder / "env" / "extravars", variables_file(job.extra_vars, job.trusted))
    _write(folder / "env" / "envvars", json.dumps({**own_environment(folder, job, environment), **env}))
    _write(folder / "env" / "passwords", json.dumps(passwords))


def own_environment(folder: Path, job: Job, environment: Environment) -> dict[str, str]:
    """Return the variables that AWX sets for each job, and the folders of this one."""
    return {
        "ANSIBLE_COLLECTIONS_PATH": str(environment.collections),
        "ANSIBLE_FORCE_COLOR": "True",
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "AWX_PRIVATE_DATA_DIR": str(folder),
        "HOME": str(folder / "home"),
        "JOB_ID": str(job.number),
        "TMPDIR": str(folder / "tmp"),
    }


def _read_events(folder: Path) -> tuple[Mapping[str, Any], ...]:
    # The file of an event that is not complete has another name.
    paths = (folder / "artifacts" / IDENT / "job_events").glob("*.json")
    found = [json.loads(path.read_text(encoding="utf-8")) for path in paths if not path.name.endswith("-partial.json")]
    return tuple(sorted(found, key=lambda event: int(event["counter"])))


def _wait(process: subprocess.Popen[bytes], folder: Path, watch: Watch | None) -> None:
    end = time.monotonic() + LONGEST
    while process.poll() is None and time.monotonic() < end:
        if watch and watch(_read_events(folder)):
            # AWX stops ansible-runner by SIGTERM, which kills the process group of ansible-playbook.
            process.terminate()
            watch = None
        time.sleep(0.05)
    if process.poll() is None:
        process.kill()
        process.wait()


def _artifacts(events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    stats = [event["event_data"] for event in events if event.get("event") == "playbook_on_stats"]
    return dict(stats[-1].get("artifact_data") or {}) if stats else {}


def run(job: Job, environment: Environment, watch: Watch | None = None) -> Finished:
    """Run a job to its end, and remove its folders."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="awx-"))
    try:
        prepare(folder, job, environment)
        command = [sys.executable, "-m", "ansible_runner", "run", str(folder), "-p", job.playbook, "-i", IDENT, "-q"]
        with (
            (folder / "runner.log").open("wb") as log,
            subprocess.Popen(command, env=dict(environment.env), stdin=subprocess.DEVNULL, stdout=log, stderr=log) as process,
        ):
            _wait(process, folder, watch)
        kept = folder / "artifacts" / IDENT
        if not (kept / "status").exists():
            raise RuntimeError((folder / "runner.log").read_text(encoding="utf-8"))
        events = _read_events(folder)
        status = (kept / "status").read_text(encoding="utf-8")
        # With \r\n of the terminal, and in the colors that AWX forces.
        stdout = _ANSI.sub("", (kept / "stdout").read_text(encoding="utf-8").replace("\r\n", "\n"))
        return Finished(status, events, stdout, _artifacts(events), time.monotonic() - began)
    finally:
        shutil.rmtree(folder)


def clean_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of an environment without settings of Ansible, and without the folders of the user."""
    dropped = ("ANSIBLE_", "AWX_", "TMPDIR", "XDG_", "PYTEST_")
    return {**{name: value for name, value in env.items() if not name.startswith(dropped)}, "PATH": _path(env)}


def _path(env: Mapping[str, str]) -> str:
    return f"{Path(sys.executable).parent}{os.pathsep}{env.get('PATH', os.defpath)}"
