# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page shows about the ledger in addition to its sections: requests without a known result, and damaged lines.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from ..._fleet.machines import READ, natural
from ..._licensing.recording.entry import TIME
from ..model import Report
from ..texts import Texts
from .rows import MachineRow
from .tables import ShownTable, shown_time, table

_NOTES = 10


def damaged_tables(report: Report, texts: Texts) -> list[ShownTable]:
    """Return the table of damaged lines, or nothing if there are none."""
    ledger = report.ledger
    if ledger is None or not ledger.damaged_count:
        return []
    rows = [asdict(each) for each in ledger.damaged]
    return [table("ledger_damaged", ("path", "line", "reason"), rows, texts, count=texts.number(ledger.damaged_count))]


def uncertain_machines(report: Report, rows: Sequence[MachineRow], texts: Texts) -> tuple[list[str], list[str]]:
    """Return the machines with a request without a known result that no record shows, and a note about each of the first of them.

    A machine that was read afterwards is in the report as it is now, so that its request needs no action.
    """
    read = {row.name: row.time for row in rows if row.state == READ}
    found: dict[str, str] = {}
    for entry in report.ledger.uncertain if report.ledger else ():
        name, ending = entry.inventory_hostname, entry.partial_product_key or texts("section.no_key")
        if name not in read or read[name] <= entry.time:
            found[name] = texts(
                "attention.ledger_note",
                machine=name,
                event=texts.label("event", entry.event),
                ending=ending,
                time=shown_time(entry.time.strftime(TIME)),
            )
    names = sorted(found, key=natural)
    return names, [found[name] for name in names[:_NOTES]]


__all__ = ["damaged_tables", "uncertain_machines"]
