# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The template of a task that changes a machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..._cim.session import CimSession
from ..._errors import VolumeActivationError
from ..._licensing.plan.apply import apply
from ..._licensing.plan.claim import Planned
from ..._licensing.plan.plan import predict, settings_now
from ..._licensing.problems import StepFailedError
from .. import result as _result
from .windows import Options, WindowsAction


@dataclass(frozen=True)
class Runner:
    """What becomes of a plan: as `predict` predicts it in check mode, or as `carry_out` brings it about.

    `settings_now` reads what `before` and `after` compare, after a step has failed.
    """

    predict: Callable[[Any], Any] = predict
    carry_out: Callable[..., Any] = apply
    settings_now: Callable[[Any, CimSession], Mapping[str, Any]] = settings_now


class StateAction(WindowsAction):
    """A task that brings a machine to a state: read, plan, and unless in check mode carry out and read the proof.

    `ACCOUNT` names what its result has of the account besides changed and steps, and `EMPTY` what else it has when the task fails early.
    `made` is the plan, None before the machine was read; `after` is what a failed step left, None when that could not be read.
    """

    RUNNER: ClassVar[Runner] = Runner()
    ACCOUNT: ClassVar[tuple[str, ...]] = ()
    EMPTY: ClassVar[Mapping[str, Any]] = {}
    made: Any = None
    after: Mapping[str, Any] | None = None

    @abstractmethod
    def plan(self, session: CimSession, options: Options) -> Planned:
        """Read the machine, and say which steps lie between what it is and what the options ask for; nothing is changed."""

    def describe(self, plan: Any, outcome: Any, *, check_mode: bool) -> dict[str, Any]:
        """The result; `check_mode` in check mode."""
        return {**_result.outcome_of(outcome, self.host, check_mode=check_mode), **self.extra_results(plan, outcome)}

    def extra_results(self, _plan: Any, _outcome: Any) -> dict[str, Any]:
        """What the result of this module has besides that of all others."""
        return {}

    def execute(self, session: CimSession, options: Options) -> dict[str, Any]:
        """The way of all changes; check mode, diff and the work come from the same plan."""
        plan, check = self.plan(session, options), bool(self._task.check_mode)
        self.made = plan
        if check:
            outcome = self.RUNNER.predict(plan)
        else:
            plan, outcome = self.in_turn(session, plan, lambda: self.plan(session, options), self._carry_out)
        result = self.describe(plan, outcome, check_mode=check)
        return {**result, "diff": _result.diff(result)} if self._task.diff else result

    def known(self) -> dict[str, Any]:
        """The machine and its settings as far as they were read, and what was done."""
        return {**self.EMPTY, **_result.settings_of(self.made, self.after), **self.account.as_dict(self.ACCOUNT)}

    def _carry_out(self, plan: Any, session: CimSession, *arguments: Any) -> Any:
        self.made = plan
        try:
            return self.RUNNER.carry_out(plan, session, *arguments)
        except StepFailedError:
            self.after = self._settings_left(plan, session)
            raise

    def _settings_left(self, plan: Any, session: CimSession) -> dict[str, Any] | None:
        """What a failed step left of the settings; None when the machine cannot be read again, which is no news beside that failure."""
        try:
            return dict(self.RUNNER.settings_now(plan, session))
        except (VolumeActivationError, ValueError):
            return None


__all__ = ["Runner", "StateAction"]
