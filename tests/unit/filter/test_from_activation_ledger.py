# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter shows ledgers as data and as a table, masks what looks like a key, and says what it cannot read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.winops.volume_activation.plugins.filter.from_activation_ledger import FilterModule

KEY = "MMMMM-KKKKK-MMMMM-23BCD-FGHJK"
ledger_of = FilterModule().filters()["from_activation_ledger"]


def line(**fields: Any) -> str:
    values = {
        "schema": 1, "id": "1", "time": "2026-11-30T12:00:00Z", "event": "activated", "result": "done", "inventory_hostname": "pc1",
        "run_id": "r", "channel": "mak", "partial_product_key": "TTWX3", "method": "online", "activations_used": 1, "rearms_used": 0,
        **fields,
    }  # fmt: skip
    return json.dumps(values) + "\n"


def test_entries_keys_and_table() -> None:
    start = line(id="2", inventory_hostname="server-10", result="started", activations_used=None)
    found = ledger_of(line() + start)
    assert [(entry["id"], entry["result"], entry["time"], entry["started_time"]) for entry in found["entries"]] == [
        ("1", "done", "2026-11-30T12:00:00Z", None), ("2", "started", "2026-11-30T12:00:00Z", "2026-11-30T12:00:00Z"),
    ]  # fmt: skip
    (key,) = found["product_keys"]
    assert (key["partial_product_key"], key["activations_used"], key["activations_uncertain"]) == ("TTWX3", 1, 1)
    assert key["by_day"] == [{"date": "2026-11-30", "activations_used": 1}]
    assert found["lines"] == [
        "Time                  Machine    Event      Result   Channel  Key    Method  Used  Code",
        "--------------------  ---------  ---------  -------  -------  -----  ------  ----  ----",
        "2026-11-30T12:00:00Z  pc1        activated  done     mak      TTWX3  online     1  -",
        "2026-11-30T12:00:00Z  server-10  activated  started  mak      TTWX3  online     ?  -",
    ]
    json.dumps(found)


def test_several_ledgers_are_one_and_damage_is_shown() -> None:
    found = ledger_of([line(), line() + line(id="2", time="2026-11-29T12:00:00Z"), line()[:40]])
    assert [entry["id"] for entry in found["entries"]] == ["2", "1"]
    assert found["damaged_lines"] == [{"line": 1, "reason": "the line is not complete"}]


def test_full_key_that_somebody_wrote_into_a_ledger_is_masked() -> None:
    assert KEY not in json.dumps(ledger_of(line(description=f"install {KEY}")))


@pytest.mark.parametrize("value", [None, 7, {"a": 1}, [line(), None]])
def test_other_input_is_refused(value: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="not the content of a ledger"):
        ledger_of(value)


def test_empty_ledger_has_no_lines() -> None:
    found = ledger_of("")
    assert (found["entries"], found["product_keys"], found["damaged_lines"], len(found["lines"])) == ([], [], [], 0)
