# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desired state of a KMS client, and the values that are computed from it once.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..._licensing.kms.settings import KmsSettings, SettingsChange
from ..._licensing.plan.loss import Loss
from ..._licensing.state.model import ActivationState, LicensedProduct
from ..._licensing.state.product_key import ProductKey


@dataclass(frozen=True)
class KmsClientDesired(KmsSettings):
    """The desired state: the settings, the key, and the activation.

    `product_key` None selects the GVLK of the edition. `retry_timeout` is in seconds, 0 makes one attempt. `allow_unknown_key` accepts a
    key that is not a published GVLK; the machine then reports its type. `convert_kms_host` accepts a KMS host. `reactivate` activates a
    licensed machine again, which does not use an activation. `lose_activation` accepts the loss of an activation that the module cannot
    restore, and `replace_subscription` the loss of an active subscription. `fallback_key` is the replaced key, which is installed again if
    KMS does not activate the machine.
    """

    product_key: ProductKey | None = None
    activate: bool = True
    retry_timeout: int = 0
    allow_unknown_key: bool = False
    convert_kms_host: bool = False
    reactivate: bool = False
    lose_activation: bool = False
    replace_subscription: bool = False
    fallback_key: ProductKey | None = None


@dataclass(frozen=True)
class NewKey:
    """A key to install. `name` is a noun phrase for messages; `is_published` is true for a known GVLK."""

    key: ProductKey
    name: str
    is_published: bool


@dataclass(frozen=True)
class Case:
    """A machine with its changes: the settings, the key to install, the products whose key it replaces, and the activations that are lost.

    The plan and the verification before it are made from the case.
    """

    state: ActivationState
    desired: KmsClientDesired
    change: SettingsChange
    new_key: NewKey | None
    replaced: tuple[LicensedProduct, ...]
    losses: tuple[Loss, ...]
