# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML from machines and files, which is not trusted: one parser for all of it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Document types, and with them all entities, are refused, and so is everything but UTF-8. Readers bound size and depth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn
from xml.parsers import expat

_ERRORS = (expat.ExpatError, UnicodeError)


def strict_parser(refuse: Callable[..., NoReturn], namespaces: str | None = None) -> expat.XMLParserType:
    """A parser that calls `refuse`, which raises, for a document type or an entity.

    With `namespaces`, names are those of the namespace and of the element with this text between them.
    """
    parser = expat.ParserCreate("utf-8", namespaces)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    return parser


def parse(parser: expat.XMLParserType, document: bytes) -> str | None:
    """Send a whole document through a parser; why it is no XML, None when it is.

    Raises what the handlers raise. Whoever has the parser lets go of it afterwards: its handlers point back there, and without that only
    the garbage collector frees the document.
    """
    if b"\0" in document:  # of UTF-16, which expat takes although it is told UTF-8
        return "it is not UTF-8"
    try:
        parser.Parse(document, True)
    except _ERRORS as error:
        return str(error)
    return None


__all__ = ["parse", "strict_parser"]
