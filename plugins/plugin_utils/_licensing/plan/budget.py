# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many activations a play may use, and whether that is enough for what it is going to do.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. One machine knows nothing of the others. A play that nobody has added up therefore counts for each of its machines what the task
would use on this one: every machine that goes on has made sure of its share, so that all together never use more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..problems import TaskRefusedError

OVER_BUDGET = "activation_budget"
"""The code for a play that would use more activations than permitted."""

_TAKE_FEWER = "Select fewer machines (--limit), or increase max_activations."
_ONCE_ONLY = "Run the task without a loop and without delegation, or omit max_activations."
_ADD_UP = (
    "Run the role winops.volume_activation.mak_client or the playbook convert_to_mak. They read all machines first, and count only the"
    " machines that need an activation."
)


@dataclass(frozen=True)
class Budget:
    """`limit` activations for a play of `machines`, which is going to use `planned` of them; None if nobody has added up.

    `takes_plan`: the task can be told what was added up. `is_repeated`: the task runs in a loop or for other machines than those of the
    play, nobody knows how often.
    """

    limit: int
    machines: int
    planned: int | None = None
    is_repeated: bool = False
    takes_plan: bool = True

    def refuse_more(self, own: int = 1) -> None:
        """Raise TaskRefusedError if the play may use more than the limit; `own` is what the task would use on this machine."""
        if self.planned is None and self.is_repeated:
            words, needed = "The task runs in a loop or is delegated, so that the number of activations is not known", None
        elif self.planned is None:
            each = "an activation" if own == 1 else f"{own} activations"
            words, needed = f"The play has {self.machines} machines, of which each can use {each}", self.machines * own
        else:
            needed = max(self.planned, own)
            words = f"The play needs {needed} activations"
        if needed is not None and needed <= self.limit:
            return
        more = "" if needed is None else f", which is more than max_activations: {self.limit}"
        raise TaskRefusedError(OVER_BUDGET, f"{words}{more}. Nothing was changed.", self._next_steps())

    def _next_steps(self) -> tuple[str, ...]:
        if not self.takes_plan:
            return (_ONCE_ONLY,) if self.is_repeated else (_TAKE_FEWER,)
        return (_ADD_UP, _TAKE_FEWER) if self.planned is None else (_TAKE_FEWER,)


def add_up(
    forecasts: Mapping[str, Mapping[str, Any] | None],
    play_hosts: Iterable[str],
    batch: Iterable[str] = (),
    questions: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What a play is going to spend, by what its machines said in check mode.

    `forecasts` has the result of every machine of the play, None for one that was not read yet, as those of a later batch are;
    it counts as one. `play_hosts` are the machines the play goes on with: one it has dropped consumes nothing unless it said so.
    `batch` are those read just now, and `questions` what each machine was asked: an answer to another question than theirs is
    left from an earlier play, and is not counted on.
    """
    remaining, asked = frozenset(play_hosts), questions or {}
    now = [asked.get(name) for name in batch]
    found: dict[str, list[str]] = {"activating": [], "unread": [], "not_activating": [], "dropped": []}
    for machine, forecast in forecasts.items():
        fits = forecast if not now or asked.get(machine) in now else None
        found[_kind(fits, machine in remaining)].append(machine)
    return {
        "machines": {name: sorted(machines) for name, machines in found.items()},
        "planned_activations": len(found["activating"]) + len(found["unread"]),
    }


def _kind(forecast: Mapping[str, Any] | None, is_in_play: bool) -> str:
    spent = None if not forecast or _is_lost(forecast) else forecast.get("activations_used")
    if spent is None:
        return "unread" if is_in_play else "dropped"
    return "activating" if spent else "not_activating"


def _is_lost(forecast: Mapping[str, Any]) -> bool:
    return bool(forecast.get("failed") or forecast.get("unreachable") or forecast.get("skipped"))
