# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KMS hosts and Microsoft's service at their limits, and what a restart changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from winlab.simulation.estate import Estate

At = Callable[[str], Any]
MakeEstate = Callable[[str], Estate]
FaultCode = Callable[[Callable[[], object]], int]
OFFICES = """
    clock: {start: 2026-11-20T09:00:00Z, ticking: false}
    dns: none
    defaults: {domain: corp.lab}
    kms_hosts:
      - {name: kms1, address: 127.56.22.1, os: Server 2022 Standard, outside_clients: 60,
         office_host_keys: [Office 2016, Office LTSC 2021, Office 2019]}
    machines:
      - {name: pc, address: 127.56.22.2, os: Windows 10 Enterprise, state: kms_licensed, kms_host: kms1.corp.lab, virtual: false,
         office: [Office LTSC Professional Plus 2021]}
      - {name: "h{1..7}", address: 127.56.22.3, os: Server 2022 Standard, state: csvlk_on_client}
"""
OFFICE_KEYED = "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL AND ApplicationID LIKE '0ff1ce15%'"
OFFICE_2021 = "FXYTK-NJJ8C-GB6DW-3DYQT-6F7TH"


def with_office(pc: Any) -> Any:
    """The Office product of a machine, with its key."""
    pc.on_service("InstallProductKey", ProductKey=OFFICE_2021)
    pc.on_service("RefreshLicenseStatus")
    (office,) = pc.query(OFFICE_KEYED)
    return office


def test_of_several_host_keys_for_office_the_one_that_covers_the_client_answers(estate_of: MakeEstate, remote: Any) -> None:
    pc = remote(estate_of(OFFICES), "pc")
    pc.invoke("SoftwareLicensingProduct", {"ID": with_office(pc)["ID"]}, "Activate")
    assert pc.query(OFFICE_KEYED)[0]["LicenseStatus"] == 1


def test_office_clients_are_counted_apart_and_the_cache_for_them_holds_ten(estate_of: MakeEstate, remote: Any) -> None:
    kms = remote(estate_of(OFFICES), "kms1")
    counts = {
        product["Description"]: product["KeyManagementServiceCurrentCount"]
        for product in kms.query("SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL")
    }
    assert counts["Windows(R) Operating System, VOLUME_KMS_WS22 channel"] == 50
    assert {count for name, count in counts.items() if name.startswith("Office ")} == {10}


def test_a_host_logs_whether_the_client_is_a_virtual_machine(estate_of: MakeEstate, remote: Any) -> None:
    estate = estate_of(OFFICES)
    remote(estate, "pc").on_product("Activate")
    assert remote(estate, "kms1").events(12290)[0].split(",")[5] == "0"
    assert remote(estate, "pc").events(12288)[0].split(", ")[5] == "0"


def test_a_host_whose_licensing_service_is_stopped_is_not_reached(at: At, fault_code: FaultCode) -> None:
    service = {"Name": "sppsvc"}
    at("kms1").invoke("Win32_Service", service, "StopService")
    assert fault_code(lambda: at("pc").on_product("Activate")) == 0xC004F074
    at("kms1").invoke("Win32_Service", service, "StartService")
    at("pc").on_product("Activate")


@pytest.mark.parametrize("restart", ["service", "machine"])
def test_a_new_listening_port_counts_from_the_next_start_of_the_service(at: At, fault_code: FaultCode, restart: str) -> None:
    kms, pc = at("kms1"), at("pc")
    kms.on_service("SetKeyManagementServiceListeningPort", PortNumber=1700)
    pc.on_product("Activate")
    if restart == "machine":
        kms.run("shutdown /r /t 0")
    else:
        for method in ("StopService", "StartService"):
            kms.invoke("Win32_Service", {"Name": "sppsvc"}, method)
    assert fault_code(lambda: pc.on_product("Activate")) == 0xC004F074


def test_a_host_key_activates_six_machines(estate_of: MakeEstate, remote: Any, fault_code: FaultCode) -> None:
    # The KMS host of the estate has a key of its own here, so that it is none of the six.
    estate = estate_of(OFFICES.replace("os: Server 2022 Standard, outside_clients: 60,", "os: Server 2019 Standard, outside_clients: 60,"))
    for number in range(1, 7):
        remote(estate, f"h{number}").on_product("Activate")
    assert fault_code(lambda: remote(estate, "h7").on_product("Activate")) == 0xC004C008


def test_a_host_key_activates_each_machine_ten_times(estate_of: MakeEstate, remote: Any, fault_code: FaultCode) -> None:
    estate = estate_of(OFFICES)
    for _ in range(10):
        remote(estate, "h1").on_product("Activate")
    assert fault_code(lambda: remote(estate, "h1").on_product("Activate")) == 0xC004C008
    remote(estate, "h2").on_product("Activate")


def test_an_evaluation_that_is_over_cannot_be_activated(at: At, office: Estate, fault_code: FaultCode) -> None:
    at("eval").on_product("Activate")
    office.advance(timedelta(days=181))
    assert fault_code(lambda: at("eval").on_product("Activate")) == 0xC004F009
    assert at("eval").product()["LicenseStatus"] == 5


def test_a_rearm_of_windows_takes_its_activation_and_leaves_office_alone(estate_of: MakeEstate, remote: Any) -> None:
    pc = remote(estate_of(OFFICES), "pc")
    office = with_office(pc)
    pc.invoke("SoftwareLicensingProduct", {"ID": office["ID"]}, "Activate")
    before = pc.service()["ClientMachineID"]
    pc.on_service("ReArmWindows")
    pc.run("shutdown /r /t 0")
    windows = next(product for product in pc.query("SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey = '2YT43'"))
    assert (windows["LicenseStatus"], windows["KeyManagementServiceProductKeyID"], windows["VLActivationType"]) == (2, None, 0)
    assert pc.query(OFFICE_KEYED)[0]["LicenseStatus"] == 1
    assert pc.service()["ClientMachineID"] != before


def test_a_rearmed_mak_machine_has_to_be_activated_again(at: At) -> None:
    at("srv").on_service("ReArmWindows")
    assert at("srv").product()["LicenseStatus"] == 1
    at("srv").run("shutdown /r /t 0")
    assert (at("srv").product()["LicenseStatus"], at("srv").product()["LicenseStatusReason"]) == (2, 0x4004F00C)
