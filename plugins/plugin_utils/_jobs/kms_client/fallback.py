# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rollback of a machine whose license was replaced and that no KMS host activates.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure, except for the last step: the product of the fallback key, and whether Windows activates it immediately, are known only after the
installation of the key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..._cim.session import CimSession
from ..._errors import sentence
from ..._licensing.catalog import gvlk
from ..._licensing.plan import activation as activating
from ..._licensing.plan.activation import Activation
from ..._licensing.plan.key_steps import install_key
from ..._licensing.plan.loss import Loss
from ..._licensing.plan.plan import RollbackPlan, RollbackPolicy
from ..._licensing.plan.step import ACTIVATE_AGAIN, Step
from ..._licensing.plan.timer import RetryTimer
from ..._licensing.problems import StepIncompleteError, StepNotRequiredError, TaskRefusedError
from ..._licensing.state.model import SPP_PRODUCT, WINDOWS_ID, ActivationState, LicensedProduct
from ..._licensing.state.product_key import ProductKey
from ..._licensing.state.provider import SPP
from ..._licensing.state.target import Target

NOT_USED = (
    "fallback_key is not used because this task does not replace a licensed key. If an earlier run replaced a licensed key, and KMS does"
    " not activate the machine, install the key with mak_client."
)
_MANUAL = "Install the key again with mak_client, or with product_key and then activate it. Set fallback_key in the next run."


def refuse_gvlk(key: ProductKey | None) -> None:
    """Raise TaskRefusedError for a fallback key that requires a KMS host itself."""
    if key and gvlk.known(key):
        raise TaskRefusedError(
            "fallback_is_gvlk",
            f"The fallback key ending in {key.partial_product_key} is a GVLK, which requires a KMS host too.",
            ("Set fallback_key to the MAK or retail key that the machine has now, or omit fallback_key.",),
        )


def refuse_other_key(machine: str, key: ProductKey | None, losses: Sequence[Loss]) -> None:
    """Raise TaskRefusedError for a fallback key that is not the lost key. Otherwise the error would show only after the loss."""
    lost = [loss.partial_product_key for loss in losses]
    if key and lost and key.partial_product_key not in lost:
        raise TaskRefusedError(
            "fallback_is_other_key",
            f"The fallback key ends in {key.partial_product_key}, but {machine} has the key ending in {' and '.join(map(str, lost))}.",
            ("Set fallback_key to the key that the machine has now, or omit fallback_key.",),
        )


def rollback(
    state: ActivationState, key: ProductKey | None, losses: Sequence[Loss], otherwise: Callable[[LicensedProduct], RollbackPlan | None]
) -> RollbackPolicy:
    """Return the rollback to the fallback key for a failed activation; without a fallback key `otherwise`, and a message about the loss."""
    if key is None:
        lost = " and ".join(map(str, losses))
        return RollbackPolicy(otherwise, f"The machine lost {lost}. {_MANUAL} {losses[0].cost}")
    rollback_plan = _rollback_plan(state, key)
    return RollbackPolicy(lambda _product: rollback_plan, after_failure=True, consumes=key.partial_product_key)


def warning(key: ProductKey) -> str:
    """Return the warning about the fallback key, for check mode and the result."""
    name = f"the fallback key ending in {key.partial_product_key}"
    return f"If KMS does not activate the machine, the module installs and activates {name}, which might use an activation of this key."


def _rollback_plan(state: ActivationState, key: ProductKey) -> RollbackPlan:
    name = f"fallback key ending in {key.partial_product_key}"
    install = replace(install_key(state.service, key, name, replaces=None, repeatable=False), action="restore_product_key")
    cost = f", which might have used an activation of the key ending in {key.partial_product_key}"
    return RollbackPlan(f"the {name}", (install, _activate_again(state, key)), cost=cost)


def _activate_again(state: ActivationState, key: ProductKey) -> Step:
    description = f"activate the fallback key ending in {key.partial_product_key}"
    consumes = f"an activation of the key ending in {key.partial_product_key}"

    def run(session: CimSession, timer: RetryTimer) -> None:
        product = SPP.find(session, Target(SPP_PRODUCT, (WINDOWS_ID,), key.partial_product_key))
        if product is None:
            raise StepIncompleteError(f"no product of the machine has the key ending in {key.partial_product_key}")
        if product.status.is_activated:
            name = f"the fallback key ending in {key.partial_product_key}"
            raise StepNotRequiredError(f"Windows activated {name} during its installation, which did not use an activation of the key.")
        attempts = activating.activate(session, state, product, Activation(description, consumes=consumes), timer, SPP)
        if attempts.failure:
            unknown = " Microsoft might have counted this attempt." if attempts.may_have_consumed else ""
            next_steps = tuple(attempts.failure.error["next_steps"][:1])
            problem = StepIncompleteError(f"{sentence(attempts.failure.summary)}{unknown}", next_steps)
            problem.might_have_consumed = attempts.may_have_consumed
            raise problem

    return Step(ACTIVATE_AGAIN, state.service.path, "Activate", description, consumes=consumes, run=run)
