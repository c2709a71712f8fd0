# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Confirmation IDs that were kept on the controller, for a task about a MAK: the state of the machine in, the ID to deposit out.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The package that knows the records gets and returns plain values, because it does not depend on licensing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..._licensing.mak.kept import KeptId
from ..._licensing.mak.model import MakDesired
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state.model import ActivationState, LicensedProduct
from ..._licensing.state.report import describe_product, describe_system


@dataclass(frozen=True)
class KeptDecision:
    """What was kept for a machine. Without a confirmation ID to deposit, `message` is the reason, and `next_step` what to do.

    `installation_id` is empty for Windows Server 2003, and `activation_id` unless the confirmation ID is for an add-on.
    """

    is_ready: bool
    is_invalid: bool
    message: str
    next_step: str
    confirmation_id: str = ""
    installation_id: str = ""
    activation_id: str = ""


class KeptRecords(Protocol):
    """Records with confirmation IDs; `path` is their file."""

    @property
    def path(self) -> str:
        """Return the path of the file."""

    def decide(self, read: Mapping[str, Any], application: str, partial_product_key: str, activation_id: str) -> KeptDecision:
        """Return the decision about a machine. The texts are empty if the task does not name a key or a product."""


@dataclass(frozen=True)
class KeptIdsOfFile:
    """The port of a task about a MAK, over the records of a file."""

    records: KeptRecords

    def find(self, state: ActivationState, products: Sequence[LicensedProduct], desired: MakDesired) -> KeptId | None:
        """Return the confirmation ID to deposit, or None. Raises TaskRefusedError for one that is not valid."""
        decision = self._decision(state, products, desired)
        if decision.is_invalid:
            raise TaskRefusedError("invalid_confirmation_id", f"{self.records.path}: {decision.message}.", (decision.next_step,))
        if not decision.is_ready:
            return None
        return KeptId(decision.confirmation_id, decision.installation_id or None, decision.activation_id or None)

    def advice(self, state: ActivationState, products: Sequence[LicensedProduct], desired: MakDesired) -> str:
        """Return why there is no confirmation ID to deposit, and what to do."""
        decision = self._decision(state, products, desired)
        if decision.is_ready:
            return f"{self.records.path} has a confirmation ID for the installation ID that the machine shows now. {decision.next_step}"
        return f"{self.records.path} has no confirmation ID to deposit: {decision.message}. {decision.next_step}"

    def _decision(self, state: ActivationState, products: Sequence[LicensedProduct], desired: MakDesired) -> KeptDecision:
        read = {"machine": describe_system(state.os), "products": [describe_product(state, product) for product in products]}
        key = desired.product_key.partial_product_key if desired.product_key else ""
        return self.records.decide(read, desired.application.value, key, desired.license_id or "")


__all__ = ["KeptDecision", "KeptIdsOfFile", "KeptRecords"]
