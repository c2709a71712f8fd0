# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from winlab.simulation.estate import Estate

At = Callable[[str], Any]


def powershell(script: str) -> str:
    return (
        "powershell -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand "
        + base64.b64encode(script.encode("utf-16-le")).decode()
    )


def lines(machine: Any, command: str) -> list[str]:
    outcome = machine.run(command)
    assert outcome.stdout.endswith("\r\n")
    return str(outcome.stdout).split("\r\n")


def test_simple_commands(at: At) -> None:
    assert at("srv").run("hostname").stdout == "srv\r\n"
    assert at("srv").run("cmd /c echo a b").stdout == "a b\r\n"
    assert "10.0.17763" in at("srv").run("cmd.exe /c ver").stdout
    assert at("srv").run("exit 3").exit_code == 3


def test_a_restart_completes_a_rearm(at: At) -> None:
    before = at("srv").service()["ClientMachineID"]
    at("srv").run("slmgr /rearm")
    at("srv").run("shutdown /r /t 0")
    assert at("srv").service()["ClientMachineID"] != before


@given(st.text(max_size=40), st.sampled_from(["", "slmgr ", "reg ", "reg query ", "cscript ", "powershell -c ", "cmd /c ", "slmgr /skms "]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
def test_no_command_line_breaks_the_shell(at: At, text: str, start: str) -> None:
    outcome = at("srv").run(start + text)
    assert isinstance(outcome.exit_code, int)


def test_an_unknown_command_is_said_in_the_machines_language(at: At) -> None:
    english, japanese = at("srv").run("frobnicate /x"), at("pc").run("frobnicate")
    assert (english.exit_code, japanese.exit_code) == (9009, 9009)
    assert english.stderr.startswith("'frobnicate' is not recognized as an internal or external command,\r\n")
    assert "認識されていません" in japanese.stderr


def test_powershell_runs_the_one_simple_command_ansible_wraps(at: At) -> None:
    plain = at("srv").run("cscript //nologo slmgr.vbs /dli")
    wrapped = powershell("Set-StrictMode -Version Latest\r\n& cscript.exe //nologo 'C:\\Windows\\System32\\slmgr.vbs' /dli\r\n"
                         "If (-not $?) { If (Get-Variable LASTEXITCODE -ErrorAction SilentlyContinue) "
                         "{ exit $LASTEXITCODE } Else { exit 1 } }\r\n")  # fmt: skip
    assert at("srv").run(wrapped) == plain
    assert at("srv").run(powershell("Get-Mystery")).exit_code == 1
    assert at("srv").run("powershell -EncodedCommand !!!").exit_code == 1


def test_dlv_of_a_kms_client_in_english(at: At) -> None:
    at("old").on_product("Activate")
    service, product = at("old").service(), at("old").product()
    assert lines(at("old"), "cscript //nologo slmgr.vbs /dlv") == [
        "Software licensing service version: 6.1.7601.17514", "", "Name: Windows(R) 7, Professional edition",
        "Description: Windows Operating System - Windows(R) 7, VOLUME_KMSCLIENT channel", f"Activation ID: {product['ID']}",
        "Application ID: 55c92734-d682-4d71-983e-d6ec3f16059f", f"Extended PID: {product['ProductKeyID']}",
        f"Installation ID: {product['OfflineInstallationId']}", "Processor Certificate URL: http://go.microsoft.com/fwlink/?LinkID=88342",
        "Machine Certificate URL: http://go.microsoft.com/fwlink/?LinkID=88343", "Use License URL: http://go.microsoft.com/fwlink/?LinkID=88345",
        "Product Key Certificate URL: http://go.microsoft.com/fwlink/?LinkID=88344", "Partial Product Key: GPDD4",
        "License Status: Licensed",
        "Volume activation expiration: 259200 minute(s) (180 day(s))", "Remaining Windows rearm count: 3",
        "Trusted time: 11/20/2026 9:00:00 AM",
        "", "Key Management Service client information", f"    Client Machine ID (CMID): {service['ClientMachineID']}",
        "    Registered KMS machine name: kms1.corp.lab:1688", f"    KMS machine extended PID: {at('kms1').product()['ProductKeyID']}",
        "    Activation interval: 120 minutes", "    Renewal interval: 10080 minutes", "    KMS host caching is enabled", "",
    ]  # fmt: skip


def test_dli_of_a_kms_client_in_japanese_has_the_labels_of_the_document(at: At) -> None:
    at("pc").on_product("Activate")
    text = at("pc").run("cscript //nologo slmgr.vbs /dli").stdout
    for line in ("名前: Windows(R), Enterprise edition", "説明: Windows(R) Operating System, VOLUME_KMSCLIENT channel",
                 "プロダクト キーの一部: 2YT43",
                 "ライセンスの状態: ライセンスされています", "ボリューム ライセンス認証の有効期限: 259200 分 (180 日)",
                 "キー管理サービス クライアント情報",
                 "    ライセンス認証の間隔: 120 分", "    更新間隔: 10080 分", "    KMS ホスト キャッシングが有効です"):  # fmt: skip
        assert line + "\r\n" in text


def test_dli_of_a_kms_host_shows_count_and_requests(at: At) -> None:
    at("pc").on_product("Activate")
    text = at("kms1").run("cscript //nologo slmgr.vbs /dli").stdout
    assert "    Current count: 50\r\n    Listening on Port: 1688\r\n    DNS publishing enabled\r\n    KMS priority: Normal\r\n" in text
    assert "    Total requests received: 1\r\n    Failed requests received: 0\r\n" in text
    assert "    Requests with License Status Initial grace period: 1\r\n" in text


def test_dlv_all_shows_every_license_and_an_activation_id_one(at: At) -> None:
    everything = at("srv").run("slmgr /dlv all").stdout
    assert everything.count("Activation ID: ") == len(at("srv").query("SELECT ID FROM SoftwareLicensingProduct"))
    assert "This license is not in use." in everything
    assert at("srv").run(f"slmgr /dlv {at('srv').product()['ID']}").stdout == at("srv").run("slmgr /dlv").stdout
    assert at("srv").run("slmgr /dlv 11111111-2222-3333-4444-555555555555").exit_code == 1


def test_xpr_says_when_it_ends(at: At) -> None:
    assert lines(at("srv"), "slmgr /xpr") == ["Windows(R), ServerStandard edition:", "    The machine is permanently activated.", ""]
    assert "    最初の猶予期間は 2026/12/20 18:00:00 に終了します" in lines(at("pc"), "slmgr.vbs -xpr")


def test_slmgr_converts_a_machine_as_wmi_does(at: At, gvlk: Mapping[str, str]) -> None:
    srv = at("srv")
    assert srv.run(f"slmgr /ipk {gvlk['Server 2019 Standard']}").exit_code == 0
    assert (
        srv.run("slmgr /skms kms1.corp.lab:1688").stdout
        == "Key Management Service machine name set to kms1.corp.lab:1688 successfully.\r\n"
    )
    assert srv.run("slmgr /ato").stdout.endswith(" ...\r\nProduct activated successfully.\r\n")
    assert (srv.product()["LicenseStatus"], srv.product()["KeyManagementServicePort"]) == (1, 1688)
    assert srv.run("slmgr /ckms").exit_code == 0
    assert srv.product()["KeyManagementServiceMachine"] == ""
    assert srv.run("slmgr /upk").exit_code == 0
    assert srv.run("slmgr /dli").stdout == "Error: product not found.\r\n"


def test_slmgr_settings(at: At) -> None:
    srv = at("srv")
    for command, check in (
        (
            "/skms [fd00::1]:1700",
            lambda: srv.service()["KeyManagementServiceMachine"] == "[fd00::1]" and srv.service()["KeyManagementServicePort"] == 1700,
        ),
        ("/skms plain", lambda: srv.service()["KeyManagementServiceMachine"] == "plain" and srv.service()["KeyManagementServicePort"] == 0),
        ("/skms-domain a.b", lambda: srv.service()["KeyManagementServiceLookupDomain"] == "a.b"),
        ("/ckms-domain", lambda: srv.service()["KeyManagementServiceLookupDomain"] == ""),
        ("/ckhc", lambda: srv.service()["KeyManagementServiceHostCaching"] is False),
        ("/skhc", lambda: srv.service()["KeyManagementServiceHostCaching"] is True),
        ("/act-type 2", lambda: srv.machine.service.settings.activation_type == 2),
        ("/act-type 0", lambda: srv.machine.service.settings.activation_type == 0),
        ("/cpky", lambda: srv.product()["LicenseStatus"] == 1),
        ("/rearm", lambda: srv.machine.service.rearm_pending),
    ):
        assert srv.run(f"slmgr {command}").exit_code == 0, command
        assert check(), command


def test_host_settings_are_only_made_on_a_kms_host(at: At) -> None:
    assert at("srv").run("slmgr /sprt 1700").exit_code == 1
    assert at("kms1").run("slmgr /sprt 1700").exit_code == 0
    assert at("kms1").run("slmgr /sri 20160").exit_code == 0
    assert at("kms1").run("slmgr /cdns").exit_code == 0
    service = at("kms1").service()
    assert (service["KeyManagementServiceListeningPort"], service["VLRenewalInterval"], service["KeyManagementServiceDnsPublishing"]) == (
        1700,
        20160,
        False,
    )


def test_a_failing_slmgr_prints_the_code_and_returns_it(at: At, office: Estate) -> None:
    office.set_fault("kms1", "kms_host_down")
    outcome = at("old").run("slmgr /ato")
    assert "Error: 0xC004F074 " in outcome.stdout
    assert outcome.exit_code & 0xFFFFFFFF == 0xC004F074
    assert "エラー: 0xC004F050" in at("pc").run("slmgr /ipk nonsense").stdout
    assert at("srv").run("slmgr /nonsense").exit_code == 1


def test_slmgr_keeps_the_host_version_in_the_registry_while_a_host_key_is_there(at: At, gvlk: Mapping[str, str]) -> None:
    key = r'"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform" /v KeyManagementServiceVersion'
    kms = at("kms1")
    host_key = kms.machine.service.keyed()[0].key
    kms.run(f"slmgr /ipk {host_key}")
    assert "10.0.20348.1" in kms.run(f"reg query {key}").stdout
    kms.run(f"slmgr /ipk {gvlk['Server 2022 Standard']}")
    assert kms.run(f"reg query {key}").exit_code == 1


def test_reg_query_add_delete(at: At) -> None:
    srv = at("srv")
    key = r'"HKLM\SOFTWARE\Policies\Microsoft\Windows\WAU"'
    assert srv.run(f"reg query {key}").exit_code == 1
    assert srv.run(f"reg add {key} /v Disabled /t REG_DWORD /d 1 /f").stdout == "The operation completed successfully.\r\n"
    assert "    Disabled    REG_DWORD    0x1\r\n" in srv.run(f"reg query {key} /v disabled").stdout
    assert (
        r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WAU"
        in srv.run(r"reg query HKLM\SOFTWARE\Policies\Microsoft\Windows").stdout
    )
    assert srv.registry("GetDWORDValue", r"SOFTWARE\Policies\Microsoft\Windows\WAU", sValueName="Disabled").outputs["uValue"] == 1
    assert srv.run(f"reg delete {key} /v Disabled /f").exit_code == 0
    assert srv.run(f"reg delete {key} /f").exit_code == 0
    assert srv.run(f"reg query {key}").stderr.startswith("ERROR: ")
    assert at("pc").run(f"reg query {key}").stderr.startswith("エラー: ")


def test_reg_shows_what_32_bit_programs_see(at: At) -> None:
    srv, key, wide = at("srv"), r"HKLM\SOFTWARE\Test", r"HKLM\SOFTWARE\Wow6432Node\Test"
    srv.run(f"reg add {key} /v V /d wide /f /reg:64")
    srv.run(f"reg add {key} /v V /d narrow /f /reg:32")
    assert "wide" in srv.run(f"reg query {key} /v V").stdout
    assert "narrow" in srv.run(f"reg query {key} /v V /reg:32").stdout
    assert "narrow" in srv.run(f"reg query {wide} /v V").stdout
    assert srv.run(f"reg delete {key} /v V /f /reg:32").exit_code == 0
    assert (srv.run(f"reg query {wide} /v V").exit_code, srv.run(f"reg query {key} /v V").exit_code) == (1, 0)


@pytest.mark.parametrize(
    "key", [r"HKLM\SOFTWARE\Policies\Test", r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer", r"HKLM\SYSTEM\Test"]
)
def test_reg_shows_32_bit_programs_the_same_policies(at: At, key: str) -> None:
    srv = at("srv")
    srv.run(f"reg add {key} /v V /d 1 /f")
    assert srv.run(f"reg query {key} /v V /reg:32").exit_code == 0


def test_a_wrong_type_stays_until_the_value_is_written_anew(at: At) -> None:
    srv, key = at("srv"), r"HKLM\SOFTWARE\Test"
    srv.run(f"reg add {key} /v V /t REG_SZ /d 1 /f")
    assert srv.registry("EnumValues", r"SOFTWARE\Test").outputs == {"sNames": ("V",), "Types": ("1",)}
    assert srv.registry("GetDWORDValue", r"SOFTWARE\Test", sValueName="V").return_value == 1
    assert srv.registry("SetDWORDValue", r"SOFTWARE\Test", sValueName="V", uValue=1).return_value == 0
    assert srv.registry("EnumValues", r"SOFTWARE\Test").outputs == {"sNames": ("V",), "Types": ("4",)}


@pytest.mark.parametrize("name", ["srv", "pc"])
def test_no_machine_has_the_keys_of_policies_to_begin_with(at: At, name: str) -> None:
    assert at(name).registry("EnumKey", r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies").outputs["sNames"] == ()
    assert at(name).registry("EnumKey", r"SOFTWARE\Policies\Microsoft").outputs["sNames"] == ()


@pytest.mark.parametrize(
    "command",
    [
        "reg",
        "reg query",
        "reg frobnicate HKLM\\X",
        "reg query HKXX\\Y",
        r"reg add HKLM\X /v V /t REG_ODD /d 1",
        r"reg add HKLM\X V",
        r"reg add HKLM\X /v V /t REG_BINARY /d xyz",
        r"reg add HKLM\X /v V /t REG_DWORD /d xyz",
    ],
)
def test_bad_reg_syntax_is_exit_code_one(at: At, command: str) -> None:
    outcome = at("srv").run(command)
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert outcome.stderr


def test_skms_takes_the_host_back_when_the_port_cannot_be_set(at: At, office: Estate) -> None:
    srv = at("srv")
    office.set_fault("srv", "wmi_fault", method="SetKeyManagementServicePort", hresult="0x80070005", times=1)
    assert srv.run("slmgr /skms other.corp.lab:1700").exit_code == 0x80070005 - (1 << 32)
    assert srv.service()["KeyManagementServiceMachine"] == "kms1.corp.lab"
    srv.run("slmgr /ckms")
    office.set_fault("srv", "wmi_fault", method="ClearKeyManagementServicePort", hresult="0x80070005", times=1)
    srv.run("slmgr /skms other.corp.lab")
    assert srv.service()["KeyManagementServiceMachine"] == ""


def test_ato_looks_again_before_it_speaks_of_success(at: At, office: Estate) -> None:
    office.set_fault("pc", "return_value", method="Activate", value="0xC004F074", times=1)
    assert "失敗" in at("pc").run("slmgr /ato").stdout
    assert "正常に" in at("pc").run("slmgr /ato").stdout


def test_a_hosts_settings_are_set_and_shown_by_slmgr(at: At) -> None:
    kms = at("kms1")
    for line in ("/sprt 1700", "/sai 30", "/sri 20160", "/cdns", "/cpri"):
        assert kms.run(f"slmgr {line}").exit_code == 0
    text = kms.run("slmgr /dlv").stdout
    assert "    Listening on Port: 1700\r\n    DNS publishing disabled\r\n    KMS priority: Low\r\n" in text
    service = kms.service()
    assert (service["VLActivationInterval"], service["VLRenewalInterval"], service["KeyManagementServiceLowPriority"]) == (30, 20160, True)
    for line in ("/sdns", "/spri"):
        assert kms.run(f"slmgr {line}").exit_code == 0
    assert "    DNS publishing enabled\r\n    KMS priority: Normal\r\n" in kms.run("slmgr /dlv").stdout
    assert kms.run("slmgr /sai 14").exit_code != 0
    assert at("srv").run("slmgr /sai 30").exit_code == 1
