# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Summarize a run from the results of its machines.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The order of the results does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._task_results import Result
from . import alarms, clocks, esu, findings, licenses, messages
from .counting import Counting, hosts
from .duplicates import shared_cmids
from .machines import READ, STATES, Machine, natural, same_machines, state_of
from .office import office_products
from .outcomes import checked
from .outcomes.grouping import grouped
from .outcomes.grouping import lines as table_of


def summarize(results: Mapping[str, Result | None], expiring_within_days: int) -> dict[str, Any]:
    """Return the data and the messages about the machines of a run. Machines are in natural order, pc2 before pc10."""
    ordered = {name: results[name] for name in sorted(results, key=natural)}
    states = {name: state_of(result) for name, result in ordered.items()}
    machines = [Machine(name, ordered[name] or {}) for name, (state, _reason) in states.items() if state == READ]
    shared = shared_cmids(machines)
    counting = Counting(machines, shared)
    clock = clocks.controller_clock(machines)
    found = {
        "machine_count": len(states),
        "machines": {state: [name for name, (own, _reason) in states.items() if own == state] for state in STATES},
        "read_errors": {name: reason for name, (_state, reason) in states.items() if reason},
        "same_machines": [[machine.name for machine in together] for together in same_machines(machines) if len(together) > 1],
        "licensed_machines": [machine.name for machine in machines if machine.is_licensed],
        "not_licensed_machines": [machine.name for machine in machines if not machine.is_licensed],
        "statuses": licenses.statuses(machines),
        "findings": findings.by_id(machines),
        "controller_clock": clock,
        "duplicate_cmids": [each.as_dict() for each in shared],
        "kms_counts": counting.thresholds(),
        "kms_hosts": hosts(machines, counting),
        "kms_alarms": alarms.kms_alarms(machines),
        "machines_by_activation": licenses.machines_by_activation(machines),
        "adba": licenses.adba(machines),
        "expiring_within_days": expiring_within_days,
        "expiring": licenses.expiring(machines, expiring_within_days),
        "office_products": office_products(machines),
        "maks": licenses.maks(machines),
        "esu": esu.programmes(machines),
    }
    lines, summary = messages.lines(found), messages.summary(found)
    groups = grouped(checked.rows(ordered, states, clock))
    beside = messages.lines_beside_table(found)
    table, failures = table_of(groups), checked.failures(ordered)
    return {
        **found,
        "problems": list(failures),
        "failures": failures,
        "groups": groups,
        "lines": lines,
        "table": table,
        "summary": summary,
        "shown": [*(beside and [*beside, ""]), *table, summary],
    }
