# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer to a write went missing: the state is read, and nothing that may have happened is sent again blindly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.account import Account
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import StepFailedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state

Sessions = Callable[[str], Any]
Convert = Callable[..., Any]
KMS1 = "kms1.corp.example"


@pytest.mark.parametrize("method", ["SetKeyManagementServiceMachine", "InstallProductKey"])
def test_a_lost_answer_to_a_write_that_took_effect_is_read_off_the_state_and_not_sent_again(
    session: Sessions, convert: Convert, method: str
) -> None:
    mak = session("mak22")
    mak.lose_answer_of(method, True)
    outcome = convert(mak)
    assert outcome.activation["outcome"] == "activated"
    assert all(step.done for step in outcome.steps)
    assert mak.requests.count(method) == 1


@pytest.mark.parametrize("method", ["SetKeyManagementServiceMachine", "InstallProductKey"])
def test_a_harmless_write_that_never_arrived_is_sent_once_more_after_looking(session: Sessions, convert: Convert, method: str) -> None:
    mak = session("mak22")
    mak.lose_answer_of(method, False)
    assert convert(mak).activation["outcome"] == "activated"
    assert mak.requests.count(method) == 2


def test_a_write_that_is_lost_twice_fails_the_task_with_the_truth(session: Sessions, convert: Convert) -> None:
    mak = session("mak22")
    mak.lose_answer_of("InstallProductKey", False, False)
    with pytest.raises(StepFailedError, match="the response was lost") as failure:
        convert(mak)
    assert [step.action for step in failure.value.steps if step.done] == ["set_kms_host"]


def test_an_activation_whose_answer_was_lost_is_proven_by_the_state(session: Sessions, convert: Convert) -> None:
    mak = session("mak22")
    mak.lose_answer_of("Activate", True)
    outcome = convert(mak)
    assert outcome.activation["outcome"] == "activated"
    assert mak.requests.count("Activate") == 1


def test_an_activation_that_goes_on_after_the_timeout_is_waited_for_and_not_started_again(
    session: Sessions, convert: Convert, naps: Any
) -> None:
    mak = session("mak22")
    mak.lose_answer_of("Activate", False)
    worker = session("mak22")

    def finish(now: float) -> None:
        state = read_state(worker)
        if now >= 15 and state.primary and not state.primary.status.is_activated:
            worker.invoke(state.primary.path, "Activate", {})

    naps.then = finish
    outcome = convert(mak)
    assert outcome.activation["outcome"] == "activated"
    assert mak.requests.count("Activate") == 1
    assert naps.naps == [5, 10]


def test_an_activation_that_never_shows_is_reported_as_lost(session: Sessions, convert: Convert) -> None:
    mak = session("mak22")
    mak.lose_answer_of("Activate", False)
    outcome = convert(mak)
    assert outcome.failed
    assert outcome.message is not None
    assert "the response was lost" in outcome.message
    assert outcome.error is not None
    assert outcome.error["code"] == "unknown_outcome"  # no code of WinRM, which did not say anything
    assert "0x80338029" not in outcome.message
    assert "activation_info" in outcome.error["next_steps"][0]
    assert outcome.activation["error"] == outcome.error
    assert mak.requests.count("Activate") == 1


def test_a_lost_activation_that_failed_on_the_machine_is_explained_from_its_event(
    session: Sessions, convert: Convert, estate: Any, naps: Any
) -> None:
    estate.set_fault("kms1", "kms_host_not_activated")
    grace = session("grace22")
    grace.lose_answer_of("Activate", False)
    worker = session("grace22")

    def fail(_now: float) -> None:
        state = read_state(worker)
        assert state.primary
        with pytest.raises(Exception, match="C004F041"):
            worker.invoke(state.primary.path, "Activate", {})

    naps.then = fail
    outcome = convert(grace)
    assert outcome.error is not None
    assert outcome.error["code"] == "0xC004F041"


def test_a_licensed_client_whose_reactivation_was_lost_needs_more_than_its_old_license_as_proof(
    session: Sessions, convert: Convert, estate: Any
) -> None:
    client = session("client22")
    estate.advance(timedelta(hours=1))
    client.lose_answer_of("Activate", False)
    assert convert(client, kms_host="kms2.corp.example", kms_port=1690).failed
    client.lose_answer_of("Activate", True)
    estate.advance(timedelta(hours=1))
    assert convert(client, kms_host=KMS1).activation["outcome"] == "activated"


def test_a_connection_that_breaks_for_good_says_what_was_done_before(session: Sessions, convert: Convert) -> None:
    mak = session("mak22")
    mak.break_at("InstallProductKey")
    account = Account()
    with pytest.raises(UnreachableError):
        convert(mak, account=account)
    assert account.completed_summary() == " Completed steps: set the KMS host to kms1.corp.example."


@pytest.mark.parametrize("method", ["InstallProductKey", "Activate"])
def test_a_machine_that_is_gone_after_a_lost_answer_is_unreachable_with_the_write_named(session: Sessions, naps: Any, method: str) -> None:
    mak = session("mak22")
    mak.lose_answer_of(method, True)
    plan = kms_client.plan(read_state(mak), KmsClientDesired(kms_host=KMS1))
    account = Account()
    mak.break_at("SELECT * FROM SoftwareLicensingProduct WHERE " + ("ApplicationID" if method == "InstallProductKey" else "ID="))
    with pytest.raises(UnreachableError, match=f"{method} was sent, but its outcome is unknown"):
        apply(plan, mak, clock=naps.clock, sleep=naps.sleep, account=account)
    assert account.completed_summary().startswith(" Completed steps: set the KMS host")
    action = {"Activate": "activate"}.get(method, "install_product_key")
    assert [step.uncertain for step in account.steps if step.action == action] == [True]
