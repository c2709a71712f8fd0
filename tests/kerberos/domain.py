# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members of a domain: how a play logs on to them with tickets, and what it ends with."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from explained import assert_failures_explained
from kdc import Kdc
from playbook import Run, run_playbook
from winlab.client import LabClient

FQCN = "winops.volume_activation"
REALM = "CORP.TEST"
ADMIN, PASSWORD = "licadmin", "a-password-of-the-tests"
STRANGER = "stranger"
"""A user of the domain who is no administrator of any machine."""
FLEET = [f"pc{number:02d}" for number in range(1, 61)]
NAMES = ["kms1", "srv1", "pure", *FLEET]
ESTATE = f"""
title: members of a domain
clock: {{start: 2026-11-20T09:00:00Z, ticking: false}}
dns: none
defaults: {{domain: corp.test, accounts: {{{ADMIN}: not-used}}, listen: {{basic: false, allow_unencrypted: false}}}}
kms_hosts:
  - {{name: kms1, address: 127.41.9.1, os: Server 2022 Standard, outside_clients: 60}}
machines:
  - {{name: srv1, address: 127.41.9.2, os: Server 2022 Standard, state: mak_licensed}}
  - {{name: pure, address: 127.41.9.3, os: Server 2022 Standard, state: mak_licensed, listen: {{ntlm: false}}}}
  - {{name: "pc{{01..60}}", address: 127.41.10.1, os: Windows 11 Enterprise, state: grace}}
"""
_TRACES = re.compile(r"Traceback \(most recent call last\)|\[DEPRECATION WARNING\]")


def network() -> str:
    """The second number of the addresses of this worker's lab."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return str((int(os.environ.get("WINOPS_TEST_NETWORK", "41")) + 50 * worker) % 255)


@dataclass(frozen=True)
class Ended:
    """A run, what it printed, and what each machine had to serve for it."""

    run: Run
    output: str
    costs: Mapping[str, Mapping[str, Any]]

    def result(self, host: str, task: int = -1) -> dict[str, Any]:
        """The result of a machine."""
        return dict(self.run.tasks[task].hosts[host])


@dataclass
class Domain:
    """The realm and the running lab."""

    kdc: Kdc
    client: LabClient
    inventory: Path
    folder: Path
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def environment(self, cache: Path | str = "/nonexistent", **more: str) -> dict[str, str]:
        """The settings of a run that has the tickets of a cache and of nobody else."""
        return {"KRB5_CONFIG": str(self.kdc.krb5_conf), "KRB5CCNAME": f"FILE:{cache}", **more}

    def hosts(self, connection: str, names: Mapping[str, str], **more: Any) -> dict[str, Any]:
        """Variables of machines by the name in the inventory: tickets only, and the name that Kerberos knows, as there is no DNS here."""
        known = yaml.safe_load(self.inventory.read_text(encoding="utf-8"))["all"]["children"]["windows"]["hosts"]
        common = {"ansible_connection": connection, "ansible_port": 5985, "ansible_user": f"{ADMIN}@{REALM}"}
        if connection == "winrm":
            common |= {"ansible_winrm_transport": "kerberos", "ansible_winrm_scheme": "http", "ansible_winrm_kinit_mode": "manual"}
            override = "ansible_winrm_kerberos_hostname_override"
        else:
            common |= {"ansible_psrp_auth": "kerberos", "ansible_psrp_protocol": "http"}
            override = "ansible_psrp_negotiate_hostname_override"
        return {
            alias: {**common, "ansible_host": known[name]["ansible_host"], override: f"{name}.corp.test", **more}
            for alias, name in names.items()
        }

    def play(self, hosts: Mapping[str, Any], *tasks: Mapping[str, Any], env: Mapping[str, str], **keywords: Any) -> Ended:
        """Run tasks on machines. A traceback or a password in the output is a failure, at any verbosity."""
        number = next(self._numbers)
        inventory, book, output = (self.folder / f"{name}{number}.yml" for name in ("inventory", "book", "output"))
        everything = {**hosts, "localhost": {"ansible_connection": "local"}}
        inventory.write_text(yaml.safe_dump({"all": {"hosts": everything}}), encoding="utf-8")
        play = {"hosts": "all:!localhost", "gather_facts": False, **keywords, "tasks": [dict(task) for task in tasks]}
        book.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
        self.client.reset_counters()
        with output.open("w", encoding="utf-8") as stream:
            run = run_playbook(book, inventory, self.folder / f"record{number}.json", output=stream, env=env)
        text = output.read_text(encoding="utf-8")
        assert not _TRACES.search(text), text[-3000:]
        assert PASSWORD not in text
        for task in run.tasks:
            assert_failures_explained(task.action, task.hosts)
        return Ended(run, text, self.client.counters())
