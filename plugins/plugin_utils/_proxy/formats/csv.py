# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read and write records as CSV (RFC 4180) for spreadsheets.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A spreadsheet converts a long sequence of digits to a number, and a text that begins with an equals sign to a formula. Therefore IDs have
hyphens between their groups, and a text that could be a formula gets an apostrophe, which is removed when the file is read. Excel
recognizes UTF-8 by the byte order mark.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from ..model import FIELDS, NEEDED, ProxyRecord, Row, field_named
from ..problems import ProxyError
from ..texts import line_of

SEPARATORS = (",", ";", "\t")
"""Separators of spreadsheets, which depend on the country settings."""

_MARK = "\ufeff"
# In Japanese spreadsheets, full-width characters begin a formula too.
_FORMULA = "=+-@\t\r\n＝＋－＠"
_QUOTE = "'"
_OWN_SEPARATOR = "sep="


def write(records: Sequence[ProxyRecord], separator: str = ",") -> str:
    """Return the records as one text, with CRLF as line end (RFC 4180)."""
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
    """Return the text with an apostrophe if it could be a formula, or if reading would otherwise remove an apostrophe of the text."""
    bare = text.lstrip(_QUOTE)
    risky = text[:1] in _FORMULA or (text[:1] == _QUOTE and bare[:1] in _FORMULA)
    return f"{_QUOTE}{text}" if text and bare and risky else text


def _as_written(cell: str) -> str:
    bare = cell.lstrip(_QUOTE)
    return cell[1:] if cell[:1] == _QUOTE and bare and bare[0] in _FORMULA else cell


def rows(text: str) -> Iterator[Row]:
    """Yield the rows of a file, with any order of columns and any separator. Raises ProxyError."""
    lines = _lines(text.removeprefix(_MARK))
    header = next(lines, None)
    if header is None:
        raise ProxyError("the file is empty. The first line must contain the names of the columns.")
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
    """Whether the last line has no line end, because the write was interrupted, or it was edited."""
    return bool(text) and text[-1] not in "\r\n"


def _refuse_cut(number: int, cells: Sequence[str], shortest: int) -> None:
    """Raise ProxyError for a last line that is shorter than all others, because the file was cut off.

    Some spreadsheets omit empty cells at the end of lines, but then other lines are short too.
    """
    if len(cells) < shortest:
        raise ProxyError(
            f"line {number} is the last line and has {len(cells)} cells, and all other lines have at least {shortest}. The file was cut"
            " off. Get a complete copy of the file. If a spreadsheet omitted empty cells, enter a text in the last column of this line."
        )


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield lines that are not empty, with the number of their first line in the file."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise ProxyError(f"line {number} is not valid CSV: {error}.") from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells) and not _names_separator(cells):
            yield number, cells


def _names_separator(cells: Sequence[str]) -> bool:
    return cells[0].casefold().startswith(_OWN_SEPARATOR) and not any(cells[1:])


def _separator(text: str) -> str:
    """Return the separator of the columns. In files of Excel, the first line can be "sep=;"."""
    first = next((line for line in io.StringIO(text) if line.strip()), "").strip()
    if first.casefold().startswith(_OWN_SEPARATOR) and len(first) == len(_OWN_SEPARATOR) + 1:
        return first[-1]
    return max(SEPARATORS, key=first.count)


def _titles(cells: Sequence[str]) -> list[tuple[str, bool]]:
    """Return the columns in their order: the name, and whether it is a field of a record."""
    named = [(line_of(_as_written(cell)), field_named(cell)) for cell in cells]
    titles = [(field or title, field is not None) for title, field in named]
    names = [title for title, _is_field in titles if title]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        found = ", ".join(names)[:200]
        raise ProxyError(
            f"columns are missing in the first line: {', '.join(missing)}. Existing columns: {found}. Correct the names of the columns."
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ProxyError(f"the first line contains columns twice: {', '.join(twice)}.")
    return titles


def _row(where: str, titles: Sequence[tuple[str, bool]], cells: Sequence[str]) -> Row:
    if any(cell.strip() for cell in cells[len(titles) :]):
        raise ProxyError(f"{where} has {len(cells)} cells, and the file has only {len(titles)} columns.")
    given = [(title, is_field, _as_written(cell)) for (title, is_field), cell in zip(titles, cells, strict=False)]
    values = {title: cell for title, is_field, cell in given if is_field}
    return Row(where, values, {title: cell for title, is_field, cell in given if title and not is_field})
