# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of a KMS client, and what is computed of it once.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..._licensing.kms.settings import Change, KmsSettings
from ..._licensing.plan.loss import Loss
from ..._licensing.state.model import ActivationState, LicensedProduct
from ..._licensing.state.product_key import ProductKey


@dataclass(frozen=True)
class KmsClientDesired(KmsSettings):
    """The desired state: the settings, and besides them the key and the activation.

    `product_key` None chooses the edition's GVLK; `retry_timeout` is in seconds, 0 makes one attempt at activating.
    `allow_unknown_key` lets a key pass that is no published GVLK; what it is, only the machine can tell. `convert_kms_host` lets a KMS
    host become a client. `reactivate` asks the KMS host once more although the machine is licensed, which consumes nothing.
    `lose_activation` lets the key replace one whose activation nobody can give back. `fallback_key` is installed again when that was done
    and KMS refuses. `replace_subscription` lets it replace an active subscription.
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
    """A key to install; `name` says for people what it is, `is_published` whether it is a known GVLK."""

    key: ProductKey
    name: str
    is_published: bool


@dataclass(frozen=True)
class Case:
    """A machine and what is to become of it: the settings, the key that is installed, the products whose key it replaces, and what is lost
    with them. All parts of the plan, and the proof before it, are made of this."""

    state: ActivationState
    desired: KmsClientDesired
    change: Change
    new_key: NewKey | None
    replaced: tuple[LicensedProduct, ...]
    losses: tuple[Loss, ...]
