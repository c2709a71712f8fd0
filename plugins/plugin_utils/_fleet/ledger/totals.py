# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a ledger shows: the activations of each key over time, and the entries of each machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from .model import Ledger, LedgerEntry


@dataclass(frozen=True)
class KeyUse:
    """What a ledger contains about one key. `partial_product_key` is None for a key that its machine does not show.

    `activations_used` is the number that is known to be used, and `activations_uncertain` the number of requests that Microsoft might have
    counted. `by_day` has the number of used activations by day in UTC, for days with any, in order. `machines` are names in the inventory;
    `licensed_machines` are those that were licensed with the key, by any method.
    """

    channel: str | None
    partial_product_key: str | None
    product_names: tuple[str, ...]
    extended_pids: tuple[str, ...]
    activations_used: int
    activations_uncertain: int
    by_day: tuple[tuple[date, int], ...]
    machines: tuple[str, ...]
    licensed_machines: tuple[str, ...]
    first_time: datetime
    last_time: datetime


def key_uses(ledger: Ledger) -> tuple[KeyUse, ...]:
    """Return what happened with each key, by channel and last five characters."""
    found: dict[tuple[str, str], list[LedgerEntry]] = {}
    for entry in ledger.entries:
        found.setdefault((entry.channel or "", entry.partial_product_key or ""), []).append(entry)
    return tuple(_key_use(entries) for _key, entries in sorted(found.items()))


def entries_by_machine(ledger: Ledger) -> dict[str, tuple[LedgerEntry, ...]]:
    """Return the entries of each machine, by its name in the inventory, in the order of the ledger."""
    found: dict[str, list[LedgerEntry]] = {}
    for entry in ledger.entries:
        found.setdefault(entry.inventory_hostname, []).append(entry)
    return {name: tuple(entries) for name, entries in sorted(found.items())}


def _key_use(entries: list[LedgerEntry]) -> KeyUse:
    days: dict[date, int] = {}
    for entry in entries:
        if entry.activations_used:
            days[entry.time.date()] = days.get(entry.time.date(), 0) + entry.activations_used
    return KeyUse(
        channel=entries[0].channel,
        partial_product_key=entries[0].partial_product_key,
        product_names=_sorted(entry.product_name for entry in entries),
        extended_pids=_sorted(entry.extended_pid for entry in entries),
        activations_used=sum(days.values()),
        activations_uncertain=sum(entry.activations_used is None for entry in entries),
        by_day=tuple(sorted(days.items())),
        machines=_sorted(entry.inventory_hostname for entry in entries),
        licensed_machines=_sorted(entry.inventory_hostname for entry in entries if entry.has_licensed),
        first_time=min(entry.time for entry in entries),
        last_time=max(entry.time for entry in entries),
    )


def _sorted(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({text for text in texts if text}))


__all__ = ["KeyUse", "entries_by_machine", "key_uses"]
