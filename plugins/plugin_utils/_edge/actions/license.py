# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base classes of the action plugins for the key of one product.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..._licensing.plan.plan import LicenseOutcome, LicensePlan
from ..result import license_of
from .state import StateAction


class KeyAction(StateAction):
    """Changes the key of one product."""

    EMPTY: ClassVar[Mapping[str, Any]] = {"products": []}

    def extra_results(self, plan: LicensePlan, outcome: LicenseOutcome) -> dict[str, Any]:
        """Return the product of the key."""
        return license_of(plan, outcome)


class LicenseAction(KeyAction):
    """Installs a key and activates the product that it is for."""

    ACCOUNT = ("activations_used", "rolled_back")
    EMPTY: ClassVar[Mapping[str, Any]] = {"products": [], "activation": None}

    def extra_results(self, plan: LicensePlan, outcome: LicenseOutcome) -> dict[str, Any]:
        """Return the product, its activation, and the used activations."""
        return {
            **super().extra_results(plan, outcome),
            "activation": dict(outcome.activation),
            "activations_used": outcome.activations_used,
            "rolled_back": outcome.rolled_back,
        }


__all__ = ["KeyAction", "LicenseAction"]
