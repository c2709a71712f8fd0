# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes as they are sent: which took effect, and what is said of the one that did not.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A write is sent once. When its answer is lost, the state is read and decides: what took effect counts as done, what did not
is sent once more if that does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from ..._cim.session import CimError, CimSession, CimUnknownOutcomeError, MalformedResponseError, UnreachableError
from ..._errors import VolumeActivationError, sentence
from ..catalog.errors import ErrorExplanation, explain
from ..problems import LicensingError, StepFailedError, StepIncompleteError, StepNotRequiredError
from ..state.model import ActivationState, Channel
from .account import Trace, TracingSession
from .activation import Attempts
from .diagnose import explain_install
from .plan import LicensePlan
from .step import ACTIVATE, Step, StepResult
from .timer import RetryTimer


class StepWriter:
    """Sends steps one by one, in the order in which a person is told of them; `warnings` is what they should know besides."""

    def __init__(self, session: CimSession, timer: RetryTimer, steps: Iterable[Step], warnings: Iterable[str] = ()) -> None:
        self._session = TracingSession(session)
        self._timer = timer
        self._steps = list(steps)
        self._done: set[int] = set()
        self._traces: dict[int, Trace] = {}
        self.warnings = list(warnings)

    @property
    def is_begun(self) -> bool:
        """Whether a step was done."""
        return bool(self._done)

    @property
    def has_changed(self) -> bool:
        """Whether the machine took a write, or may have taken one."""
        return self.is_begun or any(self._traces.values())

    @property
    def rolled_back(self) -> bool:
        """Whether the machine has its former key again; where no key is changed it has not."""
        return False

    def carry_out(self, step: Step) -> None:
        """Send one of the steps; raises StepFailedError, and UnreachableError when the machine is gone."""
        try:
            self._send(step)
        except StepNotRequiredError as told:
            self.warnings.append(str(told))
            return
        except CimError as error:
            explanation = step.explain(error.code) if step.explain else self._explain(step, error)
            raise self._stopped_after(step, explanation, f"could not {step.description}: {code_words(explanation)}") from error
        except StepIncompleteError as problem:
            if problem.nothing_changed:
                del self._traces[id(step)]
            words = f"could not {step.description}: {problem.message}"
            raise self._stopped_after(step, problem.explained(), words) from problem
        self._done.add(id(step))

    def results(self) -> tuple[StepResult, ...]:
        """Every step with whether it was done."""
        return tuple(map(self._result, self._steps))

    def stopped(self, step: Step | None, explanation: ErrorExplanation | None, message: str) -> StepFailedError:
        """The error that ends the steps at this one."""
        return StepFailedError(step, self.results(), explanation, message)

    @contextmanager
    def reporting(self, subject: str, look: str) -> Iterator[None]:
        """What a machine refuses or garbles between two steps ends them as a failed step does; of `subject`, and `look` is what to do."""
        try:
            yield
        except StepFailedError:
            raise
        except CimError as error:
            explanation = explain(error.code)
            words = f"the machine refused a question about its {subject}: {code_words(explanation)}"
            raise self.stopped(None, explanation, words) from error
        except MalformedResponseError as problem:
            words = f"what the machine reports of its {subject} makes no sense: {problem.message}"
            raise self.stopped(None, replace(problem.explained(), meaning=sentence(words), next_steps=(look,)), words) from problem
        except (LicensingError, ValueError) as problem:
            words = f"what the machine reports of its {subject} makes no sense: {problem}"
            raise self.stopped(None, LicensingError(words, (look,)).explained(), words) from problem

    def _explain(self, _step: Step, error: CimError) -> ErrorExplanation:
        return explain(error.code)

    def _shows(self, step: Step) -> bool:
        """Whether the machine shows the effect of a step."""
        return step.verify is not None and step.verify(self._session)

    def _send(self, step: Step) -> None:
        """Send a write; after a lost answer the state decides whether it took effect."""
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
        """Whether the machine shows the effect; what it can show and does not has not happened."""
        try:
            shows = self._shows(step)
        except UnreachableError as problem:
            raise problem.with_message(f"{lost}; then the machine could not be asked: {problem.message}") from problem
        except (CimError, MalformedResponseError) as problem:
            raise self._unknown(step, lost, problem) from problem
        if not shows and step.is_visible:
            self._traces[id(step)].unknown = 0
        return shows

    def _stopped_after(self, step: Step, explanation: ErrorExplanation, words: str) -> StepFailedError:
        """The error of a failed step, once the half that was done is undone."""
        self._put_back(step, words)
        return self.stopped(step, explanation, words)

    def _put_back(self, failed: Step, because: str) -> None:
        """Undo the half that was done; what cannot be undone is said, the failure itself is what stops the task."""
        for step in failed.on_failure:
            self._steps.append(step)
            try:
                self._send(step)
                self._done.add(id(step))
            except UnreachableError as lost:
                raise lost.with_message(f"{sentence(because)} Then the machine could not {step.description}: {lost.message}") from lost
            except (CimError, MalformedResponseError, StepIncompleteError, StepFailedError) as error:
                self.warnings.append(f"could not {step.description}: {error}")

    def _result(self, step: Step) -> StepResult:
        done = id(step) in self._done
        return StepResult.of(step, done=done, uncertain=not done and bool(self._traces.get(id(step))))

    def _lost(self, step: Step, lost: CimUnknownOutcomeError) -> StepFailedError:
        words = f"could not {step.description}: the answer was lost ({lost.reason}) and the machine does not show the change."
        return self.stopped(step, replace(lost.explained(), meaning=words), words)

    def _unknown(self, step: Step, lost: CimUnknownOutcomeError, problem: VolumeActivationError) -> StepFailedError:
        words = (
            f"whether it did {step.description} is not known: the answer was lost ({lost.reason}),"
            f" and the machine could not be read afterwards: {sentence(str(problem))}"
        )
        return self.stopped(step, replace(lost.explained(), meaning=words), words)


class LicenseWriter(StepWriter):
    """The steps of a plan about a license, with its activation in their middle; what the state shows, the state proves."""

    def __init__(self, plan: LicensePlan, session: CimSession, timer: RetryTimer, read_again: Callable[[], ActivationState]) -> None:
        super().__init__(session, timer, plan.steps, plan.warnings)
        self._plan = plan
        self._read_again = read_again
        self._after_activation = list(plan.final_steps)
        self._taken_back: list[Step] = []
        self._activation = Trace()
        self.activated = False

    @property
    def has_changed(self) -> bool:
        """Whether the machine took a write, or may have taken one; the activation among them."""
        return super().has_changed or self.activated or bool(self._activation)

    @property
    def rolled_back(self) -> bool:
        """Whether the first step of the rollback was done, which is the one that brings the former key."""
        return any(id(step) in self._done for step in self._taken_back[:1])

    def session_for_activation(self) -> CimSession:
        """The session over which the activation is sent, so that the account knows of it from its request on."""
        self._session.trace = self._activation
        return self._session

    def settle_activation(self, attempts: Attempts) -> None:
        """Take how the activation went. One that the machine refused is not open any more."""
        self.activated = attempts.failure is None
        if attempts.failure is None or attempts.failure.is_known:
            self._activation = Trace()

    @property
    def key_step(self) -> Step | None:
        """The step that installed the plan's key, None when it has none or it was not done."""
        return next((step for step in self._plan.steps if step.key and id(step) in self._done), None)

    def add(self, step: Step) -> None:
        """Send a step that nobody could know of before the key was there."""
        self._steps.append(step)
        self.carry_out(step)

    def roll_back(self, step: Step) -> None:
        """Send a step of the rollback."""
        self._after_activation.append(step)
        self._taken_back.append(step)
        self.carry_out(step)

    def results(self) -> tuple[StepResult, ...]:
        """Every step with whether it was done, the activation among them."""
        desired = self._plan.activation
        done = self.activated or self._activation.accepted > 0
        uncertain = not done and bool(self._activation)
        middle = (StepResult(ACTIVATE, desired.description, desired.consumes, done, uncertain=uncertain),) if desired else ()
        return (*super().results(), *middle, *map(self._result, self._after_activation))

    def _explain(self, step: Step, error: CimError) -> ErrorExplanation:
        guard, state = self._plan.guard, self._plan.state
        host_key = guard is not None and guard.channel is Channel.CSVLK
        return explain_install(state, step.key, error.code, host_key=host_key) if step.key else state.generation.explain(error.code)

    def _shows(self, step: Step) -> bool:
        return super()._shows(step) if step.verify else step.is_applied(self._read_again())


def code_words(explanation: ErrorExplanation) -> str:
    """A code with what it means and the first thing to do."""
    return f"{explanation.code} {explanation.symbol}: {explanation.meaning} Next: {explanation.next_steps[0]}"
