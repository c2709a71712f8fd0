# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the texts of records safe to show, before any format sees them.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The modules mask product keys in their results, but a record file can come from anywhere, or be edited. In a report, a full product key is
reduced to its last five characters again, and a text is one line of visible characters. A report contains no installation path, account, or
password of Ansible, because a record does not contain them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...module_utils._visible import visible
from .._edge.redact import map_texts, mask_keys
from .._records.merge import MergedRecords
from .._records.model import Record


def cleaned(records: MergedRecords) -> MergedRecords:
    """Return the records with safe texts and names. Different names stay different."""
    clean = cleaner()
    names: dict[str, str] = {}
    taken: set[str] = set()
    for record in records.records:
        names[record.inventory_hostname] = _free(clean(record.inventory_hostname), taken)
    return MergedRecords(
        tuple(Record(names[each.inventory_hostname], each.time, map_texts(each.result, clean)) for each in records.records),
        {names[name]: tuple(clean(source) for source in sources) for name, sources in records.sources.items()},
        frozenset(names[name] for name in records.stale),
    )


def cleaned_value(value: Any) -> Any:
    """Return the same structure, for example the title of a report, with safe texts."""
    return map_texts(value, cleaner())


def cleaner() -> Callable[[str], str]:
    """Return a function that makes a text safe. It keeps its results, because most texts of many machines are the same."""
    known: dict[str, str] = {}

    def clean(text: str) -> str:
        found = known.get(text)
        if found is None:
            found = known[text] = mask_keys(visible(text))
        return found

    return clean


def _free(name: str, taken: set[str]) -> str:
    found, number = name, 2
    while found in taken:
        found, number = f"{name} ({number})", number + 1
    taken.add(found)
    return found


__all__ = ["cleaned", "cleaned_value", "cleaner"]
