# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Group the findings of activation_check by finding.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .machines import Machine

_SEVERITIES = ("error", "warning", "info")


def by_id(machines: Sequence[Machine]) -> list[dict[str, Any]]:
    """Return every finding with its machines, the worst and most frequent first.

    The message is that of the first machine. The next steps are those that apply to all of the machines.
    """
    found: dict[str, dict[str, Any]] = {}
    for machine in machines:
        for finding in machine.result.get("findings") or ():
            row = found.setdefault(finding["id"], _row(finding))
            row["next_steps"] = [step for step in row["next_steps"] if step in (finding.get("next_steps") or ())]
            # Two products of one machine can have the same finding.
            if machine.name not in row["machines"][-1:]:
                row["machines"].append(machine.name)
    rows = [{**row, "count": len(row["machines"])} for row in found.values()]
    return sorted(rows, key=lambda row: (_SEVERITIES.index(row["severity"]), -row["count"], row["id"]))


def _row(finding: Any) -> dict[str, Any]:
    steps = list(finding.get("next_steps") or ())
    return {"id": finding["id"], "severity": finding["severity"], "message": finding["message"], "next_steps": steps, "machines": []}
