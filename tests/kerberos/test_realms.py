# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines in another realm than the account: over a trust, and what a run says when the controller does not know the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from kdc import Kdc, write_krb5_conf

from .domain import ADMIN, FQCN, PASSWORD, REALM, Domain, running_domain, services_of

READ = {f"{FQCN}.activation_info": {}}
CONNECTIONS = ("winrm", "psrp")
BRANCH, FAR = "BRANCH.TEST", "FAR.TEST"
NAMES = ("br1", "br2")
ESTATE = f"""
title: members of a domain that trusts the one of the account
clock: {{ticking: true}}
dns: none
defaults: {{domain: branch.test, accounts: {{"{ADMIN}@{REALM}": not-used}}, listen: {{basic: false, allow_unencrypted: false}}}}
machines:
  - {{name: "br{{1..2}}", address: 127.41.9.1, os: Server 2022 Standard, state: grace}}
"""


@dataclass(frozen=True)
class Trust:
    """The machines, and the three realms: the account is in the first one, the second trusts it, and the third trusts the second."""

    domain: Domain
    corp: Kdc
    branch: Kdc
    far: Kdc

    def read(self, name: str, others: Mapping[str, int], more: str = "", **variables: Any) -> dict[str, Mapping[str, Any]]:
        """What both connections say with a configuration that has these realms beside the one of the account."""
        conf = write_krb5_conf(self.corp.folder / f"{name}.conf", REALM, self.corp.port, others=others, more=more)
        cache = self.corp.ticket(ADMIN, PASSWORD, name=name)
        hosts = self.domain.hosts("winrm", {"winrm": "br1"}) | self.domain.hosts("psrp", {"psrp": "br2"})
        overrides = {"winrm": "ansible_winrm_kerberos_hostname_override", "psrp": "ansible_psrp_negotiate_hostname_override"}
        for connection, override in overrides.items():
            hosts[connection] |= {override: variables[connection]} if variables else {}
        ended = self.domain.play(hosts, READ, env={**self.domain.environment(cache), "KRB5_CONFIG": str(conf)})
        return {connection: ended.result(connection) for connection in CONNECTIONS}


@pytest.fixture(scope="module")
def trust(kdc: Kdc, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trust]:
    folder = tmp_path_factory.mktemp("trust")
    branch, far = Kdc(folder / "branch", BRANCH), Kdc(folder / "far", FAR)
    for server in (branch, far):
        server.start()
    try:
        branch.trust(kdc)
        far.trust(branch)
        far.add_principals(dict.fromkeys(services_of(["pc"], "far.test")))
        services = services_of(NAMES, "branch.test")
        branch.add_principals(dict.fromkeys(services))
        with running_domain(folder, branch, ESTATE, branch.keytab("machines.keytab", *services)) as domain:
            yield Trust(domain, kdc, branch, far)
    finally:
        for server in (branch, far):
            server.stop()


def test_a_ticket_of_a_trusted_realm_is_enough_and_costs_one_request_for_the_way(trust: Trust) -> None:
    asked = len(trust.corp.asked()), len(trust.branch.asked())
    results = trust.read("trusted", {BRANCH: trust.branch.port})
    assert [results[connection]["status"] for connection in CONNECTIONS] == ["ok", "ok"], results
    assert trust.corp.issued(asked[0]) == Counter({f"krbtgt/{REALM}": 1, f"krbtgt/{BRANCH}": 1})
    assert sorted(trust.branch.issued(asked[1]).values()) == [1, 1]


def test_a_realm_whose_domain_controllers_the_controller_does_not_know_is_named(trust: Trust) -> None:
    more = "[domain_realm]\n.branch.test = BRANCH.TEST\n"
    for result in trust.read("unknown", {}, more).values():
        assert "no domain controller of the realm BRANCH.TEST responds" in result["msg"]


def test_a_way_over_two_trusts_that_nobody_wrote_down_is_a_missing_trust(trust: Trust) -> None:
    names = dict.fromkeys(CONNECTIONS, "pc.far.test")
    for result in trust.read("no-way", {BRANCH: trust.branch.port, FAR: trust.far.port}, **names).values():
        assert f"the domain {REALM} does not have a trust with the realm {FAR}" in result["msg"]


def test_a_way_over_two_trusts_that_a_domain_controller_does_not_allow_is_a_policy(trust: Trust) -> None:
    names = dict.fromkeys(CONNECTIONS, "pc.far.test")
    capaths = f"[capaths]\n{REALM} = {{\n {FAR} = {BRANCH}\n}}\n"
    for result in trust.read("refused", {BRANCH: trust.branch.port, FAR: trust.far.port}, capaths, **names).values():
        assert "a policy of a domain does not allow this logon" in result["msg"]
