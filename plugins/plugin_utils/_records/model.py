# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record: what one task read from one machine at one time, and how it is written as a line of a record file.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A record file is in the format JSON Lines: UTF-8, one JSON object per line, so that files can be put together with cat and searched
with grep. The result in a record is the result of the task as Ansible registers it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, NoReturn

from .._errors import VolumeActivationError, with_next_step
from .._task_results import Result
from .shape import problem_in

SCHEMA = 1
"""Version of the format. A reader rejects a newer version, because it could have another meaning."""

LONGEST_LINE = 1024 * 1024
"""Maximum number of characters in a line. The record of a machine with many products needs less than 100,000."""

_LARGEST_SHARED = 16
"""Largest number of keys of a dictionary that is compared with others."""

_SHARED = (str, int, bool, type(None))
"""Types of the values of a dictionary that is compared with others."""

_TIME = "%Y-%m-%dT%H:%M:%SZ"
_NOT_KEPT = frozenset({"invocation", "exception", "diff", "ansible_facts", "attempts", "stdout", "stderr"})
_FIELDS = ("schema", "inventory_hostname", "time", "result")


class InvalidRecordError(VolumeActivationError):
    """A line of a record file cannot be used. The text contains the reason."""

    error_code = "invalid_record"
    cause = "The file was not written by this collection, was changed, or is not complete."
    next_steps = ("Specify record files that activation_fleet_info or the role activation_check wrote.",)


class RecordTooLongError(VolumeActivationError):
    """The result of a machine is longer than a line of a record file can be."""

    error_code = "record_too_long"
    cause = "The machine returned far more products, events, or longer texts than Windows has."
    next_steps = ("Check which service responds at the address of the machine.",)


@dataclass(frozen=True)
class Record:
    """What a task read from a machine. `time` is UTC, to the second; `result` is the result of the task."""

    inventory_hostname: str
    time: datetime
    result: Result

    def line(self) -> str:
        """Return the record as one line of a file, without the line feed. The line is ASCII."""
        return json.dumps(self.as_dict(), separators=(",", ":"), default=str)

    def limited(self) -> Record:
        """Return the record, or one of a failure if its line would be too long for those who read the file."""
        length = len(self.line())
        if length <= LONGEST_LINE:
            return self
        text = f"{self.inventory_hostname[:100]}: the result has {length} characters, and a record can have {LONGEST_LINE}"
        error = RecordTooLongError(text).explain().as_dict()
        result = {"failed": True, "changed": False, "msg": with_next_step(text, error), "error": error}
        return Record(self.inventory_hostname, self.time, result)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of a line. Keys of the result that Ansible adds are left out."""
        kept = {key: value for key, value in self.result.items() if key not in _NOT_KEPT and not key.startswith("_ansible")}
        fields = (SCHEMA, self.inventory_hostname, self.time.astimezone(timezone.utc).strftime(_TIME), kept)
        return dict(zip(_FIELDS, fields, strict=True))


class SharedValues:
    """Equal texts and small dictionaries of many records, kept once.

    Most of what machines return is the same for all of them. 10,000 records then need a third of the memory. The dictionaries of a record
    must therefore not be changed.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._dictionaries: dict[tuple[Any, ...], dict[str, Any]] = {}

    def dictionary(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Return the dictionary of these pairs, which is shared if it is small and contains no other dictionary or list."""
        texts = self._texts
        own = [(texts.setdefault(name, name), texts.setdefault(value, value) if isinstance(value, str) else value) for name, value in pairs]
        if len(own) > _LARGEST_SHARED or not all(type(value) in _SHARED for _name, value in own):
            return dict(own)
        # 1 and True are equal, but are not the same in JSON.
        key = (*own, *(name for name, value in own if isinstance(value, bool)))
        return self._dictionaries.setdefault(key, dict(own))


def record_of(line: str, shared: SharedValues | None = None) -> Record:
    """Return the record of a line, whose equal parts are `shared` with other records. Raises InvalidRecordError."""
    if len(line) > LONGEST_LINE:
        raise InvalidRecordError(f"the line has {len(line)} characters, and the maximum is {LONGEST_LINE}")
    try:
        found = json.loads(line, parse_constant=_refuse_constant, object_pairs_hook=(shared or SharedValues()).dictionary)
    except (ValueError, RecursionError):
        raise InvalidRecordError("the line is not a JSON object") from None
    if not isinstance(found, Mapping) or any(name not in found for name in _FIELDS):
        raise InvalidRecordError(f"the line does not have the fields {', '.join(_FIELDS)}")
    return Record(_name(found), _time(found["time"]), _result(found["result"]))


def _name(found: Mapping[str, Any]) -> str:
    if found["schema"] != SCHEMA or isinstance(found["schema"], bool):
        raise InvalidRecordError(f"the schema of the line is not {SCHEMA}, the version that this release of the collection reads")
    name = found["inventory_hostname"]
    if not isinstance(name, str) or not name:
        raise InvalidRecordError("inventory_hostname is not the name of a machine")
    return name


def _time(value: Any) -> datetime:
    try:
        return datetime.strptime(value, _TIME).replace(tzinfo=timezone.utc)
    except (TypeError, ValueError):
        raise InvalidRecordError("time is not a UTC time such as 2026-11-30T08:15:00Z") from None


def _result(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidRecordError("result is not the result of a task")
    problem = problem_in(value)
    if problem:
        raise InvalidRecordError(f"in the result, {problem}")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are not JSON


__all__ = ["LONGEST_LINE", "SCHEMA", "InvalidRecordError", "Record", "SharedValues", "record_of"]
