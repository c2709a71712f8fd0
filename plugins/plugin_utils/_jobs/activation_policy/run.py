# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying out a plan about policies, and reading the proof.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A policy is no licence: there is no activation, no key and nothing to refresh, so that only the sending of steps is what it has in common
with the other plans.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..._cim.session import CimSession
from ..._licensing.plan.account import Account
from ..._licensing.plan.patience import Patience
from ..._licensing.plan.step import StepResult
from ..._licensing.plan.writes import StepWriter
from ..._licensing.policies.read import read_policies
from .plan import PolicyPlan, Values, comparable


@dataclass(frozen=True)
class PolicyOutcome:
    """What became of a plan; `after` is from the proof when there is one."""

    plan: PolicyPlan
    steps: tuple[StepResult, ...]
    after: Values

    @property
    def changed(self) -> bool:
        """Whether something was done, or in check mode would be."""
        return bool(self.steps)


def foresee(plan: PolicyPlan) -> PolicyOutcome:
    """What :func:`carry_out` would come to if all went well; for check mode, asks the machine nothing."""
    return PolicyOutcome(plan, tuple(StepResult.of(step, done=False) for step in plan.steps), plan.after)


def carry_out(
    plan: PolicyPlan,
    session: CimSession,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    account: Account | None = None,
) -> PolicyOutcome:
    """Carry the steps out; when there are none, the machine is asked nothing. Raises StepFailed and UnreachableError."""
    if not plan.steps:
        return foresee(plan)
    writer = StepWriter(session, Patience(clock, sleep), plan.steps)
    (account or Account()).add(writer)
    with writer.telling("registry", "Look at the value with 'reg query' on the machine, and run the task again."):
        for step in plan.steps:
            writer.carry_out(step)
        proof = read_policies(session, plan.state.os, plan.wish)
        return PolicyOutcome(plan, writer.results(), comparable(plan.goals, proof.value))
