# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the relevant code and text in a SOAP fault.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

WinRM 1.1 and 2.0 nest WSManFault elements: the plug-in's is the outer one, the provider's the inner one. WinRM 3.0 and later send
one MSFT_WmiError. Both can contain a code of WS-Management (0x80338xxx) in addition to the HRESULT of the provider, which is the
useful one. No public capture of a fault of a licensing method exists. Therefore the search is permissive, and reads every known
element in a fixed order.

A MSFT_WmiError contains the type of its number: a HRESULT, a Win32 error, a result of the management infrastructure (MI), or a
number of the provider. 5 means "access denied" for Win32 and "invalid class" for MI, so each number is converted to a HRESULT by type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TIMED_OUT = 2150858793
"""0x80338029: the operation took longer than the OperationTimeout of its request. The operation might still be running."""

INVALID_CONTEXT = 0x8033801B
"""The machine does not know the enumeration: WinRM restarted between two pages, or the enumeration expired."""

UNREPORTABLE_SUCCESS = 0x8033804D
"""The operation was carried out, but its response is too large to be sent."""

_WSMAN_CODES = range(0x80338000, 0x80339000)
_HRESULT = re.compile(r"HRESULT\s+0x([0-9A-Fa-f]{8})")
_MESSAGE_ID = re.compile(r"(HRESULT|WIN32|Windows System Error|MI RESULT)\s+(0[xX][0-9A-Fa-f]{1,8}|[0-9]{1,10})", re.IGNORECASE)
_UNSPECIFIED = 0x80004005  # E_FAIL: the code that Windows uses if it does not have a specific code
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
    """An element of the fault: local names of the tag and the attributes, and the parts of its text."""

    name: str
    attributes: dict[str, str]
    texts: list[str]

    @property
    def text(self) -> str:
        """Return the text without line breaks and indentation."""
        return " ".join("".join(self.texts).split())


@dataclass(frozen=True)
class Fault:
    """An error response. `code` is unsigned 32 bit: the HRESULT of the provider, or the code of WS-Management if there is no HRESULT."""

    code: int
    text: str
    subcode: str

    @property
    def timed_out(self) -> bool:
        """Return whether the machine stopped waiting; the operation might still be running."""
        return self.code == TIMED_OUT


def read_fault(nodes: list[FaultNode]) -> Fault:
    """Return a fault from its elements in document order."""
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
    # The CIM status is only a category. Any other code, including one of WS-Management, is more specific.
    return fallback or next((_typed("MI", _number(text)) for text in _texts(nodes, "CIMStatusCode")), 0) or _UNSPECIFIED


def _candidates(nodes: list[FaultNode]) -> Iterator[int]:
    """Yield every code of the fault, those of the provider first; 0 means that an element has no code."""
    ids, numbers = _texts(nodes, "MessageID"), _texts(nodes, "error_Code")
    yield from map(_of_message_id, ids)
    kind = "".join(_texts(nodes, "error_Type")[:1])
    if not kind:  # next to a MessageID that only the provider can interpret, the number also belongs to the provider
        kind = "HRESULT" if all(map(_MESSAGE_ID.fullmatch, filter(None, ids))) else ""
    yield from (_typed(kind, _number(text)) for text in numbers)
    wsman = [_number(node.attributes.get("Code", "")) for node in nodes if node.name == "WSManFault"]
    yield from reversed(wsman)  # the innermost element is the last one in the document, and belongs to the provider
    yield from map(_number, _texts(nodes, "StatusCode"))
    for node in nodes:
        yield from _hresults(node.text)


def _texts(nodes: list[FaultNode], name: str) -> list[str]:
    return [node.text for node in nodes if node.name == name]


def _of_message_id(text: str) -> int:
    """Return the code in a MessageID, or 0 for one that only its provider can interpret, such as "StorageWMI 5"."""
    found = _MESSAGE_ID.fullmatch(text)
    if found is None:
        return next(_hresults(text), 0)
    number = found.group(2)
    return _typed(found.group(1), int(number, 16 if number[:2] in ("0x", "0X") else 10))


def _typed(kind: str, number: int) -> int:
    """Return a number of the given type as a HRESULT, or 0 for an unknown type."""
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
    """Return a decimal text as an unsigned 32-bit number, or 0, which is never an error code, for any other text."""
    try:
        return int(text) & 0xFFFFFFFF
    except ValueError:
        return 0


def _text(nodes: list[FaultNode]) -> str:
    """Return the most specific text: the innermost message, or the reason of WS-Management."""
    for names in (("Message", "ProviderFault"), ("error_WindowsErrorMessage",), ("Text",)):
        found = [node.text for node in nodes if node.name in names and node.text]
        if found:
            return found[-1]
    return ""


def _subcode(nodes: list[FaultNode]) -> str:
    """Return the local name of the subcode, such as TimedOut or AccessDenied, or "" if the fault does not have one."""
    values = [node.text for node in nodes if node.name == "Value"]
    return values[1].rpartition(":")[2] if len(values) > 1 else ""


__all__ = ["INVALID_CONTEXT", "TIMED_OUT", "UNREPORTABLE_SUCCESS", "Fault", "FaultNode", "read_fault"]
