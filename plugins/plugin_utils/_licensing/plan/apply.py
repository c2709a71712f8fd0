# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying a plan out, in order, and reading the final state.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A failed step stops the plan, and the error says what was done before it. A key that cannot be used, or in some plans one that
could not be activated, gives way to what the machine had before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn

from ..._cim.session import CimError, CimSession, CimUnknownOutcomeError, UnreachableError
from ..._errors import VolumeActivationError, sentence
from ..catalog.errors import explain
from ..problems import StepFailedError, WrongKeyError
from ..state.model import ActivationState, Channel, LicensedProduct
from . import activation as activating
from . import deposit
from .account import Account
from .activation import Attempts
from .diagnose import Failure, verify
from .outcome import RollbackResult, build_outcome, failed, failure_words
from .plan import LicenseOutcome, LicensePlan, Outcome, Plan, predict, predict_license, target_in
from .run import Run
from .timer import RetryTimer
from .writes import LicenseWriter

_NO_KEY = 0xC004F014
_LOOKS_AFTER_SPENDING = 3
_BETWEEN_LOOKS = 5.0
"""Seconds; a machine that has just activated shows it at once, as far as anybody knows."""

_NO_ACTIVATION: tuple[LicensedProduct | None, Attempts | None] = (None, None)
_KINDS = {Channel.MAK: "a MAK", Channel.CSVLK: "a KMS host key", Channel.GVLK: "a KMS client key (GVLK)"}
_OF_NO_USE = {
    Channel.GVLK: "which no KMS client can use",
    Channel.CSVLK: "which makes no KMS host",
    Channel.MAK: "which is no MAK",
}
"""What is wrong with a key of another channel than the one that was asked for."""
_UNWANTED = "It stays installed: remove it with product_key and state: absent, or install the right one."
_RIGHT_KEY = "Give the task a key of the kind it is about."


def apply(
    plan: Plan[Any],
    session: CimSession,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    account: Account | None = None,
) -> Outcome[Any]:
    """Carry a plan out; an empty one asks the machine nothing.

    `clock` is any steady clock in seconds, `sleep` waits. A failed activation is in the outcome; any other failed step
    raises StepFailedError, and a connection that goes raises UnreachableError. Whatever ends it, `account` knows what was done.
    """
    if isinstance(plan, LicensePlan):
        return apply_license(plan, session, clock, sleep, account)
    return predict(plan) if plan.is_empty else Run(plan, session, RetryTimer(clock, sleep), account or Account()).run()


def apply_license(
    plan: LicensePlan,
    session: CimSession,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    account: Account | None = None,
) -> LicenseOutcome:
    """The same for a plan about a license."""
    if plan.is_empty:
        return predict_license(plan)
    return _LicenseRun(plan, session, RetryTimer(clock, sleep), account or Account()).run()


class _LicenseRun:
    """One plan about a license on one machine."""

    def __init__(self, plan: LicensePlan, session: CimSession, timer: RetryTimer, account: Account) -> None:
        self._plan = plan
        self._session = session
        self._timer = timer
        self._writes = LicenseWriter(plan, session, timer, self._read_again)
        self._started = timer.clock()
        account.add(self._writes)

    def run(self) -> LicenseOutcome:
        with self._writes.reporting(self._plan.subject, self._plan.look):
            for step in self._plan.steps:
                self._writes.carry_out(step)
            return self._finish()

    def _finish(self) -> LicenseOutcome:
        product, attempts = self._activate() if self._plan.activation else _NO_ACTIVATION
        if attempts:
            self._writes.settle_activation(attempts)
        if attempts and attempts.failure:
            return self._fail(product, attempts, attempts.failure)
        if self._plan.changes_key or attempts:
            self._refresh()
        final_state = self._read_again()
        if attempts is None:
            return build_outcome(self._plan, self._writes, self._check_and_correct(final_state), None, None)
        final_state, attempts = self._verify(final_state, attempts)
        failure = attempts.failure
        return self._fail(product, attempts, failure, final_state) if failure else self._close(final_state, product, attempts)

    def _activate(self) -> tuple[LicensedProduct | None, Attempts]:
        """Activate the product that has the key now, after its own settings were put right."""
        product = self._product_with_key() if self._writes.is_begun else target_in(self._plan, self._plan.state)
        desired = self._plan.activation
        if product is None or desired is None:
            return None, Attempts(0, _no_product())
        self._check_guard(product)
        self._correct(product)
        stale = deposit.stale(product, desired.installation_id)
        if stale:
            return product, Attempts(0, stale)
        session, state, provider = self._writes.session_for_activation(), self._plan.state, self._plan.provider
        if desired.confirmation_id:
            return product, activating.deposit(session, state, product, desired.confirmation_id, self._timer, provider)
        return product, activating.activate(session, state, product, desired, self._timer, provider)

    def _verify(self, final_state: ActivationState, attempts: Attempts) -> tuple[ActivationState, Attempts]:
        """Whether a machine that said yes shows it. What was spent is spent, so that it is given time before that is called a failure."""
        consumes = self._plan.activation is not None and self._plan.activation.consumes is not None
        looks = _LOOKS_AFTER_SPENDING if consumes else 0
        while (failure := verify(target_in(self._plan, final_state), consumes=consumes)) and looks:
            self._timer.sleep(_BETWEEN_LOOKS)
            self._refresh()
            final_state, looks = self._read_again(), looks - 1
        self._writes.activated = failure is None or consumes
        return final_state, replace(attempts, failure=failure)

    def _fail(
        self, product: LicensedProduct | None, attempts: Attempts, failure: Failure, final_state: ActivationState | None = None
    ) -> LicenseOutcome:
        """The outcome of an activation that failed, after the rollback; `final_state` is what was read since the activation."""
        taken = self._roll_back_on_failure(product, failure) if product else None
        if taken or final_state is None:
            final_state = self._read_after(product, failure, taken)
        return build_outcome(self._plan, self._writes, final_state, product, attempts, taken)

    def _roll_back_on_failure(self, product: LicensedProduct, failure: Failure) -> RollbackResult | None:
        """Go back when the activation failed for good; while it may still succeed the new key stays."""
        rollback_policy = self._plan.rollback_policy
        if rollback_policy is None or not rollback_policy.after_failure or not self._writes.key_step:
            return None
        if failure.waits_for_count or not failure.is_known:
            self._writes.warnings.append("the new key stays, because its activation may still take effect: run the task again to see")
            return None
        return self._go_back(product, failed(product, failure))

    def _read_after(self, product: LicensedProduct | None, failure: Failure, taken: RollbackResult | None) -> ActivationState:
        """The state as it is now. A machine that cannot be read is told after what failed before, and never instead of it."""
        back = taken.words(None) if taken else ""
        try:
            if taken is None or taken.problem:
                self._refresh()
            return self._read_again()
        except UnreachableError as lost:
            raise lost.with_message(f"{failed(product, failure)}{back} Then the machine could not be read: {lost.message}") from lost
        except (VolumeActivationError, ValueError) as problem:
            unread = f" Whether it is licensed now is not known, because the machine could not be read: {sentence(str(problem))}"
            raise self._writes.stopped(None, failure.explained(), failure_words(product, failure, f"{back}{unread}")) from problem

    def _close(self, final_state: ActivationState, product: LicensedProduct | None, attempts: Attempts) -> LicenseOutcome:
        """The steps that waited. One that fails is told with the activation, which is done and may have cost something."""
        if not self._plan.final_steps:
            return build_outcome(self._plan, self._writes, final_state, product, attempts)
        try:
            for step in self._plan.final_steps:
                self._writes.carry_out(step)
        except StepFailedError as failed:
            return build_outcome(self._plan, self._writes, self._read_again(), product, attempts, unfinished=failed)
        return build_outcome(self._plan, self._writes, self._read_again(), product, attempts)

    def _go_back(self, product: LicensedProduct, because: str) -> RollbackResult | None:
        """Give the machine back what it had; None when nothing can be given back.

        How that went is told beside what failed before, and never instead of it, which holds for a lost connection too.
        """
        rollback_policy = self._plan.rollback_policy
        rollback_plan = rollback_policy.of(product) if rollback_policy else None
        if rollback_plan is None:
            return None
        done = 0
        try:
            for step in rollback_plan.steps:
                self._writes.roll_back(step)
                done += 1
            self._refresh()
            problem = None
        except UnreachableError as lost:
            raise lost.with_message(f"{because} Then, on the way back to {rollback_plan.description}: {lost.message}") from lost
        except StepFailedError as failed:
            problem = _what_failed(failed)
        except (VolumeActivationError, ValueError) as unread:
            problem = f"could not be read: {unread}".rstrip(".")
        return RollbackResult(rollback_plan, product.application, is_back=done > 0, problem=problem)

    def _check_and_correct(self, final_state: ActivationState) -> ActivationState:
        product = target_in(self._plan, final_state)
        if product is None:
            return final_state
        self._check_guard(product)
        return self._read_again() if self._correct(product) else final_state

    def _correct(self, product: LicensedProduct) -> bool:
        steps = self._plan.corrections(product)
        for step in steps:
            self._writes.add(step)
        return bool(steps)

    def _check_guard(self, product: LicensedProduct) -> None:
        """What a key is, the machine says once it has it."""
        guard = self._plan.guard
        if guard is None or product.partial_product_key != guard.partial_product_key:
            return
        named = f"the key ending in {guard.partial_product_key}"
        if guard.channel and product.channel is not guard.channel:
            kind = _KINDS.get(product.channel, f"a key of channel {product.channel.value}")
            words = f"the machine reports {named} as {kind}, {_OF_NO_USE[guard.channel]}; it was not activated"
            self._give_up(words, product, "Install the right key yourself: there is no known key to go back to.")
        if guard.application and product.application is not guard.application:
            words = f"{named} belongs to {product.name}, and the task is about {guard.application.value}"
            self._give_up(words, product, _UNWANTED)
        if guard.activation_id and product.activation_id != guard.activation_id:
            words = f"{named} belongs to {product.name} ({product.activation_id}), not to {guard.activation_id}"
            self._give_up(words, product, _UNWANTED)

    def _give_up(self, words: str, product: LicensedProduct, otherwise: str) -> NoReturn:
        """Stop with these words, after going back; `otherwise` is what to do when there is no way back."""
        taken = self._go_back(product, f"{words}.")
        if taken is None:
            problem = WrongKeyError(f"{words}.", (otherwise,))
        elif not taken.is_back:
            problem = WrongKeyError(f"{words}. Going back failed too: it {taken.problem}.", (_RIGHT_KEY,))
        else:
            more = f", but it {taken.problem}" if taken.problem else ""
            problem = WrongKeyError(f"{words}, and the machine went back to {taken.rollback_plan.description}{more}.", (_RIGHT_KEY,))
        raise self._writes.stopped(self._writes.key_step, problem.explained(), problem.message)

    def _refresh(self) -> None:
        """Have the machine compute its state anew; without it WMI may show the one before. Not worth failing a task."""
        try:
            self._plan.provider.refresh(self._session, self._plan.service)
        except (CimError, CimUnknownOutcomeError) as problem:
            self._writes.warnings.append(f"the machine could not refresh its license status, so what it reports may be old: {problem}")

    def _read_again(self) -> ActivationState:
        """The state as it is now, with the machine's clock moved on by the time that has passed."""
        state = self._plan.state
        passed = timedelta(seconds=self._timer.clock() - self._started)
        return self._plan.reread(self._session, replace(state, os=replace(state.os, time=state.os.time + passed)))

    def _product_with_key(self) -> LicensedProduct | None:
        return self._plan.provider.find(self._session, self._plan.target) if self._plan.target else None


def _what_failed(failed: StepFailedError) -> str:
    """For the middle of a sentence: what to do next is said of the failure that came first."""
    return failed.message.partition(" Next: ")[0].rstrip(".")


def _no_product() -> Failure:
    explanation = explain(_NO_KEY)
    return Failure(_NO_KEY, explanation.as_dict(), f"{explanation.code} {explanation.symbol}: {explanation.meaning}", False)
