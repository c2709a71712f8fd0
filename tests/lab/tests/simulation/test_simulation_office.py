# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Office in the service of Windows and in OSPP: licenses, keys, activation by KMS, MAK and telephone, settings of each level."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from winlab.simulation import ospp
from winlab.simulation.catalog import MAK
from winlab.simulation.estate import Estate
from winlab.simulation.facts import OFFICE, OFFICE_2010, WINDOWS
from winlab.simulation.lifecycle import rebuild

SPP = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
OSPP = r"SOFTWARE\Microsoft\OfficeSoftwareProtectionPlatform"
ESTATE = """
    clock: {start: 2026-11-20T09:00:00Z, ticking: false}
    dns: none
    defaults: {domain: corp.lab}
    kms_hosts:
      - {name: kms1, address: 127.56.76.10, os: Server 2022 Standard, outside_clients: 60,
         office_host_keys: [Office LTSC 2021, Office 2013]}
      - {name: kms2, address: 127.56.76.11, os: Server 2008 R2 Standard, outside_clients: 60, office_host_keys: [Office 2010], publish: []}
    microsoft:
      keys:
        - {key: MMMMM-KKKKK-MMMMM-22222-77777, channel: mak, fits: [Visio Professional 2010], activations: 1}
    machines:
      - name: pc
        address: 127.56.76.1
        os: Windows 10 Enterprise
        state: kms_licensed
        kms_host: kms1.corp.lab
        office:
          - {product: Office LTSC Professional Plus 2021, state: grace}
          - {product: Visio LTSC Professional 2021, state: kms_licensed}
          - {product: Office Professional Plus 2016, state: mak_licensed, installed: false}
          - {product: Office Professional Plus 2010, state: grace}
          - Visio Professional 2010
      - name: seven
        address: 127.56.76.2
        os: Windows 7 Professional
        state: grace
        kms_host: kms1.corp.lab
        office:
          - {product: Office 2013 Professional Plus, state: grace, kms_host: kms1.corp.lab}
          - {product: Office Standard 2010, state: grace}
      - {name: app, address: 127.56.76.8, os: Windows 11 Pro, state: grace, office: [{product: Word LTSC 2021, state: grace}],
         application_kms_host: {office: kms1.corp.lab, windows: "dead.corp.lab:1689"}}
      - {name: bare, address: 127.56.76.9, os: Windows 11 Pro}
"""
PRO_2021 = "FXYTK-NJJ8C-GB6DW-3DYQT-6F7TH"
At = Callable[[str], Any]
FaultCode = Callable[[Callable[[], object]], int]


@pytest.fixture
def estate(estate_of: Callable[[str], Estate]) -> Estate:
    return estate_of(ESTATE)


@pytest.fixture
def on(estate: Estate, remote: Any) -> At:
    return lambda name: remote(estate, name)


def keyed(machine: Any, class_name: str = "SoftwareLicensingProduct", application: str = OFFICE) -> dict[str, Mapping[str, Any]]:
    found = machine.query(f"SELECT * FROM {class_name} WHERE PartialProductKey IS NOT NULL")
    return {product["Name"].split()[2]: product for product in found if product["ApplicationID"] == application}


def call(machine: Any, product: Mapping[str, Any], method: str, class_name: str = "SoftwareLicensingProduct", **arguments: object) -> int:
    return int(machine.invoke(class_name, {"ID": product["ID"]}, method, **arguments).return_value)


def names(machine: Any, class_name: str) -> set[str]:
    return {
        product["Name"] for product in machine.query(f"SELECT Name, ApplicationID FROM {class_name}") if product["ApplicationID"] != WINDOWS
    }


def test_licenses_are_named_as_public_listings_show_them(on: At) -> None:
    channels = ("KMS_Client", "MAK")
    found = [f"Office 21, Office21{product}2021VL_{channel}_AE edition" for product in ("ProPlus", "VisioPro") for channel in channels]
    found += [f"Office 16, Office16ProPlusVL_{channel} edition" for channel in channels]
    assert names(on("pc"), "SoftwareLicensingProduct") == set(found)
    assert {"Office 14, OfficeProPlus-KMS_Client edition", "Office 14, OfficeWord-MAK edition"} < names(on("pc"), ospp.PRODUCT)
    assert "Office 15, OfficeProPlusVL_KMS_Client edition" in names(on("seven"), ospp.PRODUCT)
    assert names(on("seven"), "SoftwareLicensingProduct") == set()


def test_a_machine_has_office_products_in_both_services_at_once(on: At) -> None:
    spp, of_2010 = keyed(on("pc")), keyed(on("pc"), ospp.PRODUCT, OFFICE_2010)
    assert {name: product["LicenseStatus"] for name, product in spp.items()} == {
        "Office21ProPlus2021VL_KMS_Client_AE": 2,
        "Office21VisioPro2021VL_KMS_Client_AE": 1,
        "Office16ProPlusVL_MAK": 1,
    }
    assert {name: product["LicenseStatus"] for name, product in of_2010.items()} == {"OfficeProPlus-KMS_Client": 2}
    assert of_2010["OfficeProPlus-KMS_Client"]["Description"] == "Office 14, VOLUME_KMSCLIENT channel"
    assert spp["Office16ProPlusVL_MAK"]["Description"] == "Office 16, RETAIL(MAK) channel"


def test_ospp_has_its_own_cmid_and_is_counted_with_it(on: At, estate: Estate) -> None:
    pc = on("pc")
    (service,) = pc.query(f"SELECT * FROM {ospp.SERVICE}")
    product = keyed(pc, ospp.PRODUCT, OFFICE_2010)["OfficeProPlus-KMS_Client"]
    assert call(pc, product, "SetKeyManagementServiceMachine", ospp.PRODUCT, MachineName="kms2.corp.lab") == 0
    assert call(pc, product, "Activate", ospp.PRODUCT) == 0
    product = keyed(pc, ospp.PRODUCT, OFFICE_2010)["OfficeProPlus-KMS_Client"]
    assert (product["LicenseStatus"], product["GracePeriodRemaining"], product["KeyManagementServiceMachine"]) == (
        1,
        259200,
        "kms2.corp.lab",
    )
    assert service["ClientMachineID"] != pc.service()["ClientMachineID"]
    roles = estate.snapshot("kms2")["kms_host"]
    assert [service["ClientMachineID"]] in [role["clients"] for role in roles.values()]


def test_a_host_of_one_release_of_2010_or_2013_does_not_activate_another(on: At, fault_code: FaultCode) -> None:
    seven = on("seven")
    of_2013 = keyed(seven, ospp.PRODUCT)["OfficeProPlusVL_KMS_Client"]
    of_2010 = keyed(seven, ospp.PRODUCT, OFFICE_2010)["OfficeStandard-KMS_Client"]
    assert call(seven, of_2013, "Activate", ospp.PRODUCT) == 0
    call(seven, of_2010, "SetKeyManagementServiceMachine", ospp.PRODUCT, MachineName="kms1.corp.lab")
    assert fault_code(lambda: call(seven, of_2010, "Activate", ospp.PRODUCT)) == 0xC004F039
    call(seven, of_2013, "SetKeyManagementServiceMachine", ospp.PRODUCT, MachineName="kms2.corp.lab")
    assert fault_code(lambda: call(seven, of_2013, "Activate", ospp.PRODUCT)) == 0xC004F039


@pytest.mark.parametrize("method", ["SetVLActivationTypeEnabled", "SetKeyManagementServiceLookupDomain", "ReArmSku"])
def test_ospp_lacks_what_came_later(on: At, fault_code: FaultCode, method: str) -> None:
    product = keyed(on("pc"), ospp.PRODUCT, OFFICE_2010)["OfficeProPlus-KMS_Client"]
    assert fault_code(lambda: call(on("pc"), product, method, ospp.PRODUCT)) == 0x8004102E
    assert "ProductKeyChannel" not in product
    assert "VLActivationTypeEnabled" not in product


def test_the_service_of_ospp_takes_keys_and_has_no_refresh(on: At, fault_code: FaultCode) -> None:
    pc, key = on("pc"), {"Version": ospp.VERSION}
    assert fault_code(lambda: pc.invoke(ospp.SERVICE, key, "RefreshLicenseStatus")) == 0x8004102E
    assert fault_code(lambda: pc.invoke(ospp.SERVICE, key, "SetKeyManagementServiceMachine", MachineName="kms2")) == 0x8004102E
    assert fault_code(lambda: pc.invoke(ospp.SERVICE, key, "InstallProductKey", ProductKey=PRO_2021)) == 0xC004E016
    assert pc.invoke(ospp.SERVICE, key, "InstallProductKey", ProductKey="MMMMM-KKKKK-MMMMM-22222-77777").return_value == 0
    found = keyed(pc, ospp.PRODUCT, OFFICE_2010)
    assert {name: product["LicenseStatus"] for name, product in found.items()} == {"OfficeProPlus-KMS_Client": 2, "OfficeVisioPro-MAK": 2}
    assert fault_code(lambda: call(pc, found["OfficeVisioPro-MAK"], "UninstallProductKey", ospp.PRODUCT, ProductKeyID="1")) != 0
    assert call(pc, found["OfficeVisioPro-MAK"], "UninstallProductKey", ospp.PRODUCT) == 0
    assert set(keyed(pc, ospp.PRODUCT, OFFICE_2010)) == {"OfficeProPlus-KMS_Client"}


def test_a_mak_of_office_2010_is_activated_by_telephone(on: At, estate: Estate) -> None:
    pc = on("pc")
    pc.invoke(ospp.SERVICE, {"Version": ospp.VERSION}, "InstallProductKey", ProductKey="MMMMM-KKKKK-MMMMM-22222-77777")
    visio = keyed(pc, ospp.PRODUCT, OFFICE_2010)["OfficeVisioPro-MAK"]
    confirmation = estate.phone(visio["OfflineInstallationId"])
    assert (
        call(
            pc,
            visio,
            "DepositOfflineConfirmationId",
            ospp.PRODUCT,
            InstallationId=visio["OfflineInstallationId"],
            ConfirmationId=confirmation,
        )
        == 0
    )
    assert keyed(pc, ospp.PRODUCT, OFFICE_2010)["OfficeVisioPro-MAK"]["LicenseStatus"] == 1


def test_keys_of_office_stand_side_by_side(on: At) -> None:
    pc = on("pc")
    assert pc.on_service("InstallProductKey", ProductKey=PRO_2021).return_value == 0
    assert set(keyed(pc)) == {"Office21ProPlus2021VL_KMS_Client_AE", "Office21VisioPro2021VL_KMS_Client_AE", "Office16ProPlusVL_MAK"}
    assert pc.on_service("InstallProductKey", ProductKey="XQNVK-8JYDB-WJ9W3-YJ8YR-WFG99").return_value == 0
    assert {"Office16ProPlusVL_MAK", "Office16ProPlusVL_KMS_Client"} < set(keyed(pc))


def test_the_host_of_an_application_counts_and_shows_nowhere(on: At, fault_code: FaultCode) -> None:
    app = on("app")
    word = keyed(app)["Office21Word2021VL_KMS_Client_AE"]
    assert word["KeyManagementServiceMachine"] == app.service()["KeyManagementServiceMachine"] == ""
    assert call(app, word, "Activate") == 0
    windows = keyed(app, application=WINDOWS)
    assert fault_code(lambda: call(app, next(iter(windows.values())), "Activate")) == 0xC004F074
    assert ", dead.corp.lab:1689, " in app.events(12288)[0]
    assert app.registry("GetStringValue", rf"{SPP}\{OFFICE}", sValueName="KeyManagementServiceName").outputs["sValue"] == "kms1.corp.lab"


def test_the_narrowest_level_wins_from_the_next_start_of_the_service(on: At, fault_code: FaultCode) -> None:
    app = on("app")
    word = keyed(app)["Office21Word2021VL_KMS_Client_AE"]
    app.registry("SetStringValue", rf"{SPP}\{OFFICE}", sValueName="KeyManagementServiceName", sValue="gone.corp.lab")
    assert call(app, word, "Activate") == 0
    for method in ("StopService", "StartService"):
        app.invoke("Win32_Service", {"Name": "sppsvc"}, method)
    assert fault_code(lambda: call(app, word, "Activate")) == 0xC004F074
    app.on_service("SetKeyManagementServiceMachine", MachineName="kms1.corp.lab")
    assert fault_code(lambda: call(app, word, "Activate")) == 0xC004F074
    call(app, word, "SetKeyManagementServiceMachine", MachineName="kms1.corp.lab")
    assert call(app, word, "Activate") == 0
    assert (
        app.registry("GetStringValue", rf"{SPP}\{OFFICE}\{word['ID']}", sValueName="KeyManagementServiceName").outputs["sValue"]
        == "kms1.corp.lab"
    )


def test_osppsvc_reads_its_registry_when_it_starts(on: At) -> None:
    pc = on("pc")
    pc.registry("CreateKey", OSPP)
    pc.registry("SetStringValue", OSPP, sValueName="KeyManagementServiceName", sValue="kms2.corp.lab")
    below = OSPP.replace("SOFTWARE", r"SOFTWARE\Wow6432Node")
    pc.registry("CreateKey", below)
    pc.registry("SetStringValue", below, sValueName="KeyManagementServiceName", sValue="other.corp.lab")
    product = keyed(pc, ospp.PRODUCT, OFFICE_2010)["OfficeProPlus-KMS_Client"]
    assert product["KeyManagementServiceMachine"] != "kms2.corp.lab"
    for method in ("StopService", "StartService"):
        assert pc.invoke("Win32_Service", {"Name": "osppsvc"}, method).return_value == 0
    assert pc.query(f"SELECT * FROM {ospp.SERVICE}")[0]["KeyManagementServiceMachine"] == "kms2.corp.lab"
    assert call(pc, product, "Activate", ospp.PRODUCT) == 0
    assert pc.query("SELECT Name FROM Win32_Service WHERE Name = 'osppsvc'")
    assert on("bare").query("SELECT Name FROM Win32_Service WHERE Name = 'osppsvc'") == []


def test_office_renews_and_ends_as_windows_does(on: At, estate: Estate) -> None:
    pc = on("pc")
    product = keyed(pc, ospp.PRODUCT, OFFICE_2010)["OfficeProPlus-KMS_Client"]
    call(pc, product, "SetKeyManagementServiceMachine", ospp.PRODUCT, MachineName="kms2.corp.lab")
    estate.advance(timedelta(hours=3))
    assert keyed(pc, ospp.PRODUCT, OFFICE_2010)["OfficeProPlus-KMS_Client"]["LicenseStatus"] == 1
    estate.set_fault("*", "kms_host_down")
    estate.advance(timedelta(days=181))
    assert keyed(pc, ospp.PRODUCT, OFFICE_2010)["OfficeProPlus-KMS_Client"]["LicenseStatus"] == 3
    estate.advance(timedelta(days=30))
    assert keyed(pc, ospp.PRODUCT, OFFICE_2010)["OfficeProPlus-KMS_Client"]["LicenseStatus"] == 5


def test_a_new_installation_of_windows_has_no_office(on: At) -> None:
    pc = on("pc")
    rebuild(pc.machine)
    assert keyed(pc) == {}
    assert pc.machine.office_licenses is None
    assert pc.machine.ospp.keyed() == []


def test_the_mak_of_an_entry_counts_for_its_product(estate: Estate) -> None:
    assert estate.keys.for_product(MAK, "Office Professional Plus 2016").used == 1
