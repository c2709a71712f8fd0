# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events that a KMS client writes about its requests to a KMS host.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..._cim.session import CimSession
from . import log as event_log
from .catalog import APPLICATION
from .decode import Values, values_of
from .log import SkippedRecords

REQUEST_SENT = 12288
RESPONSE_PROCESSED = 12289

NOT_WINDOWS_SLP = 0x08000000
"""Flag of event 12288: the firmware of an OEM machine does not have the Windows marker."""


@dataclass(frozen=True)
class RequestSent:
    """Event 12288. `result` is an unsigned HRESULT, 0 for success. `kms_host` is host:port. `time` is the time of the client in UTC."""

    result: int
    flags: int
    kms_host: str
    cmid: str
    time: datetime | None
    is_virtual: bool
    status: int
    grace_minutes: int
    activation_id: str
    required_count: int | None


@dataclass(frozen=True)
class ResponseProcessed:
    """Event 12289. `current_count` is the client count of the KMS host. The intervals are in minutes."""

    result: int
    flags: int
    is_bound: bool
    current_count: int
    activation_interval: int
    renewal_interval: int
    time: datetime | None


KmsEvent = RequestSent | ResponseProcessed


def decode(event_id: int, text: str) -> KmsEvent | None:
    """Decode an event from its first insertion string. Return None for other events and for text without the known layout."""
    values = values_of(event_id, (text,))
    return _kms_event(event_id, values) if values else None


def recent(session: CimSession, since: datetime, *event_ids: int, left_out: SkippedRecords | None = None) -> tuple[KmsEvent, ...]:
    """Read the KMS events of the client since a time of the clock of the machine, newest first. One query.

    Raises CimError and UnreachableError.
    """
    left_out = left_out or SkippedRecords()
    found = event_log.read(session, APPLICATION, event_ids, since, left_out=left_out)
    decoded = (_kms_event(event.id, values) for event, values in left_out.known(found))
    return tuple(event for event in decoded if event)


def _kms_event(event_id: int, values: Values) -> KmsEvent | None:
    if event_id == REQUEST_SENT:
        return _request_sent(values)
    return _response_processed(values) if event_id == RESPONSE_PROCESSED else None


def _request_sent(values: Values) -> RequestSent:
    return RequestSent(
        result=values["result"],
        flags=values["flags"],
        kms_host=values["kms_host"] or "",
        cmid=values["cmid"] or "",
        time=values["client_time"],
        is_virtual=values["is_virtual"],
        status=values["status"],
        grace_minutes=values["grace_minutes"],
        activation_id=values["activation_id"] or "",
        required_count=values["required_count"],
    )


def _response_processed(values: Values) -> ResponseProcessed:
    return ResponseProcessed(
        result=values["result"],
        flags=values["flags"],
        is_bound=values["is_bound"],
        current_count=values["current_count"],
        activation_interval=values["activation_interval"],
        renewal_interval=values["renewal_interval"],
        time=values["client_time"],
    )
