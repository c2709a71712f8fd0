# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans: the ordered steps of a task on a machine, and the outcome of carrying them out.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A plan is computed from the current and the desired state, without further queries. Check mode, diff, and `changed` come from the plan.
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
    """What the machine must report about an installed key: its `channel`, `application`, and `activation_id`, each if not None.

    If the machine reports something else, the module restores the previous key.
    """

    partial_product_key: str
    channel: Channel | None = None
    activation_id: str | None = None
    application: Application | None = None


@dataclass(frozen=True)
class RollbackPlan:
    """The steps of a rollback; the first step restores the previous key.

    `description` is a noun phrase for what the steps restore. `cost` is what licensing the machine again might have cost, as the end of a
    sentence. `is_addon`: the steps remove the key of an add-on, and do not concern Windows itself. `is_of_office`: they remove the key of a
    product of Office beside its other keys; the same task can be about Windows too. `is_of_settings`: they restore a setting, and no key.
    """

    description: str
    steps: tuple[Step, ...]
    cost: str = ""
    is_addon: bool = False
    is_of_office: bool = False
    is_of_settings: bool = False


@dataclass(frozen=True)
class RollbackPolicy:
    """When and how to restore the previous key of a machine.

    `of` returns the rollback for the product that has the new key, or None if there is nothing to restore; `otherwise` is the message for
    this case. The rollback is done if the new key is not the expected one, and with `after_failure` also if its activation failed.
    `consumes` is the partial product key whose activation the rollback might use, None if it uses none, or if the steps of the plan install
    this key too.
    """

    of: Callable[[LicensedProduct], RollbackPlan | None] = field(repr=False, compare=False)
    otherwise: str = ""
    after_failure: bool = False
    consumes: str | None = None


S = TypeVar("S")
"""Type of the state that a plan starts from, and of its final state."""


@dataclass(frozen=True)
class Outcome(Generic[S]):
    """The outcome of a plan. `state` is the final state, or the initial state if nothing was sent.

    `before` and `after` are the settings to compare; `after` is computed from the final state if there is one. `error` is the explained
    code, and `message` the error message, if all steps were sent but the desired state was not reached.
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
        """Whether the task must fail."""
        return self.message is not None

    def did(self, action: str) -> bool:
        """Return whether a step of this action was done."""
        return any(step.action == action and step.done for step in self.steps)


@dataclass(frozen=True)
class LicenseOutcome(Outcome[ActivationState]):
    """The outcome of a plan about a license.

    `activation` has the shape of the module results. `rolled_back` is true if the previous key was restored.
    """

    activation: Mapping[str, Any] = field(default_factory=dict)
    rolled_back: bool = False

    @property
    def activations_used(self) -> int:
        """Number of activations of a MAK or a KMS host key that were used, or for a predicted outcome would be used."""
        is_planned = self.activation["outcome"] == "planned"
        consuming = [step for step in self.steps if step.action in (ACTIVATE, ACTIVATE_AGAIN) and step.consumes]
        return sum(1 for step in consuming if step.done or (is_planned and step.action == ACTIVATE))


def _unchanged(outcome: Outcome[S]) -> Outcome[S]:
    return outcome


def _compare_nothing(_state: S) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Plan(Generic[S]):
    """Ordered steps from `state` to the desired state; `before` and `after` are the settings to compare, `after` is predicted.

    `reread` reads the final state, `compare` computes the actual `after` from it, and `verify_outcome` checks the outcome. `subject` is
    what the queries between the steps are about, and `next_step` what to do if a query returns invalid data.
    """

    state: S
    steps: tuple[Step, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reread: Callable[[CimSession, S], S] = field(repr=False, compare=False)
    compare: Callable[[S], Mapping[str, Any]] = field(default=_compare_nothing, repr=False, compare=False)
    warnings: tuple[str, ...] = ()
    verify_outcome: Callable[[Outcome[S]], Outcome[S]] = field(default=_unchanged, repr=False, compare=False)
    subject: str = "license"
    next_step: str = "Read the license with activation_info, and run the task again."

    @property
    def parts(self) -> tuple[Plan[S], ...]:
        """The plan itself. Compound plans have several parts, which are carried out one after the other."""
        return (self,)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not self.steps

    @property
    def changed(self) -> bool:
        """The value of `changed` in check mode."""
        return not self.is_empty


def _no_corrections(_product: LicensedProduct) -> tuple[Step, ...]:
    return ()


@dataclass(frozen=True)
class LicensePlan(Plan[ActivationState]):
    """A plan about a license, with a key, an activation, and a rollback.

    `corrections` returns the steps that the settings of the product itself still require after the plan's steps. Settings of a license
    that had no key before, or that only seem to be inherited, are not known earlier. `final_steps` are sent after the activation has
    succeeded. `outcome_if_idle` is the activation outcome if no activation is required.

    `is_beside_windows`: the plan is about an add-on or a product of Office, and not about Windows itself. `license_before` is its license
    before a key is installed, if it was read. `before_in` returns the settings before the plan of the product that has the key in the
    final state; None if `before` is about this product in any case. `settings_rollback` returns what restores the settings of a product, as
    it was read before its activation, if the activation fails and the plan did not install a key.
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
    is_beside_windows: bool = False
    license_before: LicensedProduct | None = None
    before_in: Callable[[ActivationState], Mapping[str, Any]] | None = field(default=None, repr=False, compare=False)
    settings_rollback: Callable[[LicensedProduct], RollbackPlan | None] | None = field(default=None, repr=False, compare=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write and nothing to activate."""
        return not self.steps and self.activation is None

    @property
    def service(self) -> LicensingService:
        """The licensing service whose licenses the steps change. Before Windows 8, Office has a licensing service of its own."""
        office = self.state.office_service
        classes = {step.target.class_name for step in self.steps} | ({self.target.class_name} if self.target else set())
        of_office = not classes.isdisjoint((OSPP_SERVICE, OSPP_PRODUCT))
        return office if office and of_office else self.state.service

    @property
    def target_key(self) -> str | None:
        """Partial product key of the key that the plan is about."""
        return self.target.partial_product_key if self.target else None

    @property
    def changes_key(self) -> bool:
        """Whether the machine must refresh its license status afterwards."""
        return any(step.method in ("InstallProductKey", "UninstallProductKey") for step in self.steps)


def results_of(plan: Plan[Any]) -> tuple[StepResult, ...]:
    """Return the results of all steps of a plan in order, none of them done."""
    steps = tuple(StepResult.of(step, done=False) for step in plan.steps)
    if not isinstance(plan, LicensePlan):
        return steps
    activation = plan.activation
    middle = (StepResult(ACTIVATE, activation.description, activation.consumes, False),) if activation else ()
    return (*steps, *middle, *(StepResult.of(step, done=False) for step in plan.final_steps))


def target_in(plan: LicensePlan, state: ActivationState) -> LicensedProduct | None:
    """Return the product that a plan is about, from a state read before or afterwards; None if no product has the key."""
    if plan.target is None:
        return None
    return next((product for product in state.products if plan.target.is_key_of(product)), None)


def product_of(plan: LicensePlan, state: ActivationState) -> LicensedProduct | None:
    """Return the product for the result: the one with the key, or else the license of the plan without a key, or Windows itself."""
    return target_in(plan, state) or (plan.license_before if plan.is_beside_windows else state.primary)


def idle_report(plan: LicensePlan, state: ActivationState) -> dict[str, Any]:
    """Return `activation` of a result for a plan without an activation."""
    product = target_in(plan, state)
    if product is None or plan.outcome_if_idle != ALREADY_LICENSED:
        return activation_report(plan.outcome_if_idle, plan.target_key, product=product, subject=product or plan.license_before)
    endpoint, expires = report.kms_label(report.describe_kms(state, product)), report.iso(state.expires(product))
    return activation_report(plan.outcome_if_idle, plan.target_key, subject=product, endpoint=endpoint, expires=expires)


def predict(plan: Plan[Any]) -> Outcome[Any]:
    """Return the outcome that :func:`apply.apply` would have if all steps succeeded. Check mode uses it; it sends no query."""
    if isinstance(plan, LicensePlan):
        return predict_license(plan)
    return Outcome(plan.state, results_of(plan), plan.changed, plan.before, plan.after, warnings=plan.warnings)


def settings_now(plan: Plan[Any], session: CimSession) -> Mapping[str, Any]:
    """Read the state again, and return the settings to compare. Raises what reading raises."""
    return plan.compare(plan.reread(session, plan.state))


def predict_license(plan: LicensePlan) -> LicenseOutcome:
    """Do the same as :func:`predict` for a plan about a license."""
    if plan.activation is None:
        activation = idle_report(plan, plan.state)
    else:
        subject = target_in(plan, plan.state) or plan.license_before
        activation = activation_report("planned", plan.target_key, subject=subject, endpoint=plan.activation.kms_host)
    # Keyword arguments, because pylint of some Python versions reports inherited fields as missing.
    return LicenseOutcome(
        state=plan.state,
        steps=results_of(plan),
        changed=plan.changed,
        before=plan.before,
        after=plan.after,
        warnings=plan.warnings,
        activation=activation,
    )
