# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine gets a MAK over a connection that may break anywhere: never two activations."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import UnreachableError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.generations import plan_mak
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.mak.model import MakDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.account import Account
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.activation import ActivationMethod
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.edition import with_edition_id
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import Application
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.report import describe
from winlab.simulation.estate import Estate

from .conftest import Naps
from .mak import (
    CLIENT,
    PUBLISHED,
    Make,
    Sessions,
    actions,
    product,
    spent,
)

NO_NAME, TIMEOUT = "0x80072EE7", "0x80072EE2"


def test_a_kms_client_gets_a_mak_and_a_second_run_writes_nothing(session: Sessions, estate: Estate, make: Make) -> None:
    before = spent(estate)
    outcome = make(session(CLIENT), clear_kms_settings=True)
    assert actions(outcome) == [("install_product_key", True), ("activate", True), ("clear_kms_host", True)]
    assert (outcome.activations_used, spent(estate) - before) == (1, 1)
    again = session(CLIENT)
    assert make(again, clear_kms_settings=True).changed is False
    assert again.writes == []


def test_a_kms_host_that_stays_in_the_registry_is_a_warning_and_read_only_if_something_changes(session: Sessions) -> None:
    desired = MakDesired(product_key=ProductKey("MMMMM-KKKKK-MMMMM-BBBBB-77777"), clear_kms_settings=True)
    machine = session("levels11")
    planned = plan_mak(machine, desired)
    (warning,) = (each for each in planned.warnings if "clear_kms_settings does not remove it" in each)
    assert "The registry also sets the KMS host old.corp.example:1688 for Windows (HKLM\\SOFTWARE\\" in warning
    assert not apply(planned, machine).failed
    machine.requests.clear()
    assert (plan_mak(machine, desired).is_empty, [each for each in machine.requests if each.startswith("Enum")]) == (True, [])


def test_kms_settings_stay_unless_they_are_to_go(session: Sessions, make: Make) -> None:
    make(session(CLIENT))
    assert read_state(session(CLIENT)).service.kms.host == "kms1.corp.example"


@pytest.mark.parametrize("how", [{"activation_method": ActivationMethod.TELEPHONE}, {"activate": False}])
def test_kms_settings_are_not_cleared_before_the_mak_is_activated(session: Sessions, make: Make, how: dict[str, Any]) -> None:
    outcome = make(session(CLIENT), **how, clear_kms_settings=True)
    assert [action for action, _done in actions(outcome)] == ["install_product_key"]
    assert read_state(session(CLIENT)).service.kms.host == "kms1.corp.example"
    assert any("clears the KMS settings only after the MAK is activated" in warning for warning in outcome.warnings)


def test_the_way_to_a_mak_and_back_leaves_the_machine_as_it_was(
    session: Sessions, make: Make, naps: Naps, publish: Callable[..., None]
) -> None:
    publish("kms1")
    before = describe(read_state(session(CLIENT)))
    make(session(CLIENT))
    back = session(CLIENT)
    plan = kms_client.plan(with_edition_id(back, read_state(back)), KmsClientDesired())
    apply(plan, back, clock=naps.clock, sleep=naps.sleep)
    after = describe(read_state(session(CLIENT)))
    clock = ("grace_minutes", "expires", "trusted_time", "extended_pid")
    for state in (before, after):
        for name in clock:
            state["products"][0].pop(name)
    assert after == before
    assert kms_client.plan(with_edition_id(back, read_state(back)), KmsClientDesired()).changed is False


WRITES = ["InstallProductKey", "Activate", "RefreshLicenseStatus", "ClearKeyManagementServiceMachine"]


@pytest.mark.parametrize("write", WRITES)
def test_a_run_cut_off_before_any_write_is_made_up_for_by_the_next_one(session: Sessions, estate: Estate, make: Make, write: str) -> None:
    before = spent(estate)
    cut = session(CLIENT)
    cut.break_at(write)
    with pytest.raises(UnreachableError):
        make(cut, clear_kms_settings=True)
    assert not make(session(CLIENT), clear_kms_settings=True).failed
    assert (spent(estate) - before, product(session(CLIENT))) == (1, ("22222", "mak", "LICENSED"))
    state = read_state(session(CLIENT))
    assert state.service.kms.host is None
    assert make(session(CLIENT), clear_kms_settings=True).changed is False


def test_a_lost_answer_of_an_activation_that_took_effect_spends_one_and_succeeds(session: Sessions, estate: Estate, make: Make) -> None:
    before = spent(estate)
    here = session(CLIENT)
    here.lose_answer_of("Activate", True)
    outcome = make(here)
    assert (outcome.failed, outcome.activations_used, here.requests.count("Activate"), spent(estate) - before) == (False, 1, 1, 1)


def test_an_activation_nobody_knows_about_is_neither_repeated_nor_taken_back(session: Sessions, estate: Estate, make: Make) -> None:
    before = spent(estate)
    here = session(CLIENT)
    here.lose_answer_of("Activate", False)
    outcome = make(here, retry_timeout=3600)
    assert (outcome.failed, outcome.rolled_back, here.requests.count("Activate"), spent(estate) - before) == (True, False, 1, 0)
    assert product(session(CLIENT))[:2] == ("22222", "mak")
    assert any("The new key stays installed" in warning for warning in outcome.warnings)
    assert any("Microsoft might have counted this attempt" in warning for warning in outcome.warnings)


def test_a_machine_that_cannot_reach_microsoft_tries_again_until_it_can(session: Sessions, estate: Estate, make: Make, naps: Naps) -> None:
    before = spent(estate)
    estate.set_fault(CLIENT, "wmi_fault", method="Activate", hresult=NO_NAME, times=3)
    here = session(CLIENT)
    outcome = make(here, retry_timeout=600)
    assert (outcome.failed, here.requests.count("Activate"), spent(estate) - before) == (False, 4, 1)
    assert naps.naps == [5, 10, 20]


def test_an_attempt_that_microsoft_may_have_counted_is_not_repeated_whatever_the_wait(
    session: Sessions, estate: Estate, make: Make
) -> None:
    estate.set_fault("grace22", "wmi_fault", method="Activate", hresult=TIMEOUT, times=1)
    here = session("grace22")
    outcome = make(here, retry_timeout=600, rollback=False)
    assert (outcome.failed, here.requests.count("Activate")) == (True, 1)
    assert any("Microsoft might have counted this attempt" in warning for warning in outcome.warnings)


def test_a_task_that_ansible_repeats_is_refused_when_it_would_spend(session: Sessions, make: Make) -> None:
    here = session(CLIENT)
    with pytest.raises(TaskRefusedError) as refused:
        make(here, is_retried=True)
    assert (refused.value.error_code, here.writes) == ("retries_not_supported", [])
    assert make(session(CLIENT), is_retried=True, activate=False).failed is False


def test_a_machine_that_said_yes_and_does_not_show_it_keeps_its_mak_and_nobody_spends_another(
    session: Sessions, make: Make, naps: Naps
) -> None:
    here = session(CLIENT)
    here.swallow("Activate")
    outcome = make(here)
    assert (outcome.failed, outcome.rolled_back, outcome.activations_used) == (True, False, 1)
    assert naps.naps == [5, 5, 5]
    assert outcome.error is not None
    assert "Microsoft has counted this activation" in outcome.error["next_steps"][0]
    assert any("Microsoft might have counted this attempt" in warning for warning in outcome.warnings)
    assert (product(here)[:2], here.requests.count("Activate")) == (("22222", "mak"), 1)


def test_a_machine_that_shows_its_activation_late_is_given_time(session: Sessions, make: Make, naps: Naps) -> None:
    here = session(CLIENT)
    here.swallow("Activate")
    worker = session(CLIENT)

    def finish(now: float) -> None:
        state = read_state(worker)
        if now >= 10 and state.primary and not state.primary.status.is_activated:
            worker.invoke(state.primary.path, "Activate", {})

    naps.then = finish
    outcome = make(here)
    assert (outcome.failed, outcome.activations_used) == (False, 1)


def test_a_setting_that_cannot_be_cleared_is_told_with_the_activation_that_was_spent(session: Sessions, estate: Estate, make: Make) -> None:
    estate.set_fault(CLIENT, "wmi_fault", method="ClearKeyManagementServiceMachine", hresult="0x80070005")
    outcome = make(session(CLIENT), clear_kms_settings=True)
    assert (outcome.failed, outcome.activations_used, outcome.activation["outcome"]) == (True, 1, "activated")
    assert outcome.message is not None
    assert outcome.message.startswith(
        "The activation succeeded (activate the MAK ending in 22222 online, used: 1 activation of the MAK ending in 22222), but a later"
    )
    assert product(session(CLIENT)) == ("22222", "mak", "LICENSED")


@pytest.mark.parametrize("request_lost", ["RefreshLicenseStatus", "SELECT * FROM SoftwareLicensingService"])
def test_a_connection_that_is_gone_after_an_activation_says_what_was_spent(session: Sessions, make: Make, request_lost: str) -> None:
    here = session(CLIENT)
    here.before("Activate", lambda: here.break_at(request_lost))
    account = Account()
    with pytest.raises(UnreachableError):
        make(here, account=account)
    assert re.match(
        r" Completed steps: install the MAK ending in 22222.*; activate the MAK ending in 22222 online", account.completed_summary()
    )
    assert (account.changed, account.activations_used) == (True, 1)


def test_a_machine_that_is_gone_after_a_lost_activation_says_that_it_may_have_been_spent(session: Sessions, make: Make) -> None:
    here = session(CLIENT)
    here.lose_answer_of("Activate", True)
    here.before("Activate", lambda: here.break_at("SELECT"))
    with pytest.raises(UnreachableError, match="Microsoft might have counted 1 activation of the MAK ending in 22222"):
        make(here)


@pytest.mark.parametrize("activate", [True, False])
@pytest.mark.parametrize("method", list(ActivationMethod))
def test_a_licensed_mak_is_never_activated_again(session: Sessions, make: Make, method: ActivationMethod, activate: bool) -> None:
    here = session("mak22")
    found = read_state(here).primary
    assert found is not None
    more = {"confirmation_id": "1" * 48} if activate and method is not ActivationMethod.ONLINE else {}
    outcome = make(here, product_key=None, activate=activate, activation_method=method, **more)
    assert (outcome.changed, outcome.activations_used, here.writes) == (False, 0, [])


def test_a_licensed_mak_is_not_installed_again_as_a_key_of_office_or_of_another_product(
    session: Sessions, estate: Estate, make: Make
) -> None:
    make(session(CLIENT))
    used = spent(estate)
    for desired, code in (
        ({"application": Application.OFFICE}, "application_mismatch"),
        ({"activation_id": "11111111-0000-4000-8000-000000000001"}, "activation_id_mismatch"),
    ):
        here = session(CLIENT)
        with pytest.raises(TaskRefusedError) as refused:
            make(here, **desired)
        assert (refused.value.error_code, here.writes) == (code, [])
    assert make(session(CLIENT)).changed is False
    assert spent(estate) == used


def test_a_mak_whose_hardware_changed_needs_one_activation_more_and_says_why(session: Sessions, estate: Estate, make: Make) -> None:
    make(session(CLIENT))
    before = spent(estate)
    estate.change_hardware(CLIENT)
    found = describe(read_state(session(CLIENT)))["products"][0]
    assert (found["status"], found["reason"]["code"]) == ("out_of_tolerance_grace", "0xC004F00F")
    outcome = make(session(CLIENT))
    assert actions(outcome) == [("activate", True)]
    assert "because the hardware has changed" in outcome.steps[0].description
    assert any("0xC004F00F SL_E_OUT_OF_TOLERANCE" in warning for warning in outcome.warnings)
    assert (spent(estate) - before, make(session(CLIENT)).changed) == (1, False)


@pytest.mark.parametrize(
    ("machine", "desired", "code"),
    [
        ("home", {}, "edition_takes_no_mak"),
        ("eval22", {}, "evaluation_edition"),
        ("host22", {}, "is_kms_host"),
        (CLIENT, {"edition_id": "ServerDatacenter"}, "edition_mismatch"),
        (CLIENT, {"product_key": None}, "product_key_missing"),
        ("mak22", {"product_key": PUBLISHED.key}, "not_a_mak"),
    ],
)
def test_what_must_not_be_done_is_refused_before_anything_is_sent(
    session: Sessions, make: Make, machine: str, desired: dict[str, Any], code: str
) -> None:
    here = session(machine)
    with pytest.raises(TaskRefusedError) as refused:
        make(here, **desired)
    assert (refused.value.error_code, here.writes) == (code, [])
