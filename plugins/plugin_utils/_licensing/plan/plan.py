# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task is going to do to a machine: an ordered list of steps, and what comes out of carrying them out.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A plan is computed from the current and the desired state without asking the machine again; check mode, diff and `changed` come from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ..._cim.session import CimSession
from ..state import report
from ..state.model import OSPP_PRODUCT, OSPP_SERVICE, ActivationState, Application, Channel, LicensedProduct, LicensingService
from ..state.provider import SPP, Provider
from ..state.read import read_again
from ..state.target import Target
from .activation import Activation
from .activation_report import ALREADY_LICENSED, activation_report
from .step import ACTIVATE, ACTIVATE_AGAIN, Step, StepResult


@dataclass(frozen=True)
class ExpectedKey:
    """What an installed key must turn out to be, which only the machine knows: one of this `channel`, for this `application`
    and for the product `activation_id`, where they are given. A key that is not gives way to what was there before."""

    partial_product_key: str
    channel: Channel | None = None
    activation_id: str | None = None
    application: Application | None = None


@dataclass(frozen=True)
class RollbackPlan:
    """What a machine goes back to, in words, and the steps; the first of them brings the former key back.

    `cost` is what being licensed again may have cost, as the end of a sentence.
    """

    description: str
    steps: tuple[Step, ...]
    cost: str = ""


@dataclass(frozen=True)
class RollbackPolicy:
    """How a machine gets what it had before its key was changed.

    `of` says it of the product that has the new key, None when there is nothing to go back to; `otherwise` is what a person is told
    then. It is taken when the new key is not what it was meant to be, and with `after_failure` also when activating it failed.
    `consumes` ends the key whose activation it may cost, None for one that costs nothing or that the steps of the plan install too.
    """

    of: Callable[[LicensedProduct], RollbackPlan | None] = field(repr=False, compare=False)
    otherwise: str = ""
    after_failure: bool = False
    consumes: str | None = None


S = TypeVar("S")
"""The state a plan starts from, and its proof."""


@dataclass(frozen=True)
class Outcome(Generic[S]):
    """What became of a plan. `state` is the proof read afterwards, or the state planned from when nothing was sent.

    `before` and `after` are what a person compares, from the proof when there is one. `error` is the explained code and `message` the
    sentence for people when the plan came to its end and not to what was meant.
    """

    state: S
    steps: tuple[StepResult, ...]
    changed: bool
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    error: Mapping[str, Any] | None = None
    message: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the task has to fail."""
        return self.message is not None

    def did(self, action: str) -> bool:
        """Whether a step of this action was done."""
        return any(step.action == action and step.done for step in self.steps)


@dataclass(frozen=True)
class LicenseOutcome(Outcome[ActivationState]):
    """What became of a plan about a license. `activation` has the shape of the module results; `rolled_back`: the machine has the key it
    had before the plan."""

    activation: Mapping[str, Any] = field(default_factory=dict)
    rolled_back: bool = False

    @property
    def activations_used(self) -> int:
        """Activations of a MAK or a KMS host key that were spent, or for a foreseen plan would be."""
        is_planned = self.activation["outcome"] == "planned"
        spending = [step for step in self.steps if step.action in (ACTIVATE, ACTIVATE_AGAIN) and step.consumes]
        return sum(1 for step in spending if step.done or (is_planned and step.action == ACTIVATE))


def _as_it_is(outcome: Outcome[S]) -> Outcome[S]:
    return outcome


def _compare_nothing(_state: S) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Plan(Generic[S]):
    """Ordered steps from `state` to what is desired; `before` and `after` are what a person compares, `after` is predicted.

    `reread` reads the proof, from which `compare` computes what `after` is then, and `verify_outcome` says whether it is what was meant.
    `subject` is what the machine is asked about between two steps, and `look` what a person does when its answer makes no sense.
    """

    state: S
    steps: tuple[Step, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reread: Callable[[CimSession, S], S] = field(repr=False, compare=False)
    compare: Callable[[S], Mapping[str, Any]] = field(default=_compare_nothing, repr=False, compare=False)
    warnings: tuple[str, ...] = ()
    verify_outcome: Callable[[Outcome[S]], Outcome[S]] = field(default=_as_it_is, repr=False, compare=False)
    subject: str = "license"
    look: str = "Read it with activation_info, and run the task again."

    @property
    def parts(self) -> tuple[Plan[S], ...]:
        """The plan itself: plans that are carried out one after the other have more."""
        return (self,)

    @property
    def is_empty(self) -> bool:
        """Nothing to write."""
        return not self.steps

    @property
    def changed(self) -> bool:
        """What check mode reports."""
        return not self.is_empty


def _no_corrections(_product: LicensedProduct) -> tuple[Step, ...]:
    return ()


@dataclass(frozen=True)
class LicensePlan(Plan[ActivationState]):
    """A plan about a license: with a key, an activation, and a rollback.

    `corrections` looks at the product after the steps and says what its own settings still need: settings of a license
    that had no key before, or that only look inherited, cannot be known earlier. `final_steps` are the steps that wait until the
    activation has succeeded. `outcome_if_idle` is the activation outcome when no activation is due.
    """

    reread: Callable[[CimSession, ActivationState], ActivationState] = field(default=read_again, repr=False, compare=False)
    target: Target | None = None
    activation: Activation | None = None
    outcome_if_idle: str = "not_requested"
    guard: ExpectedKey | None = None
    rollback_policy: RollbackPolicy | None = None
    final_steps: tuple[Step, ...] = ()
    provider: Provider = SPP
    corrections: Callable[[LicensedProduct], tuple[Step, ...]] = field(default=_no_corrections, repr=False, compare=False)

    @property
    def is_empty(self) -> bool:
        """Nothing to write, and nothing to activate."""
        return not self.steps and self.activation is None

    @property
    def service(self) -> LicensingService:
        """The service whose licenses the steps change: Office has one of its own before Windows 8."""
        office = self.state.office_service
        classes = {step.target.class_name for step in self.steps} | ({self.target.class_name} if self.target else set())
        of_office = not classes.isdisjoint((OSPP_SERVICE, OSPP_PRODUCT))
        return office if office and of_office else self.state.service

    @property
    def target_key(self) -> str | None:
        """Last five characters of the key that the plan is about."""
        return self.target.partial_product_key if self.target else None

    @property
    def changes_key(self) -> bool:
        """Whether the license status has to be computed anew by the machine afterwards."""
        return any(step.method in ("InstallProductKey", "UninstallProductKey") for step in self.steps)


def results_of(plan: Plan[Any]) -> tuple[StepResult, ...]:
    """Every step of the plan in order, none of them done."""
    steps = tuple(StepResult.of(step, done=False) for step in plan.steps)
    if not isinstance(plan, LicensePlan):
        return steps
    activation = plan.activation
    middle = (StepResult(ACTIVATE, activation.description, activation.consumes, False),) if activation else ()
    return (*steps, *middle, *(StepResult.of(step, done=False) for step in plan.final_steps))


def target_in(plan: LicensePlan, state: ActivationState) -> LicensedProduct | None:
    """The product a plan is about, in a state read before or after; None when it has no such key."""
    if plan.target is None:
        return None
    return next((product for product in state.products if plan.target.is_key_of(product)), None)


def idle_report(plan: LicensePlan, state: ActivationState) -> dict[str, Any]:
    """The `activation` part of a result when none was due."""
    product = target_in(plan, state)
    if product is None or plan.outcome_if_idle != ALREADY_LICENSED:
        return activation_report(plan.outcome_if_idle, plan.target_key, product=product)
    endpoint = report.kms_label(report.describe_kms(state, product))
    return activation_report(plan.outcome_if_idle, plan.target_key, endpoint=endpoint, expires=report.iso(state.expires(product)))


def predict(plan: Plan[Any]) -> Outcome[Any]:
    """What :func:`apply.apply` would come to if all went well; for check mode, asks the machine nothing."""
    if isinstance(plan, LicensePlan):
        return predict_license(plan)
    return Outcome(plan.state, results_of(plan), plan.changed, plan.before, plan.after, warnings=plan.warnings)


def settings_now(plan: Plan[Any], session: CimSession) -> Mapping[str, Any]:
    """What a person compares, read again. Raises what reading raises."""
    return plan.compare(plan.reread(session, plan.state))


def predict_license(plan: LicensePlan) -> LicenseOutcome:
    """The same for a plan about a license."""
    if plan.activation is None:
        activation = idle_report(plan, plan.state)
    else:
        activation = activation_report("planned", plan.target_key, endpoint=plan.activation.kms_host)
    # Each by its name: pylint of some Pythons takes inherited fields for missing ones.
    return LicenseOutcome(
        state=plan.state,
        steps=results_of(plan),
        changed=plan.changed,
        before=plan.before,
        after=plan.after,
        warnings=plan.warnings,
        activation=activation,
    )
