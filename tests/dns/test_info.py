# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is published, read back from a real server, in the order in which a client tries it."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping

import pytest

from server_process import LOOPBACK, free_port

from .conftest import need
from .harness import INFO, Ansible, Options, Result, Task, only
from .servers.base import NameServer
from .servers.bind import Bind

ZONE, EMPTY = "info.test", "empty.test"


@pytest.fixture(scope="module")
def ports() -> Iterator[Mapping[str, int]]:
    """A port where nothing listens, and one where something does that is no KMS host and never speaks."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        yield {"dead": free_port(), "silent": listener.getsockname()[1]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, ports: Mapping[str, int]) -> Iterator[Bind]:
    """A zone as it came to be over the years."""
    need("bind")
    records = "".join(
        f"_vlmcs._tcp 900 SRV {line}\n"
        for line in (f"10 0 {ports['dead']} backup", "0 10 1688 light", f"0 90 {ports['silent']} heavy", "20 0 1688 gone.nowhere.invalid.")
    )
    hosts = f"backup A {LOOPBACK}\nheavy A {LOOPBACK}\nlight A 192.0.2.1\nlight AAAA 2001:db8::1\n"
    bind = Bind(tmp_path_factory.mktemp("info") / "server", {ZONE: "", EMPTY: ""}, records={ZONE: records + hosts})
    bind.start()
    yield bind
    bind.stop()


def asking(server: NameServer, *domains: str, **more: object) -> Task:
    options: Options = {"domains": list(domains), "dns_server": LOOPBACK, "dns_port": server.port, **more}
    return Task(options, module=INFO)


@pytest.fixture(scope="module")
def told(server: Bind, ansible: Ansible) -> Mapping[str, Result]:
    """One run for all questions; they may send nothing."""
    wishes = {
        "all": asking(server, ZONE),
        "empty": asking(server, EMPTY),
        "both": asking(server, "elsewhere.test", EMPTY),
        "probe": asking(server, ZONE, probe=True, probe_timeout=1, probe_networks=[LOOPBACK]),
        "closed": asking(server, ZONE, probe=True, probe_timeout=1),
    }
    with server.watched() as received:
        results = dict(zip(wishes, ansible.tasks(*wishes.values()), strict=True))
    assert received.updates == 0
    assert not any(result["changed"] for result in results.values())
    return results


@pytest.mark.smoke
def test_records_are_told_in_the_order_of_clients_with_addresses(told: Mapping[str, Result]) -> None:
    assert told["all"]["status"] == "ok"
    domain = only(told["all"])
    assert (domain["name"], domain["zone"], domain["ttl"], domain["error"]) == (f"_vlmcs._tcp.{ZONE}", ZONE, 900, None)
    order = [(record["host"], record["priority"], record["order"]) for record in domain["records"]]
    assert {order[0], order[1]} == {(f"heavy.{ZONE}", 0, 1), (f"light.{ZONE}", 0, 1)}
    assert order[2:] == [(f"backup.{ZONE}", 10, 2), ("gone.nowhere.invalid", 20, 3)]
    addresses = {record["host"]: record["addresses"] for record in domain["records"]}
    assert addresses[f"light.{ZONE}"] == ["192.0.2.1", "2001:db8::1"]
    assert addresses["gone.nowhere.invalid"] == []
    assert [record["probe_result"] for record in domain["records"]] == [None] * 4


def test_a_domain_without_records_is_an_empty_list_and_one_that_is_not_there_an_error_of_its_own(told: Mapping[str, Result]) -> None:
    empty, both = told["empty"], told["both"]
    assert (empty["status"], only(empty)["records"], only(empty)["error"]) == ("ok", [], None)
    assert empty["msg"].endswith(": no record.")
    assert both["status"] == "failed"
    assert [(domain["error"] or {}).get("code") for domain in both["domains"]] == ["no_such_zone", None]


def test_a_probe_tells_hosts_that_are_gone_from_those_that_are_no_kms_hosts(told: Mapping[str, Result]) -> None:
    probes = {record["host"].split(".")[0]: record["probe_result"] for record in only(told["probe"])["records"]}
    assert (probes["backup"]["status"], probes["gone"]["status"]) == ("connection_refused", "unresolved")
    assert not any(probe["is_kms_host"] for probe in probes.values())
    assert told["probe"]["msg"] == f"{ZONE}: 4 records, of which 0 lead to a KMS host that responds."
    assert all(probe["meaning"] and probe["next_steps"] for probe in probes.values())


def test_a_loopback_address_that_dns_names_is_not_asked_unless_its_network_is_named(told: Mapping[str, Result]) -> None:
    probes = {record["host"].split(".")[0]: record["probe_result"] for record in only(told["closed"])["records"]}
    assert (probes["backup"]["status"], probes["gone"]["status"]) == ("not_allowed", "unresolved")
    assert "probe_networks" in probes["backup"]["next_steps"][0]
