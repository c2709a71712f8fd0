# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activations that are lost when the key of a product is replaced or removed, or when the product is rearmed.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Windows does not return the full key of a product, so a module cannot install the key again, and another activation of the key costs
something. The job of a task decides which products the task changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..catalog import esu
from ..problems import TaskRefusedError
from ..state.channels import channel_label
from ..state.model import ActivationState, Application, Channel, LicensedProduct
from ..state.target import license_in
from ..tokens.products import activated_by_token

WOULD_BE_LOST = "activation_would_be_lost"
"""The error code of the refusal."""

LOSE_ACTIVATION = "Set lose_activation: true to accept the loss, and make sure that you have the installed key."

CONVERT_KMS_HOST = "Set convert_kms_host: true to convert the KMS host, and remove its SRV records from DNS."

SUBSCRIPTION_ACTIVE = "subscription_active"
"""The error code of the refusal to replace a subscription."""

REPLACE_SUBSCRIPTION = "Set replace_subscription: true to replace the subscription with the key."
_EXCLUDE = "Exclude the machine from the task: the subscription licenses it, and is renewed when a user with the license signs in."
_SUBSCRIPTION_CAUSE = "A user with a license for Windows Enterprise or Education has signed in to this machine."

_COST = {
    Channel.MAK: "Activating the MAK again uses another of its activations.",
    Channel.RETAIL: "Activating the retail key again might require a call to Microsoft.",
    Channel.OEM: "The OEM key is on the label or in the firmware of the machine, and its activation might require a call to Microsoft.",
    Channel.CSVLK: "Activating the KMS host key again uses 1 of the 10 activations that it has on this machine.",
    Channel.SUBSCRIPTION: "Windows uses the subscription again only after a user with the license signs in.",
}
_COST_UNKNOWN = "The cost of activating the key again is unknown."
_CAUSE = "Windows does not return full product keys, so the module cannot restore this activation after the key is replaced or removed."

_TOKEN_CAUSE = "Only the machine itself can sign a token-based activation, so the module cannot restore it."


@dataclass(frozen=True)
class Loss:
    """An activation that the module cannot restore. `kind` is the kind of its key in words, and `product` the name of the product.

    `by_token`: a token activated the product, whatever its key is.
    """

    channel: Channel
    kind: str
    partial_product_key: str | None
    product: str
    by_token: bool = False

    def __str__(self) -> str:
        if self.by_token:
            return f"the token-based activation of {self.product}"
        if self.channel is Channel.SUBSCRIPTION:
            return f"the activation of {self.product} by {self.kind} (key ending in {self.partial_product_key})"
        return f"the activation of {self.product} with the {self.kind} ending in {self.partial_product_key}"

    @property
    def cost(self) -> str:
        """What activating again requires, as a sentence."""
        if self.by_token:
            return "Only someone with the certificate or smart card can activate it again, on the machine itself."
        return _COST.get(self.channel, _COST_UNKNOWN)


def loss_of(product: LicensedProduct | None) -> Loss | None:
    """Return the activation that is lost if the key of a product is replaced or removed; None if none is lost.

    No activation is lost if the product has no key or is not activated (in grace, in notification, blocked), if it is activated again
    automatically or without cost (KMS client, AVMA), or if it is an evaluation. A token-based activation is lost, because only the machine
    itself can activate again with the certificate. A key of unknown kind counts as a loss if its license does
    not expire. An active subscription is lost whatever the status of the key is, except that a licensed MAK or KMS host key is reported
    instead of the subscription.
    """
    if product is not None and product.by_subscription and not _is_counted(product):
        return Loss(Channel.SUBSCRIPTION, "subscription", product.partial_product_key, product.name)
    if product is None or not product.partial_product_key or not product.status.is_activated:
        return None
    if product.channel is Channel.GVLK and activated_by_token(product):
        return Loss(product.channel, "token", product.partial_product_key, product.name, by_token=True)
    if not _has_cost(product):
        return None
    is_host = product.channel is Channel.CSVLK or product.kms_host.enabled
    channel = Channel.CSVLK if is_host else product.channel
    kind = "KMS host key" if is_host else channel_label(product)
    return Loss(channel, kind, product.partial_product_key, esu.label_of(product))


def losses_of(products: Sequence[LicensedProduct]) -> tuple[Loss, ...]:
    """Return the activations that are lost with several products."""
    return tuple(loss for product in products if (loss := loss_of(product)))


def former_product(state: ActivationState, product: LicensedProduct) -> LicensedProduct | None:
    """Return the product whose key a new key of `product` replaced; None if it replaced none. `state` was read before the installation.

    Windows has one key. Every product of Office and every add-on has a key of its own.
    """
    if product.application is Application.WINDOWS and not product.is_addon:
        return state.primary
    same = license_in(state, product)
    return same if same and same.has_key else None


def losses_with(state: ActivationState, product: LicensedProduct) -> tuple[Loss, ...]:
    """Return the activation that was lost with the new key of `product`, which replaced another key than expected."""
    former = former_product(state, product)
    return losses_of((former,)) if former and former.partial_product_key != product.partial_product_key else ()


def describe(losses: Sequence[Loss]) -> str | None:
    """Return the losses for the field `loses` of a step; None if there are none."""
    return " and ".join(map(str, losses)) or None


def warnings(losses: Sequence[Loss]) -> tuple[str, ...]:
    """Return a warning for each loss, for a plan that is carried out."""
    return tuple(f"This task loses {loss}. {loss.cost}" for loss in losses)


def loss_next_steps(kind: str, application: Application, *, may_be_additional: bool) -> tuple[str, ...]:
    """Return the next steps for a refused loss.

    :param kind: Noun for the new key.
    :param may_be_additional: The new key might not replace another key, because the task does not select a product.
    """
    if not may_be_additional:
        return (LOSE_ACTIVATION,)
    is_windows = application is Application.WINDOWS
    other = "an add-on such as Extended Security Updates" if is_windows else "another product"
    options = "esu to the programme, or activation_id to that product" if is_windows and kind == "MAK" else "activation_id to that product"
    return (LOSE_ACTIVATION, f"If the {kind} is for {other}, set {options}. The key then does not replace another key.")


def refusal(
    machine: str, losses: Sequence[Loss], doing: str, next_steps: Sequence[str] = (LOSE_ACTIVATION,), *, unverified: str = ""
) -> TaskRefusedError:
    """Return the refusal of a task that would lose an activation.

    :param doing: What would lose the activation, such as "installing the GVLK".
    :param next_steps: Sentences; one of them contains the option that overrides the refusal.
    :param unverified: Why it is not known whether the machine would be activated in another way, as a sentence.
    """
    cost = " ".join(dict.fromkeys(loss.cost for loss in losses))
    reason = f"{unverified} {cost}" if unverified else cost
    message = f"{machine} would lose {describe(losses)} by {doing}. {reason}"
    cause_of_loss = _TOKEN_CAUSE if all(lost.by_token for lost in losses) else _CAUSE
    return TaskRefusedError(WOULD_BE_LOST, message, tuple(next_steps), cause=cause_of_loss)


def losses_except_subscription(
    machine: str, products: Sequence[LicensedProduct], doing: str, *, replace_subscription: bool
) -> tuple[Loss, ...]:
    """Return the losses with these products, except an active subscription.

    Raises TaskRefusedError if a subscription is active and the task does not replace it.
    """
    if any(product.by_subscription for product in products) and not replace_subscription:
        message = f"{machine} is licensed by an active subscription, which would end by {doing}. {_COST[Channel.SUBSCRIPTION]}"
        raise TaskRefusedError(SUBSCRIPTION_ACTIVE, message, (_EXCLUDE, REPLACE_SUBSCRIPTION), cause=_SUBSCRIPTION_CAUSE)
    return tuple(lost for lost in losses_of(products) if lost.channel is not Channel.SUBSCRIPTION)


def unaccepted(losses: Sequence[Loss], *, convert_kms_host: bool) -> tuple[Loss, ...]:
    """Return the losses that the task does not accept with `convert_kms_host`, which accepts the loss of a KMS host key."""
    return tuple(lost for lost in losses if not (convert_kms_host and lost.channel is Channel.CSVLK))


def _is_counted(product: LicensedProduct) -> bool:
    """Return whether the key itself is activated, and Microsoft counts its activations."""
    is_counted = product.channel in (Channel.MAK, Channel.CSVLK) or product.kms_host.enabled
    return is_counted and product.status.is_activated


def _has_cost(product: LicensedProduct) -> bool:
    if product.kms_host.enabled or product.channel in _COST:
        return True
    return product.channel is Channel.UNKNOWN and product.is_permanent
