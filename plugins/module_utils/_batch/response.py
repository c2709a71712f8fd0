# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the responses of the batch activation service, which are not trusted.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Document types, entities, great depth, and a great number of elements are rejected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, NoReturn

from .. import _phone
from .._strict_xml import parse, strict_parser
from .._visible import visible
from . import protocol
from .errors import ServiceError
from .message import Question

MOST_ELEMENTS, DEEPEST = 2000, 24
_LONGEST_COUNT = 9
_LONGEST_SHOWN = 200
_CODE = re.compile(r"(?:0x)?([0-9A-Fa-f]{1,8})")
_SERVICE, _INNER, _SOAP = (
    f"{namespace} " for namespace in (protocol.SERVICE_NAMESPACE, protocol.RESPONSE_NAMESPACE, protocol.SOAP_NAMESPACE)
)


class Element(NamedTuple):
    """An element without children, or with them: its name with its namespace, and its own text."""

    name: str
    text: str


class Answer(NamedTuple):
    """The answer to a question: a confirmation ID, or the number of remaining activations."""

    confirmation_id: str = ""
    remaining: int | None = None


def read_answer(document: bytes, question: Question) -> Answer:
    """Return the answer in a response. Raises ServiceError for an error code, a SOAP fault, and everything that is not an answer."""
    outer = _elements(document)
    _raise_fault(outer)
    texts = _texts(outer, f"{_SERVICE}ResponseXml")
    if len(texts) != 1:
        raise _invalid("it does not contain one ResponseXml")
    inner = _elements(texts[0].strip().encode())
    _raise_code(inner)
    if _texts(inner, f"{_INNER}ResponseType") != [str(question.request_type)]:
        raise _invalid(f"its ResponseType is not {question.request_type}")
    _compare(inner, question)
    return Answer(confirmation_id=_confirmation_id(inner)) if question.installation_id else Answer(remaining=_remaining(inner))


def fault_in(document: bytes) -> str:
    """Return the text of a SOAP fault, or an empty text if the document does not have one."""
    try:
        _raise_fault(_elements(document))
    except ServiceError as error:
        return error.detail if error.error_code == "service_fault" else ""
    return ""


def _raise_fault(elements: Sequence[Element]) -> None:
    if any(element.name == f"{_SOAP}Fault" for element in elements):
        words = next((text for element, text in elements if element in ("faultstring", f"{_SOAP}faultstring")), "")
        raise ServiceError("service_fault", _shown(words))


def _raise_code(elements: Sequence[Element]) -> None:
    for text in _texts(elements, f"{_INNER}ErrorCode"):
        if text:
            raise ServiceError(_code(text))


def _code(text: str) -> str:
    """Return an error code in the form 0x7F."""
    found = _CODE.fullmatch(text)
    if not found:
        raise _invalid(f"its ErrorCode is {_shown(text)!r}")
    return f"0x{int(found[1], 16):02X}"


def _compare(elements: Sequence[Element], question: Question) -> None:
    """Raise ServiceError for an answer to another question."""
    for text in _texts(elements, f"{_INNER}IID"):
        if text and text != question.installation_id:
            raise _invalid("it is for another installation ID")


def _confirmation_id(elements: Sequence[Element]) -> str:
    found = [text for text in _texts(elements, f"{_INNER}CID") if text]
    if len(found) != 1:
        raise _invalid("it does not contain one confirmation ID")
    try:
        digits = _phone.digits_of(found[0])
    except ValueError:
        raise _invalid("its confirmation ID does not consist of digits") from None
    if len(digits) != _phone.SINCE_VISTA:
        raise _invalid(f"its confirmation ID has {len(digits)} digits instead of {_phone.SINCE_VISTA}: {_shown(digits)}")
    return digits


def _remaining(elements: Sequence[Element]) -> int:
    found = _texts(elements, f"{_INNER}ActivationRemaining")
    if len(found) != 1 or not (found[0].isascii() and found[0].isdigit() and len(found[0]) <= _LONGEST_COUNT):
        raise _invalid("it does not contain one number of remaining activations")
    return int(found[0])


def _texts(elements: Sequence[Element], name: str) -> list[str]:
    return [element.text.strip() for element in elements if element.name == name]


def _invalid(reason: str) -> ServiceError:
    return ServiceError("response_invalid", f"The response is not usable: {reason}.")


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return visible(line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}...")


def _refuse(*_: object) -> NoReturn:
    raise _invalid("it declares a document type or an entity")


def _elements(document: bytes) -> list[Element]:
    """Return all elements of a document, in the order of their ends."""
    reader = _Reader()
    try:
        problem = parse(reader.parser, document)
    finally:
        reader.close()
    if problem:
        raise _invalid(f"it is not well-formed XML ({_shown(problem)})")
    return list(reader.found())


class _Reader:
    """Collects the elements of a document within limits."""

    def __init__(self) -> None:
        self._open: list[tuple[str, list[str]]] = []
        self._closed: list[Element] = []
        self.parser = strict_parser(_refuse, " ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def close(self) -> None:
        """Release the parser, whose handlers refer to this object."""
        del self.parser

    def found(self) -> Iterator[Element]:
        """Yield the elements."""
        yield from self._closed

    def _start(self, name: str, _attributes: object) -> None:
        if len(self._open) >= DEEPEST or len(self._open) + len(self._closed) >= MOST_ELEMENTS:
            raise _invalid("it has too many elements")
        self._open.append((name, []))

    def _end(self, _name: str) -> None:
        name, texts = self._open.pop()
        self._closed.append(Element(name, "".join(texts)))

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1][1].append(text)
