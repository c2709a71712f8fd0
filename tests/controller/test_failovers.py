# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A KMS host dies: the shipped workflow, and two failovers in one workflow of a site."""

from __future__ import annotations

from awx_rules.controller import APPROVE, TIMEOUT
from awx_rules.graph import NEVER

from .lab_site import PREFIX, Site

DIED = f"{PREFIX}KMS host died"
GOOD, FAILED = "successful", "failed"
ANSWERS = {
    "kms_failover_failed_host": "kms1.controller.lab",
    "kms_failover_replacement": "kms2",
    "kms_failover_clients": "pin-01:old-01",
    "kms_failover_domains": "controller.lab",
}


def writes(site: Site) -> int:
    return sum(machine["writes"] for machine in site.lab.counters().values())


def published(site: Site) -> list[str]:
    return [record["host"] for record in site.lab.srv_records("controller.lab")]


def test_a_host_that_responds_is_not_replaced(site: Site) -> None:
    done = site.run_workflow(DIED, ANSWERS)
    assert done.state == {"probe": FAILED, "approve": NEVER, "failover": NEVER, "verify": NEVER, "failed": NEVER}
    assert done.status == FAILED
    assert writes(site) == 0


def test_nothing_is_changed_until_somebody_approves(site: Site) -> None:
    site.lab.crash("kms1")
    done = site.run_workflow(DIED, ANSWERS, {"approve": TIMEOUT})
    assert done.state == {"probe": GOOD, "approve": FAILED, "failover": NEVER, "verify": NEVER, "failed": NEVER}
    assert writes(site) == 0


def test_a_dead_host_is_replaced_and_its_clients_are_verified(site: Site) -> None:
    done = site.run_workflow(DIED, ANSWERS, {"approve": APPROVE})
    steps = dict.fromkeys(("probe", "approve", "failover", "verify"), GOOD)
    assert done.state == {**steps, "failed": NEVER}, "\n".join(job.stdout for job in done.jobs)
    assert done.status == GOOD
    assert site.product("kms2") == ("csvlk", True)
    assert published(site) == ["kms2.controller.lab"]


def test_a_failover_is_judged_by_its_own_clients(site: Site) -> None:
    done = site.run_workflow("A failover that cannot be proven, then a good one")
    assert done.state == {"bad": FAILED, "good": GOOD}, "\n".join(job.stdout for job in done.jobs)
    assert "clock-01" not in done.nodes["good"].job.stdout
    done = site.run_workflow("A good failover, then one that cannot be proven")
    assert done.state == {"good": GOOD, "bad": FAILED}, "\n".join(job.stdout for job in done.jobs)
    assert done.status == FAILED
    assert "clock-01" in done.nodes["bad"].job.messages
