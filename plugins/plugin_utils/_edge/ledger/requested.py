# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries of confirmation IDs that a task requested from Microsoft.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The module runs on another host, where it writes each request to its journal before it is sent. The ledger gets the entries when the
task has ended.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..._licensing.recording.entry import EntryMethod, EntryResult, LedgerEvent, RequestEntry
from ..._licensing.state.model import Channel

_RESULTS = {"answered": EntryResult.DONE, "refused": EntryResult.FAILED, "unknown": EntryResult.UNKNOWN}
_USED = {EntryResult.DONE: 1, EntryResult.FAILED: 0, EntryResult.UNKNOWN: None}
_OF_EARLIER_RUN = "unknown_outcome"
"""Error code of a record that an earlier run requested without an answer, and that this run did not request again."""


def requested(records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str | None, RequestEntry]]:
    """Yield the name of the machine, its computer name, and the entry for each request that the task sent.

    `records` are those of the result of mak_confirmation_id. Records with the same installation ID have one request.
    """
    done: set[str] = set()
    for record in records:
        result, installation_id = _RESULTS.get(str(record.get("status"))), str(record.get("installation_id"))
        code = (record.get("error") or {}).get("code")
        if result is None or installation_id in done or code == _OF_EARLIER_RUN:
            continue
        done.add(installation_id)
        name, computer_name = _text(record, "machine"), _text(record, "computer_name")
        yield name or computer_name or installation_id, computer_name, _entry_of(record, result, code)


def _entry_of(record: Mapping[str, Any], result: EntryResult, code: str | None) -> RequestEntry:
    ending = _text(record, "partial_product_key")
    mak = f"the MAK ending in {ending}" if ending else "a MAK"
    return RequestEntry(
        uuid.uuid4().hex[:16],
        LedgerEvent.CONFIRMATION_ID_REQUESTED,
        result,
        action="request_confirmation_id",
        description=f"request a confirmation ID for {mak}",
        product_name=_text(record, "product_name"),
        activation_id=_text(record, "activation_id"),
        application=_text(record, "application"),
        channel=Channel.MAK.value,
        partial_product_key=ending,
        extended_pid=_text(record, "extended_pid"),
        method=EntryMethod.PROXY,
        consumes=f"1 activation of {mak}",
        activations_used=_USED[result],
        code=code,
    )


def _text(record: Mapping[str, Any], name: str) -> str | None:
    value = record.get(name)
    return value if isinstance(value, str) and value else None


__all__ = ["requested"]
