# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A probe goes where the operator wants: no machine and no name server sends it to other addresses, or to a thousand of them."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import FQCN, Lab, Results, network
from .hostile_dns import HOSTS, hostile_dns

ESTATE = "proof.yml"
MOST = 16
HOSTS_OF_THE_ESTATE = ("KMS01", "YOUNG")
CLIENTS = ["PINNED", "FOUND", "EC2", "AZURE", "LINKED"]


def check(lab: Lab, names: list[str], **options: Any) -> Results:
    server = {"dns_server": "{{ winlab_dns_server }}", "dns_port": "{{ winlab_dns_port }}", "fail_on": []}
    return lab.play(names, {f"{FQCN}.activation_check": {**server, **options}})


def binds(results: Results) -> int:
    return sum(int(results.costs[name]["kms_binds"]) for name in HOSTS_OF_THE_ESTATE)


@pytest.fixture(scope="module")
def closed(lab: Lab) -> Results:
    """Nothing is allowed besides the usual addresses, and the whole lab is on loopback."""
    return check(lab, CLIENTS, probe_networks=[])


@pytest.fixture(scope="module")
def opened(lab: Lab) -> Results:
    return check(lab, CLIENTS)


def test_no_loopback_address_is_asked_that_a_machine_or_dns_named(closed: Results) -> None:
    assert binds(closed) == 0
    for name in ("PINNED", "FOUND"):
        (finding,) = closed[name]["findings"]
        assert (finding["id"], finding["severity"]) == ("renewal_not_checked", "warning")
        assert "is a loopback address" in finding["message"]
        assert "probe_networks" in finding["next_steps"][0]


def test_the_operators_networks_open_them(opened: Results) -> None:
    assert [opened[name]["findings"] for name in ("PINNED", "FOUND")] == [[], []]


def test_machines_of_one_run_ask_the_host_they_share_once(opened: Results) -> None:
    assert binds(opened) == 1


@pytest.mark.parametrize(("name", "cloud", "remedy"), [("EC2", "Amazon EC2", "Add-Routes"), ("AZURE", "Azure", "Test-NetConnection azkms")])
def test_the_kms_of_a_cloud_is_not_asked_and_has_the_remedy_of_its_cloud(opened: Results, name: str, cloud: str, remedy: str) -> None:
    (finding,) = opened[name]["findings"]
    assert (finding["id"], finding["severity"]) == ("renewal_not_checked", "warning")
    assert f"belongs to {cloud}" in finding["message"]
    assert remedy in finding["next_steps"][0]


def test_a_name_that_leads_to_a_link_local_address_is_judged_by_the_address(opened: Results) -> None:
    (finding,) = opened["LINKED"]["findings"]
    assert finding["id"] == "renewal_not_checked"
    assert "169.254.10.1 is a link-local address" in finding["message"]


def test_a_name_server_that_names_fifteen_hundred_hosts_costs_the_limit_of_connections_and_says_what_was_not_asked(lab: Lab) -> None:
    with hostile_dns(f"127.{network()}.215") as server:
        result = check(lab, ["HOSTILE"], dns_server=server.server, dns_port=server.port)["HOSTILE"]
        assert 0 < server.connections <= MOST
        assert len(server.questions) <= 2 + 2 * MOST
    (finding,) = result["findings"]
    assert finding["id"] == "renewal_not_checked"
    assert f"{HOSTS - MOST} more were not probed" in finding["message"]
    assert len(finding["message"]) < 1500
    assert len(result["findings"][0]["next_steps"]) <= 4
