# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Combined events: the requests of a client with their responses, and the clients of a KMS host. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A response (12289) contains neither a product nor a host. The client writes it directly after its request (12288), so the response of a
request is the first one before the next request.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .kms import REQUEST_SENT, RESPONSE_PROCESSED
from .log import Event

REQUEST_PROCESSED = 12290
_NO_KMS_ANSWER = 0xC004F074
_WIN32_FACILITY = 0x8007


@dataclass(frozen=True)
class RequestWithResponse:
    """A request of a client and its response, or None if there is no response."""

    request: Event
    answer: Event | None = None

    @property
    def outcome(self) -> str:
        """The outcome: activated, refused, not_reached, no_answer, or unknown if the strings of the event cannot be decoded."""
        last = self.answer or self.request
        result = last.values["result"] if last.values else None
        if result is None:
            return "unknown"
        if self.answer:
            return "refused" if result else "activated"
        if not result:
            return "no_answer"
        # The code of a KMS host is returned unchanged. A failure to reach the KMS host is a Win32 error.
        return "not_reached" if result >> 16 == _WIN32_FACILITY or result == _NO_KMS_ANSWER else "refused"


@dataclass(frozen=True)
class Client:
    """The requests of one client machine ID (CMID) to a KMS host. Several names mean a duplicate CMID (clones) or a renamed machine."""

    cmid: str
    names: tuple[str, ...]
    activation_ids: tuple[str, ...]
    request_count: int
    refused_count: int
    first: datetime | None
    last: datetime | None
    result: int


def pair_requests(events: Iterable[Event]) -> tuple[RequestWithResponse, ...]:
    """Return the requests in the events of a client with their responses, newest first."""
    found: list[RequestWithResponse] = []
    for event in sorted(events, key=lambda event: event.record):
        if event.id == REQUEST_SENT:
            found.append(RequestWithResponse(event))
        elif event.id == RESPONSE_PROCESSED and found and found[-1].answer is None:
            found[-1] = RequestWithResponse(found[-1].request, event)
    return tuple(reversed(found))


def clients(events: Iterable[Event]) -> tuple[Client, ...]:
    """Return the clients in the events of a KMS host, ordered by their last request, newest first."""
    requests_of: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda event: event.record, reverse=True):
        if event.id == REQUEST_PROCESSED and event.values and event.values["cmid"]:
            requests_of.setdefault(event.values["cmid"], []).append(event)
    return tuple(_client(cmid, requests) for cmid, requests in requests_of.items())


def _client(cmid: str, requests: list[Event]) -> Client:
    values = [event.values for event in requests if event.values]
    return Client(
        cmid=cmid,
        names=_each_once(each["client"] for each in values),
        activation_ids=_each_once(each["activation_id"] for each in values),
        request_count=len(values),
        refused_count=sum(1 for each in values if each["result"]),
        first=requests[-1].time,
        last=requests[0].time,
        result=values[0]["result"],
    )


def _each_once(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
