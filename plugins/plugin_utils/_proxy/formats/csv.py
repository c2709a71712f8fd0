# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records as CSV (RFC 4180), as people open it with a spreadsheet and send it back.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A spreadsheet makes a number of a long run of digits and a formula of a text that begins with an equals sign. So IDs have hyphens
between their groups, and a text that could be a formula gets an apostrophe, which is taken off again when it is read. The byte order
mark tells Excel that the file is UTF-8.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from ..model import FIELDS, NEEDED, ProxyRecord, Row, field_named
from ..problems import ProxyError
from ..words import line_of

SEPARATORS = (",", ";", "\t")
"""What spreadsheets put between cells, by the settings of their user's country."""

_MARK = "\ufeff"
# Full-width signs begin a formula for a spreadsheet in Japanese.
_FORMULA = "=+-@\t\r\n＝＋－＠"
_QUOTE = "'"
_OWN_SEPARATOR = "sep="


def write(records: Sequence[ProxyRecord], separator: str = ",") -> str:
    """The records as one text, with CRLF between lines as RFC 4180 wants it."""
    titles = sorted({title for record in records for title, _value in record.extra})
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator)
    writer.writerow(_harmless(title) for title in (*FIELDS, *titles))
    writer.writerows(_cells(record, titles) for record in records)
    return _MARK + stream.getvalue()


def _cells(record: ProxyRecord, titles: Sequence[str]) -> list[str]:
    own = dict(record.extra)
    return [_harmless(text) for text in (*record.as_written().values(), *(own.get(title, "") for title in titles))]


def _harmless(text: str) -> str:
    """The text as no spreadsheet calculates it. What looks as if it was treated so already is treated once more, to come back as it is."""
    bare = text.lstrip(_QUOTE)
    risky = text[:1] in _FORMULA or (text[:1] == _QUOTE and bare[:1] in _FORMULA)
    return f"{_QUOTE}{text}" if text and bare and risky else text


def _as_written(cell: str) -> str:
    bare = cell.lstrip(_QUOTE)
    return cell[1:] if cell[:1] == _QUOTE and bare and bare[0] in _FORMULA else cell


def rows(text: str) -> Iterator[Row]:
    """The rows of a file, whatever the order of its columns and whatever separates them. Raises ProxyError."""
    lines = _lines(text.removeprefix(_MARK))
    header = next(lines, None)
    if header is None:
        raise ProxyError("the file is empty: its first line has to hold the names of the columns")
    titles = _titles(header[1])
    shortest, last = len(titles), None
    for number, cells in lines:
        if last is not None:
            shortest = min(shortest, len(last[1]))
            yield _row(f"line {last[0]}", titles, last[1])
        last = number, cells
    if last is not None:
        _refuse_cut(*last, shortest)
        yield _row(f"line {last[0]}", titles, last[1])


def is_without_end(text: str) -> bool:
    """Whether the last line has no line end. Every program that writes CSV sets one, but one that was stopped, or a person."""
    return bool(text) and text[-1] not in "\r\n"


def _refuse_cut(number: int, cells: Sequence[str], shortest: int) -> None:
    """Raise ProxyError for a last line that ends before the others do.

    Some spreadsheets leave out empty cells at the end of lines, then of neighboring lines too: a line as short as another is no cut.
    """
    if len(cells) < shortest:
        raise ProxyError(
            f"line {number} is the last one and has {len(cells)} cells, while the shortest of the others has {shortest}: the file was cut"
            " off. Get a complete copy of it; if a spreadsheet left out empty cells, write something into the last column of that line"
        )


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that hold something, with their number in the file: the one they begin at."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise ProxyError(f"line {number} is no CSV: {error}") from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells) and not _names_separator(cells):
            yield number, cells


def _names_separator(cells: Sequence[str]) -> bool:
    return cells[0].casefold().startswith(_OWN_SEPARATOR) and not any(cells[1:])


def _separator(text: str) -> str:
    """What separates the names of the columns. A line "sep=;" is Excel's own way to say it."""
    first = next((line for line in io.StringIO(text) if line.strip()), "").strip()
    if first.casefold().startswith(_OWN_SEPARATOR) and len(first) == len(_OWN_SEPARATOR) + 1:
        return first[-1]
    return max(SEPARATORS, key=first.count)


def _titles(cells: Sequence[str]) -> list[tuple[str, bool]]:
    """The columns in their order: the name, and whether it is one of ours."""
    named = [(line_of(_as_written(cell)), field_named(cell)) for cell in cells]
    titles = [(field or title, field is not None) for title, field in named]
    names = [title for title, _ours in titles if title]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        found = ", ".join(names)[:200]
        raise ProxyError(f"there is no column {' and no column '.join(missing)} in the first line, which has: {found}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ProxyError(f"there are two columns {', '.join(twice)}")
    return titles


def _row(where: str, titles: Sequence[tuple[str, bool]], cells: Sequence[str]) -> Row:
    if any(cell.strip() for cell in cells[len(titles) :]):
        raise ProxyError(f"{where} has {len(cells)} cells, and there are only {len(titles)} columns")
    given = [(title, ours, _as_written(cell)) for (title, ours), cell in zip(titles, cells, strict=False)]
    values = {title: cell for title, ours, cell in given if ours}
    return Row(where, values, {title: cell for title, ours, cell in given if title and not ours})
