# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What accounts may do: the namespaces, the providers behind them, and remote UAC."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from winlab.interfaces import WmiFault
from winlab.simulation.estate import Estate
from winlab.simulation.estate_file import EstateError
from winlab.simulation.rights import PRESETS

CIMV2, DEFAULT, FIREWALL = "root/cimv2", "root/default", "root/standardcimv2"
TEXT = """
    clock: {start: 2026-11-20T09:00:00Z, ticking: false}
    dns: none
    accounts:
      LabAdmin: Lab-Passw0rd!
      Boss: {password: Boss-Passw0rd!, rights: local_administrator}
      Operator: {password: Op-Passw0rd!, rights: operator}
      Reader: {password: Read-Passw0rd!, rights: reader}
      Remote: {password: Remote-Passw0rd!, rights: remote_user}
      User: {password: User-Passw0rd!, rights: user}
      Blind: {password: Blind-Passw0rd!, rights: {like: operator, event_logs: false, services: false, registry: false}}
      NoFirewall: {password: Fire-Passw0rd!, rights: {like: reader, namespaces: {root/standardcimv2: [enable]}}}
    machines:
      - {name: srv, address: 127.56.0.11, os: Server 2022 Standard, state: mak_licensed}
      - {name: told, address: 127.56.0.12, os: Server 2022 Standard, state: mak_licensed, truths: {unreadable_log: access_denied}}
      - {name: old, address: 127.56.0.13, os: Server 2008 R2 Standard, state: mak_licensed}
"""
READS = {
    CIMV2: "SELECT * FROM SoftwareLicensingService",
    FIREWALL: "SELECT * FROM MSFT_NetFirewallRule",
}
SERVICES, EVENTS = "SELECT * FROM Win32_Service WHERE Name='sppsvc'", "SELECT * FROM Win32_NTLogEvent"
POLICIES = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
SPP = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
DENIED, UNELEVATED = 0x80041003, 0xC004F025


@pytest.fixture
def estate(estate_of: Callable[[str], Estate]) -> Estate:
    return estate_of(TEXT)


class As:
    """A machine used by one account."""

    def __init__(self, estate: Estate, user: str, name: str = "srv") -> None:
        self.machine = estate.machines[name]
        self.access = self.machine.seen_by(user)

    def rows(self, wql: str, namespace: str = CIMV2) -> list[Mapping[str, Any]]:
        return [each.values for each in asyncio.run(self.access.query(namespace, wql)).instances]

    def call(self, class_name: str, keys: Mapping[str, str], method: str, namespace: str = CIMV2, **arguments: object) -> Any:
        texts = {name: [str(value)] for name, value in arguments.items()}
        return asyncio.run(self.access.invoke(namespace, class_name, keys, method, texts))

    def on_service(self, method: str, **arguments: object) -> Any:
        return self.call("SoftwareLicensingService", {"Version": self.machine.os.service_version}, method, **arguments)

    def registry(self, method: str, key: str, **arguments: object) -> Any:
        return self.call("StdRegProv", {}, method, DEFAULT, hDefKey=0x80000002, sSubKeyName=key, **arguments)


def code_of(action: Callable[[], object]) -> int:
    with pytest.raises(WmiFault) as refused:
        action()
    return refused.value.hresult


@pytest.mark.parametrize(
    ("user", "let_in"),
    [("LabAdmin", True), ("Boss", False), ("Operator", True), ("Reader", True), ("Remote", True), ("User", False), ("Nobody", False)],
)
def test_winrm_lets_in_administrators_and_the_group(estate: Estate, user: str, let_in: bool) -> None:
    assert estate.machines["srv"].lets_in(user) is let_in


def test_there_is_no_such_group_up_to_2008_r2(estate: Estate) -> None:
    assert [estate.machines["old"].lets_in(user) for user in ("LabAdmin", "Reader", "Operator")] == [True, False, False]


def test_remote_uac_filters_a_local_administrator_until_the_policy_says_otherwise(estate: Estate) -> None:
    admin, machine = As(estate, "LabAdmin"), estate.machines["srv"]
    admin.registry("CreateKey", POLICIES)
    for value, let_in in ((1, True), (0, False)):
        admin.registry("SetDWORDValue", POLICIES, sValueName="LocalAccountTokenFilterPolicy", uValue=value)
        assert machine.lets_in("Boss") is machine.lets_in("SRV\\boss") is let_in
        assert machine.seen_by("Boss").opens_shells is let_in


@pytest.mark.parametrize("namespace", READS)
@pytest.mark.parametrize(("user", "reads"), [("LabAdmin", True), ("Operator", True), ("Reader", True), ("Remote", False)])
def test_a_namespace_wants_enable_account_and_remote_enable(estate: Estate, user: str, reads: bool, namespace: str) -> None:
    account = As(estate, user)
    if reads:
        assert account.rows(READS[namespace], namespace)
    else:
        assert code_of(lambda: account.rows(READS[namespace], namespace)) == DENIED


def test_the_permissions_of_one_namespace_are_its_own(estate: Estate) -> None:
    account = As(estate, "NoFirewall")
    assert account.rows(READS[CIMV2])
    assert code_of(lambda: account.rows(READS[FIREWALL], FIREWALL)) == DENIED


def test_an_unknown_namespace_is_unknown_to_everybody(estate: Estate) -> None:
    assert code_of(lambda: As(estate, "Remote").rows("SELECT * FROM X", "root/nowhere")) == 0x8004100E


def test_a_method_wants_execute_methods(estate: Estate) -> None:
    assert code_of(lambda: As(estate, "Reader").on_service("RefreshLicenseStatus")) == DENIED
    assert code_of(lambda: As(estate, "Operator").on_service("RefreshLicenseStatus")) == UNELEVATED


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("InstallProductKey", {"ProductKey": "VDYBN-27WPP-V4HQT-9VMD4-VMK7H"}, UNELEVATED),
        ("ReArmWindows", {}, UNELEVATED),
        ("ClearProductKeyFromRegistry", {}, UNELEVATED),
        ("SetKeyManagementServiceMachine", {"MachineName": "kms"}, 0x80070005),
        ("ClearKeyManagementServicePort", {}, 0x80070005),
        ("DisableKeyManagementServiceDnsPublishing", {"DisablePublishing": "true"}, 0x80070005),
    ],
)
def test_licensing_changes_want_an_administrator(estate: Estate, method: str, arguments: dict[str, str], code: int) -> None:
    before = estate.snapshot("srv")
    assert code_of(lambda: As(estate, "Operator").on_service(method, **arguments)) == code
    assert estate.snapshot("srv") == before


def test_a_call_that_is_wrong_is_refused_as_wrong_first(estate: Estate) -> None:
    assert code_of(lambda: As(estate, "Operator").on_service("InstallProductKey")) == 0x8004102F


def test_user_operations_let_standard_users_do_all_but_settings(estate: Estate) -> None:
    As(estate, "LabAdmin").registry("SetDWORDValue", SPP, sValueName="UserOperations", uValue=1)
    operator = As(estate, "Operator")
    assert operator.on_service("InstallProductKey", ProductKey="VDYBN-27WPP-V4HQT-9VMD4-VMK7H").return_value == 0
    assert operator.on_service("RefreshLicenseStatus").return_value == 0
    assert code_of(lambda: operator.on_service("SetKeyManagementServiceMachine", MachineName="kms")) == 0x80070005


def test_the_registry_is_read_by_users_and_written_by_administrators(estate: Estate) -> None:
    reader = As(estate, "Reader")
    assert reader.registry("EnumValues", SPP).return_value == 0
    for method, arguments in {
        "SetDWORDValue": {"sValueName": "X", "uValue": 1}, "CreateKey": {}, "DeleteKey": {}, "DeleteValue": {"sValueName": "X"},
    }.items():  # fmt: skip
        assert reader.registry(method, SPP, **arguments).return_value == 5
    granted = {bits: reader.registry("CheckAccess", SPP, uRequired=bits).outputs["bGranted"] for bits in (1, 2, 3, 0x20019)}
    assert granted == {1: True, 2: False, 3: False, 0x20019: True}


def test_a_registry_that_an_account_may_not_read_returns_5(estate: Estate) -> None:
    blind = As(estate, "Blind")
    assert blind.registry("EnumKey", SPP).return_value == 5
    assert blind.registry("CheckAccess", SPP, uRequired=1).outputs["bGranted"] is False


def test_a_log_that_an_account_may_not_read_looks_empty(estate: Estate) -> None:
    for name in ("srv", "told"):
        estate.machines[name].log(1013)
    assert As(estate, "LabAdmin").rows(EVENTS)
    assert As(estate, "Reader").rows(EVENTS)
    assert As(estate, "Blind").rows(EVENTS) == []
    assert code_of(lambda: As(estate, "Blind", "told").rows(EVENTS)) == DENIED


def test_services_are_not_shown_over_the_network(estate: Estate) -> None:
    assert As(estate, "Operator").rows(SERVICES)
    assert code_of(lambda: As(estate, "Reader").rows(SERVICES)) == DENIED


def test_what_administrators_do_to_windows_is_refused_in_the_way_of_each_class(estate: Estate) -> None:
    operator = As(estate, "Operator")
    assert operator.call("Win32_Service", {"Name": "sppsvc"}, "StopService").return_value == 2
    assert code_of(lambda: operator.call("Win32_OperatingSystem", {}, "Reboot")) == 0x80041062
    (log,) = operator.rows("SELECT * FROM Win32_NTEventlogFile WHERE LogfileName='Application'")
    backup = operator.call("Win32_NTEventlogFile", {"Name": log["Name"]}, "BackupEventlog", ArchiveFileName=r"C:\a.evtx")
    assert backup.return_value == 8
    assert estate.machines["srv"].restarts_asked == 0


@pytest.mark.parametrize(
    ("rights", "message"),
    [
        ("king", "'king' is none of administrator"),
        ("{like: king}", "'king' is none of administrator"),
        ("{event_logs: maybe}", "must be true or false"),
        ("{namespaces: {root/nowhere: []}}", "unknown entry root/nowhere"),
        ("{namespaces: {root: [all]}}", "'all' is none of enable"),
        ("{shells: true}", "unknown entry shells"),
    ],
)
def test_unknown_rights_are_refused(estate_of: Callable[[str], Estate], rights: str, message: str) -> None:
    with pytest.raises(EstateError, match=message):
        estate_of("accounts: {A: {password: Lab-Passw0rd!, rights: " + rights + "}}\ndns: none\nmachines: []\n")


@pytest.mark.parametrize("name", PRESETS)
def test_every_name_of_rights_makes_an_account(estate_of: Callable[[str], Estate], name: str) -> None:
    estate = estate_of(
        f"accounts: {{A: {{password: Lab-Passw0rd!, rights: {name}}}}}\n"
        "dns: none\nmachines: [{name: m, address: 127.56.0.11, os: Windows 11 Pro, state: grace}]\n"
    )
    account = estate.machines["m"].accounts["A"]
    assert (account.kind, account.rights, account.password) == (name, PRESETS[name], "Lab-Passw0rd!")
    assert "Passw0rd" not in repr(account)
