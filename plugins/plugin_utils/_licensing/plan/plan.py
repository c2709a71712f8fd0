# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task is going to do to a machine: an ordered list of steps, and what comes out of carrying them out.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A plan is computed from a state and a wish without asking the machine again; check mode, diff and `changed` come from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._cim.session import CimSession
from ..state import report
from ..state.model import OSPP_PRODUCT, OSPP_SERVICE, ActivationState, Application, Channel, LicensedProduct, LicensingService
from ..state.provider import SPP, Provider
from ..state.read import read_again
from ..state.target import Target
from .activation import Activation
from .step import ACTIVATE, ACTIVATE_AGAIN, Step, StepResult

ALREADY_LICENSED = "already_licensed"
"""The activation outcome of a product that needs none."""

NEEDS_CONFIRMATION_ID = "needs_confirmation_id"
"""The activation outcome of a product that waits for somebody to ask Microsoft for its confirmation ID."""


@dataclass(frozen=True)
class KeyGuard:
    """What an installed key must turn out to be, which only the machine knows: one of this `channel`, for this `application`
    and for the product `activation_id`, where they are given. A key that is not gives way to what was there before."""

    last_five: str
    channel: Channel | None = None
    activation_id: str | None = None
    application: Application | None = None


@dataclass(frozen=True)
class Retreat:
    """What a machine goes back to, in words, and the steps; the first of them brings the former key back.

    `cost` is what being licensed again may have cost, as the end of a sentence.
    """

    description: str
    steps: tuple[Step, ...]
    cost: str = ""


@dataclass(frozen=True)
class WayBack:
    """How a machine gets what it had before its key was changed.

    `of` says it of the product that has the new key, None when there is nothing to go back to; `otherwise` is what a person is told
    then. It is taken when the new key is not what it was meant to be, and with `after_failure` also when activating it failed.
    `spends` ends the key whose activation it may cost, None for one that costs nothing or that the steps of the plan install too.
    """

    of: Callable[[LicensedProduct], Retreat | None] = field(repr=False, compare=False)
    otherwise: str = ""
    after_failure: bool = False
    spends: str | None = None


def _no_corrections(_product: LicensedProduct) -> tuple[Step, ...]:
    return ()


def _compare_nothing(_state: ActivationState) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Plan:
    """Ordered steps from `state` to a wish; `before` and `after` are what a person compares, `after` is predicted, and
    `compare` computes the same from a state read later.

    `corrections` looks at the product after the steps and says what its own settings still need: settings of a licence
    that had no key before, or that only look inherited, cannot be known earlier. `closing` are the steps that wait until the
    activation has succeeded. `idle` is the activation outcome when no activation is due.
    """

    state: ActivationState
    steps: tuple[Step, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    warnings: tuple[str, ...] = ()
    target: Target | None = None
    activation: Activation | None = None
    idle: str = "not_requested"
    guard: KeyGuard | None = None
    way_back: WayBack | None = None
    closing: tuple[Step, ...] = ()
    provider: Provider = SPP
    corrections: Callable[[LicensedProduct], tuple[Step, ...]] = field(default=_no_corrections, repr=False, compare=False)
    compare: Callable[[ActivationState], Mapping[str, Any]] = field(default=_compare_nothing, repr=False, compare=False)
    reread: Callable[[CimSession, ActivationState], ActivationState] = field(default=read_again, repr=False, compare=False)

    @property
    def parts(self) -> tuple[Plan, ...]:
        """The plan itself: plans about several licences have more."""
        return (self,)

    @property
    def is_empty(self) -> bool:
        """Nothing to write."""
        return not self.steps and self.activation is None

    @property
    def changed(self) -> bool:
        """What check mode reports."""
        return not self.is_empty

    @property
    def service(self) -> LicensingService:
        """The service whose licences the steps change: Office has one of its own before Windows 8."""
        office = self.state.office_service
        classes = {step.target.class_name for step in self.steps} | ({self.target.class_name} if self.target else set())
        of_office = not classes.isdisjoint((OSPP_SERVICE, OSPP_PRODUCT))
        return office if office and of_office else self.state.service

    @property
    def changes_key(self) -> bool:
        """Whether the licence status has to be computed anew by the machine afterwards."""
        return any(step.method in ("InstallProductKey", "UninstallProductKey") for step in self.steps)


@dataclass(frozen=True)
class Outcome:
    """What became of a plan. `state` is the proof read afterwards, or the state planned from when nothing was sent.

    `before` and `after` are what a person compares, from the proof when there is one. `activation` has the shape of the
    module results; `error` is the explained code and `message` the sentence for people when the activation failed. `rolled_back`:
    the machine has the key it had before the plan.
    """

    state: ActivationState
    steps: tuple[StepResult, ...]
    activation: Mapping[str, Any]
    changed: bool
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    error: Mapping[str, Any] | None = None
    message: str | None = None
    warnings: tuple[str, ...] = ()
    rolled_back: bool = False

    @property
    def activations_spent(self) -> int:
        """Activations of a MAK or a KMS host key that were spent, or for a foreseen plan would be."""
        is_planned = self.activation["outcome"] == "planned"
        spending = [step for step in self.steps if step.action in (ACTIVATE, ACTIVATE_AGAIN) and step.spends]
        return sum(1 for step in spending if step.done or (is_planned and step.action == ACTIVATE))

    @property
    def failed(self) -> bool:
        """Whether the task has to fail."""
        return self.message is not None

    def steps_as_dicts(self) -> list[dict[str, Any]]:
        """The steps in the shape of the module results."""
        return [step.as_dict() for step in self.steps]


def results_of(plan: Plan, done: bool = False) -> tuple[StepResult, ...]:
    """Every step of the plan in order, none or all of them done."""

    def result(step: Step) -> StepResult:
        return StepResult.of(step, done=done)

    activation = plan.activation
    middle = (StepResult(ACTIVATE, activation.description, activation.spends, done),) if activation else ()
    return (*map(result, plan.steps), *middle, *map(result, plan.closing))


def activation_report(outcome: str, attempts: int = 0, **known: Any) -> dict[str, Any]:
    """The `activation` part of a result, with null for what is not known."""
    return {"outcome": outcome, "attempts": attempts, "kms_host": None, "expires": None, "count": None, "error": None, **known}


def target_in(plan: Plan, state: ActivationState) -> LicensedProduct | None:
    """The product a plan is about, in a state read before or after; None when it has no such key."""
    if plan.target is None:
        return None
    return next((product for product in state.products if plan.target.is_key_of(product)), None)


def idle_report(plan: Plan, state: ActivationState) -> dict[str, Any]:
    """The `activation` part of a result when none was due."""
    product = target_in(plan, state)
    if product is None or plan.idle != ALREADY_LICENSED:
        return activation_report(plan.idle)
    host = report.kms_label(report.describe_kms(state, product))
    return activation_report(plan.idle, kms_host=host, expires=report.iso(state.expires(product)))


def foresee(plan: Plan) -> Outcome:
    """What :func:`apply.apply` would come to if all went well; for check mode, asks the machine nothing."""
    if plan.activation is None:
        activation = idle_report(plan, plan.state)
    else:
        activation = activation_report("planned", kms_host=plan.activation.kms_host)
    return Outcome(plan.state, results_of(plan), activation, plan.changed, plan.before, plan.after, warnings=plan.warnings)
