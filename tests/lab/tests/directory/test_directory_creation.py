# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The methods that make activation objects: as whom they write, what they cost, and how each of them fails."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from winrm.protocol import Protocol

from winlab.caller import CALLER, Caller
from winlab.client import LabClient, running_lab
from winlab.interfaces import WmiFault
from winlab.simulation.estate import Estate, load_estate

from .directory_clients import CONTAINER, address

KEY, OFFICE_KEY, USED_UP, BLOCKED, MAK, OTHER = (
    f"{prefix}-22222-{tail}"
    for prefix, tail in (
        ("CCCCC-VVVVV-KKKKK", "33333"), ("CCCCC-VVVVV-KKKKK", "44444"), ("CCCCC-VVVVV-KKKKK", "66666"), ("CCCCC-VVVVV-KKKKK", "77777"),
        ("MMMMM-KKKKK-MMMMM", "88888"), ("CCCCC-VVVVV-KKKKK", "99999"),
    )
)  # fmt: skip
SERVICE = "SoftwareLicensingService"
ESTATE = """
    clock: {{start: 2026-11-20T09:00:00Z, ticking: false}}
    dns: none
    accounts: {{boss: "Boss-Passw0rd!", clerk: {{password: "Clerk-Passw0rd!", rights: operator}}, local: "Local-Passw0rd!"}}
    defaults: {{domain: corp.lab, listen: {{credssp: true, transport: ntlm}}}}
    microsoft:
      keys:
        - {{key: {KEY}, channel: csvlk, fits: [Server 2022], activations: 60}}
        - {{key: {OFFICE_KEY}, channel: csvlk, fits: [Office LTSC 2021]}}
        - {{key: {USED_UP}, channel: csvlk, fits: [Server 2022], activations: 6, used: 6}}
        - {{key: {BLOCKED}, channel: csvlk, fits: [Server 2022], blocked: activate}}
        - {{key: {MAK}, channel: mak, fits: [Server 2022 Standard]}}
        - {{key: {OTHER}, channel: csvlk, fits: [Server 2025]}}
    directories:
      corp.lab:
        address: {address}
        accounts:
          boss: {{password: "Boss-Passw0rd!", rights: admin}}
          clerk: {{password: "Clerk-Passw0rd!", rights: reader}}
    machines:
      - {{name: member, address: {member}, os: Server 2022 Standard, state: grace}}
      - {{name: dc1, address: {dc}, os: Server 2022 Standard, state: grace, domain_controller: true, office_host_packs: [Office LTSC 2021]}}
      - {{name: alone, address: 127.66.0.22, os: Server 2022 Standard, state: grace, domain: ""}}
      - {{name: old, address: 127.66.0.23, os: Server 2008 R2 Standard, state: grace}}
"""


def estate_text() -> str:
    names = {name: globals()[name] for name in ("KEY", "OFFICE_KEY", "USED_UP", "BLOCKED", "MAK", "OTHER")}
    return textwrap.dedent(ESTATE).format(address=address(3), member=address(4), dc=address(5), **names)


@contextmanager
def calling(user: str, *, delegates: bool) -> Iterator[None]:
    token = CALLER.set(Caller(user, delegates))
    yield
    CALLER.reset(token)


class Maker:
    """One machine, called by somebody."""

    def __init__(self, estate: Estate, name: str, user: str = "CORP\\boss", *, delegates: bool = True) -> None:
        self.estate, self.machine = estate, estate.machines[name]
        self._user, self._delegates = user, delegates

    def call(self, method: str, **arguments: str) -> Any:
        given = {name: [value] for name, value in arguments.items()}
        with calling(self._user, delegates=self._delegates):
            access = self.machine.seen_by(self._user)
            found = asyncio.run(self.machine.query("root/cimv2", f"SELECT Version FROM {SERVICE}")).instances[0].values
            return asyncio.run(access.invoke("root/cimv2", SERVICE, {"Version": str(found["Version"])}, method, given))

    def create(self, key: str = KEY, name: str = "New") -> int:
        """0, or the code it fails with."""
        return self.code("DoActiveDirectoryOnlineActivation", ProductKey=key, ActivationObjectName=name)

    def code(self, method: str, **arguments: str) -> int:
        try:
            return int(self.call(method, **arguments).return_value)
        except WmiFault as fault:
            return fault.hresult or fault.wsman_code or -1

    def objects(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.estate.directories.describe("corp.lab")["objects"]
        return found

    def used(self, key: str = KEY) -> int:
        known = self.estate.keys.of(key)
        assert known is not None
        return known.used


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    path = tmp_path / "estate.yml"
    path.write_text(estate_text(), "utf-8")
    estate = load_estate(path)
    asyncio.run(estate.start(tmp_path / "run"))
    yield estate
    asyncio.run(estate.stop())


def test_an_online_activation_makes_an_object_that_activates_machines_and_installs_no_key(estate: Estate) -> None:
    maker = Maker(estate, "member")
    before = [product.partial_key for product in maker.machine.service.keyed()]
    assert maker.create(name="Server, 2022") == 0
    (made,) = maker.objects()
    assert (made["name"], made["dn"], made["partial_key"]) == ("Server, 2022", f"CN=Server\\, 2022,{CONTAINER}", "33333")
    assert [product.partial_key for product in maker.machine.service.keyed()] == before
    (gvlk,) = maker.machine.service.keyed()
    with calling("boss", delegates=False):
        asyncio.run(maker.machine.invoke("root/cimv2", "SoftwareLicensingProduct", {"ID": gvlk.sku.id}, "Activate", {}))
    assert gvlk.ad is not None
    assert gvlk.ad.dn == made["dn"]


def test_each_call_costs_an_activation_also_when_the_name_is_taken(estate: Estate) -> None:
    maker = Maker(estate, "member")
    assert [maker.create(), maker.create(), maker.create(name="Other")] == [0, 0x80071392, 0]
    assert maker.used() == 3
    assert [made["name"] for made in maker.objects()] == ["New", "Other"]


def test_without_a_name_the_object_has_a_usual_one(estate: Estate) -> None:
    maker = Maker(estate, "member")
    assert maker.create(name="") == 0
    assert [made["name"] for made in maker.objects()] == ["Server 2022 activation object"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"name": "x" * 65}, 0xC004F082), ({"key": "no key"}, 0xC004F050), ({"key": MAK}, 0xC004F050), ({"key": OTHER}, 0xC004F050),
        ({"key": "CCCCC-VVVVV-KKKKK-22222-BBBBB"}, 0xC004E016), ({"key": USED_UP}, 0xC004C008), ({"key": BLOCKED}, 0xC004C003),
        ({"key": OFFICE_KEY}, 0xC004F050), ({"key": "VDYBN-27WPP-V4HQT-9VMD4-VMK7H"}, 0xC004F050),
    ],
)  # fmt: skip
def test_a_name_or_a_key_that_will_not_do_makes_nothing(estate: Estate, arguments: dict[str, str], code: int) -> None:
    maker = Maker(estate, "member")
    assert maker.create(**arguments) == code
    assert maker.objects() == []
    assert (maker.used(), maker.used(USED_UP)) == (0, 6)


def test_an_office_key_needs_the_license_pack_of_its_release(estate: Estate) -> None:
    assert Maker(estate, "member").create(OFFICE_KEY) == 0xC004F050
    assert Maker(estate, "dc1").create(OFFICE_KEY) == 0


@pytest.mark.parametrize(("machine", "delegates", "code"), [("member", True, 0), ("member", False, 0x80072020), ("dc1", False, 0)])
def test_a_member_needs_a_caller_that_delegates_and_a_domain_controller_does_not(
    estate: Estate, machine: str, delegates: bool, code: int
) -> None:
    maker = Maker(estate, machine, delegates=delegates)
    assert maker.create() == code
    assert maker.used() == (code == 0)


@pytest.mark.parametrize(("user", "code"), [("CORP\\boss", 0), ("clerk", 0x80072098), ("local", 0x8007052E)])
def test_the_object_is_written_as_the_caller(estate: Estate, user: str, code: int) -> None:
    maker = Maker(estate, "member", user)
    assert maker.create() == code
    assert len(maker.objects()) == (code == 0)
    writers = [noted for noted in estate.directories.describe("corp.lab")["operations"] if noted["kind"] in ("add", "bind simple")]
    assert {noted["account"] for noted in writers} == {"boss": {"boss"}, "clerk": {"clerk"}, "local": {None}}[user.rpartition("\\")[2]]


def test_outside_a_domain_and_without_domain_controller_or_internet_there_are_codes_of_their_own(estate: Estate) -> None:
    assert Maker(estate, "alone", "boss").create() == 0x8007054B
    for fault, code in (("directory_down", 0x8007203A), ("no_internet", 0x80072EE7)):
        estate.set_fault("member", fault)
        assert Maker(estate, "member").create() == code
        estate.clear_faults()


def test_windows_before_8_does_not_have_the_methods(estate: Estate) -> None:
    for method in ("DoActiveDirectoryOnlineActivation", "GenerateActiveDirectoryOfflineActivationId"):
        assert Maker(estate, "old").code(method, ProductKey=KEY) == 0x8004102E


def test_by_telephone_an_installation_id_goes_out_and_a_confirmation_id_comes_in(estate: Estate) -> None:
    maker = Maker(estate, "member")
    iid = maker.call("GenerateActiveDirectoryOfflineActivationId", ProductKey=KEY).outputs["InstallationID"]
    assert maker.call("GenerateActiveDirectoryOfflineActivationId", ProductKey=KEY).outputs["InstallationID"] == iid
    assert (len(iid), maker.used(), maker.objects()) == (63, 0, [])
    deposit = {"ProductKey": KEY, "ActivationObjectName": "By telephone"}
    method = "DepositActiveDirectoryOfflineActivationConfirmation"
    for wrong, code in (("x" * 48, 0xC004F02C), ("0" * 47, 0xC004F02F), ("1" + "0" * 47, 0xC004F04D), ("0" * 48, 0xC004F031)):
        assert maker.code(method, ConfirmationID=wrong, **deposit) == code
    estate.set_fault("member", "no_internet")
    assert maker.code(method, ConfirmationID=estate.phone(iid), **deposit) == 0
    assert (maker.used(), [made["name"] for made in maker.objects()]) == (1, ["By telephone"])


def test_slmgr_makes_objects_as_whoever_runs_it(estate: Estate) -> None:
    machine = estate.machines["member"]

    def run(arguments: str) -> str:
        return asyncio.run(machine.run(f"cscript //nologo slmgr.vbs {arguments}", [])).stdout

    with calling("CORP\\boss", delegates=True):
        assert "Product activated successfully." in run(f"/ad-activation-online {KEY} Online")
        iid = run(f"/ad-activation-get-iid {KEY}").partition(": ")[2].strip()
        assert "Product activated successfully." in run(f"/ad-activation-apply-cid {KEY} {estate.phone(iid)}")
    with calling("CORP\\boss", delegates=False):
        assert "0x80072020" in run(f"/ad-activation-online {KEY} Never")
    names = [made["name"] for made in estate.directories.describe("corp.lab")["objects"]]
    assert names == ["Online", "Server 2022 activation object"]


def envelope(machine: str, method: str, **arguments: str) -> str:
    uri = f"http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/{SERVICE}"
    inside = "".join(f"<p:{name}>{value}</p:{name}>" for name, value in arguments.items())
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><s:Header>'
        f"<a:To>http://{machine}/wsman</a:To><a:MessageID>uuid:11111111-1111-4111-8111-111111111111</a:MessageID>"
        "<a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>"
        f"<a:Action>{uri}/{method}</a:Action><w:ResourceURI>{uri}</w:ResourceURI>"
        '<w:SelectorSet><w:Selector Name="Version">10.0.20348.1</w:Selector></w:SelectorSet>'
        f'</s:Header><s:Body><p:{method}_INPUT xmlns:p="{uri}">{inside}</p:{method}_INPUT></s:Body></s:Envelope>'
    )


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabClient]:
    folder = tmp_path_factory.mktemp("creation")
    (folder / "estate.yml").write_text(estate_text(), "utf-8")
    with running_lab(folder / "estate.yml", run_dir=folder) as (client, _inventory):
        yield client


@pytest.fixture
def make(lab: LabClient) -> Callable[[str, str, str], str]:
    """Make an object over WinRM; the answer, or the text of the failure."""
    machines = {machine["name"]: machine for machine in lab.machines()}

    def send(name: str, transport: str, called: str) -> str:
        machine = machines[name]
        endpoint = f"http://{machine['address']}:{machine['http_port']}/wsman"
        protocol = Protocol(endpoint, transport=transport, username="CORP\\boss", password="Boss-Passw0rd!")
        message = envelope(machine["address"], "DoActiveDirectoryOnlineActivation", ProductKey=KEY, ActivationObjectName=called)
        message = message.replace("10.0.20348.1", lab.machine(name)["service"]["Version"])
        try:
            return str(protocol.transport.send_message(message))
        except Exception as error:  # noqa: BLE001  # whatever pywinrm makes of a fault
            return str(getattr(error, "response_text", error))
        finally:
            protocol.transport.close_session()

    return send


@pytest.mark.parametrize(("machine", "transport", "works"), [("member", "credssp", True), ("member", "ntlm", False), ("dc1", "ntlm", True)])
def test_over_winrm_the_way_of_logging_on_decides(
    lab: LabClient, make: Callable[[str, str, str], str], machine: str, transport: str, works: bool
) -> None:
    name = f"{machine} {transport}"
    answer = make(machine, transport, name)
    assert ("DoActiveDirectoryOnlineActivation_OUTPUT" in answer) == works, answer
    assert ("80072020" in answer.lower() or "2147950624" in answer or "-2147016672" in answer) == (not works), answer
    assert (name in [found["name"] for found in lab.directory("corp.lab")["objects"]]) == works
