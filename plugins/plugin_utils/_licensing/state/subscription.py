# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product that a subscription licenses. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Windows reports such a machine with the key of the upgraded edition, which is often a generic retail key. The license status can be
"notification" although the machine is licensed, so the status of the subscription decides.
"""

from __future__ import annotations

from dataclasses import replace

from .model import ActivationState


def with_subscription(state: ActivationState) -> ActivationState:
    """Return the state with `by_subscription` set for the Windows product if an active subscription licenses it."""
    active, primary = state.service.subscription, state.primary
    if active is None or not active.is_active or primary is None:
        return state
    products = tuple(replace(product, by_subscription=True) if product is primary else product for product in state.products)
    return replace(state, products=products)
