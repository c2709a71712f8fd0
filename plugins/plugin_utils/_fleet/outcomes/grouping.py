# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show what became of many machines as a short table: machines with the same outcome, reason, and next step share a row.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The groups contain every machine, each of them once; the lines show the first names and the number of the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..machines import natural
from ..messages import number
from .columns import Column, table

WIDTH = 128
"""Width of a table in columns, so that with the indentation of Ansible's debug task a line fits in a terminal of 140 columns."""

_LONGEST = 300
_NAMES = 3
_MOST_GROUPS = 25
_COLUMNS = (
    Column("machines", is_number=True),
    Column("which", 28),
    Column("outcome", 20),
    Column("why", 60),
    Column("what to do"),
)
_ADDRESS = re.compile(r"\bhttps?://\S+: ")
_NO_WORD = re.compile(r"[0-9.-]")


@dataclass(frozen=True)
class TableRow:
    """What became of one machine. `rank` is the place of the outcome in the table: those that require an action come last.

    `computer_name` is the name that the machine itself has, if it is known.
    """

    machine: str
    rank: int
    outcome: str
    reason: str = ""
    next_step: str = ""
    computer_name: str = ""


def grouped(rows: Iterable[TableRow]) -> list[dict[str, Any]]:
    """Return the groups in the order of the table, as plain data. Every machine is in exactly one group."""
    found: dict[tuple[int, str, str, str], list[str]] = {}
    for row in rows:
        key = (row.rank, row.outcome, _without_names(row.reason, row), _without_names(row.next_step, row))
        found.setdefault(key, []).append(row.machine)
    sets = [(rank, outcome, reason, step, sorted(names, key=natural)) for (rank, outcome, reason, step), names in found.items()]
    ordered = sorted(sets, key=lambda each: (each[0], -len(each[4]), natural(each[4][0])))
    return [
        {"outcome": outcome, "message": reason, "next_step": step, "count": len(names), "machines": names}
        for _rank, outcome, reason, step, names in ordered
    ]


def lines(groups: Sequence[Mapping[str, Any]], width: int = WIDTH) -> list[str]:
    """Return the table as lines. If there are too many groups, those at the end of the table are kept, which require an action."""
    shown = groups[-_MOST_GROUPS:]
    left_out = groups[: len(groups) - len(shown)]
    rows = [[str(group["count"]), named(group["machines"]), group["outcome"], group["message"], group["next_step"]] for group in shown]
    machines = number(sum(group["count"] for group in left_out))
    more = [f"{number(len(left_out), 'row')} about {machines} {'is' if len(left_out) == 1 else 'are'} not shown."] if left_out else []
    return [*more, *table(_COLUMNS, rows, width)]


def shortened(text: str) -> str:
    """Return a text as one short line."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def named(machines: Sequence[str]) -> str:
    """Return the first names, and the number of the other names."""
    more = len(machines) - _NAMES
    # "... (1 more)" would not be shorter than the name.
    return ", ".join(machines) if more <= 1 else f"{', '.join(machines[:_NAMES])}, ... ({more} more)"


def _without_names(text: str, row: TableRow) -> str:
    """Return a text without the names and the address of the machine, so that machines with the same reason share a row.

    A name that could be a word, such as KMS, is replaced at the beginning of the text only, and not before a number, because a machine can
    have the name Office, and the text can begin with Office 2021.
    """
    plain = _ADDRESS.sub("", text)
    for name in sorted({row.machine, row.computer_name} - {""}, key=len, reverse=True):
        own = rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)"
        plain = re.sub(rf"^{own}: ", "", plain, flags=re.IGNORECASE)
        plain = re.sub(rf"^{own}(?= \D)", "The machine", plain, flags=re.IGNORECASE)
        if _NO_WORD.search(name):
            plain = re.sub(rf"(?<=[.!?] ){own}(?= )", "The machine", plain, flags=re.IGNORECASE)
            plain = re.sub(own, "the machine", plain, flags=re.IGNORECASE)
    return plain


__all__ = ["WIDTH", "TableRow", "grouped", "lines", "named", "shortened"]
