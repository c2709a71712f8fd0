# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A parser for XML from machines and files, which is not trusted.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Document types, and with them all entities, are rejected, and so are all encodings except UTF-8. The readers limit size and depth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn
from xml.parsers import expat

_ERRORS = (expat.ExpatError, UnicodeError)


def strict_parser(refuse: Callable[..., NoReturn], namespaces: str | None = None) -> expat.XMLParserType:
    """Return a parser that calls `refuse`, which must raise, for a document type or an entity.

    With `namespaces`, a name is the namespace and the local name, separated by this text.
    """
    parser = expat.ParserCreate("utf-8", namespaces)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    return parser


def parse(parser: expat.XMLParserType, document: bytes) -> str | None:
    """Parse a complete document. Return why it is not XML, or None if it is.

    Raises the errors of the handlers. The owner must delete the parser afterwards: its handlers refer to the owner, and otherwise
    only the garbage collector frees the document.
    """
    if b"\0" in document:  # in UTF-16, which expat accepts although the encoding is set to UTF-8
        return "it is not UTF-8"
    try:
        parser.Parse(document, True)
    except _ERRORS as error:
        return str(error)
    return None


__all__ = ["parse", "strict_parser"]
