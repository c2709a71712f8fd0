# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The activations of MAKs: those of machines and of the ledger, the budgets, and what Microsoft has left.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import InvalidOptionsError
from .._fleet.ledger.totals import KeyUse
from .._records.merge import MergedRecords
from .cleaning import cleaned_value
from .ledger.model import ReportLedger
from .model import Report

_LAST_FIVE = 5
_LONGEST_TIME = 40


@dataclass(frozen=True)
class MakActivations:
    """The activations of one MAK for one kind of product. `used` is the number of machines that are activated with it.

    `application` is empty for a MAK that only the ledger has. `ledger_use` is None without an entry, `budget` and `left` are None if
    they are not known, and `checked_time` is the time at which Microsoft was asked.
    """

    partial_product_key: str
    application: str
    programme: str | None
    used: int
    not_licensed: int
    ledger_use: KeyUse | None
    budget: int | None
    left: int | None
    checked_time: str | None

    @property
    def spent(self) -> int:
        """Return the number of activations that are known to be used: by machines or by the ledger, the higher number."""
        return max(self.used, self.ledger_use.activations_used if self.ledger_use else 0)

    @property
    def scale(self) -> int | None:
        """Return what the used activations are compared with: the budget, or what was and is left; None if neither is known."""
        if self.budget is not None:
            return self.budget
        return None if self.left is None else self.spent + self.left


def activations(report: Report) -> list[MakActivations]:
    """Return the MAKs of the machines, then those that only the ledger has."""
    uses = report.ledger.maks if report.ledger else {}
    rows = [_row(report, row, uses) for row in report.summary["maks"]]
    known = {row.partial_product_key for row in rows}
    empty: Mapping[str, Any] = {"application": "", "programme": None, "licensed_machines": (), "not_licensed_machines": ()}
    return [*rows, *(_row(report, {**empty, "partial_product_key": key}, uses) for key in sorted(uses) if key not in known)]


def _row(report: Report, row: Mapping[str, Any], uses: Mapping[str, KeyUse]) -> MakActivations:
    key = str(row["partial_product_key"])
    return MakActivations(
        partial_product_key=key,
        application=str(row["application"]),
        programme=row["programme"],
        used=len(row["licensed_machines"]),
        not_licensed=len(row["not_licensed_machines"]),
        ledger_use=uses.get(key),
        budget=report.mak_budgets.get(key),
        left=report.maks_left.get(key),
        checked_time=report.maks_checked.get(key),
    )


def answers(
    records: MergedRecords, ledger: ReportLedger | None, maks: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, int], dict[str, str]]:
    """Return what Microsoft has left, and when it was asked, by the last five characters of each MAK.

    `maks` are those of a result of mak_activations_info. Machines and entries of the ledger with the extended product ID have the key. Of
    several numbers for a key, the newest counts.
    """
    asked = {str(each.get("extended_pid")): each for each in cleaned_value([dict(each) for each in maks])}
    left: dict[str, int] = {}
    checked: dict[str, str] = {}
    for key, extended_pid in _keys(records, ledger):
        answer = asked.get(extended_pid, {})
        number, time = answer.get("remaining_activations"), str(answer.get("checked_time") or "")[:_LONGEST_TIME]
        if isinstance(number, int) and not isinstance(number, bool) and (key not in left or time > checked.get(key, "")):
            left[key] = number
            checked[key] = time
    return left, {key: time for key, time in checked.items() if time}


def _keys(records: MergedRecords, ledger: ReportLedger | None) -> Iterator[tuple[str, str]]:
    """Yield the last five characters and the extended product ID of MAKs."""
    products = (product for result in records.results.values() for product in result.get("products") or () if product["channel"] == "mak")
    found = {(product.get("partial_product_key"), product.get("extended_pid")): None for product in products}
    yield from ((str(key), str(extended_pid)) for key, extended_pid in found if key and extended_pid)
    yield from ((key, extended_pid) for key, use in (ledger.maks if ledger else {}).items() for extended_pid in use.extended_pids)


def budgets(given: Mapping[str, Any]) -> dict[str, int]:
    """Return the budgets of MAKs. Raises InvalidOptionsError for a key that is not five characters, or a number that is none."""
    found = {}
    for key, value in given.items():
        # Templates of ansible-core before 2.19 pass numbers as text.
        text = str(value).strip()
        if len(str(key)) != _LAST_FIVE or isinstance(value, bool) or not text.isdecimal():
            raise InvalidOptionsError(
                "activation_report: mak_budgets has the last five characters of MAKs, each with a number of activations, such as 2X4YB: 60"
            )
        found[str(key).upper()] = int(text)
    return found


__all__ = ["MakActivations", "activations", "answers", "budgets"]
