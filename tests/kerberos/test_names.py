# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines are found by their names: the resolver of the computer asks a name server, and Kerberos builds the name of the service.

All of it is in a network of its own, so that the name server has port 53, and nobody else is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kdc import Kdc, write_krb5_conf
from needed import need, need_library
from own_network import need_own_network, own_network
from resolver import Resolver

from .domain import ADMIN, ESTATE, FLEET, FQCN, NAMES, PASSWORD, REALM, Domain, Ended, running_domain, services_of

READ = {f"{FQCN}.activation_info": {}}
SURVEY = {f"{FQCN}.activation_fleet_info": {}, "run_once": True}
CONNECTIONS = ("winrm", "psrp")
CANONICAL, REVERSE = "dns_canonicalize_hostname", "rdns"
AS_IN_MIT = {CANONICAL: "true", REVERSE: "true"}
"""The defaults of MIT Kerberos."""
MOVED, IN_ITS_PLACE = "moved", "pc59"
"""A computer that got another address, which DNS does not know yet, and the one that has its address now."""
UNPUBLISHED = "unpublished"
"""A computer of the domain without a record in DNS."""


@dataclass(frozen=True)
class Network:
    """The domain, and how a run is started that has a configuration of Kerberos."""

    domain: Domain
    cache: Path

    def read(self, names: Mapping[str, str], task: Mapping[str, Any] = READ, **settings: str) -> Ended:
        """Read machines by a name in DNS and no other; `settings` are those of krb5.conf, which does not name the KDC."""
        conf = write_krb5_conf(self.domain.kdc.folder / "by-name.conf", REALM, None, settings=settings)
        hosts: dict[str, Any] = {}
        for name, connection in names.items():
            hosts |= self.domain.by_name(connection, name)
        return self.domain.play(hosts, task, env={**self.domain.environment(self.cache), "KRB5_CONFIG": str(conf)})


def zones(port: int, addresses: Mapping[str, str]) -> dict[str, list[str]]:
    """The names of machines both ways, an alias, and what has gone wrong in the course of time."""
    forward = [f"{name} A {address}" for name, address in addresses.items()]
    forward += ["alias CNAME srv1", f"{MOVED} A {addresses[IN_ITS_PLACE]}"]
    forward += ["kdc A 127.0.0.1", *(f"_kerberos._{protocol} SRV 0 0 {port} kdc" for protocol in ("udp", "tcp"))]
    backward = [f"{'.'.join(reversed(address.split('.')))}.in-addr.arpa. PTR {name}.corp.test." for name, address in addresses.items()]
    return {"corp.test": forward, "127.in-addr.arpa": backward}


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    need_own_network()
    need("kerberos", "bind")
    need_library("gssapi", "krb5", "kerberos")
    folder = tmp_path_factory.mktemp("names")
    with ExitStack() as running:
        running.enter_context(own_network(folder, "nameserver 127.0.0.1\nsearch corp.test\n"))
        kdc = Kdc(folder / "kdc")
        kdc.start()
        running.callback(kdc.stop)
        services = services_of([*NAMES, MOVED, UNPUBLISHED])
        kdc.add_principals({**dict.fromkeys(services), ADMIN: PASSWORD})
        domain = running.enter_context(running_domain(folder, kdc, ESTATE, kdc.keytab("machines.keytab", *services)))
        server = Resolver(folder / "resolver", zones(kdc.port, {name: domain.address(name) for name in NAMES}))
        server.start()
        running.callback(server.stop)
        yield Network(domain, kdc.ticket(ADMIN, PASSWORD))


def message(ended: Ended, name: str) -> str:
    return str(ended.result(name)["msg"])


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_fleet_is_found_by_its_names_and_the_kdc_by_dns(named: Network, connection: str) -> None:
    ended = named.read({f"{name}.corp.test": connection for name in FLEET}, SURVEY)
    (result,) = ended.run.tasks[-1].hosts.values()
    assert (result["read_count"], result["unreachable_count"]) == (60, 0), ended.output
    assert "ansible_host" not in ended.inventory.read_text(encoding="utf-8")


@pytest.mark.parametrize("settings", [AS_IN_MIT, {CANONICAL: "true"}, {}], ids=["rdns", "canonical", "neither"])
def test_a_short_name_becomes_the_whole_one(named: Network, settings: dict[str, str]) -> None:
    ended = named.read({"pc01": "winrm", "pc02": "psrp"}, **settings)
    assert [ended.result(name)["status"] for name in ("pc01", "pc02")] == ["ok", "ok"], ended.output


def test_an_alias_works_only_where_kerberos_asks_dns_for_the_name_behind_it(named: Network) -> None:
    assert named.read({"alias.corp.test": "winrm"}, **{CANONICAL: "true"}).result("alias.corp.test")["status"] == "ok"
    told = message(named.read({"alias.corp.test": "winrm"}), "alias.corp.test")
    assert f"the domain does not know the service HTTP/alias.corp.test@{REALM}" in told


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_name_that_leads_to_another_machine_is_refused_without_reverse_look_ups(named: Network, connection: str) -> None:
    told = message(named.read({f"{MOVED}.corp.test": connection}, **{CANONICAL: "true"}), f"{MOVED}.corp.test")
    assert f"refused user {ADMIN}@{REALM} (HTTP 401" in told
    assert "Check that ansible_host leads to the machine that the ticket is for" in told


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_with_reverse_look_ups_a_name_that_leads_to_another_machine_reads_that_machine(named: Network, connection: str) -> None:
    """The guide says for this reason that rdns must be false: Kerberos proves the name that the address has, and not the one asked for."""
    found = named.read({f"{MOVED}.corp.test": connection}, **AS_IN_MIT).result(f"{MOVED}.corp.test")
    assert (found["status"], found["machine"]["computer_name"]) == ("ok", IN_ITS_PLACE.upper())


def test_a_name_that_dns_or_the_domain_does_not_have_is_unreachable_with_this_reason(named: Network) -> None:
    ended = named.read({f"{UNPUBLISHED}.corp.test": "winrm", "nobody.corp.test": "winrm"})
    assert ":5985/wsman: the host name cannot be resolved. Check ansible_host." in message(ended, f"{UNPUBLISHED}.corp.test")
    assert f"the domain does not know the service HTTP/nobody.corp.test@{REALM}" in message(ended, "nobody.corp.test")
