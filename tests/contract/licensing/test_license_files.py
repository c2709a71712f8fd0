# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""License files on machines of the lab: each once, by the right service, and a lost answer is decided by what is listed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimError, UnreachableError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.license_files import license_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.license_file import plan as license_job
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.license_file.model import (
    DesiredLicenses,
    LicenseFile,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.account import Account
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import (
    StepFailedError,
    TaskRefusedError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import Application
from winlab.simulation.facts import OFFICE
from winlab.simulation.license_files import OFFICE_2010, USE, Licenses, document

Sessions = Callable[[str], Any]
INSTALL = "InstallLicense"
A, B = "aaaaaaaa-0000-4000-8000-00000000000a", "bbbbbbbb-0000-4000-8000-00000000000b"


def file(title: str, activation_id: str = "", application_id: str = OFFICE, **more: Any) -> LicenseFile:
    return license_of(f"/files/{title}.xrm-ms", document(title, activation_id, application_id, **more).encode())


KEYS, PL, UL = file("keys"), file("pl", A), file("ul", A, category=USE)
PACK = (KEYS, PL, UL)


def converge(session: Any, *files: LicenseFile, account: Account | None = None, **desired: Any) -> Any:
    plan = license_job.plan_for(session, DesiredLicenses(files, **desired))
    return apply(plan, session, sleep=lambda _seconds: None, account=account)


def titles(session: Any) -> list[str]:
    machine = session.machine
    return list((machine.office_licenses or machine.licenses).titles)


def test_a_pack_goes_in_once(session: Sessions) -> None:
    host = session("host22")
    outcome = converge(host, *PACK)
    assert (outcome.changed, titles(host), host.requests.count(INSTALL)) == (True, ["keys", "pl", "ul"], 3)
    assert (outcome.before, outcome.after, outcome.warnings) == ({"listed": [], "missing": [A]}, {"listed": [A], "missing": []}, ())
    assert len(host.requests) == 3 + 3 + 1
    host.requests.clear()
    again = converge(host, *PACK)
    assert (again.changed, host.writes, len(host.requests)) == (False, [], 3)
    assert converge(host, *PACK, reinstall=True).changed
    assert titles(host) == ["keys", "pl", "ul"] * 2


def test_many_products_are_asked_for_in_queries_that_wmi_takes(session: Sessions) -> None:
    host = session("host22")
    files = [file(f"f{number}", f"cccccccc-0000-4000-8000-{number:012}") for number in range(45)]
    outcome = converge(host, *files)
    assert len(outcome.after["listed"]) == 45
    queries = [request for request in host.requests if request.startswith("SELECT ID")]
    assert [query.count("ID=") for query in queries] == [20, 20, 5] * 2


@pytest.mark.parametrize(("answers", "sent"), [((True,), 1), ((False,), 2), ((False, True), 2)])
def test_after_a_lost_answer_the_list_decides(session: Sessions, answers: tuple[bool, ...], sent: int) -> None:
    host = session("host22")
    host.lose_answer_of(INSTALL, *answers)
    outcome = converge(host, PL)
    assert (outcome.changed, outcome.after["listed"], host.requests.count(INSTALL)) == (True, [A], sent)


@pytest.mark.parametrize("took", [True, False])
def test_a_file_of_which_the_list_tells_nothing_is_sent_once_more(session: Sessions, took: bool) -> None:
    host = session("host22")
    host.lose_answer_of(INSTALL, took)
    assert converge(host, KEYS, PL).changed
    assert titles(host) == (["keys"] if took else []) + ["keys", "pl"]


def test_a_second_lost_answer_ends_the_task_and_says_how_to_go_on(session: Sessions) -> None:
    host, account = session("host22"), Account()
    converge(host, file("other", B))
    host.lose_answer_of(INSTALL, True, True)
    with pytest.raises(StepFailedError, match=r"Could not install the license file keys\.xrm-ms: the response was lost") as lost:
        converge(host, *PACK, account=account)
    assert lost.value.explanation.code == "unknown_outcome"
    assert (account.changed, [step.uncertain for step in account.steps]) == (True, [True, False, False])
    assert "reinstall: true" in account.resumption()[0]


def test_a_task_that_ended_halfway_is_not_mended_by_another_one_but_by_reinstall(session: Sessions) -> None:
    host, account = session("host22"), Account()
    broken = file("ul", A, category=USE, signature="somebody")
    with pytest.raises(StepFailedError, match=r"Could not install the license file ul\.xrm-ms: 0xC004F01D") as failed:
        converge(host, KEYS, PL, broken, account=account)
    assert failed.value.explanation.next_steps[0].startswith("Copy the license file again")
    assert [step.done for step in account.steps] == [True, True, False]
    assert account.resumption()[0].startswith("not all license files were installed. Run the task with reinstall: true")
    assert not converge(host, *PACK).changed
    assert converge(host, *PACK, reinstall=True).changed
    assert titles(host)[-1] == "ul"


def test_a_yes_that_shows_nothing_is_a_warning_and_the_next_run_tries_again(session: Sessions) -> None:
    host = session("host22")
    for _run in range(2):
        outcome = converge(host, UL)
        assert (outcome.changed, outcome.failed, outcome.after["missing"]) == (True, False, [A])
        assert f"does not list {A}" in outcome.warnings[0]


def test_another_run_that_was_faster_does_no_harm(session: Sessions) -> None:
    host, other = session("host22"), session("host22")
    host.before(INSTALL, lambda: converge(other, PL))
    assert converge(host, PL).after["listed"] == [A]


def test_a_machine_that_is_lost_on_the_way_is_unreachable(session: Sessions) -> None:
    host, account = session("host22"), Account()
    host.before(INSTALL, lambda: host.break_at(INSTALL) if titles(host) else None)
    with pytest.raises(UnreachableError):
        converge(host, *PACK, account=account)
    assert account.resumption()


def test_files_go_to_the_service_of_their_application(session: Sessions) -> None:
    later, seven, eleven = session("office19"), session("seven"), session("eleven")
    seven.machine.office_licenses, eleven.machine.office_licenses = Licenses(), Licenses()
    of_2010 = file("2010", B, OFFICE_2010)
    assert converge(later, PL, application=Application.OFFICE).after["listed"] == [A]
    assert later.machine.licenses.titles == ["pl"]
    assert converge(seven, PL, application=Application.OFFICE).after["listed"] == [A]
    assert (seven.machine.licenses.titles, titles(seven)) == ([], ["pl"])
    assert converge(seven, PL).after["listed"] == [A]
    assert seven.machine.licenses.titles == ["pl"]
    assert converge(eleven, KEYS, of_2010, application=Application.OFFICE).after["listed"] == [B]
    assert (eleven.machine.licenses.titles, titles(eleven)) == ([], ["keys", "2010"])
    assert not converge(eleven, KEYS, of_2010, application=Application.OFFICE).changed


REFUSALS = {
    "office_service_missing": ("seven", (PL,), {"application": Application.OFFICE}, "SEVEN does not have OfficeSoftwareProtectionService"),
    "application_mismatch": (
        "office19",
        (file("windows", A, "55c92734-d682-4d71-983e-d6ec3f16059f"),),
        {"application": Application.OFFICE},
        "windows.xrm-ms is a license file of Windows, not of Office. Set application: windows.",
    ),
    "mixed_office_versions": ("eleven", (PL, file("2010", B, OFFICE_2010)), {"application": Application.OFFICE}, "in a separate task"),
    "no_product_id": ("host22", (KEYS,), {}, "The files do not contain a product ID"),
    "not_supported_by_windows": ("old03", (PL,), {}, "which does not use license files"),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_what_cannot_succeed_is_refused_before_a_write(session: Sessions, code: str) -> None:
    name, files, desired, words = REFUSALS[code]
    machine = session(name)
    with pytest.raises(TaskRefusedError) as refusal:
        converge(machine, *files, **desired)
    assert (refusal.value.error_code, machine.writes) == (code, [])
    assert words in str(refusal.value)
    assert len(machine.requests) <= 2


def test_files_without_a_product_are_installed_when_that_is_asked_for(session: Sessions) -> None:
    host = session("host22")
    assert converge(host, KEYS, reinstall=True).changed
    assert titles(host) == ["keys"]


def test_a_service_of_office_that_fails_is_no_missing_one(session: Sessions, estate: Any) -> None:
    seven = session("seven")
    estate.set_fault("seven", "query_fault", class_name="OfficeSoftwareProtectionService", hresult=0x80041013)
    with pytest.raises(CimError) as failed:
        converge(seven, PL, application=Application.OFFICE)
    assert failed.value.code == 0x80041013
