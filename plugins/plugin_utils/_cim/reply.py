# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parse a response: instances, method output, and faults in a SOAP envelope.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The machine that sends the bytes might be hostile. Therefore the parser accepts only UTF-8, rejects document types (and with them all
entities), and limits size and depth. It reads the bytes once, in time linear to their length. It compares only local names, because
an optimized Enumerate response and a Pull response use different namespaces for the same elements, and an instance of a subclass
uses its own namespace.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NoReturn

from ...module_utils._strict_xml import parse, strict_parser
from .faults import Fault, FaultNode, read_fault
from .session import CimInstance, RawValue

MAX_RESPONSE = 1024 * 1024
"""Maximum number of bytes in one response. WinRM keeps the limit of 150 kB in the request, so it never sends that many."""

MAX_ELEMENTS = 50_000
"""Maximum number of elements in one response. 150 kB of instances have about 3,000; an element of 4 bytes takes 100 bytes of memory."""

_MAX_DEPTH = 64
_OF_AN_ELEMENT, _OF_AN_INSTANCE = 100, 200
_WIDE = re.compile(b"[\xf0-\xf4]")


class MalformedReplyError(Exception):
    """The response is not a WS-Management message; the text is the reason, in one line."""


@dataclass(frozen=True)
class Reply:
    """One response. Depending on `kind`, it is a `fault`, an `output`, or a page (`instances`, `context`, `ended`)."""

    kind: str
    """Local name of the first element in the body: EnumerateResponse, PullResponse, Fault, SomeMethod_OUTPUT; "" for an empty body."""
    relates_to: str = ""
    instances: list[CimInstance] = field(default_factory=list)
    context: str = ""
    ended: bool = False
    output: CimInstance | None = None
    fault: Fault | None = None
    weight: int = 0
    """Maximum number of bytes of memory that the instances take."""


def read_reply(response: bytes, projected_as: str = "") -> Reply:
    """Parse one response; `projected_as` is the class name of instances in projections, which do not contain it.

    Raises MalformedReplyError.
    """
    if len(response) > MAX_RESPONSE:
        raise MalformedReplyError(f"it is {len(response)} bytes long, which is more than {MAX_RESPONSE}")
    elements = _elements(response)
    if elements > MAX_ELEMENTS:
        raise MalformedReplyError(f"it has {elements} elements, which is more than {MAX_ELEMENTS}")
    reply = _EnvelopeReader(projected_as).read(response)
    weight = _widest(response) * len(response) + _OF_AN_ELEMENT * elements + _OF_AN_INSTANCE * len(reply.instances)
    return replace(reply, weight=weight)


def expected_weight(response: bytes) -> int:
    """Return the bytes that a response takes when it is parsed.

    Instances with a single value, which Windows does not send, can take three times that.
    """
    return _widest(response) * len(response) + _OF_AN_ELEMENT * _elements(response)


def _elements(response: bytes) -> int:
    return response.count(b"<") - response.count(b"</")


def _widest(response: bytes) -> int:
    """Return the maximum number of bytes that Python uses for a character: one wide character makes the whole text wide."""
    return 1 if response.isascii() else 4 if _WIDE.search(response) else 2


def _refuse_doctype(*_: object) -> NoReturn:
    raise MalformedReplyError("it declares a document type, which SOAP does not allow")


class _EnvelopeReader:
    """Reads the envelope; separate readers process instances, method output, and faults."""

    def __init__(self, projected_as: str) -> None:
        self.parser = strict_parser(_refuse_doctype)
        self.parser.ordered_attributes = True
        self.path: list[str] = []
        self.text: list[str] = []
        self.kind = ""
        self.relates_to = ""
        self.context = ""
        self.ended = False
        self.output: CimInstance | None = None
        self.fault: Fault | None = None
        self.instances: list[CimInstance] = []
        self.items = _RecordReader(self, self._took_item, projected_as)

    def read(self, response: bytes) -> Reply:
        self.resume()
        try:
            problem = parse(self.parser, response)
        finally:
            del self.parser
        if problem:
            raise MalformedReplyError(f"it is not well-formed XML ({problem})")
        return Reply(self.kind, self.relates_to, self.instances, self.context, self.ended, self.output, self.fault)

    def resume(self) -> None:
        """Set the handlers of the parser again, after another reader has finished its element."""
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.text.append

    def _start(self, name: str, _attributes: list[str]) -> None:
        local = name.rpartition(":")[2]
        path = self.path
        depth = len(path)
        if depth == 0 and local != "Envelope":
            raise MalformedReplyError(f"it is a <{local[:40]}> and not a SOAP envelope")
        if depth >= _MAX_DEPTH:
            raise MalformedReplyError("its elements are nested too deeply")
        self.text.clear()
        if depth >= 2 and path[1] == "Body":
            if depth == 2 and not self._enter_body(local):
                return
            if depth == 4 and path[3] == "Items":
                self.items.begin(local)
                return
        path.append(local)

    def _enter_body(self, local: str) -> bool:
        """Store the kind of the body; return False if another reader processes this element."""
        if self.kind:
            return True
        self.kind = local
        if local == "Fault":
            _FaultReader(self, self._took_fault).begin(local)
            return False
        if local.endswith("_OUTPUT"):
            _RecordReader(self, self._took_output, "").begin(local)
            return False
        return True

    def _end(self, _name: str) -> None:
        path = self.path
        local = path.pop()
        depth = len(path)
        if depth == 2 and path[1] == "Header" and local == "RelatesTo":
            self.relates_to = "".join(self.text).strip()
        elif depth == 3 and path[1] == "Body":
            if local == "EnumerationContext":
                self.context = "".join(self.text).strip()
            elif local == "EndOfSequence":
                self.ended = True

    def _took_item(self, instance: CimInstance) -> None:
        self.instances.append(instance)
        self.resume()

    def _took_output(self, instance: CimInstance) -> None:
        self.output = instance
        self.resume()

    def _took_fault(self, nodes: list[FaultNode]) -> None:
        self.fault = read_fault(nodes)
        self.resume()


class _RecordReader:
    """Reads one instance, or the output of one method: an element with one child per value.

    A value is text, NULL (xsi:nil), or a single child such as cim:Datetime; elements of an array are repeated siblings.
    """

    def __init__(self, owner: _EnvelopeReader, finish: Callable[[CimInstance], None], projected_as: str) -> None:
        self.owner = owner
        self.finish = finish
        self.projected_as = projected_as
        self.text: list[str] = []
        self.class_name = ""
        self.depth = 0
        self.null = False
        self.inner: list[str] | None = None
        self.values: dict[str, RawValue] = {}
        self.arrays: dict[str, list[str]] = {}

    def begin(self, local: str) -> None:
        self.class_name = self.projected_as if local == "XmlFragment" else local
        self.values = {}
        self.depth = 0
        parser = self.owner.parser
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.text.append

    def _start(self, _name: str, attributes: list[str]) -> None:
        self.depth += 1
        self.text.clear()
        if self.depth == 1:
            self.inner = None
            self.null = bool(attributes) and _is_nil(attributes)
        elif self.depth > _MAX_DEPTH:
            raise MalformedReplyError("its elements are nested too deeply")

    def _end(self, name: str) -> None:
        depth = self.depth
        self.depth = depth - 1
        if depth == 1:
            self._value(name.rpartition(":")[2])
        elif depth:
            if self.inner is None:
                self.inner = []
            self.inner.extend(self.text)
            self.text.clear()
        else:
            for array, elements in self.arrays.items():
                self.values[array] = tuple(elements)
            self.arrays = {}
            self.finish(CimInstance(self.class_name, self.values))

    def _value(self, name: str) -> None:
        value = None if self.null else "".join(self.text if self.inner is None else self.inner)
        values = self.values
        if name not in values:
            values[name] = value
        elif value is not None:
            first = values[name]
            if name in self.arrays:
                self.arrays[name].append(value)
            elif isinstance(first, str):
                self.arrays[name] = [first, value]
            else:  # the first sibling was NULL, which Windows never sends within an array
                values[name] = value


class _FaultReader:
    """Keeps the elements of a fault as a flat list, because the structure differs between versions of WinRM."""

    def __init__(self, owner: _EnvelopeReader, finish: Callable[[list[FaultNode]], None]) -> None:
        self.owner = owner
        self.finish = finish
        self.nodes: list[FaultNode] = []
        self.open: list[FaultNode] = []

    def begin(self, local: str) -> None:
        self._start(local, [])
        parser = self.owner.parser
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def _start(self, name: str, attributes: list[str]) -> None:
        if len(self.open) >= _MAX_DEPTH:
            raise MalformedReplyError("its elements are nested too deeply")
        pairs = zip(attributes[::2], attributes[1::2], strict=True)
        node = FaultNode(name.rpartition(":")[2], {key.rpartition(":")[2]: value for key, value in pairs}, [])
        self.nodes.append(node)
        self.open.append(node)

    def _end(self, _name: str) -> None:
        self.open.pop()
        if not self.open:
            self.finish(self.nodes)

    def _characters(self, text: str) -> None:
        self.open[-1].texts.append(text)


def _is_nil(attributes: list[str]) -> bool:
    pairs = zip(attributes[::2], attributes[1::2], strict=True)
    return any(name.rpartition(":")[2] == "nil" and value in ("true", "1") for name, value in pairs)


__all__ = ["MAX_RESPONSE", "MalformedReplyError", "Reply", "expected_weight", "read_reply"]
