# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""More hardware changes than Windows tolerates: what becomes of each kind of license."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from winlab.simulation.estate import Estate

FaultCode = Callable[[Callable[[], object]], int]
ESTATE = """
    clock: {start: 2026-11-20T09:00:00Z, ticking: false}
    dns: none
    defaults: {domain: corp.lab}
    microsoft:
      keys:
        - {key: MMMMM-KKKKK-MMMMM-22222-22223, channel: mak, fits: [Server 2019 Standard], activations: 2}
    kms_hosts:
      - {name: kms1, address: 127.56.71.10, os: Server 2022 Standard, outside_clients: 60}
    machines:
      - {name: mak, address: 127.56.71.1, os: Server 2019 Standard, state: mak_licensed}
      - {name: retail, address: 127.56.71.2, os: Windows 11 Pro, state: retail}
      - {name: oem, address: 127.56.71.3, os: Windows 10 Pro, state: oem, oem_marker: present}
      - {name: kms, address: 127.56.71.4, os: Server 2019 Standard, state: kms_licensed, kms_host: kms1}
      - {name: trial, address: 127.56.71.5, os: Server 2019 Standard Evaluation, state: evaluation}
      - {name: grace, address: 127.56.71.6, os: Server 2019 Standard, state: mak_unactivated}
"""


@pytest.fixture
def estate(estate_of: Callable[[str], Estate]) -> Estate:
    return estate_of(ESTATE)


def standing(machine: Any) -> tuple[int, int, int]:
    product = machine.product()
    return product["LicenseStatus"], product["LicenseStatusReason"], product["GracePeriodRemaining"]


@pytest.mark.parametrize("name", ["mak", "retail", "oem", "kms1"])
def test_what_microsoft_activated_is_out_of_tolerance_for_30_days_and_then_in_notification(estate: Estate, remote: Any, name: str) -> None:
    machine = remote(estate, name)
    estate.change_hardware(name)
    assert standing(machine) == (3, 0xC004F00F, 43200)
    (event,) = machine.machine.events.newest_first(number=1040)
    assert event.strings == (machine.product()["ApplicationID"], machine.product()["ID"])
    estate.advance(timedelta(days=29))
    assert standing(machine) == (3, 0xC004F00F, 1440)
    estate.advance(timedelta(days=1))
    assert standing(machine) == (5, 0xC004F009, 0)


def test_a_second_change_gives_no_new_grace(estate: Estate, remote: Any) -> None:
    estate.change_hardware("mak")
    estate.advance(timedelta(days=10))
    estate.change_hardware("mak")
    assert standing(remote(estate, "mak")) == (3, 0xC004F00F, 20 * 1440)


def test_activating_again_costs_one_more_activation_and_is_refused_when_none_is_left(
    estate: Estate, remote: Any, fault_code: FaultCode
) -> None:
    mak = remote(estate, "mak")
    for code in (0, 0xC004C020):
        estate.change_hardware("mak")
        if code:
            assert fault_code(lambda: mak.on_product("Activate")) == code
        else:
            mak.on_product("Activate")
            assert standing(mak) == (1, 0x4004F040, 0)
        assert estate.snapshot("mak")["products"][0]["activations_used"] == 2
    assert standing(mak) == (3, 0xC004F00F, 43200)


def test_a_kms_client_stays_licensed_and_asks_its_host_at_once(estate: Estate, remote: Any) -> None:
    kms = remote(estate, "kms")
    before, cmid = kms.product()["OfflineInstallationId"], kms.service()["ClientMachineID"]
    estate.change_hardware("kms")
    assert standing(kms)[:2] == (1, 0x4004F040)
    assert kms.product()["OfflineInstallationId"] != before
    assert kms.service()["ClientMachineID"] == cmid
    assert kms.events(12288) == []
    estate.advance(timedelta(0))
    assert len(kms.events(12288)) == 1
    assert standing(kms) == (1, 0x4004F040, 259200)


def test_a_kms_host_out_of_tolerance_activates_nobody(estate: Estate, remote: Any, fault_code: FaultCode) -> None:
    estate.change_hardware("kms1")
    assert fault_code(lambda: remote(estate, "kms").on_product("Activate")) == 0xC004F041
    remote(estate, "kms1").on_product("Activate")
    remote(estate, "kms").on_product("Activate")


@pytest.mark.parametrize("name", ["trial", "grace"])
def test_an_evaluation_and_a_license_in_grace_keep_their_time(estate: Estate, remote: Any, name: str) -> None:
    before = standing(remote(estate, name))
    estate.change_hardware(name)
    assert standing(remote(estate, name)) == before


def test_changed_hardware_stays_changed_after_a_rebuild(estate: Estate, remote: Any) -> None:
    mak, key = remote(estate, "mak"), "MMMMM-KKKKK-MMMMM-22222-22223"
    first = mak.product()["OfflineInstallationId"]
    estate.change_hardware("mak")
    second = mak.product()["OfflineInstallationId"]
    estate.rebuild("mak")
    mak.on_service("InstallProductKey", ProductKey=key)
    assert first != second == mak.product()["OfflineInstallationId"]
    assert estate.snapshot("mak")["hardware_changes"] == 1


def test_the_machine_was_off_meanwhile_so_what_waits_for_a_restart_happens(estate: Estate, remote: Any) -> None:
    mak = remote(estate, "mak")
    mak.on_service("ReArmWindows")
    estate.change_hardware("mak")
    assert standing(mak) == (2, 0x4004F00C, 43200)


def test_hardware_of_a_crashed_machine_can_be_changed_and_it_stays_crashed(estate: Estate, remote: Any) -> None:
    estate.crash("mak")
    estate.change_hardware("mak")
    assert estate.snapshot("mak")["crashed"]
    estate.power_on("mak")
    assert standing(remote(estate, "mak"))[:2] == (3, 0xC004F00F)


def test_a_machine_that_is_not_there_has_no_hardware(estate: Estate) -> None:
    with pytest.raises(KeyError):
        estate.change_hardware("nobody")
