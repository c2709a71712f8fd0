# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledgers of a report in short sentences, and as the result of the task.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from ..._fleet.machines import natural
from ..._fleet.messages import names, number
from ..._licensing.recording.entry import TIME
from .model import ReportLedger

_MOST_NAMED = 3


def lines(ledger: ReportLedger | None) -> list[str]:
    """Return the numbers of entries and activations, the machines whose result is not known, and the damaged lines."""
    return list(_sentences(ledger)) if ledger else []


def summary_of(ledger: ReportLedger) -> dict[str, Any]:
    """Return the numbers of the ledgers for the result of the task."""
    times = [entry.time for entry in ledger.entries]
    return {
        "entry_count": len(ledger.entries),
        "machine_count": len(ledger.machines),
        "first_time": min(times).strftime(TIME) if times else None,
        "last_time": max(times).strftime(TIME) if times else None,
        "activations_used": sum(use.activations_used for use in ledger.key_uses),
        "activations_uncertain": sum(use.activations_uncertain for use in ledger.key_uses),
        "uncertain_machines": _uncertain(ledger),
        "damaged_line_count": ledger.damaged_count,
        "damaged_lines": [asdict(each) for each in ledger.damaged],
    }


def _sentences(ledger: ReportLedger) -> Iterator[str]:
    entries = f"{number(len(ledger.entries), 'request')} in the ledger for {number(len(ledger.machines))}"
    used = [_used(key, use.activations_used, use.activations_uncertain) for key, use in sorted(ledger.maks.items())]
    yield f"{'; '.join([entries, *used[:_MOST_NAMED], *([f'{len(used) - _MOST_NAMED} more MAKs'] if len(used) > _MOST_NAMED else [])])}."
    if uncertain := _uncertain(ledger):
        yield f"{number(len(uncertain))} with a request in the ledger whose result is not known: {names(uncertain)}."
    if ledger.damaged_count:
        named = [f"{each.path}, line {each.line}: {each.reason}" for each in ledger.damaged[:_MOST_NAMED]]
        more = [f"{ledger.damaged_count - len(named)} more"] if ledger.damaged_count > len(named) else []
        yield f"{number(ledger.damaged_count, 'line')} of the ledger could not be read: {'; '.join([*named, *more])}."


def _used(key: str, used: int, uncertain: int) -> str:
    return f"MAK ending in {key}: {number(used, 'activation')} used{f', {uncertain} not known' if uncertain else ''}"


def _uncertain(ledger: ReportLedger) -> list[str]:
    return sorted({entry.inventory_hostname for entry in ledger.uncertain}, key=natural)


__all__ = ["lines", "summary_of"]
