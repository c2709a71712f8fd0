# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Twelve hosts publish at the same moment: each has read before any of them writes, and no record is lost."""

from __future__ import annotations

import pytest

from .harness import Ansible, Task, by_tsig, only
from .servers.base import NameServer
from .servers.between import held_until, overtaken
from .servers.bind import Bind

HOSTS = [f"kms{number:02d}" for number in range(1, 13)]


@pytest.mark.parametrize("kind", ["bind", "knot"])
def test_twelve_hosts_that_write_at_once_leave_twelve_records_and_a_second_time_nothing_is_sent(
    kind: str, zone: str, ansible: Ansible, request: pytest.FixtureRequest
) -> None:
    server: NameServer = request.getfixturevalue(kind)
    names = [f"{host}.{zone}" for host in HOSTS]
    with held_until(len(HOSTS), server) as port, server.watched() as received:
        wishes = {name: Task(by_tsig(server, zone, name, dns_port=port, dns_timeout=60)) for name in names}
        results = ansible.at_once(wishes, forks=len(HOSTS))
    assert {name: result["changed"] for name, result in results.items()} == dict.fromkeys(names, True)
    assert sorted(server.published(zone)) == names
    assert received.updates == len(HOSTS)

    with server.watched() as received:
        result = ansible.task(by_tsig(server, zone, *names))
    assert (result["changed"], received.updates) == (False, 0)


def test_exclusive_that_was_overtaken_by_another_writer_tries_again(bind: Bind, zone: str, ansible: Ansible) -> None:
    with overtaken(bind, lambda: bind.publish(zone, f"0 0 1688 intruder.{zone}.")) as port:
        result = ansible.task(by_tsig(bind, zone, f"kms1.{zone}", exclusive=True, dns_port=port, dns_timeout=60))
    assert (result["status"], result["changed"], only(result)["updates_sent"]) == ("ok", True, 2)
    assert list(bind.published(zone)) == [f"kms1.{zone}"]
