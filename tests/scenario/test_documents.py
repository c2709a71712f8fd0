# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every problem the source documents name, on a machine that has it: the check names it, and gives the remedy the document gives.

Documents: 000 is KB824345, 001 a report of a hardware change, 002 the Volume Activation Operations Guide with its tables 2 (KMS) and
3 (MAK), 003 an article on keys of Windows Server 2019, 004 the questions and answers on volume activation of Office 2010.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from key_gate import assert_no_keys

from . import winrs
from .harness import Lab, Results

ESTATE = "documents.yml"
KMS_CLIENTS = ["COUNT-CLIENT", "COUNT-SERVER", "WRONG-NAME", "WRONG-PORT", "FIREWALL", "MARKER", "NO-SRV"]
MAKS = {"NO-INTERNET": "22222", "BLOCKED": "33333", "HARDWARE": "44444", "USED-UP": "66666", "EXTENDED": "77777"}
HOST_KEY = "CCCCC-VVVVV-KKKKK-DDDDD-88888"
CURRENT_VERSION = r'"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"'
WAITING, CHANGED_HARDWARE = "The KMS host does not activate the machine yet", "The hardware has changed since the MAK"
SPENT = "Microsoft might have counted this attempt"


@dataclass(frozen=True)
class Row:
    """A problem of a document: the finding that names it, the code behind it, and words its text and its next steps have to hold."""

    document: str
    finding: str
    code: str | None = None
    words: tuple[str, ...] = ()
    remedy: tuple[str, ...] = ()


ROWS: Mapping[str, Row] = {
    "COUNT-CLIENT": Row("002 table 2", "not_licensed", "0xC004F038", ("counted 3 of 25",), ("count",)),
    "COUNT-SERVER": Row("002 table 2", "not_licensed", "0xC004F038", ("counted 4 of 5",), ("count",)),
    "WRONG-NAME": Row("002 table 2", "not_licensed", "0xC004F074", ("nosuch.docs.example:1688", "0x800706BA"), ("nosuch.docs.example",)),
    "WRONG-PORT": Row("002 table 2", "not_licensed", "0xC004F074", ("kms01.docs.example:1699",), ("-Port 1699",)),
    "FIREWALL": Row("002 table 2", "not_licensed", "0xC004F074", ("closed.docs.example:1688",), ("irewall",)),
    "MARKER": Row("002 table 2", "not_licensed", "0xC004F035", ("marker",), ("MAK", "retail")),
    "HOST-KEY": Row("002 table 2", "not_licensed", None, ("CSVLK", "is not activated"), ("kms_host", "GVLK", "SRV record", "reboot")),
    "STATIC": Row("002 table 2", "dns_publishing_failed", "0x8007232D", ("static.example",), ("kms_srv_record",)),
    "SECOND": Row("002 table 2", "dns_publishing_failed", "0x80072338", ("owned.example",), ("write access", "kms_srv_record")),
    "NO-SRV": Row("002, dialogs", "no_kms_host", None, ("_vlmcs._tcp.empty.example",), ("kms_srv_record", "kms_host")),
    "NO-INTERNET": Row("002 table 3", "not_licensed", "0x80072EE7", (), ("proxy",)),
    "BLOCKED": Row("002 table 3", "not_licensed", "0xC004C003", ("blocked",), ("new key",)),
    "HARDWARE": Row("001", "not_licensed", "0xC004C020", (), ("telephone",)),
    "DRIFTED": Row("004", "not_licensed", "0xC004F00F", ("hardware",), ("mak_client",)),
    "USED-UP": Row("004", "not_licensed", "0xC004C020", (), ("Microsoft 365 admin center",)),
    "EXTENDED": Row("004", "not_licensed", "0xC004C021", (), ("Activation Center",)),
    "SEVENTH": Row("004", "not_licensed", "0xC004C008", ("maximum number of activations",), ("telephone",)),
    "NOBODY": Row("004", "count_below_threshold", "0xC004F038", ("counted 0 of the 5",), ("CMID",)),
    "LEAKED": Row("002 and 004", "not_genuine", "0xC004C4A2", ("event 8209",), ("another MAK", "recover_nongenuine")),
    "PINNED": Row("002 failover", "kms_host_not_responding", None, ("gone.docs.example:1688",), ("discovery: true",)),
    "EDITION": Row("003", "gvlk_mismatch", None, ("ServerDatacenter",), ("kms_client",)),
    "WRONG-KEY": Row("003", "not_licensed", None, ("notification",), ()),
    "LATE-2003": Row("000", "not_licensed", None, ("KB824345", "5.2.3790.81"), ("telephone",)),
    "SKEWED": Row("002 table 2", "clock_skew", "0xC004F06C", ("400 minutes",), ("clock",)),
    "TRIAL": Row("003", "evaluation", None, ("evaluation",), ("DISM",)),
}
IN_ORDER = ["LICENSED", "MAK-OK", "TWO-HOSTS", "kms01", "first"]


@pytest.fixture(scope="module")
def checked(lab: Lab) -> Results:
    """One run of the check, after everybody has tried to activate and failed."""
    for name in ("HARDWARE", "DRIFTED"):
        lab.client.change_hardware(name)
    edition = ("/v", "EditionID", "/t", "REG_SZ", "/d", "ServerDatacenter", "/f")
    winrs.command(lab.host_variables("EDITION"), "reg", "add", CURRENT_VERSION, *edition)
    lab.all("kms_host", ["SEVENTH"], host_keys=[{"product_key": HOST_KEY}])
    lab.all("kms_client", KMS_CLIENTS, settings={"expected_warnings": (WAITING,)})
    wishes = {name: {"product_key": f"MMMMM-KKKKK-MMMMM-DDDDD-{ending}"} for name, ending in MAKS.items()}
    lab.each("mak_client", wishes, expected_warnings=(CHANGED_HARDWARE,))
    return check(lab, lab.names())


def check(lab: Lab, names: list[str], **options: object) -> Results:
    server = {"dns_server": "{{ winlab_dns_server }}", "dns_port": "{{ winlab_dns_port }}"}
    return lab.play(names, {"winops.volume_activation.activation_check": {**server, **options}})


@pytest.mark.parametrize(("name", "row"), ROWS.items())
def test_a_problem_of_the_documents_is_named_and_has_its_remedy(checked: Results, name: str, row: Row) -> None:
    found = {finding["id"]: finding for finding in checked[name]["findings"]}
    assert row.finding in found, (row.document, checked[name])
    finding = found[row.finding]
    assert (finding["error"] or {}).get("code") == row.code or row.code is None
    assert [word for word in row.words if word not in finding["message"]] == [], finding["message"]
    steps = " ".join(finding["next_steps"])
    assert [word for word in row.remedy if word not in steps] == [], steps


@pytest.mark.parametrize("name", ROWS)
def test_an_error_fails_the_machine_with_one_line_that_ends_with_what_to_do(checked: Results, name: str) -> None:
    result = checked[name]
    failing = [finding for finding in result["findings"] if finding["is_failure"]]
    assert (result["status"] == "failed") == bool(failing) == (not result["passed"])
    assert {finding["severity"] for finding in failing} <= {"error"}
    if failing:
        assert result["msg"].startswith(f"{name}: [{failing[0]['id']}] ")
        assert f"Next: {failing[0]['next_steps'][0]}" in result["msg"]
        assert "\n" not in result["msg"]


@pytest.mark.quick
@pytest.mark.smoke
@pytest.mark.parametrize("name", IN_ORDER)
def test_a_machine_in_order_passes(checked: Results, name: str) -> None:
    assert [finding["id"] for finding in checked[name]["findings"] if finding["severity"] == "error"] == []
    assert checked[name]["passed"] is True


def test_nothing_is_ever_changed_by_a_check(checked: Results, lab: Lab) -> None:
    assert [name for name in lab.names() if checked.writes(name) or checked[name]["changed"]] == []


def test_a_licensed_machine_whose_renewal_cannot_work_is_found_and_its_neighbor_is_not(checked: Results) -> None:
    for name in ("PINNED", "TWO-HOSTS"):
        assert checked[name]["licensed"] is True
    assert [finding["id"] for finding in checked["PINNED"]["findings"]] == ["kms_host_not_responding"]
    assert checked["TWO-HOSTS"]["findings"] == []


def test_what_makes_the_task_fail_is_chosen(checked: Results, lab: Lab) -> None:
    del checked
    anything = check(lab, ["PINNED", "NOBODY"], fail_on=[])
    assert {anything[name]["status"] for name in anything} == {"ok"}
    assert anything["PINNED"]["findings"][0]["id"] == "kms_host_not_responding"
    warnings = check(lab, ["PINNED", "NOBODY"], fail_on="warning, clock_skew")
    assert {name: warnings[name]["status"] for name in warnings} == {"PINNED": "ok", "NOBODY": "failed"}


def test_policies_are_checked_in_the_words_that_set_them(lab: Lab) -> None:
    asked = check(lab, ["LICENSED"], policy={"skip_rearm": "enabled", "windows_anytime_upgrade": "absent"})
    told = asked["LICENSED"]["findings"]
    assert [finding["id"] for finding in told] == ["policy_mismatch"] * 2, "what 32-bit programs see counts too"
    assert all("skip_rearm" in finding["message"] and "activation_policy" in finding["next_steps"][0] for finding in told)
    assert "SkipRearm is not set, expected:" in asked["LICENSED"]["msg"]
    assert check(lab, ["LICENSED"], policy={"skip_rearm": "absent"})["LICENSED"]["passed"] is True


def test_a_client_that_finds_its_host_through_dns_fails_when_no_published_host_answers(checked: Results, lab: Lab) -> None:
    assert checked["TWO-HOSTS"]["passed"] is True
    lab.client.crash("kms01")
    died = check(lab, ["TWO-HOSTS"])
    lab.client.power_on("kms01")
    (finding,) = died["TWO-HOSTS"]["findings"]
    assert (finding["id"], finding["severity"]) == ("kms_host_not_responding", "error")
    assert "None of the KMS hosts in _vlmcs._tcp.docs.example" in finding["message"]


def test_a_name_server_that_does_not_answer_leaves_the_renewal_unchecked_and_says_so(checked: Results, lab: Lab) -> None:
    del checked
    unknown = check(lab, ["NO-SRV"], dns_server="127.0.0.1", dns_port=9, fail_on=["renewal_not_checked"])
    (finding,) = [finding for finding in unknown["NO-SRV"]["findings"] if finding["is_failure"]]
    assert finding["next_steps"]
    assert "Cannot read the SRV records of the KMS hosts" in unknown["NO-SRV"]["msg"]


def test_a_wrong_option_is_told_before_anything_is_sent(lab: Lab) -> None:
    refused = check(lab, ["PINNED"], fail_on=["kms_host_not_respond"])
    assert "did you mean kms_host_not_responding" in refused["PINNED"]["msg"]
    assert refused.nothing_sent("PINNED")


def test_no_key_is_told_anywhere(checked: Results, lab: Lab) -> None:
    del checked
    for path in sorted(lab.folder.glob("output*")):
        assert_no_keys(path.read_text(encoding="utf-8"), path.name)
