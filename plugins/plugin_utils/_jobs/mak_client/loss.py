# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activations that are lost with the installation of a MAK, and the refusal if the task does not accept the loss.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A MAK that replaces the MAK of the same product also loses an activation: the previous MAK has used one, and the module cannot install
the previous MAK again if the new one fails.
"""

from __future__ import annotations

from ..._licensing.mak.model import MakDesired
from ..._licensing.plan import loss
from ..._licensing.plan.rollback import unrestorable_key
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state import scope
from ..._licensing.state.channels import channel_label
from ..._licensing.state.model import ActivationState, Application, Channel, LicensedProduct
from ..._licensing.state.product_key import ProductKey


def replaced(state: ActivationState, desired: MakDesired, found_license: LicensedProduct | None) -> tuple[LicensedProduct, ...]:
    """Return the products whose key the MAK replaces, as far as this is known before its installation.

    A MAK of Office uses a license for MAKs, so it can only replace another MAK.
    """
    found = scope.replaced(state, desired.application, desired.license_id, found_license)
    if desired.application is Application.OFFICE:
        return tuple(product for product in found if product.channel is Channel.MAK)
    return found


def refuse(state: ActivationState, desired: MakDesired, key: ProductKey, replaced_products: tuple[LicensedProduct, ...]) -> None:
    """Raise TaskRefusedError if an activation would be lost that the task does not accept.

    A task that converts a KMS host accepts its loss.
    """
    doing = f"installing the MAK ending in {key.partial_product_key}"
    machine, products = state.os.computer_name, replaced_products
    losses = loss.losses_except_subscription(machine, products, doing, replace_subscription=desired.replace_subscription)
    unaccepted = loss.unaccepted(losses, convert_kms_host=desired.convert_kms_host)
    if unaccepted and not desired.lose_activation:
        raise loss.refusal(
            machine, unaccepted, doing, loss.loss_next_steps("MAK", desired.application, may_be_additional=not desired.license_id)
        )
    if not loss.losses_of(products) and state.primary in products:
        _refuse_no_rollback(state, desired)


def _refuse_no_rollback(state: ActivationState, desired: MakDesired) -> None:
    """Raise TaskRefusedError if a failed activation could not restore a licensed key, such as a GVLK that is newer than this collection."""
    former = unrestorable_key(state)
    if former is None or not former.status.is_activated or not desired.rollback:
        return
    name = f"{channel_label(former)} ending in {former.partial_product_key}"
    raise TaskRefusedError(
        "key_not_restorable",
        f"{state.os.computer_name} is licensed with the {name}. The module cannot restore this key if the MAK activation fails, because"
        " Windows does not return full product keys.",
        ("Set rollback: false to replace the key anyway, and make sure that you have the installed key.",),
    )
