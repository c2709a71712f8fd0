# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base class of the action plugins for Windows machines: it converts a task to requests, and the responses to a result.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A reading module implements what it reads. A state module (see :mod:`state`) implements the conversion of options to a desired state, the
reading, and the plan. The rest is common: checks of the options and keywords before the first request, one session over the connection
of the task, check mode, diff, errors, and secrets.

Ansible imports an action plugin once, in the process that forks the workers, so work at import is done once in a run and not for each
machine.
"""

from __future__ import annotations

import time
import traceback
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from ansible.module_utils.common.validation import check_type_bool
from ansible.plugins.action import ActionBase

from ..._cim._connect import open_session
from ..._cim.session import CimSession
from ..._errors import TaskTimeoutError, UnreachableError, VolumeActivationError
from ..._licensing.plan.account import Account
from ..._licensing.plan.budget import Budget
from ..._licensing.plan.plan import results_of
from ..._licensing.plan.timer import RetryTimer
from ..._licensing.plan.turn import Messages, P, R, in_turn
from .. import result as _result
from ..applicability import reject_unsupported_keywords
from ..endings import COLLECT, UnreachableActionError, collected, show_warnings
from ..option_check import check_standard_input
from ..secrets import SecretMask, arguments_of, hidden_item_warning, loop_item_holds_key
from ..spec import ModuleSpec
from ..worker import freeze_inherited_objects

Options = Mapping[str, Any]


class WindowsAction(ActionBase):  # type: ignore[misc]
    """One task on one Windows machine; a subclass sets `SPEC` and implements :meth:`execute`.

    `host` is the name of the machine in messages, and `machine_names` are those of the play in all batches. `is_repeated` is True
    if the task can run several times for a machine, or for other machines, and `is_looped` is True if it is because of a loop.
    `is_retried` is True if Ansible repeats the task after a failure. `clock` and `sleep` use the time of the controller.
    `task_warnings` are warnings that the result contains in any case.
    """

    SPEC: ClassVar[ModuleSpec]
    host = "this host"
    machine_names: tuple[str, ...] = ()
    is_repeated = False
    is_looped = False
    is_retried = False

    task_warnings: tuple[str, ...] = ()

    clock = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task; raises UnreachableActionError if the machine cannot be reached."""
        del tmp
        freeze_inherited_objects()
        variables = task_vars or {}
        self.host = str(self._task.delegate_to or variables.get("inventory_hostname", self.host))
        self._read_repetition(variables)
        self.account = Account()
        mask = SecretMask(self.SPEC.secrets(self.arguments))
        # Ansible passes the arguments to callbacks and rescue blocks: this copy does not contain keys.
        self._task.args = mask.apply(self.arguments)
        is_hidden = bool(self._task.loop) and loop_item_holds_key(variables, mask)
        result = _result.with_warnings(self._attempt(mask, variables), self.host, self.task_warnings)
        if self._is_collected(variables) and not is_hidden:
            result = collected(result)
        if result.get("unreachable") and not is_hidden:
            masked = mask.apply(result)
            show_warnings(self._display, masked)
            raise UnreachableActionError(masked)
        shown: dict[str, Any] = mask.apply({**result, "invocation": {"module_args": self.arguments}})
        return self._hide(shown) if is_hidden else shown

    @property
    def arguments(self) -> dict[str, Any]:
        """Return the options of the task, including keys."""
        return arguments_of(self._task)

    def _is_collected(self, variables: Mapping[str, Any]) -> bool:
        """Return whether the playbook reports failures at its end."""
        return COLLECT in variables and bool(check_type_bool(self._templar.template(variables[COLLECT])))

    def _read_repetition(self, variables: Mapping[str, Any]) -> None:
        """Set `machine_names` and the repetitions; a loop around an include is visible only by its variable."""
        self.machine_names = tuple(map(str, variables.get("ansible_play_hosts_all", ())))
        self.is_looped = bool(self._task.loop or "ansible_loop_var" in variables)
        self.is_repeated = bool(self.is_looped or self._task.delegate_to)
        self.is_retried = bool(self._task.until or self._task.retries)

    def budget_of(self, options: Options) -> Budget | None:
        """Return the budget by `max_activations` and, if the module has it, `planned_activations`; None without a limit."""
        limit, takes_plan = options["max_activations"], "planned_activations" in options
        planned = options.get("planned_activations")
        return (
            None
            if limit is None
            else Budget(limit, len(self.machine_names) or 1, planned, is_repeated=self.is_repeated, takes_plan=takes_plan)
        )

    @classmethod
    def main(cls) -> None:
        """Check the options in the standard input, for ansible-lint."""
        check_standard_input(cls.SPEC)

    @abstractmethod
    def execute(self, session: CimSession, options: Options) -> dict[str, Any]:
        """Do the work over an open session and return the result of the task."""

    def _attempt(self, mask: SecretMask, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the result in any case. It does not raise UnreachableActionError, so that this exception does not have a context."""
        try:
            reject_unsupported_keywords(self.SPEC.name, self._task, self._connection)
            options = self.SPEC.validate(self.SPEC.answered(self.arguments, variables))
            self.prepare(variables, mask)
            return self._run_in_session(options)
        except UnreachableError as error:
            result = _result.unreachable(error, self.host, self.account.completed_summary())
        except VolumeActivationError as error:
            result = _result.failure(error, self.host, self.account.completed_summary())
        except Exception as error:  # noqa: BLE001 - the message is human-readable, and -vvv shows the details without secrets
            self._display.vvv(mask.apply_to_lines(traceback.format_exc()), host=self.host)
            result = _result.unexpected(self.SPEC.name, error, self.host, self.account.completed_summary())
        except BaseException as end:  # noqa: BLE001 - Ansible ends a task after its timeout, or a user ends the run
            result = self._ended(end, mask)
        warnings = (*self.account.losses(), *self.account.resumption())
        return _result.with_warnings({**result, **self.known()}, self.host, warnings)

    def prepare(self, variables: Mapping[str, Any], mask: SecretMask) -> None:
        """Check and prepare what the task needs on the controller, before a session is opened. `mask` hides the secrets of the task."""

    def known(self) -> dict[str, Any]:
        """Return the additional keys in the result of a failed task."""
        return {}

    def _ended(self, end: BaseException, mask: SecretMask) -> dict[str, Any]:
        """Return the result of a task that Ansible ended after its timeout. If the run was ended, show a warning and raise again."""
        timeout = self._task.timeout
        if timeout and not isinstance(end, (KeyboardInterrupt, SystemExit, GeneratorExit)):
            problem = TaskTimeoutError(f"{self.SPEC.name} did not complete within its timeout of {timeout} seconds.")
            return {**_result.failure(problem, self.host, self.account.completed_summary()), "timedout": {"frame": None, "period": timeout}}
        if self.account.changed:
            self._display.warning(mask.apply(f"{self.host}: {self.SPEC.name} was interrupted.{self.account.completed_summary()}"))
        raise end

    def _run_in_session(self, options: Options) -> dict[str, Any]:
        session = self._open()
        try:
            return self.execute(session, options)
        finally:
            if not self._task.loop:  # the items of a loop share the session, which ends with the worker process
                session.close()

    def warn(self, warning: str) -> None:
        """Add a warning that the result contains in any case."""
        self.task_warnings = (*self.task_warnings, warning)

    def in_turn(self, session: CimSession, plan: P, again: Callable[[], P], carry_out: Callable[..., R]) -> tuple[P, R]:
        """Carry out a plan, and prevent that another run consumes an activation at the same time. Return the final plan and its outcome."""
        self.account.expect(step for part in plan.parts for step in results_of(part))

        def work(made: P) -> R:
            self.account.expect(())  # the function that carries out the plan adds each step to the account
            return carry_out(made, session, self.clock, self.sleep, self.account)

        timer = RetryTimer(self.clock, self.sleep)
        messages = Messages(self.warn, lambda message: self._display.display(f"{self.host}: {self.SPEC.name} {message}."))
        return in_turn(session, plan, again, work, timer, messages)

    def _open(self) -> CimSession:
        return open_session(self._connection)

    def _hide(self, result: dict[str, Any]) -> dict[str, Any]:
        """Hide the result of this item, because Ansible would show the key in the item; the warning contains a failure."""
        self._display.warning(hidden_item_warning(self.host, self.SPEC.name, result))
        # Up to ansible-core 2.18, the combined results of all items are hidden only if the task has no_log.
        self._task.no_log = True
        return {**result, "_ansible_no_log": True}


__all__ = ["Options", "WindowsAction"]
