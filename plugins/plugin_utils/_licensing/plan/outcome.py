# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of a plan that was carried out, and its messages, from the final state.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..._errors import sentence
from ..catalog import esu
from ..catalog.errors import ADMIN_CENTER
from ..problems import StepFailedError
from ..state import report
from ..state.model import ActivationState, Application, LicensedProduct
from .activation import Attempts
from .activation_report import activation_report
from .diagnose import Failure
from .plan import ExpectedKey, LicenseOutcome, LicensePlan, RollbackPlan, idle_report, target_in
from .rollback import stays_beside
from .writes import LicenseWriter

INSTALL_MANUALLY = "Install the correct key manually. The module cannot restore the previous key."
_STAYS_INSTALLED = "The key stays installed. Remove it with product_key and state: absent, or install the correct key."
_CORRECT_KEY = "Run the task with a key of the type that it requires."
_RESTORE_WINDOWS = (
    "Windows now has this key. Install the previous key of Windows again with product_key, or activate Windows with this MAK: mak_client"
    " without esu and activation_id."
)


@dataclass(frozen=True)
class RollbackResult:
    """The result of a rollback.

    `is_restored` is true if the previous key is installed again, or a setting is restored. `problem` is what failed, as a sentence without
    a period.
    """

    rollback_plan: RollbackPlan
    application: Application
    is_restored: bool
    problem: str | None = None

    def message(self, final_state: ActivationState | None) -> str:
        """Return sentences with a leading space that follow the error message; `final_state` is None if the machine could not be read."""
        if not self.is_restored:
            return f" The rollback also failed. {self.problem}."
        problem = f" {self.problem}." if self.problem else ""
        if self.rollback_plan.is_addon:
            return f" The module restored {self.rollback_plan.description}. Windows itself was not changed.{problem}"
        restored = f" The module restored {self.rollback_plan.description}."
        if final_state is None or self.rollback_plan.is_of_office or self.rollback_plan.is_of_settings:
            return f"{restored}{problem}"
        if any(product.status.is_activated for product in final_state.keyed(self.application, addons=False)):
            return f"{restored} The machine is licensed again{self.rollback_plan.cost}."
        return f"{restored} The machine is not licensed now.{problem}"


def build_outcome(
    plan: LicensePlan,
    writes: LicenseWriter,
    final_state: ActivationState,
    product: LicensedProduct | None,
    attempts: Attempts | None,
    rollback: RollbackResult | None = None,
    unfinished: StepFailedError | None = None,
) -> LicenseOutcome:
    """Return the outcome of a plan.

    :param product: The product that was activated.
    :param attempts: The result of the activation; None if the plan has no activation.
    :param rollback: The result of the rollback; None if there was no rollback.
    :param unfinished: The error of a step that failed after a successful activation.
    """
    steps = writes.results()
    failure = attempts.failure if attempts and attempts.failure and not attempts.failure.waits_for_count else None
    error, message = None, None
    if failure:
        after = rollback.message(final_state) if rollback else _remaining_license(plan, final_state)
        if rollback and rollback.rollback_plan.is_of_settings:
            after += _remaining_license(plan, final_state) or " It is not licensed now."
        error, message = failure.error, failure_message(product, failure, after)
    elif unfinished:
        error = unfinished.explanation.as_dict()
        message = f"{_success_message(plan)}, but a later step failed. {unfinished.message}"
    return LicenseOutcome(
        state=final_state,
        steps=steps,
        activation=_report(plan, final_state, attempts),
        changed=writes.has_changed,
        before=plan.before_in(final_state) if plan.before_in else plan.before,
        after=plan.compare(final_state),
        error=error,
        message=message,
        warnings=tuple(dict.fromkeys((*writes.warnings, *_waiting_warning(attempts), *_unknown_use_warning(plan, attempts)))),
        rolled_back=rollback is not None and rollback.is_restored,
    )


def _success_message(plan: LicensePlan) -> str:
    desired = plan.activation
    used = f", used: {desired.consumes}" if desired and desired.consumes else ""
    return f"The activation succeeded ({desired.description if desired else 'activate'}{used})"


def _report(plan: LicensePlan, final_state: ActivationState, attempts: Attempts | None) -> dict[str, Any]:
    if attempts is None:
        return idle_report(plan, final_state)
    failure, desired, product = attempts.failure, plan.activation, target_in(plan, final_state)
    in_use = report.kms_label(report.describe_kms(final_state, product)) if product else None
    expires = report.iso(final_state.expires(product)) if product else None
    key, subject = plan.target_key, product or plan.license_before
    if failure is None:  # the final state is more accurate: Active Directory might have activated, without the desired KMS host
        return activation_report("activated", key, attempts.number, subject=subject, endpoint=in_use, expires=expires)
    endpoint = failure.kms_host or (desired.kms_host if desired else None) or in_use
    outcome = "waiting_for_count" if failure.waits_for_count else "failed"
    return activation_report(
        outcome,
        key,
        attempts.number,
        product=product,
        subject=subject,
        endpoint=endpoint,
        expires=expires,
        count=failure.count,
        error=failure.error,
    )


def _remaining_license(plan: LicensePlan, final_state: ActivationState) -> str:
    """Return a sentence about the license that remains after a failure without a rollback."""
    product = target_in(plan, final_state)
    if product is not None and product.status.is_activated:
        expires = report.iso(final_state.expires(product))
        return f" The product is still licensed{f' until {expires}' if expires else ''}."
    if product is not None and product.is_addon:
        return f" {stays_beside(product.partial_product_key)}"
    return f" {plan.rollback_policy.otherwise}" if plan.rollback_policy and plan.rollback_policy.otherwise else ""


def failure_message(product: LicensedProduct | None, failure: Failure, after: str) -> str:
    """Return what failed, what happened afterwards, and the first next step."""
    return f"{describe_failure(product, failure)}{after} Next: {failure.error['next_steps'][0]}"


def wrong_key_steps(
    guard: ExpectedKey | None, product: LicensedProduct, rollback: RollbackResult | None, otherwise: str | None
) -> tuple[str, ...]:
    """Return the next steps for a key that the machine reports as another key than the expected one.

    `product` has the key. `otherwise` is the step if there was no rollback, or None if it depends on the product.
    """
    programme = esu.of_id(guard.activation_id) if guard else None
    if rollback:
        return (f"Run the task with the MAK of {programme}." if programme else _CORRECT_KEY,)
    if programme and product.application is Application.WINDOWS and not product.is_addon:
        return (_RESTORE_WINDOWS, f"Then run this task with the MAK of {programme}.")
    return (otherwise or _STAYS_INSTALLED,)


def describe_failure(product: LicensedProduct | None, failure: Failure) -> str:
    """Return what failed, in one or two sentences."""
    return sentence(f"The activation of {esu.label_of(product) if product else 'Windows'} failed: {failure.summary}")


def _waiting_warning(attempts: Attempts | None) -> tuple[str, ...]:
    failure = attempts.failure if attempts else None
    if failure is None or not failure.waits_for_count:
        return ()
    count = failure.count or {}
    current, required = ("unknown" if (value := count.get(name)) is None else value for name in ("current", "required"))
    numbers = f"current count: {current}, required count: {required}"
    return (
        f"The KMS host does not activate the machine yet because it has not counted enough clients ({numbers}). Windows retries later.",
    )


def _unknown_use_warning(plan: LicensePlan, attempts: Attempts | None) -> tuple[str, ...]:
    """Return a warning if Microsoft might have counted a failed attempt. The module does not repeat such an attempt."""
    consumes = plan.activation.consumes if plan.activation else None
    if consumes is None or attempts is None or not attempts.may_have_consumed:
        return ()
    unknown = f"Microsoft might have counted this attempt ({consumes}), so the module did not retry it"
    return (f"{unknown}. Check the remaining activations in {ADMIN_CENTER} before you run the task again.",)
