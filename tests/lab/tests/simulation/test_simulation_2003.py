# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows Server 2003: which classes, columns, files and programs it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from winlab.simulation.editions import EDITIONS_2003, parse_os
from winlab.simulation.estate import Estate
from winlab.simulation.estate_file import EstateError
from winlab.simulation.schema import licensing_class

MakeEstate = Callable[[str], Estate]
FaultCode = Callable[[Callable[[], object]], int]
At = Callable[[str], Any]
WPA = "Win32_WindowsProductActivation"


@pytest.mark.parametrize(
    ("name", "caption"),
    [
        ("Server 2003 Standard", "Microsoft(R) Windows(R) Server 2003, Standard Edition"),
        ("server 2003 web", "Microsoft(R) Windows(R) Server 2003, Web Edition"),
        ("Server 2003 Enterprise x64", "Microsoft(R) Windows(R) Server 2003 Enterprise x64 Edition"),
    ],
)
def test_editions_have_the_captions_of_real_ones(name: str, caption: str) -> None:
    assert (parse_os(name).caption, parse_os(name).version_text) == (caption, "5.2.3790")


def test_an_edition_that_does_not_exist_is_answered_with_those_that_do() -> None:
    assert [edition.name for edition in EDITIONS_2003] == [
        "Standard", "Standard x64", "Enterprise", "Enterprise x64", "Datacenter", "Datacenter x64", "Web",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="Server 2003 comes as Standard, Standard x64, Enterprise"):
        parse_os("Server 2003 Web x64")


def test_the_class_has_the_properties_and_methods_of_the_facts_and_is_gone_from_vista_on(
    old: At, servers: Estate, remote: Any, fault_code: FaultCode
) -> None:
    cim = licensing_class(WPA, (5, 2, 3790))
    assert cim is not None
    assert set(old("new").shown()) == set(cim.properties)
    assert set(cim.methods) == {"ActivateOffline", "ActivateOnline", "GetInstallationID", "SetNotification", "SetProductKey"}
    for name in ("today", "seven"):
        assert fault_code(lambda name=name: remote(servers, name).query(f"SELECT * FROM {WPA}")) == 0x80041010  # type: ignore[misc]


@pytest.mark.parametrize(
    "class_name",
    ["SoftwareLicensingService", "SoftwareLicensingProduct", "SoftwareLicensingTokenActivationLicense", "MSFT_NetFirewallRule"],
)
def test_classes_that_came_later_are_not_there(old: At, fault_code: FaultCode, class_name: str) -> None:
    assert fault_code(lambda: old("new").remote.query(f"SELECT * FROM {class_name}")) == 0x80041010


def test_the_namespace_of_the_firewall_is_not_there(old: At, fault_code: FaultCode) -> None:
    assert fault_code(lambda: old("new").remote.query("SELECT * FROM MSFT_NetFirewallRule", "root/StandardCimv2")) == 0x8004100E


@pytest.mark.parametrize("column", ["OperatingSystemSKU", "OSArchitecture", "MUILanguages", "PortableOperatingSystem"])
def test_columns_that_came_later_make_a_query_invalid(old: At, fault_code: FaultCode, column: str) -> None:
    assert fault_code(lambda: old("new").remote.query(f"SELECT {column} FROM Win32_OperatingSystem")) == 0x80041017
    assert column not in old("new").remote.query("SELECT * FROM Win32_OperatingSystem")[0]


def test_the_machine_describes_itself(old: At) -> None:
    (system,) = old("late").remote.query("SELECT * FROM Win32_OperatingSystem")
    assert (system["Version"], system["BuildNumber"], system["CSDVersion"], system["ProductType"]) == ("5.2.3790", "3790", None, 3)
    assert (system["SystemDirectory"], system["OSLanguage"]) == (r"C:\WINDOWS\system32", 1041)
    assert system["SerialNumber"] == old("late").shown()["ProductID"]
    kinds = [old(name).remote.query("SELECT SystemType,PartOfDomain FROM Win32_ComputerSystem")[0] for name in ("fixed", "volume")]
    assert kinds == [{"SystemType": "x64-based PC", "PartOfDomain": False}, {"SystemType": "X86-based PC", "PartOfDomain": True}]


def test_services_are_there_without_a_licensing_service_and_can_be_stopped_until_the_restart(old: At, fault_code: FaultCode) -> None:
    remote = old("new").remote
    assert "sppsvc" not in [row["Name"] for row in remote.query("SELECT Name FROM Win32_Service")]
    assert remote.invoke("Win32_Service", {"Name": "w32time"}, "StopService").return_value == 0
    assert fault_code(lambda: remote.invoke("Win32_Service", {"Name": "sppsvc"}, "StopService")) == 0x80041002
    stopped = "SELECT State FROM Win32_Service WHERE Name = 'W32Time'"
    assert remote.query(stopped) == [{"State": "Stopped"}]
    remote.invoke("Win32_OperatingSystem", {}, "Shutdown")
    assert remote.query(stopped) == [{"State": "Stopped"}]
    remote.invoke("Win32_OperatingSystem", {}, "Reboot")
    assert remote.query(stopped) == [{"State": "Running"}]


def test_there_is_no_slmgr_and_no_advfirewall(old: At) -> None:
    remote = old("new").remote
    missing = remote.run(r"cscript //nologo C:\WINDOWS\system32\slmgr.vbs /dli")
    assert (missing.stdout, missing.exit_code) == ('Input Error: Can not find script file "C:\\WINDOWS\\system32\\slmgr.vbs".\r\n', 1)
    assert remote.run("slmgr /dli").exit_code == 9009
    assert remote.run("powershell -command slmgr.vbs").exit_code == 1
    firewall = remote.run("netsh advfirewall firewall add rule name=KMS dir=in action=allow")
    assert (firewall.exit_code, "not found: advfirewall" in firewall.stdout) == (1, True)
    assert remote.run("ver").stdout.strip() == "Microsoft Windows [Version 5.2.3790]"
    assert remote.run("hostname").stdout == "new\r\n"


def test_the_registry_knows_no_licensing_service(old: At) -> None:
    key = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
    remote = old("new").remote
    assert remote.registry("GetStringValue", key, sValueName="ProductId").outputs["sValue"] == old("new").shown()["ProductID"]
    assert remote.registry("GetStringValue", key, sValueName="EditionID").return_value == 2
    assert remote.registry("EnumKey", key + r"\SoftwareProtectionPlatform").return_value == 2
    assert "3790" in remote.run(rf'reg query "HKLM\{key}" /v CurrentBuildNumber').stdout
    assert remote.run(rf'reg query "HKLM\{key}" /v CurrentBuildNumber /reg:32').exit_code == 1


def test_updates_of_the_estate_file_are_listed_and_events_are_none(old: At) -> None:
    assert [row["HotFixID"] for row in old("fixed").remote.query("SELECT HotFixID FROM Win32_QuickFixEngineering")] == ["KB824345"]
    assert old("new").remote.query("SELECT * FROM Win32_NTLogEvent WHERE Logfile='Application'") == []


def test_an_update_of_a_later_windows_counts_from_the_restart(servers: Estate, remote: Any) -> None:
    remote(servers, "today").invoke("Win32_Service", {"Name": "sppsvc"}, "StopService")
    servers.install_update("today", "KB5034765")
    assert [row["HotFixID"] for row in remote(servers, "today").query("SELECT HotFixID FROM Win32_QuickFixEngineering")] == ["KB5034765"]
    assert servers.snapshot("today")["stopped_services"] == []


def test_what_is_no_update_is_refused_and_a_dead_machine_takes_none(servers: Estate) -> None:
    with pytest.raises(ValueError, match="an update is named like KB5003646, not sp2"):
        servers.install_update("late", "sp2")
    servers.crash("late")
    with pytest.raises(ValueError, match="late lies dead"):
        servers.install_update("late", "KB824345")
    with pytest.raises(KeyError):
        servers.install_update("nobody", "KB824345")


def test_a_method_needs_the_name_of_the_machine(old: At, fault_code: FaultCode) -> None:
    remote = old("new").remote
    assert fault_code(lambda: remote.invoke(WPA, {"ServerName": "late"}, "ActivateOnline")) == 0x80041002
    assert fault_code(lambda: remote.invoke(WPA, {}, "ActivateOnline")) == 2150859002
    assert fault_code(lambda: remote.invoke(WPA, {"ServerName": "new"}, "ActivateOffline")) == 0x8004102F


@pytest.mark.parametrize(("name", "size", "fixed_size"), [("licdll.dll", 360448, 377344), ("winlogon.exe", 528384, 528896)])
def test_the_two_files_have_versions_by_the_update(old: At, name: str, size: int, fixed_size: int) -> None:
    new, fixed = old("new").file(name), old("fixed").file(name)
    assert (new["Version"], new["FileSize"], fixed["Version"], fixed["FileSize"]) == ("5.2.3790.0", size, "5.2.3790.81", fixed_size)
    assert f"{new['FileName']}.{new['Extension']}" == name
    assert (new["Name"], new["Drive"], new["Path"]) == (rf"c:\windows\system32\{name}", "c:", "\\windows\\system32\\")
    assert (fixed["CreationDate"].isoformat(), new["CSName"]) == ("2003-08-27T17:40:00+00:00", "NEW")


def test_a_file_is_found_by_its_key_and_by_drive_and_path(old: At, fault_code: FaultCode) -> None:
    remote = old("new").remote
    name = r"c:\Windows\System32\licdll.dll"
    assert remote.machine.key_names("root/cimv2", "CIM_DataFile") == ("Name",)
    listed = remote.query(r"SELECT FileName FROM CIM_DataFile WHERE Drive='C:' AND Path='\\windows\\system32\\'")
    assert listed == [{"FileName": "licdll"}, {"FileName": "winlogon"}]
    assert remote.query(r"SELECT FileName FROM CIM_DataFile WHERE Drive='C:' AND Path='\\'") == []
    assert remote.query(r"SELECT FileName FROM CIM_DataFile WHERE Name='c:\\boot.ini'") == []
    assert remote.get("CIM_DataFile", Name=name)["Version"] == "5.2.3790.0"
    assert fault_code(lambda: remote.get("CIM_DataFile", Name=r"c:\boot.ini")) == 0x80041002


def test_a_single_backslash_in_wql_finds_nothing(old: At, fault_code: FaultCode) -> None:
    wql = r"SELECT * FROM CIM_DataFile WHERE Name='C:\WINDOWS\system32\licdll.dll'"
    assert fault_code(lambda: old("new").remote.query(wql)) == 0x80041017


@pytest.mark.parametrize(
    "condition",
    ["", " WHERE Extension = 'dll'", " WHERE Drive = 'C:'", " WHERE Name LIKE '%licdll.dll'", " WHERE FileName = 'licdll'",
     r" WHERE Name = 'c:\\a.dll' OR Name = 'c:\\b.dll'"],
)  # fmt: skip
def test_a_query_that_looks_through_the_disk_takes_too_long(old: At, fault_code: FaultCode, condition: str) -> None:
    assert fault_code(lambda: old("new").remote.query("SELECT * FROM CIM_DataFile" + condition)) == 2150858793


def test_the_snapshot_shows_the_activation_and_no_whole_key(servers: Estate, old: At) -> None:
    iid = old("new").fetch()
    state = servers.snapshot("new")
    files = {"licdll.dll": "5.2.3790.0", "winlogon.exe": "5.2.3790.0"}
    expected = {"activation_required": True, "grace_days": 30, "installation_id": iid, "files": files, "activations_used": 0,
                "media": "retail", "partial_key": "33333", "notification": True}  # fmt: skip
    assert expected.items() <= state["activation"].items()
    assert (state["tags"], state["products"], state["kms_reachable"], state["hardware_changes"]) == (["old"], [], False, 0)
    assert "RRRRR-TTTTT-RRRRR" not in repr(state) + repr(servers.machines["new"])


@pytest.mark.parametrize(
    ("os", "state"), [("Server 2003 Standard", "mak_licensed"), ("Server 2003 Web", "kms_host"), ("Server 2022 Standard", "grace_over")]
)
def test_a_state_of_another_generation_is_refused_with_those_there_are(estate_of: MakeEstate, os: str, state: str) -> None:
    with pytest.raises(EstateError, match=rf"machines\[0\]\.state: '{state}' is none of "):
        estate_of(f"machines: [{{name: a, address: 127.56.72.9, os: {os}, state: {state}}}]")


def test_no_kms_host_runs_on_it(estate_of: MakeEstate) -> None:
    with pytest.raises(EstateError, match=r"kms_hosts\[0\]\.os: Server 2003 is no KMS host here"):
        estate_of("kms_hosts: [{name: a, address: 127.56.72.9, os: Server 2003 Standard}]")


def test_a_group_of_them_is_stamped_out_with_states_of_their_own(estate_of: MakeEstate, remote: Any) -> None:
    text = "clock: {ticking: false}\ndns: none\nmachines: [{name: 'a{1..3}', address: 127.56.72.9, os: Server 2003 Standard}]"
    estate = estate_of(text)
    remote(estate, "a2").invoke(WPA, {"ServerName": "a2"}, "ActivateOnline")
    found = [remote(estate, f"a{number}").query(f"SELECT ActivationRequired FROM {WPA}")[0] for number in (1, 2, 3)]
    assert [row["ActivationRequired"] for row in found] == [1, 0, 1]
