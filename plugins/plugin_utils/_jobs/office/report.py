# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of kms_client for a task that is about Office.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._licensing.office.report import describe_installations
from ..._licensing.state.model import ActivationState, LicensedProduct
from ..._licensing.state.report import describe_product
from ..._licensing.state.target import license_in
from .run import ClientsOutcome


def describe(outcome: ClientsOutcome) -> dict[str, Any]:
    """Return the results that only kms_client has, for a task that is about Office."""
    plan = outcome.plan
    activations = [dict(outcome.activation_of(each)) for each in (plan.windows, *(part.plan for part in plan.office)) if each]
    return {
        "products": [describe_product(outcome.state, product) for product in _products(outcome)],
        "activation": activations[0] if plan.windows else None,
        "activations": activations,
        "activations_used": outcome.activations_used,
        "rolled_back": outcome.rolled_back,
        "leftover_keys": _describe_leftovers(outcome.state, plan.leftovers),
        "office_installations": describe_installations(plan.state, plan.machine.office),
        "restart_office_programs": outcome.restart_office_programs,
    }


def _products(outcome: ClientsOutcome) -> list[LicensedProduct]:
    state = outcome.state
    windows = [state.primary] if outcome.plan.windows and state.primary else []
    office = [license_in(state, part.product.client) for part in outcome.plan.office]
    return [*windows, *(product for product in office if product)]


def _describe_leftovers(state: ActivationState, leftovers: Sequence[LicensedProduct]) -> list[dict[str, Any]]:
    return [
        {
            "product_name": each.name,
            "activation_id": each.activation_id,
            "partial_product_key": each.partial_product_key,
            "channel": each.channel.value,
            "status": each.status.name.lower(),
            "removed": not (now := license_in(state, each)) or not now.has_key,
        }
        for each in leftovers
    ]
