# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries that read a machine for a rearm.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from ..._cim.session import CimError, CimSession
from ..._licensing.plan.reboot import last_start
from ..._licensing.registry import values as registry
from ..._licensing.state.model import ActivationState
from ..._licensing.state.read import read_state, read_without_licenses
from . import events as rearm_events
from . import plan as rearm
from .model import Need, RearmDesired, RearmPlan, RearmState
from .steps import PENDING


def plan_for(session: CimSession, desired: RearmDesired) -> RearmPlan:
    """Read the data of the plan, and return the plan.

    Three queries if no rearm is required, more with Office. Raises TaskRefusedError, and as :func:`read_state`.
    """
    try:
        state = read_state(session, desired.applications, served=rearm.SERVED)
    except CimError as error:
        if error.code != PENDING:
            raise
        hidden = RearmState(read_without_licenses(session), last_start(session), hides=True)
        return rearm.plan(hidden, desired, (), Need.FORCED if desired.force else None)
    products = rearm.affected_products(state, desired)
    why = rearm.need(state, desired, products)
    return rearm.plan(_facts(session, state), desired, products, why) if why else rearm.nothing_to_do(state, desired, products)


def _facts(session: CimSession, state: ActivationState) -> RearmState:
    """Read the data of a rearm with three more requests.

    The licenses do not show that a rearm is waiting for a reboot, but the event log since the last start does.
    """
    started = last_start(session)
    waiting = tuple(item for item in rearm_events.since(session, started) if not item.skipped)
    skips = registry.dword(session, registry.SPP_KEY, "SkipRearm") == 1
    return RearmState(state, started, waiting, skips)
