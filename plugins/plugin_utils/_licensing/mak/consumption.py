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
from ..problems import TaskRefusedError
from ..state.model import LicensedProduct
from .model import MakDesired


def refuse_consumption(desired: MakDesired, activation: Activation | None) -> None:
    """Raise TaskRefusedError for a task that would use more activations than permitted, or might use one twice."""
    if activation is None or activation.consumes is None:
        return
    if desired.budget:
        desired.budget.refuse_more()
    if desired.is_retried:
        raise TaskRefusedError(
            "retries_not_supported",
            "until and retries repeat a task after every failure, and Microsoft might have counted an attempt that failed.",
            ("Use retry_timeout. It repeats only attempts that Microsoft cannot have counted.",),
        )


def idle_outcome(desired: MakDesired, product: LicensedProduct | None) -> str:
    """Return the activation outcome if no activation is required; `product` is the product that already has the key."""
    if product and product.status.is_activated:
        return ALREADY_LICENSED if desired.activate else "not_requested"
    return NEEDS_CONFIRMATION_ID if desired.takes_confirmation_id and not desired.confirmation_id else "not_requested"
