# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every plan about Extended Security Updates: the key stands beside that of Windows, and nothing else is at stake."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.result import diff, license_of, outcome_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.mak_client import plan as mak_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import esu
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.mak.model import MakDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.activation import ActivationMethod
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import predict_license
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    Channel,
    KmsClient,
    KmsHost,
    LicensedProduct,
    LicenseStatus,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey

from ...conftest import build_state
from ...esu_machines import ENDING, WINDOWS_10, build_addon, build_windows

KEY = ProductKey(f"MMMMM-KKKKK-MMMMM-22222-{ENDING}")
PROGRAMME = esu.named("windows_10_year_2")
NOTHING = {"partial_product_key": None, "channel": None, "status": "unlicensed", "kms_host": None, "kms_port": None, "lookup_domain": None}

windows = st.builds(
    lambda channel, status, host: build_windows(channel, status=status, kms_host=KmsHost(enabled=host)),
    st.sampled_from(Channel), st.sampled_from(LicenseStatus), st.booleans(),
)  # fmt: skip
selections: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{"esu": PROGRAMME.name}, {"activation_id": PROGRAMME.activation_id.upper()}]
)
others: st.SearchStrategy[tuple[LicensedProduct, ...]] = st.sampled_from(
    [(), (build_addon("windows_10_year_1", "OOOOO"),), (build_addon("windows_10_year_1", "OOOOO", status=LicenseStatus.UNLICENSED),)]
)


@given(windows, others, selections, st.sampled_from(ActivationMethod), st.booleans(), st.booleans())
def test_no_plan_touches_windows_or_another_year(
    product: LicensedProduct,
    years: tuple[LicensedProduct, ...],
    selection: dict[str, Any],
    method: ActivationMethod,
    activate: bool,
    clear: bool,
) -> None:
    state = build_state(product, *years, service={"kms": KmsClient(host="kms.example")}, **WINDOWS_10)
    desired = MakDesired(KEY, activate=activate, activation_method=method, clear_kms_settings=clear, **selection)
    try:
        plan = mak_client.plan(state, desired, None, build_addon(ending=None))
    except TaskRefusedError as refused:
        _only_an_inactive_windows_is_refused(refused, product, activate=activate)
        return
    assert [(step.action, step.loses) for step in plan.steps] == [("install_product_key", None)]
    assert plan.final_steps == ()
    assert (plan.before, plan.after["partial_product_key"]) == (NOTHING, ENDING)
    rollback = plan.rollback_policy.of(build_addon()) if plan.rollback_policy else None
    assert rollback is not None
    assert [(step.action, step.target.keys["ID"]) for step in rollback.steps] == [("remove_product_key", PROGRAMME.activation_id)]
    assert rollback.is_addon
    outcome = predict_license(plan)
    (shown,) = license_of(plan, outcome)["products"]
    assert (shown["activation_id"], shown["is_addon"], shown["partial_product_key"]) == (PROGRAMME.activation_id, True, None)
    assert (product.partial_product_key or "") not in diff(outcome_of(outcome, "host", check_mode=True))["before"]


def _only_an_inactive_windows_is_refused(refused: TaskRefusedError, product: LicensedProduct, *, activate: bool) -> None:
    assert (refused.error_code, activate, product.status.is_activated) == ("windows_not_activated", True, False)


@given(windows, others, selections, st.booleans())
def test_a_licensed_year_is_never_activated_again_whatever_licenses_windows(
    product: LicensedProduct, years: tuple[LicensedProduct, ...], selection: dict[str, Any], with_key: bool
) -> None:
    state = build_state(product, *years, build_addon(), **WINDOWS_10)
    plan = mak_client.plan(state, MakDesired(KEY if with_key else None, **selection))
    assert plan.is_empty
    assert plan.outcome_if_idle == "already_licensed"
    (shown,) = license_of(plan, predict_license(plan))["products"]
    assert shown["activation_id"] == PROGRAMME.activation_id


def test_the_key_of_another_year_in_the_machine_is_refused_by_name() -> None:
    state = build_state(build_windows(), build_addon("windows_10_year_1"), **WINDOWS_10)
    with pytest.raises(TaskRefusedError, match="but the task is for esu: windows_10_year_2") as refused:
        mak_client.plan(state, MakDesired(KEY, esu="windows_10_year_2"))
    assert refused.value.error_code == "activation_id_mismatch"


def test_the_key_of_windows_in_the_machine_is_not_taken_for_the_programme() -> None:
    """Without esu, the task would be about Windows, so that this is not the way."""
    state = build_state(build_windows(Channel.MAK, partial_product_key=ENDING), **WINDOWS_10)
    with pytest.raises(TaskRefusedError) as refused:
        mak_client.plan(state, MakDesired(KEY, esu="windows_10_year_2"))
    assert refused.value.explain().next_steps == (f"Set product_key to the MAK of {PROGRAMME}.",)


def test_another_mak_of_the_same_year_is_the_only_key_that_can_be_lost() -> None:
    state = build_state(build_windows(), build_addon(ending="OOOOO"), **WINDOWS_10)
    with pytest.raises(TaskRefusedError) as refused:
        mak_client.plan(state, MakDesired(KEY, esu="windows_10_year_2"), None, build_addon(ending="OOOOO"))
    assert refused.value.error_code == "activation_would_be_lost"
    plan = mak_client.plan(state, MakDesired(KEY, esu="windows_10_year_2", lose_activation=True), None, build_addon(ending="OOOOO"))
    assert plan.before["partial_product_key"] == "OOOOO"


def test_without_a_key_the_installed_one_of_the_year_is_activated() -> None:
    state = build_state(
        build_windows(), build_addon(status=LicenseStatus.UNLICENSED), build_addon("windows_10_year_1", "OOOOO"), **WINDOWS_10
    )
    plan = mak_client.plan(state, MakDesired(esu="windows_10_year_2"))
    assert (plan.steps, plan.target_key) == ((), ENDING)
    assert plan.activation is not None
    assert plan.activation.consumes == f"1 activation of the MAK ending in {ENDING} for windows_10_year_2"


def test_without_any_key_the_task_names_the_programme() -> None:
    with pytest.raises(TaskRefusedError, match="does not have a MAK for windows_10_year_2"):
        mak_client.plan(build_state(build_windows(), **WINDOWS_10), MakDesired(esu="windows_10_year_2"))


def test_kms_settings_of_windows_are_left_alone_with_a_warning() -> None:
    state = build_state(build_windows(), build_addon(), service={"kms": KmsClient(host="kms.example")}, **WINDOWS_10)
    plan = mak_client.plan(state, MakDesired(KEY, activation_id=PROGRAMME.activation_id, clear_kms_settings=True))
    assert plan.is_empty
    assert "does not clear the KMS settings" in plan.warnings[0]
