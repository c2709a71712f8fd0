# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries that read the events of the licensing service from the logs of a machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Win32_NTLogEvent is slow, so every query is limited to one log, to events, sources, and a period. The query does not return the message
text, which is the largest part of an event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..._cim.session import CimInstance, CimSession, MalformedResponseError
from ..state import wql
from .catalog import LOGS, SOURCES, catalog
from .decode import Values, values_of

_COLUMNS = "EventCode,EventType,InsertionStrings,RecordNumber,SourceName,TimeGenerated"
FILE_CLASS = "Win32_NTEventlogFile"
_FILE_COLUMNS = "Name,LogfileName,NumberOfRecords,FileSize,MaxFileSize,OverwriteOutDated"
_NEVER = 0xFFFFFFFF
_SEVERITIES = {1: "error", 2: "warning", 3: "info"}
_FEW = 8
"""Maximum number of IDs with one condition each. For more IDs, the query uses ranges, because WMI rejects too many conditions."""
_WIDEST_GAP = 100
"""Maximum difference between neighboring IDs of a range."""


Since = datetime | timedelta
"""The start of a period: a time, or a duration before the current time of the machine."""


def start_of(since: Since, now: datetime) -> datetime:
    """Return the start of a period that ends at `now`, the current time of the machine."""
    return now - since if isinstance(since, timedelta) else since


@dataclass(frozen=True)
class Event:
    """One record of a log. `values` are the decoded strings, or None if the strings do not have a known layout."""

    id: int
    log: str
    record: int
    time: datetime | None
    severity: str
    source: str
    strings: tuple[str, ...]
    values: Values | None

    @property
    def key(self) -> tuple[str, int]:
        """The key that identifies the event on its machine."""
        return self.log, self.record


@dataclass
class SkippedRecords:
    """The number of log records that are not valid and therefore skipped, of queries, and of records that they returned."""

    count: int = 0
    queries: int = 0
    records: int = 0

    @property
    def saw_nothing(self) -> bool:
        """Whether queries were sent, and none of them returned a record."""
        return self.queries > 0 and self.records == 0

    def known(self, events: Iterable[Event]) -> Iterator[tuple[Event, Values]]:
        """Yield the events with their values. Skip events whose strings do not have a known layout."""
        for event in events:
            if event.values is None:
                self.count += 1
            else:
                yield event, event.values


def read(
    session: CimSession,
    log: str,
    event_ids: Iterable[int],
    since: datetime,
    before: datetime | None = None,
    *,
    left_out: SkippedRecords | None = None,
) -> tuple[Event, ...]:
    """Read the events of a log with these IDs, from `since` until before `before`, newest first. One query.

    Both times are of the clock of the machine. Records that are not valid are skipped and counted. Raises CimError and UnreachableError.
    """
    wanted = frozenset(event_ids)
    conditions = [
        f"Logfile={wql.literal(LOGS[log])}",
        f"({' OR '.join(_codes(sorted(wanted)))})",
        f"({' OR '.join(f'SourceName={wql.literal(source)}' for source in SOURCES)})",
        f"TimeGenerated >= {wql.moment(since)}",
        *([f"TimeGenerated < {wql.moment(before)}"] if before else []),
    ]
    found = session.query(f"SELECT {_COLUMNS} FROM Win32_NTLogEvent WHERE {' AND '.join(conditions)}")
    events = [event for instance in found if (event := _valid_event(log, instance))]
    kept = sorted((event for event in events if event.id in wanted), key=lambda event: event.record, reverse=True)
    if left_out is not None:
        left_out.count += len(found) - len(events)
        left_out.queries += 1
        left_out.records += len(found)
    return tuple(kept)


@dataclass(frozen=True)
class LogFile:
    """The file of a log. Sizes are in bytes. `overwrites` is when_needed, outdated (days), never, or None if it is not known."""

    path: str
    record_count: int | None
    size: int | None
    maximum_size: int | None
    overwrites: str | None


def file_of(session: CimSession, log: str) -> LogFile | None:
    """Read the file of a log, or return None if the log does not exist. One query. Raises CimError and UnreachableError."""
    found = session.query(f"SELECT {_FILE_COLUMNS} FROM {FILE_CLASS} WHERE LogfileName={wql.literal(LOGS[log])}")
    path = found[0].text("Name") if found else None
    if not path:
        return None
    days = found[0].integer("OverwriteOutDated", 0, _NEVER)
    return LogFile(
        path=path,
        record_count=found[0].integer("NumberOfRecords", 0),
        size=found[0].integer("FileSize", 0),
        maximum_size=found[0].integer("MaxFileSize", 0),
        overwrites=None if days is None else {0: "when_needed", _NEVER: "never"}.get(days, "outdated"),
    )


def _codes(event_ids: list[int]) -> list[str]:
    """Return conditions that match these IDs. Ranges can also match other IDs."""
    if len(event_ids) <= _FEW:
        return [f"EventCode={event_id}" for event_id in event_ids]
    ranges: list[list[int]] = []
    for event_id in event_ids:
        if ranges and event_id - ranges[-1][-1] <= _WIDEST_GAP:
            ranges[-1].append(event_id)
        else:
            ranges.append([event_id])
    return [f"(EventCode >= {ids[0]} AND EventCode <= {ids[-1]})" for ids in ranges]


def _valid_event(log: str, instance: CimInstance) -> Event | None:
    """Return an event, or None for a record that is not valid, so that one record does not stop the task."""
    try:
        return _event(log, instance)
    except MalformedResponseError:
        return None


def _event(log: str, instance: CimInstance) -> Event:
    instance.required("EventCode")
    event_id, strings = instance.integer("EventCode", 0, _NEVER) or 0, instance.texts("InsertionStrings")
    kind = catalog().get(event_id)
    known = _SEVERITIES.get(instance.integer("EventType") or 0)
    return Event(
        id=event_id,
        log=log,
        record=instance.integer("RecordNumber", 0) or 0,
        time=instance.moment("TimeGenerated"),
        severity=known or (kind.severity if kind else "info"),
        source=instance.text("SourceName") or "",
        strings=strings,
        values=values_of(event_id, strings),
    )
