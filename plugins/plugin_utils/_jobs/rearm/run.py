# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a machine for a rearm, carrying the plan out, and whether it came to what was meant.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..._cim.session import CimError, CimSession
from ..._licensing.plan import plan as planning
from ..._licensing.plan.account import Account
from ..._licensing.plan.apply import apply
from ..._licensing.plan.plan import Outcome
from ..._licensing.plan.restart import RESTART, last_start
from ..._licensing.problems import NotDone
from ..._licensing.registry import values as registry
from ..._licensing.state.model import ActivationState
from ..._licensing.state.read import read_again, read_state, read_without_licences
from . import events as rearm_events
from . import plan as rearm
from .model import Need, RearmDesired, RearmPlan, RearmState, Scope
from .steps import PENDING, REARM, SKIP_HELP

_ACTIVATE_WITH = {"gvlk": "kms_client", "mak": "mak_client", "csvlk": "kms_host"}


def plan_for(session: CimSession, wish: RearmDesired) -> RearmPlan:
    """Read what the wish needs to know, and plan. A machine that needs no rearm costs three queries, more with Office.

    Raises Refusal, and what reading raises.
    """
    try:
        state = read_state(session, wish.applications, served=rearm.SERVED)
    except CimError as error:
        if error.code != PENDING:
            raise
        hidden = RearmState(read_without_licences(session), last_start(session), hides=True)
        return rearm.plan(hidden, wish, (), Need.FORCED if wish.force else None)
    products = rearm.concerned(state, wish)
    why = rearm.need(state, wish, products)
    return rearm.plan(_facts(session, state), wish, products, why) if why else rearm.nothing_to_do(state, wish, products)


def _facts(session: CimSession, state: ActivationState) -> RearmState:
    """Three requests more. That a rearm waits for its restart the licences do not show, but it was logged since the last start."""
    started = last_start(session)
    waiting = tuple(item for item in rearm_events.since(session, started) if not item.skipped)
    skips = registry.dword(session, registry.SPP_KEY, "SkipRearm") == 1
    return RearmState(state, started, waiting, skips)


def foresee(plan: RearmPlan) -> Outcome:
    """What carrying it out would come to; asks the machine nothing."""
    return planning.foresee(plan.plan)


def carry_out(
    plan: RearmPlan,
    session: CimSession,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    account: Account | None = None,
) -> Outcome:
    """Carry it out and judge the proof. Raises StepFailed and UnreachableError."""
    return judge(plan, apply(replace(plan.plan, reread=_read_again), session, clock, sleep, account))


def _read_again(session: CimSession, state: ActivationState) -> ActivationState:
    """Between the rearm and its restart the machine may refuse to show its licences."""
    try:
        return read_again(session, state)
    except CimError as error:
        if error.code != PENDING:
            raise
        return state


def judge(plan: RearmPlan, outcome: Outcome) -> Outcome:
    """A machine that was restarted and has its old CMID was not rearmed, whatever it said."""
    old = outcome.before["cmid"]
    if plan.wish.scope is not Scope.WINDOWS or not _did(outcome, RESTART) or old is None or outcome.after["cmid"] != old:
        return outcome
    words = f"it was restarted and still has the CMID {old}, so Windows did not rearm it."
    why = NotDone(words, ("Read events 12306, 12307 and 8212 of it with activation_events_info.", SKIP_HELP))
    return replace(outcome, message=words, error=why.explained().as_dict())


def describe(plan: RearmPlan, outcome: Outcome, *, foreseen: bool) -> dict[str, Any]:
    """What the result has besides steps, before and after; `foreseen` in check mode."""
    rearms, restarts = (_did(outcome, action, foreseen=foreseen) for action in (REARM, RESTART))
    # A planned rearm that was not done had been done before: Windows said so, and a failure raises.
    required = bool(plan.was_waiting or any(step.action == REARM for step in outcome.steps)) and not restarts
    return {
        "reason": plan.need.value if plan.need else None,
        "rearms_spent": int(rearms),
        "restart_required": required,
        "restarted": restarts and not foreseen,
        "msg": _words(plan, outcome, rearms=rearms, restarts=restarts, required=required),
    }


def _did(outcome: Outcome, action: str, *, foreseen: bool = False) -> bool:
    return any(step.action == action and (step.done or foreseen) for step in outcome.steps)


def _words(plan: RearmPlan, outcome: Outcome, *, rearms: bool, restarts: bool, required: bool) -> str:
    name = plan.plan.state.os.computer_name
    if not (rearms or restarts or required):
        return f"{name} needs no rearm."
    done = " and ".join([*(["rearmed"] if rearms else []), *(["restarted"] if restarts else [])])
    again = _ACTIVATE_WITH.get(str(outcome.after["channel"]), "the module of its key")
    if restarts:
        return f"{name} is {done}, with the CMID {outcome.after['cmid'] or 'that it gets then'}. Activate it again with {again}."
    begun = f"{name} is rearmed, which takes effect at its next restart" if rearms else f"A rearm of {name} waits for its restart"
    return f"{begun}. Until then Windows refuses everything else about its licence. Afterwards, activate it again with {again}."
