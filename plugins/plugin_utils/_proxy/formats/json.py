# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records as JSON, for programs.

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
    """The records as one text, a line for each field."""
    whole = {"format": FORMAT, "version": VERSION, "records": [{**record.as_dict(), **record.as_written()} for record in records]}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def rows(text: str) -> Iterator[Row]:
    """The records of a file as they are there. Raises ProxyError."""
    for number, record in enumerate(_records(_parsed(text)), start=1):
        where = f"record {number}"
        if not isinstance(record, dict):
            raise ProxyError(f"{where} is no JSON object")
        foreign = [name for name in record if name not in (*FIELDS, EXTRA)]
        if foreign:
            raise InvalidFieldError(where, foreign[0], f"there is no such field; what is your own goes into {EXTRA!r}")
        extra = record.pop(EXTRA, None) or {}
        if not isinstance(extra, dict):
            raise InvalidFieldError(where, EXTRA, "it has to be an object of texts")
        yield Row(where, record, extra)


def _records(whole: Any) -> list[Any]:
    if not isinstance(whole, Mapping) or whole.get("format") != FORMAT:
        raise ProxyError(f'this is JSON of something else: it has to be an object with "format": "{FORMAT}"')
    if whole.get("version") != VERSION:
        raise ProxyError(f"its version is {whole.get('version')!r:.20}, and this collection knows version {VERSION}: take a newer one")
    records = whole.get("records")
    if not isinstance(records, list):
        raise ProxyError('it has no list "records"')
    return records


def _parsed(text: str) -> Any:
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ProxyError(f"line {error.lineno} is no JSON: {error.msg}") from None
    except (RecursionError, ValueError) as error:
        raise ProxyError(f"it is no JSON that can be read: {type(error).__name__}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object. A name that is there twice would hide what the first one holds, a confirmation ID perhaps."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ProxyError(f"an object has the name {twice[:40]!r} twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ProxyError(f"it holds {name}, which is no JSON")
