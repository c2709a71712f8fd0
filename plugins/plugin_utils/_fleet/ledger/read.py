# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a ledger: a file in the format JSON Lines that tasks append to while it is read.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

:func:`read_ledger` is the interface for reports. A line that cannot be read, such as the beginning of a line that a full disk left, does
not hide the others: it becomes a problem of the ledger.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from ..._licensing.recording.entry import LARGEST_LEDGER, LONGEST_LINE, SCHEMA, EntryResult, LedgerError
from ..._regular_file import open_regular
from .model import Ledger, LedgerEntry, LedgerProblem, merged

MOST_BYTES = 2 * LARGEST_LEDGER
"""Maximum size of a file that is read. A ledger grows a little after it has reached its own maximum."""

_NUMBERS = ("activations_used", "rearms_used")
_REQUIRED = ("id", "event", "result", "inventory_hostname", "run_id")
_TIMES = ("time", "started_time")
_TEXTS = tuple(field.name for field in fields(LedgerEntry) if field.name not in (*_NUMBERS, *_REQUIRED, *_TIMES))
_MOST = 1_000_000
_LONGEST_TEXT = 1000
_UTC = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
"""The format of `TIME`."""


class _InvalidEntryError(ValueError):
    """A line is not an entry. The text contains the reason."""


def read_ledger(path: str | os.PathLike[str]) -> Ledger:
    """Return the ledger in a file. Raises LedgerError if the file cannot be read, or is larger than a ledger can be."""
    place = Path(path)
    try:
        with open_regular(place) as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > MOST_BYTES:
                raise LedgerError(f"Cannot read the ledger {place}: it has {size} bytes, and the maximum is {MOST_BYTES}.")
            return parse_ledger(_lines(stream))
    except OSError as error:
        raise LedgerError(f"Cannot read the ledger {place}: {error.strerror or error}.") from None


def parse_ledger(lines: Iterable[bytes]) -> Ledger:
    """Return the ledger in lines, each with or without its line feed. Pure.

    Lines about the same request become one entry. A last line without a line feed is one that is not complete.
    """
    found: dict[str, LedgerEntry] = {}
    problems: list[LedgerProblem] = []
    shared: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = _entry_of(line, shared)
        except _InvalidEntryError as error:
            problems.append(LedgerProblem(number, str(error)))
            continue
        known = found.get(entry.id)
        found[entry.id] = merged(known, entry) if known else entry
    return Ledger(tuple(found.values()), tuple(problems))


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines, of a long one only its beginning."""
    while line := stream.readline(LONGEST_LINE + 1):
        yield line
        while not line.endswith(b"\n") and (line := stream.readline(LONGEST_LINE)):
            pass


def _entry_of(line: bytes, shared: dict[str, str]) -> LedgerEntry:
    """Return the entry of a line. Most texts of a ledger are the same, so that the entries share them."""
    if len(line) > LONGEST_LINE:
        raise _InvalidEntryError(f"the line has more than {LONGEST_LINE} bytes")
    try:
        found = _DECODER.decode(line.decode("utf-8"))
    except (ValueError, RecursionError):
        raise _InvalidEntryError("the line is not complete" if not line.endswith(b"}\n") else "the line is not a JSON object") from None
    if not isinstance(found, Mapping):
        raise _InvalidEntryError("the line is not a JSON object")
    _refuse_schema(found.get("schema"))
    texts = {name: shared.setdefault(text, text) if (text := _text(found, name)) else text for name in _TEXTS}
    values = texts | {name: _number(found, name) for name in _NUMBERS}
    required = {name: _required_text(found, name) for name in _REQUIRED}
    time = _time_of(found.get("time"))
    is_start = required["result"] == EntryResult.STARTED.value
    return LedgerEntry(**required, **values, time=time, started_time=time if is_start else None)  # type: ignore[arg-type]


def _refuse_schema(schema: Any) -> None:
    if schema != SCHEMA or isinstance(schema, bool):
        raise _InvalidEntryError(f"the schema is not {SCHEMA}, the version that this release of the collection reads")


def _text(found: Mapping[str, Any], name: str) -> str | None:
    value = found.get(name)
    if value is None or (isinstance(value, str) and len(value) <= _LONGEST_TEXT):
        return value
    raise _InvalidEntryError(f"{name} is not a text")


def _number(found: Mapping[str, Any], name: str) -> int | None:
    value = found.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST):
        return value
    raise _InvalidEntryError(f"{name} is not a number")


def _time_of(value: Any) -> datetime:
    try:
        return _time(value)
    except (TypeError, ValueError):
        raise _InvalidEntryError("time is not a UTC time such as 2026-11-30T08:15:00Z") from None


@lru_cache(maxsize=1024)
def _time(value: str) -> datetime:
    """Return a time. Many lines have the same second. `strptime` would take as long as the rest of a line."""
    if not _UTC.fullmatch(value):
        raise ValueError(value)
    return datetime.fromisoformat(value[:-1]).replace(tzinfo=timezone.utc)


def _required_text(found: Mapping[str, Any], name: str) -> str:
    value = _text(found, name)
    if not value:
        raise _InvalidEntryError(f"{name} is missing")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are not JSON


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


__all__ = ["MOST_BYTES", "parse_ledger", "read_ledger"]
