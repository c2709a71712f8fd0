# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a plan that was carried out: its outcome, from the proof read afterwards.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..problems import StepFailedError
from ..state import report
from ..state.model import ActivationState, Application, LicensedProduct
from .activation import Attempts
from .activation_report import activation_report
from .diagnose import Failure
from .plan import LicenseOutcome, LicensePlan, RollbackPlan, idle_report, target_in
from .writes import LicenseWriter


@dataclass(frozen=True)
class RollbackResult:
    """How going back went; `is_back`: the machine has its former key again. `problem` is what failed on the way."""

    rollback_plan: RollbackPlan
    application: Application
    is_back: bool
    problem: str | None = None

    def words(self, final_state: ActivationState | None) -> str:
        """For the end of a sentence that says what failed; `final_state` is None when the machine could not be read afterwards."""
        if not self.is_back:
            return f" Going back failed too: it {self.problem}."
        problem = f", and it {self.problem}" if self.problem else ""
        back = f" The machine went back to {self.rollback_plan.description}"
        if final_state is None:
            return f"{back}{problem}."
        is_licensed = any(product.status.is_activated for product in final_state.keyed(self.application, addons=False))
        licensed = f"It is licensed again{self.rollback_plan.cost}" if is_licensed else f"It is not licensed now{problem}"
        return f"{back}. {licensed}."


def build_outcome(
    plan: LicensePlan,
    writes: LicenseWriter,
    final_state: ActivationState,
    product: LicensedProduct | None,
    attempts: Attempts | None,
    taken: RollbackResult | None = None,
    unfinished: StepFailedError | None = None,
) -> LicenseOutcome:
    """The outcome of a plan; `product` is the one that was activated, `attempts` how that went, `taken` the way back.

    `unfinished` is the step after a successful activation that failed.
    """
    steps = writes.results()
    failure = attempts.failure if attempts and attempts.failure and not attempts.failure.waits_for_count else None
    error, message = None, None
    if failure:
        after = taken.words(final_state) if taken else _what_is_left(plan, final_state)
        error, message = failure.error, failure_words(product, failure, after)
    elif unfinished:
        error = unfinished.explanation.as_dict()
        message = f"{_done_words(plan)}, but then it {unfinished.message}"
    return LicenseOutcome(
        state=final_state,
        steps=steps,
        activation=_report(plan, final_state, attempts),
        changed=writes.has_changed,
        before=plan.before,
        after=plan.compare(final_state),
        error=error,
        message=message,
        warnings=tuple(dict.fromkeys((*writes.warnings, *_waiting_warning(attempts), *_spending_warning(plan, attempts)))),
        rolled_back=taken is not None and taken.is_back,
    )


def _done_words(plan: LicensePlan) -> str:
    desired = plan.activation
    spent = f" (spent: {desired.consumes})" if desired and desired.consumes else ""
    return f"it did {desired.description if desired else 'activate'}{spent}"


def _report(plan: LicensePlan, final_state: ActivationState, attempts: Attempts | None) -> dict[str, Any]:
    if attempts is None:
        return idle_report(plan, final_state)
    failure, desired, product = attempts.failure, plan.activation, target_in(plan, final_state)
    in_use = report.kms_label(report.describe_kms(final_state, product)) if product else None
    expires = report.iso(final_state.expires(product)) if product else None
    key = plan.target_key
    if failure is None:  # the final state is more accurate: the desired host was not asked when Active Directory activated
        return activation_report("activated", key, attempts.number, endpoint=in_use, expires=expires)
    asked = failure.kms_host or (desired.kms_host if desired else None) or in_use
    outcome = "waiting_for_count" if failure.waits_for_count else "failed"
    return activation_report(
        outcome, key, attempts.number, product=product, endpoint=asked, expires=expires, count=failure.count, error=failure.error
    )


def _what_is_left(plan: LicensePlan, final_state: ActivationState) -> str:
    """A person who reads of a failure wants to know what it costs: nothing yet, when the machine was licensed before."""
    product = target_in(plan, final_state)
    if product is not None and product.status.is_activated:
        expires = report.iso(final_state.expires(product))
        return f" It is still licensed{f', until {expires}' if expires else ''}."
    return f" {plan.rollback_policy.otherwise}" if plan.rollback_policy and plan.rollback_policy.otherwise else ""


def failure_words(product: LicensedProduct | None, failure: Failure, after: str) -> str:
    """What failed, what happened after it, and what to do."""
    return f"{failed(product, failure)}{after} Next: {failure.error['next_steps'][0]}"


def failed(product: LicensedProduct | None, failure: Failure) -> str:
    """What failed, in one or two sentences."""
    return f"activating {product.name if product else 'Windows'} failed: {failure.summary}"


def _waiting_warning(attempts: Attempts | None) -> tuple[str, ...]:
    failure = attempts.failure if attempts else None
    if failure is None or not failure.waits_for_count:
        return ()
    count = failure.count or {}
    current, required = count.get("current"), count.get("required")
    numbers = f" (count {current if current is not None else 'unknown'} of {required if required is not None else 'unknown'})"
    return (f"the KMS host does not activate yet: too few computers have asked it{numbers}; the machine asks again by itself",)


def _spending_warning(plan: LicensePlan, attempts: Attempts | None) -> tuple[str, ...]:
    """A request that may have arrived may have been counted, and is not sent again for that reason."""
    consumes = plan.activation.consumes if plan.activation else None
    if consumes is None or attempts is None or not attempts.may_have_spent:
        return ()
    unknown = f"whether Microsoft counted this attempt ({consumes}) is not known, so it was not repeated"
    return (f"{unknown}: compare the remaining activations in the Volume Licensing Service Center before the next one",)
