# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carry out the plans of a KMS host one after the other, and read the final state.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A failed activation ends the task, because the settings of a machine that is not a KMS host would fail too. The result contains the
completed steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..._cim.session import CimSession
from ..._licensing.hosting.model import HostKey, HostPlan, HostState, KmsHostDesired
from ..._licensing.hosting.publication import PublishedDomain
from ..._licensing.hosting.read import read_host, read_host_again
from ..._licensing.plan.account import Account
from ..._licensing.plan.activation import ActivationMethod
from ..._licensing.plan.apply import apply_license
from ..._licensing.plan.budget import Budget
from ..._licensing.plan.plan import LicenseOutcome, LicensePlan, predict_license, results_of
from ..._licensing.plan.step import RESTART_SERVICE, StepResult
from . import plan as kms_host

_READS_FOR_PUBLICATION = 3
_READ_DELAY = 2.0
"""In seconds. A KMS host publishes its SRV records within seconds after the start of its service; the result contains the outcome."""


_CONVERTED = frozenset({"state", "host_keys", "activation_method", "publish_domains", "max_activations"})
"""Options that have another form in the desired state."""


@dataclass(frozen=True)
class HostOutcome:
    """The outcome of a plan. `parts` has one outcome for each part of the plan; those after the `reached` ones are predicted.

    `after` are the settings to compare with `before`.
    """

    plan: HostPlan
    state: HostState
    parts: tuple[LicenseOutcome, ...]
    reached: int
    after: Mapping[str, Any]

    @property
    def before(self) -> Mapping[str, Any]:
        """The settings before the plan."""
        return self.plan.before

    @property
    def failed(self) -> bool:
        """Whether the task must fail."""
        return self.failure is not None

    @property
    def error(self) -> Mapping[str, Any] | None:
        """The explained code of the part that failed."""
        return self.failure.error if self.failure else None

    @property
    def message(self) -> str | None:
        """The message of the part that failed."""
        return self.failure.message if self.failure else None

    @property
    def steps(self) -> tuple[StepResult, ...]:
        """All steps in order."""
        return tuple(step for part in self.parts for step in part.steps)

    @property
    def changed(self) -> bool:
        """Whether a step was done, or in check mode would be done."""
        return any(part.changed for part in self.parts[: self.reached])

    @property
    def failure(self) -> LicenseOutcome | None:
        """The part that failed, or None."""
        return next((part for part in self.parts[: self.reached] if part.failed), None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """All warnings, without duplicates."""
        return tuple(dict.fromkeys((*self.plan.warnings, *(warning for part in self.parts for warning in part.warnings))))

    @property
    def restarted(self) -> bool:
        """Whether the licensing service was restarted."""
        return any(step.action == RESTART_SERVICE and step.done for step in self.steps)

    def activation_of(self, plan: LicensePlan) -> Mapping[str, Any]:
        """Return the activation of one plan."""
        return next(outcome.activation for part, outcome in zip(self.plan.parts, self.parts, strict=True) if part is plan)


def desired_of(options: Mapping[str, Any], budget: Budget | None = None, *, is_retried: bool = False) -> KmsHostDesired:
    """Return the desired state from the options of the module. `is_retried`: Ansible repeats the task if it fails."""
    keys = tuple(HostKey(**key) for key in options["host_keys"] or ())
    domains = None if options["publish_domains"] is None else tuple(PublishedDomain(**entry) for entry in options["publish_domains"])
    rest = {name: value for name, value in options.items() if name not in _CONVERTED}
    method = ActivationMethod(options["activation_method"])
    return KmsHostDesired(
        options["state"] == "present", keys, activation_method=method, publish_domains=domains, budget=budget, is_retried=is_retried, **rest
    )


def plan_for(session: CimSession, desired: KmsHostDesired) -> HostPlan:
    """Read the machine, and return the plan. Raises TaskRefusedError, and what reading raises."""
    return kms_host.plan(read_host(session, desired), desired)


def predict(plan: HostPlan) -> HostOutcome:
    """Return the outcome that :func:`carry_out` would have if all steps succeeded. Check mode uses it; it sends no query."""
    return HostOutcome(plan, plan.state, tuple(predict_license(part) for part in plan.parts), len(plan.parts), plan.after)


def carry_out(
    plan: HostPlan,
    session: CimSession,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    account: Account | None = None,
) -> HostOutcome:
    """Carry out the plans, and return the outcome. Sends no request if there is nothing to do.

    Raises StepFailedError and UnreachableError as :func:`apply.apply` does, with the steps of all plans.
    """
    if not plan.changed:
        return predict(plan)
    account = account or Account()
    done: list[LicenseOutcome] = []
    for number, part in enumerate(plan.parts, start=1):
        account.expect(step for later in plan.parts[number:] for step in results_of(later))
        done.append(apply_license(part, session, clock, sleep, account))
        if done[-1].failed:
            break
    outcomes = (*done, *(predict_license(part) for part in plan.parts[len(done) :]))
    outcome = HostOutcome(plan, plan.state, outcomes, len(done), plan.after)
    final_state = _read_final_state(outcome, session, sleep)
    return HostOutcome(plan, final_state, outcomes, len(done), kms_host.settings_dict(final_state, plan.desired))


def settings_now(plan: HostPlan, session: CimSession) -> Mapping[str, Any]:
    """Read the state again, and return the settings to compare. Raises what reading raises."""
    return kms_host.settings_dict(read_host_again(session, plan.desired, plan.state), plan.desired)


def _read_final_state(outcome: HostOutcome, session: CimSession, sleep: Callable[[float], None]) -> HostState:
    plan = outcome.plan
    final_state = read_host_again(session, plan.desired, plan.state)
    reads = _READS_FOR_PUBLICATION if outcome.restarted and final_state.is_publishing else 0
    while reads and final_state.publications == plan.state.publications:
        sleep(_READ_DELAY)
        final_state = read_host_again(session, plan.desired, plan.state)
        reads -= 1
    return final_state
