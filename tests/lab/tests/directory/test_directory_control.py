# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API and DNS of an estate with a directory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import dns.rdatatype
import ldap3
import pytest
import yaml

from winlab.client import LabClient, LabError, running_lab
from winlab.directory.client import VerifiedTls

from .directory_clients import address, close_all, opened

ESTATE = """
directories:
  corp.lab:
    address: {directory}
    accounts: {{boss: {{password: "Boss-Passw0rd!", rights: admin}}}}
    objects: [{{host_key: Server 2022}}]
machines:
  - {{name: member, address: {member}, os: Server 2022 Standard, state: ad_licensed, domain: corp.lab}}
  - {{name: other, address: {other}, os: Server 2022 Standard, state: grace}}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LabClient, Path]]:
    folder = tmp_path_factory.mktemp("control")
    (folder / "estate.yml").write_text(ESTATE.format(directory=address(7), member=address(8), other=address(9)), "utf-8")
    with running_lab(folder / "estate.yml", run_dir=folder) as found:
        yield found


@pytest.fixture
def lab(running: tuple[LabClient, Path]) -> Iterator[LabClient]:
    running[0].reset_counters()
    yield running[0]
    close_all()


def bound(lab: LabClient) -> Any:
    found = lab.directory("corp.lab")
    tls = VerifiedTls(Path(found["ca_file"]), found["server"])
    server = ldap3.Server(found["address"], found["tls_port"], use_ssl=True, tls=tls, get_info=ldap3.NONE, connect_timeout=3)
    connection = opened(ldap3.Connection(server, "boss@corp.lab", "Boss-Passw0rd!", receive_timeout=5))
    assert connection.bind()
    return connection


def status(lab: LabClient, name: str) -> tuple[int, Any]:
    shown = lab.machine(name)["products"][0]["properties"]
    return shown["LicenseStatus"], shown["ADActivationObjectName"]


def test_what_was_asked_of_a_directory_is_noted_until_the_next_reset(lab: LabClient) -> None:
    assert lab.directory("corp.lab")["operations"] == []
    bound(lab)
    (noted,) = lab.directory("corp.lab")["operations"]
    assert noted == {"account": "boss", "security": "tls", "kind": "bind simple", "name": "boss@corp.lab", "code": 0}
    lab.reset_counters()
    assert lab.directory("corp.lab")["operations"] == []
    with pytest.raises(LabError, match=r"unknown: other\.lab"):
        lab.directory("other.lab")


def test_a_directory_stops_and_starts_and_has_a_clock(lab: LabClient) -> None:
    lab.set_directory_clock("corp.lab", 10)
    connection = bound(lab)
    connection.search("", "(objectClass=*)", ldap3.BASE, attributes=["currentTime"])
    shown = datetime.strptime(connection.response[0]["attributes"]["currentTime"][0], "%Y%m%d%H%M%S.0Z").replace(tzinfo=timezone.utc)
    assert timedelta(minutes=9) < shown - datetime.now(timezone.utc) < timedelta(minutes=11)
    lab.set_directory_clock("corp.lab", 0)
    lab.stop_directory("corp.lab")
    with pytest.raises(ldap3.core.exceptions.LDAPSocketOpenError):
        bound(lab)
    lab.start_directory("corp.lab")
    bound(lab)


def test_machines_leave_a_domain_and_join_one(lab: LabClient) -> None:
    lab.leave_domain("member")
    assert (lab.machine("member")["domain"], status(lab, "member")) == ("", (1, "Server 2022 activation object"))
    lab.crash("member")
    lab.power_on("member")
    assert status(lab, "member") == (5, None)
    lab.join_domain("member", "corp.lab")
    assert lab.machine("member")["fqdn"] == "member.corp.lab"
    with pytest.raises(LabError, match="has no directory"):
        lab.join_domain("member", "other.lab")


def test_dns_names_the_domain_controller(lab: LabClient, running: tuple[LabClient, Path]) -> None:
    inventory = yaml.safe_load(running[1].read_text("utf-8"))["all"]
    port = inventory["vars"]["winlab_dns_port"]
    query = dns.message.make_query("_ldap._tcp.dc._msdcs.corp.lab", dns.rdatatype.SRV)
    (rrset,) = dns.query.udp(query, "127.0.0.1", port=port, timeout=5).answer
    (record,) = rrset
    assert (record.port, record.target.to_text()) == (10389, "dc1.corp.lab.")
    (rrset,) = dns.query.udp(dns.message.make_query("dc1.corp.lab", "A"), "127.0.0.1", port=port, timeout=5).answer
    assert [each.address for each in rrset] == [lab.directory("corp.lab")["address"]]


def test_each_host_of_the_inventory_knows_a_directory(running: tuple[LabClient, Path]) -> None:
    inventory = yaml.safe_load(running[1].read_text("utf-8"))["all"]
    hosts = inventory["children"]["windows"]["hosts"]
    for found in (hosts["member"], inventory["vars"]):
        assert (found["winlab_directory_domain"], found["winlab_directory_port"], found["winlab_directory_tls_port"]) == (
            "corp.lab",
            10389,
            10636,
        )
        assert found["winlab_directory_accounts"]["boss"]["rights"] == "admin"
