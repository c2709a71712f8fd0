# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What installing a MAK loses, and the refusal of a task that did not accept the loss.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A MAK that replaces the MAK of the same product loses too: the activation of the former one is spent, and should the new one
fail, nobody can install the former one again.
"""

from __future__ import annotations

from ..._licensing.mak.model import MakDesired
from ..._licensing.plan import loss
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state import scope
from ..._licensing.state.channels import channel_words
from ..._licensing.state.model import ActivationState, Application, Channel, LicensedProduct
from ..._licensing.state.product_key import ProductKey
from .rollback import unrestorable_key


def replaced(state: ActivationState, desired: MakDesired, found_license: LicensedProduct | None) -> tuple[LicensedProduct, ...]:
    """The products whose key the MAK replaces, as far as that is known before it is installed.

    A MAK of Office goes into a license for MAKs, so that only another MAK can be replaced there.
    """
    found = scope.replaced(state, desired.application, desired.activation_id, found_license)
    if desired.application is Application.OFFICE:
        return tuple(product for product in found if product.channel is Channel.MAK)
    return found


def refuse(state: ActivationState, desired: MakDesired, key: ProductKey, replaced_products: tuple[LicensedProduct, ...]) -> None:
    """Raise TaskRefusedError when something would be lost that the task did not accept.

    A task that converts a KMS host has accepted its loss.
    """
    doing = f"installing the MAK ending in {key.partial_product_key}"
    machine, products = state.os.computer_name, replaced_products
    losses = loss.losses_except_subscription(machine, products, doing, replace_subscription=desired.replace_subscription)
    unaccepted = loss.unaccepted(losses, convert_kms_host=desired.convert_kms_host)
    if unaccepted and not desired.lose_activation:
        raise loss.refusal(
            machine, unaccepted, doing, loss.loss_next_steps("MAK", desired.application, may_be_additional=not desired.activation_id)
        )
    if not loss.losses_of(products) and state.primary in products:
        _refuse_no_rollback(state, desired)


def _refuse_no_rollback(state: ActivationState, desired: MakDesired) -> None:
    """A key that costs nothing to activate, such as a GVLK newer than this collection, is not put at risk unasked either."""
    former = unrestorable_key(state)
    if former is None or not former.status.is_activated or not desired.rollback:
        return
    now = f"is licensed by its {channel_words(former)} ending in {former.partial_product_key}"
    raise TaskRefusedError(
        "key_not_restorable",
        f"{state.os.computer_name} {now}, which cannot be put back should the MAK fail, because Windows tells no full key.",
        ("Set rollback: false when the MAK is to replace it all the same, and keep the key that is there at hand.",),
    )
