# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines that are not genuine, the ways out of it, and restarts that somebody asks for over the network."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from winlab.simulation.estate import Estate

MakeEstate = Callable[[str], Estate]
FaultCode = Callable[[Callable[[], object]], int]
GOOD = "MMMMM-KKKKK-MMMMM-22222-66666"
ESTATE = f"""
    clock: {{start: 2026-11-20T09:00:00Z, ticking: false}}
    dns: none
    defaults: {{domain: corp.lab}}
    kms_hosts:
      - {{name: kms1, address: 127.56.40.1, os: Server 2022 Standard, outside_clients: 60, genuine: revoked}}
    microsoft:
      keys:
        - {{key: MMMMM-KKKKK-MMMMM-22222-77777, channel: mak, fits: Server 2019 Standard, activations: 9}}
        - {{key: {GOOD}, channel: mak, fits: Server 2019 Standard, activations: 9}}
        - {{key: CCCCC-VVVVV-KKKKK-22222-77777, channel: csvlk, fits: Server 2022, activations: 60}}
        - {{key: CCCCC-VVVVV-KKKKK-22222-66666, channel: csvlk, fits: Server 2022, activations: 60}}
    machines:
      - {{name: pc, address: 127.56.40.2, os: Windows 10 Enterprise, state: kms_licensed, kms_host: kms1, genuine: revoked}}
      - {{name: alone, address: 127.56.40.3, os: Windows 10 Enterprise, state: kms_licensed, kms_host: kms1, genuine: revoked,
         internet: false}}
      - {{name: srv, address: 127.56.40.4, os: Server 2019 Standard, state: mak_licensed, genuine: revoked, language: ja}}
      - {{name: bad, address: 127.56.40.5, os: Windows 7 Professional, state: mak_licensed, genuine: tampered, rearms_left: 1}}
      - {{name: fine, address: 127.56.40.6, os: Windows 11 Pro, state: kms_licensed, kms_host: kms1}}
"""


@pytest.fixture
def estate(estate_of: MakeEstate) -> Estate:
    return estate_of(ESTATE)


def reasons(host: Any) -> list[tuple[str, ...]]:
    """Insertion strings of events 8209, newest first."""
    return [event.strings for event in host.machine.events.newest_first(number=8209)]


def is_genuine(host: Any) -> bool:
    return bool(host.product()["GenuineStatus"] == 0)


@pytest.mark.parametrize(("name", "reason"), [("pc", "0xC004C4A2"), ("srv", "0xC004C4A2"), ("kms1", "0xC004C4A2"), ("bad", "0x8004FE21")])
def test_a_machine_that_failed_validation_shows_it_and_its_log_says_why(estate: Estate, remote: Any, name: str, reason: str) -> None:
    host = remote(estate, name)
    shown = host.product()
    assert (shown["LicenseStatus"], shown["LicenseStatusReason"], shown["GenuineStatus"]) == (4, 0xC004F200, 1)
    assert shown["GracePeriodRemaining"] == 30 * 24 * 60
    assert reasons(host) == [(reason, "55c92734-d682-4d71-983e-d6ec3f16059f")]


def test_after_30_days_it_is_in_notification_for_the_same_reason(estate: Estate, remote: Any) -> None:
    estate.clock.advance(timedelta(days=31))
    assert (remote(estate, "srv").product()["LicenseStatus"], remote(estate, "srv").product()["LicenseStatusReason"]) == (5, 0xC004F200)
    assert is_genuine(remote(estate, "fine"))


def test_a_revoked_key_cannot_be_activated_and_another_one_makes_genuine(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    srv = remote(estate, "srv")
    assert fault_code(lambda: srv.on_product("Activate")) == 0xC004C003
    srv.on_service("InstallProductKey", ProductKey=GOOD)
    assert not is_genuine(srv)
    srv.on_product("Activate")
    assert (srv.product()["LicenseStatus"], is_genuine(srv)) == (1, True)
    assert [len(srv.machine.events.newest_first(number=number)) for number in (12304, 12305)] == [1, 1]


def test_clients_of_a_revoked_host_key_recover_once_the_host_has_another(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    kms, pc = remote(estate, "kms1"), remote(estate, "pc")
    assert fault_code(lambda: pc.on_product("Activate")) == 0xC004F041
    kms.on_service("InstallProductKey", ProductKey="CCCCC-VVVVV-KKKKK-22222-66666")
    kms.on_product("Activate")
    pc.on_product("Activate")
    assert (is_genuine(kms), is_genuine(pc), pc.product()["LicenseStatus"]) == (True, True, 1)


def test_without_the_internet_it_is_licensed_and_not_yet_genuine(estate: Estate, remote: Any) -> None:
    kms, alone = remote(estate, "kms1"), remote(estate, "alone")
    kms.on_service("InstallProductKey", ProductKey="CCCCC-VVVVV-KKKKK-22222-66666")
    kms.on_product("Activate")
    alone.on_product("Activate")
    assert (alone.product()["LicenseStatus"], is_genuine(alone)) == (1, False)
    assert alone.machine.events.newest_first(number=8208)[0].strings[0] == "hr=0x80072EE7"


def test_no_key_helps_a_machine_whose_files_were_changed(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    bad = remote(estate, "bad")
    assert fault_code(lambda: bad.on_product("Activate")) == 0xC004E003


def test_an_estate_file_says_how_many_rearms_are_left(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    bad = remote(estate, "bad")
    bad.on_service("ReArmWindows")
    bad.machine.restart()
    assert bad.service()["RemainingWindowsReArmCount"] == 0
    assert fault_code(lambda: bad.on_service("ReArmWindows")) == 0xC004D307


def test_a_rearm_hides_the_licenses_until_the_restart_where_a_fault_says_so(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    host = remote(estate, "fine")
    estate.set_fault("fine", "rearm_hides_licenses")
    host.on_service("ReArmWindows")
    assert fault_code(host.product) == 0xC004D302
    host.machine.restart()
    assert host.product()["LicenseStatus"] == 2


def booted(host: Any) -> Any:
    (shown,) = host.query("SELECT LastBootUpTime FROM Win32_OperatingSystem")
    return shown["LastBootUpTime"]


@pytest.mark.parametrize("name", ["fine", "srv"])
def test_a_restart_moves_the_boot_time_and_is_counted(estate: Estate, remote: Any, name: str) -> None:
    host = remote(estate, name)
    before = booted(host)
    assert booted(host) == before
    host.invoke("Win32_OperatingSystem", {}, "Reboot")
    assert (booted(host) > before, host.machine.restarts_asked) == (True, 1)


def test_a_restart_that_is_held_up_answers_and_does_nothing(estate: Estate, remote: Any) -> None:
    host = remote(estate, "fine")
    before = booted(host)
    estate.set_fault("fine", "restart_held_up")
    assert host.invoke("Win32_OperatingSystem", {}, "Reboot").return_value == 0
    assert (booted(host), host.machine.restarts_asked) == (before, 0)
