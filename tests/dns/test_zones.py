# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone of a domain is found by asking its server: the domain itself, one above it, or one that begins below it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from server_process import LOOPBACK, free_port

from .conftest import need
from .harness import Ansible, Task, by_tsig, error
from .servers.base import KEY_NAME
from .servers.bind import Bind, granted

PARENT = "branches.test"
DELEGATED = "delegated.test"
APEX = "apex.test"
ALIASED = "aliased.test"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bind]:
    """BIND with zones that begin at different places above the records."""
    need("bind")
    grant = f"update-policy {{ grant {KEY_NAME} subdomain . SRV; }};"
    bind = Bind(
        tmp_path_factory.mktemp("zones") / "server",
        {PARENT: grant, DELEGATED: "", f"_tcp.{DELEGATED}": grant, APEX: "", f"_vlmcs._tcp.{APEX}": grant, ALIASED: grant},
        records={
            DELEGATED: "_tcp NS ns1\n",
            APEX: "_vlmcs._tcp NS ns1\n",
            ALIASED: f"_vlmcs._tcp CNAME _vlmcs._tcp.{PARENT}.\n",
        },
    )
    bind.start()
    yield bind
    bind.stop()


ZONE_OF = {
    PARENT: PARENT,
    f"berlin.{PARENT}": PARENT,
    f"deep.down.{PARENT}": PARENT,
    DELEGATED: f"_tcp.{DELEGATED}",
    APEX: f"_vlmcs._tcp.{APEX}",
}


def test_records_go_into_the_zone_that_holds_their_name(server: Bind, ansible: Ansible) -> None:
    wish = Task({**by_tsig(server, PARENT, "kms1.example.test"), "domains": list(ZONE_OF)})
    with server.watched() as received:
        first, second = ansible.tasks(wish, wish)
    assert {domain["domain"]: domain["zone"] for domain in first["domains"]} == ZONE_OF
    assert [domain["name"] for domain in first["domains"]] == [f"_vlmcs._tcp.{domain}" for domain in ZONE_OF]
    assert (first["changed"], second["changed"], received.updates) == (True, False, len(ZONE_OF))
    assert [list(server.published(domain)) for domain in ZONE_OF] == [["kms1.example.test"]] * len(ZONE_OF)


def test_a_domain_the_server_does_not_hold_and_an_alias_are_told_as_such_and_nothing_is_sent(server: Bind, ansible: Ansible) -> None:
    with server.watched() as received:
        wishes = (by_tsig(server, domain, f"kms1.{domain}") for domain in ("elsewhere.test", ALIASED))
        unknown, alias = ansible.tasks(*(Task(wish) for wish in wishes))
    assert error(unknown)["code"] == "no_such_zone"
    assert error(alias)["code"] == "cname_found"
    assert received.updates == 0


def test_a_secondary_that_forwards_updates_is_waited_for(ansible: Ansible, tmp_path: Path) -> None:
    need("bind")
    zone = "forwarded.test"
    with ExitStack() as running:
        port = free_port()
        tells = f"notify explicit; notify-delay 0; also-notify {{ {LOOPBACK} port {port}; }};"
        primary = Bind(tmp_path / "primary", {zone: f"{granted(zone)} {tells}"})
        copy = f'type secondary; file "copy.db"; primaries {{ {LOOPBACK} port {primary.port}; }}; allow-update-forwarding {{ any; }};'
        secondary = Bind(tmp_path / "secondary", {zone: copy}, port=port)
        for server in (primary, secondary):
            server.start()
            running.callback(server.stop)
        wish = Task(by_tsig(secondary, zone, f"kms1.{zone}"))
        first, second = ansible.tasks(wish, wish)
    assert (first["status"], first["changed"], second["changed"]) == ("ok", True, False)
