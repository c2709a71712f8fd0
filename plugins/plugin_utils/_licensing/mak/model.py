# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desired state of a task about a MAK.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..catalog import esu
from ..catalog.esu import Programme
from ..plan.activation import ActivationMethod
from ..plan.budget import Budget
from ..state import scope
from ..state.model import Application
from ..state.product_key import ProductKey

SETTINGS = ("kms_host", "kms_port", "lookup_domain")
"""The KMS settings of Windows, which a MAK does not use."""
_NOT_DESIRED = frozenset({"max_activations", "planned_activations", "confirmation_id_file"})
"""Options about the play, and about the controller."""


@dataclass(frozen=True)
class MakDesired:
    """The desired state.

    `product_key` None means the installed MAK. `activation_id` selects the product of the installed or new MAK, and so does `esu`, the name
    of a programme. `retry_timeout` is in seconds. `installation_id` is the one that `confirmation_id` was issued for, and `edition_id` the
    EditionID of the key. `rollback` restores the previous GVLK if the activation fails. `lose_activation` accepts the loss of an activation
    that the module cannot restore, `replace_subscription` the loss of an active subscription. `is_retried`: Ansible repeats the task
    automatically.
    """

    product_key: ProductKey | None = None
    activate: bool = True
    activation_method: ActivationMethod = ActivationMethod.ONLINE
    application: Application = Application.WINDOWS
    activation_id: str | None = None
    esu: str | None = None
    confirmation_id: str | None = None
    installation_id: str | None = None
    retry_timeout: int = 0
    rollback: bool = True
    clear_kms_settings: bool = False
    edition_id: str | None = None
    convert_kms_host: bool = False
    lose_activation: bool = False
    replace_subscription: bool = False
    budget: Budget | None = None
    is_retried: bool = False

    @property
    def takes_confirmation_id(self) -> bool:
        """Whether the machine is activated with a confirmation ID, which it does not request from Microsoft itself."""
        return self.activate and self.activation_method is not ActivationMethod.ONLINE

    @property
    def programme(self) -> Programme | None:
        """The programme of Extended Security Updates that the task selects by name or by activation ID; None if it selects none."""
        return esu.named(self.esu) if self.esu else esu.of_id(scope.guid(self.activation_id))

    @property
    def license_id(self) -> str | None:
        """The activation ID that the task selects, in the form of the model; None if it selects none."""
        return self.programme.activation_id if self.programme else scope.guid(self.activation_id)


def desired_of(options: Mapping[str, Any], budget: Budget | None, *, is_retried: bool) -> MakDesired:
    """Return the desired state from the options of the module."""
    desired = {name: value for name, value in options.items() if name not in _NOT_DESIRED}
    desired["activation_method"] = ActivationMethod(desired["activation_method"])
    desired["application"] = Application(desired["application"])
    return MakDesired(**desired, budget=budget, is_retried=is_retried)
