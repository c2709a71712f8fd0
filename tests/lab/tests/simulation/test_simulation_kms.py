# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from winlab.simulation.estate import Estate

At = Callable[[str], Any]
FaultCode = Callable[[Callable[[], object]], int]


def convert(machine: Any, key: str) -> None:
    machine.on_service("InstallProductKey", ProductKey=key)
    machine.on_product("Activate")
    machine.on_service("RefreshLicenseStatus")


def test_a_mak_machine_becomes_a_kms_client(at: At, gvlk: Mapping[str, str]) -> None:
    convert(at("srv"), gvlk["Server 2019 Standard"])
    product = at("srv").product()
    assert (product["PartialProductKey"], product["ProductKeyChannel"]) == ("J464C", "Volume:GVLK")
    assert (product["LicenseStatus"], product["LicenseStatusReason"], product["GracePeriodRemaining"]) == (1, 0x4004F040, 259200)
    assert product["KeyManagementServiceProductKeyID"] == at("kms1").product()["ProductKeyID"]
    assert product["KeyManagementServiceMachine"] == "kms1.corp.lab"
    assert len(at("srv").query("SELECT ID FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL")) == 1


def test_a_new_key_shows_its_status_only_after_a_refresh(at: At, gvlk: Mapping[str, str]) -> None:
    srv = at("srv")
    srv.on_service("InstallProductKey", ProductKey=gvlk["Server 2019 Standard"])
    assert (srv.product()["LicenseStatus"], srv.product()["LicenseStatusReason"]) == (0, 0xC004F034)
    assert srv.service()["PolicyCacheRefreshRequired"] == 1
    srv.on_service("RefreshLicenseStatus")
    assert (srv.product()["LicenseStatus"], srv.product()["LicenseStatusReason"], srv.product()["GracePeriodRemaining"]) == (
        2,
        0x4004F00C,
        43200,
    )
    assert srv.service()["PolicyCacheRefreshRequired"] == 0


def test_request_and_answer_are_logged_on_both_sides(at: At, office: Estate) -> None:
    pc = at("pc")
    pc.on_product("Activate")
    cmid, sku = pc.service()["ClientMachineID"], pc.product()["ID"]
    assert pc.events(12288) == [f"0x00000000, 0x00000000, kms1.corp.lab:1688, {cmid}, 2026/11/20 09:00, 1, 2, 43200, {sku}, 25"]
    assert pc.events(12289) == ["0x00000000, 0x00000000, 1, 0, 50, 120, 10080, 2026/11/20 09:00"]
    assert at("kms1").events(12290) == [f"0x0,25,pc.corp.lab,{cmid},2026/11/20 09:00,1,2,43200,{sku}"]
    stamp = "20261120085900.000000+000"
    wql = f"SELECT * FROM Win32_NTLogEvent WHERE Logfile='Application' AND EventCode=12288 AND TimeGenerated >= '{stamp}'"
    (event,) = pc.query(wql)
    assert event["InsertionStrings"][0].startswith("0x00000000, ")
    assert (event["Type"], event["EventIdentifier"], event["SourceName"]) == ("情報", 0x40003000, "Microsoft-Windows-Security-SPP")
    assert pc.query(wql.replace("2026112008", "2026112010")) == []
    assert at("kms1").query("SELECT * FROM Win32_NTLogEvent WHERE Logfile='Key Management Service' AND EventCode=12290")
    assert office.machines["old"].events.newest_first() == []


def test_the_english_message_has_the_code_where_ospp_vbs_reads_it(at: At) -> None:
    at("old").on_product("Activate")
    (event,) = at("old").query("SELECT Message FROM Win32_NTLogEvent WHERE EventCode=12288")
    assert event["Message"][89:99] == "0x00000000"


@pytest.mark.parametrize("fault", ["kms_host_down", "kms_port_closed"])
def test_an_unreachable_host_is_c004f074_with_the_reason_in_event_12288(at: At, office: Estate, fault_code: FaultCode, fault: str) -> None:
    office.set_fault("kms1", fault)
    assert fault_code(lambda: at("pc").on_product("Activate")) == 0xC004F074
    assert at("pc").events(12288)[0].startswith("0x800706BA, ")
    assert at("pc").events(12289) == []
    office.clear_faults()
    at("pc").on_product("Activate")


def test_a_name_that_leads_nowhere_is_an_unreachable_host(at: At, fault_code: FaultCode) -> None:
    at("pc").on_service("SetKeyManagementServiceMachine", MachineName="nowhere.corp.lab")
    assert fault_code(lambda: at("pc").on_product("Activate")) == 0xC004F074


def test_hosts_are_found_by_short_name_address_and_listening_port(at: At, fault_code: FaultCode) -> None:
    pc, kms = at("pc"), at("kms1")
    for name in ("kms1", "KMS1.corp.lab", "127.56.0.10"):
        pc.on_service("SetKeyManagementServiceMachine", MachineName=name)
        pc.on_product("Activate")
    kms.on_service("SetKeyManagementServiceListeningPort", PortNumber=1700)
    pc.on_product("Activate")  # the running service still listens on the old one
    for method in ("StopService", "StartService"):
        kms.invoke("Win32_Service", {"Name": "sppsvc"}, method)
    assert fault_code(lambda: pc.on_product("Activate")) == 0xC004F074
    pc.on_service("SetKeyManagementServicePort", PortNumber=1700)
    kms.run('netsh advfirewall firewall add rule name="KMS" dir=in action=allow protocol=TCP localport=1700')
    pc.on_product("Activate")


def test_the_products_own_host_counts_before_the_services(at: At, fault_code: FaultCode) -> None:
    pc = at("pc")
    pc.on_product("SetKeyManagementServiceMachine", MachineName="gone.corp.lab")
    assert pc.product()["KeyManagementServiceMachine"] == "gone.corp.lab"
    assert pc.service()["KeyManagementServiceMachine"] == "kms1.corp.lab"
    assert fault_code(lambda: pc.on_product("Activate")) == 0xC004F074
    pc.on_product("ClearKeyManagementServiceMachine")
    assert pc.product()["KeyManagementServiceMachine"] == "kms1.corp.lab"
    pc.on_product("Activate")


@pytest.mark.parametrize(
    ("fault", "params", "code"),
    [("kms_host_not_activated", {}, 0xC004F041), ("kms_count", {"value": 24}, 0xC004F038), ("clock_skew", {"minutes": 600}, 0xC004F06C)],
)
def test_a_host_that_says_no_gives_its_own_code(at: At, office: Estate, fault_code: FaultCode, fault: str, params: Any, code: int) -> None:
    office.set_fault("pc" if fault == "clock_skew" else "kms1", fault, **params)
    assert fault_code(lambda: at("pc").on_product("Activate")) == code
    sent = at("pc").events(12288)[0]
    assert sent.startswith("0x00000000, " if code == 0xC004F038 else f"0x{code:08X}, ")
    if code == 0xC004F038:
        assert at("pc").events(12289)[0].startswith("0xC004F038, 0x04000000, 1, 0, 24, ")


def test_a_host_key_does_not_cover_a_later_windows(at: At, fault_code: FaultCode) -> None:
    assert fault_code(lambda: at("new").on_product("Activate")) == 0xC004F042
    assert at("kms1").product()["KeyManagementServiceFailedRequests"] == 1


def test_nothing_listens_on_a_machine_that_is_no_kms_host(at: At, fault_code: FaultCode) -> None:
    at("pc").on_service("SetKeyManagementServiceMachine", MachineName="srv.corp.lab")
    assert fault_code(lambda: at("pc").on_product("Activate")) == 0xC004F074
    assert at("pc").events(12288)[0].startswith("0x800706BA, ")


def test_a_host_for_windows_says_to_office_that_it_is_none(estate_of: Callable[[str], Estate], remote: Any, fault_code: FaultCode) -> None:
    estate = estate_of("""
        dns: none
        kms_hosts: [{name: kms, address: 127.56.0.10, os: Server 2022 Standard, outside_clients: 60}]
        machines: [{name: pc, address: 127.56.1.1, os: Windows 10 Enterprise, state: mak_licensed, kms_host: kms,
                    office: [Office LTSC Professional Plus 2021]}]
    """)
    pc = remote(estate, "pc")
    pc.on_service("InstallProductKey", ProductKey="FXYTK-NJJ8C-GB6DW-3DYQT-6F7TH")
    (office,) = pc.query("SELECT ID FROM SoftwareLicensingProduct WHERE PartialProductKey = '6F7TH'")
    assert fault_code(lambda: pc.invoke("SoftwareLicensingProduct", {"ID": office["ID"]}, "Activate")) == 0xC004F039


def test_a_host_key_that_was_never_activated_activates_nobody(
    estate_of: Callable[[str], Estate], remote: Any, fault_code: FaultCode
) -> None:
    estate = estate_of("""
        dns: none
        machines:
          - {name: rogue, address: 127.56.1.1, os: Server 2022 Standard, state: csvlk_on_client, firewall: open}
          - {name: pc, address: 127.56.1.2, os: Windows 10 Enterprise, state: grace, kms_host: rogue}
    """)
    assert fault_code(lambda: remote(estate, "pc").on_product("Activate")) == 0xC004F041
    assert remote(estate, "rogue").product()["IsKeyManagementServiceMachine"] == 0


def test_servers_need_five_clients_twenty_five_and_each_machine_counts_once(
    estate_of: Callable[[str], Estate], remote: Any, fault_code: FaultCode
) -> None:
    estate = estate_of("""
        clock: {ticking: false}
        dns: none
        kms_hosts: [{name: kms, address: 127.56.0.10, os: Server 2022 Standard}]
        defaults: {kms_host: kms, state: grace}
        machines:
          - {name: "s{01..05}", address: 127.56.1.1, os: Server 2019 Standard}
          - {name: "c{01..20}", address: 127.56.2.1, os: Windows 10 Enterprise}
    """)
    first = remote(estate, "s01")
    assert first.machine.service.hosts == {}
    assert remote(estate, "kms").product()["KeyManagementServiceCurrentCount"] == 0xFFFFFFFF
    for _again in range(3):
        assert fault_code(lambda: first.on_product("Activate")) == 0xC004F038
    assert remote(estate, "kms").product()["KeyManagementServiceCurrentCount"] == 1
    for name in ("s02", "s03", "s04"):
        assert fault_code(lambda name=name: remote(estate, name).on_product("Activate")) == 0xC004F038  # type: ignore[misc]
    remote(estate, "s05").on_product("Activate")
    first.on_product("Activate")
    for number in range(1, 20):
        assert fault_code(lambda number=number: remote(estate, f"c{number:02d}").on_product("Activate")) == 0xC004F038  # type: ignore[misc]
    remote(estate, "c20").on_product("Activate")
    assert remote(estate, "kms").product()["KeyManagementServiceCurrentCount"] == 25


def test_duplicate_cmids_are_one_client(estate_of: Callable[[str], Estate], remote: Any, fault_code: FaultCode) -> None:
    estate = estate_of("""
        dns: none
        kms_hosts: [{name: kms, address: 127.56.0.10, os: Server 2022 Standard}]
        machines:
          - {name: "s{1..9}", address: 127.56.1.1, os: Server 2019 Standard, kms_host: kms, state: grace,
             cmid: 11111111-2222-3333-4444-555555555555}
    """)
    for number in range(1, 10):
        assert fault_code(lambda number=number: remote(estate, f"s{number}").on_product("Activate")) == 0xC004F038  # type: ignore[misc]
    assert remote(estate, "kms").product()["KeyManagementServiceCurrentCount"] == 1


def test_the_counters_tell_requests_apart_by_the_clients_status(at: At) -> None:
    at("pc").on_product("Activate")
    at("pc").on_product("Activate")
    at("old").on_product("Activate")
    host = at("kms1").product()
    assert (
        host["KeyManagementServiceTotalRequests"],
        host["KeyManagementServiceOOBGraceRequests"],
        host["KeyManagementServiceLicensedRequests"],
    ) == (3, 2, 1)
    assert (host["IsKeyManagementServiceMachine"], host["RequiredClientCount"], host["KeyManagementServiceFailedRequests"]) == (1, 25, 0)
    assert at("kms1").service()["KeyManagementServiceTotalRequests"] == 3
    assert at("pc").product()["KeyManagementServiceTotalRequests"] == 0xFFFFFFFF


def test_intervals_come_from_the_host_and_only_a_host_has_them(at: At, fault_code: FaultCode) -> None:
    at("kms1").on_service("SetVLRenewalInterval", RenewalInterval=20160)
    at("kms1").on_service("SetVLActivationInterval", ActivationInterval=15)
    at("pc").on_product("Activate")
    assert (at("pc").product()["VLRenewalInterval"], at("pc").product()["VLActivationInterval"]) == (20160, 15)
    assert fault_code(lambda: at("kms1").on_service("SetVLRenewalInterval", RenewalInterval=14)) == 0x80070057
    assert fault_code(lambda: at("pc").on_service("SetVLRenewalInterval", RenewalInterval=30)) == 0x80070057


def test_a_licensed_client_renews_every_seven_days_and_never_expires(at: At, office: Estate) -> None:
    pc = at("pc")
    pc.on_product("Activate")
    office.advance(timedelta(days=6, hours=23))
    assert len(pc.events(12288)) == 1
    office.advance(timedelta(hours=2))
    assert len(pc.events(12288)) == 2
    office.advance(timedelta(days=365))
    assert pc.product()["LicenseStatus"] == 1
    assert pc.product()["GracePeriodRemaining"] > 259200 - 7 * 1440


def test_a_client_without_its_host_expires_after_180_days_and_is_notified_after_210(at: At, office: Estate) -> None:
    pc = at("pc")
    pc.on_product("Activate")
    office.set_fault("kms1", "kms_host_down")
    office.advance(timedelta(days=179))
    assert pc.product()["LicenseStatus"] == 1
    office.advance(timedelta(days=2))
    assert (pc.product()["LicenseStatus"], pc.product()["LicenseStatusReason"]) == (3, 0x4004F00D)
    assert 28 * 1440 < pc.product()["GracePeriodRemaining"] <= 30 * 1440
    office.advance(timedelta(days=30))
    assert (pc.product()["LicenseStatus"], pc.product()["GracePeriodRemaining"]) == (5, 0)
    office.clear_faults()
    office.advance(timedelta(days=1, hours=1))
    assert pc.product()["LicenseStatus"] == 1


def test_failed_attempts_are_repeated_every_two_hours(at: At, office: Estate) -> None:
    office.set_fault("kms1", "kms_host_down")
    office.advance(timedelta(hours=24))
    assert len(at("pc").events(12288)) == 12


def test_initial_grace_ends_in_notification_after_thirty_days(at: At, office: Estate) -> None:
    office.set_fault("*", "kms_host_down")
    office.advance(timedelta(days=30))
    assert (at("pc").product()["LicenseStatus"], at("pc").product()["LicenseStatusReason"]) in {(5, 0xC004F009), (5, 0xC004F074)}


def test_a_host_forgets_clients_it_has_not_seen_for_thirty_days(estate_of: Callable[[str], Estate], remote: Any) -> None:
    estate = estate_of("""
        clock: {ticking: false}
        dns: none
        kms_hosts: [{name: kms, address: 127.56.0.10, os: Server 2022 Standard, outside_clients: 5}]
        machines: [{name: s1, address: 127.56.1.1, os: Server 2019 Standard, kms_host: kms, state: grace}]
    """)
    remote(estate, "s1").on_product("Activate")
    count = remote(estate, "kms").product()["KeyManagementServiceCurrentCount"]
    remote(estate, "s1").on_product("UninstallProductKey")
    estate.advance(timedelta(days=31))
    assert remote(estate, "kms").product()["KeyManagementServiceCurrentCount"] == count - 1


@pytest.mark.parametrize(("kind", "code"), [(1, 0xC004F081), (3, 0xC004F304)])
def test_activation_types_the_lab_has_no_service_for_fail_honestly(at: At, fault_code: FaultCode, kind: int, code: int) -> None:
    at("pc").on_service("SetVLActivationTypeEnabled", ActivationType=kind)
    assert at("pc").product()["VLActivationTypeEnabled"] == kind
    assert fault_code(lambda: at("pc").on_product("Activate")) == code
    at("pc").on_service("ClearVLActivationTypeEnabled")
    at("pc").on_product("Activate")


def test_a_forced_count_is_what_the_host_shows_too(at: At, office: Estate) -> None:
    office.set_fault("kms1", "kms_count", value=3)
    assert at("kms1").product()["KeyManagementServiceCurrentCount"] == 3


def test_a_port_alone_is_inherited_by_the_product(at: At) -> None:
    at("new").on_service("ClearKeyManagementServiceMachine")
    at("new").on_service("SetKeyManagementServicePort", PortNumber=1700)
    assert at("new").product()["KeyManagementServicePort"] == 1700
