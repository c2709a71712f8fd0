# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find records of one file that contradict each other.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A confirmation ID belongs to one installation ID. If a file has two for it, one of them was copied into the wrong row, and the other
machine might not have its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...module_utils import _phone as phone
from .model import ProxyRecord
from .problems import InvalidFieldError

Named = tuple[str, ProxyRecord]
"""A record with its place in the file."""


def conflicts(records: Iterable[Named]) -> list[InvalidFieldError]:
    """Return an error for each installation ID with different confirmation IDs that are equally credible, with the places of both.

    An ID with valid check digits is preferred to a mistyped one, and a mistyped one to another text, as when a confirmation ID is selected.
    """
    by_identity: dict[tuple[str, str], list[Named]] = {}
    for where, record in records:
        if record.answered:
            by_identity.setdefault(record.identity, []).append((where, record))
    return [error for same in by_identity.values() if len(same) > 1 and (error := _conflict(same))]


def _conflict(same: Sequence[Named]) -> InvalidFieldError | None:
    best = max(_credibility(record) for _where, record in same)
    by_answer: dict[str, Named] = {}
    for where, record in same:
        if best and _credibility(record) == best:
            by_answer.setdefault(record.confirmation_id, (where, record))
    if len(by_answer) < 2:
        return None
    (first, one), (second, other) = list(by_answer.values())[:2]
    return InvalidFieldError(
        f"{first} ({one.machine[:60]}) and {second} ({other.machine[:60]})",
        "confirmation_id",
        "the values differ, and the installation ID is the same. Compare both with the answer of Microsoft or with the journal, and keep"
        " the right one",
    )


def _credibility(record: ProxyRecord) -> int:
    """Return 2 for digits without a suspicion, 1 for other digits, and 0 for another text."""
    digits = record.confirmation_id
    if not (digits.isascii() and digits.isdigit()):
        return 0
    return 1 if phone.hints(digits) else 2


__all__ = ["conflicts"]
