# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a file of records in any of its formats, and write it in the selected format.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from .conflicts import conflicts
from .formats import cil as as_cil
from .formats import csv as as_csv
from .formats import json as as_json
from .formats import xml as as_xml
from .model import ProxyRecord, Row, record_of
from .problems import InvalidFieldError, InvalidRecordsError, ProxyError

LONGEST = 64 * 1024 * 1024
"""Maximum number of characters in a file. A hundred thousand records need less."""


def _xml_rows(text: str) -> Iterator[Row]:
    return as_cil.rows(text) if as_cil.is_cil(text) else as_xml.rows(text)


_READERS: Mapping[str, Callable[[str], Iterator[Row]]] = {"<": _xml_rows, "{": as_json.rows, "[": as_json.rows}
_WRITERS: Mapping[str, Callable[[Sequence[ProxyRecord]], str]] = {"json": as_json.write, "xml": as_xml.write, "cil": as_cil.write}

FORMATS = ("csv", "json", "xml")
"""Formats that contain a whole record."""

WRITTEN = (*FORMATS, "cil")
"""Formats that can be written. A list of VAMT contains only a part of a record, and is not a file to keep."""

# Characters that show that the file is not UTF-8, but for example UTF-16.
_NOT_UTF_8 = re.compile("[\ud800-\udfff\0]")
_UTF_16 = {
    mark.decode("utf-8", "surrogateescape"): encoding
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
}
"""Byte order marks of UTF-16 in a text that Ansible read as UTF-8."""


def decoded(text: str) -> str:
    """Return the text of an XML file in UTF-16 that Ansible read as UTF-8, and every other text unchanged.

    The declared encoding does not matter. The result is parsed as UTF-8, so that no other encoding reaches the parser.
    """
    encoding = _UTF_16.get(text[:2])
    if encoding is None:
        return text
    try:
        found = codecs.decode(text[2:].encode("utf-8", "surrogateescape"), encoding)
    except UnicodeError:
        return text
    return found if found.lstrip()[:1] == "<" else text


def read(text: str) -> list[ProxyRecord]:
    """Return the records of a file in their order; empty for an empty file.

    Raises InvalidRecordsError with all records that cannot be used, or another ProxyError if the whole file cannot be used.
    """
    text = decoded(text)
    if len(text) > LONGEST:
        raise ProxyError(f"the file has {len(text)} characters, and the maximum is {LONGEST}. Split the file.")
    if _NOT_UTF_8.search(text):
        raise ProxyError("the file is not UTF-8. Save it as CSV UTF-8 in the spreadsheet program.")
    begin = text.lstrip("\ufeff \t\r\n")[:1]
    if not begin:
        return []
    return _checked(_READERS.get(begin, as_csv.rows)(text))


def is_complete(text: str) -> bool:
    """Return whether a text has a format that contains whole records. A list of VAMT does not."""
    text = decoded(text)
    return text.lstrip("\ufeff \t\r\n")[:1] != "<" or not as_cil.is_cil(text)


def warnings(text: str) -> tuple[str, ...]:
    """Return warnings about a file that can be used."""
    text = decoded(text)
    begin = text.lstrip("\ufeff \t\r\n")[:1]
    if not is_complete(text):
        return as_cil.warnings(text)
    if begin and begin not in _READERS and as_csv.is_without_end(text):
        return ("the last line does not have a line end. Check that the line is complete, because the file might have been cut off.",)
    return ()


def _checked(rows: Iterator[Row]) -> list[ProxyRecord]:
    given = list(rows)
    checked = [_one(row) for row in given]
    bad = [found for found in checked if isinstance(found, InvalidFieldError)]
    named = [(row.where, found) for row, found in zip(given, checked, strict=True) if isinstance(found, ProxyRecord)]
    bad += conflicts(named)
    if bad:
        raise InvalidRecordsError(bad)
    return [record for _where, record in named]


def _one(row: Row) -> ProxyRecord | InvalidFieldError:
    """Return a record, or its error, so that one message can contain all errors."""
    try:
        return record_of(row.values, row.where, row.extra)
    except InvalidFieldError as error:
        return error


def write(records: Sequence[ProxyRecord], form: str, separator: str = ",") -> str:
    """Return the records as the text of a file; `form` is one of WRITTEN, `separator` is for CSV. Raises ProxyError."""
    if form == "csv":
        if separator not in as_csv.SEPARATORS:
            raise ProxyError(f"the separator of CSV is {separator[:10]!r}, and must be a comma, a semicolon, or a tab.")
        return as_csv.write(records, separator)
    if form not in _WRITERS:
        raise ProxyError(f"the format is {form[:20]!r}, and must be {', '.join(WRITTEN[:-1])}, or {WRITTEN[-1]}.")
    return _WRITERS[form](records)
