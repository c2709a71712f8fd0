# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a task about a MAK uses an activation, and whether this is allowed.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from ..plan.activation import Activation
from ..plan.activation_report import ALREADY_LICENSED, NEEDS_CONFIRMATION_ID
from ..plan.budget import refuse_overuse
from ..state.model import LicensedProduct
from .model import MakDesired


def refuse_consumption(desired: MakDesired, activation: Activation | None) -> None:
    """Raise TaskRefusedError for a task that would use more activations than permitted, or might use one twice."""
    own = 1 if activation and activation.consumes else 0
    refuse_overuse(desired.budget, own, is_retried=desired.is_retried)


def idle_outcome(desired: MakDesired, product: LicensedProduct | None) -> str:
    """Return the activation outcome if no activation is required; `product` is the product that already has the key."""
    if product and product.status.is_activated:
        return ALREADY_LICENSED if desired.activate else "not_requested"
    return NEEDS_CONFIRMATION_ID if desired.takes_confirmation_id and not desired.confirmation_id else "not_requested"
