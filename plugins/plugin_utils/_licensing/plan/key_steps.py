# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes that install, remove and hide product keys.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..catalog.gvlk import Gvlk
from ..state.channels import channel_words
from ..state.model import ActivationState, LicensedProduct, LicensingService
from ..state.product_key import ProductKey
from . import loss
from .loss import Loss
from .plan import RollbackPlan
from .step import Step

STOPS_HOSTING = "the machine stops being a KMS host: remove its _vlmcs._tcp record from DNS"
"""What a person should know who replaces the key of a KMS host."""


def install_key(
    service: LicensingService,
    key: ProductKey,
    name: str,
    replaces: LicensedProduct | None,
    repeatable: bool = True,
    losses: Sequence[Loss] = (),
) -> Step:
    """Install a key (InstallProductKey of the service); `name` says what it is, without more of it than the last five.

    `losses` are the activations that go with the key that was there.

    Installing consumes no activation, not even with a MAK; activating does.
    """
    instead = f" (replaces the {channel_words(replaces)} ending in {replaces.partial_product_key})" if replaces else ""
    return Step(
        "install_product_key",
        service.path,
        "InstallProductKey",
        f"install the {name}{instead}",
        key=key,
        loses=loss.in_words(losses),
        is_applied=lambda read: has_key(read, key.partial_product_key),
        repeatable=repeatable,
    )


def back_to_gvlk(service: LicensingService, entry: Gvlk, words: str = "again", then: tuple[Step, ...] = ()) -> RollbackPlan:
    """Install the published key that the machine had, or should have had, in the place of one it cannot use, `then` these steps."""
    name = f"GVLK ending in {entry.partial_product_key}"
    step = replace(install_key(service, entry.key, f"{name} {words}", replaces=None), action="restore_product_key")
    return RollbackPlan(f"the {name}", (step, *then))


def remove_key(product: LicensedProduct) -> Step:
    """Remove the key of one product (UninstallProductKey of the product), and its activation with it."""
    return Step(
        "remove_product_key",
        product.path,
        "UninstallProductKey",
        f"remove the {channel_words(product)} ending in {product.partial_product_key} of {product.name}",
        loses=loss.in_words(loss.losses_of((product,))),
        is_applied=lambda read: not any(item.activation_id == product.activation_id and item.partial_product_key for item in read.products),
    )


def clear_from_registry(service: LicensingService) -> Step:
    """Take the full key out of the registry (ClearProductKeyFromRegistry of the service); the activation stays.

    Nothing tells afterwards whether it was done, and doing it twice does no harm.
    """
    return Step(
        "clear_product_key_from_registry",
        service.path,
        "ClearProductKeyFromRegistry",
        "clear the full product key from the registry",
    )


def has_key(state: ActivationState, partial_product_key: str) -> bool:
    """Whether some product has a key that ends like this."""
    return any(product.partial_product_key == partial_product_key for product in state.products)
