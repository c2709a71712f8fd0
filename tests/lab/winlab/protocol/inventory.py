# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Ansible inventory of an estate: how to reach every machine with the connection its settings ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from winlab.protocol.service import CLIENTS, ListeningMachine

_DEFAULT_ACCOUNT = "LabAdmin"

PROBE_NETWORKS = ["127.0.0.0/8"]
"""Where the simulated KMS hosts are. A collection that tests whether a host answers may leave loopback addresses alone unless told."""

ROLES_THAT_PROBE = ("activation_check", "kms_client", "kms_failover", "kms_srv_cleanup")
"""Roles of the collection this lab belongs to, which take the networks from a variable of their own."""


def _account(machine: ListeningMachine) -> tuple[str, str]:
    user = next(iter(getattr(machine, "accounts", ())), _DEFAULT_ACCOUNT)
    password = machine.password_of(user)
    if password is None:
        raise ValueError(f"{machine.name} has no account {user}")
    return user, password


def _accounts(machine: ListeningMachine) -> dict[str, Any]:
    """The accounts of a machine that has more than the one of the inventory, so that a play can take another one."""
    accounts: Mapping[str, Any] = getattr(machine, "accounts", {})
    if len(accounts) < 2:
        return {}
    return {"winlab_accounts": {name: {"password": account.password, "rights": account.kind} for name, account in accounts.items()}}


def _scheme_and_port(machine: ListeningMachine, transport: str) -> tuple[str, int]:
    """What the settings ask for, or else http where the machine would let the transport in, or else https."""
    listen = machine.listen
    plain_works = listen.http_port is not None and transport != "certificate" and (transport != "basic" or listen.allow_unencrypted)
    scheme = getattr(listen, "scheme", None) or ("http" if plain_works else "https")
    if scheme == "http" and not plain_works:
        scheme = "https"
    port = listen.http_port if scheme == "http" else listen.inspection_port or listen.https_port
    if port is None:
        raise ValueError(f"{machine.name} has no listener that allows {transport}")
    return scheme, port


def host_variables(machine: ListeningMachine, ca: Path) -> dict[str, Any]:
    """Connection variables of one machine."""
    listen = machine.listen
    connection = getattr(listen, "connection", "winrm")
    transport = getattr(listen, "transport", None) or ("ntlm" if listen.ntlm else "basic")
    scheme, port = _scheme_and_port(machine, transport)
    tls = scheme == "https"
    user, password = _account(machine)
    common = {
        "ansible_connection": connection,
        "ansible_host": machine.address,
        "ansible_port": port,
        "ansible_user": user,
        "ansible_password": password,
        **_accounts(machine),
        **getattr(machine, "inventory_variables", {}),
    }
    specific = _psrp(tls, transport, ca) if connection == "psrp" else _winrm(tls, transport, ca)
    if transport == "certificate":
        del common["ansible_user"], common["ansible_password"]
        specific |= _client_certificate(connection, ca.parent / CLIENTS / "mapped")
    return {**common, **specific}


def _client_certificate(connection: str, pair: Path) -> dict[str, str]:
    names = ("certificate_pem", "certificate_key_pem") if connection == "psrp" else ("cert_pem", "cert_key_pem")
    return {f"ansible_{connection}_{name}": f"{pair}.{kind}" for name, kind in zip(names, ("pem", "key"), strict=True)}


def _winrm(tls: bool, transport: str, ca: Path) -> dict[str, Any]:
    variables: dict[str, Any] = {"ansible_winrm_scheme": "https" if tls else "http", "ansible_winrm_transport": transport}
    if tls:
        variables |= {"ansible_winrm_server_cert_validation": "validate", "ansible_winrm_ca_trust_path": str(ca)}
    return variables


def _psrp(tls: bool, transport: str, ca: Path) -> dict[str, Any]:
    variables: dict[str, Any] = {"ansible_psrp_protocol": "https" if tls else "http", "ansible_psrp_auth": transport}
    if tls:
        variables |= {"ansible_psrp_cert_validation": "validate", "ansible_psrp_ca_cert": str(ca)}
    elif transport == "basic":
        variables["ansible_psrp_message_encryption"] = "never"
    return variables


def inventory(machines: Iterable[ListeningMachine], ca: Path, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The inventory as data: all hosts under windows, and a group for every tag.

    Besides `variables` all hosts have `winlab_probe_networks` and the same for each role that probes KMS hosts.
    """
    networks = {f"{role}_probe_networks": PROBE_NETWORKS.copy() for role in ("winlab", *ROLES_THAT_PROBE)}
    hosts = {machine.name: (machine, host_variables(machine, ca)) for machine in machines}
    groups: dict[str, Any] = {"windows": {"hosts": {name: variables for name, (_, variables) in hosts.items()}}}
    for name, (machine, _) in hosts.items():
        for tag in getattr(machine, "tags", ()):
            groups.setdefault(tag, {"hosts": {}})["hosts"].setdefault(name, {})
    return {"all": {"vars": {**(variables or {}), **networks}, "children": groups}}


def write_inventory(path: Path, machines: Iterable[ListeningMachine], ca: Path, variables: Mapping[str, Any] | None = None) -> None:
    """Write the inventory as YAML."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(inventory(machines, ca, variables), sort_keys=False))
