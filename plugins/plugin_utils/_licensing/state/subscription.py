# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which product a subscription licenses. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Windows shows such a machine with the key of the edition it was raised to, often a generic retail key, and the license status may be
"notification" although nothing is wrong: the status of the subscription decides.
"""

from __future__ import annotations

from dataclasses import replace

from .model import ActivationState


def marked(state: ActivationState) -> ActivationState:
    """The same state, with the Windows product marked that an active subscription licenses."""
    active, primary = state.service.subscription, state.primary
    if active is None or not active.is_active or primary is None:
        return state
    products = tuple(replace(product, by_subscription=True) if product is primary else product for product in state.products)
    return replace(state, products=products)
