# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A table as CSV that spreadsheets open without running anything.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The format is that of RFC 4180: fields with quotes where they are needed, lines that end in CR and LF. The byte order mark makes Excel read
UTF-8. A text that a spreadsheet would take as a formula gets an apostrophe (CWE-1236). A program with another regional setting splits the
lines at the other delimiter, so a text also gets the apostrophe where such a program would begin a cell. It would also not see the quotes
around a line break, and begin a line there, so a line break becomes a space.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DELIMITERS: Mapping[str, str] = {"comma": ",", "semicolon": ";"}
"""The delimiters by the values of the option. Excel uses that of the regional settings, for example the semicolon in Germany."""

_BOM = "\ufeff"
_LINE_BREAKS = re.compile(r"[\r\n]+")
_FORMULA = r"=+\-@\t＝＋－＠"
"""The first characters of formulas. Excel also takes the wide forms that Japanese input methods write."""

_AT_START = re.compile(rf"(?=\s*[{_FORMULA}])")
_AFTER_DELIMITER = re.compile(rf"([;,\t][\"'\s]*)(?=[{_FORMULA}])")


@dataclass(frozen=True)
class SpreadsheetColumn:
    """One column: its name in the first line, and a function that reads its value from what a row is about."""

    name: str
    read: Callable[[Any], Any]


def spreadsheet(columns: Sequence[SpreadsheetColumn], items: Iterable[Any], delimiter: str) -> str:
    """Return a table with a line for each item."""
    target = io.StringIO()
    target.write(_BOM)
    writer = csv.writer(target, delimiter=DELIMITERS[delimiter], lineterminator="\r\n")
    writer.writerow(column.name for column in columns)
    writer.writerows([cell(column.read(item)) for column in columns] for item in items)
    return target.getvalue()


def cell(value: Any) -> str:
    """Return the text of a value: nothing for None, "true" or "false" for a boolean, and the items of a list with spaces between them."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _safe(" ".join(str(item) for item in value))
    return _safe(str(value))


def _safe(text: str) -> str:
    marked = _AFTER_DELIMITER.sub(r"\1'", _LINE_BREAKS.sub(" ", text))
    return f"'{marked}" if _AT_START.match(marked) else marked


__all__ = ["DELIMITERS", "SpreadsheetColumn", "cell", "spreadsheet"]
