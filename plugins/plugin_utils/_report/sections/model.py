# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A section of a report: one table, as data.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ReportSection:
    """One table. Every row has the `columns`, in their order; a value is a text, a number, a boolean, or None if it is not known.

    `id` is the name of the report in Configuration Manager, without the word License, or that of a section about the ledger.
    """

    id: str
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, section_id: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> ReportSection:
        """Return the section with the columns of the rows, in this order. Raises KeyError for a row without one of the columns."""
        return cls(section_id, tuple(columns), [{column: row[column] for column in columns} for row in rows])

    def as_dict(self) -> dict[str, Any]:
        """Return the section for the result of a task."""
        return {"id": self.id, "columns": list(self.columns), "rows": [dict(row) for row in self.rows]}


__all__ = ["ReportSection"]
