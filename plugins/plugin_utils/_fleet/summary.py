# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary of a whole run, out of what the machines said one by one.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure, and the order of the results does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._task_results import Result
from . import findings, licenses
from . import messages as words
from .counting import Counting, hosts
from .duplicates import shared_cmids
from .machines import READ, STATES, Machine, natural, same_machines, state_of


def summarize(results: Mapping[str, Result | None], expiring_within_days: int) -> dict[str, Any]:
    """Everything about the machines of a run, in data and in words; machines are in the order a person counts in."""
    ordered = {name: results[name] for name in sorted(results, key=natural)}
    states = {name: state_of(result) for name, result in ordered.items()}
    machines = [Machine(name, ordered[name] or {}) for name, (state, _why) in states.items() if state == READ]
    shared = shared_cmids(machines)
    counting = Counting(machines, shared)
    found = {
        "machine_count": len(states),
        "machines": {state: [name for name, (own, _why) in states.items() if own == state] for state in STATES},
        "read_errors": {name: why for name, (_state, why) in states.items() if why},
        "same_machines": [[machine.name for machine in together] for together in same_machines(machines) if len(together) > 1],
        "licensed_machines": [machine.name for machine in machines if machine.is_licensed],
        "not_licensed_machines": [machine.name for machine in machines if not machine.is_licensed],
        "statuses": licenses.statuses(machines),
        "findings": findings.by_id(machines),
        "duplicate_cmids": [each.as_dict() for each in shared],
        "kms_counts": counting.thresholds(),
        "kms_hosts": hosts(machines, counting),
        "machines_by_activation": licenses.machines_by_activation(machines),
        "expiring_within_days": expiring_within_days,
        "expiring": licenses.expiring(machines, expiring_within_days),
        "maks": licenses.maks(machines),
    }
    return {**found, "lines": words.lines(found), "summary": words.summary(found)}
