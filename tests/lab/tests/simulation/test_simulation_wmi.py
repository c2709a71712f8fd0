# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from winlab.interfaces import WmiFault
from winlab.simulation.estate import Estate

At = Callable[[str], Any]
CIMV2 = "root/cimv2"


def fault_of(call: Callable[[], object]) -> WmiFault:
    with pytest.raises(WmiFault) as caught:
        call()
    return caught.value


def test_every_generation_shows_the_properties_it_has(at: At) -> None:
    assert "KeyManagementServiceLookupDomain" not in at("old").service()
    assert "KeyManagementServiceActivationDisabled" in at("old").service()
    assert "RemainingAppReArmCount" not in at("old").product()
    assert "KeyManagementServiceActivationDisabled" not in at("srv").service()
    assert at("srv").product()["ProductKeyChannel"] == "Volume:MAK"
    assert "SubscriptionType" not in at("srv").service()
    assert "SubscriptionType" in at("new").service()
    assert at("new").service()["SubscriptionStatus"] == 0


@pytest.mark.parametrize(
    ("method", "arguments"),
    [("setkeymanagementservicemachine", {"MachineName": "x"}), ("SetKeyManagementServiceMachine", {"machinename": "x"})],
)
def test_names_of_methods_and_parameters_are_taken_letter_by_letter(at: At, method: str, arguments: dict[str, str]) -> None:
    fault_of(lambda: at("srv").on_service(method, **arguments))
    assert at("srv").service()["KeyManagementServiceMachine"] == "kms1.corp.lab"


def test_all_products_are_hundreds_of_licenses_of_which_one_has_a_key(at: At) -> None:
    products = at("pc").query("SELECT * FROM SoftwareLicensingProduct")
    assert len(products) > 200
    assert sum(1 for product in products if product["PartialProductKey"]) == 1
    assert len({product["ID"] for product in products}) == len(products)
    unkeyed = next(product for product in products if not product["PartialProductKey"])
    assert (unkeyed["LicenseStatus"], unkeyed["LicenseStatusReason"], unkeyed["OfflineInstallationId"]) == (0, 0xC004F014, None)


def test_a_query_that_a_provider_narrows_selects_what_the_condition_selects(at: At) -> None:
    everything = at("pc").query("SELECT * FROM SoftwareLicensingProduct")
    for where, expected in (
        ("PartialProductKey IS NOT NULL", [row for row in everything if row["PartialProductKey"] is not None]),
        ("PartialProductKey IS NULL", [row for row in everything if row["PartialProductKey"] is None]),
        ("PartialProductKey = '2yt43'", [row for row in everything if row["PartialProductKey"] == "2YT43"]),
        ("PartialProductKey <> '2YT43'", []),
        ("PartialProductKey LIKE '2Y%'", [row for row in everything if (row["PartialProductKey"] or "").startswith("2Y")]),
        (f"ID = '{everything[7]['ID'].upper()}'", [everything[7]]),
        ("ApplicationID = '0ff1ce15-a989-479d-af46-f275c6370663'", []),
        ("Description LIKE '%VOLUME_KMSCLIENT%' AND LicenseFamily = 'Enterprise'",
         [row for row in everything if "VOLUME_KMSCLIENT" in row["Description"] and row["LicenseFamily"] == "Enterprise"]),
    ):  # fmt: skip
        found = at("pc").query(f"SELECT * FROM SoftwareLicensingProduct WHERE {where}")
        assert [row["ID"] for row in found] == [row["ID"] for row in expected], where


def test_named_columns_are_all_an_instance_has(at: At) -> None:
    answer = asyncio.run(
        at("srv").machine.query(CIMV2, "SELECT id, LICENSESTATUS FROM softwarelicensingproduct WHERE PartialProductKey <> NULL")
    )
    assert answer.projected
    assert answer.class_name == "SoftwareLicensingProduct"
    assert list(answer.instances[0].values) == ["ID", "LicenseStatus"]


@pytest.mark.parametrize(
    "wql",
    [
        "SELECT Nothing FROM SoftwareLicensingProduct",
        "SELECT * FROM SoftwareLicensingProduct WHERE Nothing = 1",
        "SELECT FROM X",
        "nonsense",
    ],
)
def test_an_invalid_query_is_a_filter_fault_with_the_query_in_it(at: At, wql: str) -> None:
    fault = fault_of(lambda: at("srv").query(wql))
    assert (fault.wsman_code, fault.hresult, fault.operation, fault.parameter) == (2150858778, 0x80041017, "ExecQuery", wql)


def test_a_column_of_a_later_windows_is_an_invalid_query(at: At) -> None:
    assert at("srv").query("SELECT ProductKeyChannel FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL")
    assert fault_of(lambda: at("old").query("SELECT ProductKeyChannel FROM SoftwareLicensingProduct")).hresult == 0x80041017


@pytest.mark.parametrize("class_name", ["OfficeSoftwareProtectionProduct", "Win32_Nothing", "StdRegProv"])
def test_a_class_the_namespace_does_not_have(at: At, class_name: str) -> None:
    fault = fault_of(lambda: at("srv").query(f"SELECT * FROM {class_name}"))
    assert (fault.wsman_code, fault.hresult) == (2150858778, 0x80041010)
    assert fault_of(lambda: at("srv").invoke(class_name, {}, "Activate")).wsman_code == 2150858752


def test_a_namespace_that_is_not_there(at: At) -> None:
    assert fault_of(lambda: at("srv").query("SELECT * FROM Win32_Service", "root/nothing")).hresult == 0x8004100E
    assert at("srv").query("SELECT * FROM Win32_Service", "ROOT\\CIMV2")


def test_methods_belong_to_their_class(at: At) -> None:
    for call in (
        lambda: at("srv").on_product("InstallProductKey", ProductKey="x"),
        lambda: at("srv").on_product("ClearProductKeyFromRegistry"),
        lambda: at("srv").on_service("Activate"),
        lambda: at("srv").on_service("UninstallProductKey"),
        lambda: at("old").on_service("SetKeyManagementServiceLookupDomain", LookupDomain="x"),
        lambda: at("srv").on_service("DisableKeyManagementServiceActivation", DisableActivation="true"),
    ):
        assert fault_of(call).hresult == 0x8004102E


def test_arguments_are_checked_before_anything_happens(at: At) -> None:
    srv = at("srv")
    assert fault_of(lambda: srv.on_service("InstallProductKey")).hresult == 0x8004102F
    assert fault_of(lambda: srv.on_service("InstallProductKey", ProductKey="x", Extra="y")).wsman_code == 2150858817
    assert fault_of(lambda: srv.on_service("SetKeyManagementServicePort", PortNumber="many")).wsman_code == 2150858817
    assert fault_of(lambda: srv.on_service("SetKeyManagementServicePort", PortNumber="-1")).wsman_code == 2150858817
    assert fault_of(lambda: srv.on_service("DisableKeyManagementServiceHostCaching", DisableCaching="perhaps")).wsman_code == 2150858817
    assert fault_of(lambda: srv.on_service("SetKeyManagementServicePort", PortNumber="70000")).hresult == 0x80070057
    assert srv.service()["KeyManagementServicePort"] == 0


def test_instances_are_named_by_all_their_keys_and_nothing_else(at: At) -> None:
    machine = at("srv").machine
    version = at("srv").service()["Version"]
    assert asyncio.run(machine.get(CIMV2, "SoftwareLicensingService", {"Version": version.upper()})).values["Version"] == version
    assert fault_of(lambda: asyncio.run(machine.get(CIMV2, "SoftwareLicensingService", {"version": version}))).wsman_code == 2150858843
    assert fault_of(lambda: asyncio.run(machine.get(CIMV2, "SoftwareLicensingService", {}))).wsman_code == 2150859002
    assert fault_of(lambda: asyncio.run(machine.get(CIMV2, "SoftwareLicensingService", {"ID": version}))).wsman_code == 2150858843
    missing = fault_of(lambda: asyncio.run(machine.get(CIMV2, "SoftwareLicensingService", {"Version": "1"})))
    assert (missing.wsman_code, missing.operation, missing.parameter) == (2150858752, "GetObject", 'SoftwareLicensingService.Version="1"')
    assert fault_of(lambda: at("srv").invoke("SoftwareLicensingService", {"Version": "1"}, "RefreshLicenseStatus")).wsman_code == 2150858752
    assert fault_of(lambda: at("srv").invoke("SoftwareLicensingService", {}, "RefreshLicenseStatus")).wsman_code == 2150859002
    assert fault_of(lambda: at("srv").invoke("StdRegProv", {"a": "b"}, "EnumKey", namespace="root/default")).wsman_code == 2150858843


def test_get_and_enumerate_give_what_the_query_gives(at: At) -> None:
    machine = at("pc").machine
    product = at("pc").product()
    assert asyncio.run(machine.get(CIMV2, "SoftwareLicensingProduct", {"ID": product["ID"]})).values == product
    assert len(asyncio.run(machine.enumerate(CIMV2, "SoftwareLicensingProduct")).instances) > 200
    assert list(machine.key_names(CIMV2, "softwarelicensingproduct")) == ["ID"]
    system = asyncio.run(machine.get(CIMV2, "Win32_OperatingSystem", {})).values
    assert asyncio.run(machine.get(CIMV2, "Win32_OperatingSystem", {"Name": str(system["Name"])})).values["Caption"] == system["Caption"]


def test_the_operating_system_speaks_its_language_and_its_own_time(at: At, office: Estate) -> None:
    system = at("pc").query("SELECT * FROM Win32_OperatingSystem")[0]
    assert (system["OSLanguage"], system["Locale"], system["MUILanguages"], system["ProductType"]) == (1041, "0411", ("ja-JP",), 1)
    assert isinstance(system["LocalDateTime"], datetime)
    assert system["LocalDateTime"] == office.clock.now() + timedelta(milliseconds=1), "a real one always has a fraction"
    assert system["LocalDateTime"].strftime("%z") == "+0900"
    assert at("old").query("SELECT * FROM Win32_OperatingSystem")[0]["Caption"] == "Microsoft Windows 7 Professional "
    assert at("old").machine.fault_shape == "winrm2"
    assert at("pc").machine.fault_shape == "winrm3"


def test_sppsvc_is_a_service_that_can_be_stopped_and_started(at: At) -> None:
    def state() -> Any:
        return at("srv").query("SELECT State FROM Win32_Service WHERE Name = 'SPPSVC'")[0]["State"]

    assert state() == "Running"
    assert at("srv").invoke("Win32_Service", {"Name": "sppsvc"}, "StopService").return_value == 0
    assert state() == "Stopped"
    assert at("srv").invoke("Win32_Service", {"Name": "sppsvc"}, "StopService").return_value == 5
    assert at("srv").invoke("Win32_Service", {"Name": "sppsvc"}, "StartService").return_value == 0
    assert state() == "Running"


def test_accounts_are_found_with_and_without_the_machine_name(at: At) -> None:
    machine = at("srv").machine
    assert machine.password_of("labadmin") == machine.password_of("SRV\\LabAdmin") == machine.password_of(".\\LabAdmin") == "Lab-Passw0rd!"
    assert machine.password_of("OTHER\\LabAdmin") is None
    assert machine.password_of("nobody") is None
