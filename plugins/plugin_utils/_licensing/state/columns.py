# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Columns of the licensing classes as typed values, with their forms of "not set" and their limits.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

All functions raise MalformedResponseError, which names the class and the column, for an invalid value.
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
"""In minutes. No grace period and no interval is longer, and the current date plus this time is a valid date."""
_NUMBER = TypeVar("_NUMBER", bound=IntEnum)
VERSION = re.compile(r"[0-9]{1,5}\.[0-9]{1,5}(\.[0-9]{1,9}){0,2}")
_IDENTITY = re.compile("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_LAST_FIVE = re.compile("[0-9A-Za-z]{5}")


def number(instance: CimInstance, name: str, highest: int = DWORD) -> int | None:
    """Return a number up to `highest`, or None for either form of "not set"."""
    value = instance.integer(name, -1, DWORD)
    if value in _NOT_SET:
        return None
    return instance.integer(name, 0, highest)


def minutes(instance: CimInstance, name: str) -> int | None:
    """Return a duration in minutes, or None if it is not set."""
    return number(instance, name, _A_CENTURY)


def port(instance: CimInstance, name: str) -> int | None:
    """Return a port, or None if it is 0 or not set."""
    return number(instance, name, _LAST_PORT) or None


def reason(instance: CimInstance) -> int | None:
    """Return LicenseStatusReason as an unsigned number, or None for 0, which means no reason (a licensed retail product)."""
    value = instance.integer("LicenseStatusReason", -(1 << 31), DWORD)
    return value & DWORD if value else None


def partial_product_key(instance: CimInstance) -> str | None:
    """Return the last five characters of the key, or None if there is no key."""
    return (
        matching(instance, "PartialProductKey", _LAST_FIVE, "the last five characters of a key")
        if instance.text("PartialProductKey")
        else None
    )


def identity(instance: CimInstance, name: str) -> str:
    """Return an ID in lower case."""
    return matching(instance, name, _IDENTITY, "an ID such as 2de67392-b7a7-462a-b1ca-108dd189f588").lower()


def matching(instance: CimInstance, name: str, shape: re.Pattern[str], wanted: str) -> str:
    """Return a required text that matches this pattern. `wanted` describes the pattern in the error message."""
    value = instance.required(name)
    if not shape.fullmatch(value):
        raise instance.malformed(name, wanted)
    return value


def check_class(instance: CimInstance, *known: str) -> None:
    """Raise MalformedResponseError if the instance is not of a known class. The name of the class becomes part of later queries."""
    if instance.class_name not in known:
        raise MalformedResponseError(f"the machine returned an instance of {instance.class_name[:40]!r} instead of {known[0]}.")


def one_of(instance: CimInstance, name: str, kind: type[_NUMBER]) -> _NUMBER | None:
    """Return a member of an enumeration, or None for NULL and for a missing column."""
    value = instance.integer(name)
    try:
        return None if value is None else kind(value)
    except ValueError:
        raise instance.malformed(name, f"one of {', '.join(str(int(member)) for member in kind)}") from None


def member(kind: type[_NUMBER], value: int | None) -> _NUMBER | None:
    """Return a member of an enumeration, or None for an unknown number, which is not an error here."""
    try:
        return None if value is None else kind(value)
    except ValueError:
        return None
