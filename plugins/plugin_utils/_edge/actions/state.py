# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base class of the action plugins that change a machine.

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
from ..ledger.origin import origin_of
from ..ledger.recorder import LedgerRecorder, ledger_of
from ..secrets import SecretMask
from .windows import Options, WindowsAction


@dataclass(frozen=True)
class Runner:
    """The functions for a plan: `predict` returns the outcome in check mode, and `carry_out` carries out the plan.

    `settings_now` reads the settings for `after` after a failed step.
    """

    predict: Callable[[Any], Any] = predict
    carry_out: Callable[..., Any] = apply
    settings_now: Callable[[Any, CimSession], Mapping[str, Any]] = settings_now


class StateAction(WindowsAction):
    """An action that brings a machine to the desired state: read, plan, and, except in check mode, carry out and read the final state.

    `ACCOUNT` has the keys of the account in the result, in addition to changed and steps. `EMPTY` has the other keys of an early failure.
    `IS_RECORDED`: its requests about keys, activations, and rearms belong in the ledger of the variable activation_ledger.
    `made` is the plan, or None before the machine was read. `after` are the settings after a failed step, or None if not read.
    """

    RUNNER: ClassVar[Runner] = Runner()
    ACCOUNT: ClassVar[tuple[str, ...]] = ()
    EMPTY: ClassVar[Mapping[str, Any]] = {}
    IS_RECORDED: ClassVar[bool] = True
    made: Any = None
    after: Mapping[str, Any] | None = None

    def prepare(self, variables: Mapping[str, Any], mask: SecretMask) -> None:
        """Check the ledger, if there is one. Raises LedgerError if it cannot be written."""
        ledger = ledger_of(variables, self._templar, self._play_context.connection_lockfd) if self.IS_RECORDED else None
        if ledger:
            self.account.recorder = LedgerRecorder(ledger, lambda: self._origin(variables), mask, self.warn)

    @abstractmethod
    def plan(self, session: CimSession, options: Options) -> Planned:
        """Read the machine, and return the plan with the steps to the desired state; this does not change the machine."""

    def describe(self, plan: Any, outcome: Any, *, check_mode: bool) -> dict[str, Any]:
        """Return the result; `check_mode` is True in check mode."""
        return {**_result.outcome_of(outcome, self.host, check_mode=check_mode), **self.extra_results(plan, outcome)}

    def extra_results(self, _plan: Any, _outcome: Any) -> dict[str, Any]:
        """Return the keys of the result that only this module has."""
        return {}

    def execute(self, session: CimSession, options: Options) -> dict[str, Any]:
        """Plan, and then predict or carry out; check mode, diff, and the change use the same plan."""
        plan, check = self.plan(session, options), bool(self._task.check_mode)
        self.made = plan
        if check:
            outcome = self.RUNNER.predict(plan)
        else:
            plan, outcome = self.in_turn(session, plan, lambda: self.plan(session, options), self._carry_out)
        result = self.describe(plan, outcome, check_mode=check)
        return {**result, "diff": _result.diff(result)} if self._task.diff else result

    def known(self) -> dict[str, Any]:
        """Return the machine and its settings, if they were read, and the completed steps."""
        return {**self.EMPTY, **_result.settings_of(self.made, self.after), **self.account.as_dict(self.ACCOUNT)}

    def _carry_out(self, plan: Any, session: CimSession, *arguments: Any) -> Any:
        self.made = plan
        try:
            return self.RUNNER.carry_out(plan, session, *arguments)
        except StepFailedError:
            self.after = self._settings_left(plan, session)
            raise

    def _origin(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        machine = _result.machine_of(self.made.state) if self.made else {}
        where = {"inventory_hostname": self.host, "computer_name": machine.get("computer_name")}
        return {**origin_of(self._task, variables), "module": self.SPEC.name, **where}

    def _settings_left(self, plan: Any, session: CimSession) -> dict[str, Any] | None:
        """Return the settings after a failed step, or None if the machine cannot be read; the first failure is reported in this case."""
        try:
            return dict(self.RUNNER.settings_now(plan, session))
        except (VolumeActivationError, ValueError):
            return None


__all__ = ["Runner", "StateAction"]
