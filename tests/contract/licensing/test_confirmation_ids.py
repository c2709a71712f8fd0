# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation by telephone and by proxy: two runs, and what is said of an ID that does not fit."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.activation import ActivationMethod
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import (
    StepFailedError,
    TaskRefusedError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.edition import with_edition_id
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state
from winlab.simulation.estate import Estate

from .mak import (
    CLIENT,
    GVLK,
    Make,
    Sessions,
    actions,
    installation_id,
    product,
    spent,
)


def test_by_telephone_the_key_is_installed_first_and_the_confirmation_id_deposited_later(
    session: Sessions, estate: Estate, make: Make
) -> None:
    waiting = make(session(CLIENT), activation_method=ActivationMethod.TELEPHONE)
    assert (waiting.activation["outcome"], waiting.activations_used) == ("needs_confirmation_id", 0)
    told = installation_id(session(CLIENT))
    answer = estate.phone(told)
    used = spent(estate)
    outcome = make(
        session(CLIENT), activation_method=ActivationMethod.TELEPHONE, product_key=None, confirmation_id=answer, installation_id=told
    )
    assert (actions(outcome), outcome.activations_used) == ([("activate", True)], 0)
    assert (spent(estate), product(session(CLIENT))[2]) == (used, "LICENSED")


def test_a_mistyped_group_is_named_before_it_is_sent_and_when_windows_says_no(session: Sessions, estate: Estate, make: Make) -> None:
    make(session(CLIENT), activation_method=ActivationMethod.PROXY)
    answer = estate.phone(installation_id(session(CLIENT)))
    wrong = answer[:13] + str((int(answer[13]) + 1) % 7) + answer[14:]
    outcome = make(session(CLIENT), activation_method=ActivationMethod.PROXY, product_key=None, confirmation_id=wrong)
    assert any("the check digit of group C does not match" in warning for warning in outcome.warnings)
    assert outcome.error is not None
    assert outcome.error["code"] == "0xC004F04D"
    assert "group C" in outcome.error["cause"]
    assert outcome.error["next_steps"][0].startswith("Correct the confirmation ID")


@pytest.mark.parametrize("code", ["0x80070005", "0x800706BA", "0xC004F031"])
def test_wrong_digits_are_only_a_hint_where_windows_gives_another_reason(session: Sessions, estate: Estate, make: Make, code: str) -> None:
    make(session(CLIENT), activation_method=ActivationMethod.PROXY)
    estate.set_fault(CLIENT, "wmi_fault", method="DepositOfflineConfirmationId", hresult=code)
    outcome = make(session(CLIENT), product_key=None, activation_method=ActivationMethod.PROXY, confirmation_id="123456" * 8)
    assert outcome.error is not None
    assert "confirmation ID, the check digit" not in outcome.error["cause"]
    assert "In the confirmation ID, the check digits of groups" in outcome.error["next_steps"][-1]


@pytest.mark.parametrize("code", ["0xC004F031", "0xC004F07E", "0xC004F07F"])
def test_a_confirmation_id_of_another_machine_is_first_looked_for_and_then_requested(
    session: Sessions, estate: Estate, make: Make, code: str
) -> None:
    make(session(CLIENT), activation_method=ActivationMethod.PROXY)
    answer = estate.phone(installation_id(session(CLIENT)))
    estate.set_fault(CLIENT, "wmi_fault", method="DepositOfflineConfirmationId", hresult=code)
    outcome = make(session(CLIENT), product_key=None, activation_method=ActivationMethod.PROXY, confirmation_id=answer)
    assert outcome.error is not None
    first, *others = outcome.error["next_steps"]
    assert "belongs to this installation ID" in first
    assert "request" not in first.lower()
    assert "This might use an activation." in others[-1]


def test_a_group_that_was_forgotten_is_noticed(session: Sessions, make: Make) -> None:
    make(session(CLIENT), activation_method=ActivationMethod.PROXY)
    outcome = make(session(CLIENT), product_key=None, activation_method=ActivationMethod.PROXY, confirmation_id="1" * 42)
    assert any("there are 42 digits, but a confirmation ID usually has 48" in warning for warning in outcome.warnings)


def test_a_confirmation_id_for_another_installation_id_is_not_sent(session: Sessions, estate: Estate, make: Make) -> None:
    make(session(CLIENT), activation_method=ActivationMethod.PROXY)
    told = installation_id(session(CLIENT))
    answer = estate.phone(told)
    estate.change_hardware(CLIENT)
    here = session(CLIENT)
    with pytest.raises(TaskRefusedError, match="another installation ID") as refused:
        make(here, activation_method=ActivationMethod.PROXY, product_key=None, confirmation_id=answer, installation_id=told)
    assert (refused.value.error_code, here.writes) == ("stale_installation_id", [])


def test_a_stale_confirmation_id_that_shows_only_after_the_key_is_there_brings_the_gvlk_back(
    session: Sessions, estate: Estate, make: Make
) -> None:
    make(session(CLIENT), activation_method=ActivationMethod.PROXY)
    told = installation_id(session(CLIENT))
    answer = estate.phone(told)
    back = session(CLIENT)
    plan = kms_client.plan(with_edition_id(back, read_state(back)), KmsClientDesired())
    apply(plan, back)
    estate.change_hardware(CLIENT)
    here = session(CLIENT)
    outcome = make(here, activation_method=ActivationMethod.PROXY, confirmation_id=answer, installation_id=told)
    assert outcome.error is not None
    assert (outcome.error["code"], outcome.rolled_back) == ("stale_installation_id", True)
    assert "DepositOfflineConfirmationId" not in here.requests
    assert product(session(CLIENT)) == (GVLK, "gvlk", "LICENSED")


def test_the_same_key_on_the_same_hardware_takes_the_recorded_confirmation_id_in_one_task(
    session: Sessions, estate: Estate, make: Make
) -> None:
    make(session(CLIENT), activation_method=ActivationMethod.PROXY)
    told = installation_id(session(CLIENT))
    answer, used = estate.phone(told), spent(estate)
    estate.rebuild(CLIENT)
    outcome = make(session(CLIENT), activation_method=ActivationMethod.PROXY, confirmation_id=answer, installation_id=told)
    assert (outcome.failed, spent(estate), product(session(CLIENT))[2]) == (False, used, "LICENSED")


def test_windows_2003_that_gives_no_installation_id_is_explained_in_its_own_words(session: Sessions, estate: Estate, make: Make) -> None:
    estate.set_fault("old03", "wmi_fault", method="GetInstallationID", hresult="0x80004005")
    here = session("old03")
    with pytest.raises(StepFailedError, match=r"Could not get a new installation ID.*Windows Server 2003 did not perform the operation"):
        make(here, activation_method=ActivationMethod.TELEPHONE, product_key=None)
