# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out whether the clock of the controller is wrong: then the clocks of most machines differ from it, all by about the same amount.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The check of one machine cannot tell which of the two clocks is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .machines import Machine

FINDING = "clock_skew"
_SPREAD = 5
"""Minutes by which clocks that are synchronized can differ. Kerberos accepts the same difference by default."""
_FEWEST = 3
"""Number of machines below which the machines could have the same wrong clock by chance."""


def controller_clock(machines: Sequence[Machine]) -> dict[str, Any] | None:
    """Return by how much the clock of the controller probably differs from the right time, or None if there is no sign of it.

    There is a sign if more than half of the compared machines, and at least three, are off by about the same amount. A machine is off if it
    has the finding, or if it does not get the finding because no KMS host renews it, but its clock differs at least as much. `machines` of
    the result contains the names of the machines that are off by this amount, and `compared_count` the number of compared machines.
    """
    compared = [machine for machine in machines if machine.clock_difference_minutes is not None]
    reported = [machine for machine in compared if has_finding(machine)]
    if not reported:
        return None
    least = min(abs(_minutes(machine)) for machine in reported)
    off = sorted(_minutes(machine) for machine in compared if abs(_minutes(machine)) >= least)
    middle = off[len(off) // 2]
    same = [machine.name for machine in compared if abs(_minutes(machine)) >= least and abs(_minutes(machine) - middle) <= _SPREAD]
    if len(same) < _FEWEST or 2 * len(same) <= len(compared):
        return None
    return {"difference_minutes": middle, "compared_count": len(compared), "machines": same}


def has_finding(machine: Machine) -> bool:
    """Whether the check reported the clock of the machine."""
    return any(finding["id"] == FINDING for finding in machine.result.get("findings") or ())


def _minutes(machine: Machine) -> int:
    return machine.clock_difference_minutes or 0


__all__ = ["FINDING", "controller_clock", "has_finding"]
