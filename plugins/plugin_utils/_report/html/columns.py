# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables as columns with one list of texts, which is small for many similar machines.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A column is a list with a value for each row. Texts, and lists of texts, are numbers of texts in the list; null stays null. The script of
the page reads a column by its kind, which is the first letter of its name in `columns`: `t` for a text, `l` for a list of texts, and `v`
for a number or a boolean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Cell = Any
"""None, a text, a number, a boolean, or a list of texts, the same in all rows of a column."""


class TextList:
    """Every text once, in the order in which it was first used."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Return the number of a text."""
        return self._numbers.setdefault(text, len(self._numbers))

    @property
    def texts(self) -> list[str]:
        """Return the texts by their numbers."""
        return list(self._numbers)


def columns_of(rows: Iterable[Mapping[str, Cell]], names: Sequence[str], texts: TextList) -> dict[str, Any]:
    """Return the rows as columns. `names` are the columns, which every row has; without rows, each column is empty."""
    held = list(rows)
    return {"count": len(held), "columns": dict(_column(name, [row[name] for row in held], texts) for name in names)}


def _column(name: str, cells: Sequence[Cell], texts: TextList) -> tuple[str, list[Any]]:
    if any(isinstance(cell, str) for cell in cells):
        return f"t{name}", [None if cell is None else texts.number(cell) for cell in cells]
    if any(isinstance(cell, (list, tuple)) for cell in cells):
        return f"l{name}", [[texts.number(text) for text in cell or ()] for cell in cells]
    return f"v{name}", [int(cell) if isinstance(cell, bool) else cell for cell in cells]


__all__ = ["TextList", "columns_of"]
