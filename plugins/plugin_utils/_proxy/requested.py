# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the rows of the report about confirmation IDs that were requested from Microsoft.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The records are those of the result of mak_confirmation_id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .model import ProxyRecord
from .report import ReportRow, row

_STATUSES = {"unknown": "unanswered", "refused": "refused", "invalid": "failed", "planned": "planned"}
"""Status of a row by the status of a record without a confirmation ID; a record that was not sent waits."""

_BY_TELEPHONE = "no_extended_pid"
"""Code of a record that waits for the telephone, such as one of Windows Server 2003."""

_RECEIVED, _KNOWN = "received from Microsoft in this run", "known before this run"
_DEPOSIT = "Deposit the confirmation ID with the playbook proxy_deposit."


def requested_rows(results: Sequence[Mapping[str, Any]], records: Sequence[ProxyRecord]) -> list[ReportRow]:
    """Return a row for each record of the result, in its order. `records` are the same records."""
    return [_row(result, record, number) for number, (result, record) in enumerate(zip(results, records, strict=True), start=1)]


def status_of(result: Mapping[str, Any]) -> str:
    """Return the status of a row for a record without a confirmation ID."""
    code = (result.get("error") or {}).get("code")
    return "waiting" if code == _BY_TELEPHONE else _STATUSES.get(str(result.get("status")), "waiting")


def error_fields(error: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a row from the error of a record."""
    return {"code": error["code"], "next_steps": tuple(map(str, error["next_steps"]))}


def _row(result: Mapping[str, Any], record: ProxyRecord, number: int) -> ReportRow:
    name, error = record.machine or record.computer_name or f"record {number}", result.get("error")
    if result.get("confirmation_id"):
        is_new = result.get("status") == "answered"
        more = {"next_steps": (_DEPOSIT,)} if is_new else {}
        return row(name, "ready", _RECEIVED if is_new else _KNOWN, record, number, **more)
    reason, more = (str(error["meaning"]), error_fields(error)) if error else (None, {})
    return row(name, status_of(result), reason, record, number, **more)


__all__ = ["error_fields", "requested_rows", "status_of"]
