# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding the code and the text that matter in a SOAP fault.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

WinRM 1.1 and 2.0 nest WSManFault elements, the plug-in's outside and the provider's inside; WinRM 3.0 and later send
one MSFT_WmiError. In both, a code of WS-Management itself (0x80338xxx) may stand beside the provider's HRESULT, and the
provider's is the one a person can act on. No fault of a licensing method was ever captured in public, so the
search is permissive: every known place is looked at, in a fixed order.

A MSFT_WmiError says of what kind its number is: a HRESULT, a Win32 error, a result of the management infrastructure (MI), or
something only the provider knows. 5 is "access denied" for Win32 and "invalid class" for MI, so each becomes a HRESULT by its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TIMED_OUT = 2150858793
"""0x80338029: the operation took longer than the OperationTimeout of its request. It may still be going on."""

UNREPORTABLE_SUCCESS = 0x8033804D
"""The operation was carried out, and its answer is too large to be sent."""

_WSMAN_CODES = range(0x80338000, 0x80339000)
_HRESULT = re.compile(r"HRESULT\s+0x([0-9A-Fa-f]{8})")
_MESSAGE_ID = re.compile(r"(HRESULT|WIN32|Windows System Error|MI RESULT)\s+(0[xX][0-9A-Fa-f]{1,8}|[0-9]{1,10})", re.IGNORECASE)
_UNSPECIFIED = 0x80004005  # E_FAIL: what Windows itself says when it has no better code
_WIN32_FACILITY = 0x80070000
_WIN32_MAX = 0xFFFF
_OF_MI = {
    1: 0x80041001,  # failed
    2: 0x80041003,  # access denied
    3: 0x8004100E,  # invalid namespace
    4: 0x80041008,  # invalid parameter
    5: 0x80041010,  # invalid class
    6: 0x80041002,  # not found
    7: 0x8004100C,  # not supported
    11: 0x80041019,  # already exists
    12: 0x80041031,  # no such property
    13: 0x80041005,  # type mismatch
    14: 0x80041018,  # query language not supported
    15: 0x80041017,  # invalid query
    16: 0x80041055,  # method not available
    17: 0x8004102E,  # method not found
    27: 0x8004106C,  # server limits exceeded
    28: 0x80041033,  # server is shutting down
}
"""MI_Result (mi.h) and CIM status codes, as the WMI code of the same meaning."""
_MI_FAILED = 0x80041001
_MAX_TEXT = 2000


@dataclass(frozen=True)
class FaultNode:
    """An element of the fault: local names of tag and attributes, and its own text in pieces."""

    name: str
    attributes: dict[str, str]
    texts: list[str]

    @property
    def text(self) -> str:
        """The text without the line breaks and indentation it may come with."""
        return " ".join("".join(self.texts).split())


@dataclass(frozen=True)
class Fault:
    """A machine's "no". `code` is unsigned 32 bit: the provider's HRESULT where there is one, else the code of WS-Management."""

    code: int
    text: str
    subcode: str

    @property
    def timed_out(self) -> bool:
        """Whether the machine only gave up waiting; the operation itself may still be going on."""
        return self.code == TIMED_OUT


def read_fault(nodes: list[FaultNode]) -> Fault:
    """The code and text of a fault, from its elements in document order."""
    subcode = _subcode(nodes)
    return Fault(_code(nodes, subcode), _text(nodes)[:_MAX_TEXT], subcode)


def _code(nodes: list[FaultNode], subcode: str) -> int:
    fallback = 0
    for code in _candidates(nodes):
        if code and code not in _WSMAN_CODES:
            return code
        fallback = fallback or code
    if not fallback and subcode == "TimedOut":
        return TIMED_OUT
    # The CIM status only sorts a failure: beside any other code, one of WS-Management included, it says nothing more.
    return fallback or next((_typed("MI", _number(text)) for text in _texts(nodes, "CIMStatusCode")), 0) or _UNSPECIFIED


def _candidates(nodes: list[FaultNode]) -> Iterator[int]:
    """Every code the fault holds, the provider's own first; 0 stands for none."""
    ids, numbers = _texts(nodes, "MessageID"), _texts(nodes, "error_Code")
    yield from map(_of_message_id, ids)
    kind = "".join(_texts(nodes, "error_Type")[:1])
    if not kind:  # the number beside an ID that only the provider can read is as much its own
        kind = "HRESULT" if all(map(_MESSAGE_ID.fullmatch, filter(None, ids))) else ""
    yield from (_typed(kind, _number(text)) for text in numbers)
    wsman = [_number(node.attributes.get("Code", "")) for node in nodes if node.name == "WSManFault"]
    yield from reversed(wsman)  # the innermost comes last in the document, and it is the provider's own
    yield from map(_number, _texts(nodes, "StatusCode"))
    for node in nodes:
        yield from _hresults(node.text)


def _texts(nodes: list[FaultNode], name: str) -> list[str]:
    return [node.text for node in nodes if node.name == name]


def _of_message_id(text: str) -> int:
    """The code in a MessageID; 0 for one that only its provider can read, such as "StorageWMI 5"."""
    found = _MESSAGE_ID.fullmatch(text)
    if found is None:
        return next(_hresults(text), 0)
    number = found.group(2)
    return _typed(found.group(1), int(number, 16 if number[:2] in ("0x", "0X") else 10))


def _typed(kind: str, number: int) -> int:
    """A number of some kind as a HRESULT; 0 for no number and for a kind nobody knows."""
    match kind.upper():
        case "HRESULT":
            return number & 0xFFFFFFFF
        case "WIN32" | "WINDOWS SYSTEM ERROR":
            return _WIN32_FACILITY | number if 0 < number <= _WIN32_MAX else number & 0xFFFFFFFF
        case "MI" | "MI RESULT":
            return _OF_MI.get(number, _MI_FAILED) if number else 0
    return 0


def _hresults(text: str) -> Iterator[int]:
    return (int(found, 16) for found in _HRESULT.findall(text))


def _number(text: str) -> int:
    """Decimal text as an unsigned 32-bit number; 0, which is never an error code, for anything else."""
    try:
        return int(text) & 0xFFFFFFFF
    except ValueError:
        return 0


def _text(nodes: list[FaultNode]) -> str:
    """The most specific words: the innermost message, then the reason WS-Management gives."""
    for names in (("Message", "ProviderFault"), ("error_WindowsErrorMessage",), ("Text",)):
        spoken = [node.text for node in nodes if node.name in names and node.text]
        if spoken:
            return spoken[-1]
    return ""


def _subcode(nodes: list[FaultNode]) -> str:
    """Local name of the fault's subcode, such as TimedOut or AccessDenied; "" when there is none."""
    values = [node.text for node in nodes if node.name == "Value"]
    return values[1].rpartition(":")[2] if len(values) > 1 else ""


__all__ = ["TIMED_OUT", "UNREPORTABLE_SUCCESS", "Fault", "FaultNode", "read_fault"]
