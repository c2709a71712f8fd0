# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every plan of mak_client: an activation is never planned twice, and every plan knows its way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.mak_client import plan as mak_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import gvlk
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.model import KmsClient
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.mak.model import MakDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.activation import ActivationMethod
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.budget import Budget
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.loss import loss_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicensePlan, predict
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    OFFICE_ID,
    ActivationState,
    Application,
    Channel,
    LicensedProduct,
    LicenseStatus,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey

from ...conftest import MAK_ENDING, build_client, build_product, build_state

Products = Callable[..., LicensedProduct]
States = Callable[..., ActivationState]
KEY = ProductKey(f"MMMMM-KKKKK-MMMMM-22222-{MAK_ENDING}")
OTHER = ProductKey("MMMMM-KKKKK-MMMMM-22222-33333")
EDITIONS = frozenset({"ServerStandard", "ServerDatacenter"})

statuses = st.sampled_from(LicenseStatus)
reasons = st.sampled_from([None, 0xC004F00F, 0xC004F009])
products = st.one_of(
    st.none(),
    st.builds(lambda status, reason: build_product(status=status, reason=reason), statuses, reasons),
    st.builds(lambda status: build_client(status=status), statuses),
    st.builds(lambda status, channel: build_product(status=status, channel=channel, partial_product_key="QQQQQ"), statuses,
              st.sampled_from([Channel.RETAIL, Channel.OEM, Channel.MAK])),
)  # fmt: skip
kms = st.builds(KmsClient, host=st.sampled_from([None, "kms1.corp.example"]), lookup_domain=st.sampled_from([None, "corp.example"]))
wishes = st.builds(
    MakDesired,
    product_key=st.sampled_from([KEY, OTHER]),
    activate=st.booleans(),
    activation_method=st.sampled_from(ActivationMethod),
    rollback=st.booleans(),
    clear_kms_settings=st.booleans(),
    lose_activation=st.booleans(),
)


@given(products, kms, wishes)
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=300)
def test_what_holds_for_every_plan(product: LicensedProduct | None, pinned: KmsClient, desired: MakDesired) -> None:
    state = build_state(*([product] if product else []), service={"kms": pinned})
    try:
        plan = mak_client.plan(state, desired, EDITIONS)
    except TaskRefusedError as refused:
        _a_refusal_protects_a_license(refused, desired, product)
        return
    has_it = product is not None and product.channel is Channel.MAK and product.partial_product_key == _last_five(desired)
    is_done = has_it and product is not None and product.status.is_activated
    installs = [step for step in plan.steps if step.key]
    assert len(installs) == (0 if has_it else 1)
    is_online = desired.activate and desired.activation_method is ActivationMethod.ONLINE
    assert (plan.activation is not None) == (is_online and not is_done)
    assert predict(plan).activations_used == (1 if plan.activation else 0)
    if is_done:
        assert not [step for step in plan.steps if not step.action.startswith("clear_")]
    assert desired.lose_activation or not any(step.loses for step in plan.steps)
    assert bool(plan.steps and plan.steps[0].loses) == bool(installs and loss_of(product))
    _settings_go_last(plan, desired, pinned, is_done=is_done)
    _way_back_is_a_published_key(plan, product)


def _last_five(desired: MakDesired) -> str | None:
    return desired.product_key.partial_product_key if desired.product_key else None


def _a_refusal_protects_a_license(refused: TaskRefusedError, desired: MakDesired, product: LicensedProduct | None) -> None:
    assert product is not None
    assert product.status.is_activated
    if loss_of(product):
        assert (refused.error_code, desired.lose_activation) == ("activation_would_be_lost", False)
    else:
        assert (refused.error_code, desired.rollback) == ("key_not_restorable", True)
        assert gvlk.ending(product.partial_product_key) is None


def _settings_go_last(plan: LicensePlan, desired: MakDesired, pinned: KmsClient, *, is_done: bool) -> None:
    """Only for a machine that is licensed by its MAK, or after it has become so."""
    before = [step for step in plan.steps if step.action.startswith("clear_")]
    is_due = desired.clear_kms_settings and bool(pinned.host or pinned.lookup_domain)
    assert bool(before) == (is_due and is_done)
    assert bool(plan.final_steps) == (is_due and plan.activation is not None)
    assert all(plan.after[name] is None for name in ("kms_host", "lookup_domain")) or not (before or plan.final_steps)


def _way_back_is_a_published_key(plan: LicensePlan, product: LicensedProduct | None) -> None:
    assert plan.rollback_policy is not None
    rollback_plan = plan.rollback_policy.of(build_product(activation_id="aaaaaaaa-0000-4000-8000-000000000007"))
    if product is None or product.channel is not Channel.GVLK:
        assert rollback_plan is None
        return
    assert rollback_plan is not None
    first, *rest = rollback_plan.steps
    assert first.key is not None
    assert gvlk.known(first.key) is not None
    assert bool(rest) == product.status.is_activated


def test_a_key_that_nobody_can_put_back_is_named_before_it_is_replaced(make_mak: Products, make_state: States) -> None:
    retail = make_mak(channel=Channel.RETAIL, partial_product_key="QQQQQ", status=LicenseStatus.NOTIFICATION)
    plan = mak_client.plan(make_state(retail), MakDesired(product_key=KEY), EDITIONS)
    (warning,) = plan.warnings
    assert "The module cannot restore the retail key ending in QQQQQ if the activation fails" in warning
    assert plan.rollback_policy is not None
    assert plan.rollback_policy.of(make_mak()) is None
    assert "the retail key ending in QQQQQ" in plan.rollback_policy.otherwise


def test_an_add_on_is_taken_away_again_and_the_key_of_windows_stays(make_client: Products, make_mak: Products, make_state: States) -> None:
    plan = mak_client.plan(make_state(make_client()), MakDesired(product_key=KEY), EDITIONS)
    assert "the machine has the GVLK ending" in plan.steps[0].description
    assert plan.rollback_policy is not None
    rollback_plan = plan.rollback_policy.of(make_mak(is_addon=True, activation_id="aaaaaaaa-0000-4000-8000-000000000007"))
    assert rollback_plan is not None
    assert [step.action for step in rollback_plan.steps] == ["remove_product_key"]


def test_an_add_on_is_meant_only_by_its_activation_id(make_client: Products, make_mak: Products, make_state: States) -> None:
    add_on = make_mak(is_addon=True, activation_id="aaaaaaaa-0000-4000-8000-000000000007", status=LicenseStatus.INITIAL_GRACE)
    state = make_state(make_client(), add_on)
    with pytest.raises(TaskRefusedError) as refused:
        mak_client.plan(state, MakDesired())
    assert refused.value.error_code == "product_key_missing"
    assert mak_client.plan(state, MakDesired(activation_id=add_on.activation_id)).activation


def test_a_mak_that_was_left_behind_is_not_activated_beside_a_licensed_windows(
    make_client: Products, make_mak: Products, make_state: States
) -> None:
    left = make_mak(status=LicenseStatus.INITIAL_GRACE)
    with pytest.raises(TaskRefusedError) as refused:
        mak_client.plan(make_state(left, make_client()), MakDesired())
    assert refused.value.error_code == "product_key_missing"


@pytest.mark.parametrize("application", [Application.WINDOWS, Application.OFFICE])
def test_a_kms_host_key_is_activated_on_the_host_and_not_as_a_mak(make_mak: Products, make_state: States, application: Application) -> None:
    host = make_mak(channel=Channel.CSVLK, application=application, application_id=application.ids[0], partial_product_key="HHHHH")
    with pytest.raises(TaskRefusedError, match=r"KMS host key ending in HHHHH.*on the KMS host itself, online or by telephone") as refused:
        mak_client.plan(make_state(host), MakDesired(application=application, activation_method=ActivationMethod.PROXY))
    assert refused.value.error_code == "not_a_mak"
    assert "kms_host, with activation_method: online or telephone" in refused.value.next_steps[0]


def test_of_two_products_with_the_key_the_licensed_one_counts(make_mak: Products, make_state: States) -> None:
    licensed = make_mak(activation_id="aaaaaaaa-0000-4000-8000-000000000007")
    plan = mak_client.plan(make_state(make_mak(status=LicenseStatus.INITIAL_GRACE), licensed), MakDesired(product_key=KEY), EDITIONS)
    assert plan.is_empty


def test_an_edition_that_the_machine_does_not_tell_is_not_taken_for_the_right_one(make_state: States) -> None:
    with pytest.raises(TaskRefusedError) as refused:
        mak_client.plan(make_state(), MakDesired(product_key=KEY, edition_id="ServerStandard"), EDITIONS)
    assert refused.value.error_code == "edition_unknown"


def test_a_gvlk_is_left_without_a_warning(make_client: Products, make_state: States) -> None:
    assert mak_client.plan(make_state(make_client()), MakDesired(product_key=KEY), EDITIONS).warnings == ()


def test_hardware_out_of_tolerance_is_named_with_its_code(make_mak: Products, make_state: States) -> None:
    changed = make_mak(status=LicenseStatus.OUT_OF_TOLERANCE_GRACE, reason=0xC004F00F)
    plan = mak_client.plan(make_state(changed), MakDesired())
    assert plan.activation is not None
    assert plan.activation.description == f"activate the MAK ending in {MAK_ENDING} online, because the hardware has changed"
    assert plan.warnings[0].startswith("The hardware has changed")
    assert "0xC004F00F SL_E_OUT_OF_TOLERANCE" in plan.warnings[0]


@pytest.mark.parametrize(
    ("desired", "code"),
    [
        ({"product_key": gvlk.catalog()[0].key}, "not_a_mak"),
        ({"product_key": KEY, "edition_id": "Professional"}, "edition_mismatch"),
        ({}, "product_key_missing"),
        ({"product_key": KEY, "budget": Budget(0, 1)}, "activation_budget"),
    ],
)
def test_what_cannot_be_meant_is_refused(make_client: Products, make_state: States, desired: dict[str, Any], code: str) -> None:
    with pytest.raises(TaskRefusedError) as refused:
        mak_client.plan(make_state(make_client()), MakDesired(**desired), EDITIONS)
    assert refused.value.error_code == code
    assert refused.value.next_steps


@pytest.mark.parametrize("edition", ["ServerStandard", "ServerStandardCor", "ServerStandardCore"])
def test_server_core_takes_the_key_of_the_full_edition(make_client: Products, make_state: States, edition: str) -> None:
    state = make_state(make_client(), edition_id=edition)
    assert mak_client.plan(state, MakDesired(product_key=KEY, edition_id="ServerStandard"), EDITIONS).activation


def test_an_edition_without_a_license_for_a_mak_is_refused_with_those_that_have_one(make_mak: Products, make_state: States) -> None:
    state = make_state(make_mak(channel=Channel.RETAIL, family="ServerSolution", partial_product_key="QQQQQ"))
    with pytest.raises(TaskRefusedError, match="for the MAKs of these editions: ServerDatacenter, ServerStandard") as refused:
        mak_client.plan(state, MakDesired(product_key=KEY), EDITIONS)
    assert refused.value.error_code == "edition_takes_no_mak"


def office(make_mak: Products, **changes: Any) -> LicensedProduct:
    return make_mak(application=Application.OFFICE, application_id=OFFICE_ID, name="Office 21", family=None, **changes)


def test_office_keeps_its_gvlk_beside_the_mak_and_is_told_how_to_remove_it(make_mak: Products, make_state: States) -> None:
    client = office(make_mak, channel=Channel.GVLK, partial_product_key="QQQQQ")
    state = replace(make_state(client), applications=frozenset({Application.OFFICE}))
    plan = mak_client.plan(state, MakDesired(product_key=KEY, application=Application.OFFICE))
    assert [step.description for step in plan.steps] == [f"install the MAK ending in {MAK_ENDING}"]
    assert "keeps its GVLK ending in QQQQQ in addition to the MAK" in plan.warnings[0]
    assert plan.rollback_policy is not None
    rollback_plan = plan.rollback_policy.of(office(make_mak, activation_id="aaaaaaaa-0000-4000-8000-000000000007"))
    assert rollback_plan is not None
    assert [step.action for step in rollback_plan.steps] == ["remove_product_key"]


def test_a_mak_of_office_that_took_the_place_of_another_cannot_be_taken_back(make_mak: Products, make_state: States) -> None:
    former = office(make_mak, partial_product_key="QQQQQ")
    state = replace(make_state(former), applications=frozenset({Application.OFFICE}))
    desired = MakDesired(product_key=KEY, application=Application.OFFICE)
    with pytest.raises(TaskRefusedError) as refused:
        mak_client.plan(state, desired)
    assert refused.value.error_code == "activation_would_be_lost"
    plan = mak_client.plan(state, replace(desired, lose_activation=True))
    assert plan.rollback_policy is not None
    assert plan.rollback_policy.of(office(make_mak)) is None


def test_which_of_several_maks_is_meant_has_to_be_said(make_mak: Products, make_state: States) -> None:
    one, two = office(make_mak), office(make_mak, activation_id="aaaaaaaa-0000-4000-8000-000000000009", partial_product_key="RRRRR")
    state = replace(make_state(one, two), applications=frozenset({Application.OFFICE}))
    with pytest.raises(TaskRefusedError) as refused:
        mak_client.plan(state, MakDesired(application=Application.OFFICE))
    assert refused.value.error_code == "several_products"
    plan = mak_client.plan(state, MakDesired(application=Application.OFFICE, activation_id=two.activation_id))
    assert plan.target is not None
    assert plan.target.partial_product_key == "RRRRR"


def test_a_product_that_was_named_counts_whatever_else_has_its_key(make_mak: Products, make_state: States) -> None:
    other = make_mak(activation_id="aaaaaaaa-0000-4000-8000-000000000007")
    for order in ((make_mak(), other), (other, make_mak())):
        assert mak_client.plan(make_state(*order), MakDesired(product_key=KEY, activation_id=other.activation_id), EDITIONS).is_empty


@pytest.mark.parametrize("channel", [Channel.MAK, Channel.RETAIL, Channel.OEM])
@pytest.mark.parametrize("rollback", [False, True])
def test_a_licensed_key_gives_way_to_a_mak_only_when_the_task_accepts_the_loss(
    make_mak: Products, make_state: States, channel: Channel, rollback: bool
) -> None:
    state = make_state(make_mak(channel=channel, partial_product_key="66666"))
    desired = MakDesired(product_key=KEY, rollback=rollback)
    with pytest.raises(TaskRefusedError, match="ending in 66666") as refused:
        mak_client.plan(state, desired, EDITIONS)
    assert refused.value.error_code == "activation_would_be_lost"
    plan = mak_client.plan(state, replace(desired, lose_activation=True), EDITIONS)
    assert "ending in 66666" in (plan.steps[0].loses or "")
    assert [warning for warning in plan.warnings if "ending in 66666" in warning and "task loses" in warning]


def test_converting_a_kms_host_covers_its_key_and_the_step_names_it(make_mak: Products, make_state: States) -> None:
    state = make_state(make_mak(channel=Channel.CSVLK, partial_product_key="66666"))
    with pytest.raises(TaskRefusedError) as refused:
        mak_client.plan(state, MakDesired(product_key=KEY, lose_activation=True), EDITIONS)
    assert refused.value.error_code == "is_kms_host"
    plan = mak_client.plan(state, MakDesired(product_key=KEY, convert_kms_host=True), EDITIONS)
    assert "KMS host key ending in 66666" in (plan.steps[0].loses or "")


@pytest.mark.parametrize("channel", [Channel.RETAIL, Channel.OEM, Channel.MAK, Channel.CSVLK])
def test_a_mak_for_an_add_on_leaves_the_key_of_windows_alone(make_mak: Products, make_state: States, channel: Channel) -> None:
    esu = make_mak(activation_id="aaaaaaaa-0000-4000-8000-000000000007", is_addon=True, partial_product_key=None)
    state = make_state(make_mak(channel=channel, partial_product_key="QQQQQ"))
    plan = mak_client.plan(state, MakDesired(product_key=KEY, activation_id=esu.activation_id), EDITIONS, esu)
    assert (plan.steps[0].loses, plan.warnings) == (None, ())
