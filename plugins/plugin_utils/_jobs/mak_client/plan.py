# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a MAK client, which never uses an activation twice.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure, except :func:`plan_for`. An installed MAK is not installed again, and a licensed MAK is not activated again. KMS settings are cleared
only if the task requires it, and only after the activation has succeeded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn

from ..._cim.session import CimSession
from ..._licensing.kms import settings as kms_settings
from ..._licensing.kms.settings import KmsSettings
from ..._licensing.mak.consumption import idle_outcome, refuse_consumption
from ..._licensing.mak.model import SETTINGS, MakDesired
from ..._licensing.plan import deposit, loss
from ..._licensing.plan.activation import Activation
from ..._licensing.plan.key_steps import install_key
from ..._licensing.plan.plan import ExpectedKey, LicensePlan
from ..._licensing.plan.rollback import no_rollback_policy, rollback_policy
from ..._licensing.plan.step import Step
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state import scope
from ..._licensing.state.channels import channel_label
from ..._licensing.state.edition import with_edition_id
from ..._licensing.state.model import ActivationState, Application, Channel, LicensedProduct
from ..._licensing.state.product_key import ProductKey
from ..._licensing.state.read import SINCE_VISTA, read_license, read_mak_editions, read_state, with_all_products
from ..._licensing.state.served import Served
from ..._licensing.state.target import Target
from . import loss as mak_loss
from . import messages
from .refusals import refuse_key

MakPlanner = Callable[[ActivationState, MakDesired], LicensePlan]
"""Returns the plan for an older generation of Windows. Raises TaskRefusedError."""


def installed_product(state: ActivationState, desired: MakDesired) -> LicensedProduct | None:
    """Return the product that already has the MAK of the task; None if the MAK must be installed.

    Raises TaskRefusedError if several products could be meant, or if another product than that of the task has the key. Installing the key
    again would end the activation of a licensed product.
    """
    key, wanted = desired.product_key, scope.guid(desired.activation_id)
    if key is None:
        return _only_mak(state, desired)
    same = [product for product in state.products if product.partial_product_key == key.partial_product_key]
    meant = [product for product in same if product.application is desired.application and wanted in (None, product.activation_id)]
    if same and not meant:
        _refuse_elsewhere(state, desired, same[0])
    found = min(meant, key=lambda product: not product.status.is_activated, default=None)
    if found and found.channel is not Channel.MAK:
        raise TaskRefusedError(
            "not_a_mak",
            f"{state.os.computer_name} already has a key ending in {key.partial_product_key} in {found.name}, which is not a MAK.",
            ("Set product_key to the MAK of your agreement.",),
        )
    return found


def _refuse_elsewhere(state: ActivationState, desired: MakDesired, found: LicensedProduct) -> NoReturn:
    has = f"{state.os.computer_name} already has the key ending in {found.partial_product_key} in {found.name}"
    if found.application is not desired.application:
        step = f"Set application: {found.application.value}."
        message = f"{has}, but the task is for application: {desired.application.value}."
        raise TaskRefusedError("application_mismatch", message, (step,))
    message = f"{has} ({found.activation_id}), but the task is for activation_id: {scope.guid(desired.activation_id)}."
    raise TaskRefusedError("activation_id_mismatch", message, ("Correct activation_id, or omit it.",))


def _only_mak(state: ActivationState, desired: MakDesired) -> LicensedProduct | None:
    """Return the MAK for a task without a key: that of Windows, the only one of Office, or the one that `activation_id` selects."""
    if desired.application is Application.WINDOWS and not desired.activation_id:
        return state.primary if state.primary and state.primary.channel is Channel.MAK else None
    found = scope.keyed(state, desired.application, desired.activation_id)
    maks = tuple(product for product in found if product.channel is Channel.MAK)
    scope.refuse_several(state, maks, "Set activation_id to one of the products, or set product_key to its key.")
    return next(iter(maks), None)


def plan_for(
    session: CimSession, desired: MakDesired, served: Served = SINCE_VISTA, older: Mapping[str, MakPlanner] | None = None
) -> LicensePlan:
    """Read the machine, and return the plan.

    Before a key is installed, the function also reads the other application, which might already have the key, and the editions of Windows
    that accept a MAK. `older` has the planners for generations before the Software Protection Platform.

    Raises as :func:`plan` and :func:`read.read_state` do.
    """
    is_windows = desired.application is Application.WINDOWS
    state = read_state(session, frozenset({desired.application}), served=served)
    planner = (older or {}).get(state.generation.name)
    if planner:
        return planner(state, desired)
    state = with_edition_id(session, state) if is_windows else state
    if installed_product(state, desired):
        return plan(state, desired)
    wanted = scope.guid(desired.activation_id) if is_windows else None
    found_license = read_license(session, wanted) if wanted else None
    if wanted and found_license is None:
        scope.refuse_unknown_id(state, wanted)
    return plan(with_all_products(session, state), desired, read_mak_editions(session) if is_windows else None, found_license)


def plan(
    state: ActivationState, desired: MakDesired, editions: frozenset[str] | None = None, found_license: LicensedProduct | None = None
) -> LicensePlan:
    """Return the steps to the desired state.

    :param editions: The editions for which the machine has a MAK license; None if they were not read.
    :param found_license: The license that `activation_id` selects, with or without a key.
    :raises TaskRefusedError: The desired state is not possible, or not allowed.
    """
    installed = installed_product(state, desired)
    # An installed MAK that the task selects exists, even if other products could not be read.
    if desired.application is Application.OFFICE and not (installed and (desired.product_key or desired.activation_id)):
        scope.refuse_unread(state)
    key = None if installed else desired.product_key
    if installed is None and key is None:
        raise TaskRefusedError(
            "product_key_missing",
            f"{state.os.computer_name} does not have a MAK for {desired.application.value}, and product_key is not set.",
            ("Set product_key to the MAK.",),
        )
    replaced = mak_loss.replaced(state, desired, found_license) if key else ()
    if key:
        refuse_key(state, desired, key, editions, replaced)
    if installed:
        deposit.refuse_stale(installed, desired.installation_id)
    activation = _activation(desired, installed)
    refuse_consumption(desired, activation)
    is_done = installed is not None and installed.status.is_activated
    cleared = _clearing(state, desired) if activation or is_done else ()
    target = _target(state, desired, installed)
    return LicensePlan(
        state=state,
        steps=(*([_install(state, desired, key, replaced)] if key else []), *(() if activation else cleared)),
        before=messages.settings_dict(state, desired.application, installed),
        after=_predict(state, desired, installed, activation, cleared),
        warnings=messages.warnings(state, desired, installed, activation, replaced),
        target=target,
        activation=activation,
        outcome_if_idle=idle_outcome(desired, installed),
        guard=ExpectedKey(key.partial_product_key, Channel.MAK, scope.guid(desired.activation_id), desired.application) if key else None,
        rollback_policy=rollback_policy(state, key, after_failure=desired.rollback)
        if key
        else no_rollback_policy(installed)
        if installed
        else None,
        final_steps=cleared if activation else (),
        compare=lambda read: messages.settings_dict(read, desired.application, _product_in(read, desired, target)),
    )


def _product_in(read: ActivationState, desired: MakDesired, target: Target) -> LicensedProduct | None:
    return messages.product_with(read, desired.application, target.partial_product_key)


def _target(state: ActivationState, desired: MakDesired, installed: LicensedProduct | None) -> Target:
    """Return the target of the plan. A new key is looked for in all products, because it can be for another application than expected."""
    if installed:
        return Target(installed.class_name, desired.application.ids, installed.partial_product_key)
    service = scope.service_for(state, desired.application, scope.keyed(state, desired.application, None))
    every = tuple(identity for application in Application for identity in application.ids)
    return Target(scope.product_class(service), every, desired.product_key.partial_product_key if desired.product_key else None)


def _install(state: ActivationState, desired: MakDesired, key: ProductKey, replaced: tuple[LicensedProduct, ...]) -> Step:
    """Return the step that installs a MAK. It is not known before whether the MAK replaces the key of Windows, or is for an add-on."""
    service = scope.service_for(state, desired.application, scope.keyed(state, desired.application, None))
    now = state.primary if desired.application is Application.WINDOWS else None
    current = f" (the machine has the {channel_label(now)} ending in {now.partial_product_key})" if now else ""
    return install_key(
        service, key, f"MAK ending in {key.partial_product_key}{current}", None, repeatable=False, losses=loss.losses_of(replaced)
    )


def _activation(desired: MakDesired, installed: LicensedProduct | None) -> Activation | None:
    """Return the activation; None for a licensed MAK, because its activation does not expire."""
    if not desired.activate or (installed and installed.status.is_activated):
        return None
    name, reason = messages.name_of(desired.product_key, installed), messages.reactivation_reason(installed)
    if desired.confirmation_id:
        description = f"activate {name} with its confirmation ID{reason}"
        return Activation(description, confirmation_id=desired.confirmation_id, installation_id=desired.installation_id)
    if desired.takes_confirmation_id:
        return None
    return Activation(f"activate {name} online{reason}", desired.retry_timeout, consumes=f"1 activation of {name}")


def _clearing(state: ActivationState, desired: MakDesired) -> tuple[Step, ...]:
    """Return the steps that clear the KMS settings, which a MAK does not use."""
    if not desired.clear_kms_settings:
        return ()
    return kms_settings.setting_steps(kms_settings.change_of(state, state.primary, KmsSettings(discovery=True, lookup_domain="")))


def _predict(
    state: ActivationState,
    desired: MakDesired,
    installed: LicensedProduct | None,
    activation: Activation | None,
    cleared: tuple[Step, ...],
) -> dict[str, object]:
    after = dict(messages.settings_dict(state, desired.application, installed))
    if installed is None and desired.product_key:
        after.update(partial_product_key=desired.product_key.partial_product_key, channel=Channel.MAK.value, status="initial_grace")
        after.update(messages.settings_of(state, desired.application, None))
    if activation:
        after["status"] = "licensed"
    if cleared:
        after.update(dict.fromkeys(SETTINGS))
    return after
