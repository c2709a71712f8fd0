# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events of the licensing service as result data.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ....module_utils import _hosts as hosts
from ..catalog.errors import format_code
from ..state.model import LicenseStatus
from ..state.report import describe_reason, iso
from .catalog import catalog
from .log import Event

_FLAGS = {
    0x00000008: "other_pc",
    0x01000000: "no_binding_registration",
    0x02000000: "invalid_data_type",
    0x04000000: "not_enough_count",
    0x08000000: "no_windows_marker",
}
"""Flags of 12288 and 12289 (Microsoft, table 11 of the troubleshooting guide for volume activation)."""
_NOT_SHOWN = "unused"


def describe_event(event: Event) -> dict[str, Any]:
    """Return an event in the format of the module results. The strings are unchanged, even if their layout is known."""
    kind = catalog()[event.id]
    return {
        "event_id": event.id,
        "name": kind.name,
        "meaning": kind.meaning,
        "severity": event.severity,
        "harmless": kind.is_harmless(event.values),
        "event_time": iso(event.time),
        "log": event.log,
        "record_number": event.record,
        "source": event.source,
        "decoded": event.values is not None,
        "fields": describe_values(event.values),
        "strings": list(event.strings),
    }


def describe_values(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the values of an event as plain data. A KMS host and its port are two fields."""
    plain = {name: _READABLE.get(name, _value)(value) for name, value in (values or {}).items() if name != _NOT_SHOWN}
    if "kms_host" in plain:
        host, port = hosts.split_port(plain["kms_host"] or "")
        plain |= {"kms_host": host or None, "kms_port": port}
    return plain


def _value(value: Any) -> Any:
    return iso(value) if isinstance(value, datetime) else value


def _flags(value: int) -> dict[str, Any]:
    return {"value": format_code(value), "names": [name for bit, name in _FLAGS.items() if value & bit]}


def _status(value: int) -> str:
    """Return the name that activation_info uses for a status, or the number of an unknown status."""
    return LicenseStatus(value).name.lower() if value in LicenseStatus._value2member_map_ else str(value)


_READABLE: Mapping[str, Callable[[Any], Any]] = {
    "result": describe_reason,
    "flags": _flags,
    "status": _status,
    "products": lambda products: [describe_values(product) for product in products],
}
