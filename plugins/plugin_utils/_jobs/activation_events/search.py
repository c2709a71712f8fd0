# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which events a task wants, and finding them without ever asking for a whole log.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

With `max_events`, the period grows in steps, newest first, until there are enough events or one year was read.
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
from ..._licensing.events.requests import RequestWithResponse, conversations
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state.model import OperatingSystem
from ..._licensing.state.read import read_os
from ..._licensing.state.served import Served

SERVED = Served("has no licensing service that writes such events", "Read its state with activation_info.")

USUAL = timedelta(hours=24)
SLICES = (USUAL, timedelta(days=7), timedelta(days=30), timedelta(days=90), timedelta(days=365))
"""The steps in which the period grows with `max_events`."""

_NARROWER = (
    "Set since to fewer hours. For a longer period, run the task several times.",
    "Specify the events with event_ids, or the log with logs. activation_id and max_events do not reduce what the machine sends.",
)
_TOO_MANY = "A task keeps about 17,000 events."


@dataclass(frozen=True)
class EventQuery:
    """What to look for; `event_ids` None for all that are known."""

    since: Since | None = None
    max_events: int | None = None
    event_ids: tuple[int, ...] | None = None
    logs: tuple[str, ...] = tuple(LOGS)
    activation_id: str | None = None


@dataclass(frozen=True)
class LogSummary:
    """One log: whether the machine has it, and how many of the events that were found are in it."""

    name: str
    exists: bool
    event_count: int = 0


@dataclass(frozen=True)
class Found:
    """The events that were asked for, newest first, the requests among them, and from when on was looked."""

    os: OperatingSystem
    since: datetime
    logs: tuple[LogSummary, ...]
    events: tuple[Event, ...]
    conversations: tuple[RequestWithResponse, ...]
    skipped: int = 0
    """Records that made no sense, and are therefore not among the events."""


def find(session: CimSession, desired: EventQuery) -> Found:
    """Look for the events that a task asks for: one query for the machine's clock, and one for each log and slice of time.

    Raises TaskRefusedError when nothing that the task asks for can be there or too much of it is, CimError and UnreachableError.
    """
    wanted = _wanted(desired)
    os = read_os(session)
    SERVED.reader_for(os)
    logs = _Logs(session, wanted)
    try:
        kept, since = _look(logs, desired, os.time)
    except ResponseTooLargeError as problem:
        words = f"{os.computer_name} has too many of these events: {problem.reason}"
        raise TaskRefusedError("too_many_events", words, _NARROWER, cause=_TOO_MANY) from problem
    shown = {event.key for event in kept}
    talks = (talk for talk in conversations(logs.read) if talk.request.key in shown or (talk.answer and talk.answer.key in shown))
    return Found(os, since, tuple(logs.describe(kept)), kept, tuple(talks), logs.left_out.count)


def _look(logs: _Logs, desired: EventQuery, now: datetime) -> tuple[tuple[Event, ...], datetime]:
    """The events that are to be shown, and from when on was looked."""
    kept: tuple[Event, ...] = ()
    since = now
    for since, before in _slices(desired, now):
        logs.look(since, before)
        kept = _matching(logs.read, desired)
        if desired.max_events and len(kept) >= desired.max_events:
            break
    return kept[: desired.max_events] if desired.max_events else kept, since


@dataclass
class _Logs:
    """The logs of a machine while they are looked through: what was read so far, and which of them do not exist."""

    session: CimSession
    wanted: Mapping[str, frozenset[int]]
    read: list[Event] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    left_out: SkippedRecords = field(default_factory=SkippedRecords)

    def look(self, since: datetime, before: datetime | None) -> None:
        """Read one slice of time of each log."""
        for log in self.wanted:
            self.read += self._slice_of(log, since, before)

    def _slice_of(self, log: str, since: datetime, before: datetime | None) -> tuple[Event, ...]:
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
        """Each log with its share of the events; one in which there was nothing may not exist."""
        for log in self.wanted:
            is_empty = log == KEY_MANAGEMENT_SERVICE and not any(event.log == log for event in self.read)
            exists = log not in self.missing and (not is_empty or event_log.file_of(self.session, log) is not None)
            yield LogSummary(log, exists, sum(1 for event in kept if event.log == log))


def _wanted(desired: EventQuery) -> dict[str, frozenset[int]]:
    """The IDs to ask each log for. A request is never told without looking for its answer."""
    kinds = catalog()
    event_ids = set(kinds if desired.event_ids is None else desired.event_ids)
    if event_ids & {REQUEST_SENT, RESPONSE_PROCESSED}:
        event_ids |= {REQUEST_SENT, RESPONSE_PROCESSED}
    wanted = {log: frozenset(event_id for event_id in event_ids if kinds[event_id].log == log) for log in desired.logs}
    asked = {log: ids for log, ids in wanted.items() if ids}
    if not asked:
        logs = " or ".join(LOGS[log] for log in desired.logs)
        words = f"Windows does not write the events {', '.join(map(str, sorted(event_ids)))} to the log {logs}."
        raise TaskRefusedError("no_such_event_in_log", words, ("Do not specify logs: the module reads each event from its log.",))
    return asked


def _slices(desired: EventQuery, now: datetime) -> Iterator[tuple[datetime, datetime | None]]:
    """From when on and before when to look, newest first; the newest has no end, for the clock goes on."""
    if desired.since is not None or not desired.max_events:
        yield event_log.start_of(USUAL if desired.since is None else desired.since, now), None
        return
    before = None
    for span in SLICES:
        yield now - span, before
        before = now - span


def _matching(read: list[Event], desired: EventQuery) -> tuple[Event, ...]:
    """The events that were asked for, newest first: what was read besides for the sake of a request is left out."""
    kept = [event for event in read if desired.event_ids is None or event.id in desired.event_ids]
    if desired.activation_id:
        talks = [talk for talk in conversations(read) if _names_product(talk.request, desired.activation_id)]
        answers = {talk.answer.key for talk in talks if talk.answer}
        kept = [event for event in kept if event.key in answers or _names_product(event, desired.activation_id)]
    oldest = datetime.min.replace(tzinfo=timezone.utc)
    return tuple(sorted(kept, key=lambda event: (event.time or oldest, event.record), reverse=True))


def _names_product(event: Event, activation_id: str) -> bool:
    """Whether an event is about a product, be it one of several."""
    values = event.values or {}
    several = (product["activation_id"] for product in values.get("products", ()))
    return values.get("activation_id") == activation_id or activation_id in several
