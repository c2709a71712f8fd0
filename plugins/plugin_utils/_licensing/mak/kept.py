# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Confirmation IDs that were kept, for example in a file of proxy activation, as a task about a MAK uses them.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. This package does not know where they are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ..state.model import ActivationState, LicensedProduct
from .model import MakDesired


@dataclass(frozen=True)
class KeptId:
    """A confirmation ID, and the installation ID that it was issued for; None for one of Windows Server 2003, which is not shown again.

    `activation_id` is that of the add-on that it is for, or None.
    """

    confirmation_id: str
    installation_id: str | None = None
    activation_id: str | None = None


class KeptIds(Protocol):
    """Where confirmation IDs are kept. `products` are the products with the MAK of the task; none if the MAK is not installed."""

    def find(self, state: ActivationState, products: Sequence[LicensedProduct], desired: MakDesired) -> KeptId | None:
        """Return the confirmation ID to deposit, or None. Raises TaskRefusedError for one that is not valid."""

    def advice(self, state: ActivationState, products: Sequence[LicensedProduct], desired: MakDesired) -> str:
        """Return why there is no confirmation ID to deposit, and what to do."""


def with_kept_id(desired: MakDesired, kept: KeptIds | None, state: ActivationState, products: Sequence[LicensedProduct]) -> MakDesired:
    """Return the desired state with the confirmation ID that was kept for the machine, if there is one. Raises TaskRefusedError."""
    if kept is None or not desired.takes_confirmation_id:
        return desired
    found = kept.find(state, products, desired)
    if found is None:
        return desired
    activation_id = desired.activation_id if desired.license_id else found.activation_id
    return replace(desired, confirmation_id=found.confirmation_id, installation_id=found.installation_id, activation_id=activation_id)
