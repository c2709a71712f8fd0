# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winlab.simulation.estate import Estate, EstateError, load_estate
from winlab.simulation.estate_file import Node, addresses, expand_names
from winlab.simulation.states import STATES

ESTATES = Path(__file__).resolve().parents[2] / "estates"
NETWORKS = {"demo": "127.40.", "small": "127.41.", "bench": "127.42.", "molecule": "127.43."}
BASE = "dns: none\nmachines:\n"


@pytest.mark.parametrize("name", NETWORKS)
def test_the_estates_of_the_repository_load(name: str) -> None:
    estate = load_estate(ESTATES / f"{name}.yml")
    assert {machine.address.startswith(NETWORKS[name]) for machine in estate.machines.values()} == {True}
    assert all(machine.password_of("LabAdmin") for machine in estate.machines.values())
    assert any(machine.service.hosts for machine in estate.machines.values())


def test_the_small_estate_has_every_generation_in_both_languages() -> None:
    machines = load_estate(ESTATES / "small.yml").machines.values()
    assert {machine.os.generation for machine in machines} == {(6, 1), (6, 2), (6, 3), (10, 0)}
    assert {machine.language for machine in machines} == {"en", "ja"}


def test_the_demo_has_about_sixty_machines_in_mixed_states() -> None:
    estate = load_estate(ESTATES / "demo.yml")
    clients = [machine for machine in estate.machines.values() if "clients" in machine.tags]
    assert 55 <= len(clients) <= 65
    channels = {product.sku.channel for machine in clients for product in machine.service.keyed()}
    assert {"gvlk", "mak", "eval", "retail"} <= channels


@pytest.mark.parametrize("state", STATES)
def test_every_state_can_be_made_and_read(estate_of: Callable[[str], Estate], remote: Any, state: str) -> None:
    os = {"evaluation": "Server 2019 Standard Evaluation"}.get(state, "Server 2019 Standard")
    os = "Windows 11 Enterprise" if state.startswith("subscription") else os
    estate = estate_of(f"""
        dns: none
        kms_hosts: [{{name: kms, address: 127.56.0.10, os: Server 2025 Standard, domain: d, outside_clients: 60}}]
        machines: [{{name: m, address: 127.56.0.11, os: {os}, state: {state}, domain: d}}]
        directories: {{d: {{address: 127.56.0.12, objects: [{{host_key: Server 2019}}]}}}}
    """)
    keyed = remote(estate, "m").query("SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL")
    assert len(keyed) == (0 if state == "no_key" else 1)
    assert remote(estate, "m").run("slmgr /dlv").exit_code == (1 if state == "no_key" else 0)
    assert json.dumps(estate.snapshot("m"))


def test_thousands_of_machines_load_and_the_count_can_be_overridden(monkeypatch: pytest.MonkeyPatch) -> None:
    estate = load_estate(ESTATES / "bench.yml", {"machines.count": 2000})
    assert len(estate.machines) == 2001
    monkeypatch.setenv("WINLAB_MACHINES_COUNT", "7")
    assert len(load_estate(ESTATES / "bench.yml").machines) == 8


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("nonsense: 1", "estate.yml: unknown entry nonsense"),
        ("machines: 3", "estate.yml.machines: must be a list"),
        (BASE + "- {name: a, address: 127.0.0.2}", "estate.yml.machines[0].os: must be a text"),
        (
            BASE + "- {name: a, address: 127.0.0.2, os: Server 2019 Standard}\n- {name: b, address: 127.0.0.3, os: Server 1999}",
            "machines[1].os: ",
        ),
        (BASE + "- {name: a, address: 127.0.0.2, os: Server 2019 Web}", "Server 2019 comes as "),
        (BASE + "- {name: a, address: 127.0.0.2, os: Server 2019 Standard, state: happy}", "machines[0].state: 'happy' is none of "),
        (BASE + "- {name: a, address: 127.0.0.2, os: Server 2019 Standard, color: red}", "machines[0]: unknown entry color"),
        (BASE + "- {name: a, address: 10.0.0.2, os: Server 2019 Standard}", "machines[0].address: 10.0.0.2 is not in 127.0.0.0/8"),
        (BASE + "- {name: a, address: 127.0.0.2, os: Windows 11 Home, state: mak_licensed}", "machines[0].state: mak_licensed: "),
        (BASE + "- {name: 'a{5..3}', address: 127.0.0.2, os: Windows 11 Pro}", "the range is empty"),
        (
            BASE + "- {name: a, address: 127.0.0.2, os: Windows 11 Pro, listen: {http_port: 0}}",
            "listen.http_port: must be a number from 1 to 65535",
        ),
        (
            BASE + "- {name: a, address: 127.0.0.2, os: Windows 11 Pro}\n- {name: a, address: 127.0.0.3, os: Windows 11 Pro}",
            "two machines named a",
        ),
        (
            BASE + "- {name: a, address: 127.0.0.2, os: Windows 11 Pro}\n- {name: b, address: 127.0.0.2, os: Windows 11 Pro}",
            "both have 127.0.0.2",
        ),
        (BASE + "- {name: a, address: 127.0.0.2, os: Windows 7 Professional, office: Office Standard 2019}", "machines[0].office: "),
        (
            BASE + "- {name: a, address: 127.0.0.2, os: Windows 11 Pro, office: Office 95}",
            "machines[0].office: 'Office 95': known Office products",
        ),
        ("microsoft: {keys: [{key: 11111-22222, channel: mak, fits: Windows 11 Pro}]}", "microsoft.keys[0].key: a lab key looks like"),
        ("microsoft: {keys: [{key: MMMMM-KKKKK-MMMMM-22222-22222, channel: mak, fits: Windows 12}]}", "microsoft.keys[0].fits: "),
        ("kms_hosts: [{name: k, address: 127.0.0.2, os: Server 2019 Standard, host_key: Server 2099}]", "kms_hosts[0].host_key: "),
        ("domains: {a.b: {hosts: {c: somewhere}}}", "domains.a.b.hosts.c: 'somewhere' is no IP address"),
        ("clock: {start: soon}", "clock.start: must be a time"),
        ("a: [", "no YAML"),
    ],
)
def test_a_mistake_is_named_with_its_place(estate_of: Callable[[str], Estate], text: str, where: str) -> None:
    with pytest.raises(EstateError, match=r"estate\.yml") as caught:
        estate_of(text)
    assert where in str(caught.value)


def test_a_missing_file_and_an_unknown_setting_are_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(EstateError, match="cannot be read"):
        load_estate(tmp_path / "none.yml")
    with pytest.raises(EstateError, match="unknown setting color"):
        load_estate(ESTATES / "small.yml", {"color": 1})


def test_the_same_file_makes_the_same_estate() -> None:
    def identities() -> list[tuple[str, ...]]:
        machines = load_estate(ESTATES / "demo.yml").machines.values()
        return [(machine.name, machine.service.cmid, *(product.key for product in machine.service.keyed())) for machine in machines]

    assert identities() == identities()


@given(st.integers(1, 2000), st.integers(2**24 * 127 + 1, 2**24 * 127 + 2**22))
def test_addresses_are_distinct_and_never_a_network_or_broadcast_address(count: int, first: int) -> None:
    start = ".".join(str(first >> shift & 255) for shift in (24, 16, 8, 0))
    found = addresses(Node(start, "here"), count)
    assert len(set(found)) == count
    assert not any(address.endswith((".0", ".255")) for address in found)


@given(st.integers(0, 500), st.integers(1, 200))
def test_names_of_a_pattern_are_numbered_without_gaps(first: int, count: int) -> None:
    names = expand_names(Node(f"srv{{{first:03d}}}x", "here"), count)
    assert names == [f"srv{number:03d}x" for number in range(first, first + count)]


def test_office_brings_its_own_products_and_key(estate_of: Callable[[str], Estate], remote: Any) -> None:
    estate = estate_of("""
        dns: none
        kms_hosts: [{name: kms, address: 127.56.0.10, os: Server 2022 Standard, office_host_keys: [Office LTSC 2021], outside_clients: 60}]
        machines: [{name: pc, address: 127.56.0.11, os: Windows 10 Pro, state: retail, kms_host: kms,
                    office: Office LTSC Professional Plus 2021}]
    """)
    pc = remote(estate, "pc")
    pc.on_service("InstallProductKey", ProductKey="FXYTK-NJJ8C-GB6DW-3DYQT-6F7TH")
    where = "ApplicationID = '0ff1ce15-a989-479d-af46-f275c6370663' AND PartialProductKey IS NOT NULL"
    (office,) = pc.query(f"SELECT * FROM SoftwareLicensingProduct WHERE {where}")
    assert office["Name"] == "Office 21, Office21ProPlus2021VL_KMS_Client_AE edition"
    pc.invoke("SoftwareLicensingProduct", {"ID": office["ID"]}, "Activate")
    (office,) = pc.query(f"SELECT * FROM SoftwareLicensingProduct WHERE {where}")
    assert office["LicenseStatus"] == 1
    assert len(pc.query("SELECT ID FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL")) == 2
    assert len(estate.snapshot("kms")["kms_host"]) == 2
