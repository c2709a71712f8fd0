# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One write of a plan, and what became of it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._cim.session import CimPath, CimSession, CimValue
from ..._errors import ErrorExplanation
from ..state.model import ActivationState
from ..state.product_key import ProductKey
from .timer import RetryTimer

ACTIVATE = "activate"
"""The action of an activation; it alone does not count as a change until it succeeds."""

ACTIVATE_AGAIN = "activate_again"
"""The action of an activation after going back to the former key."""

REARM, REBOOT, RESTART_SERVICE = "rearm", "reboot", "restart_service"
"""The actions that the account of a task counts besides: of a rearm, a reboot of the machine and a restart of its licensing service."""


def cannot_tell(_state: ActivationState) -> bool:
    """For a step whose effect no later state shows."""
    return False


@dataclass(frozen=True)
class Step:
    """One write.

    `description`, `consumes` and `loses` are for people; `loses` names an activation that nobody can give back. `is_applied` says of a
    state read afterwards whether the step took effect: it decides when the connection broke after the request was sent; `verify`
    asks the machine instead, where no licensing state shows the effect. `repeatable` steps may then be sent once more.
    `on_failure` are the steps that put back what an earlier step of the same setting changed. `run` carries the step out where
    it is more, or something else, than one method call. `explain` explains a code where the method has codes of its own. `resume` is what a
    person does when the task ended before all its steps were done, where running it again does not do what is left.
    """

    action: str
    target: CimPath
    method: str
    description: str
    arguments: Mapping[str, CimValue] = field(default_factory=dict)
    key: ProductKey | None = None
    consumes: str | None = None
    loses: str | None = None
    is_applied: Callable[[ActivationState], bool] = field(default=cannot_tell, repr=False, compare=False)
    repeatable: bool = True
    on_failure: tuple[Step, ...] = ()
    verify: Callable[[CimSession], bool] | None = field(default=None, repr=False, compare=False)
    run: Callable[[CimSession, RetryTimer], None] | None = field(default=None, repr=False, compare=False)
    explain: Callable[[int], ErrorExplanation] | None = field(default=None, repr=False, compare=False)
    resume: str | None = None

    @property
    def is_visible(self) -> bool:
        """Whether the machine can be asked if the step took effect."""
        return self.verify is not None or self.is_applied is not cannot_tell

    def sent_arguments(self) -> dict[str, CimValue]:
        """The arguments with the product key in full, for the request and for nothing else."""
        return {**self.arguments, **({"ProductKey": self.key.reveal()} if self.key else {})}


@dataclass(frozen=True)
class StepResult:
    """A step and whether it was carried out. `uncertain`: it was not, as far as anybody knows, but may have been in whole or in part."""

    action: str
    description: str
    consumes: str | None
    done: bool
    loses: str | None = None
    uncertain: bool = False
    resume: str | None = None

    @classmethod
    def of(cls, step: Step, *, done: bool, uncertain: bool = False) -> StepResult:
        """A step of a plan, done or not."""
        return cls(step.action, step.description, step.consumes, done, step.loses, uncertain, step.resume)

    def as_dict(self) -> dict[str, Any]:
        """The shape of the module results."""
        return {
            "action": self.action,
            "description": self.description,
            "consumes": self.consumes,
            "loses": self.loses,
            "done": self.done,
            "uncertain": self.uncertain,
        }
