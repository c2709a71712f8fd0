# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine gets a MAK over a connection that may break anywhere: never two activations, and never worse off than before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import UnreachableError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing import gvlk, kms_client, mak_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms_client import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.mak_client import MakDesired, Method
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan import Outcome
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import Refusal, StepFailed
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.read import read_state
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.report import describe
from winlab.world.estate import Estate

from .conftest import LabSession, Naps

Sessions = Callable[[str], LabSession]
Make = Callable[..., Outcome]
MAK = "MMMMM-KKKKK-MMMMM-BBBBB-22222"
RETAIL = "RRRRR-TTTTT-RRRRR-BBBBB-44444"
CLIENT = "client22"
GVLK = "VMK7H"
PUBLISHED = next(entry for entry in gvlk.catalogue() if entry.last_five == GVLK)
NO_NAME, TIMEOUT = "0x80072EE7", "0x80072EE2"


@pytest.fixture
def make(naps: Naps) -> Make:
    """Activate a machine with the MAK, or as the wish says, on the clock of `naps`."""

    def run(session: LabSession, **wish: Any) -> Outcome:
        plan = mak_client.plan_for(session, MakDesired(**{"product_key": ProductKey(MAK), **wish}))
        return apply(plan, session, clock=naps.clock, sleep=naps.sleep)

    return run


def spent(estate: Estate, key: str = MAK) -> int:
    found = estate.keys.of(key)
    assert found is not None
    return found.used


def actions(outcome: Outcome) -> list[tuple[str, bool]]:
    return [(step.action, step.done) for step in outcome.steps]


def product(session: LabSession) -> tuple[str | None, str, str]:
    primary = read_state(session).primary
    assert primary is not None
    return primary.partial_product_key, primary.channel.value, primary.status.name


def test_a_kms_client_gets_a_mak_and_a_second_run_writes_nothing(session: Sessions, estate: Estate, make: Make) -> None:
    before = spent(estate)
    outcome = make(session(CLIENT), clear_kms_settings=True)
    assert actions(outcome) == [("install_product_key", True), ("activate", True), ("clear_kms_host", True)]
    assert (outcome.activations_spent, spent(estate) - before) == (1, 1)
    again = session(CLIENT)
    assert make(again, clear_kms_settings=True).changed is False
    assert again.writes == []


def test_kms_settings_stay_unless_they_are_to_go(session: Sessions, make: Make) -> None:
    make(session(CLIENT))
    assert read_state(session(CLIENT)).service.kms.host == "kms1.corp.example"


def test_the_way_to_a_mak_and_back_leaves_the_machine_as_it_was(
    session: Sessions, make: Make, naps: Naps, publish: Callable[..., None]
) -> None:
    publish("kms1")
    before = describe(read_state(session(CLIENT)))
    make(session(CLIENT))
    back = session(CLIENT)
    plan = kms_client.plan(read_state(back, edition_id=True), KmsClientDesired())
    apply(plan, back, clock=naps.clock, sleep=naps.sleep)
    after = describe(read_state(session(CLIENT)))
    clock = ("grace_minutes", "expires", "trusted_time", "extended_pid")
    for state in (before, after):
        for name in clock:
            state["products"][0].pop(name)
    assert after == before
    assert kms_client.plan(read_state(back, edition_id=True), KmsClientDesired()).changed is False


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
    assert (outcome.failed, outcome.activations_spent, here.requests.count("Activate"), spent(estate) - before) == (False, 1, 1, 1)


def test_an_activation_nobody_knows_about_is_neither_repeated_nor_taken_back(session: Sessions, estate: Estate, make: Make) -> None:
    before = spent(estate)
    here = session(CLIENT)
    here.lose_answer_of("Activate", False)
    outcome = make(here, wait=3600)
    assert (outcome.failed, outcome.rolled_back, here.requests.count("Activate"), spent(estate) - before) == (True, False, 1, 0)
    assert product(session(CLIENT))[:2] == ("22222", "mak")
    assert any("the new key stays" in warning for warning in outcome.warnings)
    assert any("whether Microsoft counted this attempt" in warning for warning in outcome.warnings)


def test_a_machine_that_cannot_reach_microsoft_tries_again_until_it_can(session: Sessions, estate: Estate, make: Make, naps: Naps) -> None:
    before = spent(estate)
    estate.set_fault(CLIENT, "wmi_fault", method="Activate", hresult=NO_NAME, times=3)
    here = session(CLIENT)
    outcome = make(here, wait=600)
    assert (outcome.failed, here.requests.count("Activate"), spent(estate) - before) == (False, 4, 1)
    assert naps.naps == [5, 10, 20]


def test_an_attempt_that_microsoft_may_have_counted_is_not_repeated_whatever_the_wait(
    session: Sessions, estate: Estate, make: Make
) -> None:
    estate.set_fault("grace22", "wmi_fault", method="Activate", hresult=TIMEOUT, times=1)
    here = session("grace22")
    outcome = make(here, wait=600, rollback=False)
    assert (outcome.failed, here.requests.count("Activate")) == (True, 1)
    assert any("whether Microsoft counted this attempt" in warning for warning in outcome.warnings)


@pytest.mark.parametrize("code", ["0xC004C003", "0xC004C008", "0xC004C020", "0xC004C021", "0xC004FC07", "0xC004C001"])
def test_a_mak_that_is_refused_gives_way_to_the_gvlk_and_the_machine_is_licensed_again(
    session: Sessions, estate: Estate, make: Make, code: str
) -> None:
    estate.set_fault(CLIENT, "wmi_fault", method="Activate", hresult=code, times=1)
    here = session(CLIENT)
    outcome = make(here, wait=600)
    assert outcome.error is not None
    assert (outcome.error["code"], outcome.rolled_back, outcome.activations_spent) == (code, True, 0)
    assert actions(outcome) == [
        ("install_product_key", True), ("activate", False), ("restore_product_key", True), ("activate_again", True),
    ]  # fmt: skip
    assert product(session(CLIENT)) == (GVLK, "gvlk", "LICENSED")
    assert outcome.message is not None
    assert "The machine went back to the GVLK ending VMK7H. It is licensed again." in outcome.message


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
        "It is not licensed now, and it could not activate the KMS client with the GVLK ending VMK7H again: 0xC004F074" in outcome.message
    )
    assert "KMS host kms1.corp.example:1688 gave 0x800706BA" in outcome.message
    assert outcome.message.count("Next:") == 1


def test_a_way_back_that_fails_is_said_beside_what_failed_first(session: Sessions, estate: Estate, make: Make) -> None:
    estate.set_fault(CLIENT, "mak_exhausted")
    here = session(CLIENT)
    here.before("Activate", lambda: estate.set_fault(CLIENT, "wmi_fault", method="InstallProductKey", hresult="0x80070005"))
    outcome = make(here)
    assert (outcome.failed, outcome.rolled_back, product(session(CLIENT))[:2]) == (True, False, ("22222", "mak"))
    assert outcome.message is not None
    assert "0xC004C020" in outcome.message
    assert "Going back failed too: it could not install the GVLK ending VMK7H again: 0x80070005 E_ACCESSDENIED" in outcome.message
    assert (outcome.message.count("Next:"), ".." in outcome.message) == (1, False)


def test_a_key_that_is_no_mak_is_not_activated_and_the_gvlk_comes_back(session: Sessions, estate: Estate, make: Make) -> None:
    here = session(CLIENT)
    with pytest.raises(StepFailed, match=r"the key ending 44444 as a key of channel retail, which is no MAK.*went back to the GVLK ending"):
        make(here, product_key=ProductKey(RETAIL))
    assert here.requests.count("Activate") == 1  # the KMS client's own
    assert (spent(estate, RETAIL), product(session(CLIENT))) == (0, (GVLK, "gvlk", "LICENSED"))


@pytest.mark.parametrize("method", list(Method))
def test_a_licensed_mak_is_never_activated_again(session: Sessions, make: Make, method: Method) -> None:
    here = session("mak22")
    found = read_state(here).primary
    assert found is not None
    more = {"confirmation_id": "1" * 48} if method.takes_confirmation_id else {}
    outcome = make(here, product_key=None, method=method, **more)
    assert (outcome.changed, outcome.activations_spent, here.writes) == (False, 0, [])


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


def installation_id(session: LabSession) -> str:
    primary = read_state(session).primary
    assert primary is not None
    assert primary.installation_id is not None
    return primary.installation_id


def test_by_telephone_the_key_is_installed_first_and_the_confirmation_id_deposited_later(
    session: Sessions, estate: Estate, make: Make
) -> None:
    waiting = make(session(CLIENT), method=Method.OFFLINE)
    assert (waiting.activation["outcome"], waiting.activations_spent) == ("needs_confirmation_id", 0)
    told = installation_id(session(CLIENT))
    answer = estate.phone(told)
    used = spent(estate)
    outcome = make(session(CLIENT), method=Method.OFFLINE, product_key=None, confirmation_id=answer, installation_id=told)
    assert (actions(outcome), outcome.activations_spent) == ([("activate", True)], 0)
    assert (spent(estate), product(session(CLIENT))[2]) == (used, "LICENSED")


def test_a_mistyped_group_is_named_before_it_is_sent_and_when_windows_says_no(session: Sessions, estate: Estate, make: Make) -> None:
    make(session(CLIENT), method=Method.PROXY)
    answer = estate.phone(installation_id(session(CLIENT)))
    wrong = answer[:13] + str((int(answer[13]) + 1) % 7) + answer[14:]
    outcome = make(session(CLIENT), method=Method.PROXY, product_key=None, confirmation_id=wrong)
    assert any("the check digit of group C does not fit" in warning for warning in outcome.warnings)
    assert outcome.error is not None
    assert outcome.error["code"] == "0xC004F04D"
    assert "group C" in outcome.error["next_steps"][0]


def test_a_confirmation_id_for_another_installation_id_is_not_sent(session: Sessions, estate: Estate, make: Make) -> None:
    make(session(CLIENT), method=Method.PROXY)
    told = installation_id(session(CLIENT))
    answer = estate.phone(told)
    estate.change_hardware(CLIENT)
    here = session(CLIENT)
    with pytest.raises(Refusal, match="another installation ID") as refused:
        make(here, method=Method.PROXY, product_key=None, confirmation_id=answer, installation_id=told)
    assert (refused.value.code, here.writes) == ("stale_installation_id", [])


def test_a_stale_confirmation_id_that_shows_only_after_the_key_is_there_brings_the_gvlk_back(
    session: Sessions, estate: Estate, make: Make
) -> None:
    make(session(CLIENT), method=Method.PROXY)
    told = installation_id(session(CLIENT))
    answer = estate.phone(told)
    back = session(CLIENT)
    plan = kms_client.plan(read_state(back, edition_id=True), KmsClientDesired())
    apply(plan, back)
    estate.change_hardware(CLIENT)
    here = session(CLIENT)
    outcome = make(here, method=Method.PROXY, confirmation_id=answer, installation_id=told)
    assert outcome.error is not None
    assert (outcome.error["code"], outcome.rolled_back) == ("stale_installation_id", True)
    assert "DepositOfflineConfirmationId" not in here.requests
    assert product(session(CLIENT)) == (GVLK, "gvlk", "LICENSED")


def test_the_same_key_on_the_same_hardware_takes_the_recorded_confirmation_id_in_one_task(
    session: Sessions, estate: Estate, make: Make
) -> None:
    make(session(CLIENT), method=Method.PROXY)
    told = installation_id(session(CLIENT))
    answer, used = estate.phone(told), spent(estate)
    estate.rebuild(CLIENT)
    outcome = make(session(CLIENT), method=Method.PROXY, confirmation_id=answer, installation_id=told)
    assert (outcome.failed, spent(estate), product(session(CLIENT))[2]) == (False, used, "LICENSED")


@pytest.mark.parametrize(
    ("machine", "wish", "code"),
    [
        ("home", {}, "edition_takes_no_mak"),
        ("eval22", {}, "evaluation_edition"),
        ("host22", {}, "is_kms_host"),
        (CLIENT, {"edition": "ServerDatacenter"}, "edition_mismatch"),
        (CLIENT, {"product_key": None}, "product_key_missing"),
        ("mak22", {"product_key": PUBLISHED.key}, "not_a_mak"),
    ],
)
def test_what_must_not_be_done_is_refused_before_anything_is_sent(
    session: Sessions, make: Make, machine: str, wish: dict[str, Any], code: str
) -> None:
    here = session(machine)
    with pytest.raises(Refusal) as refused:
        make(here, **wish)
    assert (refused.value.code, here.writes) == (code, [])
