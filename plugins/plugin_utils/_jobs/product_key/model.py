# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desired state of a task about one product key.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..._licensing.state.model import Application
from ..._licensing.state.product_key import ProductKey

NEVER, ON_CHANGE, ALWAYS = "never", "on_change", "always"
"""When to clear the copy of the key in the registry."""


@dataclass(frozen=True)
class ProductKeyDesired:
    """The desired state. `present` requires `product_key`; without `present`, the only product with a key in scope loses its key.

    `activation_id` limits the scope to one product, and an installed key must belong to it. `clear_from_registry` clears the registry if a
    key is installed or removed (on_change), or always; no state shows whether this was done before. `convert_kms_host` replaces or removes
    the key of a KMS host with its activation. `allow_edition_mismatch` installs a GVLK of another edition, and a key on an evaluation
    edition. `lose_activation` accepts the loss of another activation, and `replace_subscription` the loss of an active subscription.
    """

    present: bool = True
    product_key: ProductKey | None = None
    application: Application = Application.WINDOWS
    activation_id: str | None = None
    clear_from_registry: str = NEVER
    convert_kms_host: bool = False
    allow_edition_mismatch: bool = False
    lose_activation: bool = False
    replace_subscription: bool = False
