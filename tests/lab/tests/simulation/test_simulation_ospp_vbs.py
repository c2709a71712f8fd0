# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ospp.vbs over WinRS: each command, the Office whose folder it is in, and OSPPREARM.EXE."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from winlab.simulation import ospp
from winlab.simulation.estate import Estate
from winlab.simulation.ospp_vbs import OPTIONS

ESTATE = """
    clock: {start: 2026-11-20T09:00:00Z, ticking: false}
    dns: none
    defaults: {domain: corp.lab}
    kms_hosts:
      - {name: kms1, address: 127.56.78.10, os: Server 2022 Standard, outside_clients: 60, office_host_keys: [Office LTSC 2021]}
      - {name: kms2, address: 127.56.78.11, os: Server 2008 R2 Standard, outside_clients: 60, office_host_keys: [Office 2010]}
    machines:
      - name: pc
        address: 127.56.78.1
        os: Windows 10 Enterprise
        language: ja
        office:
          - {product: Office LTSC Professional Plus 2021, state: grace}
          - {product: Project Professional 2021, state: mak_unactivated}
          - {product: Office Professional Plus 2016, state: notification, installed: false}
          - {product: Office Professional Plus 2010, state: grace}
      - {name: seven, address: 127.56.78.2, os: Windows 7 Professional, office: [{product: Office Standard 2016, state: grace}]}
      - {name: bare, address: 127.56.78.3, os: Windows 10 Enterprise, office: [Word LTSC 2021]}
      - {name: none, address: 127.56.78.4, os: Windows 10 Enterprise}
      - {name: m365, address: 127.56.78.5, os: Windows 11 Pro, office: [Microsoft 365 Apps for enterprise]}
"""
FOLDER = r"C:\Program Files\Microsoft Office\Office"
Run = Callable[..., str]


@pytest.fixture
def estate(estate_of: Callable[[str], Estate]) -> Estate:
    return estate_of(ESTATE)


@pytest.fixture
def run(estate: Estate, remote: Any) -> Run:
    """What a command of the script prints; by `folder` of one Office."""

    def command(name: str, words: str, folder: str = "16", code: int = 0) -> str:
        outcome = remote(estate, name).run(rf'cscript //nologo "{FOLDER}{folder}\ospp.vbs" {words}')
        assert outcome.exit_code == code, outcome
        return str(outcome.stdout)

    return command


@pytest.fixture
def pc(estate: Estate, remote: Any) -> Any:
    return remote(estate, "pc")


def product(machine: Any, name: str, class_name: str = "SoftwareLicensingProduct") -> Mapping[str, Any]:
    (found,) = machine.query(f"SELECT * FROM {class_name} WHERE Name LIKE '%{name}%'")
    return dict(found)


def shown(text: str) -> list[dict[str, str]]:
    """The products of /dstatus by label."""
    found = [dict(re.findall(r"^\s*([^:\r\n]+): +(.+?)\s*$", part, re.MULTILINE)) for part in re.split(r"-{30,}", text)]
    return [each for each in found if "SKU ID" in each]


def test_dstatus_shows_the_keyed_products_of_its_service(run: Run) -> None:
    of_2021, project, of_2016 = shown(run("pc", "/dstatus"))
    assert of_2021["LICENSE NAME"] == "Office 21, Office21ProPlus2021VL_KMS_Client_AE edition"
    assert (of_2021["LICENSE STATUS"], of_2021["ERROR CODE"]) == ("---OOB_GRACE---", "0x4004F00C")
    assert of_2021["REMAINING GRACE"] == "30 days  (43200 minute(s) before expiring)"
    assert of_2021["Last 5 characters of installed product key"] == "6F7TH"
    assert project["LICENSE DESCRIPTION"] == "Office 21, RETAIL(MAK) channel"
    assert (of_2016["LICENSE STATUS"], of_2016["ERROR CODE"]) == ("---NOTIFICATIONS---", "0xC004F009")
    assert len(shown(run("pc", "/dstatusall"))) == 6
    assert "<No installed product keys detected>" in run("bare", "/dstatus")


def test_the_script_of_office_2010_sees_its_own_service_alone(run: Run) -> None:
    (only,) = shown(run("pc", "/dstatus", "14"))
    assert only["LICENSE NAME"] == "Office 14, OfficeProPlus-KMS_Client edition"
    assert "Activation Type Configuration" not in only
    (only,) = shown(run("seven", "/dstatus"))
    assert only["LICENSE NAME"] == "Office 16, Office16StandardVL_KMS_Client edition"


@pytest.mark.parametrize(("name", "folder"), [("none", "16"), ("pc", "15"), ("seven", "14")])
def test_there_is_no_script_in_a_folder_of_an_office_that_is_not_there(run: Run, name: str, folder: str) -> None:
    assert "ospp.vbs" in run(name, "/dstatus", folder, code=1)


def test_the_newest_office_answers_where_no_folder_is_named(pc: Any, estate: Estate, remote: Any) -> None:
    assert "Office21ProPlus2021VL" in pc.run("cscript //nologo ospp.vbs /dstatus").stdout
    assert "<No installed product keys detected>" in remote(estate, "m365").run("cscript ospp.vbs /dstatus").stdout
    assert pc.run("cscript //nologo ospp.vbs /what").exit_code == 1


def test_sethst_goes_to_every_kms_client_license_and_act_to_every_key(run: Run, pc: Any) -> None:
    assert "Successfully applied setting." in run("pc", "/sethst:kms1.corp.lab")
    run("pc", "/setprt:1688")
    text = run("pc", "/act")
    assert text.count("<Product activation successful>") == 3
    assert product(pc, "Office21ProPlus2021VL_KMS")["LicenseStatus"] == 1
    assert "KMS machine registry override defined: kms1.corp.lab:1688" in run("pc", "/dstatus")
    run("pc", "/remhst")
    assert product(pc, "Office16ProPlusVL_KMS")["KeyManagementServiceMachine"] == ""


def test_one_failure_does_not_stop_the_others(run: Run, pc: Any) -> None:
    text = run("pc", "/act")
    assert text.count("ERROR CODE: 0x") == 2
    assert text.count("<Product activation successful>") == 1
    assert product(pc, "Office21ProjectPro2021VL_MAK")["LicenseStatus"] == 1


def test_keys_go_in_and_out_by_their_last_characters(run: Run) -> None:
    assert "ERROR CODE: 0xC004F050" in run("pc", "/inpkey:nonsense")
    assert "<Product key installation successful>" in run("pc", "/inpkey:XQNVK-8JYDB-WJ9W3-YJ8YR-WFG99")
    assert "<Product key uninstall successful>" in run("pc", "/unpkey:wfg99")
    assert "<Product key not found>" in run("pc", "/unpkey:WFG99")
    assert "<A value is missing" in run("pc", "/unpkey")
    assert "ERROR CODE: 0xC004E016" in run("pc", "/inpkey:XQNVK-8JYDB-WJ9W3-YJ8YR-WFG99", "14")
    assert "<Product key installation successful>" in run("pc", "/inpkey:VYBBJ-TRJPB-QFQRF-QFT4D-H3GVB", "14")


def test_a_confirmation_id_is_sent_to_every_product(run: Run, pc: Any, estate: Estate) -> None:
    iid = product(pc, "Office21ProjectPro2021VL_MAK")["OfflineInstallationId"]
    assert iid in run("pc", "/dinstid")
    text = run("pc", f"/actcid:{estate.phone(iid)}")
    assert (text.count("<Offline product activation successful>"), text.count("ERROR CODE: 0xC004F031")) == (1, 2)


def test_the_cmid_is_that_of_the_service(run: Run, pc: Any) -> None:
    assert pc.service()["ClientMachineID"] in run("pc", "/dcmid")
    assert pc.query(f"SELECT * FROM {ospp.SERVICE}")[0]["ClientMachineID"] in run("pc", "/dcmid", "14")


def test_settings_of_windows_8_and_later_are_refused_in_ospp(run: Run, pc: Any) -> None:
    for command in ("/actype:2", "/skms-domain:corp.lab", "/ckms-domain"):
        assert "not supported" in run("pc", command, "14")
        assert "not supported" in run("seven", command)
        assert "Successfully applied setting." in run("pc", command)
    assert product(pc, "Office21ProPlus2021VL_KMS")["VLActivationTypeEnabled"] == 2
    run("pc", "/actype:0")
    assert product(pc, "Office21ProPlus2021VL_KMS")["VLActivationTypeEnabled"] == 0
    assert "Windows 7" in run("pc", "/stokflag")
    assert "Successfully applied setting." in run("seven", "/stokflag")


def test_caching_is_the_one_of_windows_from_windows_8_on(run: Run, pc: Any) -> None:
    run("pc", "/cachst:FALSE")
    assert pc.service()["KeyManagementServiceHostCaching"] is False
    assert pc.query(f"SELECT * FROM {ospp.SERVICE}")[0]["KeyManagementServiceHostCaching"] is True
    run("pc", "/cachst:FALSE", "14")
    assert pc.query(f"SELECT * FROM {ospp.SERVICE}")[0]["KeyManagementServiceHostCaching"] is False
    assert "TRUE or FALSE" in run("pc", "/cachst:maybe")


@pytest.mark.parametrize(
    ("folder", "key"), [("16", r"Windows NT\CurrentVersion\SoftwareProtectionPlatform"), ("14", "OfficeSoftwareProtectionPlatform")]
)
def test_user_operations_are_a_value_in_the_registry(run: Run, pc: Any, folder: str, key: str) -> None:
    for command, value in (("/puserops", 1), ("/duserops", 0)):
        run("pc", command, folder)
        found = pc.registry("GetDWORDValue", rf"SOFTWARE\Microsoft\{key}", sValueName="UserOperations")
        assert found.outputs["uValue"] == value


def test_histories_are_events_of_the_log_application(run: Run) -> None:
    assert "<No events found>" in run("pc", "/dhistorykms")
    run("pc", "/act")
    assert "kms1" not in run("pc", "/dhistoryacterr")
    run("pc", "/sethst:gone.corp.lab")
    run("pc", "/act")
    assert "gone.corp.lab:1688" in run("pc", "/dhistorykms")


def test_the_service_of_office_restarts_and_starts_automatically(run: Run, pc: Any) -> None:
    service = "SELECT StartMode FROM Win32_Service WHERE Name = 'osppsvc'"
    assert pc.query(service)[0]["StartMode"] == "Manual"
    run("pc", "/osppsvcauto", "14")
    assert pc.query(service)[0]["StartMode"] == "Auto"
    assert "restarted" in run("pc", "/osppsvcrestart", "14")
    assert "not installed" in run("bare", "/osppsvcrestart")


def test_a_rearm_of_ospp_gives_grace_and_another_cmid_at_once(run: Run, pc: Any) -> None:
    def cmid() -> str:
        return str(pc.query(f"SELECT * FROM {ospp.SERVICE}")[0]["ClientMachineID"])

    run("pc", "/sethst:kms2.corp.lab", "14")
    run("pc", "/act", "14")
    seen = {cmid()}
    for _time in range(5):
        assert "successful" in run("pc", "/rearm", "14")
        seen.add(cmid())
    assert "ERROR CODE: 0xC004D307" in run("pc", "/rearm", "14")
    run("pc", "/act", "14")
    assert "successful" in run("pc", "/rearm", "14")
    assert len(seen | {cmid()}) == 7
    assert product(pc, "OfficeProPlus-KMS", ospp.PRODUCT)["LicenseStatus"] == 2
    shared = r'"C:\Program Files\Common Files\Microsoft Shared\OfficeSoftwareProtectionPlatform\OSPPREARM.EXE"'
    assert [pc.run(rf'"{FOLDER}14\OSPPREARM.EXE"').exit_code, pc.run(shared).exit_code] == [1, 1]
    run("pc", "/act", "14")
    assert pc.run(shared).exit_code == 0
    assert pc.run(rf'"{FOLDER}16\OSPPREARM.EXE"').exit_code == 0
    assert pc.run(rf'"{FOLDER}15\OSPPREARM.EXE"').exit_code == 9009


def test_every_command_of_the_script_answers(run: Run) -> None:
    for option in OPTIONS:
        assert run("pc", f"/{option}:x").startswith("---Processing---"), option


def test_slmgr_reinstalls_its_license_files_and_misses_those_of_others(pc: Any) -> None:
    assert pc.run("slmgr /rilc").exit_code == 0
    assert pc.run(r"slmgr /ilc C:\a.xrm-ms").exit_code == 1


def test_office_in_the_service_of_windows_has_rearms_of_its_own(run: Run, pc: Any) -> None:
    before = product(pc, "Office21ProPlus2021VL_KMS")["RemainingAppReArmCount"]
    assert "successful" in run("pc", "/rearm")
    assert (before, product(pc, "Office21ProPlus2021VL_KMS")["RemainingAppReArmCount"]) == (5, 4)
    assert "ERROR CODE: 0xC004D302" in run("pc", "/act")
    pc.machine.restart()
    assert product(pc, "Office21ProPlus2021VL_KMS")["LicenseStatus"] == 2
