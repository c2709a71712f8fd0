# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read and write records as JSON, for programs.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

``{"format": "winops.volume_activation proxy records", "version": 1, "records": [{...}]}``
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from ..model import EXTRA, FIELDS, ProxyRecord, Row
from ..problems import InvalidFieldError, ProxyError

FORMAT = "winops.volume_activation proxy records"
VERSION = 1


def write(records: Sequence[ProxyRecord]) -> str:
    """Return the records as one text, with a line for each field."""
    whole = {"format": FORMAT, "version": VERSION, "records": [{**record.as_dict(), **record.as_written()} for record in records]}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def rows(text: str) -> Iterator[Row]:
    """Yield the records of a file before validation. Raises ProxyError."""
    for number, record in enumerate(_records(_parsed(text)), start=1):
        where = f"record {number}"
        if not isinstance(record, dict):
            raise ProxyError(f"{where} is not a JSON object.")
        foreign = [name for name in record if name not in (*FIELDS, EXTRA)]
        if foreign:
            raise InvalidFieldError(where, foreign[0], f"a record does not have this field. Write fields of your own to {EXTRA!r}")
        extra = record.pop(EXTRA, None) or {}
        if not isinstance(extra, dict):
            raise InvalidFieldError(where, EXTRA, "the value must be an object of texts")
        yield Row(where, record, extra)


def _records(whole: Any) -> list[Any]:
    if not isinstance(whole, Mapping) or whole.get("format") != FORMAT:
        raise ProxyError(f'the JSON file does not contain records. It must be an object with "format": "{FORMAT}".')
    if whole.get("version") != VERSION:
        version = f"{whole.get('version')!r:.20}"
        raise ProxyError(f"the version of the file is {version}, and this collection supports version {VERSION}. Update the collection.")
    records = whole.get("records")
    if not isinstance(records, list):
        raise ProxyError('the file does not contain the list "records".')
    return records


def _parsed(text: str) -> Any:
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ProxyError(f"line {error.lineno} is not valid JSON: {error.msg}.") from None
    except (RecursionError, ValueError) as error:
        raise ProxyError(f"the file is not valid JSON: {type(error).__name__}.") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object. Raises ProxyError for a duplicate name, which would hide the first value."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ProxyError(f"an object contains the name {twice[:40]!r} twice.")
    return found


def _no_number(name: str) -> NoReturn:
    raise ProxyError(f"the file contains {name}, which is not valid JSON.")
