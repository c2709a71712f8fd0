# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a record says that can be worth an event, and the events of what changed.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Of a record, only these facts are kept, so that the records of many machines need little memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from shlex import quote
from typing import Any

from .._fleet.licenses import expiring
from .._fleet.machines import READ, Machine, is_activated, state_of
from .._licensing.catalog.thresholds import THRESHOLDS
from .._licensing.state.model import Channel
from .._records.model import Record
from .._task_results import kms_count
from .loop import Event, time_text

Key = tuple[str, ...]
"""Identifies a fact: its kind, the machine, and what else distinguishes it."""


@dataclass(frozen=True)
class Fact:
    """A fact of a machine. If `mark` differs from the former one, an event is made. `fields` are the details of the event.

    `is_good` is a fact that is expected, such as a licensed machine: it makes an event only if it replaces one that is not.
    """

    mark: str
    fields: Mapping[str, Any] = field(default_factory=dict, compare=False)
    is_good: bool = False


Facts = Mapping[Key, Fact]

_READ_MARKS = ("licensed", "not_licensed")


@dataclass(frozen=True)
class MachineFacts:
    """The facts of the newest record of a machine."""

    time: datetime
    facts: Facts


def facts_of(record: Record, expiring_within_days: int, minimum_count: int | None) -> MachineFacts:
    """Return the facts of one record."""
    name = record.inventory_hostname
    state, reason = state_of(record.result)
    facts: dict[Key, Fact] = {}
    machine = Machine(name, record.result)
    if state == READ:
        facts["machine", name] = Fact(_READ_MARKS[0 if machine.is_licensed else 1], {"reason": None}, is_good=machine.is_licensed)
        facts.update(_findings(machine))
        facts.update(_licenses(machine, expiring_within_days))
        facts.update(_counts(machine, minimum_count))
    else:
        facts["machine", name] = Fact(state, {"reason": reason})
    return MachineFacts(record.time, facts)


def _findings(machine: Machine) -> Iterator[tuple[Key, Fact]]:
    for finding in machine.result.get("findings") or ():
        steps = list(finding.get("next_steps") or ())
        fields = {"id": finding["id"], "severity": finding["severity"], "message": finding["message"], "next_steps": steps}
        yield ("finding", machine.name, str(finding["id"])), Fact(str(finding["severity"]), fields)


def _licenses(machine: Machine, within_days: int) -> Iterator[tuple[Key, Fact]]:
    for row in expiring([machine], within_days):
        fields = {name: row[name] for name in ("product_name", "channel", "expires", "days_left")}
        yield ("license", machine.name, str(row["product_name"])), Fact("ending", {**fields, "expiring_within_days": within_days})


def _counts(machine: Machine, minimum: int | None) -> Iterator[tuple[Key, Fact]]:
    """Yield the counts of a KMS host. Without a minimum, the required count that the machine reports applies."""
    keys = [each for each in machine.products if each["channel"] == Channel.CSVLK.value and is_activated(each)]
    applications = {str(each["application"]) for each in keys} | ({"windows"} if machine.service.get("is_kms_host") else set())
    for application in sorted(applications):
        count = kms_count(machine.result, application)
        needed = minimum if minimum is not None else _required(machine, application)
        if count is None:
            continue
        is_enough = count >= needed
        fields = {"application": application, "current_count": count, "minimum_count": needed}
        yield ("count", machine.name, application), Fact("enough" if is_enough else "below", fields, is_good=is_enough)


def _required(machine: Machine, application: str) -> int:
    """Return the count that the host requires. A host that no client has asked reports none, so the lowest threshold applies."""
    service = machine.result.get("office_service") if application == "office" else machine.service
    required = (service or machine.service).get("required_count")
    return min(THRESHOLDS.values()) if required is None else int(required)


def carried_over(before: Facts, after: Facts) -> dict[Key, Fact]:
    """Return the former facts of machines whose newest record says nothing about them, because the machine could not be read."""
    unread = {key[1] for key, fact in after.items() if key[0] == "machine" and fact.mark not in _READ_MARKS}
    return {key: fact for key, fact in before.items() if key[0] not in ("machine", "file") and key[1] in unread}


def changes(before: Facts, after: Facts) -> Iterator[tuple[Key, Fact | None, Fact | None]]:
    """Yield the key, the former fact, and the new one of each change, in the order of the new facts; None for no fact.

    The beginning is no change to a good fact, and the end of one is no change.
    """
    for key, fact in after.items():
        former = before.get(key)
        if former is None or former.mark != fact.mark:
            yield key, former, fact
    for key, former in before.items():
        if key not in after:
            yield key, former, None


def is_reported(former: Fact | None, fact: Fact | None) -> bool:
    """Return whether a change makes an event."""
    return not ((former is None or former.is_good) and (fact is None or fact.is_good))


_EVENT = {"machine": "activation_machine", "finding": "activation_finding", "license": "license_expiry", "count": "kms_count"}
_BEGINS = {"machine": "changed", "finding": "found", "license": "ending", "count": "below"}
_ENDS = {"machine": "changed", "finding": "gone", "license": "renewed", "count": "recovered"}


def event_of(key: Key, former: Fact | None, fact: Fact | None, time: datetime | None) -> Event:
    """Return the event of a change; `time` is the time of the record."""
    kind, machine = key[0], key[1]
    shown = fact or former or Fact("")
    ends = fact is None or (fact.is_good and kind == "count")
    fields = {
        "machine": machine,
        "quoted_machine": quote(machine),
        "change": (_ENDS if ends else _BEGINS)[kind],
        "record_time": time_text(time),
        **shown.fields,
    }
    if kind == "machine":
        fields |= {"status": fact.mark if fact else "gone", "previous_status": former.mark if former else None}
    return {_EVENT[kind]: fields}


__all__ = ["Fact", "Facts", "Key", "MachineFacts", "carried_over", "changes", "event_of", "facts_of", "is_reported"]
