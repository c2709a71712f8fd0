# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole lab with its sockets: the port of a KMS host is open exactly while a client would get through, DNS says what hosts publish."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from winlab.client import LabClient, LabError, running_lab
from winlab.simulation.bind import find_named

NETWORK = "127.57." + os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
ESTATE = f"""
clock: {{ticking: false}}
defaults: {{domain: corp.lab}}
domains: {{corp.lab: {{}}}}
kms_hosts:
  - {{name: kms1, address: {NETWORK}.10, os: Server 2022 Standard, outside_clients: 60}}
  - {{name: walled, address: {NETWORK}.11, os: Server 2022 Standard, firewall: closed, publish: []}}
  - {{name: moved, address: {NETWORK}.12, os: Server 2022 Standard, listening_port: 1700, publish: []}}
  - {{name: clash, address: {NETWORK}.13, os: Server 2022 Standard, listening_port: 5985, publish: [], outside_clients: 60}}
machines:
  - {{name: srv, address: {NETWORK}.21, os: Server 2019 Standard, state: grace}}
"""
pytestmark = [pytest.mark.dns, pytest.mark.skipif(find_named() is None, reason="needs named (Debian: bind9)")]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LabClient, Path]]:
    folder = tmp_path_factory.mktemp("lab")
    (folder / "estate.yml").write_text(ESTATE, "utf-8")
    with running_lab(folder / "estate.yml", run_dir=folder / "run") as found:
        yield found


@pytest.fixture
def lab(running: tuple[LabClient, Path]) -> LabClient:
    return running[0]


@pytest.fixture(autouse=True)
def as_before(lab: LabClient) -> Iterator[None]:
    yield
    lab.clear_faults()
    lab.power_on("kms1")


def is_open(number: int, port: int = 1688) -> bool:
    try:
        socket.create_connection((f"{NETWORK}.{number}", port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def test_only_hosts_that_a_client_would_reach_listen(lab: LabClient) -> None:
    assert {machine["name"]: machine["address"] for machine in lab.machines()}["kms1"] == f"{NETWORK}.10"
    assert [number for number in (10, 11, 12, 21) if is_open(number)] == [10]
    assert is_open(12, 1700)


@pytest.mark.parametrize("fault", ["kms_host_down", "kms_port_closed"])
def test_a_fault_closes_the_port_until_it_is_cleared(lab: LabClient, fault: str) -> None:
    lab.set_fault("kms1", fault)
    assert not is_open(10)
    assert is_open(10, 5985)
    lab.clear_faults()
    assert is_open(10)


def test_a_crash_closes_every_port_and_power_opens_them(lab: LabClient) -> None:
    lab.crash("kms1")
    lab.clear_faults()
    assert not any(is_open(10, port) for port in (1688, 5985, 5986))
    lab.power_on("kms1")
    assert all(is_open(10, port) for port in (1688, 5985, 5986))


@pytest.mark.parametrize(("what", "greeting"), [("http", b"HTTP/1.1 400 "), ("silent", None)])
def test_something_else_may_speak_at_the_port_of_any_machine(lab: LabClient, what: str, greeting: bytes | None) -> None:
    lab.set_fault("srv", "kms_port_speaks", what=what)
    with socket.create_connection((f"{NETWORK}.21", 1688), timeout=0.3) as sock:
        sock.sendall(b"hello")
        if greeting is None:
            with pytest.raises(TimeoutError):
                sock.recv(20)
        else:
            assert sock.recv(100).startswith(greeting)
    lab.clear_faults()
    assert not is_open(21)


def test_the_estates_dns_is_described_to_programs_and_to_playbooks(running: tuple[LabClient, Path]) -> None:
    lab, inventory = running
    described = lab.dns()
    assert (described["server"], described["zones"]) == ("127.0.0.1", ["corp.lab"])
    variables = yaml.safe_load(inventory.read_text("utf-8"))["all"]["vars"]
    names = {"server": "server", "port": "port", "key_name": "key_name", "key_secret": "key_secret", "key_algorithm": "key_algorithm"}
    networks = {name: value for name, value in variables.items() if name.endswith("_probe_networks")}
    assert networks.pop("winlab_probe_networks") == ["127.0.0.0/8"]
    assert set(map(tuple, networks.values())) == {("127.0.0.0/8",)}
    about_dns = {name: value for name, value in variables.items() if not name.endswith("_probe_networks")}
    assert about_dns == {f"winlab_dns_{name}": described[entry] for name, entry in names.items()}


def test_what_hosts_publish_while_time_passes_is_in_the_history_until_it_is_reset(lab: LabClient) -> None:
    assert lab.srv_records("corp.lab") == [{"priority": 0, "weight": 0, "port": 1688, "host": "kms1.corp.lab"}]
    lab.reset_counters()
    assert lab.dns_updates() == []
    lab.advance(minutes=1440)
    assert [(update["zone"], update["kind"], update["data"], update["key"], update["changed"]) for update in lab.dns_updates()] == [
        ("corp.lab", "add", "0 0 1688 kms1.corp.lab", "lab-hosts", False)
    ]
    with pytest.raises(LabError, match=r"elsewhere\.lab"):
        lab.srv_records("elsewhere.lab")


def test_kms_does_not_get_the_port_of_winrm(lab: LabClient) -> None:
    assert not lab.machine("clash")["kms_reachable"]
    assert is_open(13, 5985)
