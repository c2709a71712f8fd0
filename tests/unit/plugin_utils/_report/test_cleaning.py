# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No full product key and no harmful character reaches a report, whatever a record file contains."""

from __future__ import annotations

from datetime import datetime, timezone

from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.merge import MergedRecords, merge
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import Record
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.cleaning import cleaned, cleaned_value

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=timezone.utc)
KEY = "MMMMM-KKKKK-MMMMM-22222-33333"


def test_keys_are_masked_and_texts_are_one_visible_line() -> None:
    result = {"msg": f"a key {KEY}", "products": [{"name": "Windows\u202e\n\u2028", KEY: True}]}
    found = cleaned(merge({"a\x1b.jsonl": [Record("pc1", NOW, result)], "b.jsonl": [Record("pc1", NOW, result)]}, NOW))
    assert found.records[0].result == {
        "msg": "a key XXXXX-XXXXX-XXXXX-XXXXX-33333",
        "products": [{"name": "Windows\ufffd\ufffd\ufffd", "XXXXX-XXXXX-XXXXX-XXXXX-33333": True}],
    }
    assert found.sources == {"pc1": ("a\ufffd.jsonl", "b.jsonl")}


def test_names_that_become_equal_stay_different_machines() -> None:
    records = tuple(Record(name, NOW, {}) for name in ("pc\x01", "pc\x02", "pc\ufffd (2)"))
    found = cleaned(MergedRecords(records, {}, frozenset({"pc\x02"})))
    assert [record.inventory_hostname for record in found.records] == ["pc\ufffd", "pc\ufffd (2)", "pc\ufffd (2) (2)"]
    assert found.stale == {"pc\ufffd (2)"}


def test_title_is_cleaned() -> None:
    assert cleaned_value(f"Site {KEY}\n") == "Site XXXXX-XXXXX-XXXXX-XXXXX-33333\ufffd"
