# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The port through which the collection speaks CIM, and the values that travel through it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The XML of WS-Management carries no types, so an instance keeps the text the machine sent and offers typed
accessors; the caller, who knows the class, picks the accessor. A property the machine did not send (older
Windows, NULL array) and a property that is NULL both read as None: use :meth:`CimInstance.has` to tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Protocol

from .._errors import UnreachableError, VolumeActivationError

CimValue = str | int | bool | None | Sequence[str]
"""What a method argument or a property to write may be; a sequence is sent as repeated elements, None is left out."""

RawValue = str | None | tuple[str, ...]
"""What a property is as it came over the wire: text, NULL, or two and more array elements."""

_NEVER_YEAR = 1601
_LAST_YEAR = 9000
"""No clock and no license of a machine that is well says a later one; what is computed from it still is a date."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,20}")
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})?")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_SIGNED, _UNSIGNED = -(1 << 63), (1 << 64) - 1
"""WMI knows no wider integers."""

_LONGEST_SHOWN = 40


@dataclass(frozen=True)
class CimPath:
    """Names a class, or with keys one instance of it.

    Keys are needed for SoftwareLicensingService (Version) and SoftwareLicensingProduct (ID): neither is a singleton
    to WS-Management. StdRegProv takes none.
    """

    class_name: str
    keys: Mapping[str, str] = field(default_factory=dict)
    namespace: str = "root/cimv2"


@dataclass(frozen=True)
class CimInstance:
    """One instance as the machine sent it: property names are case-sensitive, values are untyped text."""

    class_name: str
    properties: Mapping[str, RawValue]

    def has(self, name: str) -> bool:
        """Whether the machine sent the property at all, be it NULL."""
        return name in self.properties

    def text(self, name: str) -> str | None:
        """The property as text; None for NULL, absent and empty text alike (SPP uses them interchangeably)."""
        value = self.properties.get(name)
        if isinstance(value, tuple):
            value = value[0]
        return value or None

    def texts(self, name: str) -> tuple[str, ...]:
        """An array property; NULL and empty arrays are not sent at all, one element looks like a scalar."""
        value = self.properties.get(name)
        if value is None:
            return ()
        return value if isinstance(value, tuple) else (value,)

    def required(self, name: str) -> str:
        """A text that every instance of this class has. Raises MalformedResponseError when it is NULL, empty or absent."""
        value = self._single(name)
        if value is None:
            raise self.malformed(name, "a value that every instance has")
        return value

    def integer(self, name: str, lowest: int = _SIGNED, highest: int = _UNSIGNED) -> int | None:
        """A whole number from `lowest` to `highest`; None for NULL and absent. Raises MalformedResponseError for anything else."""
        value = self._single(name)
        if value is None:
            return None
        number = int(value) if _NUMBER.fullmatch(value) else None
        if number is None or not lowest <= number <= highest:
            bounds = "" if (lowest, highest) == (_SIGNED, _UNSIGNED) else f" from {lowest} to {highest}"
            raise self.malformed(name, f"a whole number{bounds}")
        return number

    def boolean(self, name: str) -> bool | None:
        """true/false in any case, or 1/0; None for NULL and absent. Raises MalformedResponseError for anything else."""
        value = self._single(name)
        if value is None:
            return None
        if value.lower() not in _BOOLEANS:
            raise self.malformed(name, "true or false")
        return _BOOLEANS[value.lower()]

    def moment(self, name: str) -> datetime | None:
        """A point in time in UTC; None for NULL, absent, and the year 1601 or before by which SPP says "never".

        Raises MalformedResponseError for anything else that is no date.
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
            return None  # before the zone is taken off: the year 1 has no hours before it
        if moment.year > _LAST_YEAR:
            raise self.malformed(name, f"a date before the year {_LAST_YEAR}")
        moment = moment.astimezone(timezone.utc)
        return None if moment.year <= _NEVER_YEAR else moment

    def _single(self, name: str) -> str | None:
        """The text of a property that is no array."""
        if isinstance(self.properties.get(name), tuple):
            raise self.malformed(name, "a single value")
        return self.text(name)

    def malformed(self, name: str, wanted: str) -> MalformedResponseError:
        """The error for a property that is not `wanted`."""
        values = self.texts(name)
        shown = repr(values[0][:_LONGEST_SHOWN]) if values and values[0] else "empty"
        more = "..." if values and len(values[0]) > _LONGEST_SHOWN else ""
        return MalformedResponseError(
            f"the machine reports {self.class_name[:_LONGEST_SHOWN]}.{name} as {shown}{more}, where {wanted} belongs."
        )


@dataclass(frozen=True)
class CimResult:
    """What a method gave back. ReturnValue is always 0 here: anything else was raised as :class:`CimError`."""

    outputs: CimInstance


class CimSession(Protocol):
    """A conversation with one machine.

    Reads are retried once on a dropped connection, writes never are.
    """

    def query(self, wql: str, namespace: str = "root/cimv2") -> list[CimInstance]:
        """All instances a WQL query yields, over as many pages as the machine sends.

        Raises CimError when the provider refuses, UnreachableError when the machine cannot be asked.
        """

    def invoke(self, target: CimPath, method: str, arguments: Mapping[str, CimValue], *, read_only: bool = False) -> CimResult:
        """Call a method once; with read_only it is one that changes nothing and may be retried.

        Raises CimError for a provider failure in any of its three shapes (two faults, non-zero ReturnValue),
        CimUnknownOutcomeError when the machine may or may not have carried it out, UnreachableError before it could.
        """

    def put(self, target: CimPath, properties: Mapping[str, CimValue]) -> None:
        """Write properties of one instance once; the ones that are not named keep their values.

        Raises CimError, CimUnknownOutcomeError and UnreachableError as :meth:`invoke` does.
        """

    def close(self) -> None:
        """Let go of the connection; safe to call twice."""


class CimError(VolumeActivationError):
    """The machine answered, and the answer was no.

    `code` is the failing HRESULT or ReturnValue as an unsigned 32-bit number, `text` what the machine said (in its own
    display language, so never to be matched), `operation` what was asked, without argument values.
    """

    def __init__(self, code: int, text: str, operation: str) -> None:
        self.code = code & 0xFFFFFFFF
        self.text = text
        self.operation = operation
        super().__init__(f"{operation} failed with 0x{self.code:08X}: {text}" if text else f"{operation} failed with 0x{self.code:08X}")


class CimUnknownOutcomeError(VolumeActivationError):
    """A write was sent and no answer says what became of it: read the state and decide from that."""

    error_code = "unknown_outcome"
    category = "network"
    cause = "The connection broke, or the machine did not answer in time, after the change was sent."
    next_steps = ("Run the task again; it starts from what the machine has by then.",)
    transient = True

    def __init__(self, operation: str, reason: str) -> None:
        self.operation = operation
        self.reason = reason
        super().__init__(f"{operation} was sent, but its outcome is unknown: {reason}")


class ShuttingDownError(UnreachableError):
    """The machine answered that it is on its way down; nothing was carried out."""

    cause = "Somebody, an update or a task restarts the machine or shuts it down."
    next_steps = ("Wait until the machine has restarted, for example with ansible.builtin.wait_for_connection, then run the task again.",)

    CODES = frozenset({1115, 0x8007045B})
    """ERROR_SHUTDOWN_IN_PROGRESS, plain and as a HRESULT."""

    def __init__(self, operation: str, endpoint: str) -> None:
        super().__init__(
            f"{endpoint}: the machine is shutting down or restarting (Win32 error 1115), {operation} was not carried out.", self.next_steps
        )


class ResponseTooLargeError(UnreachableError):
    """What the machine answers takes more memory than a task may use; whoever knows what was asked for can say how to ask for less."""

    cause = "The machine has more of what was asked for than fits, or something else answers at its address."
    transient = False

    def __init__(self, endpoint: str, words: str, steps: tuple[str, ...]) -> None:
        self.words = words
        super().__init__(f"{endpoint}: {words}", steps)


class MalformedResponseError(VolumeActivationError):
    """The machine answered with something that makes no sense; it is neither believed nor guessed at."""

    error_code = "malformed_answer"
    category = "service"
    cause = "A provider or the WMI repository of the machine is damaged, or something on the way changed the answer."
    next_steps = (
        "Read the value on the machine itself, such as with Get-CimInstance, and run the task again when it is in order.",
        "When it is wrong there too, check the repository with 'winmgmt /verifyrepository' and restart the service sppsvc.",
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
