# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each assumption about Windows is inverted on a machine of its own: the modules do the same there, or say why they cannot.

tools/inverted.py says what is expected of each machine, and the guide to known limitations shows it. What does not survive is an open
danger there.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.assumptions import ASSUMPTIONS
from inverted import INVERTED, Outcome

from . import winrs
from .harness import Lab, Results

ESTATE = "either_truth.yml"
MAK, ENTERPRISE = "MMMMM-KKKKK-MMMMM-TTT22-TTWX3", "NPPR9-FWDCX-D2C8J-H872K-2YT43"
HOST, NOBODY = "kms1.truth.example", "nobody.truth.example"
REFUSED = {"no-version": "malformed_answer", "never-9999": "malformed_answer", "nameless": "unreachable"}
"""Machines that no module changes, and the code of the error."""
ONLY_WITH_A_FAULT = {"faults-nameless-clear"}
"""A machine on which a module fails as soon as a query fails."""
RESTART_SECONDS = 1.0
"""For which a machine of the lab does not respond when it restarts."""
FORMS = ("fault-nested", "fault-wmi-error", "fault-plain", "fault-text", "fault-return-value", "faults-nameless")
EVENTS = ("usual", "events-reversed", "events-missing")
CODES = ("class-8004100e", "class-80041010", "class-80041002", "class-8033801a", "class-80338000")
NEVER_FAILS = {
    "W-013": "it needs a query of a minute",
    "W-015": "tests/hostile/test_conformance_changes.py shows both truths on a simulated clock",
    "W-020": "the lab has no such Office",
    "W-027": "the lab has no machine that needs two refreshes",
    "W-033": "the lab has no machine that keeps another status",
}
"""Assumptions whose opposite no machine of this estate shows to the kit."""
RECORDED = {
    "W-017": {"usual": "not_visible", "application-shown": "recorded"},
    "W-021": {"usual": "recorded", "host-pid-other": "recorded", "kms1": "recorded"},
}
"""Assumptions that the kit only records: either truth is fine, or a person compares two machines."""
UNREACHABLE = {"W-009": "nameless", "W-010": "header-other"}
"""Assumptions whose opposite makes the machine unreachable, which the message explains."""
SEES = {
    "W-001": "no-version", "W-002": "never-9999", "W-003": "unset-blank", "W-004": "class-80041006", "W-005": "namespace-80041006",
    "W-006": "column-left-out", "W-007": "method-80041006", "W-008": "no-fault-code", "W-011": "local-time-whole",
    "W-012": "page-several", "W-016": "settings-hidden", "W-018": "rearms-odd", "W-019": "genuine-odd", "W-022": "registry-missing",
    "W-023": "registry-empty", "W-024": "events-reversed", "W-025": "kms-log-unnamed", "W-026": "kms-no-ports",
}  # fmt: skip
"""The machine on which the kit must report that an assumption does not hold."""
SEES |= {"W-014": "no-fault-code", "W-029": "other-spelling"}
BY_A_CHANGE = {each.id for each in ASSUMPTIONS if each.check and each.how}
CHANGES_FAIL = {"registry-missing": "0x80041002", "registry-empty": "0x00000002", "faults-nameless-clear": "unknown_outcome"}
"""Machines on which the kit cannot make its changes, with the code of the error. It leaves nothing on them."""
IN_REGISTRY = "could not be read: reading HKLM"
NO_CLAIM = "cannot check whether another run activates the machine"


@dataclass(frozen=True)
class Story:
    """The runs of the core modules, and what the kit says: before the first of them, and after the machines became KMS clients."""

    first: Results
    kms: tuple[Results, Results]
    info: Results
    check: Results
    kit: Results
    changed: Results
    around: Mapping[str, tuple[Any, Any]]
    events: Results
    mak: tuple[Results, Results]


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    names = lab.names("windows")
    first = lab.all("windows_conformance", ["unset-blank"])
    warned = {"expected_warnings": (IN_REGISTRY,)}
    kms = [lab.all("kms_client", names, settings, kms_host=HOST) for settings in (warned, {})]
    info = lab.all("activation_info", names)
    check = lab.all("activation_check", names)
    kit = lab.all("windows_conformance", [*names, *lab.names("hosts"), *lab.names("headers")])
    changed, around = changed_and_restored(lab, [name for name in names if "machine" in info[name]], info)
    events = lab.all("activation_events_info", EVENTS)
    mak = [lab.all("mak_client", names, settings, product_key=MAK) for settings in ({"expected_warnings": (NO_CLAIM,)}, {})]
    return Story(first, (kms[0], kms[1]), info, check, kit, changed, around, events, (mak[0], mak[1]))


def changed_and_restored(lab: Lab, names: list[str], info: Results) -> tuple[Results, dict[str, tuple[Any, Any]]]:
    """Run the kit with allow_changes on KMS clients, and return what they are before and after it."""
    computers = [info[name]["machine"]["computer_name"] for name in names]
    options = {"allow_changes": True, "computer_names": computers, "restore_path": str(lab.folder / "restore")}
    before = {name: lasting(lab, name) for name in names}
    changed = lab.all("windows_conformance", names, **options)
    return changed, {name: (before[name], lasting(lab, name)) for name in names}


def lasting(lab: Lab, name: str) -> Any:
    """What the kit must leave on a machine as it was."""
    found = lab.client.machine(name)
    products = [
        (each["settings"], each["properties"]["PartialProductKey"], each["properties"]["LicenseStatus"]) for each in found["products"]
    ]
    return found["service"], products, {key: each for key, each in found["registry"].items() if each}, found["firewall"], found["files"]


def state_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """What a person wants to know of a result, and both truths must have in common."""
    products = [(product["channel"], product["status"], product["partial_product_key"]) for product in result["products"]]
    return {"status": result["status"], "changed": result["changed"], "products": products}


def usual_of(name: str) -> str:
    return "usual-w7" if name.startswith(("class-", "usual-w7")) else "usual"


def survivors(lab: Lab) -> list[str]:
    return [name for name in lab.names("windows") if name not in REFUSED and name not in ONLY_WITH_A_FAULT]


@pytest.mark.quick
@pytest.mark.parametrize("run", ["kms", "mak"])
def test_a_conversion_ends_alike_and_the_second_run_changes_nothing(story: Story, lab: Lab, run: str) -> None:
    done, again = getattr(story, run)
    names = [name for name in lab.names("windows") if name not in REFUSED and (run == "kms" or name not in ONLY_WITH_A_FAULT)]
    assert len(names) > 30
    assert {name for name in names if state_of(done[name]) != state_of(done[usual_of(name)])} == set()
    assert {name for name in names if not done[name]["changed"] or again[name]["changed"] or again.writes(name)} == set()
    assert {name for name in names if state_of(again[name]) != state_of(again[usual_of(name)])} == set()


def test_the_reports_are_alike(story: Story, lab: Lab) -> None:
    for name in lab.names("windows"):
        if name not in REFUSED:
            usual = usual_of(name)
            assert state_of(story.info[name]) == state_of(story.info[usual]), name
            about = {"unknown_genuine_status"} if name == "genuine-odd" else set()
            found = [each["id"] for each in story.check[name]["findings"] if each["severity"] != "info" and each["id"] not in about]
            assert found == [finding["id"] for finding in story.check[usual]["findings"] if finding["severity"] != "info"], name


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_what_is_not_understood_is_explained_and_nothing_is_lost(story: Story, lab: Lab, name: str, code: str) -> None:
    for run in (*story.kms, story.info, *story.mak):
        assert run[name]["error"]["code"] == code
        assert run[name]["changed"] is False
        assert run.writes(name) == 0
    products = lab.client.machine(name)["products"]
    assert [product["properties"]["LicenseStatus"] for product in products] == [1]


def test_a_fault_without_the_name_of_its_request_is_not_trusted_in_clear(story: Story) -> None:
    for run in story.mak:
        assert run["faults-nameless-clear"]["error"]["code"] == "unreachable"
        assert run.writes("faults-nameless-clear") == 0
        assert run["faults-nameless"]["status"] == "ok"


@pytest.mark.usefixtures("story")
def test_the_reason_of_a_failed_activation_is_found_in_each_form_of_a_fault(lab: Lab) -> None:
    failed = lab.all("kms_client", ("usual", "no-fault-code", *FORMS), kms_host=NOBODY, lose_activation=True)
    for name in ("usual", *FORMS):
        error = failed[name]["error"]
        assert (error["code"], error["underlying"]["code"]) == ("0xC004F074", "0x800706BA"), name
    assert failed["no-fault-code"]["error"]["code"] == "0x80004005"
    assert "Check the Application log" in failed["no-fault-code"]["msg"]


def test_a_missing_class_is_recognized_by_each_of_its_codes_and_another_code_gives_a_warning(lab: Lab) -> None:
    settings = {"expected_warnings": ("The licensing classes of Office could not be read",)}
    run = lab.all("activation_info", ("usual-w7", *CODES, "class-80041006"), settings, application="office")
    for name in run:
        assert (run[name]["status"], run[name]["products"]) == ("ok", []), name
        assert bool(run[name].get("warnings")) == (name == "class-80041006"), name


def test_a_missing_method_of_office_gives_a_warning(lab: Lab) -> None:
    settings = {"expected_warnings": ("could not refresh its license status", "Restart the Office programs")}
    options = {"application": "office", "kms_host": HOST, "activate": False}
    done = lab.all("kms_client", lab.names("offices"), settings, **options)
    again = lab.all("kms_client", lab.names("offices"), **options)
    assert state_of(done["method-office"]) == state_of(done["usual-office"])
    assert [again[name]["changed"] for name in again] == [False, False]


def test_events_without_a_known_layout_are_returned_without_values(story: Story) -> None:
    run = story.events
    numbers = [event["event_id"] for event in run["usual"]["events"]]
    for name in ("events-reversed", "events-missing"):
        assert [event["event_id"] for event in run[name]["events"]] == numbers
    assert all(event["fields"] for event in run["usual"]["events"])
    assert not any(event["fields"] for event in run["events-missing"]["events"])


def test_the_log_is_saved_with_either_spelling_of_the_method(lab: Lab) -> None:
    names = ("kms1", "kms-other-spelling", "kms-log-unnamed")
    done, again = (lab.all("kms_event_archive", names) for _ in range(2))
    assert [(run[name]["status"], run[name]["changed"]) for name in names[:2] for run in (done, again)] == [("ok", True), ("ok", False)] * 2
    assert [run["kms-log-unnamed"]["error"]["code"] for run in (done, again)] == ["no_kms_log"] * 2


def test_rules_that_show_no_port_are_written_once_and_are_reported_as_unchecked(lab: Lab) -> None:
    settings = {
        "expected_warnings": ("The module cannot manage the firewall of this machine", "does not show the ports of the firewall rules")
    }
    names = ("kms1", "kms-namespace", "kms-no-ports")
    runs = [lab.all("kms_host", names, settings, firewall="open", listening_port=port) for port in (1688, 1700, 1700, 1710, 1710, 1688)]
    assert [run[name]["status"] for run in runs for name in names] == ["ok"] * 18
    assert (
        [run["kms-no-ports"]["changed"] for run in runs]
        == [run["kms1"]["changed"] for run in runs]
        == [False, True, False, True, False, True]
    )
    assert [run["kms-no-ports"]["firewall_info"]["status"] for run in runs] == ["unknown"] * 6
    assert [run["kms1"]["firewall_info"]["status"] for run in runs] == ["open"] * 6
    rules = [lab.client.machine(name)["firewall"] for name in ("kms1", "kms-no-ports")]
    assert rules[0] == rules[1]  # what a person cannot see is as it should be


def test_a_key_of_another_edition_is_refused_or_installed_once(lab: Lab) -> None:
    options = {"product_key": ENTERPRISE, "allow_edition_mismatch": True}
    done, again = (lab.all("product_key", lab.names("editions"), **options) for _ in range(2))
    assert [run["edition-usual"]["error"]["code"] for run in (done, again)] == ["0xC004F069"] * 2
    assert [run["edition-changes"]["changed"] for run in (done, again)] == [True, False]


def test_odd_numbers_of_rearms_and_of_the_genuine_status(lab: Lab) -> None:
    rearm = lab.all("rearm", ["rearms-odd"], {"keywords": {"check_mode": True}}, force=True, lose_activation=True)
    assert (rearm["rearms-odd"]["status"], rearm["rearms-odd"]["before"]["rearms_left"]) == ("ok", None)
    info = lab.all("genuine_info", ["genuine-odd", "usual"])
    states = {name: (run["genuine_state"], run["genuine"]) for name, run in info.items()}
    assert states == {"genuine-odd": ("unknown_status", False), "usual": ("genuine", True)}
    assert "genuine status 7" in info["genuine-odd"]["msg"]
    check = lab.all("activation_check", ["genuine-odd", "usual"], fail_on=[])
    found = {name: [each["message"] for each in check[name]["findings"] if each["id"] == "unknown_genuine_status"] for name in check}
    assert found["usual"] == []
    assert "genuine status 7" in found["genuine-odd"][0]


def test_a_licensing_service_that_does_not_answer_while_it_is_stopped(lab: Lab) -> None:
    run = lab.all("activation_info", ["service-stopped"])
    assert run["service-stopped"]["error"]["code"] == "0x80070426"


def test_the_kit_changes_a_machine_with_any_truth_and_restores_it(story: Story) -> None:
    assert len(story.changed) > 35
    assert {name for name, (before, after) in story.around.items() if before != after} == set()
    assert {name for name in story.changed if story.changed[name].get("changes_left")} == set()
    failed = {name: story.changed[name]["error"]["code"] for name in story.changed if story.changed[name]["status"] != "ok"}
    assert failed == CHANGES_FAIL
    assert {story.changed.calls(name, "Activate") for name in story.changed if name not in failed} == {1}


@pytest.mark.usefixtures("story")
def test_a_header_of_encrypted_responses_that_no_document_has_is_named(lab: Lab) -> None:
    run = lab.all("activation_info", ["header-other"])
    assert run["header-other"]["error"]["code"] == "unreachable"
    assert "Content-Type" in run["header-other"]["msg"]
    assert "Encrypted-Boundary-2" in run["header-other"]["msg"]


def test_products_that_appear_only_after_a_restart_of_the_service_are_explained(lab: Lab) -> None:
    done = lab.all("kms_client", ["late-products"], kms_host=HOST, lose_activation=True)["late-products"]
    assert (done["error"]["code"], done["activation"]["outcome"]) == ("0xC004F014", "failed")
    assert "Restart-Service sppsvc" in done["msg"]
    with suppress(requests.exceptions.ConnectionError):
        winrs.command(lab.host_variables("late-products"), "shutdown", "/r", "/t", "0")
    time.sleep(2 * RESTART_SECONDS)
    again = [lab.all("kms_client", ["late-products"], kms_host=HOST)["late-products"] for _ in range(2)]
    assert [(each["status"], each["changed"]) for each in again] == [("ok", True), ("ok", False)]


@pytest.mark.parametrize("identity", sorted(each.id for each in ASSUMPTIONS if each.check))
def test_the_kit_sees_the_opposite(story: Story, identity: str) -> None:
    if identity in UNREACHABLE:
        assert story.kit[UNREACHABLE[identity]]["error"]["code"] == "unreachable"
        return
    if identity in RECORDED:
        shown = {name: {one["id"]: one["verdict"] for one in story.kit[name]["assumptions"]}[identity] for name in RECORDED[identity]}
        assert shown == RECORDED[identity]
        return
    if identity not in SEES:
        assert identity in NEVER_FAILS
        return
    name = SEES[identity]
    run = story.first if name == "unset-blank" else story.changed if identity in BY_A_CHANGE else story.kit
    assert {one["id"]: one["verdict"] for one in run[name]["assumptions"]}[identity] == "does_not_hold"
    assert identity not in [one["id"] for one in story.kit["usual"]["assumptions"] if one["verdict"] == "does_not_hold"]


def test_the_table_of_the_guide_has_each_assumption_and_the_machines_that_were_run(lab: Lab) -> None:
    assert set(INVERTED) == {each.id for each in ASSUMPTIONS}
    machines = {name for each in INVERTED.values() for name in each.machines}
    assert machines <= set(lab.names())
    for identity, each in INVERTED.items():
        assert bool(each.machines) == (each.outcome is not Outcome.NOT_INVERTED), identity
        if each.outcome is Outcome.WORKS:
            assert not set(each.machines) & (set(REFUSED) | ONLY_WITH_A_FAULT), identity
