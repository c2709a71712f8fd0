# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run asks of the KDC, counted in its log: a ticket for each machine or for each task, and what a run does when the KDC is away."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from server_process import program

from .domain import ADMIN, FLEET, FQCN, PASSWORD, Domain, Ended

READ = {f"{FQCN}.activation_info": {}}
CONNECTIONS = ("winrm", "psrp")
DELEGATION = {"winrm": "ansible_winrm_kerberos_delegation", "psrp": "ansible_psrp_negotiate_delegate"}
FIRST = "krbtgt/CORP.TEST"
"""The ticket of the account itself. A forwarded one has the same name."""
KINIT = {"ansible_winrm_kinit_mode": "managed", "ansible_winrm_kinit_cmd": "", "ansible_winrm_kinit_env_vars": ["KRB5_CONFIG"]}


def two(domain: Domain, connection: str, **more: Any) -> dict[str, Any]:
    """Two machines."""
    return domain.hosts(connection, {name: name for name in FLEET[:2]}, **more)


def costs(domain: Domain, hosts: Mapping[str, Any], env: Mapping[str, str], *tasks: Mapping[str, Any]) -> Counter[str]:
    """How many tickets of the account, and how many for services of machines, a run got that must succeed."""
    asked = len(domain.kdc.asked())
    ended = domain.play(hosts, *(tasks or (READ, READ)), env={**env, "ANSIBLE_FORKS": "1"})
    assert all(result["status"] == "ok" for task in ended.run.tasks for result in task.hosts.values()), ended.output
    issued = domain.kdc.issued(asked)
    return Counter(account=issued.pop(FIRST, 0), services=sum(issued.values()))


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_two_tasks_with_a_ticket_ask_once_for_each_machine(domain: Domain, connection: str) -> None:
    env = domain.environment(domain.kdc.ticket(ADMIN, PASSWORD))
    assert costs(domain, two(domain, connection), env) == Counter(account=0, services=2)
    assert costs(domain, two(domain, connection), env) == Counter(account=0, services=0)


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_collection_of_caches_keeps_the_tickets_too(domain: Domain, connection: str) -> None:
    folder = domain.kdc.folder / f"collection-{connection}"
    folder.mkdir(mode=0o700)
    domain.kdc.ticket(ADMIN, PASSWORD, name=f"collection-{connection}-of-it").rename(folder / "tkt")
    env = {**domain.environment(), "KRB5CCNAME": f"DIR:{folder}"}
    assert costs(domain, two(domain, connection), env) == Counter(account=0, services=2)
    assert costs(domain, two(domain, connection), env) == Counter(account=0, services=0)


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_delegation_asks_for_another_ticket_of_the_account_for_each_task_and_machine(domain: Domain, connection: str) -> None:
    env = domain.environment(domain.kdc.ticket(ADMIN, PASSWORD, "-f"))
    assert costs(domain, two(domain, connection, **{DELEGATION[connection]: True}), env) == Counter(account=4, services=2)


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_delegation_of_a_ticket_that_cannot_be_forwarded_is_left_out(domain: Domain, connection: str) -> None:
    env = domain.environment(domain.kdc.ticket(ADMIN, PASSWORD, "-F"))
    assert costs(domain, two(domain, connection, **{DELEGATION[connection]: True}), env) == Counter(account=0, services=2)


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_password_asks_for_both_tickets_for_each_task_and_machine(domain: Domain, connection: str) -> None:
    """Each task of a machine is a process of its own, and the tickets of both connections are in a cache of this process."""
    kinit = {**KINIT, "ansible_winrm_kinit_cmd": program("kinit")} if connection == "winrm" else {}
    hosts = two(domain, connection, ansible_password=PASSWORD, **kinit)
    assert costs(domain, hosts, domain.environment()) == Counter(account=4, services=4)


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_keytab_of_the_environment_needs_no_kinit_and_its_tickets_are_kept(domain: Domain, connection: str) -> None:
    """As in an execution environment: no ticket was requested before, and GSSAPI requests one when the first task needs it."""
    keytab, cache = domain.kdc.keytab(f"client-{connection}.keytab", ADMIN), domain.kdc.folder / f"of-client-{connection}"
    env = domain.environment(cache, KRB5_CLIENT_KTNAME=f"FILE:{keytab}")
    assert costs(domain, two(domain, connection), env) == Counter(account=1, services=2)
    assert costs(domain, two(domain, connection), env) == Counter(account=0, services=0)


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_keytab_of_the_environment_replaces_a_ticket_that_has_ended(domain: Domain, connection: str) -> None:
    keytab, cache = domain.kdc.keytab(f"again-{connection}.keytab", ADMIN), domain.kdc.folder / f"of-again-{connection}"
    conf = domain.kdc.folder / f"short-{connection}.conf"
    conf.write_text(domain.kdc.krb5_conf.read_text("utf-8") + "[libdefaults]\nticket_lifetime = 2s\n", "utf-8")
    env = domain.environment(cache, KRB5_CLIENT_KTNAME=f"FILE:{keytab}", KRB5_CONFIG=str(conf))
    found = costs(domain, two(domain, connection), env, READ, {"ansible.builtin.pause": {"seconds": 3}}, READ)
    assert found["account"] >= 2


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_new_ticket_in_the_same_cache_extends_a_run(domain: Domain, connection: str) -> None:
    keytab, cache = domain.kdc.keytab(f"extend-{connection}.keytab", ADMIN), domain.kdc.ticket(ADMIN, PASSWORD, "-l", "8s", name=connection)
    kinit = {"argv": [program("kinit"), "-k", "-t", str(keytab), "-c", str(cache), ADMIN]}
    renew = {"ansible.builtin.command": kinit, "delegate_to": "localhost", "run_once": True}
    hosts = {FLEET[0]: two(domain, connection)[FLEET[0]]}
    ended = domain.play(hosts, READ, renew, {"ansible.builtin.pause": {"seconds": 9}}, READ, env=domain.environment(cache))
    found = [task.hosts[FLEET[0]]["status"] for task in ended.run.tasks if task.action.startswith(FQCN)]
    assert found == ["ok", "ok"], ended.output


def away(domain: Domain, connection: str, cache: Path) -> Ended:
    """A run in whose middle the KDC stops: the ticket for one machine was requested before, that for the other was not."""
    stop = {"ansible.builtin.command": {"argv": ["kill", str(domain.kdc.process.pid)]}, "delegate_to": "localhost", "run_once": True}
    first = {**READ, "when": f"inventory_hostname == '{FLEET[0]}'"}
    return domain.play(two(domain, connection), first, stop, READ, READ, env=domain.environment(cache))


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_kdc_that_stops_in_mid_run_stops_only_machines_whose_ticket_is_not_in_the_cache(domain: Domain, connection: str) -> None:
    cache = domain.kdc.ticket(ADMIN, PASSWORD)
    try:
        ended = away(domain, connection, cache)
    finally:
        domain.kdc.stop()
        domain.kdc.start()
    results = ended.run.tasks[-2].hosts
    assert results[FLEET[0]]["status"] == "ok", ended.output
    assert "no domain controller of the realm CORP.TEST responds" in results[FLEET[1]]["msg"]
    assert [ended.run.tasks[-1].hosts[name]["status"] for name in FLEET[:1]] == ["ok"]
    assert FLEET[1] not in ended.run.tasks[-1].hosts
    assert costs(domain, two(domain, connection), domain.environment(cache)) == Counter(account=0, services=1)


def test_a_kdc_that_never_responds_costs_a_fleet_the_time_of_one_machine(domain: Domain) -> None:
    """MIT Kerberos 1.20 waits 27 seconds, in the thread of the machine; one after the other, the machines would take 26 minutes."""
    cache = domain.kdc.ticket(ADMIN, PASSWORD)
    winrm, psrp = ({name: name for name in FLEET[start::2]} for start in (0, 1))
    hosts = domain.hosts("winrm", winrm) | domain.hosts("psrp", psrp)
    task = {f"{FQCN}.activation_fleet_info": {"fail_on_unreachable": False}, "run_once": True}
    domain.play({FLEET[0]: hosts[FLEET[0]]}, READ, env=domain.environment(cache))
    os.kill(domain.kdc.process.pid, signal.SIGSTOP)
    try:
        ended = domain.play(hosts, task, env=domain.environment(cache))
    finally:
        os.kill(domain.kdc.process.pid, signal.SIGCONT)
    (result,) = ended.run.tasks[-1].hosts.values()
    assert [row["machine"] for row in result["unreachable_machines"]] == FLEET[1:], ended.output
    assert all("no domain controller of the realm CORP.TEST responds" in row["msg"] for row in result["unreachable_machines"])
    assert ended.run.seconds < 120
