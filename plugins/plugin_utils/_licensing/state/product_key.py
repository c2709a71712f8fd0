# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A product key that does not show itself.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import Any, NoReturn

ALPHABET = frozenset("BCDFGHJKMNPQRTVWXY2346789")
_GROUPS = 5
_GROUP_LENGTH = 5


class ProductKey:
    """The 25 characters of a product key; everything but :meth:`reveal` shows only the last five.

    The last five are what Windows itself shows (PartialProductKey), so they are no secret.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        """Take a key as a person writes it: five groups of five, any case, blanks around it ignored.

        Raises ValueError, whose text says what is wrong and never repeats the key.
        """
        self.__text = _normalize(text)

    @classmethod
    def parse(cls, text: str) -> ProductKey:
        """The same as calling the class; raises ValueError."""
        return cls(text)

    def reveal(self) -> str:
        """The full key, for the body of the request that installs it and for nothing else."""
        return self.__text

    @property
    def partial_product_key(self) -> str:
        """The part Windows shows as PartialProductKey."""
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
        raise TypeError("a product key is not written to files or caches")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a product key is not written to files or caches")


def _normalize(text: str) -> str:
    candidate = "".join(text.split()).upper()
    strangers = sorted(set(candidate) - ALPHABET - {"-"})
    if strangers:
        named = ", ".join(repr(letter) for letter in strangers[:5])
        # With blanks between them, because 25 of them in a row look like a product key themselves.
        raise ValueError(f"a product key has no {named}: only the letters and digits {' '.join(sorted(ALPHABET))} occur in one")
    lengths = [len(group) for group in candidate.split("-")]
    if lengths != [_GROUP_LENGTH] * _GROUPS:
        found = ", ".join(str(length) for length in lengths)
        raise ValueError(f"a product key has five groups of five characters joined by hyphens; this one has groups of {found}")
    return candidate
