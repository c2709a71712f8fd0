# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying a plan out, in order, and reading the proof.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A write is sent once. When its answer is lost, the state is read and decides: what took effect counts as done, what did not
is sent once more if that does no harm. A failed step stops the plan, and the error says what was done before it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn

from .._cim.session import CimError, CimSession, CimUncertain, UnreachableError
from . import activation as activating
from . import report
from .activation import Attempts, Patience
from .diagnose import Failure, explain_install, verify
from .errors import ErrorExplanation, explain
from .model import ActivationState, Channel, LicensedProduct
from .plan import ACTIVATE, KeyGuard, Outcome, Plan, Step, StepResult, activation_report, foresee, idle_report, results_of, target_in
from .problems import LicensingError, NotDone, StepFailed
from .read import read_products_by_key

_NO_KEY = 0xC004F014
_NO_ACTIVATION: tuple[LicensedProduct | None, Attempts | None] = (None, None)


def apply(
    plan: Plan,
    session: CimSession,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Carry a plan out; an empty one asks the machine nothing.

    `clock` is any steady clock in seconds, `sleep` waits. A failed activation is in the outcome; any other failed step
    raises StepFailed, and UnreachableError says what was done before the connection went.
    """
    if plan.is_empty:
        return foresee(plan)
    return _Run(plan, session, Patience(clock, sleep)).run()


class _Run:
    """One plan on one machine."""

    def __init__(self, plan: Plan, session: CimSession, patience: Patience) -> None:
        self._plan = plan
        self._session = session
        self._patience = patience
        self._steps = list(plan.steps)
        self._done: set[int] = set()
        self._warnings = list(plan.warnings)
        self._started = patience.clock()

    def run(self) -> Outcome:
        try:
            for step in self._plan.steps:
                self._carry_out(step)
            return self._finish()
        except StepFailed:
            raise
        except CimError as error:
            explanation = explain(error.code)
            words = f"the machine refused a question about its licence{self._told_so_far()}: {_code_words(explanation)}"
            raise self._stopped(None, explanation, words) from error
        except (LicensingError, ValueError) as problem:
            words = f"what the machine reports of its licence makes no sense{self._told_so_far()}: {problem}"
            raise self._stopped(None, None, f"{words}. Next: read it with activation_info, and run the task again.") from problem
        except UnreachableError as problem:
            raise UnreachableError(f"{problem}{self._told_so_far()}") from problem

    def _finish(self) -> Outcome:
        product, attempts = self._activate() if self._plan.activation else _NO_ACTIVATION
        if self._plan.changes_key or attempts:
            self._refresh()
        proof = self._read_again()
        if not self._plan.activation:
            proof = self._check_and_correct(proof)
        if attempts and attempts.failure is None:
            attempts = replace(attempts, failure=verify(target_in(self._plan, proof)))
        return self._conclude(proof, product, attempts)

    def _activate(self) -> tuple[LicensedProduct | None, Attempts]:
        """Activate the product that has the key now, after its own settings were put right."""
        product = self._product_with_key() if self._done else target_in(self._plan, self._plan.state)
        if product is None:
            return None, Attempts(0, _no_product())
        self._check_guard(product)
        self._correct(product)
        wish = self._plan.activation
        if wish and wish.confirmation_id:
            return product, activating.deposit(self._session, self._plan.state, product, wish.confirmation_id, self._patience)
        return product, activating.activate(self._session, self._plan.state, product, wish.wait if wish else 0, self._patience)

    def _check_and_correct(self, proof: ActivationState) -> ActivationState:
        product = target_in(self._plan, proof)
        if product is None:
            return proof
        self._check_guard(product)
        return self._read_again() if self._correct(product) else proof

    def _correct(self, product: LicensedProduct) -> bool:
        steps = self._plan.corrections(product)
        for step in steps:
            self._steps.append(step)
            self._carry_out(step)
        return bool(steps)

    def _carry_out(self, step: Step) -> None:
        try:
            self._send(step)
        except CimError as error:
            self._put_back(step)
            raise self._failed(step, error) from error
        except NotDone as problem:
            self._put_back(step)
            raise self._stopped(step, None, f"could not {step.description}: {problem}") from problem
        self._done.add(id(step))

    def _send(self, step: Step) -> None:
        """Send a write; after a lost answer the state decides whether it took effect."""
        try:
            self._deliver(step)
        except CimUncertain as lost:
            if self._took_effect(step, lost):
                return
            if not step.repeatable:
                raise self._lost(step, lost) from lost
            self._send_again(step)

    def _send_again(self, step: Step) -> None:
        try:
            self._deliver(step)
        except CimUncertain as lost:
            if not self._took_effect(step, lost):
                raise self._lost(step, lost) from lost

    def _deliver(self, step: Step) -> None:
        if step.act:
            step.act(self._session, self._patience)
        else:
            self._session.invoke(step.target, step.method, step.sent_arguments())

    def _took_effect(self, step: Step, lost: CimUncertain) -> bool:
        try:
            return step.seen(self._session) if step.seen else step.holds(self._read_again())
        except UnreachableError as problem:
            raise UnreachableError(f"{lost}; then the machine could not be asked: {problem}") from problem

    def _put_back(self, failed: Step) -> None:
        """Undo the half that was done; what cannot be undone is said, the failure itself is what stops the task."""
        for step in failed.on_failure:
            self._steps.append(step)
            try:
                self._send(step)
                self._done.add(id(step))
            except (CimError, NotDone, StepFailed) as error:
                self._warnings.append(f"could not {step.description}: {error}")

    def _check_guard(self, product: LicensedProduct) -> None:
        """What a key is, the machine says once it has it."""
        guard = self._plan.guard
        if guard is None or product.partial_product_key != guard.last_five:
            return
        wrong_for_client = guard.client_only and product.channel is not Channel.GVLK
        if wrong_for_client or (guard.host_only and product.channel is not Channel.CSVLK):
            self._take_back(guard, product)
        if guard.activation_id and product.activation_id != guard.activation_id:
            step = next(step for step in self._steps if step.key)
            words = f"the key ending {guard.last_five} belongs to {product.name} ({product.activation_id}), not to {guard.activation_id}"
            raise self._stopped(step, None, f"{words}. It stays installed: remove it with state: absent, or install the right one.")

    def _take_back(self, guard: KeyGuard, product: LicensedProduct) -> NoReturn:
        """A key of another kind than was asked for is never activated, and makes room for the edition's own."""
        step = next(step for step in self._steps if step.key)
        kind = {Channel.MAK: "a MAK", Channel.CSVLK: "a KMS host key"}.get(product.channel, f"a key of channel {product.channel.value}")
        use = "which makes no KMS host" if guard.host_only else "which no KMS client can use"
        words = f"the machine reports the key ending {guard.last_five} as {kind}, {use}; it was not activated"
        if guard.restore is None:
            raise self._stopped(step, None, f"{words}. There is no known key to go back to: install the right one yourself.")
        self._steps.append(guard.restore)
        self._carry_out(guard.restore)
        self._refresh()
        raise self._stopped(step, None, f"{words}, and the edition's own key was put in its place: {guard.restore.description}.")

    def _refresh(self) -> None:
        """Have the service compute its state anew; without it WMI may show the one before. Not worth failing a task."""
        try:
            self._session.invoke(self._plan.service.path, "RefreshLicenseStatus", {})
        except (CimError, CimUncertain) as problem:
            self._warnings.append(f"the machine could not refresh its licence status, so what it reports may be old: {problem}")

    def _read_again(self) -> ActivationState:
        """The state as it is now, with the machine's clock moved on by the time that has passed."""
        state = self._plan.state
        passed = timedelta(seconds=self._patience.clock() - self._started)
        return self._plan.reread(self._session, replace(state, os=replace(state.os, time=state.os.time + passed)))

    def _product_with_key(self) -> LicensedProduct | None:
        target = self._plan.target
        if target is None:
            return None
        found = read_products_by_key(self._session, target.class_name, target.application_ids, target.last_five)
        return next(iter(found), None)

    def _conclude(self, proof: ActivationState, product: LicensedProduct | None, attempts: Attempts | None) -> Outcome:
        activated = attempts is not None and attempts.failure is None
        steps = tuple(self._result(step) for step in self._steps)
        if self._plan.activation:
            steps = (*steps, replace(results_of(self._plan)[-1], done=activated))
        failure = attempts.failure if attempts and attempts.failure and not attempts.failure.waits_for_count else None
        return Outcome(
            state=proof,
            steps=steps,
            activation=self._report(proof, attempts),
            changed=activated or any(step.done for step in steps if step.action != ACTIVATE),
            before=self._plan.before,
            after=self._plan.compare(proof),
            error=failure.error if failure else None,
            message=_failure_words(product, failure.summary, failure.error, self._still_licensed(proof)) if failure else None,
            warnings=(*self._warnings, *_waiting_warning(attempts)),
        )

    def _report(self, proof: ActivationState, attempts: Attempts | None) -> dict[str, Any]:
        if attempts is None:
            return idle_report(self._plan, proof)
        failure, wish, product = attempts.failure, self._plan.activation, target_in(self._plan, proof)
        in_use = report.kms_label(report.describe_kms(proof, product)) if product else None
        expires = report.iso(proof.expires(product)) if product else None
        if failure is None:  # the proof knows best: the wished host was not asked when Active Directory activated
            return activation_report("activated", attempts.number, kms_host=in_use, expires=expires)
        asked = failure.kms_host or (wish.kms_host if wish else None) or in_use
        outcome = "waiting_for_count" if failure.waits_for_count else "failed"
        return activation_report(outcome, attempts.number, kms_host=asked, expires=expires, count=failure.count, error=dict(failure.error))

    def _still_licensed(self, proof: ActivationState) -> str:
        """A person who reads of a failure wants to know what it costs: nothing yet, when the machine was licensed before."""
        product = target_in(self._plan, proof)
        if product is None or not product.status.is_activated:
            return ""
        expires = report.iso(proof.expires(product))
        return f" It is still licensed{f', until {expires}' if expires else ''}."

    def _result(self, step: Step) -> StepResult:
        return StepResult(step.action, step.description, step.spends, id(step) in self._done)

    def _failed(self, step: Step, error: CimError) -> StepFailed:
        guard, state = self._plan.guard, self._plan.state
        host_key = guard is not None and guard.host_only
        explanation = explain_install(state, step.key, error.code, host_key=host_key) if step.key else explain(error.code)
        return self._stopped(step, explanation, f"could not {step.description}: {_code_words(explanation)}")

    def _lost(self, step: Step, lost: CimUncertain) -> StepFailed:
        words = f"could not {step.description}: the answer was lost ({lost.reason}) and the machine does not show the change"
        return self._stopped(step, None, f"{words}. Next: run the task again; it starts from what the machine has by then.")

    def _stopped(self, step: Step | None, explanation: ErrorExplanation | None, message: str) -> StepFailed:
        results = tuple(self._result(item) for item in self._steps)
        if self._plan.activation:
            results = (*results, results_of(self._plan)[-1])
        return StepFailed(step, results, explanation, message)

    def _told_so_far(self) -> str:
        done = [step.description for step in self._steps if id(step) in self._done]
        return f" (already done: {'; '.join(done)})" if done else ""


def _code_words(explanation: ErrorExplanation) -> str:
    return f"{explanation.code} {explanation.symbol}: {explanation.meaning} Next: {explanation.next_steps[0]}"


def _no_product() -> Failure:
    explanation = explain(_NO_KEY)
    return Failure(_NO_KEY, explanation.as_dict(), f"{explanation.code} {explanation.symbol}: {explanation.meaning}", False)


def _failure_words(product: LicensedProduct | None, summary: str, error: Any, still: str) -> str:
    name = product.name if product else "Windows"
    return f"activating {name} failed: {summary}{still} Next: {error['next_steps'][0]}"


def _waiting_warning(attempts: Attempts | None) -> tuple[str, ...]:
    failure = attempts.failure if attempts else None
    if failure is None or not failure.waits_for_count:
        return ()
    count = failure.count or {}
    current, required = count.get("current"), count.get("required")
    numbers = f" (count {current if current is not None else 'unknown'} of {required if required is not None else 'unknown'})"
    return (f"the KMS host does not activate yet: too few computers have asked it{numbers}; the machine asks again by itself",)
