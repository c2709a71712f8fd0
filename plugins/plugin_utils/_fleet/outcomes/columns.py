# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lay out a table as lines of text with aligned columns.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A width is a number of columns of a terminal: a Chinese, Japanese, or Korean character takes two, a combining character takes none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ....module_utils._visible import visible

_GAP = "  "
_NARROWEST = 8
_TWO_COLUMNS = ("W", "F")


@dataclass(frozen=True)
class Column:
    """A column with its title. `limit` is the width from which its cells are wrapped, None if it can take the rest of the line."""

    title: str
    limit: int | None = None
    is_number: bool = False


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return the lines of a table: the titles, a rule, and the rows, of which no line is wider than `width`.

    A cell that is wider than its column has several lines. A column without any text is left out.
    """
    cells = [[visible(" ".join(cell.split())) for cell in row] for row in rows]
    used = [place for place in range(len(columns)) if any(row[place] for row in cells)]
    if not used:
        return []
    shown, cells = [columns[place] for place in used], [[row[place] for place in used] for row in cells]
    widths = _widths(shown, cells, width)
    rule = ["-" * each for each in widths]
    return [line for row in ([each.title for each in shown], rule, *cells) for line in _lines(shown, row, widths)]


def width_of(text: str) -> int:
    """Return the number of columns of a terminal that a text takes."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in _TWO_COLUMNS else 1


def _widths(columns: Sequence[Column], cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return the width of each column: what its cells need, and less for the widest columns if the line is too short."""
    needed = [max(map(width_of, (column.title, *(row[place] for row in cells)))) for place, column in enumerate(columns)]
    widths = [need if column.limit is None else min(need, column.limit) for column, need in zip(columns, needed, strict=True)]
    available = width - len(_GAP) * (len(columns) - 1)
    while sum(widths) > available and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _lines(columns: Sequence[Column], row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    wrapped = [list(_wrapped(cell, width)) for cell, width in zip(row, widths, strict=True)]
    for place in range(max(map(len, wrapped))):
        pieces = [cell[place] if place < len(cell) else "" for cell in wrapped]
        yield _GAP.join(map(_padded, columns, pieces, widths)).rstrip()


def _padded(column: Column, text: str, width: int) -> str:
    space = " " * (width - width_of(text))
    return f"{space}{text}" if column.is_number else f"{text}{space}"


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a cell. A word that is wider than the column, such as a path, is broken."""
    line = ""
    for word in text.split(" "):
        together = f"{line} {word}" if line else word
        if width_of(together) <= width:
            line = together
            continue
        if line:
            yield line
        *full, line = _pieces(word, width)
        yield from full
    yield line


def _pieces(word: str, width: int) -> Iterator[str]:
    piece, taken = "", 0
    for character in word:
        wide = _width(character)
        if taken + wide > width and piece:
            yield piece
            piece, taken = "", 0
        piece, taken = piece + character, taken + wide
    yield piece


__all__ = ["Column", "table", "width_of"]
