# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found in the event logs as the plain data of `activation_events_info`.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..._licensing.catalog.errors import format_code
from ..._licensing.events.catalog import LOGS, catalog
from ..._licensing.events.log import Event
from ..._licensing.events.requests import Client, RequestWithResponse, clients
from ..._licensing.state.model import LicenseStatus
from ..._licensing.state.report import describe_reason, iso
from .search import Found

_FLAGS = {
    0x00000008: "other_pc",
    0x01000000: "no_binding_registration",
    0x02000000: "invalid_data_type",
    0x04000000: "not_enough_count",
    0x08000000: "no_windows_marker",
}
"""Flags of 12288 and 12289 (Microsoft, table 11 of the troubleshooting guide for volume activation)."""
_NOT_SHOWN = "unused"


def describe(found: Found) -> dict[str, Any]:
    """The whole result."""
    return {
        "host": {"computer_name": found.os.computer_name, "version": found.os.version, "time": iso(found.os.time)},
        "since": iso(found.since),
        "logs": [{"name": log.name, "log": LOGS[log.name], "exists": log.exists, "events": log.events} for log in found.logs],
        "events": [describe_event(event) for event in found.events],
        "requests": [_describe_conversation(talk) for talk in found.conversations],
        "clients": [_describe_client(client) for client in clients(found.events)],
        "skipped_records": found.skipped,
    }


def describe_event(event: Event) -> dict[str, Any]:
    """One event; the strings are told as they are, whether or not they could be read."""
    kind = catalog()[event.id]
    return {
        "id": event.id,
        "name": kind.name,
        "meaning": kind.meaning,
        "severity": event.severity,
        "time": iso(event.time),
        "log": event.log,
        "record": event.record,
        "source": event.source,
        "decoded": event.values is not None,
        "fields": _plain(event.values),
        "strings": list(event.strings),
    }


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: _READABLE.get(name, _value)(value) for name, value in (values or {}).items() if name != _NOT_SHOWN}


def _value(value: Any) -> Any:
    return iso(value) if isinstance(value, datetime) else value


def _flags(value: int) -> dict[str, Any]:
    return {"value": format_code(value), "names": [name for bit, name in _FLAGS.items() if value & bit]}


def _status(value: int) -> str:
    """The word activation_info has for it, or the number of a status nobody has heard of."""
    return LicenseStatus(value).name.lower() if value in LicenseStatus._value2member_map_ else str(value)


_READABLE: Mapping[str, Callable[[Any], Any]] = {
    "result": describe_reason,
    "flags": _flags,
    "status": _status,
    "products": lambda products: [_plain(product) for product in products],
}


def _describe_conversation(talk: RequestWithResponse) -> dict[str, Any]:
    request = _plain(talk.request.values)
    names = ("kms_host", "activation_id", "cmid", "result", "flags", "status", "grace_minutes", "required_count", "is_virtual")
    return {
        "time": iso(talk.request.time),
        "record": talk.request.record,
        "outcome": talk.outcome,
        "answered": talk.answer is not None,
        **{name: request.get(name) for name in names},
        "answer": _describe_answer(talk.answer),
    }


def _describe_answer(answer: Event | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    told = _plain(answer.values)
    names = ("result", "flags", "current_count", "is_bound", "activation_interval", "renewal_interval")
    return {"time": iso(answer.time), "record": answer.record, **{name: told.get(name) for name in names}}


def _describe_client(client: Client) -> dict[str, Any]:
    return {
        "cmid": client.cmid,
        "names": list(client.names),
        "activation_ids": list(client.activation_ids),
        "requests": client.requests,
        "refused": client.refused,
        "first": iso(client.first),
        "last": iso(client.last),
        "last_result": describe_reason(client.result),
    }
