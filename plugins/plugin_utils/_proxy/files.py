# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of records in any of its three forms: told apart when it is read, chosen when it is written.

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
"""Characters of a file. A hundred thousand records need less."""

_READERS: Mapping[str, Callable[[str], Iterator[Row]]] = {"<": as_xml.rows, "{": as_json.rows, "[": as_json.rows}
_WRITERS: Mapping[str, Callable[[Sequence[ProxyRecord]], str]] = {"json": as_json.write, "xml": as_xml.write}

FORMATS = ("csv", "json", "xml")

# What is left of bytes that are no UTF-8, and of UTF-16.
_NOT_UTF_8 = re.compile("[\ud800-\udfff\0]")


def read(text: str) -> list[ProxyRecord]:
    """The records of a file, in its order; none of an empty one.

    Raises ProxyError: InvalidRecordsError with every record that cannot be used, or what is wrong with the file as a whole.
    """
    if len(text) > LONGEST:
        raise ProxyError(f"the file has {len(text)} characters, which is more than {LONGEST}")
    if _NOT_UTF_8.search(text):
        raise ProxyError("the file is not UTF-8: save it in your spreadsheet as CSV UTF-8")
    begin = text.lstrip("\ufeff \t\r\n")[:1]
    if not begin:
        return []
    return _checked(_READERS.get(begin, as_csv.rows)(text))


def warnings(text: str) -> tuple[str, ...]:
    """What a person should know of a file that can be used, a sentence each."""
    begin = text.lstrip("\ufeff \t\r\n")[:1]
    if begin and begin not in _READERS and as_csv.is_without_end(text):
        return ("the last line has no line end: compare that it is complete, as the file may have been cut off there",)
    return ()


def _checked(rows: Iterator[Row]) -> list[ProxyRecord]:
    checked = [_one(row) for row in rows]
    bad = [found for found in checked if isinstance(found, InvalidFieldError)]
    if bad:
        raise InvalidRecordsError(bad)
    return [found for found in checked if isinstance(found, ProxyRecord)]


def _one(row: Row) -> ProxyRecord | InvalidFieldError:
    """A record, or what is wrong with it: a person is told of all that are wrong at once."""
    try:
        return record_of(row.values, row.where, row.extra)
    except InvalidFieldError as error:
        return error


def write(records: Sequence[ProxyRecord], form: str, separator: str = ",") -> str:
    """The records as the text of a file; `form` is one of FORMATS, `separator` is for CSV. Raises ProxyError."""
    if form == "csv":
        if separator not in as_csv.SEPARATORS:
            raise ProxyError(f"the separator of CSV is {separator[:10]!r}, and has to be a comma, a semicolon or a tab")
        return as_csv.write(records, separator)
    if form not in _WRITERS:
        raise ProxyError(f"the format is {form[:20]!r}, and has to be {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    return _WRITERS[form](records)
