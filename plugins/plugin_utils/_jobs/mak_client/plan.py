# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it takes to activate a machine with a MAK, and nothing that would spend an activation twice.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure but for :func:`plan_for`: current and desired state in, plan or refusal out. A MAK that is installed is not installed again, and one
that is licensed is never activated again. KMS settings go only when asked for, and only after the activation has succeeded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn

from ..._cim.session import CimSession
from ..._licensing.kms import settings as kms_settings
from ..._licensing.kms.settings import KmsSettings
from ..._licensing.mak.model import SETTINGS, MakDesired
from ..._licensing.mak.spending import idle_outcome, refuse_spending
from ..._licensing.plan import deposit, loss
from ..._licensing.plan.activation import Activation
from ..._licensing.plan.key_steps import install_key
from ..._licensing.plan.plan import ExpectedKey, LicensePlan
from ..._licensing.plan.step import Step
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state import scope
from ..._licensing.state.channels import channel_words
from ..._licensing.state.edition import with_edition_id
from ..._licensing.state.model import ActivationState, Application, Channel, LicensedProduct
from ..._licensing.state.product_key import ProductKey
from ..._licensing.state.read import SINCE_VISTA, read_license, read_mak_editions, read_state, with_all_products
from ..._licensing.state.served import Served
from ..._licensing.state.target import Target
from . import loss as mak_loss
from . import messages as mak_words
from .refusals import refuse_key
from .rollback import no_rollback_policy, rollback_policy

MakPlanner = Callable[[ActivationState, MakDesired], LicensePlan]
"""Raises TaskRefusedError."""


def installed_product(state: ActivationState, desired: MakDesired) -> LicensedProduct | None:
    """The product that has the MAK of the task already, None when it has to be installed.

    Raises TaskRefusedError when it is unclear which one is meant, or when the key is somewhere else than the task says. Installing it again
    would cost a licensed product its activation.
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
            f"{state.os.computer_name} has a key ending in {key.partial_product_key} already, in {found.name}, and it is no MAK.",
            ("Give the MAK of your agreement as product_key.",),
        )
    return found


def _refuse_elsewhere(state: ActivationState, desired: MakDesired, found: LicensedProduct) -> NoReturn:
    has = f"{state.os.computer_name} has the key ending in {found.partial_product_key} already, in {found.name}"
    if found.application is not desired.application:
        step = f"Set application: {found.application.value}."
        raise TaskRefusedError("application_mismatch", f"{has}, and the task is about {desired.application.value}.", (step,))
    words = f"{has} ({found.activation_id}), and not in {scope.guid(desired.activation_id)}."
    raise TaskRefusedError("activation_id_mismatch", words, ("Correct activation_id, or leave it out.",))


def _only_mak(state: ActivationState, desired: MakDesired) -> LicensedProduct | None:
    """The MAK that is meant without naming it: that of Windows itself, or the only one of Office. Others by their activation ID."""
    if desired.application is Application.WINDOWS and not desired.activation_id:
        return state.primary if state.primary and state.primary.channel is Channel.MAK else None
    found = scope.keyed(state, desired.application, desired.activation_id)
    maks = tuple(product for product in found if product.channel is Channel.MAK)
    scope.refuse_several(state, maks, "Say which by activation_id, or give its product_key.")
    return next(iter(maks), None)


def plan_for(
    session: CimSession, desired: MakDesired, served: Served = SINCE_VISTA, older: Mapping[str, MakPlanner] | None = None
) -> LicensePlan:
    """Read what the plan needs to know, and plan. Before a key is installed the other application is read too, where it may
    already be, and the editions of Windows that take a MAK. `older` plans for generations before the Software Protection Platform.

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
    """The steps to the desired state; `editions` are those for which the machine has a MAK license, None if they were not read, and
    `found_license` is the one that `activation_id` names, with a key or without.

    Raises TaskRefusedError if it must not or cannot be done.
    """
    installed = installed_product(state, desired)
    # One that the task names is there, whatever else could not be read.
    if desired.application is Application.OFFICE and not (installed and (desired.product_key or desired.activation_id)):
        scope.refuse_unread(state)
    key = None if installed else desired.product_key
    if installed is None and key is None:
        raise TaskRefusedError(
            "product_key_missing",
            f"{state.os.computer_name} has no MAK for {desired.application.value}, and the task gives none.",
            ("Give the MAK as product_key.",),
        )
    replaced = mak_loss.replaced(state, desired, found_license) if key else ()
    if key:
        refuse_key(state, desired, key, editions, replaced)
    if installed:
        deposit.refuse_stale(installed, desired.installation_id)
    activation = _activation(desired, installed)
    refuse_spending(desired, activation)
    is_done = installed is not None and installed.status.is_activated
    cleared = _clearing(state, desired) if activation or is_done else ()
    target = _target(state, desired, installed)
    return LicensePlan(
        state=state,
        steps=(*([_install(state, desired, key, replaced)] if key else []), *(() if activation else cleared)),
        before=mak_words.settings_dict(state, desired.application, installed),
        after=_predict(state, desired, installed, activation, cleared),
        warnings=mak_words.warnings(state, desired, installed, activation, replaced),
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
        compare=lambda read: mak_words.settings_dict(read, desired.application, mak_words.product_with(read, target.partial_product_key)),
    )


def _target(state: ActivationState, desired: MakDesired, installed: LicensedProduct | None) -> Target:
    """A new key is looked for among all products, because it need not be for the application that was meant."""
    if installed:
        return Target(installed.class_name, desired.application.ids, installed.partial_product_key)
    service = scope.service_for(state, desired.application, scope.keyed(state, desired.application, None))
    every = tuple(identity for application in Application for identity in application.ids)
    return Target(scope.product_class(service), every, desired.product_key.partial_product_key if desired.product_key else None)


def _install(state: ActivationState, desired: MakDesired, key: ProductKey, replaced: tuple[LicensedProduct, ...]) -> Step:
    """Whether it replaces the key of Windows or stands beside it, for an add-on, only the machine knows."""
    service = scope.service_for(state, desired.application, scope.keyed(state, desired.application, None))
    now = state.primary if desired.application is Application.WINDOWS else None
    beside = f" (the machine has the {channel_words(now)} ending in {now.partial_product_key})" if now else ""
    return install_key(
        service, key, f"MAK ending in {key.partial_product_key}{beside}", None, repeatable=False, losses=loss.losses_of(replaced)
    )


def _activation(desired: MakDesired, installed: LicensedProduct | None) -> Activation | None:
    """None for a licensed MAK, whatever is asked for: one activation lasts for good."""
    if not desired.activate or (installed and installed.status.is_activated):
        return None
    name, again = mak_words.name_of(desired.product_key, installed), mak_words.why_again(installed)
    if desired.confirmation_id:
        words = f"activate {name} by its confirmation ID{again}"
        return Activation(words, confirmation_id=desired.confirmation_id, installation_id=desired.installation_id)
    if desired.takes_confirmation_id:
        return None
    return Activation(f"activate {name} online{again}", desired.retry_timeout, consumes=f"1 activation of {name}")


def _clearing(state: ActivationState, desired: MakDesired) -> tuple[Step, ...]:
    """What points the machine to a KMS host, which a MAK has no use for."""
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
    after = dict(mak_words.settings_dict(state, desired.application, installed))
    if installed is None and desired.product_key:
        after.update(partial_product_key=desired.product_key.partial_product_key, channel=Channel.MAK.value, status="initial_grace")
        after.update(mak_words.settings_of(state, desired.application, None))
    if activation:
        after["status"] = "licensed"
    if cleared:
        after.update(dict.fromkeys(SETTINGS))
    return after
