# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Estates in this process, and a plain way to talk to their machines."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from winlab.interfaces import CommandOutcome, MethodAnswer, WmiFault
from winlab.simulation.estate import Estate, load_estate
from winlab.simulation.machine import Machine

CIMV2 = "root/cimv2"
KEYED = "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL"
GVLK = {
    "Server 2019 Standard": "N69G4-B89J2-4G8F4-WWYCC-J464C",
    "Server 2019 Datacenter": "WMDGN-G9PQG-XVVXX-R3X43-63DFG",
    "Server 2022 Standard": "VDYBN-27WPP-V4HQT-9VMD4-VMK7H",
    "Windows 10 Enterprise": "NPPR9-FWDCX-D2C8J-H872K-2YT43",
    "Windows 7 Professional": "FJ82H-XT6CR-J8D7P-XQJJ2-GPDD4",
}


class Remote:
    """One machine, queried as the protocol package queries it but without waiting code in every test."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def query(self, wql: str, namespace: str = CIMV2) -> list[Mapping[str, Any]]:
        return [instance.values for instance in asyncio.run(self.machine.query(namespace, wql)).instances]

    def get(self, class_name: str, **keys: str) -> Mapping[str, Any]:
        return asyncio.run(self.machine.get(CIMV2, class_name, keys)).values

    def service(self) -> Mapping[str, Any]:
        return self.query("SELECT * FROM SoftwareLicensingService")[0]

    def product(self) -> Mapping[str, Any]:
        return self.query(KEYED)[0]

    def on_service(self, method: str, **arguments: object) -> MethodAnswer:
        return self.invoke("SoftwareLicensingService", {"Version": self.service()["Version"]}, method, **arguments)

    def on_product(self, method: str, **arguments: object) -> MethodAnswer:
        return self.invoke("SoftwareLicensingProduct", {"ID": self.product()["ID"]}, method, **arguments)

    def invoke(self, class_name: str, keys: Mapping[str, str], method: str, **arguments: object) -> MethodAnswer:
        namespace = str(arguments.pop("namespace", CIMV2))
        texts = {name: [str(value)] if not isinstance(value, list) else value for name, value in arguments.items()}
        return asyncio.run(self.machine.invoke(namespace, class_name, keys, method, texts))

    def registry(self, method: str, key: str, **arguments: object) -> MethodAnswer:
        return self.invoke("StdRegProv", {}, method, namespace="root/default", hDefKey=0x80000002, sSubKeyName=key, **arguments)

    def run(self, line: str) -> CommandOutcome:
        return asyncio.run(self.machine.run(line, []))

    def events(self, number: int) -> list[str]:
        return [event.strings[0] for event in self.machine.events.newest_first(number=number)]


@pytest.fixture
def estate_of(tmp_path: Path) -> Callable[[str], Estate]:
    """Makes an estate from YAML text."""

    def make(text: str) -> Estate:
        path = tmp_path / "estate.yml"
        path.write_text(textwrap.dedent(text), "utf-8")
        return load_estate(path)

    return make


OFFICE = """
    clock: {start: 2026-11-20T09:00:00Z, ticking: false}
    dns: none
    defaults: {domain: corp.lab}
    kms_hosts:
      - {name: kms1, address: 127.56.0.10, os: Server 2022 Standard, host_key: Server 2022, outside_clients: 60}
    machines:
      - {name: srv, address: 127.56.0.11, os: Server 2019 Standard, state: mak_licensed, kms_host: kms1.corp.lab}
      - {name: pc, address: 127.56.0.12, os: Windows 10 Enterprise, state: grace, kms_host: kms1.corp.lab, language: ja}
      - {name: old, address: 127.56.0.13, os: Windows 7 Professional, state: grace, kms_host: kms1.corp.lab}
      - {name: new, address: 127.56.0.14, os: Server 2025 Standard, state: grace, kms_host: kms1.corp.lab}
      - {name: eval, address: 127.56.0.15, os: Server 2022 Standard Evaluation, state: evaluation}
"""


@pytest.fixture
def office(estate_of: Callable[[str], Estate]) -> Estate:
    """A small estate without DNS, with a clock that stands still."""
    return estate_of(OFFICE)


@pytest.fixture
def at(office: Estate) -> Callable[[str], Remote]:
    """A machine of the office by name."""
    return lambda name: Remote(office.machines[name])


@pytest.fixture
def remote() -> Callable[[Estate, str], Remote]:
    """A machine of any estate by name."""
    return lambda estate, name: Remote(estate.machines[name])


@pytest.fixture
def gvlk() -> Mapping[str, str]:
    """Public KMS client setup keys by product."""
    return GVLK


@pytest.fixture
def fault_code() -> Callable[[Callable[[], object]], int]:
    """The HRESULT a call fails with, or the WS-Management code where there is none."""

    def code(call: Callable[[], object]) -> int:
        with pytest.raises(WmiFault) as caught:
            call()
        return caught.value.hresult or caught.value.wsman_code or 0

    return code


WPA = "Win32_WindowsProductActivation"
RETAIL_2003 = "RRRRR-TTTTT-RRRRR-22222-"
SERVERS_2003 = f"""
    clock: {{start: 2026-11-20T09:00:00Z, ticking: false}}
    dns: none
    microsoft:
      keys:
        - {{key: {RETAIL_2003}33333, channel: retail, fits: Server 2003 Standard}}
        - {{key: {RETAIL_2003}44444, channel: retail, fits: Server 2003 Standard}}
        - {{key: {RETAIL_2003}66666, channel: retail, fits: [Server 2003 Enterprise, Server 2008 R2 Standard]}}
        - {{key: {RETAIL_2003}77777, channel: retail, fits: Server 2003 Standard, activations: 1, used: 1}}
        - {{key: {RETAIL_2003}88888, channel: retail, fits: Server 2003 Standard, blocked: install}}
        - {{key: {RETAIL_2003}99999, channel: retail, fits: Server 2003 Standard, blocked: activate}}
    machines:
      - {{name: new, address: 127.56.72.1, os: Server 2003 Standard, tags: [old], key: {RETAIL_2003}33333}}
      - {{name: late, address: 127.56.72.2, os: Server 2003 Standard, state: grace_over, language: ja}}
      - {{name: fixed, address: 127.56.72.3, os: Server 2003 Enterprise x64, state: grace_over, updates: [KB824345]}}
      - {{name: done, address: 127.56.72.4, os: Server 2003 Web, state: activated}}
      - {{name: volume, address: 127.56.72.5, os: Server 2003 Datacenter, state: volume_media, domain: corp.lab}}
      - {{name: today, address: 127.56.72.6, os: Server 2022 Standard, state: mak_licensed}}
      - {{name: seven, address: 127.56.72.7, os: Windows 7 Professional, state: mak_licensed}}
"""


class Old:
    """A Windows Server 2003 and its activation."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote

    def shown(self) -> Mapping[str, Any]:
        (found,) = self.remote.query(f"SELECT * FROM {WPA}")
        return dict(found)

    def call(self, method: str, **arguments: object) -> MethodAnswer:
        return self.remote.invoke(WPA, {"ServerName": self.remote.machine.name}, method, **arguments)

    def does(self, method: str, **arguments: object) -> bool:
        """Whether the method says it worked."""
        return self.call(method, **arguments).return_value == 0

    def fetch(self) -> str:
        return str(self.call("GetInstallationID").outputs["InstallationID"])

    def activate_by_telephone(self, estate: Estate) -> bool:
        return self.does("ActivateOffline", ConfirmationID=estate.phone(self.fetch()))

    def days(self) -> tuple[int, int]:
        return self.shown()["ActivationRequired"], self.shown()["RemainingGracePeriod"]

    def file(self, name: str) -> Mapping[str, Any]:
        (found,) = self.remote.query(rf"SELECT * FROM CIM_DataFile WHERE Name = 'C:\\WINDOWS\\system32\\{name}'")
        return dict(found)


@pytest.fixture
def servers(estate_of: Callable[[str], Estate]) -> Estate:
    """Windows Server 2003 in every state, and two later machines."""
    return estate_of(SERVERS_2003)


@pytest.fixture
def old(servers: Estate) -> Callable[[str], Old]:
    """One of the servers by name."""
    return lambda name: Old(Remote(servers.machines[name]))
