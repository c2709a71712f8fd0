# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rollback of a MAK that could not be activated.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Windows does not return full keys, so the module can restore only a published key: the GVLK of a KMS client. Which key a MAK replaced
is known only after its installation: Windows has one key, and each add-on and each product of Office has a key of its own.
"""

from __future__ import annotations

from ..._cim.session import CimSession
from ..catalog import gvlk
from ..problems import StepIncompleteError
from ..state.channels import channel_label
from ..state.model import ActivationState, Application, Channel, LicensedProduct
from ..state.product_key import ProductKey
from ..state.provider import SPP
from . import activation as activating
from .activation import Activation
from .key_steps import remove_key, restore_gvlk
from .loss import former_product
from .plan import RollbackPlan, RollbackPolicy
from .step import ACTIVATE_AGAIN, Step
from .timer import RetryTimer


def rollback_policy(state: ActivationState, key: ProductKey, *, after_failure: bool, is_addon: bool = False) -> RollbackPolicy:
    """Return the rollback for a new key that is not a MAK, or with `after_failure` cannot be activated."""
    ending = key.partial_product_key
    otherwise = stays_beside(ending) if is_addon else _otherwise(state, ending)
    return RollbackPolicy(lambda product: _rollback_plan(state, product), otherwise, after_failure)


def no_rollback_policy(installed: LicensedProduct) -> RollbackPolicy:
    """Return the policy for a MAK that was installed before the task. It is not known which key this MAK replaced."""
    ending = installed.partial_product_key
    return RollbackPolicy(lambda _product: None, stays_beside(ending) if installed.is_addon else _stays(ending))


def unrestorable_key(state: ActivationState) -> LicensedProduct | None:
    """Return the Windows product whose key the module cannot restore after another key is installed; None if it can restore the key."""
    former = state.primary
    return former if former and gvlk.ending(former.partial_product_key) is None else None


def stays_beside(partial_product_key: str | None) -> str:
    """Return a sentence about the key of an add-on that stays installed."""
    return f"The key ending in {partial_product_key} stays installed beside the key of Windows, which was not changed."


def _rollback_plan(state: ActivationState, product: LicensedProduct) -> RollbackPlan | None:
    former = former_product(state, product)
    if former:
        return _restored(state, former, again=former is state.primary and former.status.is_activated)
    if product.application is Application.WINDOWS and not product.is_addon:
        return None  # Windows without a key before: the new key stays
    description = f"the previous state without the key ending in {product.partial_product_key}"
    return RollbackPlan(description, (remove_key(product),), is_addon=product.is_addon)


def _restored(state: ActivationState, former: LicensedProduct, *, again: bool) -> RollbackPlan | None:
    entry = gvlk.ending(former.partial_product_key) if former.channel is Channel.GVLK else None
    if entry is None:
        return None
    return restore_gvlk(state.service_of(former), entry, then=(_activate_again(state, former),) if again else ())


def _activate_again(state: ActivationState, former: LicensedProduct) -> Step:
    """Return the step that activates the restored KMS client, which does not use an activation."""
    description = f"activate the KMS client with the GVLK ending in {former.partial_product_key} again"

    def run(session: CimSession, timer: RetryTimer) -> None:
        attempts = activating.activate(session, state, former, Activation(description), timer, SPP)
        if attempts.failure:
            raise StepIncompleteError(attempts.failure.summary, tuple(attempts.failure.error["next_steps"][:1]))

    return Step(ACTIVATE_AGAIN, former.path, "Activate", description, run=run, product=former)


def _otherwise(state: ActivationState, partial_product_key: str) -> str:
    lost = unrestorable_key(state)
    if lost is None:
        return _stays(partial_product_key)
    return f"The module cannot restore the {channel_label(lost)} ending in {lost.partial_product_key}. Install this key manually."


def _stays(partial_product_key: str | None) -> str:
    return f"The key ending in {partial_product_key} stays installed. To make the machine a KMS client, run kms_client."
