# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tickets over TLS are bound to the certificate of the machine: a strict machine takes them, and a device on the way is found."""

from __future__ import annotations

from typing import Any

import pytest

from .domain import ADMIN, BOUND, FQCN, INSPECTED, PASSWORD, Domain, Ended

READ = {f"{FQCN}.activation_info": {}}
CONNECTIONS = ("winrm", "psrp")
SWITCHES = {"winrm": "ansible_winrm_send_cbt", "psrp": "ansible_psrp_negotiate_send_cbt"}


def over_tls(domain: Domain, connection: str, names: dict[str, str], port: int, **more: Any) -> dict[str, Any]:
    ca = str(domain.folder / "lab" / "tls" / "ca.pem")
    if connection == "winrm":
        tls = {"ansible_winrm_scheme": "https", "ansible_winrm_ca_trust_path": ca}
    else:
        tls = {"ansible_psrp_protocol": "https", "ansible_psrp_ca_cert": ca}
    return domain.hosts(connection, names, ansible_port=port, **tls, **more)


@pytest.fixture(scope="module")
def asked(domain: Domain) -> Ended:
    """One run: both connections to a strict machine, with and without bindings, and through a device that ends TLS."""
    hosts: dict[str, Any] = {}
    for connection in CONNECTIONS:
        hosts |= over_tls(domain, connection, {f"{connection}_bound": BOUND}, 5986)
        hosts |= over_tls(domain, connection, {f"{connection}_unbound": BOUND}, 5986, **{SWITCHES[connection]: False})
        hosts |= over_tls(domain, connection, {f"{connection}_inspected": INSPECTED}, 5987)
    return domain.play(hosts, READ, env=domain.environment(domain.kdc.ticket(ADMIN, PASSWORD, name="binding")))


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_ticket_is_bound_to_the_certificate_of_the_machine(asked: Ended, connection: str) -> None:
    assert asked.result(f"{connection}_bound")["status"] == "ok", asked.output


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_ticket_without_binding_is_refused_by_a_strict_machine(asked: Ended, connection: str) -> None:
    message = asked.result(f"{connection}_unbound")["msg"]
    assert f"Remove {SWITCHES[connection]}: false. A machine whose CbtHardeningLevel is Strict" in message


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_device_that_ends_tls_on_the_way_is_found_by_a_machine_that_is_not_strict(asked: Ended, connection: str) -> None:
    message = asked.result(f"{connection}_inspected")["msg"]
    assert "check whether a proxy or a load balancer on the way decrypts TLS" in message
    assert asked.costs[INSPECTED]["requests"] == 0
