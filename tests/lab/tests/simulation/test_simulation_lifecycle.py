# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A KMS host dies, comes back, or is installed anew; what the others know of it stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from winlab.simulation.estate import Estate
from winlab.simulation.identity import confirmation_id

MakeEstate = Callable[[str], Estate]
FaultCode = Callable[[Callable[[], object]], int]
SPP = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
ESTATE = """
    clock: {start: 2026-11-20T09:00:00Z, ticking: false}
    dns: none
    defaults: {domain: corp.lab}
    kms_hosts:
      - {name: kms1, address: 127.56.32.1, os: Server 2022 Standard, outside_clients: 60, office_host_packs: [Office LTSC 2021],
         updates: [KB5034765]}
      - {name: kms2, address: 127.56.32.2, os: Server 2022 Standard, outside_clients: 60}
    machines:
      - {name: pc, address: 127.56.32.3, os: Windows 10 Enterprise, state: grace, kms_host: kms1}
      - {name: spare, address: 127.56.32.4, os: Server 2022 Standard, state: mak_licensed, outside_clients: 7, firewall: open,
         office: [Office LTSC Professional Plus 2021]}
      - {name: trial, address: 127.56.32.5, os: Server 2022 Standard Evaluation, state: evaluation}
"""


@pytest.fixture
def estate(estate_of: MakeEstate) -> Estate:
    return estate_of(ESTATE)


def become_host(host: Any, key: str = "Server 2022") -> None:
    host.on_service("InstallProductKey", ProductKey=host.machine.context.keys.for_product("csvlk", key).key)
    host.on_product("Activate")


def test_a_crashed_host_answers_nobody_and_is_as_before_once_switched_on(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    pc, kms = remote(estate, "pc"), remote(estate, "kms1")
    pc.on_product("Activate")
    before = (kms.service()["ClientMachineID"], kms.product()["ProductKeyID"], kms.product()["KeyManagementServiceCurrentCount"])
    estate.crash("kms1")
    assert (kms.machine.kms_reachable(), kms.machine.publications(), estate.snapshot("kms1")["crashed"]) == (False, [], True)
    assert fault_code(lambda: pc.on_product("Activate")) == 0xC004F074
    estate.power_on("kms1")
    pc.on_product("Activate")
    assert before == (kms.service()["ClientMachineID"], kms.product()["ProductKeyID"], kms.product()["KeyManagementServiceCurrentCount"])
    assert [record.domain for record in kms.machine.publications()] == ["corp.lab"]


def test_a_crashed_client_does_nothing_while_time_passes(estate: Estate, remote: Any) -> None:
    pc = remote(estate, "pc")
    pc.on_product("Activate")
    estate.crash("pc")
    estate.advance(timedelta(days=20))
    assert len(pc.events(12288)) == 1
    estate.power_on("pc")
    estate.advance(timedelta(hours=1))
    assert len(pc.events(12288)) == 2


def test_switching_on_a_machine_that_runs_does_nothing(estate: Estate, remote: Any) -> None:
    remote(estate, "kms1").on_service("SetKeyManagementServiceListeningPort", PortNumber=1700)
    estate.power_on("kms1")
    assert estate.machines["kms1"].kms_port == 1688


def test_a_machine_that_is_not_there_cannot_crash(estate: Estate) -> None:
    for change in (estate.crash, estate.power_on, estate.rebuild):
        with pytest.raises(KeyError):
            change("nobody")


def test_a_rebuilt_machine_is_a_new_installation_under_the_old_name(estate: Estate, remote: Any) -> None:
    kms = remote(estate, "kms1")
    kms.registry("SetStringValue", SPP, sValueName="KeyManagementServiceListeningPort", sValue="1700")
    kms.invoke("Win32_Service", {"Name": "sppsvc"}, "StopService")
    before, version = kms.service()["ClientMachineID"], kms.query("SELECT SerialNumber FROM Win32_OperatingSystem")
    estate.crash("kms1")
    estate.rebuild("kms1")
    (product,) = kms.query("SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL")
    assert (product["ProductKeyChannel"], product["LicenseStatus"], product["LicenseStatusReason"]) == ("Volume:GVLK", 2, 0x4004F00C)
    assert kms.service()["ClientMachineID"] != before
    assert kms.query("SELECT SerialNumber FROM Win32_OperatingSystem") != version
    assert (kms.machine.fqdn, kms.machine.address, kms.machine.kms_port) == ("kms1.corp.lab", "127.56.32.1", 1688)
    state = estate.snapshot("kms1")
    assert (state["crashed"], state["updates"], state["kms_host"], state["events"], state["stopped_services"]) == (False, [], {}, [], [])
    assert {rule["name"]: rule["enabled"] for rule in state["firewall"]["rules"]}["SPPSVC-In-TCP"] is False
    assert kms.query("SELECT * FROM SoftwareLicensingProduct WHERE ApplicationID LIKE '0ff1ce15%'") == []
    assert kms.registry("GetStringValue", SPP, sValueName="KeyManagementServiceListeningPort").return_value == 2


def test_a_rebuilt_evaluation_is_an_evaluation_again(estate: Estate, remote: Any) -> None:
    estate.rebuild("trial")
    assert remote(estate, "trial").product()["ProductKeyChannel"] == "Retail:TB:Eval"


def test_a_rebuilt_host_is_none_until_it_is_made_one_again_and_counts_outside_clients_at_once(estate: Estate, remote: Any) -> None:
    estate.rebuild("kms1")
    kms, pc = remote(estate, "kms1"), remote(estate, "pc")
    become_host(kms)
    assert not kms.machine.kms_reachable()
    kms.run("netsh advfirewall firewall add rule name=KMS dir=in action=allow protocol=TCP localport=1688")
    pc.on_product("Activate")
    assert kms.product()["KeyManagementServiceCurrentCount"] == 50


def test_a_machine_that_becomes_a_host_counts_the_outside_clients_of_its_entry_and_else_begins_with_nobody(
    estate: Estate, remote: Any, fault_code: FaultCode
) -> None:
    spare, pc = remote(estate, "spare"), remote(estate, "pc")
    become_host(spare)
    assert spare.product()["KeyManagementServiceCurrentCount"] == 7
    pc.on_service("SetKeyManagementServiceMachine", MachineName="spare")
    assert fault_code(lambda: pc.on_product("Activate")) == 0xC004F038
    assert spare.product()["KeyManagementServiceCurrentCount"] == 8
    estate.machines["spare"].outside_clients = 0
    estate.rebuild("spare")
    become_host(spare)
    assert spare.product()["KeyManagementServiceCurrentCount"] == 0xFFFFFFFF


def test_two_hosts_with_one_key_and_one_host_rebuilt_have_extended_pids_of_their_own(estate: Estate, remote: Any) -> None:
    first, second = remote(estate, "kms1"), remote(estate, "kms2")
    assert first.product()["PartialProductKey"] == second.product()["PartialProductKey"]
    found = [first.product()["ProductKeyID"], second.product()["ProductKeyID"]]
    estate.rebuild("kms1")
    become_host(first)
    found.append(first.product()["ProductKeyID"])
    estate.advance(timedelta(days=1))
    become_host(first)
    found.append(first.product()["ProductKeyID"])
    assert len(set(found)) == 4
    assert all(re.fullmatch(r"\d{5}-\d{5}-\d{3}-\d{6}-03-1033-20348\.0000-\d{3}2026", pid) for pid in found)


def test_another_key_on_the_same_host_is_another_extended_pid(estate: Estate, remote: Any) -> None:
    kms = remote(estate, "kms1")
    before = kms.product()["ProductKeyID"]
    become_host(kms, "Server 2025")
    assert kms.product()["ProductKeyID"] != before


def test_a_client_keeps_the_extended_pid_of_the_host_that_activated_it_last(estate: Estate, remote: Any) -> None:
    pc = remote(estate, "pc")
    for name in ("kms1", "kms2", "kms1"):
        pc.on_service("SetKeyManagementServiceMachine", MachineName=name)
        assert pc.product()["KeyManagementServiceProductKeyID"] != remote(estate, name).product()["ProductKeyID"]
        pc.on_product("Activate")
        assert pc.product()["KeyManagementServiceProductKeyID"] == remote(estate, name).product()["ProductKeyID"]
    estate.rebuild("kms1")
    become_host(remote(estate, "kms1"))
    assert pc.product()["KeyManagementServiceProductKeyID"] != remote(estate, "kms1").product()["ProductKeyID"]


def test_a_rebuilt_machine_is_the_same_machine_to_microsoft(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    kms = remote(estate, "kms1")
    spent = estate.snapshot("kms1")["products"][0]["activations_used"]
    for number in range(1, 10):
        estate.rebuild("kms1")
        become_host(kms)
        assert estate.snapshot("kms1")["products"][0]["activations_used"] == spent + number
    estate.rebuild("kms1")
    assert fault_code(lambda: become_host(kms)) == 0xC004C008


def test_depositing_a_confirmation_id_spends_nothing_by_itself(estate: Estate, remote: Any) -> None:
    kms = remote(estate, "kms1")
    key = estate.keys.for_product("csvlk", "Server 2022")
    spent = key.used
    for _ in range(12):
        estate.rebuild("kms1")
        kms.on_service("InstallProductKey", ProductKey=key.key)
        iid = kms.product()["OfflineInstallationId"]
        kms.on_product("DepositOfflineConfirmationId", InstallationId=iid, ConfirmationId=confirmation_id(iid))
        assert kms.product()["IsKeyManagementServiceMachine"] == 1
    assert key.used == spent
