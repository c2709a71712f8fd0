# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One write of a plan, and its result.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._cim.session import CimPath, CimSession, CimValue
from ..._errors import ErrorExplanation
from ..state.model import ActivationState, LicensedProduct
from ..state.product_key import ProductKey
from .timer import RetryTimer

ACTIVATE = "activate"
"""The action of an activation. It is the only action that does not count as a change until it succeeds."""

ACTIVATE_AGAIN = "activate_again"
"""The action of an activation after a rollback to the previous key."""

REMOVE_KEY = "remove_product_key"
"""The action that removes a product key."""

REARM, REBOOT, RESTART_SERVICE = "rearm", "reboot", "restart_service"
"""Actions that the account of a task also counts: a rearm, a reboot of the machine, and a restart of the licensing service."""

SET_RESTART_MARKER, CLEAR_RESTART_MARKER, SET_HOST_VERSION = "set_restart_marker", "clear_restart_marker", "set_host_version"
"""Actions that write a registry value with which the next run recognizes what was done."""


def not_shown(_state: ActivationState) -> bool:
    """Return False, for a step whose effect is not visible in the state."""
    return False


@dataclass(frozen=True)
class Step:
    """One write.

    `description` is a verb phrase in lower case, which continues messages ("Could not ..."). `consumes` and `loses` are noun phrases, None
    if the step costs nothing; `loses` names an activation that the module cannot restore.

    If the response to a request is lost, `is_applied` decides from the state that is read afterwards whether the step took effect.
    `verify` decides with queries of its own, for effects that the licensing state does not show. A `repeatable` step is then sent again.

    `on_failure` are the steps that restore what an earlier step of the same setting changed. `run` carries out a step that is not one
    method call. `explain` explains the codes of a method that has codes of its own. `resume` is the next step for the user if the task
    ended before all steps were done and another run does not complete the rest. `product` is the product that a step about a key, an
    activation, or a rearm is about, as it was read before; None if it is not known yet.
    """

    action: str
    target: CimPath
    method: str
    description: str
    arguments: Mapping[str, CimValue] = field(default_factory=dict)
    key: ProductKey | None = None
    consumes: str | None = None
    loses: str | None = None
    is_applied: Callable[[ActivationState], bool] = field(default=not_shown, repr=False, compare=False)
    repeatable: bool = True
    on_failure: tuple[Step, ...] = ()
    verify: Callable[[CimSession], bool] | None = field(default=None, repr=False, compare=False)
    run: Callable[[CimSession, RetryTimer], None] | None = field(default=None, repr=False, compare=False)
    explain: Callable[[int], ErrorExplanation] | None = field(default=None, repr=False, compare=False)
    resume: str | None = None
    product: LicensedProduct | None = field(default=None, repr=False, compare=False)

    @property
    def is_visible(self) -> bool:
        """Whether the machine shows if the step took effect."""
        return self.verify is not None or self.is_applied is not not_shown

    def sent_arguments(self) -> dict[str, CimValue]:
        """Return the arguments with the full product key. Only the request can contain them."""
        return {**self.arguments, **({"ProductKey": self.key.reveal()} if self.key else {})}


@dataclass(frozen=True)
class StepResult:
    """A step and whether it was carried out. `uncertain`: it might have been carried out, completely or in part; `done` is then False."""

    action: str
    description: str
    consumes: str | None
    done: bool
    loses: str | None = None
    uncertain: bool = False
    resume: str | None = None

    @classmethod
    def of(cls, step: Step, *, done: bool, uncertain: bool = False) -> StepResult:
        """Return the result of a step of a plan."""
        return cls(step.action, step.description, step.consumes, done, step.loses, uncertain, step.resume)

    def as_dict(self) -> dict[str, Any]:
        """Return the item for `steps` in a module result."""
        return {
            "action": self.action,
            "description": self.description,
            "consumes": self.consumes,
            "loses": self.loses,
            "done": self.done,
            "uncertain": self.uncertain,
        }
