# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong on the way to a KMS client: each failure is explained, says what was done, and leaves nothing half done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing import kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms_client import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan import Outcome
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import Refusal, StepFailed
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.read import read_state

Sessions = Callable[[str], Any]
KMS1 = "kms1.corp.example"
MAK = "MMMMM-KKKKK-MMMMM-BBBBB-22222"
CSVLK = "CCCCC-VVVVV-KKKKK-BBBBB-33333"


def run(session: Any, naps: Any, **wish: Any) -> Outcome:
    plan = kms_client.plan(read_state(session, edition_id=True), KmsClientDesired(**{"kms_host": KMS1, **wish}))
    return apply(plan, session, clock=naps.clock, sleep=naps.sleep)


def test_a_kms_host_that_is_down_is_named_with_the_reason_from_event_12288(session: Sessions, estate: Any, naps: Any) -> None:
    estate.set_fault("kms1", "kms_host_down")
    grace = session("grace22")
    outcome = run(grace, naps)
    assert outcome.failed
    assert outcome.error is not None
    assert outcome.error["code"] == "0xC004F074"
    assert outcome.error["reason"]["code"] == "0x800706BA"
    assert outcome.error["reason"]["kms_host"] == "kms1.corp.example:1688"
    assert "0x800706BA" in outcome.error["cause"]
    assert outcome.message is not None
    assert all(word in outcome.message for word in ("Windows(R), ServerStandard edition", "0xC004F074", "0x800706BA", "Next: "))
    assert [(step.action, step.done) for step in outcome.steps] == [("set_kms_host", True), ("activate", False)]
    assert outcome.activation["attempts"] == 1
    assert naps.naps == []
    assert sum("Win32_NTLogEvent" in request for request in grace.requests) == 1


def test_a_count_too_low_is_a_result_of_its_own_with_the_count(session: Sessions, naps: Any) -> None:
    outcome = run(session("grace22"), naps, kms_host="young.corp.example")
    assert not outcome.failed
    assert outcome.activation["outcome"] == "waiting_for_count"
    assert outcome.activation["count"] == {"current": 2, "required": 5}
    assert outcome.activation["error"]["code"] == "0xC004F038"
    assert any("count 2 of 5" in warning for warning in outcome.warnings)
    assert outcome.changed  # the host was set


def test_a_count_that_rises_in_time_is_waited_for_with_growing_pauses(session: Sessions, estate: Any, naps: Any) -> None:
    estate.set_fault("kms1", "kms_count", value=3)
    naps.then = lambda now: estate.clear_faults() if now > 60 else None
    outcome = run(session("grace22"), naps, wait=600)
    assert outcome.activation["outcome"] == "activated"
    assert outcome.activation["attempts"] == 5
    assert naps.naps == [5, 10, 20, 40]


def test_the_deadline_ends_the_waiting_with_a_last_attempt_at_its_end(session: Sessions, estate: Any, naps: Any) -> None:
    estate.set_fault("*", "kms_host_down")
    outcome = run(session("grace22"), naps, wait=100)
    assert outcome.failed
    assert sum(naps.naps) == 100
    assert outcome.activation["attempts"] == len(naps.naps) + 1


def test_an_error_that_will_not_pass_is_not_tried_again(session: Sessions, estate: Any, naps: Any) -> None:
    estate.set_fault("kms1", "kms_host_not_activated")
    outcome = run(session("grace22"), naps, wait=600)
    assert outcome.error is not None
    assert outcome.error["code"] == "0xC004F041"
    assert outcome.activation["attempts"] == 1


def test_a_host_that_is_down_behind_dns_is_named_too(session: Sessions, estate: Any, naps: Any, publish: Any) -> None:
    publish("kms2")
    estate.set_fault("kms2", "kms_port_closed")
    outcome = run(session("grace22"), naps, kms_host=None)
    assert outcome.error is not None
    assert outcome.error["reason"]["kms_host"] == "kms2.corp.example:1690"
    assert outcome.activation["kms_host"] == "kms2.corp.example:1690"


def test_no_srv_record_is_said_by_its_own_code(session: Sessions, estate: Any, naps: Any) -> None:
    estate.set_fault("*", "no_srv")
    outcome = run(session("grace22"), naps, kms_host=None)
    assert outcome.error is not None
    assert outcome.error["code"] == "0x8007232B"
    assert outcome.error["next_steps"]


def test_a_yes_that_the_state_does_not_bear_out_is_a_failure(session: Sessions, naps: Any) -> None:
    grace = session("grace22")
    grace.swallow("Activate")
    outcome = run(grace, naps)
    assert outcome.failed
    assert outcome.message is not None
    assert "Activate reported success, but the product is initial_grace" in outcome.message


def test_a_question_refused_in_between_says_what_was_done(session: Sessions, monkeypatch: Any) -> None:
    mak = session("mak22")
    plan = kms_client.plan(read_state(mak), KmsClientDesired(kms_host=KMS1))

    def refuse(wql: str, namespace: str = "root/cimv2") -> Any:
        raise CimError(0x80041003, wql, namespace)

    monkeypatch.setattr(mak, "query", refuse)
    with pytest.raises(StepFailed, match="already done: set the KMS host") as failure:
        apply(plan, mak)
    assert [step.action for step in failure.value.done_steps] == ["set_kms_host", "install_product_key"]


def test_clocks_apart_are_named(session: Sessions, estate: Any, naps: Any) -> None:
    estate.set_fault("grace22", "clock_skew", minutes=600)
    outcome = run(session("grace22"), naps)
    assert outcome.error is not None
    assert outcome.error["code"] == "0xC004F06C"


def test_a_missing_oem_marker_is_told_from_a_wrong_key(session: Sessions, naps: Any) -> None:
    outcome = run(session("oem7"), naps)
    assert outcome.error is not None
    assert outcome.error["code"] == "0xC004F035"
    assert outcome.error["detail"] == "oem_marker_missing"
    assert "MAK" in outcome.error["next_steps"][0]


def test_a_marker_missed_at_the_key_already_is_explained_too(session: Sessions, estate: Any, naps: Any) -> None:
    estate.set_fault("mak22", "oem_marker_missing", at="install")
    with pytest.raises(StepFailed) as failure:
        run(session("mak22"), naps)
    assert failure.value.explanation is not None
    assert failure.value.explanation.code == "0xC004F035"
    assert "marker" in failure.value.explanation.cause
    assert [step.action for step in failure.value.done_steps] == ["set_kms_host"]


def test_a_refused_key_stops_the_plan_and_says_what_was_done(session: Sessions, estate: Any, naps: Any) -> None:
    estate.set_fault("mak22", "wmi_fault", method="InstallProductKey", hresult="0xC004F069")
    mak = session("mak22")
    with pytest.raises(StepFailed) as failure:
        run(mak, naps)
    assert [(step.action, step.done) for step in failure.value.steps] == [
        ("set_kms_host", True),
        ("install_product_key", False),
        ("activate", False),
    ]
    assert "0xC004F069" in str(failure.value)
    assert "ending VMK7H" in str(failure.value)
    assert "Activate" not in mak.requests


def test_a_failure_told_by_the_return_value_counts_as_one(session: Sessions, estate: Any, naps: Any) -> None:
    estate.set_fault("mak22", "return_value", method="InstallProductKey", value="0xC004F050")
    with pytest.raises(StepFailed, match="0xC004F050"):
        run(session("mak22"), naps)


def test_a_host_whose_port_cannot_be_written_gives_way_to_the_one_before(session: Sessions, estate: Any, naps: Any) -> None:
    estate.set_fault("client22", "wmi_fault", method="SetKeyManagementServicePort", hresult="0x80070005")
    client = session("client22")
    with pytest.raises(StepFailed) as failure:
        run(client, naps, kms_host="kms2.corp.example", kms_port=1690)
    assert read_state(client).service.kms.host == KMS1
    assert [(step.action, step.done) for step in failure.value.steps] == [
        ("set_kms_host", True),
        ("set_kms_port", False),
        ("restore_kms_host", True),
        ("activate", False),
    ]


@pytest.mark.parametrize("method", ["SetKeyManagementServiceMachine", "InstallProductKey"])
def test_a_lost_answer_to_a_write_that_took_effect_is_read_off_the_state_and_not_sent_again(
    session: Sessions, naps: Any, method: str
) -> None:
    mak = session("mak22")
    mak.lose_answer_of(method, True)
    outcome = run(mak, naps)
    assert outcome.activation["outcome"] == "activated"
    assert all(step.done for step in outcome.steps)
    assert mak.requests.count(method) == 1


@pytest.mark.parametrize("method", ["SetKeyManagementServiceMachine", "InstallProductKey"])
def test_a_harmless_write_that_never_arrived_is_sent_once_more_after_looking(session: Sessions, naps: Any, method: str) -> None:
    mak = session("mak22")
    mak.lose_answer_of(method, False)
    assert run(mak, naps).activation["outcome"] == "activated"
    assert mak.requests.count(method) == 2


def test_a_write_that_is_lost_twice_fails_the_task_with_the_truth(session: Sessions, naps: Any) -> None:
    mak = session("mak22")
    mak.lose_answer_of("InstallProductKey", False, False)
    with pytest.raises(StepFailed, match="the answer was lost") as failure:
        run(mak, naps)
    assert [step.action for step in failure.value.done_steps] == ["set_kms_host"]


def test_an_activation_whose_answer_was_lost_is_proven_by_the_state(session: Sessions, naps: Any) -> None:
    mak = session("mak22")
    mak.lose_answer_of("Activate", True)
    outcome = run(mak, naps)
    assert outcome.activation["outcome"] == "activated"
    assert mak.requests.count("Activate") == 1


def test_an_activation_that_goes_on_after_the_timeout_is_waited_for_and_not_started_again(session: Sessions, naps: Any) -> None:
    mak = session("mak22")
    mak.lose_answer_of("Activate", False)
    worker = session("mak22")

    def finish(now: float) -> None:
        state = read_state(worker)
        if now >= 15 and state.primary and not state.primary.status.is_activated:
            worker.invoke(state.primary.path, "Activate", {})

    naps.then = finish
    outcome = run(mak, naps)
    assert outcome.activation["outcome"] == "activated"
    assert mak.requests.count("Activate") == 1
    assert naps.naps == [5, 10]


def test_an_activation_that_never_shows_is_reported_as_lost(session: Sessions, naps: Any) -> None:
    mak = session("mak22")
    mak.lose_answer_of("Activate", False)
    outcome = run(mak, naps)
    assert outcome.failed
    assert outcome.message is not None
    assert "the answer was lost" in outcome.message
    assert mak.requests.count("Activate") == 1


def test_a_lost_activation_that_failed_on_the_machine_is_explained_from_its_event(session: Sessions, estate: Any, naps: Any) -> None:
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
    outcome = run(grace, naps)
    assert outcome.error is not None
    assert outcome.error["code"] == "0xC004F041"


def test_a_licensed_client_whose_reactivation_was_lost_needs_more_than_its_old_licence_as_proof(
    session: Sessions, estate: Any, naps: Any
) -> None:
    client = session("client22")
    estate.advance(timedelta(hours=1))
    client.lose_answer_of("Activate", False)
    assert run(client, naps, kms_host="kms2.corp.example", kms_port=1690).failed
    client.lose_answer_of("Activate", True)
    estate.advance(timedelta(hours=1))
    assert run(client, naps, kms_host=KMS1).activation["outcome"] == "activated"


def test_a_connection_that_breaks_for_good_says_what_was_done_before(session: Sessions, naps: Any) -> None:
    mak = session("mak22")
    mak.break_at("InstallProductKey")
    with pytest.raises(UnreachableError, match=r"already done: set the KMS host to kms1\.corp\.example"):
        run(mak, naps)


@pytest.mark.parametrize("method", ["InstallProductKey", "Activate"])
def test_a_machine_that_is_gone_after_a_lost_answer_is_unreachable_with_the_write_named(session: Sessions, naps: Any, method: str) -> None:
    mak = session("mak22")
    mak.lose_answer_of(method, True)
    plan = kms_client.plan(read_state(mak), KmsClientDesired(kms_host=KMS1))
    mak.break_at("SELECT * FROM SoftwareLicensingProduct WHERE " + ("ApplicationID" if method == "InstallProductKey" else "ID="))
    with pytest.raises(UnreachableError, match=f"{method} was sent, but its outcome is unknown.*already done: set the KMS host"):
        apply(plan, mak, clock=naps.clock, sleep=naps.sleep)


def test_a_refresh_that_fails_is_a_warning_and_no_failure(session: Sessions, estate: Any, naps: Any) -> None:
    estate.set_fault("mak22", "wmi_fault", method="RefreshLicenseStatus", hresult="0x80070005")
    outcome = run(session("mak22"), naps)
    assert outcome.activation["outcome"] == "activated"
    assert any("refresh" in warning for warning in outcome.warnings)


def test_a_key_outside_the_table_is_refused_without_force(session: Sessions, naps: Any) -> None:
    mak = session("client22")
    with pytest.raises(Refusal, match="not among the GVLKs") as refusal:
        run(mak, naps, product_key=ProductKey(MAK))
    assert refusal.value.code == "not_a_gvlk"
    assert MAK not in str(refusal.value)
    assert mak.writes == []


@pytest.mark.parametrize(("key", "kind"), [(MAK, "a MAK"), (CSVLK, "a KMS host key")])
@pytest.mark.parametrize("activate", [True, False])
def test_a_forced_key_that_is_no_client_key_is_taken_back_and_never_activated(
    session: Sessions, naps: Any, key: str, kind: str, activate: bool
) -> None:
    client = session("client22")
    with pytest.raises(StepFailed, match=f"as {kind}") as failure:
        run(client, naps, product_key=ProductKey(key), force=True, activate=activate)
    assert read_state(client).primary == next(item for item in read_state(client).products if item.partial_product_key == "VMK7H")
    assert "Activate" not in client.requests
    assert [(step.action, step.done) for step in failure.value.steps if step.action != "activate"] == [
        ("install_product_key", True),
        ("restore_product_key", True),
    ]
    assert key not in str(failure.value)


def test_the_gvlk_of_another_edition_is_refused_even_by_force_naming_both(session: Sessions, naps: Any) -> None:
    client = session("client22")
    datacenter = ProductKey("WX4NM-KYWYW-QJJR4-XV3QB-6VM33")
    with pytest.raises(Refusal) as refusal:
        run(client, naps, product_key=datacenter, force=True)
    assert refusal.value.code == "edition_mismatch"
    assert "Windows Server 2022 Datacenter" in refusal.value.message
    assert "ServerStandard" in refusal.value.message
    assert client.writes == []


def test_no_request_but_the_installation_carries_a_key(session: Sessions, naps: Any) -> None:
    client = session("client22")
    with pytest.raises(StepFailed) as failure:
        run(client, naps, product_key=ProductKey(MAK), force=True)
    assert all(MAK[:23] not in request for request in client.requests)
    assert MAK[:23] not in repr(failure.value.steps)
    assert MAK[:23] not in repr(failure.value.step)
