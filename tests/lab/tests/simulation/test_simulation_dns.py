# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KMS clients looking for their host in a real BIND."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from winlab.interfaces import WmiFault
from winlab.simulation.bind import BindMissing, find_named
from winlab.simulation.estate import Estate

DOMAINS = """
    clock: {ticking: false}
    domains:
      empty.lab: {hosts: {nobody: 127.56.9.9}}
      other.lab: {hosts: {_vlmcs._tcp: 127.56.9.8}}
    kms_hosts:
      - {name: kms1, address: 127.56.0.10, os: Server 2022 Standard, domain: corp.lab, publish: [corp.lab, branch.lab],
         priority: 0, outside_clients: 60}
      - {name: kms2, address: 127.56.0.11, os: Server 2022 Standard, domain: corp.lab, priority: 10,
         listening_port: 1700, outside_clients: 60}
    machines:
      - {name: srv, address: 127.56.0.21, os: Server 2019 Standard, domain: corp.lab, state: grace}
      - {name: alone, address: 127.56.0.22, os: Server 2019 Standard, domain: empty.lab, state: grace}
      - {name: nowhere, address: 127.56.0.23, os: Server 2019 Standard, state: grace}
      - {name: blind, address: 127.56.0.24, os: Server 2019 Standard, domain: corp.lab, state: grace, dns_server: false}
"""
has_bind = pytest.mark.skipif(find_named() is None, reason="needs named (Debian: bind9)")
pytestmark = [pytest.mark.dns, has_bind]
Story = Callable[[Estate], Coroutine[Any, Any, None]]


@pytest.fixture
def live(estate_of: Callable[[str], Estate], tmp_path: Path) -> Callable[[Story], None]:
    """Runs a story in the estate while its DNS server runs."""

    async def run(story: Story) -> None:
        estate = estate_of(DOMAINS)
        await estate.start(tmp_path / "run")
        try:
            await story(estate)
        finally:
            await estate.stop()

    return lambda story: asyncio.run(run(story))


async def product(estate: Estate, name: str) -> Any:
    answer = await estate.machines[name].query("root/cimv2", "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL")
    return answer.instances[0].values


async def activate(estate: Estate, name: str) -> int:
    """0, or the code Activate fails with."""
    keys = {"ID": (await product(estate, name))["ID"]}
    try:
        await estate.machines[name].invoke("root/cimv2", "SoftwareLicensingProduct", keys, "Activate", {})
    except WmiFault as fault:
        return fault.hresult
    return 0


def test_a_client_finds_the_host_of_the_best_priority(live: Callable[[Story], None]) -> None:
    async def story(estate: Estate) -> None:
        assert await activate(estate, "srv") == 0
        found = await product(estate, "srv")
        assert found["DiscoveredKeyManagementServiceMachineName"] == "kms1.corp.lab"
        assert (found["DiscoveredKeyManagementServiceMachinePort"], found["DiscoveredKeyManagementServiceMachineIpAddress"]) == (
            1688,
            "127.56.0.10",
        )

    live(story)


def test_when_the_first_host_is_down_the_next_one_is_asked(live: Callable[[Story], None]) -> None:
    async def story(estate: Estate) -> None:
        assert await activate(estate, "srv") == 0
        estate.set_fault("kms1", "kms_host_down")
        assert await activate(estate, "srv") == 0
        assert (await product(estate, "srv"))["DiscoveredKeyManagementServiceMachineName"] == "kms2.corp.lab"
        assert (await product(estate, "srv"))["DiscoveredKeyManagementServiceMachinePort"] == 1700
        estate.set_fault("kms2", "kms_host_down")
        assert await activate(estate, "srv") == 0xC004F074
        assert [event.strings[0][:10] for event in estate.machines["srv"].events.newest_first(number=12288)][:2] == ["0x800706BA"] * 2

    live(story)


def test_each_way_of_finding_no_host_has_its_code(live: Callable[[Story], None]) -> None:
    async def story(estate: Estate) -> None:
        assert await activate(estate, "alone") == 0x8007232B
        assert await activate(estate, "nowhere") == 0x8007232B
        assert await activate(estate, "blind") == 0x8007267C
        estate.set_fault("srv", "no_srv")
        assert await activate(estate, "srv") == 0x8007232B
        estate.clear_faults()
        estate.set_fault("*", "dns_down")
        assert await activate(estate, "srv") == 0x8007232A

    live(story)


def test_the_lookup_domain_is_asked_instead_of_the_machines_own(live: Callable[[Story], None]) -> None:
    async def story(estate: Estate) -> None:
        estate.machines["alone"].service.settings.lookup_domain = "branch.lab"
        assert await activate(estate, "alone") == 0
        assert (await product(estate, "alone"))["KeyManagementServiceLookupDomain"] == "branch.lab"
        estate.machines["srv"].service.settings.lookup_domain = "elsewhere.lab"
        assert await activate(estate, "srv") == 0x8007232B

    live(story)


def test_a_zone_with_the_name_but_no_srv_record_is_no_records(live: Callable[[Story], None]) -> None:
    async def story(estate: Estate) -> None:
        estate.machines["srv"].service.settings.lookup_domain = "other.lab"
        assert await activate(estate, "srv") == 0x8007251D

    live(story)


def test_a_hundred_clients_of_one_domain_need_one_lookup(live: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(estate: Estate) -> None:
        resolver: Any = estate.resolver
        asked: list[str] = []
        original = resolver._ask_services

        def counted(domain: str) -> Any:
            asked.append(domain)
            return original(domain)

        monkeypatch.setattr(resolver, "_ask_services", counted)
        for _again in range(100):
            estate.machines["srv"].service.host_caching = False
            assert await activate(estate, "srv") == 0
        assert asked == ["corp.lab"]

    live(story)


def test_the_server_is_gone_after_stop_and_stop_may_be_called_twice(estate_of: Callable[[str], Estate], tmp_path: Path) -> None:
    async def run() -> None:
        estate = estate_of(DOMAINS)
        await estate.start(tmp_path / "run")
        port = estate.dns_port
        assert port
        await estate.stop()
        await estate.stop()
        with pytest.raises(OSError, match=r"refused|Connect"):
            await asyncio.open_connection("127.0.0.1", port)

    asyncio.run(run())


def test_a_missing_named_is_said_with_the_package_that_has_it(
    estate_of: Callable[[str], Estate], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_arguments, **_options: None)
    with pytest.raises(BindMissing, match="bind9"):
        asyncio.run(estate_of(DOMAINS).start(tmp_path))
