# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which machines the kit does not change, and why. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The license of a machine must be restorable with what the kit knows: a published key, and an activation that nothing counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..._licensing.catalog import evaluation, gvlk
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state.channels import channel_label
from ..._licensing.state.edition import edition_of
from ..._licensing.state.model import ActivationState, ActivationType, Channel, LicensedProduct

_OTHER_MACHINE = "Use a machine that is made for this test: a KMS client with the GVLK of its edition, and no other keys."
_CAUSE = "The test installs a key, activates, and changes settings. It can restore only a KMS client with a published key."


def refuse_other_computer(computer_name: str, allowed: Sequence[str]) -> None:
    """Raise TaskRefusedError unless the user has named this computer as one that may be changed."""
    if computer_name.casefold() in {name.casefold() for name in allowed}:
        return
    raise TaskRefusedError(
        "computer_not_named",
        f"The machine is the computer {computer_name}, and computer_names has {', '.join(allowed)}. Nothing was changed.",
        (f"If the machine is made for this test, add {computer_name} to computer_names.",),
        cause="The address in the inventory might lead to another machine than the one that may be changed.",
    )


def refuse_unfit(state: ActivationState, others: Iterable[LicensedProduct]) -> LicensedProduct:
    """Return the product of Windows if the machine can be changed and restored, or raise TaskRefusedError with the reason.

    `others` are the products of the older licensing service of Office.
    """
    keyed = [product for product in (*state.products, *others) if product.has_key]
    edition = edition_of(state)
    evaluation.refuse_evaluation(state.os, edition)
    if any(product.channel is Channel.EVALUATION for product in keyed):
        evaluation.refuse_evaluation(state.os, f"{edition or ''}Eval")
    if state.service.kms_host.enabled or any(product.channel is Channel.CSVLK or product.kms_host.enabled for product in keyed):
        raise _refusal("is_kms_host", state, "is a KMS host, and other machines depend on it")
    for product in keyed:
        _refuse_product(state, product)
    primary = state.primary
    if primary is None:
        raise _refusal("no_product_key", state, "does not have a Windows product key")
    if gvlk.ending(primary.partial_product_key) is None:
        raise _refusal("not_a_gvlk", state, f"has the key ending in {primary.partial_product_key}, which is not a published GVLK")
    if primary.allowed_type in (ActivationType.AD, ActivationType.TOKEN):
        raise _refusal("kms_not_allowed", state, f"allows only activation by {primary.allowed_type.name.lower()}, and not by KMS")
    return primary


def _refuse_product(state: ActivationState, product: LicensedProduct) -> None:
    named = f"the {channel_label(product)} ending in {product.partial_product_key} ({product.name})"
    if product.is_addon:
        raise _refusal("has_addon", state, f"has an add-on with {named}")
    if product.by_subscription or product.channel is Channel.SUBSCRIPTION:
        raise _refusal("subscription_active", state, f"is licensed by a subscription, beside {named}")
    if product.channel is not Channel.GVLK:
        raise _refusal("key_not_restorable", state, f"has {named}, which the test could not restore")


def _refusal(code: str, state: ActivationState, why: str) -> TaskRefusedError:
    return TaskRefusedError(code, f"{state.os.computer_name} {why}. Nothing was changed.", (_OTHER_MACHINE,), cause=_CAUSE)


__all__ = ["refuse_other_computer", "refuse_unfit"]
