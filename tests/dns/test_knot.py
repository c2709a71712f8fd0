# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Knot differs from BIND: it lowers letters, ignores a new TTL for a value it has, and calls a missing right a bad key."""

from __future__ import annotations

from .harness import Ansible, Task, by_tsig, error, only, published
from .servers.knot import Knot


def test_a_new_record_is_published_and_a_second_run_sends_no_update(knot: Knot, zone: str, ansible: Ansible) -> None:
    # Knot gives the name back in small letters.
    wish = Task(by_tsig(knot, zone, f"KMS1.{zone}"))
    with knot.watched() as received:
        first, second = ansible.tasks(wish, wish)
    assert (first["changed"], second["changed"], received.updates) == (True, False, 1)


def test_a_wished_ttl_reaches_the_server(knot: Knot, zone: str, ansible: Ansible) -> None:
    with knot.watched() as received:
        _, first, second = ansible.tasks(*(Task(by_tsig(knot, zone, f"kms1.{zone}", ttl=ttl)) for ttl in (300, 900, 900)))
    assert (first["changed"], second["changed"], received.updates) == (True, False, 2)
    assert knot.ttl(zone) == 900


def test_removing_one_host_leaves_the_others_and_exclusive_leaves_none(knot: Knot, zone: str, ansible: Ansible) -> None:
    both, one = by_tsig(knot, zone, f"kms1.{zone}", f"kms2.{zone}"), by_tsig(knot, zone, f"kms1.{zone}", state="absent")
    alone = Task(by_tsig(knot, zone, f"kms3.{zone}", exclusive=True))
    with knot.watched() as received:
        results = ansible.tasks(Task(both), Task(one), alone, alone)
    assert list(published(only(results[1])["after"])) == [f"kms2.{zone}"]
    assert [result["changed"] for result in results] == [True, True, True, False]
    assert list(knot.published(zone)) == [f"kms3.{zone}"]
    assert received.updates == 3


def test_a_missing_right_and_a_missing_zone_are_told_as_such(knot: Knot, zone: str, ansible: Ansible) -> None:
    lacks, elsewhere = by_tsig(knot, zone, f"kms1.{zone}", key_name="nobodys"), by_tsig(knot, "elsewhere.test", "kms1.elsewhere.test")
    refused, unknown = ansible.tasks(Task(lacks), Task(elsewhere))
    # Knot 3.2 calls a key that may not do something a bad key, Knot 3.4 the server not authoritative.
    assert error(refused)["code"] == ("NOTAUTH" if knot.version >= (3, 4) else "BADKEY")
    assert "acl" in " ".join(error(refused)["next_steps"])
    assert error(unknown)["code"] == "no_such_zone"
