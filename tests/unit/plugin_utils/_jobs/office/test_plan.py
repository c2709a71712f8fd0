# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of one Office product: where settings are written, and that nothing is lost unasked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office import plan as office_plan
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office.clients import parts_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.office.model import OfficeDesired, ProductPart
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.model import KmsClient
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.office.volume import OfficeMachine
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import ActivationType

from .test_selection import PRO_PLUS_2021, license_of, machine

CLICK_TO_RUN = "ProPlus2021Volume"
MAK = license_of("Office21ProPlus2021VL_MAK_AE", "22222", licensed=True)
OLD = license_of("Office16ProPlusVL_MAK", "33333", licensed=True)


def part_of(found: OfficeMachine, **options: Any) -> ProductPart:
    _selection, (part,) = parts_of(found, OfficeDesired(**options))
    return part


def client(own: KmsClient, service: KmsClient = KmsClient(), *, licensed: bool = True) -> OfficeMachine:  # noqa: B008
    """A machine with one product that has its GVLK. A product without a setting of its own shows that of the service."""
    shown = KmsClient(host=own.host or service.host, port=own.port if own.host else service.port)
    product = replace(license_of(PRO_PLUS_2021, "6F7TH", licensed=licensed), kms=shown, allowed_type=ActivationType.ALL)
    found = machine(product, installed=CLICK_TO_RUN)
    return replace(found, licenses=replace(found.licenses, service=replace(found.licenses.service, kms=service)))


def actions(found: OfficeMachine, **options: Any) -> list[str]:
    made = part_of(found, **options).plan
    return [*(step.action for step in made.steps), *(["activate"] if made.activation else []), *(step.action for step in made.final_steps)]


HOSTS = st.sampled_from(["", "kms1.example", "kms2.example"])
PORTS = st.sampled_from([None, 1688, 1690])


@given(HOSTS, PORTS, HOSTS, PORTS, HOSTS, PORTS)
def test_a_second_run_has_nothing_to_write(own: str, own_port: int, host: str, port: int, wanted: str, wanted_port: int) -> None:
    if not wanted:
        return
    before = client(KmsClient(host=own or None, port=own_port if own else None), KmsClient(host=host or None, port=port if host else None))
    options = {"kms_host": wanted, "kms_port": wanted_port}
    target = part_of(before, **options).case.change.target_settings
    assert (target.host, target.port or 1688) == (wanted, wanted_port or (target.port or 1688))
    after = client(KmsClient(host=target.host, port=target.port or 1688), KmsClient(host=host or None, port=port if host else None))
    assert actions(after, **options) == []


@pytest.mark.parametrize(
    ("own", "service", "options", "expected"),
    [
        (KmsClient("old", 1699), KmsClient(), {"kms_host": "new"}, ["set_product_kms_host", "clear_product_kms_port", "activate"]),
        (KmsClient("old", 1699), KmsClient("win", 1690), {"kms_host": "new"}, ["set_product_kms_host", "set_product_kms_port", "activate"]),
        (KmsClient("kms", 1690), KmsClient(), {"kms_host": "kms", "kms_port": 1690}, []),
        (KmsClient("kms"), KmsClient(), {"discovery": True}, ["clear_product_kms_host", "activate"]),
        (KmsClient(), KmsClient("win"), {"discovery": True}, []),
        (KmsClient(), KmsClient("win"), {"discovery": True, "with_windows": True}, ["clear_product_kms_host", "activate"]),
        (KmsClient(), KmsClient(), {"activation_type": ActivationType.TOKEN}, ["set_product_activation_type"]),
    ],
)
def test_settings_are_written_to_the_product(own: KmsClient, service: KmsClient, options: dict[str, Any], expected: list[str]) -> None:
    assert actions(client(own, service), **options) == expected


@given(st.booleans(), st.booleans(), st.booleans(), st.sampled_from([(), (MAK,), (OLD,), (MAK, OLD)]))
def test_no_activation_is_lost_unasked(remove: bool, lose: bool, licensed: bool, others: tuple[Any, ...]) -> None:
    product = license_of(PRO_PLUS_2021, "6F7TH" if licensed else None, licensed=licensed)
    found = machine(product, *others, installed=CLICK_TO_RUN)
    part = part_of(found, remove_leftover_keys=remove, lose_activation=lose)
    case, made = part.case, part.plan
    losing = [step for step in (*made.steps, *made.final_steps) if step.loses]
    assert bool(losing) == (remove and bool(others))
    assert all(step.action == "remove_product_key" for step in losing)
    if not losing:
        return
    if not lose and (licensed or OLD in others):
        with pytest.raises(TaskRefusedError, match="would lose"):
            office_plan.verification_of(case, made)
        return
    assert (office_plan.verification_of(case, made) is None) == lose
    # What is lost goes last, after the activation.
    assert licensed or not any(step.loses for step in made.steps)


def test_a_mak_is_kept_until_kms_has_activated_and_comes_first_in_the_settings_before() -> None:
    found = machine(PRO_PLUS_2021, MAK, installed=CLICK_TO_RUN)
    part = part_of(found, kms_host="kms")
    made = part.plan
    assert actions(found, kms_host="kms", remove_leftover_keys=True)[-2:] == ["activate", "remove_product_key"]
    assert office_plan.product_dict(found.licenses, part.product)["partial_product_key"] == "22222"
    assert made.rollback_policy is not None
    assert made.rollback_policy.after_failure


@pytest.mark.parametrize(("used", "is_due"), [(ActivationType.KMS, True), (ActivationType.AD, False)])
def test_a_product_that_kms_activated_is_activated_again_for_active_directory_and_can_return(used: ActivationType, is_due: bool) -> None:
    found = client(KmsClient("kms"))
    (product,) = found.licenses.products
    found = replace(found, licenses=replace(found.licenses, products=(replace(product, used_type=used),)))
    made = part_of(found, activation_type=ActivationType.AD).plan
    assert (made.activation is not None) == is_due
    assert made.settings_rollback is not None
    rollback = made.settings_rollback(replace(product, allowed_type=ActivationType.AD))
    assert rollback is not None
    assert [(step.action, step.target, step.method) for step in rollback.steps] == [
        ("restore_activation_type", product.path, "ClearVLActivationTypeEnabled")
    ]
