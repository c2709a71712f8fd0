# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON document has the summary and every record, and its records can be read again."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from sample_fleet import NOW, records, sample_report

from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.merge import merge
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import record_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.document import render_json

FIELDS = [
    "schema", "title", "report_time", "stale_after_days", "expiring_within_days", "summary", "sections", "remaining_activations",
    "checked_times", "mak_budgets", "ledger", "machines",
]  # fmt: skip


def test_document_has_its_fields_and_is_one_line_of_ascii() -> None:
    text = render_json(sample_report(40, stale_after_days=14, sections=["03A"], title="東京", mak_budgets={"2X4YB": 60}))
    assert text.isascii()
    assert text.count("\n") == 1
    found = json.loads(text)
    assert list(found) == FIELDS
    assert (found["schema"], found["report_time"], found["title"]) == (1, "2026-11-30T12:00:00Z", "東京")
    assert found["summary"]["machine_count"] == len(found["machines"]) == 40
    assert found["mak_budgets"] == {"2X4YB": 60}
    assert [section["id"] for section in found["sections"]] == ["03A"]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 80))
def test_machines_of_a_document_are_records(count: int) -> None:
    report = sample_report(count)
    found = json.loads(render_json(report))
    again = [record_of(json.dumps({name: each[name] for name in each if name not in ("stale", "sources")})) for each in found["machines"]]
    assert merge({"a": again}, NOW).results == merge({"a": records(count)}, NOW).results
