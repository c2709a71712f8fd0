# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A step the machine refuses ends the plan: what was done before is said, and where it can be taken back it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimError, CimInstance
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import (
    StepFailedError,
    TaskRefusedError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state

Sessions = Callable[[str], Any]
Convert = Callable[..., Any]
KMS1 = "kms1.corp.example"
MAK = "MMMMM-KKKKK-MMMMM-BBBBB-22222"
CSVLK = "CCCCC-VVVVV-KKKKK-BBBBB-33333"


def test_a_question_refused_in_between_says_what_was_done(session: Sessions, monkeypatch: Any) -> None:
    mak = session("mak22")
    plan = kms_client.plan(read_state(mak), KmsClientDesired(kms_host=KMS1))

    def refuse(wql: str, namespace: str = "root/cimv2") -> Any:
        raise CimError(0x80041003, wql, namespace)

    monkeypatch.setattr(mak, "query", refuse)
    with pytest.raises(StepFailedError, match="The machine refused a query about its license: 0x80041003") as failure:
        apply(plan, mak)
    assert [step.action for step in failure.value.steps if step.done] == ["set_kms_host", "install_product_key"]


@pytest.mark.parametrize("answer", [[], [CimInstance("SoftwareLicensingProduct", {"LicenseStatus": "soon"})]])
def test_nonsense_reported_in_between_says_what_was_done(session: Sessions, monkeypatch: Any, answer: list[CimInstance]) -> None:
    mak = session("mak22")
    plan = kms_client.plan(read_state(mak), KmsClientDesired(kms_host=KMS1, activate=False))
    monkeypatch.setattr(mak, "query", lambda *_: answer)
    with pytest.raises(StepFailedError, match="The machine returned invalid data about its license") as failure:
        apply(plan, mak)
    assert [step.action for step in failure.value.steps if step.done] == ["set_kms_host", "install_product_key"]


def test_a_host_that_can_neither_be_completed_nor_put_back_keeps_its_first_error(session: Sessions, convert: Convert, estate: Any) -> None:
    client = session("client22")
    estate.set_fault("client22", "wmi_fault", method="SetKeyManagementServicePort", hresult="0x80070005")
    client.lose_answer_of("SetKeyManagementServiceMachine", True, False, False)
    with pytest.raises(StepFailedError, match="Could not set the KMS port to 1690: 0x80070005") as failure:
        convert(client, kms_host="kms2.corp.example", kms_port=1690)
    assert failure.value.step is not None
    assert failure.value.step.action == "set_kms_port"


def test_a_marker_missed_at_the_key_already_is_explained_too(session: Sessions, convert: Convert, estate: Any) -> None:
    estate.set_fault("mak22", "oem_marker_missing", at="install")
    with pytest.raises(StepFailedError) as failure:
        convert(session("mak22"))
    assert failure.value.explanation is not None
    assert (failure.value.explanation.code, failure.value.explanation.subcode) == ("0xC004F035", "oem_marker_missing")
    assert "marker" in failure.value.explanation.cause
    assert [step.action for step in failure.value.steps if step.done] == ["set_kms_host"]


def test_a_refused_key_stops_the_plan_and_says_what_was_done(session: Sessions, convert: Convert, estate: Any) -> None:
    estate.set_fault("mak22", "wmi_fault", method="InstallProductKey", hresult="0xC004F069")
    mak = session("mak22")
    with pytest.raises(StepFailedError) as failure:
        convert(mak)
    assert [(step.action, step.done) for step in failure.value.steps] == [
        ("set_kms_host", True),
        ("install_product_key", False),
        ("activate", False),
    ]
    assert "0xC004F069" in str(failure.value)
    assert "ending in VMK7H" in str(failure.value)
    assert "Activate" not in mak.requests


def test_a_failure_told_by_the_return_value_counts_as_one(session: Sessions, convert: Convert, estate: Any) -> None:
    estate.set_fault("mak22", "return_value", method="InstallProductKey", value="0xC004F050")
    with pytest.raises(StepFailedError, match="0xC004F050"):
        convert(session("mak22"))


def test_a_host_whose_port_cannot_be_written_gives_way_to_the_one_before(session: Sessions, convert: Convert, estate: Any) -> None:
    estate.set_fault("client22", "wmi_fault", method="SetKeyManagementServicePort", hresult="0x80070005")
    client = session("client22")
    with pytest.raises(StepFailedError) as failure:
        convert(client, kms_host="kms2.corp.example", kms_port=1690)
    assert read_state(client).service.kms.host == KMS1
    assert [(step.action, step.done) for step in failure.value.steps] == [
        ("set_kms_host", True),
        ("set_kms_port", False),
        ("restore_kms_host", True),
        ("activate", False),
    ]


def test_a_refresh_that_fails_is_a_warning_and_no_failure(session: Sessions, convert: Convert, estate: Any) -> None:
    estate.set_fault("mak22", "wmi_fault", method="RefreshLicenseStatus", hresult="0x80070005")
    outcome = convert(session("mak22"))
    assert outcome.activation["outcome"] == "activated"
    assert any("refresh" in warning for warning in outcome.warnings)


def test_a_key_outside_the_table_is_refused_unless_it_is_allowed(session: Sessions, convert: Convert) -> None:
    mak = session("client22")
    with pytest.raises(TaskRefusedError, match="not a published GVLK") as refusal:
        convert(mak, product_key=ProductKey(MAK))
    assert refusal.value.error_code == "not_a_gvlk"
    assert MAK not in str(refusal.value)
    assert mak.writes == []


@pytest.mark.parametrize(("key", "kind"), [(MAK, "a MAK"), (CSVLK, "a KMS host key")])
@pytest.mark.parametrize("activate", [True, False])
def test_a_forced_key_that_is_no_client_key_is_taken_back_and_never_activated(
    session: Sessions, convert: Convert, key: str, kind: str, activate: bool
) -> None:
    client = session("client22")
    with pytest.raises(StepFailedError, match=f"is {kind}") as failure:
        convert(client, product_key=ProductKey(key), allow_unknown_key=True, activate=activate)
    assert read_state(client).primary == next(item for item in read_state(client).products if item.partial_product_key == "VMK7H")
    assert "Activate" not in client.requests
    assert [(step.action, step.done) for step in failure.value.steps if step.action != "activate"] == [
        ("install_product_key", True),
        ("restore_product_key", True),
    ]
    assert key not in str(failure.value)


def test_the_gvlk_of_another_edition_is_refused_even_by_force_naming_both(session: Sessions, convert: Convert) -> None:
    client = session("client22")
    datacenter = ProductKey("WX4NM-KYWYW-QJJR4-XV3QB-6VM33")
    with pytest.raises(TaskRefusedError) as refusal:
        convert(client, product_key=datacenter, allow_unknown_key=True)
    assert refusal.value.error_code == "edition_mismatch"
    assert "Windows Server 2022 Datacenter" in refusal.value.message
    assert "ServerStandard" in refusal.value.message
    assert client.writes == []


def test_no_request_but_the_installation_carries_a_key(session: Sessions, convert: Convert) -> None:
    client = session("client22")
    with pytest.raises(StepFailedError) as failure:
        convert(client, product_key=ProductKey(MAK), allow_unknown_key=True)
    assert all(MAK[:23] not in request for request in client.requests)
    assert MAK[:23] not in repr(failure.value.steps)
    assert MAK[:23] not in repr(failure.value.step)
