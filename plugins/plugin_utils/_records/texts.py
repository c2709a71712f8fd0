# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of a record file as a text.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from .._task_results import Result, registered
from .model import InvalidRecordError, Record, SharedValues, record_of


def text_of(results: Mapping[str, Result | None], time: datetime) -> str:
    """Return the content of a record file for registered results by the names of the machines. A machine without a result has no record."""
    found = {name: registered(result) for name, result in results.items() if result and not result.get("skipped")}
    return "".join(f"{Record(str(name), time, result).limited().line()}\n" for name, result in found.items())


def records_in(text: str) -> Iterator[Record]:
    """Yield the records of the content of a record file. Raises InvalidRecordError with the number of the line."""
    shared = SharedValues()
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield _record(line, number, shared)


def _record(line: str, number: int, shared: SharedValues) -> Record:
    try:
        return record_of(line, shared)
    except InvalidRecordError as error:
        problem, explained = str(error), error.explain()
    raise InvalidRecordError(f"line {number}: {problem}", explained.next_steps, cause=explained.cause)


__all__ = ["records_in", "text_of"]
