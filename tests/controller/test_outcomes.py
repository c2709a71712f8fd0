# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the next node of a workflow is told by the jobs before it: one small artifact each, also by the slices of a job."""

from __future__ import annotations

import json
import re

from .lab_site import Site


def test_each_slice_of_a_job_has_an_artifact_of_its_own(site: Site) -> None:
    """AWX merges the artifacts of slices by their names: with one name, that of the slice that ends last would be left."""
    done = site.launch("Site report", job_slice_count=2)
    assert len(done.jobs) == len(done.artifacts) == 2, [job.stdout for job in done.jobs]
    assert all(re.fullmatch(r"activation_report_outcome_[0-9]+", name) for name in done.artifacts)
    whole = site.launch("Site report", job_slice_count=1)
    (one,) = whole.artifacts.values()
    assert sum(found["counts"]["machines"] for found in done.artifacts.values()) == one["counts"]["machines"]
    assert all(len(json.dumps(found)) < 4096 for found in done.artifacts.values())


def test_each_job_of_a_workflow_has_an_artifact_and_gets_those_before_it(site: Site) -> None:
    done = site.run_workflow("Verify all, then those that are licensed")
    first, second = (done.nodes[name].artifacts for name in ("all", "licensed"))
    assert [found["outcome"] for found in (*first.values(), *second.values())] == ["failed", "ok"]
    assert set(first).isdisjoint(second)


def test_a_failover_in_slices_is_refused_by_each_slice_before_anything_is_changed(site: Site) -> None:
    site.lab.reset_counters()
    done = site.launch("Site failover", {"kms_failover_clients": "pin-01:old-01"}, job_slice_count=2)
    assert (done.status, done.artifacts) == ("failed", {})
    assert sum(machine["tcp_connections"] for machine in site.lab.counters().values()) == 0
    for job in done.jobs:
        assert "slice" in " ".join(job.stdout.split()), job.stdout
