# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search for events, with limited queries instead of reading a complete log.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

With `max_events`, the search extends the period in steps, newest first, until there are enough events or one year was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from ..._cim.session import CimError, CimSession, ResponseTooLargeError
from ..._licensing.events import log as event_log
from ..._licensing.events.catalog import KEY_MANAGEMENT_SERVICE, LOGS, catalog
from ..._licensing.events.kms import REQUEST_SENT, RESPONSE_PROCESSED
from ..._licensing.events.log import Event, Since, SkippedRecords
from ..._licensing.events.requests import RequestWithResponse, pair_requests
from ..._licensing.events.visibility import might_be_hidden
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state.model import OperatingSystem
from ..._licensing.state.read import read_os
from ..._licensing.state.served import Served

SERVED = Served("does not have a licensing service that writes these events", "Read the state of the machine with activation_info.")

USUAL = timedelta(hours=24)
PERIODS = (USUAL, timedelta(days=7), timedelta(days=30), timedelta(days=90), timedelta(days=365))
"""The steps of the period with `max_events`."""

_NARROWER = (
    "Set since to fewer hours. For a longer period, run the task several times.",
    "Specify the events with event_ids, or the log with logs. activation_id and max_events do not reduce what the machine sends.",
)
_TOO_MANY = "The limit of a task is about 17,000 events."


@dataclass(frozen=True)
class EventQuery:
    """The events to search for. `event_ids` None means all known events."""

    since: Since | None = None
    max_events: int | None = None
    event_ids: tuple[int, ...] | None = None
    logs: tuple[str, ...] = tuple(LOGS)
    activation_id: str | None = None


@dataclass(frozen=True)
class LogSummary:
    """One log: whether it exists on the machine, and the number of events in the result."""

    name: str
    exists: bool
    event_count: int = 0


@dataclass(frozen=True)
class Found:
    """The result of a search: the events and requests, newest first, and the start of the period."""

    os: OperatingSystem
    since: datetime
    logs: tuple[LogSummary, ...]
    events: tuple[Event, ...]
    requests: tuple[RequestWithResponse, ...]
    skipped: int = 0
    """Number of records that are not valid and therefore skipped."""
    might_be_hidden: bool = False
    """Whether there is no event, and the account might not have the right to read the logs."""


def find(session: CimSession, desired: EventQuery) -> Found:
    """Search for the events of a task: one query for the clock of the machine, and one for each log and step of the period.

    If none of them returns an event, one request more: see :mod:`visibility`.

    Raises TaskRefusedError if the log cannot contain the events or contains too many events, CimError, and UnreachableError.
    """
    wanted = _wanted(desired)
    os = read_os(session)
    SERVED.reader_for(os)
    logs = _Logs(session, wanted)
    try:
        kept, since = _search(logs, desired, os.time)
    except ResponseTooLargeError as problem:
        message = f"{os.computer_name} has too many of these events: {problem.reason}"
        raise TaskRefusedError("too_many_events", message, _NARROWER, cause=_TOO_MANY) from problem
    shown = {event.key for event in kept}
    requests = (each for each in pair_requests(logs.read) if each.request.key in shown or (each.answer and each.answer.key in shown))
    hidden = logs.left_out.saw_nothing and might_be_hidden(session, os.time)
    return Found(os, since, tuple(logs.describe(kept)), kept, tuple(requests), logs.left_out.count, hidden)


def _search(logs: _Logs, desired: EventQuery, now: datetime) -> tuple[tuple[Event, ...], datetime]:
    """Return the events of the result and the start of the period."""
    kept: tuple[Event, ...] = ()
    since = now
    for since, before in _steps(desired, now):
        logs.read_step(since, before)
        kept = _matching(logs.read, desired)
        if desired.max_events and len(kept) >= desired.max_events:
            break
    return kept[: desired.max_events] if desired.max_events else kept, since


@dataclass
class _Logs:
    """The logs of a machine during a search: the events that were read, and the logs that do not exist."""

    session: CimSession
    wanted: Mapping[str, frozenset[int]]
    read: list[Event] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    left_out: SkippedRecords = field(default_factory=SkippedRecords)

    def read_step(self, since: datetime, before: datetime | None) -> None:
        """Read one step of the period from each log."""
        for log in self.wanted:
            self.read += self._read_log(log, since, before)

    def _read_log(self, log: str, since: datetime, before: datetime | None) -> tuple[Event, ...]:
        if log in self.missing:
            return ()
        try:
            return event_log.read(self.session, log, self.wanted[log], since, before, left_out=self.left_out)
        except CimError:
            if log != KEY_MANAGEMENT_SERVICE or event_log.file_of(self.session, log):
                raise
        self.missing.add(log)
        return ()

    def describe(self, kept: tuple[Event, ...]) -> Iterator[LogSummary]:
        """Yield each log with the number of its events in the result. A log without events might not exist."""
        for log in self.wanted:
            is_empty = log == KEY_MANAGEMENT_SERVICE and not any(event.log == log for event in self.read)
            exists = log not in self.missing and (not is_empty or event_log.file_of(self.session, log) is not None)
            yield LogSummary(log, exists, sum(1 for event in kept if event.log == log))


def _wanted(desired: EventQuery) -> dict[str, frozenset[int]]:
    """Return the event IDs for each log. Requests and responses are always read together."""
    kinds = catalog()
    event_ids = set(kinds if desired.event_ids is None else desired.event_ids)
    if event_ids & {REQUEST_SENT, RESPONSE_PROCESSED}:
        event_ids |= {REQUEST_SENT, RESPONSE_PROCESSED}
    wanted = {log: frozenset(event_id for event_id in event_ids if kinds[event_id].log == log) for log in desired.logs}
    with_ids = {log: ids for log, ids in wanted.items() if ids}
    if not with_ids:
        logs = " or ".join(LOGS[log] for log in desired.logs)
        message = f"Windows does not write the events {', '.join(map(str, sorted(event_ids)))} to the log {logs}."
        raise TaskRefusedError("no_such_event_in_log", message, ("Do not specify logs: the module reads each event from its log.",))
    return with_ids


def _steps(desired: EventQuery, now: datetime) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield the start and end of each step, newest first. The newest step has no end, so that it includes new events."""
    if desired.since is not None or not desired.max_events:
        yield event_log.start_of(USUAL if desired.since is None else desired.since, now), None
        return
    before = None
    for span in PERIODS:
        yield now - span, before
        before = now - span


def _matching(read: list[Event], desired: EventQuery) -> tuple[Event, ...]:
    """Return the requested events, newest first, without events that were read only for a request or response."""
    kept = [event for event in read if desired.event_ids is None or event.id in desired.event_ids]
    if desired.activation_id:
        requests = [each for each in pair_requests(read) if _names_product(each.request, desired.activation_id)]
        answers = {each.answer.key for each in requests if each.answer}
        kept = [event for event in kept if event.key in answers or _names_product(event, desired.activation_id)]
    oldest = datetime.min.replace(tzinfo=timezone.utc)
    return tuple(sorted(kept, key=lambda event: (event.time or oldest, event.record), reverse=True))


def _names_product(event: Event, activation_id: str) -> bool:
    """Return whether an event is about a product. An event can be about several products."""
    values = event.values or {}
    several = (product["activation_id"] for product in values.get("products", ()))
    return values.get("activation_id") == activation_id or activation_id in several
