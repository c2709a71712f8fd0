# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Columns of the licensing classes as typed values: how each says "not set", and what none of them can be.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

All of these raise MalformedResponseError for a value that makes no sense, which names class and column.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TypeVar

from ..._cim.session import CimInstance, MalformedResponseError

_NOT_SET = (0xFFFFFFFF, -1)
DWORD = 0xFFFFFFFF
_LAST_PORT = 65535
_A_CENTURY = 100 * 366 * 24 * 60
"""Minutes: no grace and no interval is longer, and a date that lies so far ahead still is one."""
_NUMBER = TypeVar("_NUMBER", bound=IntEnum)
VERSION = re.compile(r"[0-9]{1,5}\.[0-9]{1,5}(\.[0-9]{1,9}){0,2}")
_IDENTITY = re.compile("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_LAST_FIVE = re.compile("[0-9A-Za-z]{5}")


def number(instance: CimInstance, name: str, highest: int = DWORD) -> int | None:
    """A number up to `highest`, None for "not set" in either spelling."""
    value = instance.integer(name, -1, DWORD)
    if value in _NOT_SET:
        return None
    return instance.integer(name, 0, highest)


def minutes(instance: CimInstance, name: str) -> int | None:
    """A span of time."""
    return number(instance, name, _A_CENTURY)


def port(instance: CimInstance, name: str) -> int | None:
    """Port 0 and "not set" mean the same."""
    return number(instance, name, _LAST_PORT) or None


def reason(instance: CimInstance) -> int | None:
    """Zero says "nothing to say" (a licensed retail product)."""
    value = instance.integer("LicenseStatusReason", -(1 << 31), DWORD)
    return value & DWORD if value else None


def partial_product_key(instance: CimInstance) -> str | None:
    """The last five characters of the key, None where there is none."""
    return (
        matching(instance, "PartialProductKey", _LAST_FIVE, "the last five characters of a key")
        if instance.text("PartialProductKey")
        else None
    )


def identity(instance: CimInstance, name: str) -> str:
    """An ID in lower case."""
    return matching(instance, name, _IDENTITY, "an ID such as 2de67392-b7a7-462a-b1ca-108dd189f588").lower()


def matching(instance: CimInstance, name: str, shape: re.Pattern[str], wanted: str) -> str:
    """A text that every instance has and that has this shape."""
    value = instance.required(name)
    if not shape.fullmatch(value):
        raise instance.malformed(name, wanted)
    return value


def check_class(instance: CimInstance, *known: str) -> None:
    """The class becomes part of later queries, so that it is not taken from an answer without a look."""
    if instance.class_name not in known:
        raise MalformedResponseError(f"the machine reports an instance of {instance.class_name[:40]!r}, where {known[0]} belongs.")


def one_of(instance: CimInstance, name: str, kind: type[_NUMBER]) -> _NUMBER | None:
    """A number of a fixed list; None for NULL and absent."""
    value = instance.integer(name)
    try:
        return None if value is None else kind(value)
    except ValueError:
        raise instance.malformed(name, f"one of {', '.join(str(int(member)) for member in kind)}") from None


def member(kind: type[_NUMBER], value: int | None) -> _NUMBER | None:
    """A number this collection does not know yet is reported as nothing rather than as an error."""
    try:
        return None if value is None else kind(value)
    except ValueError:
        return None
