# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The maximum number of activations of a play, as the task of one machine knows it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The task of one machine does not know the other machines. If the number is not added up for the play, each machine therefore counts
its own number for all machines of the play. Together, the machines that continue never use more than the maximum.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..problems import TaskRefusedError

OVER_BUDGET = "activation_budget"
"""The code for a play that would use more activations than permitted."""

_TAKE_FEWER = "Select fewer machines (--limit), or increase max_activations."
_ONCE_ONLY = "Run the task without a loop and without delegation, or omit max_activations."
_ADD_UP = (
    "Run the role winops.volume_activation.mak_client or the playbook convert_to_mak. They read all machines first, and count only the"
    " machines that need an activation."
)


def refuse_overuse(budget: Budget | None, own: int, *, is_retried: bool) -> None:
    """Raise TaskRefusedError for a task that would use more activations than permitted, or might use one twice.

    `own` is the number that the task would use on this machine. `is_retried`: Ansible repeats the task when it fails.
    """
    if not own:
        return
    if budget:
        budget.refuse_more(own)
    if is_retried:
        raise TaskRefusedError(
            "retries_not_supported",
            "until and retries repeat a task after every failure, and Microsoft might have counted an attempt that failed.",
            ("Use retry_timeout. It repeats only attempts that Microsoft cannot have counted.",),
        )


@dataclass(frozen=True)
class Budget:
    """A maximum of `limit` activations for a play of `machines`, which will use `planned` of them; None if they were not added up.

    `takes_plan`: the task has an option for the added number. `is_repeated`: the task runs in a loop, or is delegated, an unknown number of
    times.
    """

    limit: int
    machines: int
    planned: int | None = None
    is_repeated: bool = False
    takes_plan: bool = True

    def refuse_more(self, own: int = 1) -> None:
        """Raise TaskRefusedError if the play can use more than the limit; `own` is what the task would use on this machine."""
        if self.planned is None and self.is_repeated:
            message, needed = "The task runs in a loop or is delegated, so that the number of activations is not known", None
        elif self.planned is None:
            each = "an activation" if own == 1 else f"{own} activations"
            message, needed = f"The play has {self.machines} machines, of which each can use {each}", self.machines * own
        else:
            needed = max(self.planned, own)
            message = f"The play needs {needed} activations"
        if needed is not None and needed <= self.limit:
            return
        more = "" if needed is None else f", which is more than max_activations: {self.limit}"
        raise TaskRefusedError(OVER_BUDGET, f"{message}{more}. Nothing was changed.", self._next_steps())

    def _next_steps(self) -> tuple[str, ...]:
        if not self.takes_plan:
            return (_ONCE_ONLY,) if self.is_repeated else (_TAKE_FEWER,)
        return (_ADD_UP, _TAKE_FEWER) if self.planned is None else (_TAKE_FEWER,)
