# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the records there are and the records wanted to the values that go and the values that come; pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The set is shared: every KMS host has its own record in it, and hosts write at the same moment. So a change names single
values. It never replaces or empties the set.
"""

from __future__ import annotations

from dataclasses import dataclass

from .model import DEFAULT_TTL, RecordSet, SrvRecord, in_order


@dataclass(frozen=True)
class DesiredRecords:
    """What a task wants of the records of each of its domains.

    `ttl` None leaves the TTL alone. `exclusive` removes the records of all other hosts, which needs `present`.
    """

    records: tuple[SrvRecord, ...]
    present: bool = True
    ttl: int | None = None
    exclusive: bool = False
    refresh: bool = False

    @property
    def keys(self) -> frozenset[str]:
        """The hosts the task speaks of."""
        return frozenset(record.key for record in self.records)


@dataclass(frozen=True)
class Change:
    """Values to delete and values to add with this TTL, all in one UPDATE message. A value may be in both, to renew its TTL."""

    delete: tuple[SrvRecord, ...] = ()
    add: tuple[SrvRecord, ...] = ()
    ttl: int = DEFAULT_TTL

    def __bool__(self) -> bool:
        return bool(self.delete or self.add)


def plan(current: RecordSet, desired: DesiredRecords) -> Change:
    """What is missing, nothing in the desired state. Records of other hosts are named only when the desired state is exclusive."""
    if not desired.present:
        return Change(delete=in_order(current.of(desired.keys)))
    ttl = _ttl(current, desired)
    wanted = {record.value for record in desired.records}
    stale = [record for record in current.of(desired.keys) if record.value not in wanted]
    if desired.exclusive:
        stale += current.others(desired.keys)
    if desired.records and current.records and current.ttl != ttl:
        # Servers take a new TTL for a value they have only together with its deletion (Knot ignores the bare add).
        again = [record for record in current.of(desired.keys) if record.value in wanted]
        return Change(in_order((*stale, *again)), in_order(desired.records), ttl)
    missing = [record for record in desired.records if record.value not in current.values]
    return Change(in_order(tuple(stale)), in_order(tuple(missing)), ttl)


def refreshing(current: RecordSet, desired: DesiredRecords) -> Change:
    """Sends again what is there already, so that a server that ages records sees a sign of life. It changes nothing."""
    if not (desired.refresh and desired.present):
        return Change()
    wanted = {record.value for record in desired.records}
    return Change(add=in_order(tuple(r for r in current.records if r.value in wanted)), ttl=_ttl(current, desired))


def sending(current: RecordSet, desired: DesiredRecords) -> Change:
    """The change as it goes to the server: what is missing, and with a refresh also what is there already."""
    change, again = plan(current, desired), refreshing(current, desired)
    added = {record.value for record in change.add}
    return Change(change.delete, in_order((*change.add, *(record for record in again.add if record.value not in added))), change.ttl)


def predicted(current: RecordSet, change: Change) -> RecordSet:
    """The set after the change, if nobody else changes it. The TTL belongs to the whole set."""
    gone = {record.value for record in change.delete}
    added = {record.value for record in change.add}
    kept = tuple(record for record in current.records if record.value not in gone | added)
    records = in_order((*kept, *change.add))
    if not records:
        return RecordSet()
    return RecordSet(change.ttl if change.add else current.ttl, records)


def _ttl(current: RecordSet, desired: DesiredRecords) -> int:
    """The TTL values are added with: the wished one, else the one the set has, else the default."""
    if desired.ttl is not None:
        return desired.ttl
    return DEFAULT_TTL if current.ttl is None else current.ttl


def remarks(current: RecordSet, desired: DesiredRecords, change: Change) -> list[str]:
    """What the person should know besides: whose TTL changes too, which hosts seem to publish themselves."""
    said = []
    others = current.others(desired.keys)
    if change.add and others and not desired.exclusive and current.ttl not in (None, change.ttl):
        names = ", ".join(record.host for record in in_order(others))
        said.append(
            f"The TTL belongs to all records of the name: changing it from {current.ttl} to {change.ttl} seconds also changes {names}."
        )
    twice = {record.host for record in current.of(desired.keys) if len(current.of(frozenset({record.key}))) > 1} if desired.present else ()
    said += [
        f"{host} has more than one record. A KMS host that publishes itself adds its own (priority 0, weight 0) again every"
        " 24 hours: turn its DNS publishing off, or leave its record to it."
        for host in sorted(twice)
    ]
    return said
