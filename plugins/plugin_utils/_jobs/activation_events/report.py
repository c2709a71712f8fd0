# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result data of `activation_events_info`.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import Any

from ..._licensing.events.catalog import LOGS
from ..._licensing.events.log import Event
from ..._licensing.events.report import describe_event, describe_values
from ..._licensing.events.requests import Client, RequestWithResponse, clients
from ..._licensing.state.report import describe_reason, describe_system, iso
from .search import Found


def describe(found: Found) -> dict[str, Any]:
    """Return the result."""
    return {
        "msg": f"{found.os.computer_name}: {len(found.events)} {'event' if len(found.events) == 1 else 'events'} since {iso(found.since)}.",
        "machine": describe_system(found.os),
        "since": iso(found.since),
        "logs": [{"name": log.name, "log": LOGS[log.name], "exists": log.exists, "event_count": log.event_count} for log in found.logs],
        "events": [describe_event(event) for event in found.events],
        "requests": [_describe_request(pair) for pair in found.requests],
        "clients": [_describe_client(client) for client in clients(found.events)],
        "skipped_records": found.skipped,
    }


def _describe_request(pair: RequestWithResponse) -> dict[str, Any]:
    request = describe_values(pair.request.values)
    names = ("kms_host", "kms_port", "activation_id", "cmid", "result", "flags", "status", "grace_minutes", "required_count", "is_virtual")
    return {
        "request_time": iso(pair.request.time),
        "record_number": pair.request.record,
        "outcome": pair.outcome,
        "answered": pair.answer is not None,
        **{name: request.get(name) for name in names},
        "answer": _describe_answer(pair.answer),
    }


def _describe_answer(answer: Event | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    values = describe_values(answer.values)
    names = ("result", "flags", "current_count", "is_bound", "activation_interval", "renewal_interval")
    return {"answer_time": iso(answer.time), "record_number": answer.record, **{name: values.get(name) for name in names}}


def _describe_client(client: Client) -> dict[str, Any]:
    return {
        "cmid": client.cmid,
        "names": list(client.names),
        "activation_ids": list(client.activation_ids),
        "request_count": client.request_count,
        "refused_count": client.refused_count,
        "first_request_time": iso(client.first),
        "last_request_time": iso(client.last),
        "last_result": describe_reason(client.result),
    }
