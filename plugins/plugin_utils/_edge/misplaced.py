# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in the wrong place of a task: in a misspelled option, in another option, or as the name of an option.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .redact import is_mapping, resembles_key

SHORTEST_SECRET = 8
"""Minimum length of a secret: hiding a shorter value would hide parts of other words."""


def misplaced_secrets(arguments: Mapping[str, Any], options: Collection[str]) -> Iterator[str]:
    """Yield the values of unknown options, which might be misspelled, and every value or name that looks like a product key."""
    for name, value in arguments.items():
        texts = list(texts_in(value))
        yield from texts if name not in options else filter(resembles_key, texts)
        yield from filter(resembles_key, names_in({name: value}))


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text in a value, at any depth."""
    if is_mapping(value):
        value = list(value.values())
    if isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from texts_in(item)
    else:
        yield str(value).strip()


def names_in(value: Any) -> Iterator[str]:
    """Yield every key of a dictionary in a value, at any depth."""
    if is_mapping(value):
        yield from map(str, value)
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from names_in(item)


__all__ = ["SHORTEST_SECRET", "misplaced_secrets", "names_in", "texts_in"]
