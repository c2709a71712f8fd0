# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way a logon with Kerberos fails: one message with the machine, what failed, and the next step; no traceback, no password."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import dns_servers
from kdc import write_krb5_conf
from needed import need
from server_process import free_port, program

from .domain import ADMIN, FLEET, FQCN, PASSWORD, REALM, STRANGER, Domain, services_of

READ = {f"{FQCN}.activation_info": {}}
CONNECTIONS = ("winrm", "psrp")
OVERRIDES = {"winrm": "ansible_winrm_kerberos_hostname_override", "psrp": "ansible_psrp_negotiate_hostname_override"}
SAID = {
    "no ticket": ("there is no ticket for this user", "Run kinit"),
    "unknown name": ("/alias.corp.test@CORP.TEST", "Set ansible_host to the DNS name"),
    "no KDC": ("no domain controller of the realm CORP.TEST responds", "port 88"),
    "no account": (f"refused user {STRANGER}@{REALM} (HTTP 401", "Check ansible_user"),
    "wrong clock": ("the clock of the controller differs too much", "Synchronize the clock"),
    "expired": ("the ticket has expired", "Run kinit"),
    "another machine": (f"refused user {ADMIN}@{REALM} (HTTP 401", "Check that ansible_host leads to the machine"),
    "name of another account": (f"refused user {ADMIN}@{REALM} (HTTP 401", "ansible_psrp_negotiate_service to WSMAN or host"),
    "no trust": ("the domain CORP.TEST does not have a trust with the realm FAR.TEST", "add the way to capaths"),
    "only RC4": ("the domain does not have an encryption type that all sides allow", "msDS-SupportedEncryptionTypes"),
    "cache of the host": ("the credential cache cannot be used here", "Set the environment variable KRB5CCNAME to a file"),
    "large ticket": ("the headers of the request are too long", "raise MaxFieldLength and MaxRequestBytes"),
}
"""The reason and the next step of each failure."""
NO_TICKET = {
    "realm": (f"{ADMIN}@OTHER.TEST", PASSWORD, "no domain controller of the realm OTHER.TEST"),
    "password": (f"{ADMIN}@{REALM}", "another-password", "the password is wrong"),
    "user": (f"nobody@{REALM}", "another-password", f"the domain does not know the user nobody@{REALM}"),
}

Results = Mapping[tuple[str, str], Mapping[str, Any]]


def _both(domain: Domain, env: Mapping[str, str], **more: Any) -> dict[str, Mapping[str, Any]]:
    hosts = domain.hosts("winrm", {"winrm": "srv1"}, **more) | domain.hosts("psrp", {"psrp": "srv1"}, **more)
    ended = domain.play(hosts, READ, env=env)
    return {connection: ended.result(connection) for connection in CONNECTIONS}


def _named(name: str) -> dict[str, Any]:
    """The name that both connections ask the KDC for."""
    return dict.fromkeys(OVERRIDES.values(), name)


@pytest.fixture(scope="module")
def results(domain: Domain) -> Results:
    """One run for each failure."""
    kdc = domain.kdc
    good, lost = (kdc.ticket(ADMIN, PASSWORD, name=name) for name in ("good", "lost"))
    nowhere = write_krb5_conf(kdc.folder / "lost.conf", REALM, free_port())
    far = write_krb5_conf(kdc.folder / "far.conf", REALM, kdc.port, others={"FAR.TEST": free_port()})
    aes = write_krb5_conf(kdc.folder / "aes.conf", REALM, kdc.port, settings={"permitted_enctypes": "aes256-cts-hmac-sha1-96"})
    kdc.only_rc4(*services_of(["old"]))
    kdc.new_keys(*services_of(["pure"]))  # the names are at another account now
    stranger = kdc.ticket(STRANGER, PASSWORD)
    short = kdc.ticket(ADMIN, PASSWORD, "-l", "1s", name="short")
    runs: dict[str, tuple[Mapping[str, str], dict[str, Any]]] = {
        "no ticket": (domain.environment(), {}),
        "unknown name": (domain.environment(good), _named("alias.corp.test")),
        "no KDC": ({**domain.environment(lost), "KRB5_CONFIG": str(nowhere)}, {}),
        "no account": (domain.environment(stranger), {"ansible_user": f"{STRANGER}@{REALM}"}),
        "expired": (domain.environment(short), {}),
        "another machine": (domain.environment(good), _named(f"{FLEET[0]}.corp.test")),
        "name of another account": (domain.environment(good), {"ansible_host": domain.address("pure"), **_named("pure.corp.test")}),
        "no trust": ({**domain.environment(good), "KRB5_CONFIG": str(far)}, _named("pc.far.test")),
        "only RC4": ({**domain.environment(good), "KRB5_CONFIG": str(aes)}, _named("old.corp.test")),
        "cache of the host": ({**domain.environment(), "KRB5CCNAME": "KCM:"}, {}),
        "large ticket": (domain.environment(kdc.large_ticket(ADMIN, PASSWORD, 1000)), {}),
    }
    clock = dns_servers.find("/usr/lib/*/faketime/libfaketime.so.1")
    if clock:
        runs["wrong clock"] = (domain.environment(good, LD_PRELOAD=clock, FAKETIME="+1h"), {})
    with ThreadPoolExecutor(3) as pool:
        found = {case: pool.submit(_both, domain, env, **more) for case, (env, more) in runs.items()}
    return {(case, connection): result for case, both in found.items() for connection, result in both.result().items()}


@pytest.mark.parametrize("connection", CONNECTIONS)
@pytest.mark.parametrize("case", SAID)
def test_a_failed_logon_names_the_machine_the_reason_and_the_next_step(results: Results, case: str, connection: str) -> None:
    if case == "wrong clock":
        need("clock")
    result, (reason, step) = results[case, connection], SAID[case]
    assert result["unreachable"]
    message = result["msg"]
    assert message.startswith(f"{connection}: http://")
    assert reason in message
    assert step in message
    assert result["error"]["next_steps"][0] in message
    assert not result["error"]["transient"]


def test_a_ticket_is_not_requested_for_a_wrong_realm_password_or_user(domain: Domain) -> None:
    kinit = {
        "ansible_winrm_kinit_mode": "managed",
        "ansible_winrm_kinit_cmd": program("kinit"),
        "ansible_winrm_kinit_env_vars": ["KRB5_CONFIG"],
    }
    hosts: dict[str, Any] = {}
    for case, (user, password, _reason) in NO_TICKET.items():
        given = {"ansible_user": user, "ansible_password": password}
        hosts |= domain.hosts("winrm", {f"winrm_{case}": "srv1"}, **given, **kinit) | domain.hosts(
            "psrp", {f"psrp_{case}": "srv1"}, **given
        )
    ended = domain.play(hosts, READ, env=domain.environment(ANSIBLE_VERBOSITY="3"))
    for case, (_user, password, reason) in NO_TICKET.items():
        for connection in CONNECTIONS:
            assert reason in ended.result(f"{connection}_{case}")["msg"]
        assert password not in ended.output
    assert not ended.costs["srv1"]["requests"]


def test_a_ticket_that_ends_in_the_middle_of_a_run_ends_the_next_task_with_one_message(domain: Domain) -> None:
    short = domain.kdc.ticket(ADMIN, PASSWORD, "-l", "8s", name="ending")
    hosts = domain.hosts("winrm", {"winrm": FLEET[0]}) | domain.hosts("psrp", {"psrp": FLEET[1]})
    ended = domain.play(hosts, READ, {"ansible.builtin.pause": {"seconds": 10}}, READ, env=domain.environment(short))
    first, last = (task.hosts for task in ended.run.tasks if task.action.startswith(FQCN))
    for connection in CONNECTIONS:
        assert first[connection]["status"] == "ok", ended.output
        assert "the ticket has expired. Run kinit" in last[connection]["msg"]
