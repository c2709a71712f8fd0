# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Windows becomes a KMS host with which key, and which update it takes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from winlab.simulation import kms_host
from winlab.simulation.catalog import HOST_KEYS, Sku
from winlab.simulation.editions import parse_os
from winlab.simulation.estate import Estate, EstateError
from winlab.simulation.host_matrix import HOSTS
from winlab.simulation.states import STATES

MakeEstate = Callable[[str], Estate]
FaultCode = Callable[[Callable[[], object]], int]
SHARED = Path(__file__).resolve().parents[4].parent / "shared" / "data" / "kms_host_matrix.json"


def machine(estate_of: MakeEstate, remote: Any, entries: str) -> Any:
    return remote(estate_of(f"dns: none\nmachines: [{{name: m, address: 127.56.31.1, {entries}}}]"), "m")


def install(host: Any, key: str) -> None:
    host.on_service("InstallProductKey", ProductKey=host.machine.context.keys.for_product("csvlk", key).key)


LATER = [
    ("Server 2022 Standard", "Server 2025", "KB5034765"), ("Server 2019 Standard", "Server 2025", "KB5034768"),
    ("Server 2019 Standard", "Server 2022", "KB5003646"), ("Server 2016 Standard", "Server 2022", "KB5003638"),
    ("Server 2016 Standard", "Server 2019", "KB4478877"), ("Server 2012 R2 Standard", "Server 2019", "KB4467695"),
    ("Server 2012 R2 Standard", "Server 2016", "KB3172614"), ("Server 2012 Standard", "Server 2016", "KB3172615"),
    ("Server 2008 R2 Standard", "Server 2012 R2 for Windows 10", "KB3079821"), ("Windows 7 Enterprise", "Windows 10", "KB3079821"),
    ("Server 2008 R2 Standard", "Server 2012", "KB2757817"), ("Windows 7 Enterprise", "Windows 8", "KB2757817"),
    ("Windows 8 Enterprise", "Windows 8.1", "KB2885698"), ("Server 2012 R2 Standard", "Server 2016", "KB4467695"),
]  # fmt: skip


@pytest.mark.parametrize(("os", "key", "update"), LATER)
def test_an_older_windows_takes_a_later_key_only_with_its_update(
    estate_of: MakeEstate, remote: Any, fault_code: FaultCode, os: str, key: str, update: str
) -> None:
    bare = machine(estate_of, remote, f"os: {os}, state: grace, updates: [KB1111111]")
    assert fault_code(lambda: install(bare, key)) == 0xC004F050
    ready = machine(estate_of, remote, f"os: {os}, state: grace, updates: [{update}]")
    install(ready, key)
    ready.on_product("Activate")
    assert ready.product()["IsKeyManagementServiceMachine"] == 1


REVISIONS = [
    ("Server 2022 Standard", "Server 2025", 2322), ("Server 2019 Standard", "Server 2025", 5458),
    ("Server 2019 Standard", "Server 2022", 1999),
    ("Server 2016 Standard", "Server 2022", 4467), ("Server 2016 Standard", "Server 2019", 2641),
]  # fmt: skip


@pytest.mark.parametrize(("os", "key", "revision"), REVISIONS)
def test_since_server_2016_the_revision_of_the_build_counts_and_no_list(
    estate_of: MakeEstate, remote: Any, fault_code: FaultCode, os: str, key: str, revision: int
) -> None:
    below = machine(estate_of, remote, f"os: {os}, state: grace, ubr: {revision - 1}, updates: [KB5099999]")
    assert fault_code(lambda: install(below, key)) == 0xC004F050
    install(machine(estate_of, remote, f"os: {os}, state: grace, ubr: {revision}"), key)
    install(machine(estate_of, remote, f"os: {os}, state: grace, ubr: {revision + 3000}, updates: [KB5070884]"), key)


@pytest.mark.parametrize(
    ("os", "key"),
    [("Server 2012 R2 Standard", "Server 2012 R2"), ("Windows 8 Enterprise", "Windows 8"), ("Windows 8.1 Enterprise", "Windows 8.1"),
     ("Windows 11 Enterprise", "Windows 11"), ("Server 2012 Standard", "Server 2012")],
)  # fmt: skip
def test_a_windows_takes_the_key_of_its_own_release_as_it_is(estate_of: MakeEstate, remote: Any, os: str, key: str) -> None:
    install(machine(estate_of, remote, f"os: {os}, state: grace"), key)


@pytest.mark.parametrize(
    ("os", "key", "code"),
    [
        ("Server 2016 Standard", "Server 2012 R2 for Windows 10", 0xC004F050),
        ("Server 2012 Standard", "Windows 8", 0xC004F050),
        ("Windows 10 Enterprise", "Windows 11", 0xC004F050),
        ("Server 2012 Standard", "Server 2022", 0xC004F050),
        ("Server 2022 Standard", "Server 2019", 0xC004F050),
        ("Server 2022 Datacenter Azure Edition", "Server 2022", 0xC004F050),
        ("Server 2022 Standard Evaluation", "Server 2022", 0xC004F050),
        ("Windows 10 Home", "Windows 10", 0xC004F050),
        ("Windows 11 Enterprise", "Windows 10", 0xC004F050),
        ("Windows 10 Enterprise", "Server 2022", 0xC004F050),
        ("Server 2022 Standard", "Windows 10", 0xC004F015),
        ("Server 2022 Standard", "Office LTSC 2021", 0xC004F050),
    ],
)
def test_a_windows_that_cannot_host_a_key_refuses_it(
    estate_of: MakeEstate, remote: Any, fault_code: FaultCode, os: str, key: str, code: int
) -> None:
    host = machine(estate_of, remote, f"os: {os}, state: no_key")
    assert fault_code(lambda: install(host, key)) == code


def test_an_office_host_key_is_taken_once_its_license_pack_is_there(estate_of: MakeEstate, remote: Any) -> None:
    host = machine(estate_of, remote, "os: Server 2022 Standard, state: grace, office_host_packs: [Office LTSC 2021]")
    wql = "SELECT * FROM SoftwareLicensingProduct WHERE ID = '47f3b983-7c53-4d45-abc6-bcd91e2dd90a'"
    assert host.query(wql)[0]["PartialProductKey"] is None
    install(host, "Office LTSC 2021")
    assert host.query(wql)[0]["ProductKeyChannel"] == "Volume:CSVLK"


@pytest.mark.parametrize(
    ("os", "family"),
    [("Server 2019 Standard", "Office LTSC 2024"), ("Server 2012 R2 Standard", "Office LTSC 2021"), ("Windows 8 Pro", "Office 2019"),
     ("Windows 7 Enterprise", "Office 2019"), ("Server 2022 Standard", "Office 2010")],
)  # fmt: skip
def test_a_license_pack_that_does_not_install_is_a_mistake_of_the_file(estate_of: MakeEstate, os: str, family: str) -> None:
    with pytest.raises(EstateError, match="office_host_packs: "):
        estate_of(f"machines: [{{name: m, address: 127.56.31.1, os: {os}, office_host_packs: [{family}]}}]")


def test_a_host_of_an_estate_has_the_update_its_key_needs(estate_of: MakeEstate, remote: Any) -> None:
    estate = estate_of("dns: none\nkms_hosts: [{name: m, address: 127.56.31.1, os: Server 2019 Standard, host_key: Server 2022}]")
    assert [update["HotFixID"] for update in remote(estate, "m").query("SELECT * FROM Win32_QuickFixEngineering")] == ["KB5003646"]


def test_updates_are_those_the_file_names_and_no_others(estate_of: MakeEstate, remote: Any) -> None:
    host = machine(estate_of, remote, "os: Server 2019 Standard, updates: [KB5003646, KB5034768]")
    found = host.query("SELECT HotFixID FROM Win32_QuickFixEngineering WHERE HotFixID = 'KB5034768'")
    assert found == [{"HotFixID": "KB5034768"}]
    assert machine(estate_of, remote, "os: Server 2019 Standard").query("SELECT * FROM Win32_QuickFixEngineering") == []
    with pytest.raises(EstateError, match="updates: an update is named like KB5003646"):
        estate_of("machines: [{name: m, address: 127.56.31.1, os: Server 2019 Standard, updates: [latest]}]")


def test_a_host_on_a_client_windows_activates_clients_only() -> None:
    (key,) = (key for key in HOST_KEYS if key.name == "Windows 10")
    (mixed,) = (key for key in HOST_KEYS if key.name == "Server 2012 R2 for Windows 10")
    client, server = _level(4), _level(3)
    assert kms_host.covers(key, client, server=False)
    assert not kms_host.covers(key, server, server=True)
    assert kms_host.covers(mixed, client, server=False)
    assert kms_host.covers(mixed, server, server=True)
    assert not kms_host.covers(mixed, client, server=True)


def _level(level: int) -> Any:
    return Sku("id", "name", "", "", "ServerStandard", "gvlk", "", kms_level=level)


def test_every_host_key_has_a_windows_and_every_server_its_own_key() -> None:
    assert set(HOSTS) == {key.name for key in HOST_KEYS}
    assert "kms_host" in STATES
    for releases in HOSTS.values():
        for release in releases:
            assert parse_os(f"{release} {'Standard' if release.startswith('Server') else 'Enterprise'}")


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared facts are not beside the repository")
def test_the_updates_are_those_of_the_facts() -> None:
    facts = json.loads(SHARED.read_text("utf-8"))["csvlk"]
    for entry in facts:
        name = entry["csvlk"].removeprefix("Windows ")
        if not entry["csvlk"].startswith("Windows Server 20"):
            continue
        if "/" in name:
            continue
        wanted = dict(re.fullmatch(r"Windows (Server [\d R]+?)(?: \((KB\d+)\))?", host).groups() for host in entry["hosts"])  # type: ignore[union-attr]
        listed = {release: (need.updates or ("",))[0] for release, need in HOSTS[name].items()}
        assert {release: update or "" for release, update in wanted.items()} == listed
