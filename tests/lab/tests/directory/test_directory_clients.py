# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines of a domain with a directory: which object activates which license, what they show, what ends it."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from winlab.interfaces import WmiFault
from winlab.simulation.estate import Estate, EstateError, load_estate

from .directory_clients import CONTAINER, address, open_tls

KEYED = "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL"
PASSWORD = "Boss-Passw0rd!"
OBJECTS = "[{name: Servers, display_name: Server 2022 object, host_key: Server 2022}]"
ESTATE = """
    clock: {{start: 2026-11-20T09:00:00Z, ticking: false}}
    dns: none
    defaults: {{domain: corp.lab}}
    directories:
      corp.lab: {{address: {address}, accounts: {{boss: {{password: "{password}", rights: admin}}}}, objects: {objects}}}
    kms_hosts: [{{name: kms1, address: 127.66.0.10, os: Server 2025 Standard, outside_clients: 60}}]
    machines:
      - {{name: s22, address: 127.66.0.11, os: Server 2022 Standard, state: grace, kms_host: kms1.corp.lab}}
      - {{name: s25, address: 127.66.0.12, os: Server 2025 Standard, state: grace, kms_host: kms1.corp.lab}}
      - {{name: w10, address: 127.66.0.13, os: Windows 10 Enterprise, state: grace, language: ja}}
      - {{name: r2, address: 127.66.0.14, os: Server 2008 R2 Standard, state: grace}}
      - {{name: w7, address: 127.66.0.15, os: Windows 7 Professional, state: grace}}
      - {{name: alone, address: 127.66.0.16, os: Server 2022 Standard, state: grace, domain: ""}}
      - {{name: licensed, address: 127.66.0.17, os: Server 2019 Standard, {licensed}}}
      - {{name: suite, address: 127.66.0.18, os: Windows 10 Enterprise, state: grace,
         office: [{{product: Office LTSC Professional Plus 2021, state: grace}}]}}
"""


class Client:
    """One machine, asked as the protocol package asks it."""

    def __init__(self, estate: Estate, name: str) -> None:
        self.estate, self.machine = estate, estate.machines[name]

    def query(self, wql: str) -> list[Any]:
        return [instance.values for instance in asyncio.run(self.machine.query("root/cimv2", wql)).instances]

    def product(self, number: int = 0) -> Any:
        return self.query(KEYED)[number]

    def call(self, product: Any, method: str, **arguments: object) -> None:
        given = {name: [str(value)] for name, value in arguments.items()}
        asyncio.run(self.machine.invoke("root/cimv2", "SoftwareLicensingProduct", {"ID": product["ID"]}, method, given))

    def activate(self, number: int = 0) -> int:
        """0, or the code that Activate fails with."""
        try:
            self.call(self.product(number), "Activate")
        except WmiFault as fault:
            return fault.hresult
        return 0

    def pin(self, kind: int) -> None:
        self.call(self.product(), "SetVLActivationTypeEnabled", ActivationType=kind)

    def restart_service(self) -> None:
        for method in ("StopService", "StartService"):
            asyncio.run(self.machine.invoke("root/cimv2", "Win32_Service", {"Name": "sppsvc"}, method, {}))

    def events(self, number: int) -> list[tuple[str, ...]]:
        return [event.strings for event in self.machine.events.newest_first(number=number)]

    def run(self, line: str) -> str:
        return asyncio.run(self.machine.run(line, [])).stdout


@pytest.fixture
def estate_with(tmp_path: Path) -> Iterator[Callable[..., Estate]]:
    """Starts an estate with these objects in its directory."""
    running: list[Estate] = []

    def start(objects: str = OBJECTS, licensed: str = "state: ad_licensed, days_since_activation: 3") -> Estate:
        path = tmp_path / "estate.yml"
        path.write_text(textwrap.dedent(ESTATE).format(address=address(2), password=PASSWORD, objects=objects, licensed=licensed), "utf-8")
        running.append(load_estate(path))
        asyncio.run(running[-1].start(tmp_path / "run"))
        return running[-1]

    yield start
    for estate in running:
        asyncio.run(estate.stop())


@pytest.fixture
def at(estate_with: Callable[..., Estate]) -> Callable[[str], Client]:
    estate = estate_with()
    return lambda name: Client(estate, name)


def shown(product: Any) -> tuple[Any, ...]:
    return product["LicenseStatus"], product["VLActivationType"], product["ADActivationObjectName"], product["ADActivationObjectDN"]


def test_an_object_that_covers_a_machine_activates_it_before_any_kms_host_is_asked(at: Callable[[str], Client]) -> None:
    client = at("s22")
    assert client.activate() == 0
    product = client.product()
    assert shown(product) == (1, 1, "Server 2022 object", f"CN=Servers,{CONTAINER}")
    assert product["GracePeriodRemaining"] == 180 * 1440
    (found,) = client.estate.directories.describe("corp.lab")["objects"]
    assert (product["ADActivationCsvlkPid"], product["ADActivationCsvlkSkuId"]) == (found["extended_pid"], found["sku_id"])
    assert client.events(12308) == [(product["ID"], "Server 2022 object", f"CN=Servers,{CONTAINER}")]
    assert client.events(12288) == []
    assert product["KeyManagementServiceProductKeyID"] is None


def test_an_object_covers_its_generation_and_older_ones_and_clients(at: Callable[[str], Client]) -> None:
    assert at("w10").activate() == 0
    assert shown(at("w10").product())[:2] == (1, 1)
    assert at("s25").activate() == 0
    assert shown(at("s25").product()) == (1, 2, None, None), "a newer Windows is activated by the KMS host"
    assert [strings[0] for strings in at("s25").events(8215)] == ["0xC004F081"]


def test_a_machine_that_is_pinned_to_the_directory_asks_no_kms_host(at: Callable[[str], Client]) -> None:
    client = at("s25")
    client.pin(1)
    assert client.activate() == 0xC004F081
    assert client.product()["LicenseStatus"] == 2
    assert client.events(12288) == []
    (failed,), (unread,) = client.events(8215), client.events(8213)
    assert failed == ("0xC004F081", client.product()["ID"])
    assert unread[0] == "0xC004F081"


def test_a_machine_that_is_pinned_to_kms_asks_no_directory(at: Callable[[str], Client]) -> None:
    client = at("s22")
    client.pin(2)
    assert client.activate() == 0
    assert shown(client.product()) == (1, 2, None, None)
    assert client.estate.directories.describe("corp.lab")["operations"] == []


def test_windows_7_and_server_2008_r2_ask_no_directory(at: Callable[[str], Client]) -> None:
    for name in ("r2", "w7"):
        assert at(name).activate() != 0
        assert "ADActivationObjectName" not in at(name).product()
    assert at("r2").estate.directories.describe("corp.lab")["operations"] == []


def test_a_workgroup_machine_has_no_directory(at: Callable[[str], Client]) -> None:
    client = at("alone")
    client.pin(1)
    assert client.activate() == 0x8007054B


def test_office_is_activated_by_an_office_object_alone(estate_with: Callable[..., Estate]) -> None:
    estate = estate_with("[{host_key: Server 2022}, {host_key: Office LTSC 2024}]")
    client = Client(estate, "suite")
    office = next(number for number, product in enumerate(client.query(KEYED)) if "Office" in product["Name"])
    assert client.activate(office) == 0
    assert shown(client.product(office))[:3] == (1, 1, "Office LTSC 2024 activation object")


def test_the_renewal_is_every_seven_days_and_the_end_180_days_after_the_last(at: Callable[[str], Client]) -> None:
    client = at("licensed")
    assert shown(client.product())[:3] == (1, 1, "Server 2022 object")
    client.estate.advance(timedelta(days=40))
    assert client.product()["GracePeriodRemaining"] == 179 * 1440
    assert len(client.events(12308)) == 6


def test_a_directory_is_asked_once_while_time_passes_and_then_again(at: Callable[[str], Client]) -> None:
    client = at("licensed")
    client.estate.advance(timedelta(days=40))
    asked = [noted for noted in client.estate.directories.describe("corp.lab")["operations"] if noted.get("entries") is not None]
    assert len(asked) == 1
    assert client.activate() == 0
    assert len(client.estate.directories.describe("corp.lab")["operations"]) == len(asked) + 3, "bind, root, two searches"


def test_a_deleted_object_leaves_its_clients_licensed_up_to_180_days(at: Callable[[str], Client]) -> None:
    client = at("licensed")
    server = client.estate.directories.running("corp.lab").server
    assert server is not None
    server.tree.delete(f"CN=Servers,{CONTAINER}")
    client.estate.advance(timedelta(days=100))
    assert shown(client.product())[:3] == (1, 1, "Server 2022 object")
    assert client.product()["GracePeriodRemaining"] == 77 * 1440
    assert {strings[0] for strings in client.events(8215)} == {"0xC004F081"}
    client.estate.advance(timedelta(days=78))
    assert client.product()["LicenseStatus"] == 3


@pytest.mark.parametrize("how", ["fault", "stopped"])
def test_a_domain_controller_that_does_not_answer_is_a_code_of_its_own(at: Callable[[str], Client], how: str) -> None:
    client = at("s22")
    client.pin(1)
    if how == "fault":
        client.estate.set_fault("s22", "directory_down")
    else:
        client.estate.directories.change("corp.lab", "stop", 0)
    assert client.activate() == 0x8007203A
    client.estate.clear_faults()
    if how == "stopped":
        client.estate.directories.change("corp.lab", "start", 0)
    assert client.activate() == 0


def test_without_dns_no_domain_is_found(at: Callable[[str], Client]) -> None:
    client = at("s22")
    client.pin(1)
    client.estate.set_fault("s22", "dns_down")
    assert client.activate() == 0x8007054B


def test_a_domain_has_the_objects_of_its_forest(tmp_path: Path) -> None:
    path = tmp_path / "estate.yml"
    path.write_text(
        f"dns: none\ndirectories:\n  corp.lab: {{address: {address(2)}, objects: [{{host_key: Server 2022}}]}}\n"
        f"  child.corp.lab: {{address: {address(6)}, forest: corp.lab, name: dc9}}\nmachines:\n"
        "- {name: m, address: 127.66.0.11, os: Server 2022 Standard, state: grace, domain: child.corp.lab, activation_type: 1}\n"
    )
    estate = load_estate(path)
    asyncio.run(estate.start(tmp_path / "run"))
    try:
        client = Client(estate, "m")
        assert client.machine.inventory_variables["winlab_directory_server"] == "dc9.child.corp.lab"
        assert client.activate() == 0
        assert client.product()["ADActivationObjectDN"] == f"CN=Server 2022 activation object,{CONTAINER}"
    finally:
        asyncio.run(estate.stop())


def test_a_forest_without_the_container_is_a_code_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "estate.yml"
    path.write_text(
        f"dns: none\ndirectories: {{corp.lab: {{address: {address(2)}, container: false}}}}\nmachines:\n"
        "- {name: m, address: 127.66.0.11, os: Server 2022 Standard, state: grace, domain: corp.lab, activation_type: 1}\n"
    )
    estate = load_estate(path)
    asyncio.run(estate.start(tmp_path / "run"))
    try:
        assert Client(estate, "m").activate() == 0x80072030
    finally:
        asyncio.run(estate.stop())


def test_an_object_of_a_blocked_key_cannot_be_used(at: Callable[[str], Client]) -> None:
    client = at("s22")
    (found,) = client.estate.directories.describe("corp.lab")["objects"]
    for key in client.estate.keys.all():
        if key.key.endswith(found["partial_key"]):
            key.blocked = "activate"
    client.pin(1)
    assert client.activate() == 0xC004C003
    assert [strings[2:] for strings in client.events(8214)] == [("Server 2022 object", f"CN=Servers,{CONTAINER}")]


def test_leaving_the_domain_ends_the_activation_when_the_service_starts(at: Callable[[str], Client]) -> None:
    client = at("licensed")
    client.estate.leave_domain("licensed")
    assert client.machine.fqdn == "licensed"
    assert shown(client.product())[:3] == (1, 1, "Server 2022 object")
    client.restart_service()
    assert shown(client.product()) == (5, 0, None, None)
    client.estate.join_domain("licensed", "corp.lab")
    assert client.activate() == 0
    assert shown(client.product())[:2] == (1, 1)


def test_the_file_can_begin_with_a_machine_that_left(estate_with: Callable[..., Estate]) -> None:
    client = Client(estate_with(licensed="state: ad_licensed, left_domain: true"), "licensed")
    assert (client.machine.domain, shown(client.product())[:2]) == ("", (1, 1))
    client.restart_service()
    assert client.product()["LicenseStatus"] == 5


def test_the_service_renews_when_it_starts(at: Callable[[str], Client]) -> None:
    client = at("licensed")
    client.restart_service()
    assert client.product()["GracePeriodRemaining"] == 180 * 1440


def test_slmgr_shows_the_object(at: Callable[[str], Client]) -> None:
    text = at("licensed").run("cscript //nologo slmgr.vbs /dlv")
    assert "AD Activation client information" in text
    assert "Activation Object name: Server 2022 object" in text
    assert f"AO DN: CN=Servers,{CONTAINER}" in text
    assert "Key Management Service client information" not in text


def test_an_object_that_was_added_over_ldap_activates_machines(at: Callable[[str], Client]) -> None:
    client = at("s25")
    client.pin(1)
    from winlab.simulation import activation_objects  # noqa: PLC0415  # as somebody else would write it
    from winlab.simulation.estate_directories import object_sku  # noqa: PLC0415

    made = activation_objects.attributes(object_sku("Server 2025"), "CCCCC-VVVVV-KKKKK-22222-33333", "03612-1")
    assert client.estate.directories.running("corp.lab").add_as("boss", PASSWORD, "New, one", made).startswith("CN=New\\, one,")
    assert client.activate() == 0
    assert client.product()["ADActivationObjectName"] == "New, one"


def test_the_inventory_says_where_the_directory_is(at: Callable[[str], Client]) -> None:
    variables = at("s22").machine.inventory_variables
    assert variables["winlab_directory_server"] == "dc1.corp.lab"
    assert variables["winlab_directory_accounts"] == {"boss": {"password": PASSWORD, "rights": "admin"}}
    assert Path(variables["winlab_directory_ca_file"]).exists()
    server = at("s22").estate.directories.running("corp.lab").server
    assert server is not None
    assert open_tls(server, "boss@corp.lab", password=PASSWORD).bind()


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{address: 10.0.0.1}", "the lab listens on loopback only"),
        ("{address: 127.66.0.1, objects: [{host_key: Server 1999}]}", "'Server 1999' is no host key"),
        ("{address: 127.66.0.1, objects: [{host_key: Server 2022}, {host_key: Server 2022}]}", "two objects have one name"),
        ("{address: 127.66.0.1, schema: 47, objects: [{host_key: Server 2022}]}", "there is no container"),
        ("{address: 127.66.0.1, accounts: {a: {password: x, rights: king}}}", "'king' is none of"),
        ("{address: 127.66.0.1, forest: other.lab}", "the forest other.lab has no directory"),
        ("{server: dc1.ad.test, address: 127.66.0.1, account: a, password: b}", "ca_file: must be a text"),
        ("{address: 127.66.0.1, ca: x}", "unknown entry ca"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(tmp_path: Path, entry: str, told: str) -> None:
    path = tmp_path / "estate.yml"
    path.write_text(f"dns: none\ndirectories: {{d.lab: {entry}}}\n")
    with pytest.raises(EstateError) as caught:
        load_estate(path)
    assert told in str(caught.value)
    assert "directories" in str(caught.value)
