# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a machine whose license was replaced and that no KMS host activates after all.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure, but for the last step: which product has the fallback key, and whether it is activated at once, shows only when the key is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..._cim.session import CimSession
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
    "fallback_key is not used, because this task replaces no licensed key. If an earlier run replaced one and KMS does not activate the"
    " machine, install the key with mak_client"
)
_MANUAL = "install its key again with mak_client, or with product_key and then activate it, and set fallback_key the next time"


def refuse_gvlk(key: ProductKey | None) -> None:
    """Raise TaskRefusedError for a fallback that needs a KMS host itself."""
    if key and gvlk.known(key):
        raise TaskRefusedError(
            "fallback_is_gvlk",
            f"fallback_key ends with {key.partial_product_key}, which is a GVLK: it is of no use where no KMS host activates the machine.",
            ("Give the MAK or retail key that the machine has now, or leave fallback_key out.",),
        )


def refuse_other_key(machine: str, key: ProductKey | None, losses: Sequence[Loss]) -> None:
    """Raise TaskRefusedError for a fallback that is not the key that is lost: that it is wrong would show only when the license is gone."""
    lost = [loss.partial_product_key for loss in losses]
    if key and lost and key.partial_product_key not in lost:
        raise TaskRefusedError(
            "fallback_is_other_key",
            f"fallback_key ends with {key.partial_product_key}, and {machine} has the key ending in {' and '.join(map(str, lost))}.",
            ("Give the key that the machine has now, which is installed again if KMS does not activate it, or leave fallback_key out.",),
        )


def rollback(
    state: ActivationState, key: ProductKey | None, losses: Sequence[Loss], otherwise: Callable[[LicensedProduct], RollbackPlan | None]
) -> RollbackPolicy:
    """The way to the fallback key when KMS refuses; without one, `otherwise` and the words about what was lost."""
    if key is None:
        lost = " and ".join(map(str, losses))
        return RollbackPolicy(otherwise, f"Lost: {lost}. To get it back, {_MANUAL}; {losses[0].cost}.")
    rollback_plan = _rollback_plan(state, key)
    return RollbackPolicy(lambda _product: rollback_plan, after_failure=True, consumes=key.partial_product_key)


def warning(key: ProductKey) -> str:
    """For the forecast and the result alike."""
    name = f"the fallback key ending in {key.partial_product_key}"
    return f"if KMS does not activate the machine, {name} is installed and activated, {_cost(key)}"


def _cost(key: ProductKey) -> str:
    return f"which may spend an activation of the key ending in {key.partial_product_key}"


def _rollback_plan(state: ActivationState, key: ProductKey) -> RollbackPlan:
    name = f"fallback key ending in {key.partial_product_key}"
    install = replace(install_key(state.service, key, name, replaces=None, repeatable=False), action="restore_product_key")
    return RollbackPlan(f"the {name}", (install, _activate_again(state, key)), cost=f", {_cost(key)}")


def _activate_again(state: ActivationState, key: ProductKey) -> Step:
    words = f"activate the fallback key ending in {key.partial_product_key}"
    consumes = f"an activation of the key ending in {key.partial_product_key}"

    def run(session: CimSession, timer: RetryTimer) -> None:
        product = SPP.find(session, Target(SPP_PRODUCT, (WINDOWS_ID,), key.partial_product_key))
        if product is None:
            raise StepIncompleteError(f"the machine shows no product with the key ending in {key.partial_product_key}")
        if product.status.is_activated:
            raise StepNotRequiredError(
                f"the fallback key ending in {key.partial_product_key} was activated already when it was installed, and spent nothing"
            )
        attempts = activating.activate(session, state, product, Activation(words, consumes=consumes), timer, SPP)
        if attempts.failure:
            unknown = "; whether this attempt was counted is not known" if attempts.may_have_spent else ""
            raise StepIncompleteError(f"{attempts.failure.summary}{unknown}", tuple(attempts.failure.error["next_steps"][:1]))

    return Step(ACTIVATE_AGAIN, state.service.path, "Activate", words, consumes=consumes, run=run)
