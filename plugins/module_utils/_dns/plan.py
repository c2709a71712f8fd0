# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compute which values to delete and which values to add, from the current and the desired records; pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Several KMS hosts share the set, and can change their records at the same time. Therefore a change contains single values, and never
replaces the whole set.
"""

from __future__ import annotations

from dataclasses import dataclass

from .model import DEFAULT_TTL, RecordSet, SrvRecord, in_order


@dataclass(frozen=True)
class DesiredRecords:
    """The desired records of each domain of a task.

    If `ttl` is None, the TTL is not changed. `exclusive` removes the records of all other hosts, and requires `present`.
    """

    records: tuple[SrvRecord, ...]
    present: bool = True
    ttl: int | None = None
    exclusive: bool = False
    refresh: bool = False

    @property
    def keys(self) -> frozenset[str]:
        """Return the hosts of the task."""
        return frozenset(record.key for record in self.records)


@dataclass(frozen=True)
class RecordChange:
    """Values to delete and values to add with this TTL, in one UPDATE message. A value can be in both, to change its TTL."""

    delete: tuple[SrvRecord, ...] = ()
    add: tuple[SrvRecord, ...] = ()
    ttl: int = DEFAULT_TTL

    def __bool__(self) -> bool:
        return bool(self.delete or self.add)


def plan(current: RecordSet, desired: DesiredRecords) -> RecordChange:
    """Return the change that is required; empty in the desired state. Records of other hosts change only if the state is exclusive."""
    if not desired.present:
        return RecordChange(delete=in_order(current.of(desired.keys)))
    ttl = _ttl(current, desired)
    wanted = {record.value for record in desired.records}
    stale = [record for record in current.of(desired.keys) if record.value not in wanted]
    if desired.exclusive:
        stale += current.others(desired.keys)
    if desired.records and current.records and current.ttl != ttl:
        # Servers change the TTL of an existing value only together with its deletion (Knot ignores the addition alone).
        again = [record for record in current.of(desired.keys) if record.value in wanted]
        return RecordChange(in_order((*stale, *again)), in_order(desired.records), ttl)
    missing = [record for record in desired.records if record.value not in current.values]
    return RecordChange(in_order(tuple(stale)), in_order(tuple(missing)), ttl)


def refreshing(current: RecordSet, desired: DesiredRecords) -> RecordChange:
    """Return a change that adds existing records again, so that a server with aging refreshes them. It does not change the records."""
    if not (desired.refresh and desired.present):
        return RecordChange()
    wanted = {record.value for record in desired.records}
    return RecordChange(add=in_order(tuple(r for r in current.records if r.value in wanted)), ttl=_ttl(current, desired))


def sending(current: RecordSet, desired: DesiredRecords) -> RecordChange:
    """Return the change to send: the required change, and with a refresh also the existing records."""
    change, again = plan(current, desired), refreshing(current, desired)
    added = {record.value for record in change.add}
    return RecordChange(change.delete, in_order((*change.add, *(record for record in again.add if record.value not in added))), change.ttl)


def predicted(current: RecordSet, change: RecordChange) -> RecordSet:
    """Return the set after the change, if no other writer changes it. The TTL applies to the whole set."""
    gone = {record.value for record in change.delete}
    added = {record.value for record in change.add}
    kept = tuple(record for record in current.records if record.value not in gone | added)
    records = in_order((*kept, *change.add))
    if not records:
        return RecordSet()
    return RecordSet(change.ttl if change.add else current.ttl, records)


def _ttl(current: RecordSet, desired: DesiredRecords) -> int:
    """Return the TTL of added values: the desired one, otherwise the current one, otherwise the default."""
    if desired.ttl is not None:
        return desired.ttl
    return DEFAULT_TTL if current.ttl is None else current.ttl


def plan_warnings(current: RecordSet, desired: DesiredRecords, change: RecordChange) -> list[str]:
    """Return warnings about other records whose TTL changes too, and about hosts that seem to publish their own record."""
    warnings = []
    others = current.others(desired.keys)
    if change.add and others and not desired.exclusive and current.ttl not in (None, change.ttl):
        names = ", ".join(record.host for record in in_order(others))
        warnings.append(
            f"The TTL applies to all records of the name. The change from {current.ttl} to {change.ttl} seconds also affects {names}."
        )
    twice = {record.host for record in current.of(desired.keys) if len(current.of(frozenset({record.key}))) > 1} if desired.present else ()
    warnings += [
        f"{host} has more than one record. A KMS host with DNS publishing adds its own record (priority 0, weight 0) again every 24 hours."
        " Disable DNS publishing on the host, or do not manage its record."
        for host in sorted(twice)
    ]
    return warnings
