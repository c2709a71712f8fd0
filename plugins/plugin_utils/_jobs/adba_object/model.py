# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task about creating an activation object starts from.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..._adba.model import ActivationObject
from ..._adba.reading import Domains
from ..._licensing.plan.activation import ActivationMethod
from ..._licensing.plan.budget import Budget
from ..._licensing.state.model import OperatingSystem
from ..._licensing.state.product_key import ProductKey


class ForestOfTask(Protocol):
    """The directory of the task, which is the same before and after."""

    def objects(self) -> tuple[ActivationObject, ...]:
        """Return the objects that the account can see. Raises DirectoryError."""

    def objects_again(self) -> tuple[ActivationObject, ...]:
        """Return the objects after a long operation. Raises DirectoryError."""

    def domains(self) -> Domains:
        """Return the domains of the forest."""


@dataclass(frozen=True)
class Hop:
    """Whether the machine can log on to a domain controller with the account of the session, and the logon for a message."""

    is_possible: bool
    logon: str


@dataclass(frozen=True)
class DesiredObject:
    """The object that a task wants. `name` None lets Windows choose it. `sends_key` is false in check mode: not even a read has the key."""

    product_key: ProductKey
    name: str | None = None
    activation_id: str | None = None
    method: ActivationMethod = ActivationMethod.ONLINE
    confirmation_id: str | None = None
    installation_id: str | None = None
    budget: Budget | None = None
    is_retried: bool = False
    sends_key: bool = True

    def is_met_by(self, found: ActivationObject) -> bool:
        """Return whether an object has the key, and the activation ID if the task names it."""
        has_key = (found.partial_product_key or "").upper() == self.product_key.partial_product_key
        return has_key and self.activation_id in (None, found.activation_id)

    @property
    def label(self) -> str:
        """The object for a message."""
        name = f" '{self.name}'" if self.name else ""
        return f"the activation object{name} with the KMS host key ending in {self.product_key.partial_product_key}"


@dataclass(frozen=True)
class ObjectState:
    """The machine and the directory. `found` is the object of the task, None if there is none. `installation_id` is None if not needed."""

    os: OperatingSystem
    found: ActivationObject | None
    installation_id: str | None = None


__all__ = ["DesiredObject", "ForestOfTask", "Hop", "ObjectState"]
