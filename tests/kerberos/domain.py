# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members of a domain: how a play logs on to them with tickets, and what it ends with."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from explained import assert_failures_explained
from kdc import Kdc
from playbook import Run, Start, new_process, run_playbook
from winlab.client import LabClient, running_lab

FQCN = "winops.volume_activation"
REALM = "CORP.TEST"
ADMIN, PASSWORD = "licadmin", "a-password-of-the-tests"
STRANGER = "stranger"
"""A user of the domain who is no administrator of any machine."""
FLEET = [f"pc{number:02d}" for number in range(1, 61)]
BOUND, INSPECTED = "bound", "inspected"
"""Machines that are reached over TLS: one that wants bindings, and one with a device on the way."""
NAMES = ["kms1", "srv1", "pure", "web", BOUND, INSPECTED, *FLEET]
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
  - {{name: web, address: 127.41.9.4, os: Server 2022 Standard, state: mak_licensed}}
  - {{name: bound, address: 127.41.9.5, os: Server 2022 Standard, state: mak_licensed, listen: {{cbt_hardening_level: strict}}}}
  - {{name: inspected, address: 127.41.9.6, os: Server 2022 Standard, state: mak_licensed, listen: {{inspection_port: 5987}}}}
  - {{name: "pc{{01..60}}", address: 127.41.10.1, os: Windows 11 Enterprise, state: grace}}
"""
SERVICES = ("HTTP", "host", "WSMAN")
"""The names that a computer has in the domain: pywinrm asks for HTTP, pypsrp for WSMAN or, from ansible-core 2.21 on, for host."""
_HERE = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
_TRACES = re.compile(r"Traceback \(most recent call last\)|\[DEPRECATION WARNING\]")
_SECRETS = re.compile(r"pass|secret|vault|keytab", re.IGNORECASE)


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
    inventory: Path

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
    dns_domain: str = "corp.test"
    start: Start = new_process
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def environment(self, cache: Path | str = "/nonexistent", **more: str) -> dict[str, str]:
        """The settings of a run that has the tickets of a cache and of nobody else."""
        return {"KRB5_CONFIG": str(self.kdc.krb5_conf), "KRB5CCNAME": f"FILE:{cache}", **more}

    @cached_property
    def _known(self) -> dict[str, Any]:
        """The inventory of the lab, which has a password for each machine."""
        return dict(yaml.safe_load(self.inventory.read_text(encoding="utf-8"))["all"])

    def address(self, name: str) -> str:
        """The address of a machine."""
        return str(self._known["children"]["windows"]["hosts"][name]["ansible_host"])

    def hosts(self, connection: str, names: Mapping[str, str], **more: Any) -> dict[str, Any]:
        """Variables of machines by the name in the inventory: tickets only, and the name that Kerberos knows, as there is no DNS here."""
        common = {"ansible_connection": connection, "ansible_port": 5985, "ansible_user": f"{ADMIN}@{REALM}"}
        if connection == "winrm":
            common |= {"ansible_winrm_transport": "kerberos", "ansible_winrm_scheme": "http", "ansible_winrm_kinit_mode": "manual"}
            override = "ansible_winrm_kerberos_hostname_override"
        else:
            common |= {"ansible_psrp_auth": "kerberos", "ansible_psrp_protocol": "http"}
            override = "ansible_psrp_negotiate_hostname_override"
        return {
            alias: {**common, "ansible_host": self.address(name), override: f"{name}.{self.dns_domain}", **more}
            for alias, name in names.items()
        }

    def by_name(self, connection: str, name: str) -> dict[str, Any]:
        """Variables of a machine that is found by the name in the inventory, for the network and for Kerberos."""
        (variables,) = self.hosts(connection, {name: "srv1"}).values()
        overrides = ("ansible_winrm_kerberos_hostname_override", "ansible_psrp_negotiate_hostname_override")
        return {name: {key: value for key, value in variables.items() if key not in ("ansible_host", *overrides)}}

    def play(self, hosts: Mapping[str, Any], *tasks: Mapping[str, Any], env: Mapping[str, str], **keywords: Any) -> Ended:
        """Run tasks on machines; `keywords` are those of the play."""
        play = {"hosts": "all:!localhost", "gather_facts": False, **keywords, "tasks": [dict(task) for task in tasks]}
        book = self.folder / f"book{next(self._numbers)}.yml"
        book.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
        return self.run(book, hosts, env=env)

    def run(
        self,
        book: Path | str,
        hosts: Mapping[str, Any],
        variables: Mapping[str, Any] | None = None,
        *,
        env: Mapping[str, str],
        groups: Mapping[str, Sequence[str]] | None = None,
    ) -> Ended:
        """Run a playbook. A traceback or a password in the output is a failure, at any verbosity."""
        number = next(self._numbers)
        inventory, output = (self.folder / f"{name}{number}.yml" for name in ("inventory", "output"))
        children = {group: {"hosts": dict.fromkeys(names)} for group, names in (groups or {}).items()}
        everything = {"hosts": {**hosts, "localhost": _HERE}, "vars": self._variables(), "children": children}
        inventory.write_text(yaml.safe_dump({"all": everything}), encoding="utf-8")
        self.client.reset_counters()
        with output.open("w", encoding="utf-8") as stream:
            run = run_playbook(
                book, inventory, self.folder / f"record{number}.json", variables=variables, output=stream, env=env, start=self.start
            )
        text = output.read_text(encoding="utf-8")
        assert not _TRACES.search(text), text[-3000:]
        assert PASSWORD not in text
        for task in run.tasks:
            assert_failures_explained(task.action, task.hosts)
        return Ended(run, text, self.client.counters(), inventory)

    def _variables(self) -> dict[str, Any]:
        """What all machines of the lab have in common, without its key for updates of DNS."""
        return {name: value for name, value in self._known["vars"].items() if not name.startswith("winlab_dns_key")}


def secrets_in(inventory: Path) -> list[str]:
    """The lines of an inventory that could be one, by what they name or hold."""
    lines = inventory.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if _SECRETS.search(line) or PASSWORD in line]


@contextmanager
def running_domain(folder: Path, kdc: Kdc, estate: str, keytab: Path) -> Iterator[Domain]:
    """A lab whose machines accept the tickets for a keytab, in the domain that is named like the realm of `kdc`, which is running."""
    path = folder / "estate.yml"
    path.write_text(estate.replace("127.41.", f"127.{network()}."), encoding="utf-8")
    before = os.environ.get("KRB5_CONFIG")
    os.environ["KRB5_CONFIG"] = str(kdc.krb5_conf)  # the lab is a member of the realm
    try:
        with running_lab(path, run_dir=folder / "lab", keytab=keytab) as (client, inventory):
            yield Domain(kdc, client, inventory, folder, kdc.realm.lower())
    finally:
        os.environ.pop("KRB5_CONFIG") if before is None else os.environ.update(KRB5_CONFIG=before)


def services_of(names: Sequence[str], domain: str = "corp.test") -> list[str]:
    """The principals of computers."""
    return [f"{service}/{name}.{domain}" for name in names for service in SERVICES]
