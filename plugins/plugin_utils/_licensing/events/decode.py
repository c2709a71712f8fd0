# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decoding of the insertion strings of events by the layouts of the catalog. The message text is not used.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Insertion strings are the same in every display language. Strings without the known layout are not an error. The event then has no
values, and the result contains only the strings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from .catalog import EventKind, Field, catalog

_CODE = re.compile(r"(?:.*[=:\s])?(?:0x([0-9a-f]{1,8})|([0-9a-f]{8}))", re.IGNORECASE | re.DOTALL)
_LAST_CODE = re.compile(r"0x([0-9a-f]{8})\s*\Z", re.IGNORECASE)
_ID = re.compile(r"\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?", re.IGNORECASE)
_STATUS = re.compile(r"^\s*\d+:\s*([0-9a-f-]{36}),\s*\d+,\s*(\d+)\s*(?:\[\(0\s*\[0x([0-9a-f]{1,8}))?", re.IGNORECASE | re.MULTILINE)
_VOLUME_MINUTES = re.compile(r"msft:rm/algorithm/volume/1\.0 0x[0-9a-f]{8} ([0-9]{1,10})(?![0-9])", re.IGNORECASE)
_COMMAND_LINE = {
    "ruleid": "rule_id",
    "action": "action",
    "appid": "application_id",
    "skuid": "activation_id",
    "notificationinterval": "notification_interval",
    "trigger": "trigger",
}
_NO_VALUE = ("", "?")
_DIGITS = re.compile(r"-?[0-9]{1,10}")
_TIME = re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2}) ([0-9]{1,2}):([0-9]{1,2})")

Values = Mapping[str, Any]


def values_of(event_id: int, strings: Sequence[str]) -> Values | None:
    """Return the values of an event: codes and flags as unsigned numbers, times in UTC, IDs in lower case.

    Return None if the layout of the event is not known, or if the strings do not have this layout.
    """
    kind = catalog().get(event_id)
    if kind is None or not kind.fields:
        return None
    parts = _parts(kind, strings)
    try:
        values: dict[str, Any] = {}
        for number, field in enumerate(kind.fields):
            values.update(_value(field, parts[number] if number < len(parts) else None))
        return values
    except ValueError:
        return None


def _parts(kind: EventKind, strings: Sequence[str]) -> list[str]:
    texts = strings[0].split(",") if kind.in_one_string and strings else strings
    return [text.strip() for text in texts]


def _value(field: Field, text: str | None) -> Values:
    if text is None:
        if not field.optional:
            raise ValueError(f"{field.name} is missing")
        return _parse_command_line("") if field.type == "command_line" else {field.name: None}
    if field.type in _SEVERAL:
        return _SEVERAL[field.type](text)
    return {field.name: _PARSERS[field.type](text)}


def _parse_code(text: str) -> int:
    """Parse a code such as hr=0xC004F074, 0x0, or C004F074."""
    found = _CODE.fullmatch(text)
    if found is None:
        raise ValueError("not a code")
    return int(found.group(1) or found.group(2), 16)


def _parse_number(text: str) -> int:
    if not _DIGITS.fullmatch(text):
        raise ValueError("not a number")
    return int(text)


def _parse_id(text: str) -> str | None:
    if text in _NO_VALUE:
        return None
    found = _ID.fullmatch(text)
    if found is None:
        raise ValueError("not an ID")
    return found.group(1).lower()


def _parse_flag(text: str) -> bool:
    return {"0": False, "1": True}.get(text, False)


def _parse_time(text: str) -> datetime | None:
    """Parse a time in UTC such as 2010/09/29 17:52 or 2010/9/29 17:52."""
    found = _TIME.fullmatch(text)  # strptime() would import and compile its parser in each worker process
    if found is None:
        return None
    try:
        year, month, day, hour, minute = map(int, found.groups())
        return datetime(year, month, day, hour, minute, tzinfo=timezone.utc)
    except ValueError:
        return None


def _parse_text(text: str) -> str | None:
    return None if text in _NO_VALUE else text


def _parse_statuses(text: str) -> list[dict[str, Any]]:
    """Parse lines "n: ID, x, key [(0 [code, ...", one for each license. The grace minutes follow the name of the volume algorithm."""
    lines = [(found, line) for line in text.splitlines() if (found := _STATUS.match(line))]
    return [
        {
            "activation_id": found.group(1).lower(),
            "has_key": found.group(2) == "1",
            "result": int(found.group(3), 16) if found.group(3) else None,
            "grace_minutes": int(minutes.group(1)) if (minutes := _VOLUME_MINUTES.search(line)) else None,
        }
        for found, line in lines
    ]


def _parse_command_line(text: str) -> Values:
    """Parse RuleId=...;Action=AutoActivate;AppId=...;SkuId=...;NotificationInterval=1440;Trigger=NetworkAvailable, in any order."""
    given = {name.strip().lower(): value.strip() for name, sign, value in (part.partition("=") for part in text.split(";")) if sign}
    values: dict[str, Any] = {ours: given.get(theirs) or None for theirs, ours in _COMMAND_LINE.items()}
    for name in ("application_id", "activation_id", "rule_id"):
        values[name] = values[name] and values[name].lower()
    return {"command_line": text or None, **values}


def _parse_details(text: str) -> Values:
    """Parse free text that ends with a code."""
    found = _LAST_CODE.search(text)
    return {"result": int(found.group(1), 16) if found else None, "details": text}


def _parse_reason(text: str) -> Values:
    """Parse a code, or text that a newer Windows writes."""
    try:
        return {"result": _parse_code(text), "reason": text}
    except ValueError:
        return {"result": None, "reason": text}


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "code": _parse_code,
    "flags": _parse_code,
    "int": _parse_number,
    "bool": _parse_flag,
    "id": _parse_id,
    "status": _parse_number,
    "statuses": _parse_statuses,
    "text": _parse_text,
    "time": _parse_time,
}
_SEVERAL: Mapping[str, Callable[[str], Values]] = {
    "command_line": _parse_command_line,
    "details": _parse_details,
    "reason": _parse_reason,
}
"""The types of fields that contain several values."""
