# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decisions of kms_client about single machines: which key, which host, refused or left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import gvlk
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.model import KmsClient
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicensePlan
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    ActivationState,
    ActivationType,
    Channel,
    Feature,
    KmsHost,
    LicensedProduct,
    LicenseStatus,
    ProductType,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey

Products = Callable[..., LicensedProduct]
States = Callable[..., ActivationState]
UNKNOWN = ProductKey("BBBBB-CCCCC-DDDDD-FFFFF-GGGGG")
VISTA_ERA: dict[str, Any] = {"version": "6.0.6002", "build": 6002, "caption": "Windows Server 2008 Standard"}


def plan(state: ActivationState, **desired: Any) -> LicensePlan:
    return kms_client.plan(state, KmsClientDesired(**desired))


def actions(found: LicensePlan) -> list[str]:
    return [step.action for step in found.steps]


def test_a_gvlk_this_collection_does_not_know_is_left_alone(make_client: Products, make_state: States) -> None:
    newer = make_client(family="ServerAnnual", partial_product_key="VNEXT")
    assert plan(make_state(newer, build=29651)).is_empty


def test_the_gvlk_of_another_build_is_replaced(make_client: Products, make_state: States) -> None:
    old = make_client(partial_product_key="J464C")  # of Server 2019
    found = plan(make_state(old))
    assert found.steps[0].description == "install the GVLK ending in VMK7H for ServerStandard (replaces the GVLK ending in J464C)"


def test_the_same_last_five_on_another_channel_is_not_the_same_key(make_mak: Products, make_state: States) -> None:
    assert "install_product_key" in actions(plan(make_state(make_mak(partial_product_key="VMK7H"))))


def test_a_forced_key_that_is_installed_already_is_not_installed_again(make_client: Products, make_state: States) -> None:
    state = make_state(make_client(partial_product_key=UNKNOWN.partial_product_key))
    assert plan(state, product_key=UNKNOWN).is_empty
    assert plan(state, product_key=UNKNOWN, allow_unknown_key=True).is_empty


def test_a_forced_key_is_not_sent_twice_even_after_a_lost_answer(make_mak: Products, make_state: States) -> None:
    install = next(step for step in plan(make_state(make_mak()), product_key=UNKNOWN, allow_unknown_key=True).steps if step.key)
    assert not install.repeatable


def test_a_given_gvlk_of_the_edition_is_taken_without_allowing_it(make_mak: Products, make_state: States) -> None:
    key = gvlk.choose_gvlk(make_state().os, "ServerStandard").key
    assert actions(plan(make_state(make_mak()), product_key=key)) == ["install_product_key"]


def test_the_gvlk_of_an_office_product_is_refused(make_mak: Products, make_state: States) -> None:
    office = next(entry for entry in gvlk.catalog() if not entry.edition_id and entry.product == "Office Professional Plus 2019")
    with pytest.raises(TaskRefusedError) as refusal:
        plan(make_state(make_mak()), product_key=office.key)
    assert refusal.value.error_code == "edition_mismatch"
    assert "Office Professional Plus 2019" in refusal.value.message


def test_a_published_key_no_volume_edition_uses_is_refused(make_mak: Products, make_state: States) -> None:
    core = next(entry for entry in gvlk.catalog() if not entry.auto_select)
    client = make_state(make_mak(family="Core"), build=9200, product_type=ProductType.CLIENT, version="6.2.9200")
    with pytest.raises(TaskRefusedError, match="not a volume edition"):
        plan(client, product_key=core.key, allow_unknown_key=True)


def test_without_key_and_edition_id_only_a_given_key_helps(make_state: States) -> None:
    with pytest.raises(TaskRefusedError) as refusal:
        plan(make_state())
    assert refusal.value.error_code == "edition_unknown"
    key = gvlk.choose_gvlk(make_state().os, "ServerStandard").key
    assert actions(plan(make_state(), product_key=key)) == ["install_product_key"]


def test_an_evaluation_is_refused_by_its_channel_too(make_mak: Products, make_state: States) -> None:
    with pytest.raises(TaskRefusedError) as refusal:
        plan(make_state(make_mak(channel=Channel.EVALUATION)))
    assert refusal.value.error_code == "evaluation_edition"


def test_an_evaluation_that_was_forced_a_key_on_is_refused_just_the_same(make_mak: Products, make_state: States) -> None:
    with pytest.raises(TaskRefusedError, match="does not accept a GVLK"):
        plan(make_state(make_mak(family="ServerStandardEval")), product_key=UNKNOWN, allow_unknown_key=True)


@pytest.mark.parametrize("sign", ["channel", "product", "service"])
def test_a_kms_host_is_recognized_by_its_key_its_product_or_its_service(make_mak: Products, make_state: States, sign: str) -> None:
    on = KmsHost(enabled=True)
    product = make_mak(channel=Channel.CSVLK if sign == "channel" else Channel.RETAIL, kms_host=on if sign == "product" else KmsHost())
    state = make_state(product, service={"kms_host": on if sign == "service" else KmsHost()}, edition_id="ServerStandard")
    with pytest.raises(TaskRefusedError) as refusal:
        plan(state)
    assert refusal.value.error_code == "is_kms_host"
    assert actions(plan(state, convert_kms_host=True)) == ["install_product_key"]


def test_a_machine_that_hosts_office_and_is_a_windows_client_may_be_configured(make_client: Products, make_state: States) -> None:
    state = make_state(make_client(), service={"kms_host": KmsHost(enabled=True)})
    assert actions(plan(state, kms_host="kms1")) == ["set_kms_host"]


def test_the_edition_in_the_registry_counts_more_than_the_family_of_a_host_key(make_mak: Products, make_state: States) -> None:
    state = make_state(make_mak(channel=Channel.CSVLK, family="ServerDatacenter"), edition_id="ServerStandard")
    assert plan(state, convert_kms_host=True).after["partial_product_key"] == "VMK7H"


@pytest.mark.parametrize("status", list(LicenseStatus))
def test_a_client_is_activated_unless_licensed_or_in_extended_grace(
    make_client: Products, make_state: States, status: LicenseStatus
) -> None:
    found = plan(make_state(make_client(status=status)))
    assert (found.activation is None) == (status in (LicenseStatus.LICENSED, LicenseStatus.EXTENDED_GRACE))
    assert plan(make_state(make_client(status=status)), activate=False).activation is None


def test_a_licensed_client_asks_again_only_when_told_to_and_spends_nothing(make_client: Products, make_state: States) -> None:
    state = make_state(make_client())
    assert plan(state).is_empty
    found = plan(state, reactivate=True)
    assert (found.steps, found.changed, found.before == found.after) == ((), True, True)
    assert found.activation is not None
    assert found.activation.consumes is None


@pytest.mark.parametrize("kind", [ActivationType.AD, ActivationType.TOKEN])
def test_without_a_kms_host_to_ask_there_is_nothing_to_renew(make_client: Products, make_state: States, kind: ActivationType) -> None:
    assert plan(make_state(make_client(allowed_type=kind)), reactivate=True).is_empty


@pytest.mark.parametrize(
    ("used", "kind", "is_due"),
    [
        (ActivationType.KMS, ActivationType.AD, True),
        (ActivationType.AD, ActivationType.AD, False),
        (ActivationType.AD, ActivationType.KMS, True),
        (ActivationType.TOKEN, ActivationType.KMS, True),
        (ActivationType.KMS, ActivationType.KMS, False),
        (ActivationType.AD, ActivationType.ALL, False),
        (ActivationType.KMS, ActivationType.ALL, False),
        (None, ActivationType.AD, False),
        (ActivationType.KMS, ActivationType.TOKEN, False),
    ],
)
@pytest.mark.parametrize("is_set", [False, True])
def test_a_licensed_client_is_activated_again_if_its_type_no_longer_permits_how_it_was_activated(
    make_client: Products, make_state: States, used: ActivationType | None, kind: ActivationType, is_due: bool, is_set: bool
) -> None:
    """Also if the type was set before: a run that ended between the setting and the activation is completed by the next one."""
    allowed = kind if is_set else ActivationType.TOKEN if kind is ActivationType.ALL else ActivationType.ALL
    found = plan(make_state(make_client(used_type=used, allowed_type=allowed)), activation_type=kind)
    assert (found.activation is not None) == is_due
    assert actions(found) == ([] if is_set else ["set_activation_type"])


def test_activate_false_wins_over_reactivate(make_client: Products, make_state: States) -> None:
    found = plan(make_state(make_client()), reactivate=True, activate=False)
    assert (found.is_empty, found.outcome_if_idle) == (True, "not_requested")


def test_a_lookup_domain_moves_a_client_only_when_no_host_is_fixed(make_client: Products, make_state: States) -> None:
    assert plan(make_state(make_client()), lookup_domain="lab.example").activation is not None
    fixed = make_state(make_client(), service={"kms": KmsClient(host="kms1")})
    assert plan(fixed, lookup_domain="lab.example").activation is None


@pytest.mark.parametrize(
    ("kind", "words"),
    [(ActivationType.AD, "activate through Active Directory"), (ActivationType.KMS, "activate with the KMS host kms1:1688")],
)
def test_the_words_of_an_activation_follow_its_type(make_client: Products, make_state: States, kind: ActivationType, words: str) -> None:
    found = plan(make_state(make_client(status=LicenseStatus.NOTIFICATION)), kms_host="kms1", activation_type=kind)
    assert found.activation is not None
    assert found.activation.description == words
    assert found.activation.kms_host == (None if kind is ActivationType.AD else "kms1:1688")


def test_token_based_activation_is_never_started_from_outside(make_client: Products, make_state: States) -> None:
    found = plan(make_state(make_client(status=LicenseStatus.NOTIFICATION)), activation_type=ActivationType.TOKEN)
    assert found.activation is None
    assert any("slmgr.vbs /fta <thumbprint>" in warning for warning in found.warnings)
    licensed = plan(make_state(make_client(allowed_type=ActivationType.TOKEN)), activation_type=ActivationType.TOKEN)
    assert (licensed.activation, licensed.warnings, licensed.is_empty) == (None, (), True)


def test_an_activation_with_a_token_that_the_task_requests_is_refused(make_client: Products, make_state: States) -> None:
    state = make_state(make_client(allowed_type=ActivationType.TOKEN))
    with pytest.raises(TaskRefusedError) as refused:
        plan(state, activation_type=ActivationType.TOKEN, reactivate=True)
    assert refused.value.error_code == "token_needs_smart_card"
    assert "slmgr.vbs /fta <thumbprint>" in refused.value.next_steps[1]
    assert plan(state, activation_type=ActivationType.TOKEN, reactivate=True, activate=False).is_empty


def test_windows_6_0_takes_host_and_port_in_one_name(make_client: Products, make_state: States) -> None:
    client = make_client(partial_product_key="BFGM2", allowed_type=None)
    state = make_state(client, service={"features": frozenset(), "host_caching": None}, **VISTA_ERA)
    found = plan(state, kms_host="kms1", kms_port=1700)
    assert [(step.method, step.arguments) for step in found.steps] == [("SetKeyManagementServiceMachine", {"MachineName": "kms1:1700"})]
    there = replace(state, service=replace(state.service, kms=KmsClient(host="kms1", port=1700)))
    assert plan(there, kms_host="KMS1", kms_port=1700).steps == ()
    assert [step.arguments for step in plan(there, kms_host="kms2").steps] == [{"MachineName": "kms2"}]
    assert actions(plan(there, discovery=True)) == ["clear_kms_host"]


@pytest.mark.parametrize(
    ("option", "value"), [("lookup_domain", "a.example"), ("host_caching", True), ("activation_type", ActivationType.AD)]
)
def test_windows_6_0_refuses_the_settings_of_later_ones(make_client: Products, make_state: States, option: str, value: Any) -> None:
    state = make_state(make_client(partial_product_key="BFGM2"), service={"features": frozenset()}, **VISTA_ERA)
    with pytest.raises(TaskRefusedError, match=r"version 6\.0"):
        plan(state, **{option: value})


def test_clearing_what_an_old_windows_cannot_have_is_no_step_and_no_refusal(make_client: Products, make_state: States) -> None:
    state = make_state(make_client(), service={"features": frozenset({Feature.KMS_PORT, Feature.HOST_CACHING})}, version="6.1.7601")
    assert plan(state, lookup_domain="", activation_type=ActivationType.ALL).is_empty


def test_a_port_of_its_own_with_the_same_host_is_a_pin_that_is_cleared(make_client: Products, make_state: States) -> None:
    state = make_state(make_client(kms=KmsClient(host="kms1", port=1700)), service={"kms": KmsClient(host="kms1")})
    found = plan(state, kms_host="kms1", kms_port=1688)
    assert actions(found) == ["clear_product_kms_host", "clear_product_kms_port"]
    assert plan(state, kms_host="kms1").is_empty
    assert found.before["kms_port"] == 1700
    assert found.after["kms_port"] == 1688


def test_a_product_already_pinned_to_the_wanted_host_is_left_alone(make_client: Products, make_state: States) -> None:
    assert plan(make_state(make_client(kms=KmsClient(host="kms1"))), kms_host="kms1").is_empty


def test_a_fallback_key_that_the_machine_does_not_have_is_refused_before_anything_is_lost(make_mak: Products, make_state: States) -> None:
    with pytest.raises(TaskRefusedError, match=r"The fallback key ends in GGGGG, but .* has the key ending in 66666") as refusal:
        plan(make_state(make_mak(partial_product_key="66666")), fallback_key=UNKNOWN)
    assert refusal.value.error_code == "fallback_is_other_key"
    in_grace = make_mak(partial_product_key="66666", status=LicenseStatus.INITIAL_GRACE)
    assert "install_product_key" in actions(plan(make_state(in_grace), fallback_key=UNKNOWN))


def test_a_fallback_key_whose_answer_was_lost_is_not_sent_twice(make_mak: Products, make_state: States) -> None:
    found = plan(make_state(make_mak(partial_product_key="GGGGG")), fallback_key=UNKNOWN)
    assert found.rollback_policy is not None
    rollback_plan = found.rollback_policy.of(make_mak())
    assert rollback_plan is not None
    assert not rollback_plan.steps[0].repeatable


def test_no_plan_reveals_a_key(make_mak: Products, make_state: States) -> None:
    found = plan(make_state(make_mak()), kms_host="kms1")
    secret = gvlk.choose_gvlk(make_state().os, "ServerStandard").key.reveal()
    assert secret[:23] not in repr(found)
