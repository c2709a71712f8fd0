# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of a rearm as result data.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from typing import Any

from ..._licensing.plan.plan import Outcome
from ..._licensing.plan.step import REARM, REBOOT
from .model import RearmCase, RearmPlan

_ACTIVATE_WITH = {"gvlk": "kms_client", "mak": "mak_client", "csvlk": "kms_host"}


def describe(plan: RearmPlan, outcome: Outcome[RearmCase], *, check_mode: bool) -> dict[str, Any]:
    """Return the result data of this module. A failure already has its own message."""
    case = plan.state
    rearms, restarts = (_did(outcome, action, check_mode=check_mode) for action in (REARM, REBOOT))
    # A planned rearm that was not done was done earlier, as Windows reported. A failure raises an exception.
    required = bool(case.was_waiting or any(step.action == REARM for step in outcome.steps)) and not restarts
    message = _format_message(case, outcome, rearms=rearms, restarts=restarts, required=required, check_mode=check_mode)
    return {
        "trigger": trigger_of(plan),
        "rearms_used": int(rearms),
        "reboot_required": required,
        "rebooted": restarts and not check_mode,
        **({} if outcome.failed else {"msg": message}),
    }


def trigger_of(plan: RearmPlan) -> str | None:
    """Return the reason of the rearm, or None if no rearm is required."""
    return plan.state.need.value if plan.state.need else None


def _did(outcome: Outcome[RearmCase], action: str, *, check_mode: bool) -> bool:
    return any(step.action == action and (step.done or check_mode) for step in outcome.steps)


def _format_message(case: RearmCase, outcome: Outcome[RearmCase], *, rearms: bool, restarts: bool, required: bool, check_mode: bool) -> str:
    name = case.licenses.os.computer_name
    if not (rearms or restarts or required):
        return f"{name} does not require a rearm."
    rearmed = f"Office of {name}" if case.of_office else name
    done = " and ".join([*(["rearmed"] if rearms else []), *(["rebooted"] if restarts else [])])
    channel = outcome.after["channel"] or outcome.before["channel"]  # Windows hides the licenses until the reboot
    what, option = ("Office", " and application: office") if case.of_office else ("the machine", "")
    activate = f"activate {what} again with {_ACTIVATE_WITH.get(str(channel), 'the module of its key')}{option}."
    if restarts and check_mode:
        return f"{name} would be {done}, with a new CMID. Then {activate}"
    if restarts:
        cmid = f"the CMID {outcome.after['cmid']}" if outcome.after["cmid"] else "a new CMID"
        return f"{name} is {done}, with {cmid}. {activate[0].upper()}{activate[1:]}"
    if rearms and check_mode:
        return f"{rearmed} would be rearmed. The rearm would take effect at the next reboot. After the reboot, {activate}"
    begun = f"{rearmed} is rearmed. The rearm takes effect at the next reboot" if rearms else f"A rearm of {name} is waiting for a reboot"
    return f"{begun}. Until then, Windows rejects all other licensing operations. After the reboot, {activate}"
