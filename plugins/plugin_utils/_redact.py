# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Product keys never leave this collection in full: what looks like one is cut down to its last five characters.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Two shapes count as a product key:

* five groups of five letters or digits with any kind of dash between them. The groups may hold any letter, because a
  key with a typing error gives the real key away just as well;
* 25 characters of the key alphabet in five groups with a blank, dot or underscore between them, or in one piece that
  stands alone. At least one letter beyond hexadecimal is asked for, so that hashes, thumbprints and counters survive.

GUIDs (8-4-4-4-12), product IDs (5-5-5-5) and installation IDs (groups of six or seven digits) have neither shape.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

_DASH = r"[ \t]{0,2}[-\u00ad\u2010-\u2015\u2212\ufe63\uff0d][ \t]{0,2}"
_KEY_CHARACTER = "[BCDFGHJKMNPQRTVWXYbcdfghjkmnpqrtvwxy2346789]"
_BEYOND_HEX = re.compile("[G-Zg-z]")
_HIDDEN = "XXXXX"
_SHORTEST = 25
"""What is shorter holds no full key, and that is most of the texts in a result."""

# A sixth group may be the last of the key as well as the first may be: what is longer than a key is hidden whole.
_DASHED = re.compile(rf"[A-Za-z0-9]{{5}}(?:{_DASH}[A-Za-z0-9]{{5}}){{4,}}")
_LOOSE = re.compile(rf"(?<![A-Za-z0-9]){_KEY_CHARACTER}{{5}}(?:[ \t\u00a0._]?{_KEY_CHARACTER}{{5}}){{4}}(?![A-Za-z0-9])")
_DASHES_ONLY = re.compile(_DASH)


def mask_keys(text: str) -> str:
    """The text with every full product key in it reduced to ``XXXXX-XXXXX-XXXXX-XXXXX-`` and its last five characters.

    Text without a key comes back as the very same object, so that marks Ansible has put on it stay.
    """
    if len(text) < _SHORTEST:
        return text
    masked = _LOOSE.sub(_mask_loose, _DASHED.sub(_mask_dashed, text))
    return text if masked == text else masked


def mask_deep(value: Any) -> Any:
    """The same structure with :func:`mask_keys` applied to every text in it, the keys of mappings included.

    Mappings, lists, tuples, sets and bytes are followed to any depth; what holds no text is returned as it is.
    Two mapping keys that become equal are told apart by a number behind the second one.
    """
    if isinstance(value, str):
        return mask_keys(value)
    if isinstance(value, (bytes, bytearray)):
        text = bytes(value).decode("utf-8", "surrogateescape")
        return type(value)(mask_keys(text).encode("utf-8", "surrogateescape"))
    if isinstance(value, Mapping):
        return _mask_mapping(value.items())
    for kind in (list, tuple, set, frozenset):
        if isinstance(value, kind):
            return kind(mask_deep(item) for item in value)
    return value


def _mask_mapping(items: Iterable[tuple[Hashable, Any]]) -> dict[Hashable, Any]:
    result: dict[Hashable, Any] = {}
    for key, value in items:
        masked = mask_deep(key)
        number = 2
        while masked in result:
            masked = f"{mask_deep(key)} ({number})"
            number += 1
        result[masked] = mask_deep(value)
    return result


def _mask_dashed(match: re.Match[str]) -> str:
    groups = _DASHES_ONLY.split(match.group())
    if len(groups) > 5:
        return "-".join([_HIDDEN] * len(groups))
    return _masked(groups[-1])


def _mask_loose(match: re.Match[str]) -> str:
    found = match.group()
    return _masked(found[-5:]) if _BEYOND_HEX.search(found) else found


def _masked(last_five: str) -> str:
    return "-".join([_HIDDEN] * 4 + [last_five])
