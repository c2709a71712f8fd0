# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Issuance licenses on machines of the lab: known by ID and version, installed and removed once, and never removed in use unasked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.product_key import plan as key_change
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.product_key.model import ProductKeyDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.token_license import plan as token_job
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.token_license.model import (
    IssuanceFile,
    IssuanceLicense,
    TokenLicenseDesired,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.account import Account
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import (
    StepFailedError,
    TaskRefusedError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import Application
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.tokens.read import read_of_applications
from winlab.simulation.license_files import document, issuance_license
from winlab.simulation.token_licenses import TokenLicense

Sessions = Callable[[str], Any]
INSTALL, UNINSTALL = "InstallLicense", "Uninstall"
ILID = "2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42"
V3, V4 = IssuanceLicense(ILID, 3), IssuanceLicense(ILID, 4)
BOTH = {"issuance_license_id": ILID, "issuance_license_version": 3}


def client_license(session: Any) -> str:
    """The activation ID of the KMS client license that has the key of the machine."""
    return next(iter(session.machine.service.products))


def file(session: Any, version: int = 3, **more: Any) -> IssuanceFile:
    return IssuanceFile(f"v{version}.xrm-ms", issuance_license(TokenLicense(client_license(session), ILID, version), **more))


def converge(session: Any, desired: TokenLicenseDesired, account: Account | None = None) -> Any:
    return apply(token_job.plan_for(session, desired), session, sleep=lambda _seconds: None, account=account)


def install(session: Any, version: int = 3, account: Account | None = None) -> Any:
    return converge(session, TokenLicenseDesired(IssuanceLicense(ILID, version), (file(session, version),)), account)


def remove(session: Any, issuance: IssuanceLicense = V3, **more: Any) -> Any:
    return converge(session, TokenLicenseDesired(issuance, **more))


@pytest.mark.parametrize("name", ["eleven", "host22", "seven"])
def test_a_license_goes_in_once_and_out_once(session: Sessions, name: str) -> None:
    machine = session(name)
    first = install(machine)
    assert (first.changed, first.before, first.after) == (True, {"issuance_licenses": []}, {"issuance_licenses": [BOTH]})
    machine.requests.clear()
    assert (install(machine).changed, machine.writes, len(machine.requests)) == (False, [], 3)
    assert (remove(machine).changed, remove(machine).changed) == (True, False)
    assert machine.writes == [UNINSTALL]


def test_versions_of_a_license_are_separate(session: Sessions) -> None:
    machine = session("eleven")
    install(machine, 3)
    assert install(machine, 4).after["issuance_licenses"] == [BOTH, {**BOTH, "issuance_license_version": 4}]
    assert remove(machine, V4).after == {"issuance_licenses": [BOTH]}
    assert not remove(machine, V4).changed


@pytest.mark.parametrize(("answers", "sent"), [((True,), 1), ((False,), 2), ((False, True), 2)])
def test_after_a_lost_answer_the_list_decides(session: Sessions, answers: tuple[bool, ...], sent: int) -> None:
    machine = session("eleven")
    machine.lose_answer_of(INSTALL, *answers)
    assert (install(machine).changed, machine.requests.count(INSTALL)) == (True, sent)
    machine.lose_answer_of(UNINSTALL, *answers)
    assert (remove(machine).changed, machine.requests.count(UNINSTALL)) == (True, sent)


def test_two_lost_answers_fail_and_claim_nothing(session: Sessions) -> None:
    machine, account = session("eleven"), Account()
    machine.lose_answer_of(INSTALL, False, False)
    with pytest.raises(StepFailedError) as failed:
        install(machine, account=account)
    assert failed.value.explain().code == "unknown_outcome"
    assert [step.done for step in account.steps] == [False]


def test_a_license_that_is_not_the_one_of_the_task_fails_and_is_named(session: Sessions) -> None:
    machine = session("eleven")
    outcome = converge(machine, TokenLicenseDesired(V4, (file(machine, 3),)))
    assert (outcome.changed, outcome.error["code"]) == (True, "wrong_issuance_license")
    assert f"now has the issuance license {ILID}, version 3, not the issuance license {ILID}, version 4" in outcome.message


def test_a_license_that_the_machine_already_had_is_named_for_a_task_with_another_id(session: Sessions) -> None:
    machine = session("eleven")
    install(machine, 3)
    outcome = converge(machine, TokenLicenseDesired(V4, (file(machine, 3),)))
    assert outcome.error["code"] == "wrong_issuance_license"
    assert f"Before the task, it had the issuance license {ILID}, version 3." in outcome.message
    assert "set the ID and the version of this license" in outcome.error["next_steps"][0]


def test_a_file_without_an_issuance_license_fails(session: Sessions) -> None:
    machine = session("eleven")
    outcome = converge(machine, TokenLicenseDesired(V3, (IssuanceFile("add-on.xrm-ms", document("Add-on", ILID)),)))
    assert (outcome.error["code"], outcome.after) == ("wrong_issuance_license", {"issuance_licenses": []})
    assert "For other license files, use license_file." in outcome.error["next_steps"][0]


def test_a_license_that_is_not_accepted_leaves_nothing(session: Sessions) -> None:
    machine = session("eleven")
    with pytest.raises(StepFailedError) as failed:
        converge(machine, TokenLicenseDesired(V3, (file(machine, signature="somebody"),)))
    assert failed.value.explain().code == "0xC004F01D"
    assert not remove(machine).changed


@pytest.mark.parametrize("name", ["card22", "card7"])
def test_a_license_in_use_stays_until_the_loss_is_accepted(session: Sessions, name: str) -> None:
    machine = session(name)
    with pytest.raises(TaskRefusedError) as refused:
        remove(machine)
    assert (refused.value.error_code, machine.writes) == ("activation_would_be_lost", [])
    assert not remove(machine, V4).changed
    outcome = remove(machine, lose_activation=True)
    assert outcome.changed
    assert outcome.steps[0].loses.startswith("the token-based activation of Windows")
    assert "This task loses the token-based activation" in outcome.warnings[0]


def test_a_license_that_only_activated_once_may_go(session: Sessions) -> None:
    """After the machine was activated in another way, or is not activated, the license is not in use."""
    machine = session("card22")
    (product,) = (each for each in machine.machine.service.products.values() if each.token)
    product.lose_token()
    assert remove(machine).changed


@pytest.mark.parametrize(("name", "code"), [("old03", "not_supported_by_windows"), ("ten", "office_service_missing")])
def test_what_has_no_such_license_is_refused(session: Sessions, name: str, code: str) -> None:
    machine, service = session(name), "OfficeSoftwareProtectionService" if name == "ten" else "SoftwareLicensingService"
    with pytest.raises(TaskRefusedError) as refused:
        remove(machine, service_class=service)
    assert (refused.value.error_code, machine.writes) == (code, [])


def test_the_licenses_of_both_services_are_read(session: Sessions) -> None:
    seven = session("seven")
    install(seven)
    os = token_job.plan_for(seven, TokenLicenseDesired(V3)).state.os
    found, problem = read_of_applications(seven, os, frozenset({Application.WINDOWS}))
    assert ([each.issuance for each in found or ()], problem) == ([V3], None)
    assert read_of_applications(seven, os, frozenset({Application.OFFICE})) == ((), None)


def test_a_missing_class_is_a_damaged_repository(session: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = session("eleven")
    query = machine.query

    def without_class(text: str) -> Any:
        if "TokenActivationLicense" in text:
            raise CimError(0x80041010, "Invalid class", "query")
        return query(text)

    monkeypatch.setattr(machine, "query", without_class)
    with pytest.raises(Exception, match="WMI on this machine is damaged") as damaged:
        remove(machine)
    assert damaged.value.error_code == "wmi_broken"


@pytest.mark.parametrize("name", ["card22", "card7"])
def test_the_removal_of_a_key_does_not_end_a_token_based_activation_unasked(session: Sessions, name: str) -> None:
    machine = session(name)
    with pytest.raises(TaskRefusedError) as refused:
        key_change.plan_for(machine, ProductKeyDesired(present=False))
    assert (refused.value.error_code, machine.writes) == ("activation_would_be_lost", [])
    assert "the token-based activation of Windows" in refused.value.message
    assert len(key_change.plan_for(machine, ProductKeyDesired(present=False, lose_activation=True)).steps) == 1
