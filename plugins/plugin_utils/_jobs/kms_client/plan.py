# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it takes to make a machine the KMS client a task describes.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure: current and desired state in, plan or refusal out. A KMS client that already has its edition's GVLK keeps it untouched.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..._licensing.catalog import gvlk
from ..._licensing.kms import settings as kms_settings
from ..._licensing.kms.settings import EffectiveSettings
from ..._licensing.plan import loss
from ..._licensing.plan.activation import Activation
from ..._licensing.plan.activation_report import ALREADY_LICENSED
from ..._licensing.plan.key_steps import STOPS_HOSTING, back_to_gvlk, install_key
from ..._licensing.plan.plan import ExpectedKey, LicensePlan, RollbackPlan, RollbackPolicy
from ..._licensing.plan.step import Step
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state import scope
from ..._licensing.state.edition import edition_of
from ..._licensing.state.model import (
    SPP_PRODUCT,
    WINDOWS_ID,
    ActivationState,
    ActivationType,
    Application,
    Channel,
    Feature,
    LicenseStatus,
)
from ..._licensing.state.served import Served
from ..._licensing.state.target import Target
from . import fallback as kms_fallback
from .key import choose_key, is_host
from .model import Case, KmsClientDesired, NewKey

SERVED = Served("knows no KMS", "Activate it with mak_client.")


def consider(state: ActivationState, desired: KmsClientDesired) -> Case:
    """What is to become of a machine. Raises TaskRefusedError when it must not or cannot be done."""
    kms_settings.refuse_unsupported(state, desired)
    kms_fallback.refuse_gvlk(desired.fallback_key)
    present = scope.replaced(state, Application.WINDOWS, None)
    new_key = choose_key(state, desired, present)
    replaced = present if new_key else ()
    losses = loss.losses_of(replaced)
    kms_fallback.refuse_other_key(state.os.computer_name, desired.fallback_key, losses)
    change = kms_settings.change_of(state, None if new_key else state.primary, desired)
    return Case(state, desired, change, new_key, replaced, losses)


def plan(state: ActivationState, desired: KmsClientDesired) -> LicensePlan:
    """The steps to what is desired: settings, key, activation. Raises TaskRefusedError as :func:`consider` does."""
    return plan_of(consider(state, desired))


def plan_of(case: Case) -> LicensePlan:
    """The plan of a case."""
    state, desired, new_key, primary = case.state, case.desired, case.new_key, case.state.primary
    activation, before = _activation(case), settings_dict(state)
    partial_product_key = new_key.key.partial_product_key if new_key else (primary.partial_product_key if primary else None) or ""
    return LicensePlan(
        state=state,
        steps=(*kms_settings.setting_steps(case.change), *([_install(case, new_key)] if new_key else [])),
        before=before,
        after=_predict(case, before, activation),
        compare=settings_dict,
        warnings=_warnings(case),
        target=Target(SPP_PRODUCT, (WINDOWS_ID,), partial_product_key),
        activation=activation,
        outcome_if_idle=ALREADY_LICENSED
        if primary and not new_key and primary.status.is_activated and desired.activate
        else "not_requested",
        guard=ExpectedKey(new_key.key.partial_product_key, Channel.GVLK) if new_key and not new_key.is_published else None,
        rollback_policy=_rollback_policy(case),
        corrections=kms_settings.corrections(case.change),
    )


def settings_dict(state: ActivationState) -> dict[str, Any]:
    """What a person compares before and after: key, settings in force and status of the Windows product."""
    primary = state.primary
    return {
        "partial_product_key": primary.partial_product_key if primary else None,
        "channel": primary.channel.value if primary else None,
        **kms_settings.effective_settings(state, primary).as_dict(),
        "status": primary.status.name.lower() if primary else LicenseStatus.UNLICENSED.name.lower(),
    }


def _install(case: Case, new_key: NewKey) -> Step:
    service, current = case.state.service, case.state.primary
    return install_key(service, new_key.key, new_key.name, replaces=current, repeatable=new_key.is_published, losses=case.losses)


def _rollback_policy(case: Case) -> RollbackPolicy | None:
    """To what the machine had, when that is lost and KMS refuses; from a forced key that turns out to be no client key, to the GVLK."""
    rollback_plan = None if case.new_key is None or case.new_key.is_published else _to_gvlk(case.state)
    if case.losses:
        return kms_fallback.rollback(case.state, case.desired.fallback_key, case.losses, lambda _product: rollback_plan)
    return RollbackPolicy(lambda _product: rollback_plan) if rollback_plan else None


def _to_gvlk(state: ActivationState) -> RollbackPlan | None:
    """The edition's own GVLK, where there is one."""
    try:
        entry = gvlk.choose_gvlk(state.os, edition_of(state))
    except TaskRefusedError:
        return None
    return back_to_gvlk(state.service, entry, f"for {entry.edition_id}")


def _activation(case: Case) -> Activation | None:
    desired, goal, primary = case.desired, case.change.goal, case.state.primary
    moved = case.change.now.endpoint() != goal.endpoint()
    due = case.new_key is not None or primary is None or not primary.status.is_activated or moved or _renews(desired, goal)
    if not desired.activate or not due or goal.activation_type is ActivationType.TOKEN:
        return None
    is_asked = goal.activation_type is not ActivationType.AD
    host = hosts.with_port(goal.host, goal.port or DEFAULT_PORT) if goal.host and is_asked else None
    return Activation(_activation_words(goal, host), desired.retry_timeout, host)


def _renews(desired: KmsClientDesired, goal: EffectiveSettings) -> bool:
    """Whether a licensed machine is to ask once more; where only Active Directory may activate there is no KMS host to ask."""
    return desired.reactivate and goal.activation_type is not ActivationType.AD


def _activation_words(goal: EffectiveSettings, host: str | None) -> str:
    if goal.activation_type is ActivationType.AD:
        return "activate through Active Directory"
    if host:
        return f"activate against {host}"
    return "activate against the KMS host that DNS names" + (f" in {goal.lookup_domain}" if goal.lookup_domain else "")


def _predict(case: Case, before: Mapping[str, Any], activation: Activation | None) -> dict[str, Any]:
    settings = case.change.goal.as_dict()
    if settings["activation_type"] is None:
        settings["activation_type"] = before["activation_type"] or _starting_type(case.state)
    after = {**before, **settings}
    if case.new_key:
        key = case.new_key.key.partial_product_key
        after.update(partial_product_key=key, channel=Channel.GVLK.value, status=LicenseStatus.INITIAL_GRACE.name.lower())
    if activation:
        after["status"] = LicenseStatus.LICENSED.name.lower()
    return after


def _starting_type(state: ActivationState) -> str | None:
    """What a license that gets its first key allows; no product shows it before, and Windows 6.1 has no such setting."""
    return ActivationType.ALL.name.lower() if Feature.ACTIVATION_TYPE in state.service.features else None


def _warnings(case: Case) -> tuple[str, ...]:
    desired, goal, primary = case.desired, case.change.goal, case.state.primary
    warnings: list[str] = []
    if goal.host and desired.lookup_domain:
        warnings.append(f"lookup_domain has no effect while the KMS host {goal.host} is configured; discovery: true clears it")
    if goal.host and desired.kms_host and goal.activation_type is ActivationType.AD:
        warnings.append("kms_host has no effect while only Active Directory activation is allowed")
    if desired.activate and goal.activation_type is ActivationType.TOKEN:
        warnings.append("only token-based activation is allowed, which cannot be started from outside: not activated")
    if any(map(is_host, case.replaced)):
        warnings.append(STOPS_HOSTING)
    warnings += loss.warnings(case.losses)
    if desired.fallback_key and not case.losses and desired.activate and not (primary and primary.status.is_activated):
        warnings.append(kms_fallback.NOT_USED)
    if case.losses and desired.fallback_key and desired.activate:
        warnings.append(kms_fallback.warning(desired.fallback_key))
    return tuple(warnings)
