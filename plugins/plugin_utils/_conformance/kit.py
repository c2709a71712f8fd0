# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test one machine: ask everything, and return the result and what can be sent to others.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .._cim.recording.exchanges import recorded
from .._cim.session import CimSession
from .changing.outcome import change
from .changing.run import Changing
from .collect import collect
from .files import names_of, shareable, write_exchanges
from .questions import FAULTS, READS
from .report import describe, with_changes


def examine(
    session: CimSession,
    host: str,
    seconds: float,
    folder: Path | None,
    key: str | None,
    clock: Callable[[], float],
    changing: Changing | None = None,
) -> dict[str, Any]:
    """Return the result of the module for one machine.

    `seconds` is the time for all reads, `folder` the directory for the exchanges or None, and `key` makes the replacements of names equal
    for several machines. With `changing`, the machine is changed and restored after the reads; problems of that are in the result. Raises
    UnreachableError, and InvalidOptionsError if a file cannot be written.
    """
    end = clock() + seconds
    with recorded(session, clock, seconds) as recorder:
        answers = collect(session, recorder, (*READS, *FAULTS), lambda: end - clock())
    answers, changes = change(session, host, answers, changing) if changing else (answers, {})
    result = with_changes(describe(answers), changes)
    names = names_of(host, answers, key)
    path = None if folder is None else str(write_exchanges(folder, host, answers, names))
    return {**result, "shareable": shareable(host, result, names), "exchange_path": path}


__all__ = ["examine"]
