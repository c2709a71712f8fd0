# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the products in a Computer Information List (CIL) of VAMT.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Tolerant in what it reads: namespaces, the order, unknown elements, and whether a value is an attribute or an element do not matter.
Strict in safety: document types are rejected, the depth is limited, and every text is searched for a full product key, also one that is
not used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NoReturn

from ....module_utils._strict_xml import parse, strict_parser
from ..keys import HOLDS_A_KEY, holds_key
from ..problems import FullProductKeyError, InvalidFieldError, ProxyError

ROOT = "SoftwareLicensingData"
GUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DEEPEST = 32
_BEGIN = 64 * 1024
_SEPARATOR = " "

_COMPUTER, _PRODUCT, _SKU = "computer", "product", "sku"
_KEY_ITSELF = "product_key"
_FIELDS = {
    "installationid": "installation_id",
    "offlineinstallationid": "installation_id",
    "iid": "installation_id",
    "confirmationid": "confirmation_id",
    "cid": "confirmation_id",
    "productid": "extended_pid",
    "productkeyid": "extended_pid",
    "extendedpid": "extended_pid",
    "extendedproductid": "extended_pid",
    "pid": "extended_pid",
    "skuid": "activation_id",
    "activationid": "activation_id",
    "productname": "product_name",
    "applicationid": "application_id",
    "partialproductkey": "partial_product_key",
    "productkey": _KEY_ITSELF,
}
"""Fields of a product by the names that VAMT might use. Its help names the fields, and not all of the elements."""

_OF_SKU = {"id": "activation_id", "name": "product_name"}
_ABBREVIATED = ("iid", "cid")
"""Names that could also be those of other IDs, so that only digits are taken."""

_NEEDED_ONCE = ("installation_id", "confirmation_id")
# What an element for a product key can contain: nothing, the last five characters, an ID, or a masked key.
_NO_KEY = re.compile(
    r"\W*|[A-Za-z0-9]{1,5}|\{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?|[\d.-]+|(?:[X*]{5}-){4}[A-Za-z0-9]{5}"
)

_MIGHT_BE_A_KEY = "is longer than the last five characters of a product key. Remove it, or export the list without product keys."


@dataclass
class Product:
    """A product of a computer: texts by field, as they were written."""

    where: str
    computer_name: str = ""
    computer_id: str = ""
    texts: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """Return the text of a field; empty if the product does not have it."""
        return self.texts.get(name, "")

    @property
    def has_id(self) -> bool:
        """Whether the product has an installation ID or a confirmation ID."""
        return any(self.get(name) for name in _NEEDED_ONCE)


@dataclass
class _Element:
    """An element that is being read: its names, in the document and for comparisons, and its own text."""

    title: str
    name: str
    line: int
    text: list[str] = field(default_factory=list)


class _RootFoundError(Exception):
    """Ends the search for the first element."""


def _refuse(*_arguments: object) -> NoReturn:
    raise ProxyError("the file declares a document type or an entity. Remove the declaration.")


def _local(name: str) -> tuple[str, str]:
    """Return the namespace and the local name."""
    namespace, _separator, local = name.rpartition(_SEPARATOR)
    return namespace, local


def _digits(text: str) -> str:
    """Return an ID without the separators between its groups."""
    return re.sub(r"[\s-]", "", text)


@lru_cache(maxsize=1024)
def _compared(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


class CilReader:
    """Reader of one list. The products are complete only after the whole list, as their computer can be named after them."""

    def __init__(self) -> None:
        self._parser = strict_parser(_refuse, _SEPARATOR)
        self._path: list[_Element] = []
        self._found: list[Product] = []
        self._computers = 0
        self._computer: list[Product] = []
        self._name_and_id: dict[str, str] = {}
        self._product: Product | None = None

    @staticmethod
    def root_of(text: str) -> str | None:
        """Return the name of the first element, or None if the beginning of the text does not contain one."""
        names: list[str] = []

        def stop(name: str, _attributes: Mapping[str, str]) -> NoReturn:
            names.append(_local(name)[1])
            raise _RootFoundError

        parser = strict_parser(_refuse, _SEPARATOR)
        parser.StartElementHandler = stop
        try:
            parse(parser, text[:_BEGIN].removeprefix("\ufeff").lstrip().encode("utf-8", "replace"))
        except _RootFoundError:
            return names[0]
        return None

    def read(self, text: str) -> list[Product]:
        """Return the products in the order of the list. Raises ProxyError. A reader reads only once."""
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        try:
            problem = parse(self._parser, text.removeprefix("\ufeff").lstrip().encode("utf-8", "surrogatepass"))
        finally:
            del self._parser
        if problem:
            raise ProxyError(f"the list of VAMT is not well-formed XML: {problem}. Export it again.")
        self._complete()  # products outside of a computer
        return self._found

    def _start(self, qualified: str, attributes: Mapping[str, str]) -> None:
        namespace, title = _local(qualified)
        element = _Element(title, _compared(title), self._parser.CurrentLineNumber)
        if len(self._path) >= DEEPEST:
            raise ProxyError(f"line {element.line} of the list of VAMT has more than {DEEPEST} elements inside each other.")
        _check_name(title, element.line)
        if self._path:
            self._begin(element.name)
        self._path.append(element)
        for name, value in attributes.items():
            of_namespace, local = _local(name)
            _check_name(local, element.line)
            _check(value, f"attribute {local[:40]!r} of the element <{title[:40]}>", _compared(local), element.line)
            if of_namespace in ("", namespace):
                self._take(_compared(local), value, element.name)

    def _begin(self, name: str) -> None:
        if name == _COMPUTER and self._product is None:
            self._computers += 1
            self._computer, self._name_and_id = [], {}
        elif name == _PRODUCT and self._product is None:
            self._product = Product(f"computer {self._computers}, product {len(self._computer) + 1}")

    def _characters(self, text: str) -> None:
        self._path[-1].text.append(text)

    def _end(self, _qualified: str) -> None:
        element = self._path.pop()
        text = "".join(element.text)
        _check(text, f"element <{element.title[:40]}>", element.name, element.line)
        if self._path and text.strip():
            self._take(element.name, text, self._path[-1].name)
        if element.name == _PRODUCT and _PRODUCT not in (outer.name for outer in self._path):
            self._computer += [self._product] if self._product else []
            self._product = None
        elif element.name == _COMPUTER and self._product is None:
            self._complete()

    def _complete(self) -> None:
        for product in self._computer:
            product.computer_name = self._name_and_id.get("name", "")
            product.computer_id = self._name_and_id.get("id", "")
        self._found += self._computer
        self._computer, self._name_and_id = [], {}

    def _take(self, name: str, text: str, holder: str) -> None:
        """Keep a value if its name is known; `holder` is the element that has it."""
        if self._product is None:
            if holder == _COMPUTER and name in ("name", "id"):
                self._name_and_id.setdefault(name, text)
            return
        known = _OF_SKU.get(name) if holder == _SKU else None
        known = known or _FIELDS.get(name)
        value = text.strip()
        if not known or not value or (name in _ABBREVIATED and not _digits(value).isdigit()):
            return
        if known in _NEEDED_ONCE and _digits(self._product.texts.get(known, value)) != _digits(value):
            raise InvalidFieldError(self._product.where, known, "the product contains two different values. Export the list again")
        self._product.texts.setdefault(known, value)


def _check(text: str, place: str, name: str, line: int) -> None:
    """Raise FullProductKeyError for a full product key, and for any other long text where a product key belongs."""
    if holds_key(text):
        raise FullProductKeyError(f"{place} in line {line} {HOLDS_A_KEY}")
    if _FIELDS.get(name) == _KEY_ITSELF and not _NO_KEY.fullmatch(text.strip()):
        raise FullProductKeyError(f"{place} in line {line} {_MIGHT_BE_A_KEY}")


def _check_name(name: str, line: int) -> None:
    if holds_key(name):
        raise FullProductKeyError(f"a name in line {line} {HOLDS_A_KEY}")
