# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a KMS client.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The plan keeps the key of a KMS client that already has the GVLK of its edition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..._licensing.catalog import gvlk
from ..._licensing.kms import application_level
from ..._licensing.kms import settings as kms_settings
from ..._licensing.kms.effective import EffectiveSettings, application_settings, settings_beneath
from ..._licensing.kms.type_change import must_activate_again, type_rollback
from ..._licensing.kms.verification import VerificationRequest, unaccepted
from ..._licensing.plan import loss
from ..._licensing.plan.activation import Activation
from ..._licensing.plan.activation_report import ALREADY_LICENSED
from ..._licensing.plan.key_steps import STOPS_HOSTING, install_key, restore_gvlk
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
from ..._licensing.tokens import on_the_machine
from . import fallback as kms_fallback
from .key import choose_key, is_host
from .model import Case, KmsClientDesired, NewKey

SERVED = Served("does not support KMS", "Activate this machine with mak_client.")


def consider(state: ActivationState, desired: KmsClientDesired) -> Case:
    """Return the changes of a machine. Raises TaskRefusedError if they are not possible, or not allowed."""
    kms_settings.refuse_unsupported(state, desired)
    on_the_machine.refuse_reactivation(state.os.computer_name, desired, Application.WINDOWS)
    kms_fallback.refuse_gvlk(desired.fallback_key)
    present = scope.replaced(state, Application.WINDOWS, None)
    new_key = choose_key(state, desired, present)
    replaced = present if new_key else ()
    losses = loss.losses_of(replaced)
    kms_fallback.refuse_other_key(state.os.computer_name, desired.fallback_key, losses)
    change = kms_settings.change_of(state, None if new_key else state.primary, desired)
    return Case(state, desired, change, new_key, replaced, losses)


def plan(state: ActivationState, desired: KmsClientDesired) -> LicensePlan:
    """Return the steps to the desired state: settings, key, and activation. Raises TaskRefusedError as :func:`consider` does."""
    return plan_of(consider(state, desired))


def plan_of(case: Case) -> LicensePlan:
    """Return the plan of a case."""
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
        settings_rollback=type_rollback(primary, state.service, desired.activation_type),
        corrections=kms_settings.corrections(case.change),
        reread=application_level.read_state_again,
    )


def needs_application_level(case: Case, plan_made: LicensePlan) -> bool:
    """Return whether the plan depends on the KMS settings of the application, which only the registry has.

    A machine in the desired state is not asked for them (one request more), unless its product shows a KMS host that can come from them.
    """
    asked = case.desired.clear_application_settings or not plan_made.is_empty
    return asked or application_level.is_suspected(case.state, case.state.primary)


def verification_of(case: Case, plan: LicensePlan) -> VerificationRequest | None:
    """Return what must be verified; None if the task accepts every loss, for example of the key of a KMS host that it converts."""
    losses = unaccepted(case.losses)
    if not losses or case.desired.lose_activation:
        return None
    return VerificationRequest(plan, case.change.target_settings, losses, "server" if case.state.os.is_server else "client")


def settings_dict(state: ActivationState) -> dict[str, Any]:
    """Return the settings for `before` and `after`: key, settings, and status of the Windows product."""
    primary = state.primary
    return {
        "partial_product_key": primary.partial_product_key if primary else None,
        "channel": primary.channel.value if primary else None,
        **settings_beneath(state, primary).as_dict(),
        **application_settings(state, primary),
        "status": primary.status.name.lower() if primary else LicenseStatus.UNLICENSED.name.lower(),
        "office_products": [],
    }


def _install(case: Case, new_key: NewKey) -> Step:
    service, current = case.state.service, case.state.primary
    return install_key(service, new_key.key, new_key.name, replaces=current, repeatable=new_key.is_published, losses=case.losses)


def _rollback_policy(case: Case) -> RollbackPolicy | None:
    """Return the rollback to a lost key after a failed activation, or from an unknown key that is not a GVLK to the GVLK of the edition."""
    rollback_plan = None if case.new_key is None or case.new_key.is_published else _to_gvlk(case.state)
    if case.losses:
        return kms_fallback.rollback(case.state, case.desired.fallback_key, case.losses, lambda _product: rollback_plan)
    return RollbackPolicy(lambda _product: rollback_plan) if rollback_plan else None


def _to_gvlk(state: ActivationState) -> RollbackPlan | None:
    """Return the rollback to the GVLK of the edition; None if the edition does not have one."""
    try:
        entry = gvlk.choose_gvlk(state.os, edition_of(state))
    except TaskRefusedError:
        return None
    return restore_gvlk(state.service, entry, f" for {entry.edition_id}")


def _activation(case: Case) -> Activation | None:
    desired, target, primary = case.desired, case.change.target_settings, case.state.primary
    moved = case.change.now.endpoint() != target.endpoint()
    due = case.new_key is not None or primary is None or not primary.status.is_activated or moved or _renews(desired, target)
    due = due or must_activate_again(primary, target.activation_type)
    if not desired.activate or not due or target.activation_type is ActivationType.TOKEN:
        return None
    uses_kms = target.activation_type is not ActivationType.AD
    host = hosts.with_port(target.host, target.port or DEFAULT_PORT) if target.host and uses_kms else None
    is_by_directory = target.activation_type is ActivationType.AD
    return Activation(_describe_activation(target, host), desired.retry_timeout, host, is_by_directory=is_by_directory)


def _renews(desired: KmsClientDesired, target: EffectiveSettings) -> bool:
    """Return whether to activate a licensed machine again. If only Active Directory can activate it, no KMS host is used."""
    return desired.reactivate and target.activation_type is not ActivationType.AD


def _describe_activation(target: EffectiveSettings, host: str | None) -> str:
    if target.activation_type is ActivationType.AD:
        return "activate through Active Directory"
    if host:
        return f"activate with the KMS host {host}"
    return "activate with a KMS host from DNS" + (f" (lookup domain: {target.lookup_domain})" if target.lookup_domain else "")


def _predict(case: Case, before: Mapping[str, Any], activation: Activation | None) -> dict[str, Any]:
    settings = case.change.target_beneath.as_dict()
    if settings["activation_type"] is None:
        settings["activation_type"] = before["activation_type"] or _starting_type(case.state)
    after = {**before, **settings}
    if case.change.remaining is None:
        after.update(application_kms_host=None, application_kms_port=None)
    if case.new_key:
        key = case.new_key.key.partial_product_key
        after.update(partial_product_key=key, channel=Channel.GVLK.value, status=LicenseStatus.INITIAL_GRACE.name.lower())
    if activation:
        after["status"] = LicenseStatus.LICENSED.name.lower()
    return after


def _starting_type(state: ActivationState) -> str | None:
    """Return the activation type of a license that gets its first key. No product shows it before. Windows 6.1 does not have it."""
    return ActivationType.ALL.name.lower() if Feature.ACTIVATION_TYPE in state.service.features else None


def _warnings(case: Case) -> tuple[str, ...]:
    desired, target, primary = case.desired, case.change.target_settings, case.state.primary
    warnings = list(case.change.warnings())
    if target.host and desired.lookup_domain:
        clear = "The option discovery: true clears the KMS host."
        warnings.append(f"lookup_domain has no effect while the KMS host {target.host} is configured. {clear}")
    if target.host and desired.kms_host and target.activation_type is ActivationType.AD:
        warnings.append("kms_host has no effect while only Active Directory activation is allowed.")
    is_left = case.new_key is None and primary is not None and primary.status.is_activated
    if desired.activate and target.activation_type is ActivationType.TOKEN and not is_left:
        warnings.append(on_the_machine.not_activated("the machine", Application.WINDOWS))
    if any(map(is_host, case.replaced)):
        warnings.append(STOPS_HOSTING)
    warnings += loss.warnings(case.losses)
    if desired.fallback_key and not case.losses and desired.activate and not (primary and primary.status.is_activated):
        warnings.append(kms_fallback.NOT_USED)
    if case.losses and desired.fallback_key and desired.activate:
        warnings.append(kms_fallback.warning(desired.fallback_key))
    return tuple(warnings)
