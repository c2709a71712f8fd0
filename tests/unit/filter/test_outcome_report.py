# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of the end of a run: from the variables of machines to the table, without keys, as documented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ansible_collections.winops.volume_activation.plugins.filter.outcome_report import FilterModule, outcome_report
from ansible_collections.winops.volume_activation.plugins.filter.shown_lines import FilterModule as ShownLines
from ansible_collections.winops.volume_activation.plugins.filter.shown_lines import shown_lines
from key_gate import assert_no_keys

DONE = {"activation": {"outcome": "activated", "kms_host": "kms01"}, "steps": [{"done": True}], "before": {}, "after": {"channel": "gvlk"}}
KEY = "MMMMM-KKKKK-MMMMM-22222-33333"
ROOT = Path(__file__).parents[3]


def documented() -> dict[str, Any]:
    text = (ROOT / "plugins" / "filter" / "outcome_report.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text)["RETURN"]["_value"]["contains"])


def test_machines_without_variables_and_unknown_machines_have_rows() -> None:
    found = outcome_report(["pc1", "pc2", "gone"], {"pc1": {"result": DONE}, "pc2": {}}, ["result"])
    assert found["machines"]["activated"] == ["pc1"]
    assert found["machines"]["not_run"] == ["gone", "pc2"]


def test_a_collected_failure_and_one_of_a_check_are_failures() -> None:
    left = {"pc1": {"check": {"task_status": "unreachable", "msg": "it is off"}}, "pc2": {"result": {"task_status": "failed", "msg": "no"}}}
    found = outcome_report(list(left), left, ["result"], ["check"])
    assert (found["machines"]["unreachable"], found["machines"]["failed"]) == (["pc1"], ["pc2"])


def test_a_decision_is_the_reason_of_a_machine_that_was_not_changed() -> None:
    left = {"pc1": {"decision": {"status": "not_yet", "message": "Not ready."}}}
    (row,) = outcome_report(["pc1"], left, ["result"], [], "decision")["rows"]
    assert (row["status"], row["message"]) == ("not_yet", "Not ready.")


def test_no_key_is_in_the_report() -> None:
    left = {"pc1": {"result": {"failed": True, "msg": f"no {KEY}"}}}
    assert_no_keys(str(outcome_report(["pc1"], left, ["result"])))


def test_the_report_has_the_documented_fields() -> None:
    found = outcome_report(["pc1"], {"pc1": {"result": DONE}}, ["result"])
    assert set(found) == set(documented())
    assert set(found["machines"]) == set(documented()["machines"]["contains"])
    for part in ("rows", "groups"):
        assert set(found[part][0]) == set(documented()[part]["contains"])


def test_lines_are_a_list_for_json_and_harmless() -> None:
    assert shown_lines(["a\x1b[31m", "b"]) == ["a\ufffd[31m", "b"]


def test_the_filters_are_registered() -> None:
    assert FilterModule().filters() == {"outcome_report": outcome_report}
    assert ShownLines().filters() == {"shown_lines": shown_lines}
