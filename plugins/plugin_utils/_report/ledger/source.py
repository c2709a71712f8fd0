# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the ledgers of a report.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

What is read is bounded: :func:`read_ledger` limits a file and its lines, and all files together have the limit of one file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from ..._fleet.ledger.model import Ledger, LedgerEntry, combine
from ..._fleet.ledger.read import MOST_BYTES, read_ledger
from ..._fleet.ledger.totals import key_uses
from ..._licensing.recording.entry import LedgerError
from ..._records.files import matched
from ..cleaning import cleaner
from .model import MOST_DAMAGED, DamagedLine, ReportLedger

_STEPS = ("Check the paths of the ledgers, and that the user who runs Ansible can read them.",)
_OTHER_FILE = ("Specify the file of the variable activation_ledger, not a record file or a report.",)


def read_ledgers(patterns: Sequence[str], now: datetime | None = None) -> ReportLedger:
    """Return what the files contain that the paths or patterns match. A request that several files contain is in the result once.

    `now` is the time in UTC, by which requests that can still have a result are recognized.

    Raises LedgerError if a file cannot be read, if the files are too large, or if a file has lines, but none of a ledger.
    """
    try:
        paths = matched(patterns, LedgerError)
        _check_size(paths)
        ledgers = {path: read_ledger(path) for path in paths}
    except LedgerError as error:
        raise LedgerError(error.message, _STEPS) from None
    for path, ledger in ledgers.items():
        _refuse_other_file(path, ledger)
    return combined(ledgers, now)


def _check_size(paths: Sequence[Path]) -> None:
    """Raise LedgerError if the files together have more bytes than one can have. A file that does not exist is found when it is read."""
    size = sum(path.stat().st_size for path in paths if path.is_file())
    if size > MOST_BYTES:
        raise LedgerError(f"The ledgers have {size} bytes together, and the maximum is {MOST_BYTES}.")


def _refuse_other_file(path: Path, ledger: Ledger) -> None:
    if ledger.problems and not ledger.entries:
        first = ledger.problems[0]
        message = f"{path} is not a ledger: no line can be read as an entry, for example line {first.line}: {first.reason}."
        raise LedgerError(message, _OTHER_FILE)


def combined(ledgers: Mapping[Path, Ledger], now: datetime | None = None) -> ReportLedger:
    """Return the ledgers of files as one, with texts that are safe to show. Pure."""
    clean = cleaner()
    found = combine(ledgers.values())
    safe = Ledger(tuple(_cleaned(entry, clean) for entry in found.entries))
    damaged = ((path, problem) for path, ledger in ledgers.items() for problem in ledger.problems)
    named = [DamagedLine(clean(str(path)), each.line, clean(each.reason)) for path, each in islice(damaged, MOST_DAMAGED)]
    return ReportLedger(safe.entries, key_uses(safe), named, len(found.problems), now)


def _cleaned(entry: LedgerEntry, clean: Callable[[str], str]) -> LedgerEntry:
    """Return the entry with safe texts. Nearly all entries have nothing else, and are returned as they are."""
    changed: dict[str, Any] = {
        name: safe for name, value in vars(entry).items() if isinstance(value, str) and (safe := clean(value)) != value
    }
    return replace(entry, **changed) if changed else entry


__all__ = ["combined", "read_ledgers"]
