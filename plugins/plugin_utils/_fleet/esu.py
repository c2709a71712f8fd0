# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Count the licenses for Extended Security Updates of the machines of a run, by programme and year.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._licensing.catalog import esu
from .machines import Machine


def programmes(machines: Sequence[Machine]) -> list[dict[str, Any]]:
    """Return a row for each programme and year for which a machine has a key, in the order of the programmes."""
    found: dict[str, dict[str, Any]] = {}
    for machine in machines:
        for each in machine.result.get("esu") or ():
            row = found.setdefault(each["programme"], _empty(each))
            row["licensed_machines" if each["licensed"] else "not_licensed_machines"].append(machine.name)
    order = esu.names()
    return sorted(found.values(), key=lambda row: order.index(row["programme"]) if row["programme"] in order else len(order))


def _empty(each: dict[str, Any]) -> dict[str, Any]:
    return {
        "programme": each["programme"],
        "year": each["year"],
        "ends": each["ends"],
        "licensed_machines": [],
        "not_licensed_machines": [],
    }
