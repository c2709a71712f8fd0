# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What events tell together: a client's requests with the answers to them, and the clients a KMS host has heard. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

An answer (12289) names neither product nor host. The client writes it right after the request (12288) it belongs to, so it is the first one
after that request and before the next.
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
    """A request of a client, and the answer to it, None when none came."""

    request: Event
    answer: Event | None = None

    @property
    def outcome(self) -> str:
        """How it ended, in a word: activated, refused, not_reached, no_answer, or unknown for strings nobody can read."""
        told = self.answer or self.request
        result = told.values["result"] if told.values else None
        if result is None:
            return "unknown"
        if self.answer:
            return "refused" if result else "activated"
        if not result:
            return "no_answer"
        # What a host answered is handed on as it is; what went wrong on the way to it is an error of Win32.
        return "not_reached" if result >> 16 == _WIN32_FACILITY or result == _NO_KMS_ANSWER else "refused"


@dataclass(frozen=True)
class Client:
    """What a KMS host heard of one client machine ID. Several names mean machines that share it, as clones do, or a new name."""

    cmid: str
    names: tuple[str, ...]
    activation_ids: tuple[str, ...]
    request_count: int
    refused_count: int
    first: datetime | None
    last: datetime | None
    result: int


def conversations(events: Iterable[Event]) -> tuple[RequestWithResponse, ...]:
    """The requests among a client's events with their answers, newest first."""
    found: list[RequestWithResponse] = []
    for event in sorted(events, key=lambda event: event.record):
        if event.id == REQUEST_SENT:
            found.append(RequestWithResponse(event))
        elif event.id == RESPONSE_PROCESSED and found and found[-1].answer is None:
            found[-1] = RequestWithResponse(found[-1].request, event)
    return tuple(reversed(found))


def clients(events: Iterable[Event]) -> tuple[Client, ...]:
    """The clients in a KMS host's events, those heard last first."""
    heard: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda event: event.record, reverse=True):
        if event.id == REQUEST_PROCESSED and event.values and event.values["cmid"]:
            heard.setdefault(event.values["cmid"], []).append(event)
    return tuple(_client(cmid, requests) for cmid, requests in heard.items())


def _client(cmid: str, requests: list[Event]) -> Client:
    values = [event.values for event in requests if event.values]
    return Client(
        cmid=cmid,
        names=_each_once(told["client"] for told in values),
        activation_ids=_each_once(told["activation_id"] for told in values),
        request_count=len(values),
        refused_count=sum(1 for told in values if told["result"]),
        first=requests[-1].time,
        last=requests[0].time,
        result=values[0]["result"],
    )


def _each_once(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
