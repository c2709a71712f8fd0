# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two failovers in one workflow: the artifacts of the first are extra variables of the second, and decide nothing in it."""

from __future__ import annotations

from .lab_site import Site


def test_a_failover_is_judged_by_its_own_clients(site: Site) -> None:
    site.lab.crash("kms1")
    done = site.run_workflow("A failover that cannot be proven, then a good one")
    assert done.state == {"bad": "failed", "good": "successful"}, "\n".join(job.stdout for job in done.jobs)
    assert "clock-01" not in done.nodes["good"].job.stdout
    done = site.run_workflow("A good failover, then one that cannot be proven")
    assert done.state == {"good": "successful", "bad": "failed"}, "\n".join(job.stdout for job in done.jobs)
    assert done.status == "failed"
    assert "clock-01" in done.nodes["bad"].job.messages
