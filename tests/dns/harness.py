# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook with tasks of the DNS modules: some one after the other, or one for many at the same time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from explained import assert_failures_explained
from playbook import Run, run_playbook
from server_process import LOOPBACK

from .servers.base import KEY_NAME, KEY_SECRET, NameServer

FQCN = "winops.volume_activation"
MODULE = f"{FQCN}.kms_srv_record"
INFO = f"{FQCN}.kms_srv_record_info"
FIRST = "first"
"""The host of a run whose tasks go one after the other."""

Options = Mapping[str, Any]
Result = Mapping[str, Any]

_NOISE = re.compile(r"\[DEPRECATION WARNING\]|\[WARNING\]|Traceback \(most recent call last\)", re.IGNORECASE)


@dataclass(frozen=True)
class Task:
    """One task: the module's options, and what else stands in the task, such as check_mode or environment."""

    options: Options
    keywords: Options = field(default_factory=dict)
    module: str = MODULE

    def written(self) -> dict[str, Any]:
        """The task in a playbook. It may fail: what it says is what the tests look at."""
        return {"name": "Do it", self.module: dict(self.options), **self.keywords, "ignore_errors": True}


class Ansible:
    """Runs playbooks on this computer, as a person would; every run leaves its files in the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs = 0
        self.output = ""
        """What the last run printed."""

    def tasks(self, *tasks: Task, verbosity: int = 0, warnings: bool = False, variables: Options | None = None) -> list[Result]:
        """Run tasks in order and return their results. Secrets belong into variables: Ansible prints the lines of a failed task."""
        play = {"hosts": FIRST, "gather_facts": False, "tasks": [task.written() for task in tasks]}
        if variables:
            play["vars_files"] = [str(self._folder / "variables.yml")]
            (self._folder / "variables.yml").write_text(yaml.safe_dump(dict(variables)), encoding="utf-8")
        run = self._run([FIRST], [play], 1, verbosity, warnings)
        return [task.hosts[FIRST] for task in run.tasks]

    def task(self, options: Options, **keywords: Any) -> Result:
        """Run one task and return its result."""
        (result,) = self.tasks(Task(options, keywords))
        return result

    def at_once(self, tasks: Mapping[str, Task], *, forks: int) -> dict[str, Result]:
        """Run tasks by name, so many at the same time, each in a process of its own."""
        together: dict[str, list[str]] = {}
        for name, task in tasks.items():
            together.setdefault(yaml.safe_dump(dict(task.keywords), sort_keys=True) + task.module, []).append(name)
        book = []
        for names in together.values():
            first = tasks[names[0]]
            given = sorted({option for name in names for option in tasks[name].options})
            options = {option: f"{{{{ wishes[inventory_hostname].{option} | default(omit) }}}}" for option in given}
            wishes = {name: dict(tasks[name].options) for name in names}
            written = Task(options, first.keywords, first.module).written()
            book.append({"hosts": names, "gather_facts": False, "vars": {"wishes": wishes}, "tasks": [written]})
        run = self._run(list(tasks), book, forks)
        return {name: result for task in run.tasks for name, result in task.hosts.items()}

    def _run(self, hosts: Sequence[str], plays: Sequence[dict[str, Any]], forks: int, verbosity: int = 0, warnings: bool = False) -> Run:
        self._runs += 1
        here = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        inventory = {"all": {"hosts": dict.fromkeys(hosts), "vars": here}}
        files = [self._folder / f"{kind}{self._runs:02d}" for kind in ("inventory", "book", "record", "output")]
        written, book, record, output = (path.with_suffix(".json" if path.name[0] == "r" else ".yml") for path in files)
        written.write_text(yaml.safe_dump(inventory), encoding="utf-8")
        book.write_text(yaml.safe_dump(list(plays), sort_keys=False), encoding="utf-8")
        env = {
            "ANSIBLE_FORKS": str(forks),
            "ANSIBLE_VERBOSITY": str(verbosity),
            # Files of modules are for this run alone, so that the tests leave nothing at home.
            "ANSIBLE_REMOTE_TEMP": str(self._folder / "remote"),
        }
        with output.open("w", encoding="utf-8") as stream:
            run = run_playbook(book, written, record, output=stream, env=env)
        self.output = output.read_text(encoding="utf-8")
        if not warnings:
            noise = _NOISE.search(self.output)
            assert not noise, self.output[max(0, noise.start() - 300) :][:2000]
        for task in run.tasks:
            assert_failures_explained(task.action, task.hosts)
        return run


def by_tsig(at: NameServer, domain: str, *hosts: str | Options, **more: Any) -> dict[str, Any]:
    """Options for the records of some hosts, given by name or whole, with the key every server here knows."""
    return unsigned(at, domain, *hosts, **{"authentication": "tsig", "key_name": KEY_NAME, "key_secret": KEY_SECRET, **more})


def unsigned(at: NameServer, domain: str, *hosts: str | Options, **more: Any) -> dict[str, Any]:
    """The same without a signature."""
    records = [{"host": host} if isinstance(host, str) else dict(host) for host in hosts]
    return {"domains": [domain], "records": records, "dns_server": LOOPBACK, "dns_port": at.port, **more}


def by_kerberos(at: NameServer, domain: str, *hosts: str | Options, service: str, **more: Any) -> dict[str, Any]:
    """The same with GSS-TSIG; `service` is the Kerberos name of the server, as its address says nothing about it."""
    return unsigned(at, domain, *hosts, authentication="gss_tsig", server_principal=service, **more)


def only(result: Result) -> Result:
    """What a result says of its only domain."""
    (domain,) = result["domains"]
    return dict(domain)


def error(result: Result) -> Result:
    """The error of a failed task with one domain; the message tells it in short."""
    assert result["status"] == "failed", result
    told = dict(only(result)["error"])
    short = (only(result)["domain"], told["code"], told["meaning"], told["next_steps"][0])
    assert all(part in result["msg"] for part in short), (short, result["msg"])
    return told


def published(state: Result) -> dict[str, tuple[int, int, int]]:
    """Records of `before` or `after`: host to priority, weight, port."""
    return {record["host"].lower(): (record["priority"], record["weight"], record["port"]) for record in state["records"]}
