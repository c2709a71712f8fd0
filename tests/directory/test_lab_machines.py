# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines of the lab that are joined to a domain of Samba: they find the objects of the forest, and make some, over real LDAP."""

from __future__ import annotations

import asyncio
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from samba_directory import ADMINISTRATOR, CONTAINER, DELEGATED, DOMAIN, ORDINARY, PASSWORD, SERVER, SambaDirectory
from winlab.caller import CALLER, Caller
from winlab.interfaces import WmiFault
from winlab.simulation import activation_objects
from winlab.simulation.estate import Estate, load_estate
from winlab.simulation.estate_directories import object_sku

KEY_22, KEY_25 = "CCCCC-VVVVV-KKKKK-22222-33333", "CCCCC-VVVVV-KKKKK-22222-44444"
BLOBS = ("msSPP-OnlineLicense", "msSPP-IssuanceLicense")
SERVICE, PRODUCT = "SoftwareLicensingService", "SoftwareLicensingProduct"
ESTATE = """
    clock: {{start: 2026-11-20T09:00:00Z, ticking: false}}
    dns: none
    accounts: {{{administrator}: {password}, {ordinary}: {password}, {delegated}: {password}}}
    defaults: {{domain: {domain}}}
    microsoft:
      keys:
        - {{key: {key_22}, channel: csvlk, fits: [Server 2022], activations: 60}}
        - {{key: {key_25}, channel: csvlk, fits: [Server 2025], activations: 60}}
    directories:
      {domain}: {{server: {server}, address: {address}, port: 636, ca_file: {ca_file}, account: {ordinary}, password: {password}}}
    machines:
      - {{name: s22, address: 127.66.9.1, os: Server 2022 Standard, state: grace, activation_type: 1}}
      - {{name: s25, address: 127.66.9.2, os: Server 2025 Standard, state: grace, activation_type: 1}}
"""


class Member:
    """A machine of the domain."""

    def __init__(self, estate: Estate, name: str) -> None:
        self.estate, self.machine = estate, estate.machines[name]

    def call(self, class_name: str, keys: dict[str, str], method: str, **arguments: str) -> int:
        """0, or the code that the method fails with."""
        given = {name: [value] for name, value in arguments.items()}
        try:
            return int(asyncio.run(self.machine.invoke("root/cimv2", class_name, keys, method, given)).return_value or 0)
        except WmiFault as fault:
            return fault.hresult

    def create(self, name: str, user: str = ADMINISTRATOR, *, key: str = KEY_22) -> int:
        token = CALLER.set(Caller(user, delegates=True))
        try:
            version = self.machine.os.service_version
            method = "DoActiveDirectoryOnlineActivation"
            return self.call(SERVICE, {"Version": version}, method, ProductKey=key, ActivationObjectName=name)
        finally:
            CALLER.reset(token)

    def activate(self) -> int:
        return self.call(PRODUCT, {"ID": self.product()["ID"]}, "Activate")

    def product(self) -> Any:
        query = f"SELECT * FROM {PRODUCT} WHERE PartialProductKey IS NOT NULL"
        return asyncio.run(self.machine.query("root/cimv2", query)).instances[0].values


@contextmanager
def joined(forest: SambaDirectory, folder: Path) -> Iterator[Estate]:
    """Machines of the domain of a forest."""
    path = folder / "estate.yml"
    text = textwrap.dedent(ESTATE).format(
        administrator=ADMINISTRATOR, ordinary=ORDINARY, delegated=DELEGATED, password=PASSWORD, domain=DOMAIN, server=SERVER,
        address=forest.address, ca_file=forest.ca_file, key_22=KEY_22, key_25=KEY_25,
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")
    estate = load_estate(path)
    asyncio.run(estate.start(folder / "run"))
    try:
        yield estate
    finally:
        asyncio.run(estate.stop())


@pytest.fixture
def estate(forest: SambaDirectory, tmp_path: Path) -> Iterator[Estate]:
    """Machines of a forest without objects."""
    with joined(forest, tmp_path) as estate:
        yield estate
    for name, _values in forest.database.search("{config}", "(objectClass=msSPP-ActivationObject)", "cn"):
        forest.database.delete(name)


def test_an_object_that_is_made_through_a_machine_is_in_samba_and_activates_machines(forest: SambaDirectory, estate: Estate) -> None:
    server, newer = Member(estate, "s22"), Member(estate, "s25")
    assert (server.activate(), newer.activate()) == (0xC004F081, 0xC004F081)
    assert server.create("Servers 2022") == 0
    ((dn, values),) = forest.database.search(CONTAINER, "(objectClass=msSPP-ActivationObject)", "*")
    assert dn.startswith("CN=Servers 2022,CN=Activation Objects,")
    sku = object_sku("Server 2022")
    assert sku.host_key is not None
    expected = activation_objects.attributes(sku, KEY_22, "")
    assert sorted(values["msSPP-KMSIds"]) == sorted(expected["msSPP-KMSIds"])
    assert values["msSPP-CSVLKSkuId"] == [expected["msSPP-CSVLKSkuId"]]
    assert values["msSPP-CSVLKPartialProductKey"] == [b"33333"]
    assert values["displayName"] == [b"Servers 2022"]
    assert all(values[blob] for blob in BLOBS)
    assert (server.activate(), newer.activate()) == (0, 0xC004F081), "an object does not cover a newer Windows"
    product = server.product()
    assert (product["VLActivationType"], product["ADActivationObjectName"], product["ADActivationObjectDN"]) == (1, "Servers 2022", dn)
    assert product["ADActivationCsvlkPid"].encode() == values["msSPP-CSVLKPid"][0]
    assert server.machine.events.newest_first(number=12308)[0].strings == (product["ID"], "Servers 2022", dn)


@pytest.mark.parametrize(("user", "code"), [(ORDINARY, 0x80072098), (DELEGATED, 0), (ADMINISTRATOR, 0)])
def test_the_rights_of_the_caller_decide_who_makes_objects(forest: SambaDirectory, estate: Estate, user: str, code: int) -> None:
    assert Member(estate, "s22").create("Made", user) == code
    assert forest.object_names() == ({"Made"} if code == 0 else set())


def test_a_name_that_is_taken_and_one_with_special_characters(forest: SambaDirectory, estate: Estate) -> None:
    server, newer = Member(estate, "s22"), Member(estate, "s25")
    assert [server.create('A, "B" #1'), server.create('a, "b" #1'), newer.create("日本語", key=KEY_25)] == [0, 0x80071392, 0]
    assert forest.object_names() == {'A, "B" #1', "日本語"}
    assert (server.activate(), server.product()["ADActivationObjectName"]) == (0, 'A, "B" #1')


def test_an_object_that_somebody_else_wrote_activates_what_its_kms_ids_name(forest: SambaDirectory, estate: Estate) -> None:
    sku = object_sku("Server 2025")
    assert sku.host_key is not None
    made = activation_objects.attributes(sku, KEY_25, "03612-1")
    forest.database.add(f"CN=By hand,{CONTAINER}", {
        "objectClass": ["msSPP-ActivationObject"], "displayName": ["Shown"],
        **{name: value if isinstance(value, list) else [value] for name, value in made.items() if name not in BLOBS},
    })  # fmt: skip
    for name in ("s22", "s25"):
        assert Member(estate, name).activate() == 0
        assert Member(estate, name).product()["ADActivationObjectName"] == "Shown"


def test_a_deleted_object_leaves_its_clients_licensed_and_an_absent_controller_is_a_code(forest: SambaDirectory, estate: Estate) -> None:
    server = Member(estate, "s22")
    assert (server.create("Short"), server.activate()) == (0, 0)
    forest.database.delete(f"CN=Short,{CONTAINER}")
    estate.advance(timedelta(days=30))
    assert (server.activate(), server.product()["LicenseStatus"], server.product()["VLActivationType"]) == (0xC004F081, 1, 1)
    forest.stop()
    try:
        deadline = time.monotonic() + 20
        while (code := server.activate()) == 0xC004F081 and time.monotonic() < deadline:
            time.sleep(0.2)  # the process of this connection notices a little later that its parent ended
        assert code == 0x8007203A
    finally:
        forest.start()
    assert server.activate() == 0xC004F081, "the machine logs on again"


def test_a_wrong_name_in_the_certificate_and_a_wrong_password_of_the_machines_are_codes(forest: SambaDirectory, estate: Estate) -> None:
    directory = estate.directories.running(DOMAIN)
    directory.close()
    directory.password = "wrong"
    directory._client = None
    assert Member(estate, "s22").activate() == 0x8007052E
    directory.target = type(directory.target)("dc9.ad.test", forest.address, 636, Path(forest.ca_file))
    directory._client = None
    assert Member(estate, "s22").activate() == 0x8007203A


def test_a_forest_without_the_container_is_a_code_of_its_own(forest: SambaDirectory, estate: Estate) -> None:
    forest.remove_container()
    assert Member(estate, "s22").activate() == 0x80072030
    assert Member(estate, "s22").create("New") == 0x80072030
