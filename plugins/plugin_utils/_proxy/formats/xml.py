# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records as XML that a person can read: a list of computers with their installation IDs, as VAMT's lists have it, in our own words.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

What is read may come from anywhere: document types, and with them all entities, are refused, and depth is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NoReturn
from xml.sax.saxutils import escape, quoteattr

from ..._strict_xml import parse, strict_parser
from ..model import EXTRA, ProxyRecord, Row, field_named
from ..problems import InvalidFieldError, ProxyError

ROOT, ITEM = "computer_information_list", "computer"
VERSION = "1"
_NAME = "name"


def write(records: Sequence[ProxyRecord]) -> str:
    """The records as one text, an element for each field, in the order of the columns of a table."""
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
    """The records of a file as they are there. Raises ProxyError."""
    reader = _Reader()
    try:
        problem = parse(reader.parser, text.removeprefix("\ufeff").encode())
    finally:
        reader.close()
    if problem:
        raise ProxyError(f"it is no well-formed XML: {problem}")
    yield from reader.rows


def _refuse(*_: object) -> NoReturn:
    raise ProxyError("it declares a document type or an entity, which a file of installation IDs never needs")


@dataclass
class _Reader:
    """Follows the three levels: the list, a computer, a field of it."""

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
        """Let go of the parser, whose handlers point back here."""
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
            raise InvalidFieldError(self._where, self.path[-1], f"it holds an element <{name[:40]}>, and has to be text")
        self.path.append(name)
        self.text.clear()

    def _begin(self, name: str) -> None:
        if name != ITEM:
            raise ProxyError(f"line {self.parser.CurrentLineNumber} has <{name[:40]}> where <{ITEM}> has to be")
        self.values, self.extra = {}, {}

    def _title(self, name: str, attributes: dict[str, str]) -> str:
        """The name of the value that begins: a field, or what the attribute of an element for a column of somebody's own says."""
        title = attributes.get(_NAME, "") if name == EXTRA else field_named(name) or ""
        if not title:
            raise InvalidFieldError(self._where, name[:40], f'there is no such element; what is your own goes into <{EXTRA} {_NAME}="...">')
        if title in (self.extra if name == EXTRA else self.values):
            raise InvalidFieldError(self._where, title, "it is there twice")
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
        raise ProxyError(f"this is XML of something else: it begins with <{name[:40]}>, and not with <{ROOT}>")
    if attributes.get("version") != VERSION:
        raise ProxyError(f"its version is {attributes.get('version', 'missing')[:20]}, and this collection knows version {VERSION}")
