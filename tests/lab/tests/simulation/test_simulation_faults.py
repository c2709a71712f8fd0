# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from winlab.interfaces import CommandOutcome, WmiFault
from winlab.simulation.clock import Clock
from winlab.simulation.estate import Estate
from winlab.simulation.faults import WORLD_FAULTS

At = Callable[[str], Any]
FaultCode = Callable[[Callable[[], object]], int]


def test_a_wmi_fault_strikes_its_method_as_often_as_told(at: At, office: Estate, fault_code: FaultCode) -> None:
    office.set_fault("pc", "wmi_fault", method="activate", hresult="0xC004F074", times=2)
    assert fault_code(lambda: at("pc").on_product("Activate")) == 0xC004F074
    at("pc").on_service("RefreshLicenseStatus")
    assert fault_code(lambda: at("pc").on_product("Activate")) == 0xC004F074
    assert at("pc").on_product("Activate").return_value == 0


def fault_of(estate: Estate, machine: str, wql: str, namespace: str = "root/cimv2") -> WmiFault:
    with pytest.raises(WmiFault) as failed:
        asyncio.run(estate.machines[machine].query(namespace, wql))
    return failed.value


def test_a_query_fault_strikes_its_class_only_and_also_one_the_machine_lacks(office: Estate) -> None:
    office.set_fault("pc", "query_fault", class_name="OfficeSoftwareProtectionProduct", hresult=5, form="MI RESULT", times=1)
    found = fault_of(office, "pc", "SELECT ID FROM OfficeSoftwareProtectionProduct")
    assert (found.hresult, found.form, "MI RESULT 5" in found.text) == (5, "MI RESULT", True)
    assert asyncio.run(office.machines["pc"].query("root/cimv2", "SELECT Version FROM SoftwareLicensingService")).instances
    assert fault_of(office, "pc", "SELECT ID FROM OfficeSoftwareProtectionProduct").form == ""


def test_a_query_fault_of_everything_strikes_every_class(office: Estate) -> None:
    office.set_fault("pc", "query_fault", class_name="*", hresult=0x80041001)
    for class_name in ("SoftwareLicensingService", "Win32_OperatingSystem", "Win32_Nothing"):
        assert fault_of(office, "pc", f"SELECT * FROM {class_name}").hresult == 0x80041001


@pytest.mark.parametrize(("lost", "code", "os_is_there"), [("licensing", 0x80041010, True), ("namespace", 0x8004100E, False)])
def test_a_broken_repository_has_lost_the_licensing_classes_or_all_of_the_namespace(
    office: Estate, *, lost: str, code: int, os_is_there: bool
) -> None:
    office.set_fault("pc", "wmi_broken", lost=lost)
    assert fault_of(office, "pc", "SELECT * FROM SoftwareLicensingService").hresult == code
    if os_is_there:
        assert asyncio.run(office.machines["pc"].query("root/cimv2", "SELECT Version FROM Win32_OperatingSystem")).instances
    else:
        assert fault_of(office, "pc", "SELECT Version FROM Win32_OperatingSystem").hresult == code
    office.clear_faults()
    assert asyncio.run(office.machines["pc"].query("root/cimv2", "SELECT Version FROM SoftwareLicensingService")).instances


def test_a_failure_can_come_as_a_return_value_and_changes_nothing(at: At, office: Estate) -> None:
    office.set_fault("*", "return_value", method="UninstallProductKey", value=0xC004F014)
    assert at("srv").on_product("UninstallProductKey").return_value == 0xC004F014
    assert at("srv").product()["PartialProductKey"]


def test_a_fault_of_one_machine_leaves_the_others_alone(at: At, office: Estate, fault_code: FaultCode) -> None:
    office.set_fault("pc", "wmi_fault", method="Activate", hresult=0x80070005)
    assert fault_code(lambda: at("pc").on_product("Activate")) == 0x80070005
    assert at("old").on_product("Activate").return_value == 0
    office.clear_faults()
    assert at("pc").on_product("Activate").return_value == 0


@pytest.mark.parametrize(
    ("machine", "fault", "params"),
    [("pc", "earthquake", {}), ("nobody", "no_internet", {}), ("pc", "kms_count", {}), ("pc", "kms_count", {"valu": 1}),
     ("pc", "no_internet", {"times": 1}), ("pc", "key_blocked", {"at": "noon"}), ("pc", "kms_port_speaks", {"what": "loudly"})],
)  # fmt: skip
def test_a_fault_that_makes_no_sense_is_refused(office: Estate, machine: str, fault: str, params: Any) -> None:
    with pytest.raises(ValueError, match=r"fault|machine"):
        office.set_fault(machine, fault, **params)
    assert office.faults.active() == {}


def test_all_faults_of_the_contract_are_there() -> None:
    assert set(WORLD_FAULTS) == {
        "kms_host_down", "kms_port_closed", "kms_host_not_activated", "kms_count", "dns_down", "no_srv", "clock_skew", "activate_duration",
        "mak_exhausted", "key_blocked", "oem_marker_missing", "no_internet", "wmi_fault", "return_value", "program_start",
        "kms_port_speaks", "restart_held_up", "restart_hangs", "rearm_hides_licenses", "query_fault",
        "wmi_broken", "directory_down",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "params", "command"),
    [
        ("activate_duration", {"seconds": 0.2}, ["slmgr", "/ato"]),
        ("program_start", {"program": "hostname", "milliseconds": 200}, ["hostname"]),
    ],
)
def test_a_slow_machine_does_not_hold_up_the_others(office: Estate, fault: str, params: Mapping[str, Any], command: list[str]) -> None:
    office.set_fault("pc", fault, **params)

    async def story() -> CommandOutcome:
        slow = asyncio.create_task(office.machines["pc"].run(command[0], command[1:]))
        await asyncio.sleep(0)
        await office.machines["old"].run(command[0], command[1:])
        assert not slow.done()
        return await slow

    assert asyncio.run(story()).exit_code == 0


def test_a_slow_activation_takes_effect_at_its_end(office: Estate) -> None:
    office.set_fault("pc", "activate_duration", seconds=0.05)

    async def story() -> None:
        slow = asyncio.create_task(office.machines["pc"].run("slmgr", ["/ato"]))
        await asyncio.sleep(0)
        assert office.machines["pc"].service.keyed()[0].status == 2
        await slow

    asyncio.run(story())
    assert office.machines["pc"].service.keyed()[0].status == 1


def test_a_slow_activation_ends_when_its_fault_is_cleared(office: Estate) -> None:
    office.set_fault("pc", "activate_duration", seconds=3600)

    async def story() -> None:
        slow = asyncio.create_task(office.machines["pc"].run("slmgr", ["/ato"]))
        await asyncio.sleep(0)
        office.clear_faults()
        await slow

    asyncio.run(story())
    assert office.machines["pc"].service.keyed()[0].status == 1


def test_a_skewed_clock_shows_in_the_machines_own_time(at: At, office: Estate) -> None:
    office.set_fault("pc", "clock_skew", minutes=-90)
    system = at("pc").query("SELECT LocalDateTime FROM Win32_OperatingSystem")[0]
    assert system["LocalDateTime"] == office.clock.now() - timedelta(minutes=90) + timedelta(milliseconds=1)


def test_the_clock_ticks_unless_told_not_to_and_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("winlab.simulation.clock.time.monotonic", lambda: 1000.0)
    ticking, still = Clock(), Clock(ticking=False)
    first = (ticking.now(), still.now())
    monkeypatch.setattr("winlab.simulation.clock.time.monotonic", lambda: 1090.0)
    assert ticking.now() - first[0] == timedelta(seconds=90)
    assert still.now() == first[1]
    still.advance(timedelta(minutes=5))
    assert still.now() - first[1] == timedelta(minutes=5)
    with pytest.raises(ValueError, match="forward"):
        still.advance(timedelta(seconds=-1))


def test_the_snapshot_shows_keys_by_their_last_five_characters_only(office: Estate) -> None:
    office.set_fault("*", "no_internet")
    key = office.machines["srv"].service.keyed()[0].key
    snapshot = office.snapshot("srv")
    assert key not in repr(snapshot)
    assert key not in repr(office.machines["srv"])
    assert snapshot["products"][0]["properties"]["PartialProductKey"] == key[-5:]
    assert snapshot["faults"] == {"no_internet": {}}
