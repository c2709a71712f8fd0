# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of a report in its languages.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The files `data/texts_LANGUAGE.json` have the same keys and placeholders. A key is a path with dots. A text with a number has two forms,
`one` and `other`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"


class Texts:
    """The texts of one language. Every method raises KeyError for a key that does not exist."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._tree = _tree(language)

    def __call__(self, key: str, **values: Any) -> str:
        """Return the text of a key, with the values in its placeholders."""
        return str(self._at(key)).format(**values)

    def count(self, key: str, number: int) -> str:
        """Return the text of a key for a number, which is its placeholder `count`."""
        forms = self._at(key)
        return str(forms["one" if number == 1 else "other"]).format(count=self.number(number))

    def number(self, number: int) -> str:
        """Return a number with separators between thousands."""
        return f"{number:,}"

    def label(self, group: str, name: str | None) -> str:
        """Return the text for a name that machines report, or the name if this release does not have a text for it."""
        found = self._at(group).get(str(name))
        return str(name) if found is None else str(found["name"] if isinstance(found, Mapping) else found)

    def groups(self, *names: str) -> dict[str, Any]:
        """Return several groups of texts, for the script of a page."""
        return {name: self._at(name) for name in names}

    def _at(self, key: str) -> Any:
        found: Any = self._tree
        for part in key.split("."):
            if not isinstance(found, Mapping):
                raise KeyError(key)
            found = found[part]
        return found


@cache
def _tree(language: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((_DATA / f"texts_{language}.json").read_text(encoding="utf-8"))
    return found


__all__ = ["Texts"]
