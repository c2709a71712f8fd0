# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client has looked up it keeps, while the records at the server become others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import dns.query
import dns.rcode
import pytest

from winlab.interfaces import WmiFault
from winlab.simulation.bind import find_named
from winlab.simulation.estate import Estate
from winlab.simulation.publishing import signed_update
from winlab.simulation.zone import ADMINISTRATOR, SERVICE, TTL

ESTATE = """
    clock: {start: 2026-11-20T09:00:00Z, ticking: false}
    domains:
      open.lab: {srv: none, updates: secure}
    kms_hosts:
      - {name: kms1, address: 127.56.0.10, os: Server 2022 Standard, domain: corp.lab, outside_clients: 60}
      - {name: kms2, address: 127.56.0.11, os: Server 2022 Standard, domain: corp.lab, listening_port: 1700, outside_clients: 60}
    machines:
      - {name: srv, address: 127.56.0.21, os: Server 2019 Standard, domain: corp.lab, state: grace}
      - {name: late, address: 127.56.0.22, os: Server 2019 Standard, domain: open.lab, state: grace}
"""
KMS1, KMS2 = "0 0 1688 kms1.corp.lab.", "0 0 1700 kms2.corp.lab."
pytestmark = [pytest.mark.dns, pytest.mark.skipif(find_named() is None, reason="needs named (Debian: bind9)")]
Live = Callable[[Callable[[Estate], Coroutine[Any, Any, None]]], None]


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


def change(estate: Estate, domain: str, *, delete: str = "", add: str = "") -> None:
    """Change records as the administrator."""
    message = signed_update(domain, ADMINISTRATOR)
    if delete:
        message.delete(SERVICE, "SRV", delete)
    if add:
        message.add(SERVICE, TTL, "SRV", add)
    assert dns.query.tcp(message, "127.0.0.1", port=estate.dns_port or 0, timeout=5).rcode() == dns.rcode.NOERROR


async def activate(estate: Estate, name: str) -> int:
    """0, or the code Activate fails with."""
    machine = estate.machines[name]
    keys = {"ID": machine.service.keyed()[0].sku.id}
    try:
        await machine.invoke("root/cimv2", "SoftwareLicensingProduct", keys, "Activate", {})
    except WmiFault as fault:
        return fault.hresult
    return 0


def test_a_client_goes_on_with_the_records_it_has_until_their_ttl_is_over(live: Live) -> None:
    async def story(estate: Estate) -> None:
        change(estate, "corp.lab", delete=KMS2)
        assert await activate(estate, "srv") == 0
        estate.crash("kms1")
        assert await activate(estate, "srv") == 0xC004F074
        change(estate, "corp.lab", delete=KMS1, add=KMS2)
        assert await activate(estate, "srv") == 0xC004F074
        estate.clock.advance(timedelta(seconds=TTL))
        assert await activate(estate, "srv") == 0
        assert estate.machines["srv"].service.keyed()[0].discovered_host == "kms2.corp.lab"

    live(story)


def test_a_client_that_found_no_record_finds_one_added_since_after_a_minute(live: Live) -> None:
    async def story(estate: Estate) -> None:
        assert await activate(estate, "late") == 0x8007232B
        change(estate, "open.lab", add=KMS1)
        assert await activate(estate, "late") == 0x8007232B
        estate.clock.advance(timedelta(seconds=60))
        assert await activate(estate, "late") == 0

    live(story)
