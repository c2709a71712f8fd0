# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desired state of the Office products of a machine as KMS clients, and the plans that are computed from it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..._licensing.kms.product_settings import ProductChange
from ..._licensing.kms.settings import KmsSettings
from ..._licensing.office.volume import OfficeMachine, VolumeProduct
from ..._licensing.plan.loss import Loss
from ..._licensing.plan.plan import LicensePlan
from ..._licensing.state.model import LicensedProduct


@dataclass(frozen=True)
class OfficeDesired(KmsSettings):
    """The desired state: the settings, the products, and the activation.

    `products` are names or IDs; empty for all installed volume products. `with_windows` is true if the task is about Windows too, which
    then sets and clears the settings of the licensing service of Windows. `remove_leftover_keys` removes the keys that no product uses any
    more. The other fields are the options of the module.
    """

    products: tuple[str, ...] = ()
    activate: bool = True
    retry_timeout: int = 0
    reactivate: bool = False
    lose_activation: bool = False
    remove_leftover_keys: bool = False
    with_windows: bool = False


@dataclass(frozen=True)
class Selection:
    """The products that a task is about, the keys that no product uses any more, and warnings about products that it leaves alone."""

    products: tuple[VolumeProduct, ...]
    leftovers: tuple[LicensedProduct, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProductCase:
    """One product with its changes. `removed` are the leftover keys that are removed after its activation, with their `losses`."""

    machine: OfficeMachine
    product: VolumeProduct
    desired: OfficeDesired
    change: ProductChange
    removed: tuple[LicensedProduct, ...]
    losses: tuple[Loss, ...]


@dataclass(frozen=True)
class ProductPart:
    """The plan of one product."""

    case: ProductCase
    plan: LicensePlan

    @property
    def product(self) -> VolumeProduct:
        """The product."""
        return self.case.product
