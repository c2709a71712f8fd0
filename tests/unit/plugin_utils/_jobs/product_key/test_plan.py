# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of product_key: never the same key twice, never more than one key removed, never a KMS host by accident."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.product_key import plan as key_change
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.product_key.model import ProductKeyDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import gvlk
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicensePlan
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    OFFICE_2010_ID,
    OFFICE_ID,
    OSPP_PRODUCT,
    OSPP_SERVICE,
    ActivationState,
    Application,
    Channel,
    LicensedProduct,
    LicenseStatus,
    LicensingService,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey

Products = Callable[..., LicensedProduct]
States = Callable[..., ActivationState]
GRACE = LicenseStatus.INITIAL_GRACE
MAK = ProductKey("MMMMM-KKKKK-MMMMM-BBBBB-22222")
GVLK = next(entry for entry in gvlk.catalog() if entry.product == "Windows Server 2022 Standard")
OFFICE_GVLK = next(entry for entry in gvlk.catalog() if entry.product == "Office LTSC Professional Plus 2021")


def plan(state: ActivationState, **desired: Any) -> LicensePlan:
    return key_change.plan(state, ProductKeyDesired(**desired))


def actions(found: LicensePlan) -> list[str]:
    return [step.action for step in found.steps]


def test_a_new_key_is_installed_and_nothing_is_activated(make_client: Products, make_state: States) -> None:
    found = plan(make_state(make_client()), product_key=MAK)
    assert actions(found) == ["install_product_key"]
    assert found.activation is None
    assert found.outcome_if_idle == "not_requested"
    assert found.steps[0].description == "install the product key ending in 22222 (the machine has the GVLK ending in VMK7H)"
    assert (found.before["partial_product_key"], found.after["partial_product_key"], found.after["channel"]) == (
        "VMK7H",
        "22222",
        "unknown",
    )


@pytest.mark.parametrize("allowed", [False, True])
def test_a_key_that_is_installed_is_never_installed_again(make_mak: Products, make_state: States, allowed: bool) -> None:
    state = make_state(make_mak(partial_product_key="22222"))
    assert plan(state, product_key=MAK, allow_edition_mismatch=allowed, convert_kms_host=allowed).is_empty


def test_the_last_five_of_a_gvlk_count_only_in_a_gvlk_product(make_mak: Products, make_state: States) -> None:
    assert actions(
        plan(make_state(make_mak(partial_product_key=GVLK.partial_product_key)), product_key=GVLK.key, lose_activation=True)
    ) == ["install_product_key"]


def test_an_unknown_key_is_not_sent_twice_even_after_a_lost_answer(make_client: Products, make_state: States) -> None:
    assert not plan(make_state(make_client()), product_key=MAK).steps[0].repeatable
    assert plan(make_state(), product_key=GVLK.key).steps[0].repeatable


def test_the_registry_is_cleared_on_a_change_or_always(make_client: Products, make_mak: Products, make_state: States) -> None:
    installed = make_state(make_mak(partial_product_key="22222"))
    for when in ("on_change", "always"):
        assert actions(plan(make_state(make_client()), product_key=MAK, clear_from_registry=when)) == [
            "install_product_key",
            "clear_product_key_from_registry",
        ]
    assert actions(plan(make_state(make_client()), product_key=MAK, clear_from_registry="never")) == ["install_product_key"]
    assert plan(installed, product_key=MAK, clear_from_registry="on_change").is_empty
    assert actions(plan(installed, product_key=MAK, clear_from_registry="always")) == ["clear_product_key_from_registry"]


def test_a_gvlk_of_another_edition_has_to_be_allowed(make_mak: Products, make_state: States) -> None:
    state = make_state(make_mak(family="ServerDatacenter", status=LicenseStatus.NOTIFICATION))
    with pytest.raises(TaskRefusedError) as refusal:
        plan(state, product_key=GVLK.key)
    assert refusal.value.error_code == "edition_mismatch"
    assert actions(plan(state, product_key=GVLK.key, allow_edition_mismatch=True)) == ["install_product_key"]


def test_a_key_on_an_evaluation_has_to_be_allowed(make_mak: Products, make_state: States) -> None:
    state = make_state(make_mak(family="ServerStandardEval", channel=Channel.EVALUATION))
    with pytest.raises(TaskRefusedError, match="evaluation edition"):
        plan(state, product_key=MAK)
    assert actions(plan(state, product_key=MAK, allow_edition_mismatch=True)) == ["install_product_key"]


def test_a_kms_host_key_is_replaced_or_removed_only_by_convert_kms_host(make_mak: Products, make_state: States) -> None:
    host = make_state(make_mak(channel=Channel.CSVLK))
    for desired in ({"product_key": MAK}, {"present": False}):
        for accepted in ({}, {"lose_activation": True, "allow_edition_mismatch": True}):
            with pytest.raises(TaskRefusedError) as refusal:
                plan(host, **desired, **accepted)
            assert refusal.value.error_code == "is_kms_host"
        (step,) = plan(host, **desired, convert_kms_host=True).steps
        assert "KMS host key" in (step.loses or "")


def test_the_one_key_of_windows_is_removed(make_mak: Products, make_state: States) -> None:
    found = plan(make_state(make_mak()), present=False, clear_from_registry="on_change", lose_activation=True)
    assert actions(found) == ["remove_product_key", "clear_product_key_from_registry"]
    assert found.steps[0].method == "UninstallProductKey"
    assert found.steps[0].target.class_name == "SoftwareLicensingProduct"
    assert found.after["partial_product_key"] is None


def test_with_several_keys_one_has_to_be_named(make_mak: Products, make_state: States) -> None:
    esu = make_mak(activation_id="bbbbbbbb-0000-4000-8000-000000000009", is_addon=True, name="ESU", partial_product_key="ESUES")
    state = make_state(make_mak(), esu)
    with pytest.raises(TaskRefusedError) as refusal:
        plan(state, present=False)
    assert refusal.value.error_code == "several_products"
    assert "ESUES" in refusal.value.message
    assert "PPPPP" in refusal.value.message
    found = plan(state, present=False, activation_id="{BBBBBBBB-0000-4000-8000-000000000009}", lose_activation=True)
    assert [step.target.keys for step in found.steps] == [{"ID": esu.activation_id}]


def test_a_key_given_for_removal_must_be_the_one_that_is_there(make_mak: Products, make_state: States) -> None:
    assert plan(make_state(make_mak()), present=False, product_key=MAK).is_empty
    installed = make_state(make_mak(partial_product_key="22222"))
    assert actions(plan(installed, present=False, product_key=MAK, lose_activation=True)) == ["remove_product_key"]


def test_removing_where_nothing_is_changes_nothing(make_state: States) -> None:
    assert plan(make_state(), present=False).is_empty


def test_the_key_of_office_does_not_go_into_windows_nor_the_other_way_round(make_client: Products, make_state: States) -> None:
    state = make_state(make_client())
    for key, application in ((OFFICE_GVLK.key, Application.WINDOWS), (GVLK.key, Application.OFFICE)):
        with pytest.raises(TaskRefusedError) as refusal:
            plan(state, product_key=key, application=application)
        assert refusal.value.error_code == "application_mismatch"


def test_office_on_windows_7_has_a_licensing_service_of_its_own(make_mak: Products, make_state: States) -> None:
    office = make_mak(application=Application.OFFICE, application_id=OFFICE_ID, status=GRACE, class_name=OSPP_PRODUCT)
    ospp = LicensingService("15.0", class_name=OSPP_SERVICE)
    state = replace(make_state(office, version="6.1.7601"), office_service=ospp)
    found = plan(state, product_key=MAK, application=Application.OFFICE)
    assert found.steps[0].target.class_name == OSPP_SERVICE
    assert found.target is not None
    assert found.target.class_name == OSPP_PRODUCT
    assert plan(state, present=False, application=Application.OFFICE).steps[0].target.class_name == OSPP_PRODUCT
    assert found.service == plan(state, present=False, application=Application.OFFICE).service == ospp
    assert plan(state, product_key=MAK).service == state.service


def test_a_key_for_office_goes_to_the_service_of_windows_where_only_a_leftover_office_2010_has_its_own(
    make_mak: Products, make_state: States
) -> None:
    office = make_mak(activation_id="16", application=Application.OFFICE, application_id=OFFICE_ID, status=GRACE)
    leftover = make_mak(
        activation_id="14", application=Application.OFFICE, application_id=OFFICE_2010_ID, class_name=OSPP_PRODUCT, status=GRACE
    )
    ospp = LicensingService("14.0", class_name=OSPP_SERVICE)
    state = replace(make_state(leftover, office, version="10.0.19045"), office_service=ospp)
    assert plan(state, product_key=MAK, application=Application.OFFICE).steps[0].target == state.service.path
    assert plan(state, product_key=MAK, application=Application.OFFICE, activation_id="14").steps[0].target == ospp.path
    alone = replace(make_state(leftover, version="10.0.19045"), office_service=ospp)
    assert plan(alone, product_key=MAK, application=Application.OFFICE).steps[0].target == ospp.path


def test_no_plan_shows_a_full_key(make_client: Products, make_state: States) -> None:
    assert "MMMMM" not in repr(plan(make_state(make_client()), product_key=MAK))


@pytest.mark.parametrize("channel", [Channel.MAK, Channel.RETAIL, Channel.OEM])
@pytest.mark.parametrize("desired", [{"product_key": GVLK.key}, {"product_key": MAK}, {"present": False}])
@pytest.mark.parametrize("allowed", [False, True])
def test_a_licensed_key_is_given_up_only_when_the_task_accepts_the_loss(
    make_mak: Products, make_state: States, channel: Channel, desired: dict[str, Any], allowed: bool
) -> None:
    licensed = make_state(make_mak(channel=channel, partial_product_key="66666"))
    with pytest.raises(TaskRefusedError, match="ending in 66666 by ") as refusal:
        plan(licensed, **desired, allow_edition_mismatch=allowed, convert_kms_host=allowed)
    assert refusal.value.error_code == "activation_would_be_lost"
    accepted = plan(licensed, **desired, lose_activation=True)
    assert "ending in 66666" in (accepted.steps[0].loses or "")
    assert any("ending in 66666" in warning and "task loses" in warning for warning in accepted.warnings)


@pytest.mark.parametrize("status", [status for status in LicenseStatus if not status.is_activated])
def test_a_key_that_is_blocked_or_in_grace_goes_without_a_word(make_mak: Products, make_state: States, status: LicenseStatus) -> None:
    found = plan(make_state(make_mak(status=status)), product_key=GVLK.key)
    assert (found.steps[0].loses, found.warnings) == (None, ())


def test_the_key_of_an_add_on_replaces_no_key_of_windows(make_mak: Products, make_state: States) -> None:
    esu = make_mak(activation_id="bbbbbbbb-0000-4000-8000-000000000009", is_addon=True, name="ESU", partial_product_key=None)
    state = make_state(make_mak(channel=Channel.RETAIL))
    desired = ProductKeyDesired(product_key=MAK, activation_id=esu.activation_id)
    found = key_change.plan(state, desired, esu)
    assert (actions(found), found.steps[0].loses) == (["install_product_key"], None)
    with pytest.raises(TaskRefusedError) as refusal:
        key_change.plan(state, desired, replace(esu, is_addon=False))
    assert refusal.value.error_code == "activation_would_be_lost"


def test_another_key_of_a_licensed_add_on_takes_the_place_of_its_key(make_mak: Products, make_state: States) -> None:
    esu = make_mak(activation_id="bbbbbbbb-0000-4000-8000-000000000009", is_addon=True, name="ESU", partial_product_key="ESUES")
    with pytest.raises(TaskRefusedError, match="of ESU with the MAK ending in ESUES by installing"):
        plan(make_state(make_mak(), esu), product_key=MAK, activation_id=esu.activation_id)


def test_a_key_of_office_is_asked_which_product_it_is_for_before_another_loses_its_key(make_mak: Products, make_state: States) -> None:
    office = make_mak(activation_id="16", application=Application.OFFICE, application_id=OFFICE_ID)
    with pytest.raises(TaskRefusedError) as refusal:
        plan(make_state(office), product_key=MAK, application=Application.OFFICE)
    assert refusal.value.error_code == "activation_would_be_lost"
    assert "set activation_id to that product" in " ".join(refusal.value.explain().next_steps)
    assert plan(make_state(office), product_key=MAK, application=Application.OFFICE, activation_id="19").steps[0].loses is None
    assert plan(make_state(office), product_key=OFFICE_GVLK.key, application=Application.OFFICE).steps[0].loses is None
