# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OEM machines: what a missing Windows marker of the firmware is to KMS client keys and to MAKs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from winlab.simulation.estate import Estate

At = Callable[[str], Any]
FaultCode = Callable[[Callable[[], object]], int]
MACHINES = """
    clock: {ticking: false}
    dns: none
    machines:
      - {name: s1, address: 127.56.73.1, os: Server 2019 Standard, state: no_key}
      - {name: oem, address: 127.56.73.2, os: Windows 7 Professional, state: oem_no_marker}
"""


@pytest.fixture
def shop(estate_of: Callable[[str], Estate]) -> Estate:
    return estate_of(MACHINES)


def test_a_missing_marker_shows_at_activation_and_a_mak_still_works(
    shop: Estate, remote: Any, gvlk: Mapping[str, str], fault_code: FaultCode
) -> None:
    oem = remote(shop, "oem")
    oem.on_service("InstallProductKey", ProductKey=gvlk["Windows 7 Professional"])
    oem.on_service("SetKeyManagementServiceMachine", MachineName="127.56.1.1")
    assert fault_code(lambda: oem.on_product("Activate")) == 0xC004F035
    sent = oem.events(12288)[0]
    assert sent.startswith("0xC004F035, 0x08000000, ")
    oem.on_service("InstallProductKey", ProductKey=shop.keys.for_product("mak", "Windows 7 Professional").key)
    oem.on_product("Activate")
    assert oem.product()["LicenseStatus"] == 1


@pytest.mark.parametrize(
    ("product", "kms_code"),
    [("Windows 7 Professional", 0xC004F035), ("Server 2008 R2 Standard", 0xC004F035), ("Server 2012 Standard", 0xC004F074),
     ("Windows 10 Enterprise", 0xC004F074)],
)  # fmt: skip
@pytest.mark.parametrize("how", ["online", "telephone"])
def test_a_missing_marker_is_in_the_way_of_kms_on_the_7_generation_and_never_of_a_mak(
    estate_of: Callable[[str], Estate], remote: Any, fault_code: FaultCode, *, product: str, kms_code: int, how: str
) -> None:
    machine = f"{{name: pc, address: 127.56.2.9, os: {product}, state: oem_no_marker, kms_host: 127.56.2.8}}"
    estate = estate_of(f"{{dns: none, clock: {{ticking: false}}, machines: [{machine}]}}")
    pc = remote(estate, "pc")
    assert fault_code(lambda: pc.on_product("Activate")) == kms_code
    pc.on_service("InstallProductKey", ProductKey=estate.keys.for_product("mak", product).key)
    if how == "online":
        pc.on_product("Activate")
    else:
        iid = pc.product()["OfflineInstallationId"]
        pc.on_product("DepositOfflineConfirmationId", InstallationId=iid, ConfirmationId=estate.phone(iid))
    assert pc.product()["Description"].endswith("VOLUME_MAK channel")
    assert (pc.product()["LicenseStatus"], estate.snapshot("pc")["products"][0]["activations_used"]) == (1, 1)


@pytest.mark.parametrize("name", ["s1", "oem"])
def test_the_marker_fault_strikes_a_mak_too_where_it_is_told_to(shop: Estate, remote: Any, fault_code: FaultCode, name: str) -> None:
    machine = remote(shop, name)
    key = shop.keys.for_product("mak", {"s1": "Server 2019 Standard", "oem": "Windows 7 Professional"}[name])
    shop.set_fault(name, "oem_marker_missing", at="install")
    assert fault_code(lambda: machine.on_service("InstallProductKey", ProductKey=key.key)) == 0xC004F035
    shop.set_fault(name, "oem_marker_missing")
    machine.on_service("InstallProductKey", ProductKey=key.key)
    assert fault_code(lambda: machine.on_product("Activate")) == 0xC004F035
    assert key.used == 0
    shop.clear_faults()
    machine.on_product("Activate")
    assert key.used == 1


def test_an_oem_license_is_replaced_by_a_mak_as_any_other(estate_of: Callable[[str], Estate], remote: Any) -> None:
    machine = "{name: pc, address: 127.56.2.9, os: Windows 10 Pro, state: oem, oem_marker: present}"
    estate = estate_of(f"{{dns: none, machines: [{machine}]}}")
    pc = remote(estate, "pc")
    assert (pc.product()["ProductKeyChannel"], pc.service()["OA2xBiosMarkerStatus"]) == ("OEM:DM", 1)
    pc.on_service("InstallProductKey", ProductKey=estate.keys.for_product("mak", "Windows 10 Pro").key)
    pc.on_product("Activate")
    assert (pc.product()["ProductKeyChannel"], pc.product()["LicenseStatus"]) == ("Volume:MAK", 1)


def test_the_marker_fault_strikes_where_it_is_told_to(office: Estate, at: At, gvlk: Mapping[str, str], fault_code: FaultCode) -> None:
    office.set_fault("srv", "oem_marker_missing", at="install")
    assert at("srv").service()["OA2xBiosMarkerStatus"] == 2
    assert fault_code(lambda: at("srv").on_service("InstallProductKey", ProductKey=gvlk["Server 2019 Standard"])) == 0xC004F035
    office.set_fault("pc", "oem_marker_missing")
    assert fault_code(lambda: at("pc").on_product("Activate")) == 0xC004F035
