# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A MAK that cannot be activated, or is something else: the machine goes back, and both failures are told."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import UnreachableError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.activation import ActivationMethod
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import (
    StepFailedError,
    TaskRefusedError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import Application
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state
from winlab.simulation.estate import Estate

from .mak import (
    CLIENT,
    ENTERPRISE_MAK,
    GVLK,
    OFFICE_MAK,
    RETAIL,
    Make,
    Sessions,
    actions,
    product,
    spent,
)


@pytest.mark.parametrize("code", ["0xC004C003", "0xC004C008", "0xC004C020", "0xC004C021", "0xC004FC07", "0xC004C001"])
def test_a_mak_that_is_refused_gives_way_to_the_gvlk_and_the_machine_is_licensed_again(
    session: Sessions, estate: Estate, make: Make, code: str
) -> None:
    estate.set_fault(CLIENT, "wmi_fault", method="Activate", hresult=code, times=1)
    here = session(CLIENT)
    outcome = make(here, retry_timeout=600)
    assert outcome.error is not None
    assert (outcome.error["code"], outcome.rolled_back, outcome.activations_used) == (code, True, 0)
    assert actions(outcome) == [
        ("install_product_key", True), ("activate", False), ("restore_product_key", True), ("activate_again", True),
    ]  # fmt: skip
    assert product(session(CLIENT)) == (GVLK, "gvlk", "LICENSED")
    assert outcome.message is not None
    assert "The module restored the GVLK ending in VMK7H. The machine is licensed again." in outcome.message


def test_an_exhausted_mak_costs_nothing_however_often_the_task_runs(session: Sessions, estate: Estate, make: Make) -> None:
    before = spent(estate)
    estate.set_fault(CLIENT, "mak_exhausted")
    assert [make(session(CLIENT)).rolled_back for _run in range(3)] == [True, True, True]
    assert spent(estate) == before


def test_without_rollback_the_mak_stays(session: Sessions, estate: Estate, make: Make) -> None:
    estate.set_fault(CLIENT, "mak_exhausted")
    outcome = make(session(CLIENT), rollback=False)
    assert (outcome.rolled_back, product(session(CLIENT))[:2]) == (False, ("22222", "mak"))


def test_kms_settings_stay_when_the_activation_fails_so_that_the_way_back_leads_somewhere(
    session: Sessions, estate: Estate, make: Make
) -> None:
    estate.set_fault(CLIENT, "mak_exhausted")
    outcome = make(session(CLIENT), clear_kms_settings=True)
    assert actions(outcome)[2] == ("clear_kms_host", False)
    assert product(session(CLIENT)) == (GVLK, "gvlk", "LICENSED")
    assert read_state(session(CLIENT)).service.kms.host == "kms1.corp.example"


def test_a_way_back_whose_kms_host_is_gone_says_both_failures(session: Sessions, estate: Estate, make: Make) -> None:
    estate.set_fault(CLIENT, "mak_exhausted")
    estate.set_fault("kms1", "kms_host_down")
    outcome = make(session(CLIENT))
    assert (outcome.rolled_back, product(session(CLIENT))[:2]) == (True, (GVLK, "gvlk"))
    assert outcome.message is not None
    assert "0xC004C020" in outcome.message
    assert (
        "The machine is not licensed now. Could not activate the KMS client with the GVLK ending in VMK7H again: 0xC004F074"
        in outcome.message
    )
    assert "KMS host kms1.corp.example:1688 returned 0x800706BA" in outcome.message
    assert outcome.message.count("Next:") == 1


def test_a_way_back_that_fails_is_said_beside_what_failed_first(session: Sessions, estate: Estate, make: Make) -> None:
    estate.set_fault(CLIENT, "mak_exhausted")
    here = session(CLIENT)
    here.before("Activate", lambda: estate.set_fault(CLIENT, "wmi_fault", method="InstallProductKey", hresult="0x80070005"))
    outcome = make(here)
    assert (outcome.failed, outcome.rolled_back, product(session(CLIENT))[:2]) == (True, False, ("22222", "mak"))
    assert outcome.message is not None
    assert "0xC004C020" in outcome.message
    assert "The rollback also failed. Could not install the GVLK ending in VMK7H again: 0x80070005 E_ACCESSDENIED" in outcome.message
    assert (outcome.message.count("Next:"), ".." in outcome.message) == (1, False)


def test_a_connection_that_is_gone_on_the_way_back_says_what_failed_first(session: Sessions, estate: Estate, make: Make) -> None:
    estate.set_fault(CLIENT, "mak_exhausted")
    here = session(CLIENT)
    here.before("Activate", lambda: here.break_at("InstallProductKey"))
    with pytest.raises(
        UnreachableError, match=r"0xC004C020.*Then the rollback to the GVLK ending in VMK7H failed: the connection was refused"
    ):
        make(here)
    later = make(session(CLIENT))
    assert (later.rolled_back, later.message is not None) == (False, True)
    assert "The key ending in 22222 stays installed. To make the machine a KMS client, run kms_client." in str(later.message)


def test_a_key_that_is_no_mak_is_not_activated_and_the_gvlk_comes_back(session: Sessions, estate: Estate, make: Make) -> None:
    here = session(CLIENT)
    with pytest.raises(
        StepFailedError, match=r"The key ending in 44444 is a key of channel retail, which is not a MAK.*restored the GVLK ending"
    ):
        make(here, product_key=ProductKey(RETAIL))
    assert here.requests.count("Activate") == 1  # the KMS client's own
    assert (spent(estate, RETAIL), product(session(CLIENT))) == (0, (GVLK, "gvlk", "LICENSED"))


@pytest.mark.parametrize("method", [ActivationMethod.ONLINE, ActivationMethod.PROXY])
def test_a_key_that_turns_out_to_be_for_windows_and_not_for_office_gives_way_to_the_gvlk(
    session: Sessions, estate: Estate, make: Make, method: ActivationMethod
) -> None:
    with pytest.raises(
        StepFailedError, match=r"The key ending in 22222 belongs to Windows.*application: office\. The module restored the GVLK"
    ):
        make(session(CLIENT), application=Application.OFFICE, activation_method=method)
    assert (product(session(CLIENT)), spent(estate)) == ((GVLK, "gvlk", "LICENSED"), 1)  # mak22 has spent one


def test_a_key_of_office_given_for_windows_is_taken_away_again_and_windows_keeps_its_license(
    session: Sessions, estate: Estate, make: Make
) -> None:
    with pytest.raises(
        StepFailedError,
        match=r"but the task is for application: windows\. The module restored the previous state",
    ):
        make(session("office19"), product_key=ProductKey(OFFICE_MAK))
    left = read_state(session("office19"), frozenset(Application))
    assert [(found.channel.value, found.status.name) for found in left.products if found.partial_product_key] == [("gvlk", "LICENSED")]
    assert spent(estate, OFFICE_MAK) == 0


def test_a_license_that_nobody_can_put_back_is_not_put_at_risk_unasked(session: Sessions, make: Make) -> None:
    here = session("eleven")
    with pytest.raises(TaskRefusedError) as refused:
        make(here, product_key=ProductKey(ENTERPRISE_MAK))
    assert (refused.value.error_code, here.writes) == ("activation_would_be_lost", [])
    outcome = make(session("eleven"), product_key=ProductKey(ENTERPRISE_MAK), lose_activation=True)
    assert outcome.activations_used == 1


def test_a_failure_without_a_way_back_says_what_is_lost(session: Sessions, estate: Estate, make: Make) -> None:
    estate.set_fault("eleven", "mak_exhausted")
    outcome = make(session("eleven"), product_key=ProductKey(ENTERPRISE_MAK), rollback=False, lose_activation=True)
    assert "The module cannot restore the retail key ending in" in str(outcome.message)
    assert "Install this key manually." in str(outcome.message)
