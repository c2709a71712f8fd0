# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface of CIM sessions, and the types of their values.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The XML of WS-Management does not contain types. An instance keeps the text of the machine and has typed accessors; the caller
knows the class and chooses the accessor. A property that the machine did not send (older Windows, NULL array) and a property that
is NULL both have the value None; :meth:`CimInstance.has` distinguishes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Protocol

from .._errors import UnreachableError, VolumeActivationError

CimValue = str | int | bool | None | Sequence[str]
"""Type of a method argument or of a property to write; a sequence is sent as repeated elements, None is not sent."""

RawValue = str | None | tuple[str, ...]
"""Type of a received property: text, NULL, or two or more array elements."""

_NEVER_YEAR = 1601
_LAST_YEAR = 9000
"""Last valid year of a date from a machine; dates that are computed from it are still valid in Python."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,20}")
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})?")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_SIGNED, _UNSIGNED = -(1 << 63), (1 << 64) - 1
"""Range of integers in WMI."""

_LONGEST_SHOWN = 40


@dataclass(frozen=True)
class CimPath:
    """The name of a class, or with keys of one instance.

    SoftwareLicensingService (Version) and SoftwareLicensingProduct (ID) need keys, because neither is a singleton in WS-Management.
    StdRegProv does not have keys.
    """

    class_name: str
    keys: Mapping[str, str] = field(default_factory=dict)
    namespace: str = "root/cimv2"


@dataclass(frozen=True)
class CimInstance:
    """One instance as received: property names are case-sensitive, values are untyped text."""

    class_name: str
    properties: Mapping[str, RawValue]

    def has(self, name: str) -> bool:
        """Return whether the machine sent the property, including NULL."""
        return name in self.properties

    def text(self, name: str) -> str | None:
        """Return the property as text; None if it is NULL, absent, or empty (SPP uses these interchangeably)."""
        value = self.properties.get(name)
        if isinstance(value, tuple):
            value = value[0]
        return value or None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return an array property; NULL and empty arrays are not sent, and an array of one element has the form of a scalar."""
        value = self.properties.get(name)
        if value is None:
            return ()
        return value if isinstance(value, tuple) else (value,)

    def required(self, name: str) -> str:
        """Return a text that every instance of this class has. Raises MalformedResponseError if it is NULL, empty, or absent."""
        value = self._single(name)
        if value is None:
            raise self.malformed(name, "a text")
        return value

    def integer(self, name: str, lowest: int = _SIGNED, highest: int = _UNSIGNED) -> int | None:
        """Return a whole number from `lowest` to `highest`; None if NULL or absent. Raises MalformedResponseError for any other value."""
        value = self._single(name)
        if value is None:
            return None
        number = int(value) if _NUMBER.fullmatch(value) else None
        if number is None or not lowest <= number <= highest:
            bounds = "" if (lowest, highest) == (_SIGNED, _UNSIGNED) else f" from {lowest} to {highest}"
            raise self.malformed(name, f"a whole number{bounds}")
        return number

    def boolean(self, name: str) -> bool | None:
        """Return the boolean for true or false in any case, or 1 or 0; None if NULL or absent.

        Raises MalformedResponseError for any other value.
        """
        value = self._single(name)
        if value is None:
            return None
        if value.lower() not in _BOOLEANS:
            raise self.malformed(name, "true or false")
        return _BOOLEANS[value.lower()]

    def moment(self, name: str) -> datetime | None:
        """Return a point in time in UTC; None if NULL or absent, or in 1601 or before, which means "never" in SPP.

        Raises MalformedResponseError for any other value that is not a date.
        """
        value = self._single(name)
        if value is None:
            return None
        found = _MOMENT.fullmatch(value)
        if found is None:
            raise self.malformed(name, "a date with a time")
        seconds, fraction, zone = found.groups(default="")
        try:
            moment = datetime.fromisoformat(f"{seconds}.{fraction[:6].ljust(6, '0')}{zone.replace('Z', '') or '+00:00'}")
        except ValueError:
            raise self.malformed(name, "a date with a time") from None
        if moment.year < _NEVER_YEAR:
            return None  # before the conversion to UTC, which fails for the first hours of year 1
        if moment.year > _LAST_YEAR:
            raise self.malformed(name, f"a date before the year {_LAST_YEAR}")
        moment = moment.astimezone(timezone.utc)
        return None if moment.year <= _NEVER_YEAR else moment

    def _single(self, name: str) -> str | None:
        """Return the text of a property that must not be an array."""
        if isinstance(self.properties.get(name), tuple):
            raise self.malformed(name, "a single value")
        return self.text(name)

    def malformed(self, name: str, wanted: str) -> MalformedResponseError:
        """Return the error for a property that is not `wanted`, a noun phrase."""
        values = self.texts(name)
        shown = repr(values[0][:_LONGEST_SHOWN]) if values and values[0] else "an empty value"
        more = "..." if values and len(values[0]) > _LONGEST_SHOWN else ""
        return MalformedResponseError(
            f"the machine returned {shown}{more} for {self.class_name[:_LONGEST_SHOWN]}.{name}, which must be {wanted}."
        )


@dataclass(frozen=True)
class CimResult:
    """The output of a method. Its ReturnValue is always 0: any other value was raised as :class:`CimError`."""

    outputs: CimInstance


class CimSession(Protocol):
    """A session with one machine.

    A read is retried once if the connection was dropped. A write is never retried.
    """

    def query(self, wql: str, namespace: str = "root/cimv2") -> list[CimInstance]:
        """Return all instances of a WQL query, from all pages of the response.

        Raises CimError if the provider returns an error, and UnreachableError if the machine cannot be reached.
        """

    def invoke(self, target: CimPath, method: str, arguments: Mapping[str, CimValue], *, read_only: bool = False) -> CimResult:
        """Call a method once. With `read_only`, the method does not change anything and can be retried.

        Raises CimError for an error of the provider in any of its three forms (two faults, non-zero ReturnValue),
        CimUnknownOutcomeError if the machine might have carried out the call, and UnreachableError if it did not.
        """

    def put(self, target: CimPath, properties: Mapping[str, CimValue]) -> None:
        """Write properties of one instance once; the other properties keep their values.

        Raises CimError, CimUnknownOutcomeError, and UnreachableError as :meth:`invoke` does.
        """

    def close(self) -> None:
        """Close the connection; safe to call twice."""


class CimError(VolumeActivationError):
    """The machine returned an error.

    `code` is the HRESULT or ReturnValue as an unsigned 32-bit number, `text` the message of the machine (in its display language, so
    it must not be compared), and `operation` the name of the request, without argument values.
    """

    def __init__(self, code: int, text: str, operation: str) -> None:
        self.code = code & 0xFFFFFFFF
        self.text = text
        self.operation = operation
        super().__init__(f"{operation} failed with 0x{self.code:08X}: {text}" if text else f"{operation} failed with 0x{self.code:08X}")


class CimUnknownOutcomeError(VolumeActivationError):
    """A write was sent, but its result is unknown. The caller must read the state of the machine."""

    error_code = "unknown_outcome"
    category = "network"
    cause = "After the change was sent, the connection broke, or the machine did not respond in time."
    next_steps = ("Run the task again; it starts from the state that the machine has then.",)
    transient = True

    def __init__(self, operation: str, reason: str, code: int | None = None) -> None:
        """`code` is the code with which the machine said that it does not know the outcome; None if the machine did not respond."""
        self.operation = operation
        self.reason = reason
        self.code = code
        super().__init__(f"{operation} was sent, but its outcome is unknown: {reason}")


class ShuttingDownError(UnreachableError):
    """The machine reported that it is shutting down; the request was not carried out."""

    cause = "A user, an update, or a task restarts the machine or shuts it down."
    next_steps = ("Wait until the machine has restarted, for example with ansible.builtin.wait_for_connection, then run the task again.",)

    CODES = frozenset({1115, 0x8007045B})
    """ERROR_SHUTDOWN_IN_PROGRESS, plain and as a HRESULT."""

    def __init__(self, operation: str, endpoint: str) -> None:
        super().__init__(
            f"{endpoint}: the machine is shutting down or restarting (Win32 error 1115), so {operation} was not carried out.",
            self.next_steps,
        )


class ResponseTooLargeError(UnreachableError):
    """The response requires more memory than a task can use; a caller can add how to request less data."""

    cause = "The machine has more matching data than a task can hold, or another service responds at its address."
    transient = False

    def __init__(self, endpoint: str, reason: str, steps: tuple[str, ...]) -> None:
        self.reason = reason
        super().__init__(f"{endpoint}: {reason}", steps)


class MalformedResponseError(VolumeActivationError):
    """The machine returned an invalid value, which is not used."""

    error_code = "malformed_answer"
    category = "service"
    cause = "A provider or the WMI repository of the machine is damaged, or a device on the way changed the response."
    next_steps = (
        "Read the value on the machine, for example with Get-CimInstance, and run the task again if the value is valid.",
        "If the value is not valid there either, check the repository with 'winmgmt /verifyrepository' and restart the service sppsvc.",
    )


__all__ = [
    "CimError",
    "CimInstance",
    "CimPath",
    "CimResult",
    "CimSession",
    "CimUnknownOutcomeError",
    "CimValue",
    "MalformedResponseError",
    "RawValue",
    "ResponseTooLargeError",
    "ShuttingDownError",
    "UnreachableError",
]
