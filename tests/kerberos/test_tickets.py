# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging on with Kerberos: by a ticket, a password, and a keytab, over both connections; messages are encrypted."""

from __future__ import annotations

from typing import Any

import pytest

from server_process import program, run

from .domain import ADMIN, FLEET, FQCN, PASSWORD, Domain, Ended

READ = {f"{FQCN}.activation_info": {}}
CONNECTIONS = ("winrm", "psrp")
LOGON_REQUESTS = {"winrm": 1, "psrp": 2}
"""pywinrm sends its ticket at once; pypsrp first asks for the authentication methods."""
DELEGATION = {"winrm": "ansible_winrm_kerberos_delegation", "psrp": "ansible_psrp_negotiate_delegate"}
WAYS = [f"{connection}_{way}" for connection in CONNECTIONS for way in ("ticket", "delegated")]


@pytest.fixture(scope="module")
def by_ticket(domain: Domain) -> Ended:
    """One run: tickets of a cache, without and with delegation, and a machine that offers only Kerberos."""
    cache = domain.kdc.ticket(ADMIN, PASSWORD, "-f", name="forwardable")
    hosts = domain.hosts("psrp", {"psrp_pure": "pure"})
    for place, way in enumerate(WAYS):
        connection, _, kind = way.partition("_")
        hosts |= domain.hosts(connection, {way: FLEET[place]}, **{DELEGATION[connection]: kind == "delegated"})
    return domain.play(hosts, READ, env=domain.environment(cache))


@pytest.mark.parametrize("way", WAYS)
def test_a_ticket_of_the_cache_is_enough_to_read_a_machine(by_ticket: Ended, way: str) -> None:
    assert by_ticket.result(way)["status"] == "ok", by_ticket.output
    cost = by_ticket.costs[FLEET[WAYS.index(way)]]
    # The machine allows no clear text, so every message was encrypted.
    assert (cost["tcp_connections"], cost["auth_requests"]) == (1, LOGON_REQUESTS[way.partition("_")[0]])


def test_a_machine_that_offers_kerberos_only_has_its_own_form_of_encrypted_messages(by_ticket: Ended) -> None:
    assert by_ticket.result("psrp_pure")["status"] == "ok", by_ticket.output


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_ticket_that_is_nearly_as_large_as_windows_accepts_is_enough(domain: Domain, connection: str) -> None:
    cache = domain.kdc.large_ticket(ADMIN, PASSWORD, 450)
    ended = domain.play(domain.hosts(connection, {connection: "srv1"}), READ, env=domain.environment(cache))
    assert ended.result(connection)["status"] == "ok", ended.output


def test_another_name_of_the_machine_helps_where_a_web_application_has_taken_the_usual_one(domain: Domain) -> None:
    domain.kdc.new_keys("HTTP/web.corp.test")  # only the account of the application can read tickets for it
    services = {"winrm": "ansible_winrm_service", "psrp": "ansible_psrp_negotiate_service"}
    hosts: dict[str, Any] = {}
    for connection, variable in services.items():
        for service in ("HTTP", "WSMAN"):
            hosts |= domain.hosts(connection, {f"{connection}_{service}": "web"}, **{variable: service})
    ended = domain.play(hosts, READ, env=domain.environment(domain.kdc.ticket(ADMIN, PASSWORD)))
    found = {name: ended.result(name)["status"] for name in hosts}
    assert found == {name: "ok" if name.endswith("WSMAN") else "unreachable" for name in hosts}, ended.output


def test_a_ticket_is_used_where_psrp_may_choose_the_method(domain: Domain) -> None:
    """Negotiate is the default of this connection."""
    hosts = domain.hosts("psrp", {"psrp": "srv1"}, ansible_psrp_auth="negotiate")
    asked = len(domain.kdc.asked())
    ended = domain.play(hosts, READ, env=domain.environment(domain.kdc.ticket(ADMIN, PASSWORD, name="negotiated")))
    assert ended.result("psrp")["status"] == "ok", ended.output
    assert sum(domain.kdc.issued(asked).values()) == 2


def test_a_password_gets_its_ticket_by_itself(domain: Domain) -> None:
    kinit = {
        "ansible_winrm_kinit_mode": "managed",
        "ansible_winrm_kinit_cmd": program("kinit"),
        "ansible_winrm_kinit_env_vars": ["KRB5_CONFIG"],
    }
    hosts = domain.hosts("winrm", {"winrm": "srv1"}, ansible_password=PASSWORD, **kinit)
    hosts |= domain.hosts("psrp", {"psrp": "srv1"}, ansible_password=PASSWORD)
    ended = domain.play(hosts, READ, env=domain.environment(ANSIBLE_VERBOSITY="3"))
    assert [ended.result(connection)["status"] for connection in CONNECTIONS] == ["ok", "ok"], ended.output


def test_a_ticket_from_a_keytab_makes_machines_kms_clients(domain: Domain) -> None:
    keytab, cache = domain.kdc.keytab("admin.keytab", ADMIN), domain.kdc.folder / "of-keytab"
    run([program("kinit"), "-k", "-t", str(keytab), "-c", str(cache), ADMIN], domain.kdc.environment)
    hosts = domain.hosts("winrm", {"winrm": FLEET[0]}) | domain.hosts("psrp", {"psrp": FLEET[1]})
    wish = {f"{FQCN}.kms_client": {"kms_host": "kms1.corp.test", "probe": False}}
    ended = domain.play(hosts, wish, wish, env=domain.environment(cache))
    for connection in CONNECTIONS:
        found = [(task.hosts[connection]["status"], task.hosts[connection]["changed"]) for task in ended.run.tasks]
        assert found == [("ok", True), ("ok", False)], ended.output


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_fleet_is_read_with_tickets_only(domain: Domain, connection: str) -> None:
    cache = domain.kdc.ticket(ADMIN, PASSWORD)
    task = {f"{FQCN}.activation_fleet_info": {}, "run_once": True}
    ended = domain.play(domain.hosts(connection, {name: name for name in FLEET}), task, env=domain.environment(cache))
    result = next(iter(ended.run.tasks[-1].hosts.values()))
    assert result["status"] == "ok", ended.output
    assert {name: row["tcp_connections"] for name, row in ended.costs.items() if row["requests"]} == dict.fromkeys(FLEET, 1)
