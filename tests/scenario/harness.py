# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook against a lab: one run per question, many machines per run.

Every run is checked for warnings and deprecations, which no run may print unless the test says which it expects, and for tasks of
this collection that end badly without an explanation.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from explained import assert_failures_explained
from key_gate import assert_no_keys, known_keys
from playbook import Run, Start, new_process, run_playbook
from project import ToolError
from stale import WORDS
from winlab.client import LabClient

FQCN = "winops.volume_activation"
_NOISE = re.compile(r"\[DEPRECATION WARNING\]|Traceback \(most recent call last\)", re.IGNORECASE)

LAB_DNS = {"kms_client_dns_server": "{{ winlab_dns_server }}", "kms_client_dns_port": "{{ winlab_dns_port }}"}
"""For the role kms_client: the names of the lab's KMS hosts are known to its own server only."""

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Results(Mapping[str, Mapping[str, Any]]):
    """What one task said on each machine, what the run printed, and what each machine had to serve for it."""

    by_host: Mapping[str, Mapping[str, Any]]
    output: str
    costs: Mapping[str, Mapping[str, Any]]
    run: Run

    def __getitem__(self, host: str) -> Mapping[str, Any]:
        return self.by_host[host]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_host)

    def __len__(self) -> int:
        return len(self.by_host)

    def calls(self, host: str, method: str) -> int:
        """How often a method was invoked on a machine."""
        return int(self.costs[host]["operations"].get(f"Invoke:{method}", 0))

    def writes(self, host: str) -> int:
        """Invocations of methods that change state."""
        return int(self.costs[host]["writes"])

    def requests(self, host: str) -> int:
        """WS-Management requests after authentication."""
        return int(self.costs[host]["requests"])

    def nothing_sent(self, host: str) -> bool:
        """Not even a connection was opened."""
        cost = self.costs[host]
        return not (cost["requests"] or cost["auth_requests"] or cost["tcp_connections"])


@dataclass
class Lab:
    """A running lab and the folder for what the runs against it leave."""

    client: LabClient
    inventory: Path
    folder: Path
    start: Start = new_process
    """How ansible-playbook is started, see `warm.py`."""
    _runs: int = field(default=0, init=False)

    @cached_property
    def _known(self) -> dict[str, Any]:
        """The inventory, which stays as it is while the lab runs."""
        text = self.inventory.read_text(encoding="utf-8")
        return dict(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["all"])

    def address(self, name: str) -> str:
        """The address a machine listens on."""
        return str(self.host_variables(name)["ansible_host"])

    def host_variables(self, name: str) -> dict[str, Any]:
        """What the inventory says about a machine."""
        return dict(self._known["children"]["windows"]["hosts"][name])

    def names(self, tag: str | None = None) -> list[str]:
        """The machines of the estate, or those with a tag."""
        return [machine["name"] for machine in self.client.machines() if tag is None or tag in machine["tags"]]

    def probe_defaults(self) -> dict[str, dict[str, str]]:
        """How to reach the simulated KMS hosts, which are where no probe goes by itself, under names that only the lab's server knows."""
        networks = {"probe_networks": "{{ winlab_probe_networks }}"}
        has_dns = "winlab_dns_server" in self._known["vars"]
        server = {"dns_server": "{{ winlab_dns_server }}", "dns_port": "{{ winlab_dns_port }}"} if has_dns else {}
        return {f"{FQCN}.activation_check": networks, f"{FQCN}.kms_client": {**networks, **server}}

    def each(self, module: str, wishes: Mapping[str, Options], **settings: Any) -> Results:
        """Run a module on several machines at once, each with its own options."""
        return self.play(
            list(wishes), module_task(module, wishes), {"wishes": {host: dict(wish) for host, wish in wishes.items()}}, **settings
        )

    def one_by_one(self, hosts: list[str], wishes: Iterable[tuple[str, Options]], **settings: Any) -> tuple[Results, list[Results]]:
        """Run modules in turn on the same machines, whatever becomes of each; what they cost is known for all of them together."""
        given = [(module, dict(options)) for module, options in wishes]
        tasks = [
            {f"{FQCN}.{module}": {name: f"{{{{ wishes[{place}][1].{name} }}}}" for name in options}, "ignore_errors": True}
            for place, (module, options) in enumerate(given)
        ]
        play = {"name": "Scenario", "hosts": hosts, "gather_facts": False, "tasks": tasks}
        whole = self.playbook([play], {"wishes": [list(wish) for wish in given]}, **settings)
        return whole, [replace(whole, by_host=task.hosts) for task in whole.run.tasks]

    def thrice(self, module: str, wishes: Mapping[str, Options], **settings: Any) -> tuple[Results, Results, Results]:
        """Check mode, the run, and a second run that should find nothing to do; the first two with their diffs."""
        forecast = self.each(module, wishes, keywords={"check_mode": True, "diff": True}, **settings)
        return forecast, self.each(module, wishes, keywords={"diff": True}, **settings), self.each(module, wishes, **settings)

    def all(self, module: str, hosts: Iterable[str], settings: Mapping[str, Any] | None = None, **options: Any) -> Results:
        """Run a module on several machines with the same options; `settings` are those of :meth:`play`."""
        return self.each(module, dict.fromkeys(hosts, options), **(settings or {}))

    def play(
        self,
        hosts: list[str],
        task: Mapping[str, Any],
        variables: Mapping[str, Any] | None = None,
        *,
        keywords: Mapping[str, Any] | None = None,
        verbosity: int = 0,
        expected_warnings: tuple[str, ...] = (),
        env: Mapping[str, str] | None = None,
    ) -> Results:
        """Run one task on some machines; `keywords` are those of the play."""
        play = {"name": "Scenario", "hosts": hosts, "gather_facts": False, **(keywords or {}), "tasks": [{"name": "Do it", **task}]}
        return self.playbook([play], variables, verbosity=verbosity, expected_warnings=expected_warnings, env=env)

    def playbook(
        self,
        plays: list[dict[str, Any]],
        variables: Mapping[str, Any] | None = None,
        *,
        verbosity: int = 0,
        expected_warnings: tuple[str, ...] = (),
        env: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Results:
        """Run plays in order; the results are those of each machine's last task.

        The variables lie in a file of their own, as keys should: Ansible prints lines of the playbook around a failed task. Only `extra`
        are extra variables.
        """
        number = f"{self._runs + 1:02d}"
        book, values = self.folder / f"run{number}.yml", self.folder / f"variables{number}.json"
        # Ansible reads it once for each machine, and JSON in a tenth of the time.
        values.write_text(json.dumps(dict(variables or {}), ensure_ascii=False), encoding="utf-8")
        plays = [{"module_defaults": self.probe_defaults(), **play, "vars_files": [str(values)]} for play in plays]
        book.write_text(yaml.safe_dump(plays, sort_keys=False, allow_unicode=True), encoding="utf-8")
        return self.run(book, extra, verbosity=verbosity, expected_warnings=expected_warnings, env=env)

    def run(
        self,
        book: str | Path,
        variables: Mapping[str, Any] | None = None,
        *,
        options: tuple[str, ...] = (),
        verbosity: int = 0,
        expected_warnings: tuple[str, ...] = (),
        env: Mapping[str, str] | None = None,
    ) -> Results:
        """Run a playbook file or a playbook of the collection by its full name; `options` are those of the command line."""
        self._runs += 1
        self.client.reset_counters()
        output = self.folder / f"output{self._runs:02d}.txt"
        settings = {**({"ANSIBLE_VERBOSITY": str(verbosity)} if verbosity else {}), **(env or {})}
        with output.open("w", encoding="utf-8") as stream:
            record = self.folder / f"record{self._runs:02d}.json"
            # With settings of its own a run starts for real, also when it is the first one.
            start = new_process if settings else self.start
            run = run_playbook(book, self.inventory, record, variables=variables, options=options, output=stream, env=settings, start=start)
        text = output.read_text(encoding="utf-8")
        # What an earlier job published is no result of this one. With more verbosity Ansible shows its own command line.
        assert verbosity or WORDS not in text
        if isinstance(book, str) and book.startswith(f"{FQCN}."):
            check_artifact(book.removeprefix(f"{FQCN}."), run)
        results = {host: result for task in run.tasks for host, result in task.hosts.items()}
        check_noise(text, results, expected_warnings, losses_in(run))
        for task in run.tasks:
            assert_failures_explained(task.action, task.hosts)
        return Results(results, text, self.client.counters(), run)

    def refused(self, book: str, variables: Mapping[str, Any] | None = None, *, options: tuple[str, ...] = ()) -> str:
        """The line of a run that ends before its first play. It is one line for people, and no machine was sent anything."""
        self.client.reset_counters()
        output, record = self.folder / "refused.txt", self.folder / "refused.json"
        with output.open("w", encoding="utf-8") as stream:
            try:
                run_playbook(book, self.inventory, record, variables=variables, options=options, output=stream, start=self.start)
            except ToolError:
                pass
            else:
                raise AssertionError(output.read_text(encoding="utf-8"))
        text = output.read_text(encoding="utf-8")
        check_noise(text, {}, ())
        assert not any(cost["tcp_connections"] for cost in self.client.counters().values())
        (line,) = re.findall(r"(?:\[ERROR\]: |ERROR! )(.*)", text)
        return str(line)


ARTIFACT = ["playbook", "outcome", "counts", "failed", "summary", "report_file", "file_host"]
GREEN = {"ok", "nothing_to_do", "planned", "incomplete"}


def check_artifact(playbook: str, run: Run) -> None:
    """Every run of a playbook has one artifact in less than 4 KiB, whose outcome says whether the run failed."""
    ((name, found),) = run.artifacts.items()
    assert re.fullmatch(rf"{playbook}_outcome(_[0-9]+)?", name), name
    assert list(found) == ARTIFACT
    assert found["playbook"] == playbook
    assert len(json.dumps(run.artifacts)) < 4096
    assert_no_keys(json.dumps(run.artifacts, ensure_ascii=False))
    assert (found["outcome"] in GREEN) == (run.exit_code == 0), found


def report_rows(results: Results) -> dict[str, Mapping[str, Any]]:
    """The rows of the report that a playbook published at its end, by machine."""
    facts = [result.get("ansible_facts") or {} for task in results.run.tasks for result in task.hosts.values()]
    found = [fact["outcome_report"] for fact in facts if "outcome_report" in fact]
    return {row["machine"]: row for row in found[-1]["rows"]}


def module_task(module: str, wishes: Mapping[str, Options]) -> dict[str, Any]:
    """A task with the options that each machine has in the variable `wishes`."""
    options = sorted({name for wish in wishes.values() for name in wish})
    return {f"{FQCN}.{module}": {name: f"{{{{ wishes[inventory_hostname].{name} | default(omit) }}}}" for name in options}}


def network() -> str:
    """The second number of the addresses of this worker's labs."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return str((int(os.environ.get("WINOPS_TEST_NETWORK", "41")) + 50 * worker) % 255)


def gvlk_ending(partial_product_key: str) -> str:
    """A published key by what Windows shows of it."""
    (found,) = (key for key in known_keys() if key.endswith(partial_product_key) and not key.startswith(("MMMMM", "CCCCC", "RRRRR")))
    return found


def losses_in(run: Run) -> tuple[str, ...]:
    """The warnings that steps of a run call for, because each of them loses an activation."""
    steps = (step for task in run.tasks for result in task.hosts.values() for step in result.get("steps") or ())
    lost = {f" {lost}." for step in steps for lost in str(step.get("loses") or "").split(" and ") if lost}
    return (*lost, "responded, but the module does not know whether it has counted") if lost else ()


def check_noise(
    output: str, results: Mapping[str, Mapping[str, Any]], expected_warnings: tuple[str, ...], allowed: tuple[str, ...] = ()
) -> None:
    """Fail when a run warned of something that is neither expected nor `allowed`, or did not warn of what is expected."""
    flat = " ".join(output.split())
    printed = [found.group(1) for found in re.finditer(r"\[WARNING\]: (.{0,400})", flat)]
    warnings = [f"{warning}" for result in results.values() for warning in result.get("warnings", ())] + printed
    unexpected = [warning for warning in warnings if not any(expected in warning for expected in (*expected_warnings, *allowed))]
    assert not unexpected, unexpected
    missing = [expected for expected in expected_warnings if not any(expected in warning for warning in warnings)]
    assert not missing, f"no warning says {missing}: {warnings}"
    deprecations = [f"{entry}" for result in results.values() for entry in result.get("deprecations", ())]
    assert not deprecations, deprecations
    assert not _NOISE.search(output), output[-2000:]
