# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An entry is a safe line: no key, no control characters; what cannot be written is told with the whole line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.ledger.file import LedgerFile
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.ledger.recorder import LedgerRecorder
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.ledger.requested import requested
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.secrets import SecretMask
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.recording.entry import (
    EntryMethod,
    EntryResult,
    LedgerError,
    LedgerEvent,
    RequestEntry,
)
from key_gate import assert_no_keys

KEY = "MMMMM-KKKKK-MMMMM-23BCD-FGHJK"
ENTRY = RequestEntry("1", LedgerEvent.ACTIVATED, description="activate the MAK ending in FGHJK online", method=EntryMethod.ONLINE)


def recorder(path: Path, warnings: list[str], **common: Any) -> LedgerRecorder:
    return LedgerRecorder(LedgerFile(str(path)), lambda: {"inventory_hostname": "pc1", **common}, SecretMask([KEY]), warnings.append)


def test_entry_has_the_fields_of_the_task_and_of_the_request(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    recorder(path, [], run_id="r").begin(ENTRY)
    found = json.loads(path.read_text())
    assert (found["schema"], found["inventory_hostname"], found["run_id"]) == (1, "pc1", "r")
    assert (found["event"], found["result"], found["method"], found["activations_used"]) == ("activated", "started", "online", 0)


@pytest.mark.parametrize("text", [KEY, KEY.lower(), KEY.replace("-", ""), f"play of {KEY}", "RRRRR-TTTTT-RRRRR-MKR66-TTWX7"])
def test_key_in_any_field_is_masked(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ledger.jsonl"
    book = recorder(path, [], play=text, playbook=f"/srv/{text}.yml")
    book.begin(RequestEntry("1", LedgerEvent.ACTIVATED, description=text, product_name=text))
    assert_no_keys(path.read_text(), "the ledger", [KEY, "RRRRR-TTTTT-RRRRR-MKR66-TTWX7"])
    assert path.read_text().upper().count(text[-5:].upper()) == 4


def test_text_of_a_machine_cannot_begin_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    recorder(path, []).begin(RequestEntry("1", LedgerEvent.ACTIVATED, product_name='Windows"}\n{"schema": 1\u2028\x1b[2J'))
    assert len(path.read_text().splitlines()) == 1
    assert json.loads(path.read_text())["product_name"] == 'Windows"}\ufffd{"schema": 1\ufffd\ufffd[2J'


def test_after_a_result_that_was_not_written_no_request_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    warnings: list[str] = []
    book = recorder(path, warnings)
    book.begin(ENTRY)
    path.rename(tmp_path / "moved")
    path.mkdir()
    book.end(RequestEntry("1", LedgerEvent.ACTIVATED, EntryResult.DONE))
    (warning,) = warnings
    assert warning.startswith(
        f"Cannot write to the ledger {path}: it is a directory. The request was sent. Add its entry to the ledger: {{"
    )
    assert json.loads(warning.partition("to the ledger: ")[2])["result"] == "done"
    path.rmdir()  # it could be written again, but the ledger misses an entry
    with pytest.raises(LedgerError, match=r"The module did not activate the MAK ending in FGHJK online, because the ledger"):
        book.begin(ENTRY)
    assert not path.exists()
    book.begin(ENTRY, is_required=False)
    assert path.exists()


def test_common_fields_are_read_once_and_not_without_an_entry(tmp_path: Path) -> None:
    reads: list[int] = []

    def common() -> dict[str, Any]:
        reads.append(1)
        return {}

    book = LedgerRecorder(LedgerFile(str(tmp_path / "ledger.jsonl")), common, SecretMask(()), print)
    assert reads == []
    book.begin(ENTRY)
    book.end(ENTRY)
    assert reads == [1]


RECORD = {"machine": "pc1", "installation_id": "1", "partial_product_key": "FGHJK", "extended_pid": "1-2"}


@pytest.mark.parametrize(
    ("status", "code", "result", "used"),
    [
        ("answered", None, "done", 1),
        ("refused", "0x7F", "failed", 0),
        ("unknown", "response_lost", "unknown", None),
        ("unknown", "unknown_outcome", None, 0),
        ("not_sent", "service_unreachable", None, 0),
        ("kept", None, None, 0),
        ("planned", None, None, 0),
        ("invalid", "invalid_installation_id", None, 0),
        (None, None, None, 0),
    ],
)
def test_requests_that_were_sent_are_entries(status: str | None, code: str | None, result: str | None, used: int | None) -> None:
    found = list(requested([{**RECORD, "status": status, "error": {"code": code} if code else None}]))
    assert [(name, entry.result.value, entry.activations_used, entry.code) for name, _computer, entry in found] == (
        [("pc1", result, used, code)] if result else []
    )


def test_records_with_one_installation_id_are_one_request() -> None:
    answered = {**RECORD, "status": "answered", "error": None}
    found = list(
        requested([answered, {**answered, "machine": "pc2"}, {**answered, "installation_id": "2", "machine": "", "computer_name": "X"}])
    )
    assert [(name, computer) for name, computer, _entry in found] == [("pc1", None), ("X", "X")]
    (_name, _computer, entry) = found[0]
    assert (entry.consumes, entry.channel, entry.method) == ("1 activation of the MAK ending in FGHJK", "mak", EntryMethod.PROXY)
