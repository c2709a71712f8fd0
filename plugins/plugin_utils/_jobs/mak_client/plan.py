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
from typing import Any, NoReturn

from ..._cim.session import CimSession
from ..._licensing.catalog import gvlk
from ..._licensing.esu import fitness
from ..._licensing.kms import settings as kms_settings
from ..._licensing.kms.settings import KmsSettings
from ..._licensing.mak.consumption import idle_outcome, refuse_consumption
from ..._licensing.mak.kept import KeptIds, with_kept_id
from ..._licensing.mak.model import SETTINGS, MakDesired
from ..._licensing.office.new_key import NewKeyContext, read_new_key_context
from ..._licensing.plan import deposit, loss
from ..._licensing.plan.activation import Activation
from ..._licensing.plan.key_steps import beside, install_key
from ..._licensing.plan.plan import ExpectedKey, LicensePlan
from ..._licensing.plan.rollback import no_rollback_policy, rollback_policy
from ..._licensing.plan.step import Step
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state import scope
from ..._licensing.state.edition import with_edition_id
from ..._licensing.state.model import ActivationState, Application, Channel, LicensedProduct, LicensingService
from ..._licensing.state.product_key import ProductKey
from ..._licensing.state.read import SINCE_VISTA, read_mak_editions, read_state, with_all_products
from ..._licensing.state.served import Served
from ..._licensing.state.target import Target, license_in
from . import loss as mak_loss
from . import messages
from .refusals import refuse_key, refuse_missing_key
from .subject import Subject, subject_of

MakPlanner = Callable[[ActivationState, MakDesired], LicensePlan]
"""Returns the plan for an older generation of Windows. Raises TaskRefusedError."""


def installed_product(state: ActivationState, desired: MakDesired) -> LicensedProduct | None:
    """Return the product that already has the MAK of the task; None if the MAK must be installed.

    Raises TaskRefusedError if several products could be meant, or if another product than that of the task has the key. Installing the key
    again would end the activation of a licensed product.
    """
    key, wanted = desired.product_key, desired.license_id
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
    task, option = (f"esu: {desired.esu}", "esu") if desired.esu else (f"activation_id: {desired.license_id}", "activation_id")
    message = f"{has} ({found.activation_id}), but the task is for {task}."
    is_of_windows = desired.programme is not None and not found.is_addon
    step = f"Set product_key to the MAK of {desired.programme}." if is_of_windows else f"Correct {option}, or omit it."
    raise TaskRefusedError("activation_id_mismatch", message, (step,))


def _only_mak(state: ActivationState, desired: MakDesired) -> LicensedProduct | None:
    """Return the MAK for a task without a key: that of Windows, the only one of Office, or the one that `activation_id` selects."""
    if desired.application is Application.WINDOWS and not desired.license_id:
        return state.primary if state.primary and state.primary.channel is Channel.MAK else None
    found = scope.keyed(state, desired.application, desired.license_id)
    maks = tuple(product for product in found if product.channel is Channel.MAK)
    scope.refuse_several(state, maks, "Set activation_id to one of the products, or set product_key to its key.")
    return next(iter(maks), None)


def plan_for(
    session: CimSession,
    desired: MakDesired,
    served: Served = SINCE_VISTA,
    older: Mapping[str, MakPlanner] | None = None,
    kept: KeptIds | None = None,
) -> LicensePlan:
    """Read the machine, and return the plan; `kept` are confirmation IDs of which the plan deposits the one of the machine.

    Before a key is installed, the function also reads the other application, which might already have the key, and the editions of Windows
    that accept a MAK. `older` has the planners for generations before the Software Protection Platform.

    Raises as :func:`plan` and :func:`read.read_state` do.
    """
    is_windows = desired.application is Application.WINDOWS
    state = read_state(session, frozenset({desired.application}), served=served)
    planner = (older or {}).get(state.generation.name)
    if planner:
        return planner(state, with_kept_id(desired, kept, state, state.products))
    state = with_edition_id(session, state) if is_windows and not desired.programme else state
    installed = installed_product(state, desired)
    desired = with_kept_id(desired, kept, state, (installed,) if installed else ())
    if installed:
        return plan(state, desired)
    if _needs_context(state, desired):
        context = read_new_key_context(session, state, None, desired.activation_id)
        return plan(with_all_products(session, context.applied_to(state)), desired, None, context.selected, context)
    found_license = _license_of(session, state, desired) if is_windows else None
    is_windows = is_windows and not (found_license and found_license.is_addon)
    return plan(with_all_products(session, state), desired, read_mak_editions(session) if is_windows else None, found_license)


def _needs_context(state: ActivationState, desired: MakDesired) -> bool:
    """Return whether the plan installs an Office key that can be a MAK, and the licenses of Office could be read."""
    key = desired.product_key
    return desired.application is Application.OFFICE and key is not None and not gvlk.known(key) and not state.notes


def _license_of(session: CimSession, state: ActivationState, desired: MakDesired) -> LicensedProduct | None:
    """Read the license that the task selects; None if it selects none.

    Raises TaskRefusedError if the license does not exist, or if its programme is not for the machine.
    """
    if desired.license_id is None:
        return None
    if desired.programme:
        fitness.refuse_unfit(state, desired.programme)
    return fitness.read_license_of(session, state, desired.license_id)


def plan(
    state: ActivationState,
    desired: MakDesired,
    editions: frozenset[str] | None = None,
    found_license: LicensedProduct | None = None,
    context: NewKeyContext | None = None,
) -> LicensePlan:
    """Return the steps to the desired state.

    :param editions: The editions for which the machine has a MAK license; None if they were not read.
    :param found_license: The license that `activation_id` selects, with or without a key.
    :param context: The licensing service and the installed Office for a new Office key.
    :raises TaskRefusedError: The desired state is not possible, or not allowed.
    """
    installed = installed_product(state, desired)
    # An installed MAK that the task selects exists, even if other products could not be read.
    if desired.application is Application.OFFICE and not (installed and (desired.product_key or desired.activation_id)):
        scope.refuse_unread(state)
    subject = subject_of(state, desired, installed, found_license)
    key = None if installed else desired.product_key
    if installed is None and key is None:
        refuse_missing_key(state, desired)
    replaced = mak_loss.replaced(state, desired, found_license) if key else ()
    if key:
        refuse_key(state, desired, key, editions, replaced, is_addon=subject.is_addon)
    if installed:
        deposit.refuse_stale(installed, desired.installation_id)
    activation = _activation(desired, subject)
    is_done = installed is not None and installed.status.is_activated
    if subject.is_addon and desired.activate and not is_done:
        fitness.refuse_windows_not_activated(state, subject.title)
    refuse_consumption(desired, activation)
    cleared = _clearing(state, desired, subject) if activation or is_done else ()
    service = context.service if context else scope.service_for(state, desired.application, scope.keyed(state, desired.application, None))
    target = _target(service, desired, installed)
    install = _install(state, service, key, replaced, subject) if key else None
    install = context.explained(install, state, key) if context and install and key else install
    return LicensePlan(
        state=state,
        steps=(*([install] if install else []), *(() if activation else cleared)),
        before=messages.settings_dict(state, subject.shown_before, is_windows=subject.is_windows),
        before_in=lambda read: _before(state, read, subject, target),
        after=_predict(state, desired, subject, activation, cleared),
        warnings=messages.warnings(state, desired, subject, activation, replaced),
        target=target,
        license_before=None if subject.is_windows else subject.license,
        is_beside_windows=not subject.is_windows,
        activation=activation,
        outcome_if_idle=idle_outcome(desired, installed),
        guard=ExpectedKey(key.partial_product_key, Channel.MAK, desired.license_id, desired.application) if key else None,
        rollback_policy=rollback_policy(state, key, after_failure=desired.rollback, is_addon=subject.is_addon)
        if key
        else no_rollback_policy(installed)
        if installed
        else None,
        final_steps=cleared if activation else (),
        compare=lambda read: _settings(read, subject, target),
    )


def _settings(read: ActivationState, subject: Subject, target: Target) -> dict[str, Any]:
    """Return the settings of the product with the key. A new key can be for an add-on that the task did not select."""
    product = messages.product_with(read, subject.application, target.partial_product_key)
    is_windows = subject.is_windows and not (product is not None and product.is_addon)
    return messages.settings_dict(read, product, is_windows=is_windows)


def _before(state: ActivationState, read: ActivationState, subject: Subject, target: Target) -> dict[str, Any]:
    """Return the settings before the task of the product that has the key afterwards."""
    product = messages.product_with(read, subject.application, target.partial_product_key)
    if subject.installed or not (product and product.is_addon):
        return messages.settings_dict(state, subject.shown_before, is_windows=subject.is_windows)
    return messages.settings_dict(state, license_in(state, product), is_windows=False)


def _target(service: LicensingService, desired: MakDesired, installed: LicensedProduct | None) -> Target:
    """Return the target of the plan. A new key is looked for in all products, because it can be for another application than expected."""
    if installed:
        return Target(installed.class_name, desired.application.ids, installed.partial_product_key)
    every = tuple(identity for application in Application for identity in application.ids)
    return Target(scope.product_class(service), every, desired.product_key.partial_product_key if desired.product_key else None)


def _install(
    state: ActivationState, service: LicensingService, key: ProductKey, replaced: tuple[LicensedProduct, ...], subject: Subject
) -> Step:
    """Return the step that installs a MAK. Without an activation ID, it is not known before whether the MAK is for an add-on."""
    now = state.primary if subject.application is Application.WINDOWS else None
    name = subject.name_of(key).removeprefix("the ")
    return install_key(
        service, key, f"{name}{beside(now, is_addon=subject.is_addon)}", None, repeatable=False, losses=loss.losses_of(replaced)
    )


def _activation(desired: MakDesired, subject: Subject) -> Activation | None:
    """Return the activation; None for a licensed MAK, because its activation does not expire."""
    installed = subject.installed
    if not desired.activate or (installed and installed.status.is_activated):
        return None
    name, reason = subject.name_of(desired.product_key), messages.reactivation_reason(installed)
    if desired.confirmation_id:
        description = f"activate {name} with its confirmation ID{reason}"
        method, installation_id = desired.activation_method, desired.installation_id
        return Activation(description, confirmation_id=desired.confirmation_id, installation_id=installation_id, method=method)
    if desired.takes_confirmation_id:
        return None
    return Activation(f"activate {name} online{reason}", desired.retry_timeout, consumes=f"1 activation of {name}")


def _clearing(state: ActivationState, desired: MakDesired, subject: Subject) -> tuple[Step, ...]:
    """Return the steps that clear the KMS settings, which a MAK does not use. They belong to Windows, and not to an add-on."""
    if not desired.clear_kms_settings or subject.is_addon:
        return ()
    return kms_settings.setting_steps(kms_settings.change_of(state, state.primary, KmsSettings(discovery=True, lookup_domain="")))


def _predict(
    state: ActivationState,
    desired: MakDesired,
    subject: Subject,
    activation: Activation | None,
    cleared: tuple[Step, ...],
) -> dict[str, object]:
    after = dict(messages.settings_dict(state, subject.shown_before, is_windows=subject.is_windows))
    if subject.installed is None and desired.product_key:
        # An add-on does not have a grace period.
        status = "unlicensed" if subject.is_addon else "initial_grace"
        after.update(partial_product_key=desired.product_key.partial_product_key, channel=Channel.MAK.value, status=status)
        after.update(messages.settings_of(state, None, is_windows=subject.is_windows))
    if activation:
        after["status"] = "licensed"
    if cleared:
        after.update(dict.fromkeys(SETTINGS))
    return after
