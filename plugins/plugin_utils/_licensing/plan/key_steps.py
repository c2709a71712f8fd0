# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that install, remove, and clear product keys.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..catalog import esu
from ..catalog.gvlk import Gvlk
from ..state.channels import channel_label
from ..state.model import ActivationState, LicensedProduct, LicensingService
from ..state.product_key import ProductKey
from . import loss
from .loss import Loss
from .plan import RollbackPlan
from .step import REMOVE_KEY, Step

STOPS_HOSTING = "The machine stops being a KMS host. Remove its _vlmcs._tcp records from DNS."
"""The warning of a task that replaces or removes a KMS host key."""


def install_key(
    service: LicensingService,
    key: ProductKey,
    name: str,
    replaces: LicensedProduct | None,
    repeatable: bool = True,
    losses: Sequence[Loss] = (),
) -> Step:
    """Return the step that installs a key (InstallProductKey of the service).

    :param name: Noun phrase for the key. It contains only the partial product key.
    :param losses: The activations that are lost with the previous key.

    Installing a key does not use an activation, not even of a MAK. Activating does.
    """
    instead = f" (replaces the {channel_label(replaces)} ending in {replaces.partial_product_key})" if replaces else ""
    return Step(
        "install_product_key",
        service.path,
        "InstallProductKey",
        f"install the {name}{instead}",
        key=key,
        loses=loss.describe(losses),
        is_applied=lambda read: has_key(read, key.partial_product_key),
        repeatable=repeatable,
    )


def beside(current: LicensedProduct | None, *, is_addon: bool) -> str:
    """Return which key the machine has now, as the end of the name of a new key; empty if it has none."""
    if current is None:
        return ""
    has = f"the {channel_label(current)} ending in {current.partial_product_key}"
    return f" ({has} of Windows stays)" if is_addon else f" (the machine has {has})"


def restore_gvlk(service: LicensingService, entry: Gvlk, suffix: str = " again", then: tuple[Step, ...] = ()) -> RollbackPlan:
    """Return the rollback that replaces an unusable key with the GVLK that the machine had, or should have had, `then` these steps.

    `suffix` ends the description of the step.
    """
    name = f"GVLK ending in {entry.partial_product_key}"
    step = replace(install_key(service, entry.key, f"{name}{suffix}", replaces=None), action="restore_product_key")
    return RollbackPlan(f"the {name}", (step, *then))


def remove_key(product: LicensedProduct) -> Step:
    """Return the step that removes the key of one product, and its activation (UninstallProductKey of the product)."""
    return Step(
        REMOVE_KEY,
        product.path,
        "UninstallProductKey",
        f"remove the {channel_label(product)} ending in {product.partial_product_key} from {esu.label_of(product)}",
        loses=loss.describe(loss.losses_of((product,))),
        is_applied=lambda read: not any(item.activation_id == product.activation_id and item.partial_product_key for item in read.products),
        product=product,
    )


def clear_from_registry(service: LicensingService) -> Step:
    """Return the step that clears the full key from the registry (ClearProductKeyFromRegistry of the service). The activation stays.

    No state shows afterwards whether it was done. Doing it twice does no harm.
    """
    return Step(
        "clear_product_key_from_registry",
        service.path,
        "ClearProductKeyFromRegistry",
        "clear the full product key from the registry",
    )


def has_key(state: ActivationState, partial_product_key: str) -> bool:
    """Return whether a product has the key."""
    return any(product.partial_product_key == partial_product_key for product in state.products)
