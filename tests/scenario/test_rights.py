# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts with fewer rights: reading works as far as it is allowed, every refusal names the right, and nothing is half done in silence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from . import winrs
from .harness import FQCN, Lab

ESTATE = "rights.yml"
MAK = "MMMMM-KKKKK-MMMMM-RRG22-TTWX3"
HOST_KEY = "CCCCC-VVVVV-KKKKK-RRG33-TTWX6"
KMS01 = "KMS01.rights.example"
GVLK = "N69G4-B89J2-4G8F4-WWYCC-J464C"
SPP = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
SYSTEM = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
READERS = ("READER-CLIENT", "READER-MAK", "READER-HOST")
CIMV2, DEFAULT = r"Enable Account and Remote Enable on the WMI namespace root\cimv2", r"on the WMI namespace root\default"
WINRM_DENIED = ("0x80338104", "ERROR_WSMAN_WMI_SVC_ACCESS_DENIED")
UNELEVATED, DENIED, WIN32_DENIED = (
    ("0xC004F025", "SL_E_LUA_ACCESSDENIED"),
    ("0x80070005", "E_ACCESSDENIED"),
    ("0x00000005", "E_ACCESSDENIED"),
)
AT_A_LOSS = {"lose_activation": True}
NO_CLAIM = "The module cannot check whether another run activates the machine at the same time"
EMPTY_LOG = ": No event was found, and the account is not an administrator of the machine."


@pytest.fixture(scope="module", autouse=True)
def _renewals(lab: Lab) -> None:
    """A week passes, so that the machines have sent and answered requests."""
    lab.client.advance(minutes=8 * 24 * 60)


def as_admin(lab: Lab, name: str) -> dict[str, Any]:
    """The variables of a machine, with the account that can do everything."""
    return {**lab.host_variables(name), "ansible_user": "LabAdmin", "ansible_password": "Lab-Passw0rd!"}


def reg_add(lab: Lab, name: str, key: str, value: str) -> None:
    """An administrator sets a DWORD to 1."""
    winrs.command(as_admin(lab, name), "reg", "add", f'"{key}"', "/v", value, "/t", "REG_DWORD", "/d", "1", "/f")


def unchanged(lab: Lab, names: tuple[str, ...]) -> Mapping[str, Any]:
    """What a change would show of machines."""
    shown = ("products", "service", "registry", "firewall_rules")
    return {name: {part: value for part, value in lab.client.machine(name).items() if part in shown} for name in names}


@pytest.mark.quick
@pytest.mark.smoke
def test_a_reader_sees_the_same_state_as_an_administrator(lab: Lab) -> None:
    options: dict[str, Any] = {"application": "all", "application_settings": True}
    admin = {"ansible_user": "LabAdmin", "ansible_password": "Lab-Passw0rd!"}
    seen, all_of_it = (
        lab.all("activation_info", READERS, **options),
        lab.all("activation_info", READERS, {"keywords": {"vars": admin}}, **options),
    )
    for name in READERS:
        assert seen[name]["products"]
        assert {**seen[name], "invocation": None} == {**all_of_it[name], "invocation": None}


def test_a_reader_checks_machines_reads_events_and_the_validation_without_a_warning(lab: Lab) -> None:
    for module, options in {
        "activation_check": {"fail_on": [], "clock_tolerance": 0, "probe": False},
        "activation_events_info": {"since": 24 * 90},
        "genuine_info": {},
    }.items():
        for name, result in lab.all(module, READERS, **options).items():
            assert (result["status"], result.get("warnings", [])) == ("ok", []), (module, name)
            assert "events_not_read" not in [each["id"] for each in result.get("findings", ())]


def test_one_task_reads_a_fleet_with_all_kinds_of_accounts(lab: Lab) -> None:
    hosts = ["READER-CLIENT", "OPERATOR-MAK", "REMOTE-USER", "USER", "BOSS"]
    task = {f"{FQCN}.activation_fleet_info": {"machines": hosts}}
    result = lab.play(["READER-CLIENT"], task)["READER-CLIENT"]
    assert [result[f"{what}_count"] for what in ("read", "failed", "unreachable")] == [2, 1, 2]
    (failed,) = result["failed_machines"]
    assert failed["msg"].startswith("REMOTE-USER: ")
    assert f"Next: Grant the account {CIMV2}" in failed["msg"]
    assert {each["machine"] for each in result["unreachable_machines"]} == {"USER", "BOSS"}


@dataclass(frozen=True)
class Refusal:
    """A change that an account may not make: what the task says of it on each machine."""

    module: str
    options: Mapping[str, Any]
    codes: Mapping[str, tuple[str, str]]
    says: str
    claims: bool = False
    """Whether the task first marks the machine against a second run at the same time, which is refused with a warning."""


MAK_ACCOUNTS = {"READER-MAK": WINRM_DENIED, "OPERATOR-MAK": UNELEVATED}
REFUSALS = (
    Refusal(
        "kms_client",
        {"kms_host": KMS01, **AT_A_LOSS},
        {"READER-MAK": WINRM_DENIED, "OPERATOR-MAK": DENIED, "OPERATOR-PSRP": DENIED},
        "Could not set the KMS host to KMS01.rights.example",
    ),
    Refusal("kms_client", {"kms_host": "other.rights.example"}, {"READER-CLIENT": WINRM_DENIED}, "Could not set the KMS host"),
    Refusal("kms_client", {"discovery": True, **AT_A_LOSS}, {"OPERATOR-MAK": UNELEVATED}, "Could not install the GVLK ending in J464C"),
    Refusal("product_key", {"product_key": GVLK, **AT_A_LOSS}, MAK_ACCOUNTS, "Could not install"),
    Refusal("mak_client", {"product_key": MAK}, {"OPERATOR-GRACE": UNELEVATED}, "Could not install the MAK ending in TTWX3", claims=True),
    Refusal(
        "kms_host",
        {"listening_port": 1690},
        {"READER-HOST": WINRM_DENIED, "OPERATOR-HOST": DENIED},
        "Could not disable the firewall rule SPPSVC-In-TCP",
    ),
    Refusal(
        "kms_host",
        {"host_keys": [{"product_key": HOST_KEY}]},
        {"READER-HOST": WINRM_DENIED, "OPERATOR-HOST": UNELEVATED},
        "Could not install the KMS host key ending in TTWX6",
        claims=True,
    ),
    Refusal(
        "activation_policy",
        {"notifications": "disabled"},
        {"READER-CLIENT": WIN32_DENIED, "OPERATOR-MAK": WIN32_DENIED},
        "Could not set",
    ),
    Refusal("rearm", {"force": True}, {"OPERATOR-GRACE": UNELEVATED, "READER-GRACE": WINRM_DENIED}, "Could not rearm"),
    Refusal("product_key", {"state": "absent", **AT_A_LOSS}, MAK_ACCOUNTS, "Could not remove the MAK ending in TTWX3"),
    Refusal(
        "kms_event_archive",
        {"path": "C:\\Windows\\System32\\winevt\\Logs"},
        {"READER-HOST": WINRM_DENIED, "OPERATOR-HOST": ("0x00000008", None)},
        "Could not",
    ),
)


@pytest.mark.parametrize("refusal", REFUSALS, ids=[f"{each.module}-{number}" for number, each in enumerate(REFUSALS)])
def test_a_change_without_the_right_is_refused_by_its_first_write_and_changes_nothing(lab: Lab, refusal: Refusal) -> None:
    names = tuple(refusal.codes)
    before = unchanged(lab, names)
    claim = {"expected_warnings": (NO_CLAIM,)} if refusal.claims else {}
    results = lab.all(refusal.module, names, claim, **refusal.options)
    for name, (code, symbol) in refusal.codes.items():
        result = results[name]
        assert (result["status"], result["changed"], result["error"]["code"], result["error"]["symbol"]) == ("failed", False, code, symbol)
        assert result["msg"].startswith(f"{name}: "), result["msg"]
        assert refusal.says in result["msg"]
        assert "dministrator" in " ".join(result["error"]["next_steps"])
        assert [step for step in result["steps"] if step["done"]] == []
        assert results.writes(name) == 1 + refusal.claims
    assert unchanged(lab, names) == before


MIXED = ("READER-MAK", "OPERATOR-MAK", "REMOTE-USER", "USER")
PLAYBOOKS: Mapping[str, Mapping[str, Any]] = {
    "convert_to_kms": {"kms_client_kms_host": KMS01, "kms_client_lose_activation": True},
    "activation_check": {"activation_check_clock_tolerance": 0},
}


@pytest.mark.parametrize("book", PLAYBOOKS)
def test_a_playbook_goes_on_with_the_others_and_its_table_says_what_is_missing(lab: Lab, book: str) -> None:
    before = unchanged(lab, MIXED)
    run = lab.run(f"{FQCN}.{book}", {f"{book}_hosts": ":".join(MIXED), **PLAYBOOKS[book]})
    for name, outcome in {"REMOTE-USER": ("failed", "not read"), "USER": ("not reached", "not reached")}.items():
        (row,) = [line for line in run.output.splitlines() if re.match(rf" +1  {name} ", line)]
        assert outcome[book == "activation_check"] in row
    assert "Grant the account Enable Account" in run.output
    assert re.search(r"\baccount\.\s", run.output)  # the end of the step about HTTP 401, which the table wraps
    assert unchanged(lab, MIXED) == before


def test_a_report_names_the_machines_that_an_account_could_not_read(lab: Lab) -> None:
    paths = {f"activation_report_{kind}_path": str(lab.folder / f"rights.{kind}") for kind in ("html", "json", "record")}
    run = lab.run(f"{FQCN}.activation_report", {"activation_report_hosts": ":".join(MIXED), **paths})
    assert "1 machine of 4 could not be reached: USER." in run.output
    assert "1 machine of 4 could not be read: REMOTE-USER." in run.output
    assert CIMV2.replace("\\", "\\\\") in (lab.folder / "rights.json").read_text(encoding="utf-8")


def test_check_mode_predicts_a_change_for_a_reader(lab: Lab) -> None:
    check = {"keywords": {"check_mode": True}}
    result = lab.all("kms_client", ("READER-MAK",), check, kms_host=KMS01, **AT_A_LOSS)["READER-MAK"]
    assert (result["status"], result["changed"]) == ("ok", True)
    assert any(step["action"] == "install_key" or "GVLK" in step["description"] for step in result["steps"])


def test_standard_user_activation_lets_an_account_install_keys_and_no_setting_is_half_done(lab: Lab) -> None:
    reg_add(lab, "USER-OPERATIONS", SPP, "UserOperations")
    refused = lab.all("kms_client", ("USER-OPERATIONS",), kms_host=KMS01, **AT_A_LOSS)["USER-OPERATIONS"]
    assert (refused["status"], refused["changed"], refused["error"]["code"]) == ("failed", False, "0x80070005")
    assert [step["action"] for step in refused["steps"] if step["done"]] == []
    options = {"product_key": GVLK, "application": "windows", **AT_A_LOSS}
    done = lab.all("product_key", ("USER-OPERATIONS",), **options)["USER-OPERATIONS"]
    assert (done["status"], done["changed"]) == ("ok", True)
    result = lab.all("kms_host", ("OPERATOR-HOST",), listening_port=1690, firewall="unmanaged")["OPERATOR-HOST"]
    assert (result["status"], result["changed"], result["error"]["code"]) == ("failed", False, WIN32_DENIED[0])


def test_an_account_without_permissions_on_a_namespace_is_told_which(lab: Lab) -> None:
    for module in ("activation_info", "activation_check", "activation_events_info", "genuine_info"):
        result = lab.all(module, ("REMOTE-USER",))["REMOTE-USER"]
        assert (result["status"], result["error"]["code"]) == ("failed", "0x80338104")
        assert result["msg"].startswith("REMOTE-USER: Query of Win32_OperatingSystem failed with 0x80338104: ")
        assert f"Next: Grant the account {CIMV2}, or use an account from the local Administrators group." in result["msg"]


@pytest.mark.parametrize("name", ["USER", "BOSS", "READER-OLD"])
def test_an_account_that_winrm_does_not_let_in_is_told_the_password_and_the_rights(lab: Lab, name: str) -> None:
    result = lab.all("activation_info", (name,))[name]
    assert result["status"] == "unreachable"
    assert "HTTP 401" in result["msg"]
    assert "Check ansible_user, ansible_password" in result["msg"]
    for text in ("Remote Management Users", "LocalAccountTokenFilterPolicy = 1"):
        assert text in " ".join(result["error"]["next_steps"])


def test_a_refusal_of_winrm_as_a_fault_names_the_group(lab: Lab) -> None:
    result = lab.all("activation_info", ("USER-FAULT",))["USER-FAULT"]
    assert (result["status"], result["error"]["code"]) == ("failed", "0x00000005")
    assert "Grant the account membership in the local group Remote Management Users" in result["msg"]


def test_a_local_administrator_is_one_where_remote_uac_is_off(lab: Lab) -> None:
    reg_add(lab, "BOSS-ALLOWED", SYSTEM, "LocalAccountTokenFilterPolicy")
    result = lab.all("product_key", ("BOSS-ALLOWED",), product_key=GVLK, **AT_A_LOSS)["BOSS-ALLOWED"]
    assert (result["status"], result["changed"]) == ("ok", True)


def test_a_log_that_looks_empty_is_not_taken_for_an_empty_one(lab: Lab) -> None:
    names = ("BLIND-CLIENT", "BLIND-HOST")
    for name, result in lab.all("activation_events_info", names, {"expected_warnings": (EMPTY_LOG,)}, since=24 * 90).items():
        assert result["events"] == []
        (warning,) = result["warnings"]
        assert warning.startswith(f"{name}{EMPTY_LOG}")
        assert "Add the account to the local group Event Log Readers" in warning
    for result in lab.all("activation_check", names).values():
        found = {each["id"]: each for each in result["findings"]}
        assert "Event Log Readers" in found["events_not_read"]["next_steps"][0]
        assert "no_kms_activity" not in found


def test_the_reason_of_a_failed_validation_is_not_called_missing_where_the_log_is_hidden(lab: Lab) -> None:
    result = lab.all("genuine_info", ("BLIND-REVOKED",), {"expected_warnings": (EMPTY_LOG,)})["BLIND-REVOKED"]
    assert result["genuine"] is False
    assert result["warnings"][0].startswith(f"BLIND-REVOKED{EMPTY_LOG}")


def test_a_refused_log_names_the_group(lab: Lab) -> None:
    result = lab.all("activation_events_info", ("REFUSED-LOG",))["REFUSED-LOG"]
    assert (result["status"], result["error"]["code"]) == ("failed", "0x80338104")
    assert "Grant the account membership in the local group Event Log Readers" in result["msg"]


def test_a_firewall_that_cannot_be_read_names_its_namespace(lab: Lab) -> None:
    result = lab.all("kms_host", ("NO-FIREWALL",), {"keywords": {"check_mode": True}}, firewall="open")["NO-FIREWALL"]
    assert (result["status"], result["error"]["code"]) == ("failed", "0x80338104")
    assert r"Grant the account Enable Account and Remote Enable on the WMI namespace root\StandardCimv2" in result["msg"]


def test_a_registry_that_cannot_be_read_is_never_a_value(lab: Lab) -> None:
    settings: dict[str, Any] = {"expected_warnings": ("could not be read",)}
    result = lab.all("activation_info", ("NO-REGISTRY",), settings, application="all", application_settings=True)["NO-REGISTRY"]
    assert result["status"] == "ok"
    assert any(DEFAULT in warning for warning in result["warnings"]), result["warnings"]
    unchecked = {"expected_warnings": ("could not check whether the key is for the edition in the registry",)}
    result = lab.all("activation_check", ("NO-REGISTRY", "NO-KEYS"), unchecked, fail_on=[], clock_tolerance=0)
    assert DEFAULT in result["NO-REGISTRY"]["warnings"][0]
    assert "(the account requires read access to this registry key)" in result["NO-KEYS"]["warnings"][0]
    for module, options in {
        "activation_policy": {"notifications": "disabled"}, "kms_host": {"listening_port": 1690},
    }.items():  # fmt: skip
        name = "NO-REGISTRY" if module == "activation_policy" else "NO-REGISTRY-HOST"
        result = lab.all(module, (name,), **options)[name]
        assert (result["status"], result["changed"], result["error"]["code"]) == ("failed", False, "0x80338104")
        assert DEFAULT in result["msg"]
    result = lab.all("activation_policy", ("NO-KEYS",), notifications="disabled")["NO-KEYS"]
    assert (result["status"], result["error"]["code"]) == ("failed", "0x00000005")
    assert "Grant the account read access to this registry key" in result["msg"]


def findings_of(lab: Lab, name: str) -> dict[str, Mapping[str, Any]]:
    """What the kit says of each assumption on a machine."""
    result = lab.all("windows_conformance", (name,))[name]
    assert result["status"] == "ok", result
    return {each["id"]: each for each in result["assumptions"]}


@pytest.mark.parametrize("name", ["READER-CLIENT", "BLIND-CLIENT", "NO-REGISTRY", "NO-KEYS", "NO-FIREWALL", "REMOTE-USER"])
def test_the_kit_contradicts_nothing_with_fewer_rights_and_names_what_is_missing(lab: Lab, name: str) -> None:
    said = findings_of(lab, name)
    assert {number for number, each in said.items() if each["verdict"] == "does_not_hold"} == set()
    needs = {
        each["seen"].removeprefix("This cannot be seen with this account. It requires ")
        for each in said.values()
        if "this account" in each["seen"]
    }
    expected = {
        "READER-CLIENT": {r"Execute Methods on the WMI namespace root\cimv2."},
        "BLIND-CLIENT": {"membership in the local group Event Log Readers."},
        "NO-REGISTRY": {r"Enable Account, Remote Enable, and Execute Methods on the WMI namespace root\default."},
        "NO-KEYS": {"read access to this registry key."},
        "NO-FIREWALL": {r"Enable Account and Remote Enable on the WMI namespace root\StandardCimv2."},
        "REMOTE-USER": {r"Enable Account and Remote Enable on the WMI namespace root\cimv2."},
    }[name]
    assert expected <= needs


def test_the_kit_sees_most_with_a_reader(lab: Lab) -> None:
    said = findings_of(lab, "READER-CLIENT")
    unseen = {number for number, each in said.items() if "this account" in each["seen"]}
    assert unseen == {"W-007"}, unseen
