# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carry out a plan, in order, and read the final state.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A failed step stops the plan, and the error has the results of the steps before it. If a key cannot be used, or in some plans if its
activation fails, the module restores the previous key, or the previous activation type.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn

from ..._cim.session import CimError, CimSession, CimUnknownOutcomeError, UnreachableError
from ..._errors import VolumeActivationError, sentence
from ..catalog import esu
from ..problems import StepFailedError, WrongKeyError
from ..state.model import ActivationState, Channel, LicensedProduct
from . import activation as activating
from . import deposit, loss
from .account import Account
from .activation import Activation, Attempts
from .diagnose import Failure, no_product, verify
from .outcome import INSTALL_MANUALLY, RollbackResult, build_outcome, describe_failure, failure_message, wrong_key_steps
from .plan import LicenseOutcome, LicensePlan, Outcome, Plan, RollbackPlan, predict, predict_license, target_in
from .run import PlanRun
from .timer import RetryTimer
from .writes import LicenseWriter

_READS_AFTER_ACTIVATION = 3
_READ_DELAY = 5.0
"""In seconds. Assumption: Windows shows a new activation immediately."""

_NO_ACTIVATION: tuple[LicensedProduct | None, Attempts | None] = (None, None)
_KINDS = {Channel.MAK: "a MAK", Channel.CSVLK: "a KMS host key", Channel.GVLK: "a KMS client setup key (GVLK)"}
_NOT_EXPECTED = {
    Channel.GVLK: "which a KMS client cannot use",
    Channel.CSVLK: "which does not make the machine a KMS host",
    Channel.MAK: "which is not a MAK",
}
"""For the expected channel: what is wrong with a key of another channel."""


def apply(
    plan: Plan[Any],
    session: CimSession,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    account: Account | None = None,
) -> Outcome[Any]:
    """Carry out a plan, and return its outcome. An empty plan sends no request.

    :param clock: A monotonic clock in seconds.
    :param sleep: A function that waits for a number of seconds.
    :param account: Records what was done, also if an exception ends the plan.
    :raises StepFailedError: A step failed. A failed activation does not raise it; it is in the outcome.
    :raises UnreachableError: The connection was lost.
    """
    if isinstance(plan, LicensePlan):
        return apply_license(plan, session, clock, sleep, account)
    return predict(plan) if plan.is_empty else PlanRun(plan, session, RetryTimer(clock, sleep), account or Account()).run()


def apply_license(
    plan: LicensePlan,
    session: CimSession,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    account: Account | None = None,
) -> LicenseOutcome:
    """Do the same as :func:`apply` for a plan about a license."""
    if plan.is_empty:
        return predict_license(plan)
    return _LicenseRun(plan, session, RetryTimer(clock, sleep), account or Account()).run()


class _LicenseRun:
    """One plan about a license on one machine."""

    def __init__(self, plan: LicensePlan, session: CimSession, timer: RetryTimer, account: Account) -> None:
        self._plan = plan
        self._session = session
        self._timer = timer
        self._writes = LicenseWriter(plan, session, timer, self._read_again, account.recorder)
        self._started = timer.clock()
        account.add(self._writes)

    def run(self) -> LicenseOutcome:
        with self._writes.reporting(self._plan.subject, self._plan.next_step):
            for step in self._plan.steps:
                self._writes.carry_out(step)
            return self._finish()

    def _finish(self) -> LicenseOutcome:
        product, attempts = self._activate() if self._plan.activation else _NO_ACTIVATION
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
        """Correct the settings of the product that has the key now, and activate the product."""
        product = self._product_with_key() if self._writes.is_begun else target_in(self._plan, self._plan.state)
        desired = self._plan.activation
        if product is None or desired is None:
            return None, Attempts(0, no_product(is_new=self._writes.key_step is not None))
        self._check_guard(product)
        self._correct(product)
        stale = deposit.stale_failure(product, desired.installation_id)
        if stale:
            return product, Attempts(0, stale)
        return product, self._writes.activate(product, desired, lambda session: self._send(session, product, desired))

    def _send(self, session: CimSession, product: LicensedProduct, desired: Activation) -> Attempts:
        state, provider = self._plan.state, self._plan.provider
        if desired.confirmation_id:
            return activating.deposit(session, state, product, desired.confirmation_id, self._timer, provider)
        return activating.activate(session, state, product, desired, self._timer, provider)

    def _verify(self, final_state: ActivationState, attempts: Attempts) -> tuple[ActivationState, Attempts]:
        """Check that the machine shows a successful activation. One that used an activation of a key is read several times."""
        consumes = self._plan.activation is not None and self._plan.activation.consumes is not None
        reads = _READS_AFTER_ACTIVATION if consumes else 0
        while (failure := verify(target_in(self._plan, final_state), consumes=consumes)) and reads:
            self._timer.sleep(_READ_DELAY)
            self._refresh()
            final_state, reads = self._read_again(), reads - 1
        self._writes.activated = failure is None or consumes
        self._writes.verified(target_in(self._plan, final_state), failure)
        return final_state, replace(attempts, failure=failure)

    def _fail(
        self, product: LicensedProduct | None, attempts: Attempts, failure: Failure, final_state: ActivationState | None = None
    ) -> LicenseOutcome:
        """Roll back, and return the outcome of a failed activation; `final_state` is the state if it was read since the activation."""
        rollback = self._roll_back_on_failure(product, failure) if product else None
        if rollback or final_state is None:
            final_state = self._read_after(product, failure, rollback)
        return build_outcome(self._plan, self._writes, final_state, product, attempts, rollback)

    def _roll_back_on_failure(self, product: LicensedProduct, failure: Failure) -> RollbackResult | None:
        """Restore the previous key or settings if the activation failed permanently. If it might still succeed, the new ones stay."""
        policy, is_new = self._plan.rollback_policy, self._writes.key_step is not None
        of_key = policy.of if is_new and policy and policy.after_failure else None
        restore = of_key if is_new else self._plan.settings_rollback if self._writes.is_begun else None
        if restore is None:
            return None
        if failure.waits_for_count or not failure.is_known:
            stays = "new key stays installed because its" if is_new else "new activation type stays set because the"
            self._writes.warnings.append(f"The {stays} activation might still succeed. Run the task again to get the result.")
            return None
        return self._roll_back(product, describe_failure(product, failure), restore)

    def _read_after(self, product: LicensedProduct | None, failure: Failure, rollback: RollbackResult | None) -> ActivationState:
        """Return the current state. If it cannot be read, the error also contains the failure of the activation."""
        restored = rollback.message(None) if rollback else ""
        try:
            if rollback is None or rollback.problem:
                self._refresh()
            return self._read_again()
        except UnreachableError as lost:
            raise lost.with_message(
                f"{describe_failure(product, failure)}{restored} Then the machine could not be read: {lost.message}"
            ) from lost
        except (VolumeActivationError, ValueError) as problem:
            unread = f" The current license status is unknown because the machine could not be read: {sentence(str(problem))}"
            message = failure_message(product, failure, f"{restored}{unread}")
            raise self._writes.stopped(None, failure.explain(), message) from problem

    def _close(self, final_state: ActivationState, product: LicensedProduct | None, attempts: Attempts) -> LicenseOutcome:
        """Send the final steps, and return the outcome. If one fails, the outcome also contains the successful activation."""
        if not self._plan.final_steps:
            return build_outcome(self._plan, self._writes, final_state, product, attempts)
        try:
            for step in self._plan.final_steps:
                self._writes.carry_out(step)
        except StepFailedError as failed:
            return build_outcome(self._plan, self._writes, self._read_again(), product, attempts, unfinished=failed)
        return build_outcome(self._plan, self._writes, self._read_again(), product, attempts)

    def _roll_back(
        self, product: LicensedProduct, message: str, restore: Callable[[LicensedProduct], RollbackPlan | None] | None
    ) -> RollbackResult | None:
        """Restore the previous key or settings, and return the result; None if nothing can be restored.

        `message` is what failed before. An error of the rollback never replaces it, not even a lost connection.
        """
        rollback_plan = restore(product) if restore else None
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
            raise lost.with_message(f"{message} Then the rollback to {rollback_plan.description} failed: {lost.message}") from lost
        except StepFailedError as failed:
            problem = _without_next_step(failed)
        except (VolumeActivationError, ValueError) as unread:
            problem = f"Then the machine could not be read: {unread}".rstrip(".")
        return RollbackResult(rollback_plan, product.application, is_restored=done > 0, problem=problem)

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
        """Record the product, and stop if its key is not the expected one. The type of a key is known only after its installation."""
        self._writes.found(product)
        guard = self._plan.guard
        if guard is None or product.partial_product_key != guard.partial_product_key:
            return
        named = f"The key ending in {guard.partial_product_key}"
        if guard.channel and product.channel is not guard.channel:
            kind = _KINDS.get(product.channel, f"a key of channel {product.channel.value}")
            message = f"{named} is {kind}, {_NOT_EXPECTED[guard.channel]}. The module did not activate the key."
            self._give_up(message, product, INSTALL_MANUALLY)
        if guard.application and product.application is not guard.application:
            message = f"{named} belongs to {esu.label_of(product)}, but the task is for application: {guard.application.value}."
            self._give_up(message, product)
        if guard.activation_id and product.activation_id != guard.activation_id:
            message = f"{named} belongs to {esu.label_of(product)} ({product.activation_id}), not to {guard.activation_id}."
            self._give_up(message, product)

    def _give_up(self, message: str, product: LicensedProduct, otherwise: str | None = None) -> NoReturn:
        """Roll back, and stop with a message; `otherwise` is the next step if there is no rollback."""
        policy = self._plan.rollback_policy
        rollback = self._roll_back(product, message, policy.of if policy else None)
        if not (rollback and rollback.is_restored):
            message = f"{message}{self._note_losses(product)}"
        steps = wrong_key_steps(self._plan.guard, product, rollback, otherwise)
        problem = WrongKeyError(f"{message}{rollback.message(None)}" if rollback else message, steps)
        raise self._writes.stopped(self._writes.key_step, problem.explain(), problem.message)

    def _note_losses(self, product: LicensedProduct) -> str:
        """Note the activations that an unexpected key replaced, and return a sentence; empty if none is lost, or if the plan names them."""
        self._refresh()
        step = self._writes.key_step
        losses = loss.losses_with(self._plan.state, product)
        if step is None or step.loses or not losses:
            return ""
        self._writes.lose(step, str(loss.describe(losses)))
        return f" The key replaced another key, and {loss.describe(losses)} is lost. {losses[0].cost}"

    def _refresh(self) -> None:
        """Let the machine refresh its license status, because WMI might return the previous one. A failure is only a warning."""
        try:
            self._plan.provider.refresh(self._session, self._plan.service)
        except (CimError, CimUnknownOutcomeError) as problem:
            outdated = "The machine could not refresh its license status, so the returned status might be outdated"
            self._writes.warnings.append(sentence(f"{outdated}: {problem}"))

    def _read_again(self) -> ActivationState:
        """Return the current state, with the clock of the machine advanced by the time since the first read."""
        state = self._plan.state
        passed = timedelta(seconds=self._timer.clock() - self._started)
        return self._plan.reread(self._session, replace(state, os=replace(state.os, time=state.os.time + passed)))

    def _product_with_key(self) -> LicensedProduct | None:
        return self._plan.provider.find(self._session, self._plan.target) if self._plan.target else None


def _without_next_step(failed: StepFailedError) -> str:
    """Return the message without its next step and period, because the next step of the first failure is the one to follow."""
    return failed.message.partition(" Next: ")[0].rstrip(".")
