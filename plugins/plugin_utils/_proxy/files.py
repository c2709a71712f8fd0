# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a file of records in any of its three formats, and write it in the selected format.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from .formats import csv as as_csv
from .formats import json as as_json
from .formats import xml as as_xml
from .model import ProxyRecord, Row, record_of
from .problems import InvalidFieldError, InvalidRecordsError, ProxyError

LONGEST = 64 * 1024 * 1024
"""Maximum number of characters in a file. A hundred thousand records need less."""

_READERS: Mapping[str, Callable[[str], Iterator[Row]]] = {"<": as_xml.rows, "{": as_json.rows, "[": as_json.rows}
_WRITERS: Mapping[str, Callable[[Sequence[ProxyRecord]], str]] = {"json": as_json.write, "xml": as_xml.write}

FORMATS = ("csv", "json", "xml")

# Characters that show that the file is not UTF-8, but for example UTF-16.
_NOT_UTF_8 = re.compile("[\ud800-\udfff\0]")


def read(text: str) -> list[ProxyRecord]:
    """Return the records of a file in their order; empty for an empty file.

    Raises InvalidRecordsError with all records that cannot be used, or another ProxyError if the whole file cannot be used.
    """
    if len(text) > LONGEST:
        raise ProxyError(f"the file has {len(text)} characters, and the maximum is {LONGEST}. Split the file.")
    if _NOT_UTF_8.search(text):
        raise ProxyError("the file is not UTF-8. Save it as CSV UTF-8 in the spreadsheet program.")
    begin = text.lstrip("\ufeff \t\r\n")[:1]
    if not begin:
        return []
    return _checked(_READERS.get(begin, as_csv.rows)(text))


def warnings(text: str) -> tuple[str, ...]:
    """Return warnings about a file that can be used."""
    begin = text.lstrip("\ufeff \t\r\n")[:1]
    if begin and begin not in _READERS and as_csv.is_without_end(text):
        return ("the last line does not have a line end. Check that the line is complete, because the file might have been cut off.",)
    return ()


def _checked(rows: Iterator[Row]) -> list[ProxyRecord]:
    checked = [_one(row) for row in rows]
    bad = [found for found in checked if isinstance(found, InvalidFieldError)]
    if bad:
        raise InvalidRecordsError(bad)
    return [found for found in checked if isinstance(found, ProxyRecord)]


def _one(row: Row) -> ProxyRecord | InvalidFieldError:
    """Return a record, or its error, so that one message can contain all errors."""
    try:
        return record_of(row.values, row.where, row.extra)
    except InvalidFieldError as error:
        return error


def write(records: Sequence[ProxyRecord], form: str, separator: str = ",") -> str:
    """Return the records as the text of a file; `form` is one of FORMATS, `separator` is for CSV. Raises ProxyError."""
    if form == "csv":
        if separator not in as_csv.SEPARATORS:
            raise ProxyError(f"the separator of CSV is {separator[:10]!r}, and must be a comma, a semicolon, or a tab.")
        return as_csv.write(records, separator)
    if form not in _WRITERS:
        raise ProxyError(f"the format is {form[:20]!r}, and must be {', '.join(FORMATS[:-1])}, or {FORMATS[-1]}.")
    return _WRITERS[form](records)
