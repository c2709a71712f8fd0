# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base class of the action plugin for one activation object: created through a machine, and deleted without one.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The directory is opened first, and the machine only to create an object. Both are read again at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..._cim._connect import second_hop
from ..._cim.session import CimSession
from ..._jobs.adba_object import plan as object_job
from ..._jobs.adba_object.model import DesiredObject, Hop, ObjectState
from ..._licensing.plan.activation import ActivationMethod
from ..._licensing.plan.budget import Budget
from ..._licensing.plan.plan import Outcome, Plan
from ..._licensing.problems import TaskRefusedError
from .. import result as _result
from ..directory.forest import Forest
from ..directory.removing import Deletion, remove
from .state import StateAction
from .windows import Options

_EACH_MACHINE = ("free", "host_pinned")
"""Strategies that run a task with run_once on each machine, with a warning only."""

_CAUSE = "The task of one machine does not see the others, so that each machine would create the object, with an activation of the key."


class ActivationObjectAction(StateAction):
    """One task about one activation object; a subclass sets `SPEC`."""

    ACCOUNT = ("activations_used",)
    EMPTY: ClassVar[Mapping[str, Any]] = {"object": None, "installation_id": None}
    forest: Forest
    desired: DesiredObject
    deletion: Deletion | None = None
    described: Mapping[str, Any] | None = None

    def _run_in_session(self, options: Options) -> dict[str, Any]:
        is_present = options["state"] == "present"
        if is_present:
            self._refuse_several_machines()
        with self._open_forest(options) as self.forest:
            self.described = self.forest.described
            if is_present:
                return super()._run_in_session(options)
            self.deletion = Deletion(is_check=bool(self._task.check_mode))
            result = remove(self.forest, options, self.deletion)
            return {**result, "diff": _result.diff(result)} if self._task.diff else result

    def plan(self, session: CimSession, options: Options) -> Plan[ObjectState]:
        """Read the directory and the machine, and return the plan."""
        hop = second_hop(self._connection)
        self.desired = DesiredObject(
            options["product_key"],
            options["name"],
            options["activation_id"],
            ActivationMethod(options["activation_method"]),
            options["confirmation_id"],
            options["installation_id"],
            self._budget(options),
            is_retried=self.is_retried,
            sends_key=not self._task.check_mode,
        )
        return object_job.plan_for(session, self.forest, self.desired, Hop(hop.is_possible, hop.logon))

    def extra_results(self, plan: Plan[ObjectState], outcome: Outcome[ObjectState]) -> dict[str, Any]:
        """Return the object, the directory, and what the task waits for."""
        waits = object_job.outcome_text(outcome.state, self.desired)
        consumed = [step for step in outcome.steps if step.consumes and (step.done or self._task.check_mode)]
        return {
            "object": self.forest.describe(outcome.state.found),
            "directory": self.described,
            "installation_id": plan.state.installation_id,
            "activations_used": len(consumed),
            **({"msg": f"{self.host}: {waits}"} if waits else {}),
        }

    def known(self) -> dict[str, Any]:
        """Return also the directory if it was reached, and the step of a deletion."""
        known = {**super().known(), "directory": self.described}
        if self.made is not None:
            known["object"] = self.forest.describe(self.made.state.found)
            known["installation_id"] = self.made.state.installation_id
        if self.deletion is None:
            return known
        return {**known, "steps": self.deletion.steps(), "changed": self.deletion.is_uncertain}

    def _open_forest(self, options: Options) -> Forest:
        return Forest(options)

    def _budget(self, options: Options) -> Budget | None:
        limit = options["max_activations"]
        return None if limit is None else Budget(limit, 1, None, is_repeated=self.is_looped, takes_plan=False)

    def _refuse_several_machines(self) -> None:
        """Raise TaskRefusedError for a task that several machines of the play run."""
        strategy = str(self._task.get_play().strategy).rpartition(".")[2] if self._task.run_once else ""
        if len(self.machine_names) < 2 or (self._task.run_once and strategy not in _EACH_MACHINE):
            return
        ignores = f" The strategy {strategy} ignores run_once." if strategy else ""
        raise TaskRefusedError(
            "several_machines",
            f"The play has {len(self.machine_names)} machines, and each of them would create the activation object.{ignores}",
            ("Set run_once: true in the task and strategy: linear in the play, or run the task in a play with one machine.",),
            cause=_CAUSE,
        )


__all__ = ["ActivationObjectAction"]
