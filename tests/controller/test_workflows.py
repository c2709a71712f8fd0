# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped workflows to their ends."""

from __future__ import annotations

import csv

from awx_rules.controller import APPROVE, DENY, TIMEOUT
from awx_rules.graph import NEVER

from .cases import LIMIT
from .lab_site import FOLDER, PREFIX, Site

MIGRATE, WEEKLY, PROXY = (f"{PREFIX}{name}" for name in ("Migrate to KMS", "Weekly truth", "MAK by proxy"))
MOVE = f"{PREFIX}Move to Active Directory"
GOOD, FAILED = "successful", "failed"


def test_a_migration_that_is_denied_converts_nothing(site: Site) -> None:
    site.lab.reset_counters()
    done = site.run_workflow(MIGRATE, {"convert_to_kms_hosts": "pc-01"}, {"approve": DENY})
    assert done.state == {"report": GOOD, "approve": FAILED, "convert": NEVER, "verify": NEVER, "report_after": NEVER, "failed": NEVER}
    assert done.status == FAILED
    assert sum(machine["writes"] for machine in site.lab.counters().values()) == 0


def test_a_migration_converts_verifies_and_reports(site: Site) -> None:
    done = site.run_workflow(MIGRATE, {"convert_to_kms_hosts": "pc-01", "kms_client_dns_server": "127.0.0.1"}, {"approve": APPROVE})
    steps = dict.fromkeys(("report", "approve", "convert", "verify", "report_after"), GOOD)
    assert done.state == {**steps, "failed": NEVER}, "\n".join(job.stdout for job in done.jobs)
    assert done.status == GOOD
    assert site.product("pc-01") == ("gvlk", True)
    assert (site.files / "migration-report.html").stat().st_size > 10_000


def test_a_migration_with_a_machine_that_cannot_be_converted_is_verified_and_reported_and_fails(site: Site) -> None:
    answers = {"convert_to_kms_hosts": "clock-01:pc-01", "kms_client_dns_server": "127.0.0.1", "convert_to_kms_max_fail_percentage": 100.0}
    done = site.run_workflow(MIGRATE, answers, {"approve": APPROVE})
    steps = {"report": GOOD, "approve": GOOD, "convert": FAILED, "verify": FAILED, "report_after": GOOD}
    assert done.state == {**steps, "failed": FAILED}, "\n".join(job.stdout for job in done.jobs)
    assert done.status == FAILED
    assert "clock-01" in done.nodes["failed"].job.messages, (done.nodes["failed"].job.messages, done.nodes["convert"].artifacts)


def test_machines_move_to_active_directory_after_an_approval(site: Site) -> None:
    done = site.run_workflow(MOVE, {"kms_to_adba_hosts": "join-02"}, {"approve": APPROVE})
    steps = dict.fromkeys(("check", "report", "approve", "convert", "verify", "report_after"), GOOD)
    assert done.state == {**steps, "failed": NEVER}, "\n".join(job.stdout for job in done.jobs)
    assert done.status == GOOD
    assert "Activation object joined-2025: 1 machine (join-02)." in done.nodes["convert"].job.stdout
    assert (site.files / "adba-report.html").stat().st_size > 10_000


def test_nobody_is_asked_to_approve_a_move_of_a_machine_that_no_object_covers(site: Site) -> None:
    site.lab.reset_counters()
    done = site.run_workflow(MOVE, {"kms_to_adba_hosts": "join-*"}, {"approve": APPROVE})
    assert (done.state["check"], done.state["approve"], done.state["convert"], done.status) == (FAILED, NEVER, NEVER, FAILED)
    assert "join-office" in done.nodes["check"].job.stdout
    assert sum(machine["writes"] for machine in site.lab.counters().values()) == 0


def test_the_weekly_truth_is_one_report_of_all_slices_and_fails_when_it_is_worse(site: Site) -> None:
    first = site.run_workflow(WEEKLY, {"activation_check_hosts": "windows"})
    assert first.state == {"survey": GOOD, "merge": GOOD, "report": GOOD, "failed": NEVER}, "\n".join(job.stdout for job in first.jobs)
    assert first.status == GOOD
    assert len(first.nodes["survey"].jobs) == 3
    machines = len(site.controller.listing["windows"]["hosts"])
    assert f"of {machines} machines" in first.nodes["report"].job.stdout
    site.lab.change_hardware("file-02")
    second = site.run_workflow(WEEKLY, {"activation_check_hosts": "windows"})
    assert second.state == {"survey": GOOD, "merge": GOOD, "report": FAILED, "failed": FAILED}, "\n".join(job.stdout for job in second.jobs)
    assert second.status == FAILED


def test_mak_by_proxy_passes_its_file_from_job_to_job_over_the_machine_that_keeps_files(site: Site) -> None:
    done = site.run_workflow(PROXY, {"proxy_activation_hosts": "plant-01", "proxy_activation_file": f"{FOLDER}/plant.csv", **LIMIT})
    assert done.state == {"collect": GOOD, "request": GOOD, "file_is_back": NEVER, "deposit": GOOD, "failed": NEVER}, "\n".join(
        job.stdout for job in done.jobs
    )
    assert done.status == GOOD
    assert site.product("plant-01") == ("mak", True)


def test_mak_by_proxy_waits_for_the_file_if_microsoft_cannot_be_asked(site: Site) -> None:
    file = site.files / "second.csv"
    site.lab.set_fault("*", "batch_error", code="0x67")
    answers = {"proxy_activation_hosts": "plant-02", "proxy_activation_file": f"{FOLDER}/second.csv", **LIMIT}
    late = site.run_workflow(PROXY, answers, {"file_is_back": TIMEOUT})
    assert (late.state["request"], late.state["file_is_back"], late.state["deposit"]) == (FAILED, FAILED, NEVER)
    assert late.status == FAILED
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    for row in rows:
        row["confirmation_id"] = site.lab.phone(row["installation_id"])
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    done = site.run_workflow(PROXY, answers, {"file_is_back": APPROVE})
    assert done.state["deposit"] == GOOD, "\n".join(job.stdout for job in done.jobs)
    assert site.product("plant-02") == ("mak", True)
