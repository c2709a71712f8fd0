# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX hands to the second job of a workflow as extra variables: all that the first one published, where all was well.

The same goes for any other name that a role or playbook sets for a task of its own. A run with these variables has to end as one without
them. So the second runs of the scenario tests get them, and their expectations
are those of any other run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from published import artifacts, published

ROOT = Path(__file__).parents[2]
WORDS = "OF THE FIRST JOB"
"""In every text of a stale value, so that none of them may be in the output of a run."""

_ALL_WELL: dict[str, Any] = {
    "lines": [f"LINE {WORDS}"],
    "outcome": "ok",
    "counts": {"machines": 0},
    "report_file": f"FILE {WORDS}",
    "summary": f"SUMMARY {WORDS}",
    "msg": f"MESSAGE {WORDS}",
    "changed": False,
    "failed": False,
    "unreachable": False,
    "skipped": False,
    # Reports
    "complete": True,
    **{name: [] for name in ("problems", "incomplete", "rows", "kms_hosts")},
    "machines": {name: [] for name in ("unverified", "unread", "waiting_for_count", "activating")},
    # Budgets
    "planned_activations": 0,
    "activations_used": 0,
    # Records
    **{name: [] for name in ("domains", "records", "removals", "stale_srv_records", "records_removed", "steps")},
    # Results of modules
    "recovery_method": None,
    "genuine_state": "genuine",
    "next_steps": [],
    "licensed": True,
    "products": [],
    "kms_host": f"NAME {WORDS}",
    "service": {"listening_port": 1},
    "after": {"channel": "retail", "cmid": None},
    "reboot_required": False,
    "activation": {"outcome": "already_licensed"},
    "status": "ready",
}


# Short names that other jobs and people may use for what they like. With these values the checks of a role would pass.
_SHORT_NAMES: dict[str, Any] = {
    **{name: [] for name in ("problems", "responding", "idle", "missing", "results", "lost", "errors", "rendered", "by_name", "by_record")},
    **dict.fromkeys(("unknown_names", "unlicensed", "old", "command"), ""),
    **{name: {**_ALL_WELL, "is_kms_host": True} for name in ("decisions", "state", "found", "probe_result", "first")},
    "taken_over": [f"RECORD {WORDS}"],
    "address": f"ADDRESS {WORDS}",
    "entry": "statement",
    "is_moved": False,
    "needed": 0,
}


def stale_values() -> dict[str, Any]:
    """Every published name with the result of a job in which all was well, and what people may call anything."""
    return {**_SHORT_NAMES, **{name: {**_ALL_WELL} for name in _names()}}


def stale_texts() -> dict[str, Any]:
    """The same names with a text, as a survey or a person may give one."""
    return dict.fromkeys((*_SHORT_NAMES, *_names()), f"TEXT {WORDS}")


def _names() -> set[str]:
    return published(ROOT) | artifacts(ROOT)
