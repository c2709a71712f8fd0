# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event log of one machine, as far as licensing writes it.

Numbers, identifiers, logs and insertion strings: licensing facts section 5. Texts of the messages: 12288 and 12289 follow
the positions ospp.vbs relies on; Japanese texts are the lab's own wording
(data/event_messages.json).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..interfaces import Value
from .facts import EventFacts, read_facts
from .facts import events as event_facts
from .schema import declare

PROVIDER_SOURCE = "Microsoft-Windows-Security-SPP"
KEPT = 2000
APPLICATION, KEY_MANAGEMENT_SERVICE = "Application", "Key Management Service"

MESSAGES: Mapping[int, Mapping[str, str]] = {int(number): texts for number, texts in read_facts("event_messages").items()}

_SEVERITY = {"Error": (1, "Error", "エラー"), "Warning": (2, "Warning", "警告"), "Information": (3, "Information", "情報")}

EVENT_CLASS = declare(
    "Win32_NTLogEvent",
    ("Logfile", "RecordNumber"),
    {
        "Category": "uint16", "CategoryString": "string", "ComputerName": "string", "Data": "uint8[]", "EventCode": "uint16",
        "EventIdentifier": "uint32", "EventType": "uint8", "InsertionStrings": "string[]", "Logfile": "string", "Message": "string",
        "RecordNumber": "uint32", "SourceName": "string", "TimeGenerated": "datetime", "TimeWritten": "datetime", "Type": "string",
        "User": "string",
    },
)  # fmt: skip


@dataclass(frozen=True)
class Event:
    """One record."""

    number: int
    record: int
    time: datetime
    strings: tuple[str, ...]
    source: str = PROVIDER_SOURCE
    """Who wrote it; other programs than the licensing service use its numbers too."""

    @property
    def facts(self) -> EventFacts:
        """What is known of events of this number."""
        return event_facts()[self.number] if self.source == PROVIDER_SOURCE else EventFacts(self.number, "Information", APPLICATION)

    @property
    def log(self) -> str:
        """The log it is in."""
        return self.facts.log

    def message(self, language: str) -> str:
        """The text a person reads, English or Japanese; where the lab has none, the strings alone."""
        known = MESSAGES.get(self.number) if self.source == PROVIDER_SOURCE else None
        text = known[language] if known else "\r\n".join(self.strings)
        for index, value in enumerate(self.strings, 1):
            text = text.replace(f"%{index}", value)
        return text

    def values(self, computer: str, language: str) -> Mapping[str, Value]:
        """All properties of the Win32_NTLogEvent."""
        facts = self.facts
        kind, english, japanese = _SEVERITY[facts.severity]
        time = self.time.replace(microsecond=0)
        return {
            "Category": 0, "CategoryString": None, "ComputerName": computer, "Data": (), "EventCode": self.number,
            "EventIdentifier": facts.identifier, "EventType": kind, "InsertionStrings": self.strings, "Logfile": facts.log,
            "Message": self.message(language), "RecordNumber": self.record, "SourceName": self.source, "TimeGenerated": time,
            "TimeWritten": time, "Type": japanese if language == "ja" else english, "User": None,
        }  # fmt: skip


class EventLog:
    """The newest records of a machine; older ones are overwritten as in a log of bounded size."""

    __slots__ = ("_next", "_records")

    def __init__(self) -> None:
        self._records: deque[Event] = deque(maxlen=KEPT)
        self._next = 1

    def add(self, number: int, time: datetime, *strings: str) -> None:
        """Write one event."""
        self.put(number, time, strings, PROVIDER_SOURCE)

    def put(self, number: int, time: datetime, strings: tuple[str, ...], source: str) -> None:
        """Write one event in the name of any program."""
        self._records.append(Event(number, self._next, time, strings, source))
        self._next += 1

    def clear(self, log: str) -> None:
        """Forget the records of one log."""
        self._records = deque((event for event in self._records if event.log != log), maxlen=KEPT)

    def newest_first(self, log: str | None = None, number: int | None = None) -> list[Event]:
        """Records in the order Win32_NTLogEvent gives them."""
        return [
            event
            for event in reversed(self._records)
            if (number is None or event.number == number) and (log is None or event.log.casefold() == log.casefold())
        ]
