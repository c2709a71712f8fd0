# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The maximum number of activations of a play, and the number that the play will use.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The task of one machine does not know the other machines. If the number is not added up for the play, each machine therefore counts
its own number for all machines of the play. Together, the machines that continue never use more than the maximum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..catalog import esu
from ..problems import TaskRefusedError
from ..state.model import Channel

OVER_BUDGET = "activation_budget"
"""The code for a play that would use more activations than permitted."""

_MAK = Channel.MAK.value
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


def add_up(
    forecasts: Mapping[str, Mapping[str, Any] | None],
    play_hosts: Iterable[str],
    batch: Iterable[str] = (),
    questions: Mapping[str, Any] | None = None,
    left: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return the number of activations that a play will use, from the check mode results of its machines.

    :param forecasts: The result of every machine of the play; None for a machine that was not read yet, which counts as one activation.
    :param play_hosts: The machines that are still in the play. A machine that left it counts only if its result has an activation.
    :param batch: The machines that were read now.
    :param questions: The options that each machine was read with. A result for other options is from an earlier play, and is ignored.
    :param left: The results of mak_activations_info for MAKs.
    """
    remaining, options = frozenset(play_hosts), questions or {}
    now = [options.get(name) for name in batch]
    kinds: dict[str, str] = {}
    by_programme: dict[str, list[str]] = {}
    for machine, forecast in forecasts.items():
        fits = forecast if not now or options.get(machine) in now else None
        kinds[machine] = _kind(fits, machine in remaining)
        programme = _programme(options.get(machine), fits)
        if programme:
            by_programme.setdefault(programme, []).append(machine)
    return {
        **_total(kinds, forecasts),
        "programmes": {name: _total(kinds, by_programme[name]) for name in esu.names() if name in by_programme},
        "maks": _maks(forecasts.values(), {str(each.get("extended_pid")): each for each in left}),
    }


def _maks(forecasts: Iterable[Mapping[str, Any] | None], left: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the MAKs that machines show, each with the extended product ID of one machine, and with what Microsoft has left for it."""
    shown: dict[str, set[str]] = {}
    for forecast in forecasts:
        for product in (forecast or {}).get("products") or ():
            if product.get("channel") == _MAK and product.get("extended_pid"):
                shown.setdefault(str(product.get("partial_product_key")), set()).add(str(product["extended_pid"]))
    chosen = {partial: next((pid for pid in sorted(pids) if pid in left), min(pids)) for partial, pids in sorted(shown.items())}
    return [
        {
            "partial_product_key": partial,
            "extended_pid": pid,
            "remaining_activations": left.get(pid, {}).get("remaining_activations"),
            "checked_time": left.get(pid, {}).get("checked_time"),
        }
        for partial, pid in chosen.items()
    ]


def _total(kinds: Mapping[str, str], machines: Iterable[str]) -> dict[str, Any]:
    found: dict[str, list[str]] = {"activating": [], "unread": [], "not_activating": [], "dropped": []}
    for machine in sorted(machines):
        found[kinds[machine]].append(machine)
    return {"machines": found, "planned_activations": len(found["activating"]) + len(found["unread"])}


def _programme(question: Any, forecast: Mapping[str, Any] | None) -> str | None:
    """Return the programme of Extended Security Updates that a machine was read for, by its options or its result; None for none."""
    asked = [name for name in esu.names() if isinstance(question, (list, tuple)) and name in question]
    shown = [esu.of_id(product.get("activation_id")) for product in (forecast or {}).get("products") or () if product.get("is_addon")]
    return next(iter((*asked, *(each.name for each in shown if each))), None)


def _kind(forecast: Mapping[str, Any] | None, is_in_play: bool) -> str:
    used = None if not forecast or _is_unread(forecast) else forecast.get("activations_used")
    if used is None:
        return "unread" if is_in_play else "dropped"
    return "activating" if used else "not_activating"


def _is_unread(forecast: Mapping[str, Any]) -> bool:
    return bool(forecast.get("failed") or forecast.get("unreachable") or forecast.get("skipped"))
