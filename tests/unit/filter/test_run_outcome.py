# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter run_outcome: from a report to the artifact of a job, without keys, as documented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.winops.volume_activation.plugins.filter.outcome_report import outcome_report
from ansible_collections.winops.volume_activation.plugins.filter.run_outcome import FilterModule, run_outcome
from key_gate import assert_no_keys

KEY = "MMMMM-KKKKK-MMMMM-22222-33333"
LEFT = {"pc1": {"result": {"failed": True, "msg": f"no {KEY}"}}, "pc2": {"result": {"task_status": "unreachable", "msg": "it is off"}}}
DOCUMENTED = yaml.safe_load((Path(__file__).parents[3] / "plugins" / "filter" / "run_outcome.yml").read_text(encoding="utf-8"))


def outcome(**how: Any) -> dict[str, Any]:
    return dict(run_outcome(outcome_report(list(LEFT), LEFT, ["result"]), "convert_to_kms", **how))


def test_the_result_and_the_artifact_have_the_documented_fields() -> None:
    contains = DOCUMENTED["RETURN"]["_value"]["contains"]
    found = outcome(job_id=1742)
    assert set(found) == set(contains)
    assert list(found["artifact"]) == list(contains["artifact"]["sample"])
    (made,), (sample,) = found["artifact"].values(), contains["artifact"]["sample"].values()
    assert list(made) == list(sample)


def test_a_machine_that_is_off_is_in_the_artifact_whether_or_not_it_makes_the_run_fail() -> None:
    for off, failing in ((True, ["pc1", "pc2"]), ("no", ["pc1"])):
        found = outcome(fail_on_unreachable=off)
        assert (found["failing"], found["outcome"]) == (failing, "failed")
        assert found["artifact"]["convert_to_kms_outcome"]["failed"] == ["pc1", "pc2"]


def test_a_machine_keeps_a_file_only_if_there_is_one() -> None:
    for path, kept in (("/srv/report.html", ("/srv/report.html", "files01")), ("", (None, None))):
        (made,) = outcome(report_file=path, file_host="files01")["artifact"].values()
        assert (made["report_file"], made["file_host"]) == kept


def test_no_key_is_in_the_artifact_or_in_a_line() -> None:
    told = {"outcome": "failed", "counts": {"records": 1}, "failed": [KEY], "summary": f"{KEY} is wrong."}
    for found in (outcome(), run_outcome(told, "proxy_request", report_file=f"/srv/{KEY}", file_host=KEY)):
        assert_no_keys(str(found))
    assert "33333" in str(outcome())


def test_a_value_that_is_not_valid_is_an_error_of_the_filter_without_keys() -> None:
    with pytest.raises(
        AnsibleFilterError, match="run_outcome: convert_to_kms_fail_on contains XXXXX-XXXXX-XXXXX-XXXXX-33333, and can contain"
    ):
        outcome(fail_on=KEY)
    with pytest.raises(AnsibleFilterError, match="run_outcome: the outcome is good"):
        run_outcome({"outcome": "good"}, "activation_merge")


def test_the_filter_is_registered() -> None:
    assert FilterModule().filters() == {"run_outcome": run_outcome}
