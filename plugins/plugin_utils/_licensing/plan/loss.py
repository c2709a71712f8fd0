# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is lost when the key of a product is replaced, removed or rearmed: an activation that somebody paid for.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Windows does not show the full key of a product, so nobody can install the key again from what the machine tells; and
activating the key again costs something. Which products a task touches is decided by its job, not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..problems import TaskRefusedError
from ..state.channels import channel_words
from ..state.model import Application, Channel, LicensedProduct

WOULD_BE_LOST = "activation_would_be_lost"
"""The word of the refusal."""

LOSE_ACTIVATION = "Set lose_activation: true to accept the loss, and keep the key that is installed at hand."

CONVERT_KMS_HOST = "Set convert_kms_host: true if that is wanted, and remove its SRV record from DNS."

SUBSCRIPTION_ACTIVE = "subscription_active"
"""The word of the refusal to replace a subscription."""

REPLACE_SUBSCRIPTION = "Set replace_subscription: true to replace the subscription by the key."
_LEAVE_ALONE = "Leave the machine out: the subscription licenses it, and renews itself when a user with the license signs in."
_SUBSCRIPTION_CAUSE = "A user with a license for Windows Enterprise or Education has signed in to this machine."

_COST = {
    Channel.MAK: "activating the MAK again consumes another of its activations",
    Channel.RETAIL: "a retail key that is activated again may need a call to Microsoft",
    Channel.OEM: "the OEM key is on the machine's label or in its firmware, and may need a call to Microsoft",
    Channel.CSVLK: "activating the KMS host key again consumes 1 of the 10 activations that it has on this machine",
    Channel.SUBSCRIPTION: "Windows takes the subscription up again only when a user with the license signs in",
}
_COST_UNKNOWN = "what activating the key again costs is not known"
_CAUSE = "Windows does not show the full product key, so the module cannot give this activation back once the key is gone."


@dataclass(frozen=True)
class Loss:
    """An activation that nobody can give back, named by the `kind` of its key, the last five characters of the key and the product."""

    channel: Channel
    kind: str
    partial_product_key: str | None
    product: str

    def __str__(self) -> str:
        if self.channel is Channel.SUBSCRIPTION:
            return f"the activation by {self.kind} of {self.product} (key ending in {self.partial_product_key})"
        return f"the activation by {self.kind} ending in {self.partial_product_key} of {self.product}"

    @property
    def cost(self) -> str:
        """What it takes to have the activation again."""
        return _COST.get(self.channel, _COST_UNKNOWN)


def loss_of(product: LicensedProduct | None) -> Loss | None:
    """What replacing or removing the key of a product loses; None when nothing is lost.

    Nothing is lost with a product that has no key or is not activated (in grace, in notification, blocked), nor with one that
    activates again by itself or for nothing (KMS client, AVMA), nor with an evaluation. A key of a kind that the machine does not
    tell counts as paid for when it is licensed without an end. An active subscription is lost whatever the status of the key is, but
    for a licensed MAK or KMS host key, which weighs more.
    """
    if product is not None and product.by_subscription and not _is_counted(product):
        return Loss(Channel.SUBSCRIPTION, "subscription", product.partial_product_key, product.name)
    if product is None or not product.partial_product_key or not product.status.is_activated or not _is_paid(product):
        return None
    is_host = product.channel is Channel.CSVLK or product.kms_host.enabled
    channel = Channel.CSVLK if is_host else product.channel
    kind = "KMS host key" if is_host else channel_words(product)
    return Loss(channel, kind, product.partial_product_key, product.name)


def losses_of(products: Sequence[LicensedProduct]) -> tuple[Loss, ...]:
    """What is lost with several products."""
    return tuple(loss for product in products if (loss := loss_of(product)))


def in_words(losses: Sequence[Loss]) -> str | None:
    """The losses for the field `loses` of a step, None for none."""
    return " and ".join(map(str, losses)) or None


def warnings(losses: Sequence[Loss]) -> tuple[str, ...]:
    """One warning for each loss, for a plan that goes on."""
    return tuple(f"{loss} is lost: {loss.cost}" for loss in losses)


def ways_out(kind: str, application: Application, *, may_be_beside: bool) -> tuple[str, ...]:
    """What a person can do about a loss. `kind` names the new key; it `may_be_beside` the others where the task names no product."""
    if not may_be_beside:
        return (LOSE_ACTIVATION,)
    beside = "an add-on such as extended security updates" if application is Application.WINDOWS else "another product"
    return (LOSE_ACTIVATION, f"If the {kind} is for {beside}, name that product by activation_id: its key replaces no other.")


def refusal(
    machine: str, losses: Sequence[Loss], doing: str, next_steps: Sequence[str] = (LOSE_ACTIVATION,), *, unproven: str = ""
) -> TaskRefusedError:
    """The refusal of a task that would lose something. `doing` says what would do it, such as "installing the GVLK".

    `next_steps` are what a person can do, the option that overrides among them. `unproven` says why nothing is known to make up for it.
    """
    cost = "; ".join(dict.fromkeys(loss.cost for loss in losses))
    after = f", and {unproven}. Note: {cost}." if unproven else f": {cost}."
    return TaskRefusedError(WOULD_BE_LOST, f"{machine} would lose {in_words(losses)} by {doing}{after}", tuple(next_steps), cause=_CAUSE)


def beside_subscription(machine: str, products: Sequence[LicensedProduct], doing: str, *, replace_subscription: bool) -> tuple[Loss, ...]:
    """What is lost with these products but for an active subscription.

    Raises TaskRefusedError for an active subscription that the task does not replace on purpose.
    """
    if any(product.by_subscription for product in products) and not replace_subscription:
        words = f"{machine} is licensed by an active subscription, and {doing} would end it: {_COST[Channel.SUBSCRIPTION]}."
        raise TaskRefusedError(SUBSCRIPTION_ACTIVE, words, (_LEAVE_ALONE, REPLACE_SUBSCRIPTION), cause=_SUBSCRIPTION_CAUSE)
    return tuple(lost for lost in losses_of(products) if lost.channel is not Channel.SUBSCRIPTION)


def unaccepted(losses: Sequence[Loss], *, convert_kms_host: bool) -> tuple[Loss, ...]:
    """What is lost besides the activation of a KMS host key, which a task accepts that makes the KMS host something else."""
    return tuple(lost for lost in losses if not (convert_kms_host and lost.channel is Channel.CSVLK))


def _is_counted(product: LicensedProduct) -> bool:
    """Whether the key itself is activated, at a price that is counted."""
    is_counted = product.channel in (Channel.MAK, Channel.CSVLK) or product.kms_host.enabled
    return is_counted and product.status.is_activated


def _is_paid(product: LicensedProduct) -> bool:
    if product.kms_host.enabled or product.channel in _COST:
        return True
    return product.channel is Channel.UNKNOWN and product.is_permanent
