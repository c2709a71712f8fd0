# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read and write records as XML: a list of computers with their installation IDs, similar to the lists of VAMT.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A file can come from any source. Document types, and therefore all entities, are rejected, and the depth is limited.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NoReturn
from xml.sax.saxutils import escape, quoteattr

from ....module_utils._strict_xml import parse, strict_parser
from ..model import EXTRA, ProxyRecord, Row, field_named
from ..problems import InvalidFieldError, ProxyError

ROOT, ITEM = "computer_information_list", "computer"
VERSION = "1"
_NAME = "name"


def write(records: Sequence[ProxyRecord]) -> str:
    """Return the records as one text, with an element for each field, in the order of the columns of a table."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{ROOT} version="{VERSION}">']
    for record in records:
        lines += [f"  <{ITEM}>", *_elements(record), f"  </{ITEM}>"]
    return "\n".join([*lines, f"</{ROOT}>", ""])


def _elements(record: ProxyRecord) -> Iterator[str]:
    for name, value in record.as_written().items():
        yield f"    <{name}>{escape(value)}</{name}>"
    for title, value in record.extra:
        yield f"    <{EXTRA} {_NAME}={quoteattr(title)}>{escape(value)}</{EXTRA}>"


def rows(text: str) -> Iterator[Row]:
    """Yield the records of a file before validation. Raises ProxyError."""
    reader = _XmlReader()
    try:
        problem = parse(reader.parser, text.removeprefix("\ufeff").encode())
    finally:
        reader.close()
    if problem:
        raise ProxyError(f"the file is not well-formed XML: {problem}.")
    yield from reader.rows


def _refuse(*_: object) -> NoReturn:
    raise ProxyError("the file declares a document type or an entity. Remove the declaration.")


@dataclass
class _XmlReader:
    """Reader of the three levels: the list, a computer, and a field of the computer."""

    rows: list[Row] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    title: str = ""

    def __post_init__(self) -> None:
        self.parser = strict_parser(_refuse)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.text.append

    def close(self) -> None:
        """Release the parser, whose handlers refer to this object."""
        del self.parser

    @property
    def _where(self) -> str:
        return f"computer {len(self.rows) + 1}"

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        depth = len(self.path)
        if depth == 0:
            _check_root(name, attributes)
        elif depth == 1:
            self._begin(name)
        elif depth == 2:
            self.title = self._title(name, attributes)
        else:
            raise InvalidFieldError(self._where, self.path[-1], f"the value contains an element <{name[:40]}>, and must be text")
        self.path.append(name)
        self.text.clear()

    def _begin(self, name: str) -> None:
        if name != ITEM:
            raise ProxyError(f"line {self.parser.CurrentLineNumber} contains <{name[:40]}>, and must contain <{ITEM}>.")
        self.values, self.extra = {}, {}

    def _title(self, name: str, attributes: dict[str, str]) -> str:
        """Return the name of the value that begins: a field, or the name attribute of an element for an extra column."""
        title = attributes.get(_NAME, "") if name == EXTRA else field_named(name) or ""
        if not title:
            message = f'a record does not have this element. Write elements of your own as <{EXTRA} {_NAME}="...">'
            raise InvalidFieldError(self._where, name[:40], message)
        if title in (self.extra if name == EXTRA else self.values):
            raise InvalidFieldError(self._where, title, "the record contains this element twice")
        return title

    def _end(self, name: str) -> None:
        self.path.pop()
        depth = len(self.path)
        if depth == 2:
            (self.extra if name == EXTRA else self.values)[self.title] = "".join(self.text)
        elif depth == 1:
            self.rows.append(Row(self._where, self.values, self.extra))


def _check_root(name: str, attributes: dict[str, str]) -> None:
    if name != ROOT:
        raise ProxyError(f"the XML file does not contain records. It begins with <{name[:40]}>, and must begin with <{ROOT}>.")
    if attributes.get("version") != VERSION:
        version = attributes.get("version", "missing")[:20]
        raise ProxyError(f"the version of the file is {version}, and this collection supports version {VERSION}. Update the collection.")
