# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Ansible edge: how a task becomes a conversation with a machine, and the conversation a result.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Two templates. A reader fills in what it reads; a changer fills in how its options become a desired state, what is read and
which plan comes of both. Everything else is the same for all: options checked and what does not apply refused before
anything is sent, one session over the task's own connection, check mode, diff, errors, secrets.

Ansible imports an action plugin once, in the process that forks the workers, so what this file and the plugins do
while they are imported costs a run once and not once per machine.
"""

from __future__ import annotations

import time
import traceback
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

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
from ..secrets import SecretMask, arguments_of, hidden_item_warning, loop_item_holds_key
from ..spec import ModuleSpec
from ..unreachable import UnreachableActionError, show_warnings
from ..worker import spare_what_was_inherited

Options = Mapping[str, Any]


class WindowsAction(ActionBase):  # type: ignore[misc]
    """One task on one Windows machine; a subclass sets `SPEC` and fills in :meth:`execute`.

    `host` is its name in messages, `machines` how many the play is for, in all batches together. `is_repeated`: it runs more than
    once for a machine of the play, or for others. `is_retried`: Ansible repeats it by itself when it fails. `clock` and `sleep` are the
    time of the machine this runs on. `remarks` are warnings that the result has however the task ends.
    """

    SPEC: ClassVar[ModuleSpec]
    host = "this host"
    machines = 1
    is_repeated = False
    is_retried = False

    remarks: tuple[str, ...] = ()

    clock = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Carry the task out; raises Unreachable when the machine could not be asked."""
        del tmp
        spare_what_was_inherited()
        variables = task_vars or {}
        self.host = str(self._task.delegate_to or variables.get("inventory_hostname", self.host))
        self._see_how_often(variables)
        self.account = Account()
        mask = SecretMask(self.SPEC.secrets(self.arguments))
        # Ansible hands the arguments on to callbacks, and to whoever looks at a failed task: this copy has no key in it.
        self._task.args = mask.apply(self.arguments)
        is_hidden = bool(self._task.loop) and loop_item_holds_key(variables, mask)
        result = _result.with_warnings(self._attempt(mask), self.host, self.remarks)
        if result.get("unreachable") and not is_hidden:
            told = mask.apply(result)
            show_warnings(self._display, told)
            raise UnreachableActionError(told)
        shown: dict[str, Any] = mask.apply({**result, "invocation": {"module_args": self.arguments}})
        return self._hide(shown) if is_hidden else shown

    @property
    def arguments(self) -> dict[str, Any]:
        """What the task gives, with its keys."""
        return arguments_of(self._task)

    def _see_how_often(self, variables: Mapping[str, Any]) -> None:
        """A loop around an include shows only by its variable."""
        self.machines = len(variables.get("ansible_play_hosts_all", ())) or 1
        self.is_repeated = bool(self._task.loop or self._task.delegate_to or "ansible_loop_var" in variables)
        self.is_retried = bool(self._task.until or self._task.retries)

    def budget_of(self, options: Options) -> Budget | None:
        """What the play may use by `max_activations`, and by `planned_activations` where a module has it; None without a limit."""
        limit, takes_plan = options["max_activations"], "planned_activations" in options
        planned = options.get("planned_activations")
        return None if limit is None else Budget(limit, self.machines, planned, is_repeated=self.is_repeated, takes_plan=takes_plan)

    @abstractmethod
    def execute(self, session: CimSession, options: Options) -> dict[str, Any]:
        """Do the work over an open session and return the result of the task."""

    def _attempt(self, mask: SecretMask) -> dict[str, Any]:
        """The result, whatever happens; it is not raised in here, so that nothing raised later drags its cause along."""
        try:
            reject_unsupported_keywords(self.SPEC.name, self._task, self._connection)
            return self._ask(self.SPEC.validate(self.arguments))
        except UnreachableError as error:
            result = _result.unreachable(error, self.account.completed_summary())
        except VolumeActivationError as error:
            result = _result.failure(error, self.host, self.account.completed_summary())
        except Exception as error:  # noqa: BLE001 - a person gets a sentence, and the details at -vvv, without secrets
            self._display.vvv(mask.apply_to_lines(traceback.format_exc()), host=self.host)
            result = _result.unexpected(self.SPEC.name, error, self.host, self.account.completed_summary())
        except BaseException as end:  # noqa: BLE001 - Ansible ends a task that takes too long, or somebody ends the run
            result = self._ended(end, mask)
        remarks = (*self.account.losses(), *self.account.resumption())
        return _result.with_warnings({**result, **self.known()}, self.host, remarks)

    def known(self) -> dict[str, Any]:
        """What the result of a failed task has besides the failure."""
        return {}

    def _ended(self, end: BaseException, mask: SecretMask) -> dict[str, Any]:
        """The result of a task that Ansible ended by its timeout. When the run is ended there is none, and people are told at once."""
        timeout = self._task.timeout
        if timeout and not isinstance(end, (KeyboardInterrupt, SystemExit, GeneratorExit)):
            problem = TaskTimeoutError(f"{self.SPEC.name} did not end within the {timeout} seconds of its timeout.")
            return {**_result.failure(problem, self.host, self.account.completed_summary()), "timedout": {"frame": None, "period": timeout}}
        if self.account.changed:
            self._display.warning(mask.apply(f"{self.host}: {self.SPEC.name} was interrupted.{self.account.completed_summary()}"))
        raise end

    def _ask(self, options: Options) -> dict[str, Any]:
        session = self._open()
        try:
            return self.execute(session, options)
        finally:
            if not self._task.loop:  # items of a loop share the session, and their worker process ends with it
                session.close()

    def warn(self, remark: str) -> None:
        """Say something that a person should know however the task ends."""
        self.remarks = (*self.remarks, remark)

    def in_turn(self, session: CimSession, plan: P, again: Callable[[], P], carry_out: Callable[..., R]) -> tuple[P, R]:
        """Carry a plan out, and while it consumes an activation no other run does; the plan that was carried out, and its outcome."""
        self.account.expect(step for part in plan.parts for step in results_of(part))

        def work(made: P) -> R:
            self.account.expect(())  # whoever carries the plan out has an account of each step
            return carry_out(made, session, self.clock, self.sleep, self.account)

        timer = RetryTimer(self.clock, self.sleep)
        messages = Messages(self.warn, lambda words: self._display.display(f"{self.host}: {self.SPEC.name} {words}."))
        return in_turn(session, plan, again, work, timer, messages)

    def _open(self) -> CimSession:
        return open_session(self._connection)

    def _hide(self, result: dict[str, Any]) -> dict[str, Any]:
        """Have Ansible show nothing of this item, because it would show the key in it; a failure is told all the same."""
        self._display.warning(hidden_item_warning(self.host, self.SPEC.name, result))
        # Up to ansible-core 2.18 the results of all items together are hidden only when the task says so.
        self._task.no_log = True
        return {**result, "_ansible_no_log": True}


__all__ = ["Options", "WindowsAction"]
