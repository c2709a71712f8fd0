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
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TIMED_OUT = 2150858793
"""0x80338029: the operation took longer than the OperationTimeout of its request. It may still be going on."""

_WSMAN_CODES = range(0x80338000, 0x80339000)
_HRESULT = re.compile(r"HRESULT\s+0x([0-9A-Fa-f]{8})")
_UNSPECIFIED = 0x80004005  # E_FAIL: what Windows itself says when it has no better code
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
    if fallback:
        return fallback
    return TIMED_OUT if subcode == "TimedOut" else _UNSPECIFIED


def _candidates(nodes: list[FaultNode]) -> Iterator[int]:
    for node in nodes:
        if node.name == "MessageID":
            yield from _hresults(node.text)
    for node in nodes:
        if node.name == "error_Code":
            yield _number(node.text)
    wsman = [_number(node.attributes.get("Code", "")) for node in nodes if node.name == "WSManFault"]
    yield from reversed(wsman)  # the innermost comes last in the document, and it is the provider's own
    for node in nodes:
        if node.name == "StatusCode":
            yield _number(node.text)
    for node in nodes:
        yield from _hresults(node.text)


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


__all__ = ["TIMED_OUT", "Fault", "FaultNode", "read_fault"]
