# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks product keys: only the last five characters of each text that looks like a product key are kept.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Two patterns count as a product key, in ASCII and in any other form of the same letters and digits, such as fullwidth:

* five groups of five letters or digits with any type of dash between them. The groups can contain any letter, because a key with a
  typing error also reveals the real key;
* 25 characters of the key alphabet in five groups with up to six other characters, or an encoded one such as %2D, between them, or
  without separators as one word. At least one letter must not be hexadecimal, so that hashes, thumbprints, and counters are kept.

GUIDs (8-4-4-4-12), product IDs (5-5-5-5), and installation IDs (groups of six or seven digits) match neither pattern. A list matches the
second pattern only if each of its items has five characters of the key alphabet, and the number of items is a multiple of five.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeGuard

KEY_LENGTH = 25
KEY_ALPHABET = frozenset("BCDFGHJKMNPQRTVWXY2346789bcdfghjkmnpqrtvwxy")
_MOST_TYPING_ERRORS = 2

_DASH = r"[ \t]{0,2}[-\u00ad\u2010-\u2015\u2212\ufe63\uff0d][ \t]{0,2}"
_KEY_CHARACTER = "[BCDFGHJKMNPQRTVWXYbcdfghjkmnpqrtvwxy2346789]"
_GROUP = f"{_KEY_CHARACTER}{{5}}"
_ENCODED = r"(?i:%(?:25)*[2-7][0-9a-f]|&(?:amp;)*(?:#\d{1,5}|#x[0-9a-f]{1,5}|[a-z]{2,6});|\\(?:[abfnrtv]|x[0-9a-f]{2}|u[0-9a-f]{4}))"
# The items of a YAML list are not groups of one key: a list can contain the last five characters of several keys.
_BETWEEN = rf"(?:{_ENCODED}|(?!\n *- )[\W_]{{0,6}})"
_BEYOND_HEX = re.compile("[G-Zg-z]")
_HIDDEN = "XXXXX"
_NO_MAPPINGS = (str, bytes, int, float, type(None), list, tuple)
_SHORTEST = 25
"""Minimum length of a text with a full key. Most texts in a result are shorter."""

# With six groups, the key can start with the first or the second group: a text longer than a key is hidden completely.
_DASHED = re.compile(rf"[A-Za-z0-9]{{5}}(?:{_DASH}[A-Za-z0-9]{{5}}){{4,}}")
_SPACED = re.compile(rf"(?<![A-Za-z0-9]){_GROUP}(?:[ \t._]?{_GROUP}){{4}}(?![A-Za-z0-9])")
_WIDE = re.compile(rf"(?<![A-Za-z0-9]){_GROUP}(?:{_BETWEEN}{_GROUP}){{4,}}(?![A-Za-z0-9])")
_DASHES_ONLY = re.compile(_DASH)
_NEXT_GROUP = re.compile(rf"{_BETWEEN}({_GROUP})")


def mask_keys(text: str) -> str:
    """Return the text with every full product key reduced to ``XXXXX-XXXXX-XXXXX-XXXXX-`` and its last five characters.

    A text without a key is returned as the same object, so that it keeps the tags of Ansible.
    """
    if len(text) < _SHORTEST:
        return text
    for shape, mask in ((_DASHED, _mask_dashed), (_SPACED, _mask_spaced), (_WIDE, _mask_wide)):
        plain = in_plain_letters(text)
        text = replaced(text, [(found.start(), found.end(), mask(found.group())) for found in shape.finditer(plain)])
    return text


def mask_deep(value: Any) -> Any:
    """Return the same structure with :func:`mask_keys` applied to every text, including the keys of mappings."""
    return map_texts(value, mask_keys)


def map_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return the same structure with `change` applied to every text, including the keys of mappings.

    Mappings, lists, tuples, sets, and bytes are processed at any depth; other values are returned as they are.
    If two mapping keys become equal, a number is appended to the second one.
    """
    if isinstance(value, str):
        return change(value)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, (bytes, bytearray)):
        text = bytes(value).decode("utf-8", "surrogateescape")
        return type(value)(change(text).encode("utf-8", "surrogateescape"))
    if is_mapping(value):
        return _map_mapping(value.items(), change)
    for kind in (list, tuple, set, frozenset):
        if isinstance(value, kind):
            return kind(map_texts(item, change) for item in value)
    return value


def is_mapping(value: Any) -> TypeGuard[Mapping[Any, Any]]:
    """Return isinstance(value, Mapping), without that slow check for common types.

    For a type that was not checked before, Python checks every subclass of Mapping, and each worker process would repeat that.
    """
    return isinstance(value, dict) or (not isinstance(value, _NO_MAPPINGS) and isinstance(value, Mapping))


def resembles_key(text: str) -> bool:
    """Return whether a text is a product key with one or two typing errors, or with other characters between its groups.

    This is for the options of a task: a text that contains more than the key does not match.
    """
    characters = [character for character in in_plain_letters(text) if character.isalnum()]
    if not KEY_LENGTH - 4 <= len(characters) <= KEY_LENGTH + 4:
        return False
    foreign = sum(character not in KEY_ALPHABET for character in characters)
    return foreign <= _MOST_TYPING_ERRORS and _BEYOND_HEX.search("".join(characters)) is not None


def in_plain_letters(text: str) -> str:
    """Return the text, with the same length, with letters and digits in plain form: fullwidth, mathematical, and circled become ASCII."""
    return text if text.isascii() else "".join(map(_plain, text))


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    normal = unicodedata.normalize("NFKC", character)
    return normal if len(normal) == 1 else character


def _map_mapping(items: Iterable[tuple[Hashable, Any]], change: Callable[[str], str]) -> dict[Hashable, Any]:
    result: dict[Hashable, Any] = {}
    for key, value in items:
        changed = map_texts(key, change)
        number = 2
        while changed in result:
            changed = f"{map_texts(key, change)} ({number})"
            number += 1
        result[changed] = map_texts(value, change)
    return result


def replaced(text: str, changes: Iterable[tuple[int, int, str]]) -> str:
    """Return the text with replacements, each given as start, end, and new text; the same object if nothing changes."""
    pieces, end = [], 0
    for start, stop, new in changes:
        pieces += [text[end:start], new]
        end = stop
    if not pieces:
        return text
    changed = "".join([*pieces, text[end:]])
    return text if changed == text else changed


def _mask_dashed(found: str) -> str:
    groups = _DASHES_ONLY.split(found)
    if len(groups) > 5:
        return "-".join([_HIDDEN] * len(groups))
    return _masked(groups[-1])


def _mask_spaced(found: str) -> str:
    return _masked(found[-5:]) if _BEYOND_HEX.search(found) else found


def _mask_wide(found: str) -> str:
    """Mask one key, or several consecutive keys; a list of other texts of five characters and hexadecimal numbers are kept."""
    groups = list(_places_of_groups(found))
    if len(groups) % 5 or len(found) == 5 * len(groups) or not _BEYOND_HEX.search(found):
        return found
    keys = [groups[first : first + 5] for first in range(0, len(groups), 5)]
    return replaced(found, [(key[0][0], key[-1][1], _masked(found[slice(*key[-1])])) for key in keys])


def _places_of_groups(found: str) -> Iterator[tuple[int, int]]:
    position = 0
    while group := _NEXT_GROUP.match(found, position):
        position = group.end()
        yield group.span(1)


def _masked(partial_product_key: str) -> str:
    return "-".join([_HIDDEN] * 4 + [partial_product_key])
