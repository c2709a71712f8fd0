# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines that answer "no" before licensing has a word in it: what each answer is taken for, and what a person is told to do."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from .harness import Lab, Results

ESTATE = "refused_answers.yml"
HTTP = {
    "HTTP-400": ("HTTP 400", "before it reached WinRM"),
    "HTTP-407": ("HTTP 407", "requires authentication"),
    "HTTP-411": ("HTTP 411", "length of the request"),
    "HTTP-413": ("HTTP 413", "MaxEnvelopeSizekb"),
    "HTTP-500": ("HTTP 500", "Windows rejects unencrypted messages"),
    "HTTP-503": ("HTTP 503", "the service is not available"),
    "HTTP-413-NTLM": ("HTTP 413", "in an encrypted session", "MaxEnvelopeSizekb"),
    "HTTP-503-PSRP": ("HTTP 503", "the service is not available"),
    "BUSY-HOURS": ("HTTP 503", "for another 7200 seconds"),
}
BUSY = ("BUSY-MOMENT", "BUSY-MOMENT-NTLM")
QUOTAS = {
    "QUOTA-OPERATIONS": "0x803381A6",
    "QUOTA-USER": "0x803381A7",
    "QUOTA-SYSTEM": "0x803381A8",
    "QUOTA-ENVELOPE": "0x80338048",
    "QUOTA-SHELLS": "0x803381A5",
}
BROKEN = {
    "WMI-CLASS": "SoftwareLicensingService",
    "WMI-CLASS-W7": "SoftwareLicensingService",
    "WMI-NAMESPACE": "Win32_OperatingSystem",
    "WMI-MI-RESULT": "SoftwareLicensingProduct",
}
CODES = {"WMI-LOAD": "0x80041013", "DENIED-WIN32": "0x80070005"}
SHUTTING_DOWN = ("SHUTDOWN-WIN32", "SHUTDOWN-W7")
OFFICE = {"OSPP-NOT-FOUND": None, "OSPP-MI": None, "OSPP-FAILS": "0x80041001", "OSPP-LOAD-W7": "0x80041013"}
WRITES = ("WRITE-503-DONE", "WRITE-503-NOT", "WRITE-DOWN")
PRODUCT, SERVICE, OSPP = "SoftwareLicensingProduct", "SoftwareLicensingService", "OfficeSoftwareProtectionProduct"


@dataclass(frozen=True)
class Story:
    """All machines read once, three of them written to, and a key of Office removed where Office cannot be read."""

    read: Results
    written: Results
    office: Results


def go_wrong(lab: Lab) -> None:
    """Every machine gets the fault it is named after."""
    fault = lab.client.set_fault
    for name in HTTP:
        if name.startswith("HTTP-"):
            where = {"action": "Enumerate"} if "-NTLM" in name or "-PSRP" in name else {}
            fault(name, "http_status", status=int(name.split("-")[1]), **where)
    fault("BUSY-MOMENT", "http_status", status=503, times=1, retry_after=1)
    fault("BUSY-MOMENT-NTLM", "http_status", status=503, times=1, action="Enumerate", retry_after=0)
    fault("BUSY-HOURS", "http_status", status=503, retry_after=7200)
    for name in QUOTAS:
        fault(name, "quota", limit=name.split("-")[1].lower())
    for name in ("WMI-CLASS", "WMI-CLASS-W7"):
        fault(name, "wmi_broken", lost="licensing")
    fault("WMI-NAMESPACE", "wmi_broken", lost="namespace")
    fault("WMI-MI-RESULT", "query_fault", class_name=PRODUCT, hresult=5, form="MI RESULT")
    fault("WMI-LOAD", "query_fault", class_name=SERVICE, hresult=0x80041013)
    fault("DENIED-WIN32", "query_fault", class_name=SERVICE, hresult=5, form="Windows System Error")
    fault("SHUTDOWN-WIN32", "query_fault", class_name=SERVICE, hresult=1115, form="WIN32")
    fault("SHUTDOWN-W7", "query_fault", class_name=SERVICE, hresult=0x8007045B)
    fault("OSPP-NOT-FOUND", "query_fault", class_name=OSPP, hresult=0x80041002, form="HRESULT")
    fault("OSPP-MI", "query_fault", class_name=OSPP, hresult=5, form="MI RESULT")
    fault("OSPP-FAILS", "query_fault", class_name=OSPP, hresult=0x80041001)
    fault("OSPP-LOAD-W7", "query_fault", class_name=OSPP, hresult=0x80041013)
    fault("WRITE-503-DONE", "http_status", status=503, method="SetKeyManagementServiceMachine", times=1, executed=True)
    fault("WRITE-503-NOT", "http_status", status=503, method="SetKeyManagementServicePort")
    fault("WRITE-DOWN", "wmi_fault", method="SetKeyManagementServicePort", hresult=1115, form="WIN32")


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    """Read all machines, then set KMS hosts on those whose writes go wrong."""
    go_wrong(lab)
    names = [name for name in lab.names() if name not in WRITES]
    warnings = tuple(code for code in OFFICE.values() if code)
    read = lab.all("activation_info", names, {"expected_warnings": warnings}, application="all")
    wish = {"kms_host": "kms02.refused.example", "kms_port": 1690, "activate": False}
    written = lab.each("kms_client", dict.fromkeys(WRITES, wish))
    return Story(read, written, lab.each("product_key", {"OSPP-FAILS": {"application": "office", "state": "absent"}}))


@pytest.mark.parametrize(("name", "words"), HTTP.items())
def test_an_http_status_has_its_own_words_and_makes_the_machine_unreachable(story: Story, name: str, words: tuple[str, ...]) -> None:
    result = story.read[name]
    assert (result["status"], result["error"]["code"]) == ("unreachable", "unreachable")
    assert [word for word in words if word not in result["msg"]] == []
    assert "timed out" not in result["msg"]
    assert "in time" not in result["msg"]


@pytest.mark.parametrize("name", BUSY)
def test_a_momentary_503_repeats_a_read_once(story: Story, name: str) -> None:
    assert (story.read[name]["status"], story.read[name]["licensed"]) == ("ok", True)


@pytest.mark.parametrize(("name", "code"), QUOTAS.items())
def test_a_quota_of_ws_management_fails_with_its_own_code_and_words(story: Story, name: str, code: str) -> None:
    result = story.read[name]
    assert (result["status"], result["error"]["code"], result["error"]["category"]) == ("failed", code, "winrm")
    assert result["error"]["symbol"].startswith("ERROR_WSMAN_")


@pytest.mark.parametrize(("name", "class_name"), BROKEN.items())
def test_a_class_that_every_windows_has_and_this_one_does_not_is_a_broken_wmi(story: Story, name: str, class_name: str) -> None:
    result = story.read[name]
    assert (result["status"], result["error"]["code"], result["error"]["category"]) == ("failed", "wmi_broken", "wmi")
    assert f"does not find {class_name}" in result["msg"]
    assert "winmgmt /verifyrepository" in result["msg"]
    assert "winmgmt /salvagerepository" in result["msg"]
    assert "needs Windows" not in result["msg"]


@pytest.mark.parametrize(("name", "code"), CODES.items())
def test_other_failures_of_a_provider_keep_their_code_whatever_its_form(story: Story, name: str, code: str) -> None:
    assert (story.read[name]["status"], story.read[name]["error"]["code"]) == ("failed", code)


@pytest.mark.parametrize("name", SHUTTING_DOWN)
def test_a_machine_that_shuts_down_is_unreachable_in_its_own_words(story: Story, name: str) -> None:
    result = story.read[name]
    assert (result["status"], result["error"]["transient"]) == ("unreachable", True)
    assert "shutting down or restarting" in result["msg"]
    assert "wait_for_connection" in result["msg"]


@pytest.mark.parametrize(("name", "code"), OFFICE.items())
def test_whatever_the_provider_of_office_says_windows_is_read(story: Story, name: str, code: str | None) -> None:
    result = story.read[name]
    assert (result["status"], result["licensed"]) == ("ok", True)
    warnings = " ".join(result.get("warnings", ()))
    assert (code in warnings and name in warnings) if code else not warnings


def test_a_change_of_office_is_refused_where_office_cannot_be_read(story: Story) -> None:
    result = story.office["OSPP-FAILS"]
    assert (result["status"], result["changed"], result["error"]["code"]) == ("failed", False, "office_not_read")
    assert "0x80041001" in result["msg"]


def test_a_write_that_met_a_503_and_took_effect_counts_as_done_and_is_not_sent_again(story: Story) -> None:
    result = story.written["WRITE-503-DONE"]
    assert (result["status"], result["changed"], result["after"]["kms_host"]) == ("ok", True, "kms02.refused.example")
    assert story.written.calls("WRITE-503-DONE", "SetKeyManagementServiceMachine") == 1


def test_a_write_that_always_meets_a_503_says_that_and_what_was_done(story: Story) -> None:
    result = story.written["WRITE-503-NOT"]
    assert (result["status"], result["changed"], result["error"]["code"]) == ("failed", True, "unknown_outcome")
    assert "HTTP 503: the service is not available" in result["msg"]
    assert "timed out" not in result["msg"]
    assert [(step["action"], step["done"]) for step in result["steps"]] == [("set_kms_host", True), ("set_kms_port", False)]


def test_a_machine_that_shuts_down_before_a_write_is_unreachable(story: Story) -> None:
    result = story.written["WRITE-DOWN"]
    assert result["status"] == "unreachable"
    assert "SetKeyManagementServicePort was not carried out" in result["msg"]
    assert story.written.calls("WRITE-DOWN", "SetKeyManagementServicePort") == 1
