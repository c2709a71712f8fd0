# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carry out a plan that is not about a license: its steps in order, and the final state.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import Generic

from ..._cim.session import CimSession
from ..recording.plan_records import PlanRecords
from .account import Account
from .plan import Outcome, Plan, S
from .timer import RetryTimer
from .writes import StepWriter


class PlanRun(Generic[S]):
    """One plan on one machine."""

    def __init__(self, plan: Plan[S], session: CimSession, timer: RetryTimer, account: Account) -> None:
        self._plan = plan
        self._session = session
        self._writer = StepWriter(session, timer, plan.steps, plan.warnings, PlanRecords(account.recorder))
        account.add(self._writer)

    def run(self) -> Outcome[S]:
        """Carry out the steps, and read the final state. Raises StepFailedError and UnreachableError."""
        plan, writer = self._plan, self._writer
        with writer.reporting(plan.subject, plan.next_step):
            for step in plan.steps:
                writer.carry_out(step)
            final_state = plan.reread(self._session, plan.state)
            warnings = tuple(dict.fromkeys(writer.warnings))
            outcome = Outcome(final_state, writer.results(), writer.has_changed, plan.before, plan.compare(final_state), warnings=warnings)
            return plan.verify_outcome(outcome)
