# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dynamic DNS: who may update a domain, what KMS hosts publish by themselves, and the history of both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import dns.query
import dns.rcode
import dns.tsig
import dns.update
import pytest

from winlab.simulation import spp
from winlab.simulation.bind import find_named
from winlab.simulation.estate import Estate

ESTATE = """
    clock: {start: 2026-11-20T09:00:00Z, ticking: false}
    domains:
      corp.lab: {hosts: {nobody: 127.56.9.9}}
      branch.lab: {updates: first_owner}
      fixed.lab: {updates: none}
      mute.lab: {srv: none}
      open.lab: {srv: none, updates: first_owner}
    kms_hosts:
      - {name: kms1, address: 127.56.0.10, os: Server 2022 Standard, domain: corp.lab, publish: [corp.lab, branch.lab], outside_clients: 60}
      - {name: kms2, address: 127.56.0.11, os: Server 2022 Standard, domain: corp.lab, publish: [corp.lab, branch.lab],
         priority: 10, weight: 5, listening_port: 1700, outside_clients: 60}
      - {name: kms3, address: 127.56.0.12, os: Server 2022 Standard, domain: fixed.lab, outside_clients: 60}
      - {name: shy, address: 127.56.0.13, os: Server 2022 Standard, domain: corp.lab, publish: [], outside_clients: 60}
    machines:
      - {name: srv, address: 127.56.0.21, os: Server 2019 Standard, domain: corp.lab, state: grace}
"""
SECRET = "bGFiIHNlY3JldCBmb3Iga21zLXVwZGF0ZSByZWNvcmRzIQ=="
pytestmark = [pytest.mark.dns, pytest.mark.skipif(find_named() is None, reason="needs named (Debian: bind9)")]
Live = Callable[[Callable[[Estate], Coroutine[Any, Any, None]]], None]
DAY = timedelta(days=1)


@pytest.fixture
def live(estate_of: Callable[[str], Estate], tmp_path: Path) -> Live:
    """Runs a story in the estate while its DNS server runs."""

    async def run(story: Callable[[Estate], Coroutine[Any, Any, None]]) -> None:
        estate = estate_of(ESTATE)
        await estate.start(tmp_path / "run")
        try:
            await story(estate)
        finally:
            await estate.stop()

    return lambda story: asyncio.run(run(story))


def update(
    estate: Estate, domain: str, *steps: tuple[Any, ...], key: str = "kms-update", secret: str = SECRET, name: str = "_vlmcs._tcp"
) -> str:
    """Send an update as a playbook would; ("add", ttl, data), ("delete", data) or ("delete",). The answer's rcode, or what was wrong."""
    keyring = dns.tsig.Key(key, secret, "hmac-sha256") if key else None
    message = dns.update.UpdateMessage(f"{domain}.", keyring=keyring)
    for kind, *rest in steps:
        if kind == "add":
            message.add(name, rest[0], "SRV", rest[1])
        else:
            message.delete(name, "SRV", *rest)
    try:
        answer = dns.query.tcp(message, "127.0.0.1", port=estate.dns_port or 0, timeout=5)
    except dns.tsig.PeerError as error:
        return type(error).__name__
    return dns.rcode.to_text(answer.rcode())


def records(estate: Estate, domain: str) -> list[str]:
    return ["{priority} {weight} {port} {host}".format(**record) for record in estate.srv_records(domain)]


def events(estate: Estate, name: str) -> list[tuple[int, tuple[str, ...]]]:
    """Publishing, oldest first."""
    newest = estate.machines[name].events.newest_first()
    return [(event.number, event.strings) for event in reversed(newest) if event.number in (12293, 12294)]


def history(estate: Estate, key: str = "kms-update") -> list[tuple[str, str | None, bool]]:
    return [(entry["kind"], entry["data"], entry["changed"]) for entry in estate.dns_updates() if entry["key"] == key]


KMS1, KMS2 = "0 0 1688 kms1.corp.lab", "10 5 1700 kms2.corp.lab"


def test_hosts_publish_themselves_when_the_story_begins(live: Live) -> None:
    async def story(estate: Estate) -> None:
        assert records(estate, "corp.lab") == [KMS1, KMS2]
        assert events(estate, "kms1") == [(12294, ("corp.lab",)), (12294, ("branch.lab",))]
        assert events(estate, "shy") == []

    live(story)


def test_the_administrators_key_changes_srv_records_of_the_service_and_nothing_else(live: Live) -> None:
    async def story(estate: Estate) -> None:
        assert update(estate, "corp.lab", ("add", 60, "0 0 1688 new.corp.lab.")) == "NOERROR"
        assert "0 0 1688 new.corp.lab" in records(estate, "corp.lab")
        assert update(estate, "corp.lab", ("add", 60, "0 0 1688 new.corp.lab."), name="_other._tcp") == "REFUSED"
        assert update(estate, "corp.lab", ("delete", "0 0 1688 new.corp.lab."), key="") == "REFUSED"
        assert update(estate, "corp.lab", ("delete", "0 0 1688 new.corp.lab."), secret="AAAA") == "PeerBadSignature"
        assert update(estate, "corp.lab", ("delete", "0 0 1688 new.corp.lab."), key="somebody") == "PeerBadKey"
        assert "0 0 1688 new.corp.lab" in records(estate, "corp.lab")

    live(story)


def test_the_history_has_what_was_asked_for_in_order_and_what_it_changed(live: Live) -> None:
    async def story(estate: Estate) -> None:
        new = "0 0 1688 new.corp.lab"
        update(estate, "corp.lab", ("add", 300, f"{new}."))
        update(estate, "corp.lab", ("add", 300, f"{new}."))
        update(estate, "corp.lab", ("delete", "0 0 1688 KMS1.Corp.Lab."), ("add", 300, "0 0 1689 kms1.corp.lab."))
        update(estate, "corp.lab", ("delete", "0 0 1688 nobody.corp.lab."))
        update(estate, "corp.lab", ("add", 600, f"{new}."))
        update(estate, "corp.lab", ("add", 300, f"{new}."), name="_other._tcp")
        update(estate, "corp.lab", ("delete",))
        assert history(estate)[:6] == [
            ("add", new, True),
            ("add", new, False),
            ("delete", KMS1, True),
            ("add", "0 0 1689 kms1.corp.lab", True),
            ("delete", None, False),
            ("add", new, True),  # its TTL
        ]
        everything = {("delete", data, True) for data in (KMS2, new, "0 0 1689 kms1.corp.lab")}
        assert set(history(estate)[6:]) == everything
        entry = estate.dns_updates()[-1]
        assert (entry["zone"], entry["owner"]) == ("corp.lab", "_vlmcs._tcp.corp.lab")
        assert entry["time"].endswith("Z")
        estate.reset_dns_updates()
        assert estate.dns_updates() == []
        update(estate, "branch.lab", ("add", 300, f"{new}."))
        assert history(estate) == [("add", new, True)]

    live(story)


def test_a_deleted_record_of_a_living_host_is_back_after_a_day(live: Live) -> None:
    async def story(estate: Estate) -> None:
        update(estate, "corp.lab", ("delete", f"{KMS1}."))
        estate.advance(DAY - timedelta(minutes=1))
        assert records(estate, "corp.lab") == [KMS2]
        estate.advance(timedelta(minutes=1))
        assert records(estate, "corp.lab") == [KMS1, KMS2]
        assert ("add", KMS1, True) in history(estate, "lab-hosts")

    live(story)


def test_a_crashed_host_publishes_nothing_until_it_is_back(live: Live) -> None:
    async def story(estate: Estate) -> None:
        estate.crash("kms1")
        update(estate, "corp.lab", ("delete", f"{KMS1}."))
        estate.advance(7 * DAY)
        assert records(estate, "corp.lab") == [KMS2]
        estate.power_on("kms1")
        assert records(estate, "corp.lab") == [KMS1, KMS2]

    live(story)


def test_a_rebuilt_host_leaves_its_record_behind(live: Live) -> None:
    async def story(estate: Estate) -> None:
        estate.rebuild("kms1")
        assert records(estate, "corp.lab") == [KMS1, KMS2]
        assert events(estate, "kms1") == []

    live(story)


def test_a_new_port_is_a_second_record_beside_the_old_one(live: Live) -> None:
    async def story(estate: Estate) -> None:
        host = estate.machines["kms1"]
        host.service.listening_port = 1689
        spp.start_service(host)
        assert records(estate, "corp.lab") == [KMS1, "0 0 1689 kms1.corp.lab", KMS2]

    live(story)


def test_publishing_that_is_turned_off_removes_nothing(live: Live) -> None:
    async def story(estate: Estate) -> None:
        estate.machines["kms1"].service.dns_publishing = False
        spp.start_service(estate.machines["kms1"])
        estate.advance(2 * DAY)
        assert records(estate, "corp.lab") == [KMS1, KMS2]
        assert len(events(estate, "kms1")) == 2

    live(story)


def test_the_first_host_owns_the_name_and_others_cannot_register(live: Live) -> None:
    async def story(estate: Estate) -> None:
        assert records(estate, "branch.lab") == [KMS1]
        assert (12293, ("0x80072338", "branch.lab")) in events(estate, "kms2")
        assert (12294, ("corp.lab",)) in events(estate, "kms2")

    live(story)


def test_a_name_stays_with_its_owner_when_its_last_record_is_deleted(live: Live) -> None:
    async def story(estate: Estate) -> None:
        assert update(estate, "branch.lab", ("delete", f"{KMS1}.")) == "NOERROR"
        assert records(estate, "branch.lab") == []
        estate.crash("kms1")
        spp.start_service(estate.machines["kms2"])
        assert records(estate, "branch.lab") == []
        assert events(estate, "kms2")[-1] == (12293, ("0x80072338", "branch.lab"))
        assert update(estate, "branch.lab", ("add", 300, f"{KMS2}.")) == "NOERROR"
        assert records(estate, "branch.lab") == [KMS2]

    live(story)


def test_a_name_the_administrator_made_belongs_to_no_host(live: Live) -> None:
    async def story(estate: Estate) -> None:
        assert update(estate, "open.lab", ("add", 300, "0 0 1688 elsewhere.lab.")) == "NOERROR"
        for name in ("kms1", "kms2"):
            estate.machines[name].service.publish_list = ("open.lab",)
            spp.start_service(estate.machines[name])
            assert events(estate, name)[-1] == (12293, ("0x80072338", "open.lab"))
        assert records(estate, "open.lab") == ["0 0 1688 elsewhere.lab"]

    live(story)


def test_a_host_may_make_a_name_that_nobody_has_made(live: Live) -> None:
    async def story(estate: Estate) -> None:
        for name, number in (("kms2", 12294), ("kms1", 12293)):
            estate.machines[name].service.publish_list = ("open.lab, 3, 4",)
            spp.start_service(estate.machines[name])
            assert events(estate, name)[-1][0] == number
        assert records(estate, "open.lab") == ["3 4 1700 kms2.corp.lab"]

    live(story)


def test_a_static_domain_refuses_hosts_and_the_administrators_key(live: Live) -> None:
    async def story(estate: Estate) -> None:
        assert events(estate, "kms3") == [(12293, ("0x8007232D", "fixed.lab"))]
        assert update(estate, "fixed.lab", ("add", 300, "0 0 1688 new.fixed.lab.")) == "REFUSED"
        assert update(estate, "mute.lab", ("add", 300, "0 0 1688 new.mute.lab.")) == "REFUSED"
        assert records(estate, "fixed.lab") == ["0 0 1688 kms3.fixed.lab"]
        assert records(estate, "mute.lab") == []

    live(story)


def test_a_domain_without_a_zone_cannot_be_published_or_asked_about(live: Live) -> None:
    async def story(estate: Estate) -> None:
        estate.machines["kms1"].service.publish_list = ("nowhere.lab",)
        spp.start_service(estate.machines["kms1"])
        assert events(estate, "kms1")[-1] == (12293, ("0x8007232B", "nowhere.lab"))
        with pytest.raises(KeyError):
            estate.srv_records("nowhere.lab")

    live(story)


def test_a_second_lab_in_the_same_folder_begins_with_the_records_of_its_file(estate_of: Callable[[str], Estate], tmp_path: Path) -> None:
    async def run() -> list[str]:
        estate = estate_of(ESTATE)
        await estate.start(tmp_path / "run")
        try:
            update(estate, "corp.lab", ("add", 300, "0 0 1688 new.corp.lab."))
            assert len(history(estate)) == 1
            return records(estate, "corp.lab")
        finally:
            await estate.stop()

    assert asyncio.run(run()) == asyncio.run(run()) == ["0 0 1688 kms1.corp.lab", "0 0 1688 new.corp.lab", KMS2]
