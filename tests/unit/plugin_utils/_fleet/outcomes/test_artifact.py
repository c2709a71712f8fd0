# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact of a run is always smaller than 4 KiB, and what is left out of it is never a part of a name or of a path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.outcomes.artifact import (
    MOST_BYTES,
    MOST_NAMES,
    OUTCOMES,
    RunOutcome,
    artifact,
    key_of,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.outcomes.report import STATUSES

TEXTS = st.text(max_size=2000) | st.text(alphabet='𠮷机ü\\"\n', min_size=500, max_size=3000) | st.just("n" * 5000)
COUNTS = st.dictionaries(st.sampled_from([*STATUSES, "machines"]), st.integers(0, 10**9))
PLAYBOOK = "mak_to_kms_when_ready"


def size(made: Any) -> int:
    """The size in the longer of the usual forms of JSON."""
    return max(len(json.dumps(made)), len(json.dumps(made, ensure_ascii=False).encode("utf-8", "surrogatepass")))


def told(made: dict[str, dict[str, Any]]) -> dict[str, Any]:
    (found,) = made.values()
    return found


@given(st.sampled_from(list(OUTCOMES)), COUNTS, st.lists(TEXTS, max_size=60), TEXTS, st.none() | TEXTS, st.none() | TEXTS)
def test_no_artifact_is_as_large_as_4_kib(
    outcome: str, counts: dict[str, int], failed: list[str], summary: str, path: str | None, host: str | None
) -> None:
    made = artifact(RunOutcome(PLAYBOOK, outcome, counts, failed, summary, path, host), "9" * 18)
    found = told(made)
    assert size(made) <= MOST_BYTES < 4096
    assert list(found) == ["playbook", "outcome", "counts", "failed", "summary", "report_file", "file_host"]
    assert (found["playbook"], found["outcome"], found["counts"]) == (PLAYBOOK, outcome, counts)
    assert found["failed"] == failed[: len(found["failed"])], "the first names, each of them whole"
    assert found["report_file"] in (path or None, None)
    assert found["file_host"] in (host or None, None)
    plain = " ".join(summary.split())
    assert found["summary"] == plain or (found["summary"].endswith("...") and plain.startswith(found["summary"][:-3]))


@pytest.mark.parametrize("name", ["machine-{:05}", "機械{:05}の部屋", "m{:05}" + "x" * 58])
def test_of_ten_thousand_machines_the_first_fifty_are_named_and_all_are_counted(name: str) -> None:
    names = [name.format(number) for number in range(10_000)]
    made = artifact(RunOutcome(PLAYBOOK, "failed", {"machines": 10_000, "failed": 10_000}, names, "10000 machines: 10000 failed."), "7")
    assert size(made) < 4096
    assert told(made)["counts"] == {"machines": 10_000, "failed": 10_000}
    assert told(made)["failed"] == names[:MOST_NAMES]


def test_what_fits_is_left_as_it_is() -> None:
    run = RunOutcome("activation_check", "ok", {"machines": 1}, ["pc1"], "1 of 1 machine licensed.", "/srv/report.json", "files01")
    assert artifact(run) == {
        "activation_check_outcome": {
            "playbook": "activation_check",
            "outcome": "ok",
            "counts": {"machines": 1},
            "failed": ["pc1"],
            "summary": "1 of 1 machine licensed.",
            "report_file": "/srv/report.json",
            "file_host": "files01",
        }
    }


@pytest.mark.parametrize(
    ("job_id", "name"),
    [("", "a_outcome"), ("1742", "a_outcome_1742"), ("x", "a_outcome"), ("-1", "a_outcome"), ("１７", "a_outcome"), ("1 2", "a_outcome")],
)
def test_the_name_ends_with_the_number_of_the_job_if_it_is_one(job_id: str, name: str) -> None:
    """`set_stats` would refuse any other name, and the run would fail."""
    assert key_of("a", job_id) == name


def test_counts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="does not fit into 4095 bytes: its counts have 400 names"):
        artifact(RunOutcome("a", "ok", {f"status_{number:010}": 1 for number in range(400)}))
