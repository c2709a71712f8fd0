# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events by which a KMS client tells what happened between it and its host.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The first insertion string holds the facts, in every display language the same; the message text is never read. Layouts are
those of sppsvc.exe 6.1 to 10.0: 12288 the client sent a request, 12289 it processed the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from .._cim.session import CimInstance, CimSession
from . import wql

REQUEST_SENT = 12288
RESPONSE_PROCESSED = 12289

NOT_WINDOWS_SLP = 0x08000000
"""Flag of 12288: the firmware of an OEM machine lacks the Windows marker."""


@dataclass(frozen=True)
class RequestSent:
    """12288. `result` is an unsigned HRESULT, 0 for success; `kms_host` is host:port; `time` the client's, in UTC."""

    result: int
    flags: int
    kms_host: str
    cmid: str
    time: datetime | None
    is_virtual: bool
    license_status: int
    minutes_to_expiry: int
    activation_id: str
    required_count: int | None


@dataclass(frozen=True)
class ResponseProcessed:
    """12289. `current_count` is the host's count of clients, the intervals are minutes."""

    result: int
    flags: int
    is_bound: bool
    current_count: int
    activation_interval: int
    renewal_interval: int
    time: datetime | None


KmsEvent = RequestSent | ResponseProcessed


def decode(event_id: int, text: str) -> KmsEvent | None:
    """An event from its first insertion string; None for other events and for text that does not have the known layout."""
    fields = [part.strip() for part in text.split(",")]
    try:
        if event_id == REQUEST_SENT:
            return _request_sent(fields)
        return _response_processed(fields) if event_id == RESPONSE_PROCESSED else None
    except (IndexError, ValueError):
        return None


def logged(session: CimSession, since: datetime, *event_ids: int) -> list[CimInstance]:
    """Events of the Application log since a moment of the machine's clock, newest first. One query, bounded because the log is slow.

    Raises CimError and UnreachableError.
    """
    codes = " OR ".join(f"EventCode={event_id}" for event_id in event_ids)
    scope = codes if len(event_ids) == 1 else f"({codes})"
    query = f"SELECT * FROM Win32_NTLogEvent WHERE Logfile='Application' AND {scope} AND TimeGenerated >= {wql.moment(since)}"
    return sorted(session.query(query), key=_order, reverse=True)


def recent(session: CimSession, since: datetime, *event_ids: int) -> tuple[KmsEvent, ...]:
    """The client's KMS events since a moment of the machine's clock, newest first. Asks and raises as :func:`logged`."""
    found = logged(session, since, *event_ids)
    decoded = (decode(instance.integer("EventCode") or 0, (instance.texts("InsertionStrings") or ("",))[0]) for instance in found)
    return tuple(event for event in decoded if event)


def _order(instance: CimInstance) -> int:
    return instance.integer("RecordNumber") or 0


def _request_sent(fields: list[str]) -> RequestSent:
    return RequestSent(
        result=_hex(fields[0]),
        flags=_hex(fields[1]),
        kms_host=fields[2],
        cmid=fields[3],
        time=_time(fields[4]),
        is_virtual=fields[5] == "1",
        license_status=int(fields[6]),
        minutes_to_expiry=int(fields[7]),
        activation_id=fields[8].lower(),
        required_count=int(fields[9]) if len(fields) > 9 else None,
    )


def _response_processed(fields: list[str]) -> ResponseProcessed:
    return ResponseProcessed(
        result=_hex(fields[0]),
        flags=_hex(fields[1]),
        is_bound=fields[2] == "1",
        current_count=int(fields[4]),
        activation_interval=int(fields[5]),
        renewal_interval=int(fields[6]),
        time=_time(fields[7]) if len(fields) > 7 else None,
    )


def _hex(text: str) -> int:
    """Any hexadecimal number: success is written as 0x0 or 0x00000000."""
    return int(text, 16) & 0xFFFFFFFF


def _time(text: str) -> datetime | None:
    """2010/09/29 17:52, UTC."""
    try:
        return datetime.strptime(text, "%Y/%m/%d %H:%M").replace(tzinfo=timezone.utc)
    except ValueError:
        return None
