# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Office in the reports about many machines, and MAKs of Office that move to KMS by the count of Office."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import FQCN, LAB_DNS, Lab, Results, report_rows

ESTATE = "office_fleet.yml"
MACHINES = ("MAK-2021", "MAK-2010", "SEVEN", "M365", "NONE")
READY = {
    "mak_to_kms_when_ready_hosts": ",".join(MACHINES),
    "mak_to_kms_when_ready_kms_hosts": "KMS1",
    "kms_client_application": "office",
    "kms_client_lose_activation": True,
    **LAB_DNS,
}
WARNINGS = ("Restart the Office programs",)


@pytest.fixture(scope="module")
def summary(lab: Lab) -> dict[str, Any]:
    """What the check of all machines says together, before anything changed."""
    settings = {"activation_check_application": "all", "activation_check_probe": False, "activation_check_fail_on": []}
    checked = lab.run(f"{FQCN}.activation_check", {"activation_check_hosts": ",".join(MACHINES), **settings})
    facts = (result.get("ansible_facts", {}) for task in checked.run.tasks for result in task.hosts.values())
    return next(dict(fact["activation_check_summary"]) for fact in facts if "activation_check_summary" in fact)


@pytest.fixture(scope="module")
def moved(lab: Lab, summary: dict[str, Any]) -> tuple[Results, Results]:
    """The playbook, and its second run."""
    del summary
    return lab.run(f"{FQCN}.mak_to_kms_when_ready", READY, expected_warnings=WARNINGS), lab.run(f"{FQCN}.mak_to_kms_when_ready", READY)


def why(results: Results, name: str) -> str:
    return str(report_rows(results)[name]["message"])


@pytest.mark.quick
def test_products_are_listed_by_release(summary: dict[str, Any]) -> None:
    shown = [(row["product"], row["release"], row["kind"], row["machines"]) for row in summary["office_products"]]
    assert shown == [
        ("ProPlus", "2021", "volume", ["MAK-2021"]),
        ("ProPlus", "2016", "volume", ["SEVEN"]),
        ("ProPlus", "2010", "volume", ["MAK-2010"]),
        ("O365ProPlus", None, "subscription", ["M365"]),
    ]
    assert (summary["not_licensed_machines"], summary["expiring"]) == ([], [])


def test_report_shows_the_installed_office(lab: Lab, summary: dict[str, Any]) -> None:
    del summary
    files = {f"activation_report_{name}_path": str(lab.folder / f"report.{name}") for name in ("html", "record")}
    settings = {"activation_report_hosts": ",".join(MACHINES), "activation_report_application": "all", **files}
    lines = lab.run(f"{FQCN}.activation_report", settings).run.results(f"{FQCN}.activation_report").popitem()[1]["lines"]
    (office,) = [line for line in lines if line.startswith("Office: ProPlus")]
    parts = ("ProPlus 2021", "ProPlus 2016", "ProPlus 2010", "O365ProPlus (subscription)")
    assert office == f"Office: {'; '.join(f'{part} on 1 machine' for part in parts)}."


def test_office_of_windows_7_is_counted_by_its_own_cmid(summary: dict[str, Any]) -> None:
    counts = {row["client_type"]: (row["asking"], row["count"]) for row in summary["kms_counts"]}
    assert (counts["office"], counts["client"]) == ((1, 1), (5, 5))
    assert summary["duplicate_cmids"] == []


def test_only_a_mak_whose_release_the_host_key_is_for_moves_to_kms(lab: Lab, moved: tuple[Results, Results]) -> None:
    first, _again = moved
    assert report_rows(first)["MAK-2021"]["status"] == "activated"
    assert "Office keeps the MAK ending in 22244 of ProPlus 2010: KMS1 is not an activated KMS host for Office 2010." in why(
        first, "MAK-2010"
    )
    for name in ("SEVEN", "M365", "NONE"):
        assert why(first, name) == "Office does not have a MAK."
    assert [name for name in MACHINES if first.writes(name)] == ["MAK-2021"]
    products = lab.all("activation_info", ["MAK-2021"], application="office")["MAK-2021"]["products"]
    assert [(each["channel"], each["status"]) for each in products] == [("gvlk", "licensed")]


def test_second_run_moves_nothing(moved: tuple[Results, Results]) -> None:
    assert [name for name in MACHINES if moved[1].writes(name)] == []
