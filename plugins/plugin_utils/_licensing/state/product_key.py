# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A product key that is masked in every text.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import Any, NoReturn

ALPHABET = frozenset("BCDFGHJKMNPQRTVWXY2346789")
_GROUPS = 5
_GROUP_LENGTH = 5


class ProductKey:
    """The 25 characters of a product key. Only :meth:`reveal` returns all of them, every other method only the last five.

    Windows also shows the last five characters (PartialProductKey), so they are not secret.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        """Parse a key with five groups of five characters. Ignores case and spaces.

        Raises ValueError with a message that describes the problem and does not contain the key.
        """
        self.__text = _normalize(text)

    @classmethod
    def parse(cls, text: str) -> ProductKey:
        """Return the key. Raises ValueError as the constructor does."""
        return cls(text)

    def reveal(self) -> str:
        """Return the full key. Use it only in the body of the request that installs the key."""
        return self.__text

    @property
    def partial_product_key(self) -> str:
        """The last five characters, which Windows shows as PartialProductKey."""
        return self.__text[-_GROUP_LENGTH:]

    def __repr__(self) -> str:
        return f"ProductKey(ending in {self.partial_product_key})"

    def __str__(self) -> str:
        return "-".join(["*" * _GROUP_LENGTH] * (_GROUPS - 1) + [self.partial_product_key])

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ProductKey) and other.__text == self.__text

    def __hash__(self) -> int:
        return hash(self.__text)

    def __copy__(self) -> ProductKey:
        return self

    def __deepcopy__(self, _memo: dict[int, Any]) -> ProductKey:
        return self

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a product key must not be written to files or caches")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a product key must not be written to files or caches")


def _normalize(text: str) -> str:
    candidate = "".join(text.split()).upper()
    invalid = sorted(set(candidate) - ALPHABET - {"-"})
    if invalid:
        named = ", ".join(repr(letter) for letter in invalid[:5])
        # Separated by spaces, because 25 characters in a row look like a product key.
        raise ValueError(f"a product key does not contain {named}: the allowed letters and digits are {' '.join(sorted(ALPHABET))}")
    lengths = [len(group) for group in candidate.split("-")]
    if lengths != [_GROUP_LENGTH] * _GROUPS:
        found = ", ".join(str(length) for length in lengths)
        raise ValueError(f"a product key has five groups of five characters with hyphens between them, but this one has groups of {found}")
    return candidate
