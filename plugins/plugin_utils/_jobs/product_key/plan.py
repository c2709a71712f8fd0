# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan that installs or removes one product key.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure, except :func:`plan_for`. This job does not activate, and does not install a key that is already installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._cim.session import CimSession
from ..._licensing.catalog import evaluation, gvlk
from ..._licensing.esu import fitness
from ..._licensing.office.names import is_subscription
from ..._licensing.office.new_key import NewKeyContext, read_new_key_context
from ..._licensing.plan import key_steps, loss
from ..._licensing.plan.loss import Loss
from ..._licensing.plan.plan import ExpectedKey, LicensePlan
from ..._licensing.plan.rollback import rollback_policy
from ..._licensing.plan.step import Step
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state import scope
from ..._licensing.state.edition import edition_of, with_edition_id
from ..._licensing.state.model import ActivationState, Application, Channel, LicensedProduct
from ..._licensing.state.product_key import ProductKey
from ..._licensing.state.read import read_state, with_all_products
from ..._licensing.state.served import Served
from ..._licensing.state.target import Target, license_in
from .messages import comparable, name_of, predict
from .model import ALWAYS, ON_CHANGE, ProductKeyDesired

SERVED = Served("does not return which key is installed", "Set the key and activate it in one task with mak_client.")


def plan_for(session: CimSession, desired: ProductKeyDesired) -> LicensePlan:
    """Read the machine, and return the plan.

    For a new key of Windows, the function also reads the edition if no other key shows it, and the license of the key, because a key of an
    add-on does not replace the key of Windows.

    Raises as :func:`plan` and :func:`read.read_state` do.
    """
    is_new_windows_key = desired.present and desired.application is Application.WINDOWS
    state = read_state(session, frozenset({desired.application}), served=SERVED)
    state = with_edition_id(session, state) if is_new_windows_key else state
    if _is_of_unknown_type(state, desired):
        state = with_all_products(session, state)
    if desired.product_key and _needs_context(state, desired):
        context = read_new_key_context(session, state, gvlk.known(desired.product_key), desired.activation_id)
        return plan(context.applied_to(state), desired, context=context)
    wanted = scope.guid(desired.activation_id)
    is_unread = is_new_windows_key and wanted and not any(product.activation_id == wanted for product in state.products)
    if not is_unread or not wanted:
        return plan(state, desired)
    return plan(state, desired, fitness.read_license_of(session, state, wanted))


def _is_of_unknown_type(state: ActivationState, desired: ProductKeyDesired) -> bool:
    """Return whether only the machine can tell what the new key is for, so that all its products must be known before."""
    key = desired.product_key
    return desired.present and key is not None and not gvlk.known(key) and not _is_installed(state, desired, key, is_gvlk=False)


def _needs_context(state: ActivationState, desired: ProductKeyDesired) -> bool:
    """Return whether the plan installs an Office key, which must fit the installed Office."""
    key = desired.product_key
    if not desired.present or key is None or desired.application is not Application.OFFICE or state.notes:
        return False
    entry = gvlk.known(key)
    return not (entry and entry.application is not Application.OFFICE) and not _is_installed(state, desired, key, is_gvlk=entry is not None)


def plan(
    state: ActivationState,
    desired: ProductKeyDesired,
    found_license: LicensedProduct | None = None,
    context: NewKeyContext | None = None,
) -> LicensePlan:
    """Return the steps to the desired state.

    :param found_license: The license of Windows without a key that `activation_id` selects, if there is one.
    :param context: The licensing service and the installed Office for a new Office key.
    :raises TaskRefusedError: The desired state is not allowed, or the scope is not one product.
    """
    return _plan_present(state, desired, found_license, context) if desired.present else _plan_absent(state, desired)


def _plan_present(
    state: ActivationState, desired: ProductKeyDesired, found_license: LicensedProduct | None, context: NewKeyContext | None
) -> LicensePlan:
    key = desired.product_key
    if key is None:
        raise TaskRefusedError("product_key_missing", "product_key is required to install a key.", ("Set product_key to the key.",))
    entry = gvlk.known(key)
    if entry and entry.application is not desired.application:
        raise TaskRefusedError(
            "application_mismatch",
            f"The key ending in {key.partial_product_key} is the GVLK of {entry.product}, but the task is for application:"
            f" {desired.application.value}.",
            (f"Set application: {entry.application.value}.",),
        )
    addon = _addon(state, desired, found_license)
    current, is_gvlk = _current(state, desired, addon), entry is not None
    if _is_installed(state, desired, key, is_gvlk=is_gvlk):
        return _finish(state, desired, current, (), target=_target_of(current), addon=addon)
    if desired.application is Application.OFFICE:
        scope.refuse_unread(state)
    service = context.service if context else scope.service_for(state, desired.application, _in_scope(state, desired))
    replaced = scope.replaced(state, desired.application, desired.activation_id, found_license)
    if addon is None:
        _refuse_unfit(state, desired, entry, replaced)
    losses = _losses(desired, entry, replaced)
    if losses:
        next_steps = loss.loss_next_steps("key", desired.application, may_be_additional=not (entry or desired.activation_id))
        _refuse_losses(state, desired, replaced, f"installing the key ending in {key.partial_product_key}", next_steps)
    name, replaces = name_of(key, entry, state.primary if addon else current, addon), current if entry else None
    step = key_steps.install_key(service, key, name, replaces=replaces, repeatable=entry is not None, losses=losses)
    step = context.explained(step, state, key) if context else step
    every = tuple(identity for application in Application for identity in application.ids)
    target = Target(scope.product_class(service), every, key.partial_product_key)
    return _finish(state, desired, current, (step,), target=target, losses=losses, addon=addon)


def _addon(state: ActivationState, desired: ProductKeyDesired, found_license: LicensedProduct | None) -> LicensedProduct | None:
    """Return the add-on that `activation_id` selects, with or without a key; None if it selects Windows itself, Office, or nothing."""
    wanted = scope.guid(desired.activation_id)
    selected = next((product for product in state.products if wanted and product.activation_id == wanted), found_license)
    return selected if selected and selected.is_addon else None


def _losses(desired: ProductKeyDesired, entry: gvlk.Gvlk | None, replaced: tuple[LicensedProduct, ...]) -> tuple[Loss, ...]:
    """Return the losses with a new key. A GVLK of Office uses a license of its own, and does not replace another key."""
    if entry and desired.application is Application.OFFICE:
        return ()
    return loss.losses_of(replaced)


def _refuse_losses(
    state: ActivationState, desired: ProductKeyDesired, products: tuple[LicensedProduct, ...], doing: str, next_steps: tuple[str, ...]
) -> None:
    machine = state.os.computer_name
    found = loss.losses_except_subscription(machine, products, doing, replace_subscription=desired.replace_subscription)
    unaccepted = loss.unaccepted(found, convert_kms_host=desired.convert_kms_host)
    if unaccepted and not desired.lose_activation:
        raise loss.refusal(machine, unaccepted, doing, next_steps)


def _plan_absent(state: ActivationState, desired: ProductKeyDesired) -> LicensePlan:
    scope.refuse_unread(state)
    found = _in_scope(state, desired)
    if desired.product_key:
        found = tuple(product for product in found if product.partial_product_key == desired.product_key.partial_product_key)
    elif not desired.activation_id:
        found = tuple(product for product in found if not is_subscription(product))
    if not found:
        return _finish(state, desired, None, ())
    scope.refuse_several(state, found, _NARROW)
    if not desired.convert_kms_host:
        scope.refuse_host(state, found[0], "removing", loss.CONVERT_KMS_HOST)
    losses = loss.losses_of(found[:1])
    _refuse_losses(state, desired, found[:1], f"removing the key ending in {found[0].partial_product_key}", (loss.LOSE_ACTIVATION,))
    addon = found[0] if found[0].is_addon else None
    steps = (key_steps.remove_key(found[0]),)
    return _finish(state, desired, found[0], steps, target=_target_of(found[0]), losses=losses, addon=addon)


def _target_of(product: LicensedProduct | None) -> Target | None:
    return Target(product.class_name, product.application.ids, product.partial_product_key) if product else None


_NARROW = "Set activation_id to the product that loses its key."


def _finish(
    state: ActivationState,
    desired: ProductKeyDesired,
    current: LicensedProduct | None,
    steps: tuple[Step, ...],
    target: Target | None = None,
    losses: tuple[Loss, ...] = (),
    addon: LicensedProduct | None = None,
) -> LicensePlan:
    before = comparable(current)
    after = predict(desired, before) if steps else before
    if desired.clear_from_registry == ALWAYS or (desired.clear_from_registry == ON_CHANGE and steps):
        steps = (*steps, key_steps.clear_from_registry(state.service))
    identity = current.activation_id if current and not desired.present else None

    def compare(read: ActivationState) -> Mapping[str, Any]:
        gone = next((product for product in read.products if product.activation_id == identity), None)
        return comparable(_current(read, desired, addon) if desired.present else gone)

    wanted = scope.guid(desired.activation_id)
    new_key = desired.product_key if steps and steps[0].key else None
    guard = (
        ExpectedKey(new_key.partial_product_key, activation_id=wanted, application=desired.application)
        if new_key and (wanted or not gvlk.known(new_key))
        else None
    )
    return LicensePlan(
        state=state,
        steps=steps,
        before=before,
        after=after,
        compare=compare,
        warnings=loss.warnings(losses),
        target=target,
        guard=guard,
        rollback_policy=rollback_policy(state, new_key, after_failure=False, is_addon=addon is not None) if new_key and guard else None,
        is_beside_windows=addon is not None or desired.application is Application.OFFICE,
        license_before=addon if desired.present and addon and not addon.has_key else None,
    )


def _current(state: ActivationState, desired: ProductKeyDesired, addon: LicensedProduct | None = None) -> LicensedProduct | None:
    """Return the product whose key a new key replaces or equals. Each product of Office and each add-on has a key of its own."""
    key = desired.product_key
    same = (product for product in _in_scope(state, desired) if key and product.partial_product_key == key.partial_product_key)
    if addon:
        return license_in(state, addon)
    return next(same, state.primary if desired.application is Application.WINDOWS else None)


def _in_scope(state: ActivationState, desired: ProductKeyDesired) -> tuple[LicensedProduct, ...]:
    return scope.keyed(state, desired.application, desired.activation_id)


def _is_installed(state: ActivationState, desired: ProductKeyDesired, key: ProductKey, is_gvlk: bool) -> bool:
    """Return whether the key is installed, by its partial product key. A GVLK must also belong to a product of the GVLK channel."""
    return any(
        product.partial_product_key == key.partial_product_key and (not is_gvlk or product.channel is Channel.GVLK)
        for product in _in_scope(state, desired)
    )


def _refuse_unfit(
    state: ActivationState, desired: ProductKeyDesired, entry: gvlk.Gvlk | None, replaced: tuple[LicensedProduct, ...]
) -> None:
    if desired.application is not Application.WINDOWS:
        return
    for product in replaced if not desired.convert_kms_host else ():
        scope.refuse_host(state, product, "replacing", loss.CONVERT_KMS_HOST)
    if desired.allow_edition_mismatch:
        return
    edition = edition_of(state)
    evaluation.refuse_evaluation(state.os, edition)
    if entry and edition and not entry.fits(state.os, edition):
        raise TaskRefusedError(
            "edition_mismatch",
            f"The GVLK ending in {entry.partial_product_key} is for {gvlk.describe_range(entry)}, but "
            f"{state.os.computer_name} runs {state.os.caption} (edition: {edition}, build: {state.os.build}).",
            ("Use the GVLK of this edition, or set allow_edition_mismatch: true to install the key anyway.",),
        )
