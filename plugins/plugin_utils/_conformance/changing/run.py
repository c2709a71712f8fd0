# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change a machine that is made for it, restore it, and verify that: one experiment after the other.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Each change is noted in the record and shown to the user before it is made. The first problem ends the experiments; what can be restored is
restored then, with time of its own, and what is left is named. Exceptions that are not errors of the machine, such as the end of the run by
the user, leave the record for the next run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ..._cim.recording.exchanges import ExchangeRecorder, recorded
from ..._cim.session import CimError, CimSession
from ..._errors import VolumeActivationError
from ..._licensing.plan.account import Account
from ..._licensing.plan.step import ACTIVATE, Step, StepResult
from ..._licensing.plan.timer import RetryTimer
from ..._licensing.plan.writes import StepWriter
from ..._licensing.problems import StepFailedError, StepIncompleteError
from ..._licensing.state.model import ActivationState, LicensedProduct
from ..._licensing.state.provider import SPP
from ..._licensing.state.read import read_again, read_os
from ..model import KitAnswer
from . import experiments, seeing
from .experiments import Experiment
from .items import Item, License
from .record import RestoreRecord
from .restore import steps_for

SECONDS, SECONDS_TO_RESTORE = 600.0, 300.0
"""Time for all changes of a machine, and the time to restore it after a problem."""


class NotRestoredError(StepIncompleteError):
    """The machine accepted the steps that restore it, and does not show them."""

    error_code = "not_restored"
    cause = "The machine did not take over the value, or something else changes it at the same time."
    next_steps = ("Run the commands of changes_left on the machine.",)


@dataclass
class Changing:
    """How the kit changes machines: the account of the task, the clock, and where a change is shown before it is made.

    `computer_names` are the computers that may be changed. `record` is None until it was opened.
    """

    computer_names: tuple[str, ...]
    restore_path: str
    account: Account
    timer: RetryTimer
    show: Callable[[str], None]
    check_mode: bool = False
    record: RestoreRecord | None = None

    @property
    def left(self) -> tuple[Item, ...]:
        """What is not restored, in the order of the changes."""
        return self.record.left if self.record else ()


class Writer(StepWriter):
    """Sends steps that are not known before. Their effects are in the licensing state, or the step verifies them."""

    def __init__(self, session: CimSession, timer: RetryTimer, read: Callable[[], ActivationState]) -> None:
        super().__init__(session, timer, ())
        self._read = read

    def send(self, step: Step) -> None:
        """Send a step. Raises StepFailedError and UnreachableError."""
        self._steps.append(step)
        self.carry_out(step)

    def _shows(self, step: Step) -> bool:
        return super()._shows(step) if step.verify else step.is_applied(self._read())


@dataclass
class ChangeRun:
    """The changes of one machine. `answers` grows with what was seen, and `problem` is why the run ended before its end."""

    session: CimSession
    state: ActivationState
    product: LicensedProduct
    changing: Changing
    record: RestoreRecord
    answers: dict[str, KitAnswer] = field(default_factory=dict)
    problem: VolumeActivationError | None = None
    warnings: list[str] = field(default_factory=list)
    _writer: Writer = field(init=False, repr=False)
    _recorder: ExchangeRecorder = field(init=False, repr=False)

    def run(self) -> None:
        """Restore what an earlier run left, make the changes, and restore them. Problems of the machine are in `problem`."""
        self._writer = Writer(self.session, self.changing.timer, lambda: read_again(self.session, self.state))
        self.changing.account.add(self._writer)
        try:
            with self._recording(SECONDS):
                self._restore_earlier()
                self._experiments()
        except VolumeActivationError as problem:
            self.problem = problem
            self._rescue()

    def _restore_earlier(self) -> None:
        left = self.record.left
        if left:
            self.changing.show(f"will first restore what an earlier run left ({len(left)} changes)")
            self._ask("change_earlier_undo", lambda: self._restore(left))
            self.state = read_again(self.session, self.state)
            self.product = self.state.primary or self.product

    def _experiments(self) -> None:
        policies = self._ask("change_policies_read", lambda: experiments.policies(self.session, self.state))
        self._try(policies, lambda: None)
        self._try(experiments.kms_host(self.state), lambda: read_again(self.session, self.state))
        self._refused("change_invalid_key", "install a text that is not a key, which Windows refuses", self._invalid_key)
        self._refused("change_archive", "save a log to a folder that does not exist, which Windows refuses", self._save_log)
        self._license(experiments.same_key(self.state, self.product))

    def _try(self, experiment: Experiment, look: Callable[[], Any]) -> None:
        """Make the changes of an experiment, look at the machine, and restore it."""
        if not experiment.steps:
            return
        self._ask(f"change_{experiment.name}", lambda: self._make(experiment, look))
        self._ask(f"change_{experiment.name}_undo", lambda: self._restore(experiment.items))

    def _make(self, experiment: Experiment, look: Callable[[], Any]) -> Any:
        self.record.note(experiment.items)
        for step in experiment.steps:
            self._send(step)
        return look()

    def _license(self, experiment: Experiment) -> None:
        """Install the key again and activate once. The activation restores the license."""
        service = self.state.service
        self._ask("change_key", lambda: self._make(experiment, lambda: seeing.see_key(self.session, service, self.product)))
        provider = seeing.OneActivation(self.session, self.changing.timer.clock)
        licenses = [item for item in self.record.left if isinstance(item, License)]
        try:
            self._ask("change_activation", lambda: self._activate(provider), lambda: provider.seen)
        except StepFailedError as failed:
            if any(item.was_activated for item in licenses):
                raise
            self.warnings.append(f"Windows was not activated before, and its activation failed: {failed.message}")
        self._ask("change_key_undo", lambda: self._restore(licenses))
        if any(isinstance(item, License) for item in self.record.left):
            raise NotRestoredError("Windows is not licensed as before.")

    def _activate(self, provider: seeing.OneActivation) -> None:
        """Activate with a step of its own, so that the account of the task has it."""

        def run(session: CimSession, timer: RetryTimer) -> None:
            state = replace(self.state, os=read_os(self.session))
            product = SPP.read_product(self.session, self.product) or self.product
            found = provider.attempts(session, state, product, timer)
            if found.failure:
                raise StepIncompleteError(found.failure.summary, tuple(found.failure.error["next_steps"][:1]))

        ending = self.product.partial_product_key
        description = f"activate Windows once with the GVLK ending in {ending}"
        self._send(Step(ACTIVATE, self.product.path, "Activate", description, run=run, repeatable=False, product=self.product))

    def _invalid_key(self) -> bool:
        seeing.install_invalid_key(self.session, self.state.service)
        return True

    def _save_log(self) -> bool:
        return seeing.save_log_nowhere(self.session)

    def _refused(self, name: str, what: str, call: Callable[[], Any]) -> None:
        """Send a call that changes nothing because Windows refuses it, and keep the refusal."""
        self.changing.show(f"will {what}")
        try:
            self._ask(name, call)
        except CimError:
            return

    def _send(self, step: Step) -> None:
        self.changing.show(f"will {step.description}")
        self._writer.send(step)

    def _restore(self, items: Iterable[Item]) -> None:
        """Restore items, and verify that by reading again. What is as before leaves the record. Raises NotRestoredError."""
        items = list(items)
        for steps in steps_for(self.session, read_again(self.session, self.state), items, self.record.left).values():
            for step in steps:
                self._send(step)
        self._verify(items)

    def _verify(self, items: list[Item]) -> None:
        """Read the machine again, and remove the items that are as before from the record. Raises NotRestoredError for others."""
        if any(isinstance(item, License) for item in items):
            SPP.refresh(self.session, self.state.service)
        now = read_again(self.session, self.state)
        wrong = steps_for(self.session, now, items, self.record.left)
        self.record.settle(item for item in items if item not in wrong and not (isinstance(item, License) and not _has_license(now, item)))
        if wrong:
            raise NotRestoredError(f"The machine does not show what should restore it: {'; '.join(item.undo for item in wrong)}.")

    def _rescue(self) -> None:
        """Restore what can be restored after a problem, item by item, so that one that fails does not keep the others."""
        with self._recording(SECONDS_TO_RESTORE):
            for number, item in enumerate(reversed(self.record.left), 1):
                self._rescue_one(item, f"change_rescue_{_letters(number)}", partial(self._restore, [item]))
            if self.record.left:  # a key that was removed took its values with it
                self._rescue_one(self.record.left[-1], "change_rescue_read", lambda: self._verify(list(self.record.left)))

    def _rescue_one(self, item: Item, name: str, work: Callable[[], None]) -> None:
        try:
            self._ask(name, work)
        except VolumeActivationError as problem:
            self.warnings.append(f"Could not {item.undo}: {problem}")

    def _ask(self, name: str, work: Callable[[], Any], seen: Callable[[], Any] = lambda: None) -> Any:
        """Do a part of the work, and keep what was exchanged. `seen` returns the value after a problem. Raises what `work` raises."""
        first = len(self._recorder.exchanges)
        value, code, error = None, None, None
        try:
            value = work()
        except CimError as problem:
            code, error = problem.code, str(problem)
            raise
        except VolumeActivationError as problem:
            error = str(problem)
            raise
        finally:
            value = value if value is not None else seen()
            self.answers[name] = KitAnswer(name, value, code, error, tuple(self._recorder.exchanges[first:]))
        return value

    @contextmanager
    def _recording(self, seconds: float) -> Iterator[None]:
        with recorded(self.session, self.changing.timer.clock, seconds) as recorder:
            self._recorder = recorder
            yield


def _has_license(state: ActivationState, item: License) -> bool:
    """Return whether Windows has the key, and is activated if it was activated before."""
    found = [product for product in state.products if product.partial_product_key == item.partial_product_key]
    return any(product.status.is_activated or not item.was_activated for product in found)


def _letters(number: int) -> str:
    """Return a number as letters, because the files of exchanges have no digits in their names."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


def planned(run: ChangeRun) -> list[StepResult]:
    """Return the steps that a run would do, for check mode. Reads the registry, and changes nothing."""
    made = (experiments.policies(run.session, run.state), experiments.kms_host(run.state))
    undone = [StepResult("restore_earlier", item.undo, None, False) for item in reversed(run.record.left)]
    steps = [undone]
    for experiment in made:
        steps.append([StepResult.of(step, done=False) for step in experiment.steps])
        steps.append([StepResult("restore", item.undo, None, False) for item in reversed(experiment.items if experiment.steps else ())])
    key = experiments.same_key(run.state, run.product)
    steps.append([StepResult.of(step, done=False) for step in key.steps])
    ending = run.product.partial_product_key
    steps.append([StepResult(ACTIVATE, f"activate Windows once with the GVLK ending in {ending}", None, False)])
    return [step for part in steps for step in part]


__all__ = ["SECONDS", "SECONDS_TO_RESTORE", "ChangeRun", "Changing", "NotRestoredError", "planned"]
