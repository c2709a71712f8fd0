# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send the steps of a plan, and record which of them took effect.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A write is sent once. If the response is lost, the module reads the state: a write that took effect counts as done, and any other is
sent once more if the step is repeatable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from ..._cim.session import CimError, CimSession, CimUnknownOutcomeError, MalformedResponseError, UnreachableError
from ..._errors import VolumeActivationError, sentence
from ..catalog import esu
from ..catalog.errors import MACHINE, ErrorExplanation, explain
from ..catalog.rights import explain_error
from ..problems import LicensingError, StepFailedError, StepIncompleteError, StepNotRequiredError
from ..recording.entry import Recorder
from ..recording.plan_records import PlanRecords
from ..state.model import ActivationState, Channel, LicensedProduct
from .account import Trace, TracingSession
from .activation import Activation, Attempts
from .diagnose import Failure, explain_install
from .plan import LicensePlan
from .step import ACTIVATE, Step, StepResult
from .timer import RetryTimer


class StepWriter:
    """Sends the steps of a plan one by one, and keeps their results in the order of the module result. `warnings` grows with the steps."""

    def __init__(
        self,
        session: CimSession,
        timer: RetryTimer,
        steps: Iterable[Step],
        warnings: Iterable[str] = (),
        records: PlanRecords | None = None,
    ) -> None:
        self._session = TracingSession(session)
        self._records = records or PlanRecords(None)
        self._timer = timer
        self._steps = list(steps)
        self._done: set[int] = set()
        self._traces: dict[int, Trace] = {}
        self._late_losses: dict[int, str] = {}
        self.warnings = list(warnings)

    @property
    def is_begun(self) -> bool:
        """Whether a step was done."""
        return bool(self._done)

    @property
    def has_changed(self) -> bool:
        """Whether the machine accepted a write, or might have accepted one."""
        return self.is_begun or any(self._traces.values())

    @property
    def rolled_back(self) -> bool:
        """Whether the previous key was restored. Always False for a plan that does not change a key."""
        return False

    def carry_out(self, step: Step, *, is_rollback: bool = False) -> None:
        """Send one of the steps. Raises StepFailedError, and UnreachableError if the connection is lost."""
        with self._records.step(step, lambda: self._result(step), is_rollback=is_rollback):
            self._carry_out(step)

    def _carry_out(self, step: Step) -> None:
        try:
            self._send(step)
        except StepNotRequiredError as reason:
            self.warnings.append(str(reason))
            return
        except CimError as error:
            explanation = step.explain(error.code) if step.explain else self._explain(step, error)
            raise self._stopped_after(step, explanation, f"Could not {step.description}: {format_code(explanation)}") from error
        except StepIncompleteError as problem:
            if problem.nothing_changed:
                del self._traces[id(step)]
            message = f"Could not {step.description}: {problem.message}"
            raise self._stopped_after(step, problem.explain(), message) from problem
        self._done.add(id(step))

    def results(self) -> tuple[StepResult, ...]:
        """Return the results of all steps, in order."""
        return tuple(map(self._result, self._steps))

    def lose(self, step: Step, loses: str) -> None:
        """Note what a step has lost, which was not known before it was done."""
        self._late_losses[id(step)] = loses
        self._records.lost(loses)

    def stopped(self, step: Step | None, explanation: ErrorExplanation | None, message: str) -> StepFailedError:
        """Return the error that ends the plan at a step, or between two steps if `step` is None."""
        return StepFailedError(step, self.results(), explanation, message)

    @contextmanager
    def reporting(self, subject: str, next_step: str) -> Iterator[None]:
        """Raise StepFailedError if a query between two steps fails, or returns invalid data.

        :param subject: What the query is about, as a noun.
        :param next_step: What to do if the data is invalid.
        """
        try:
            yield
        except StepFailedError:
            raise
        except CimError as error:
            explanation = explain_error(error)
            message = f"The machine refused a query about its {subject}: {format_code(explanation)}"
            raise self.stopped(None, explanation, message) from error
        except MalformedResponseError as problem:
            message = f"The machine returned invalid data about its {subject}: {problem.message}"
            raise self.stopped(None, replace(problem.explain(), meaning=sentence(message), next_steps=(next_step,)), message) from problem
        except (LicensingError, ValueError) as problem:
            message = f"The machine returned invalid data about its {subject}: {problem}"
            raise self.stopped(None, LicensingError(message, (next_step,)).explain(), message) from problem

    def _explain(self, _step: Step, error: CimError) -> ErrorExplanation:
        return explain(error.code, context=MACHINE)

    def _shows(self, step: Step) -> bool:
        """Return whether the machine shows the effect of a step."""
        return step.verify is not None and step.verify(self._session)

    def _send(self, step: Step) -> None:
        """Send a write. If the response is lost, the state decides whether the write took effect."""
        try:
            self._deliver(step)
        except CimUnknownOutcomeError as lost:
            if self._took_effect(step, lost):
                return
            if not step.repeatable:
                raise self._lost(step, lost) from lost
            self._send_again(step)

    def _send_again(self, step: Step) -> None:
        try:
            self._deliver(step)
        except CimUnknownOutcomeError as lost:
            if not self._took_effect(step, lost):
                raise self._lost(step, lost) from lost

    def _deliver(self, step: Step) -> None:
        self._session.trace = self._traces.setdefault(id(step), Trace())
        if step.run:
            step.run(self._session, self._timer)
        else:
            self._session.invoke(step.target, step.method, step.sent_arguments())

    def _took_effect(self, step: Step, lost: CimUnknownOutcomeError) -> bool:
        """Return whether the machine shows the effect. An effect that is visible in principle, and is not shown, did not happen."""
        try:
            shows = self._shows(step)
        except UnreachableError as problem:
            raise problem.with_message(f"{sentence(str(lost))} Then the machine could not be queried: {problem.message}") from problem
        except (CimError, MalformedResponseError) as problem:
            raise self._unknown(step, lost, problem) from problem
        if not shows and step.is_visible:
            self._traces[id(step)].unknown = 0
        return shows

    def _stopped_after(self, step: Step, explanation: ErrorExplanation, message: str) -> StepFailedError:
        """Restore what an incomplete change left, and return the error of the failed step."""
        self._restore(step, message)
        return self.stopped(step, explanation, message)

    def _restore(self, failed: Step, message: str) -> None:
        """Send the `on_failure` steps of a failed step. One that fails too becomes a warning, because `message` already ends the task."""
        for step in failed.on_failure:
            self._steps.append(step)
            try:
                self._send(step)
                self._done.add(id(step))
            except UnreachableError as lost:
                raise lost.with_message(f"{sentence(message)} Then the module could not {step.description}: {lost.message}") from lost
            except (CimError, MalformedResponseError, StepIncompleteError, StepFailedError) as error:
                self.warnings.append(sentence(f"Could not {step.description}: {error}"))

    def _result(self, step: Step) -> StepResult:
        done = id(step) in self._done
        result = StepResult.of(step, done=done, uncertain=not done and bool(self._traces.get(id(step))))
        return replace(result, loses=self._late_losses.get(id(step), step.loses))

    def _lost(self, step: Step, lost: CimUnknownOutcomeError) -> StepFailedError:
        message = f"Could not {step.description}: the response was lost ({lost.reason}), and the machine does not show the change."
        return self.stopped(step, replace(lost.explain(), meaning=message), message)

    def _unknown(self, step: Step, lost: CimUnknownOutcomeError, problem: VolumeActivationError) -> StepFailedError:
        message = (
            f"The result of this step is unknown: {step.description}. The response was lost ({lost.reason}),"
            f" and the machine could not be read afterwards: {sentence(str(problem))}"
        )
        return self.stopped(step, replace(lost.explain(), meaning=message), message)


class LicenseWriter(StepWriter):
    """Sends the steps of a plan about a license, before and after its activation. Their effects are visible in the licensing state."""

    def __init__(
        self,
        plan: LicensePlan,
        session: CimSession,
        timer: RetryTimer,
        read_again: Callable[[], ActivationState],
        recorder: Recorder | None,
    ) -> None:
        super().__init__(session, timer, plan.steps, plan.warnings, PlanRecords(recorder, plan.guard.channel if plan.guard else None))
        self._plan = plan
        self._read_again = read_again
        self._after_activation = list(plan.final_steps)
        self._rollback_steps: list[Step] = []
        self._activation = Trace()
        self._attempts: Attempts | None = None
        self.activated = False

    @property
    def has_changed(self) -> bool:
        """Whether the machine accepted a write or the activation, or might have accepted it."""
        return super().has_changed or self.activated or bool(self._activation)

    @property
    def rolled_back(self) -> bool:
        """Whether the first step of the rollback was done, which restores the previous key."""
        return any(id(step) in self._done for step in self._rollback_steps[:1])

    def activate(self, product: LicensedProduct, desired: Activation, send: Callable[[CimSession], Attempts]) -> Attempts:
        """Activate a product with `send`, and record the result. An activation that the machine refused is no longer uncertain."""
        self._session.trace = self._activation
        with self._records.activation(product, desired, lambda: (bool(self._activation), self._attempts)):
            self._attempts = attempts = send(self._session)
        self.activated = attempts.failure is None
        if attempts.failure is None or attempts.failure.is_known:
            self._activation = Trace()
        return attempts

    def found(self, product: LicensedProduct) -> None:
        """Record which product has the new key."""
        self._records.found(product)

    def verified(self, product: LicensedProduct | None, failure: Failure | None) -> None:
        """Record what the machine shows after a successful activation; None if it shows that the product is activated."""
        self._records.verified(product, failure)

    @property
    def key_step(self) -> Step | None:
        """The step that installed the key of the plan, or None if the plan has no key or the step was not done."""
        return next((step for step in self._plan.steps if step.key and id(step) in self._done), None)

    def add(self, step: Step) -> None:
        """Send a step that was not known before the key was installed."""
        self._steps.append(step)
        self.carry_out(step)

    def roll_back(self, step: Step) -> None:
        """Send a step of the rollback."""
        self._after_activation.append(step)
        self._rollback_steps.append(step)
        self.carry_out(step, is_rollback=True)

    def results(self) -> tuple[StepResult, ...]:
        """Return the results of all steps in order, the activation included."""
        desired = self._plan.activation
        done = self.activated or self._activation.accepted > 0
        uncertain = not done and bool(self._activation)
        middle = (StepResult(ACTIVATE, desired.description, desired.consumes, done, uncertain=uncertain),) if desired else ()
        return (*super().results(), *middle, *map(self._result, self._after_activation))

    def _explain(self, step: Step, error: CimError) -> ErrorExplanation:
        guard, state = self._plan.guard, self._plan.state
        if not step.key:
            return state.generation.explain(error.code, MACHINE)
        host_key = guard is not None and guard.channel is Channel.CSVLK
        for_esu = guard is not None and esu.of_id(guard.activation_id) is not None
        return explain_install(state, step.key, error.code, host_key=host_key, for_esu=for_esu)

    def _shows(self, step: Step) -> bool:
        return super()._shows(step) if step.verify else step.is_applied(self._read_again())


def format_code(explanation: ErrorExplanation) -> str:
    """Return a code with its symbol, its meaning, and the first next step."""
    return f"{explanation.label}: {explanation.meaning} Next: {explanation.next_steps[0]}"
