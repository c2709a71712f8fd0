# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Office in the summary of a fleet: products by release, and CMIDs and counts of both licensing services."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.summary import summarize

from .results import MAK, machine, office, product

OWN = "aaaaaaaa-9a0f-4f3a-8f57-0d2f4a1c9b11"
OFFICE_2010 = {
    "name": "Office 14, OfficeProPlus-KMS_Client edition",
    "application_id": "59a52881-a989-479d-af46-f275c6370663",
    "licensing_service": "office",
}
SUITE_2021 = {"name": "Office 21, Office21ProPlus2021VL_KMS_Client_AE edition", "licensing_service": "windows"}


def installed(*listed: tuple[str | None, str, str | None, str]) -> list[dict[str, Any]]:
    return [{"release_id": release_id, "product": name, "release": release, "kind": kind} for release_id, name, release, kind in listed]


def with_2010(name: str, office_cmid: str | None, **more: Any) -> dict[str, Any]:
    """A machine with Office 2010, whose licensing service has a CMID of its own."""
    service = {"version": "14.0.370.400", "cmid": office_cmid}
    return machine(name, None, product(), office(**OFFICE_2010), office_service=service, **more)


def test_cmids_of_the_licensing_service_of_office_are_compared_among_themselves() -> None:
    results = {name: with_2010(name, OWN) for name in ("pc1", "pc2", "pc10")}
    # The same ID in the licensing service of Windows is another one.
    results["other"] = machine("other", OWN)
    (shared,) = summarize(results, 30)["duplicate_cmids"]
    assert (shared["licensing_service"], shared["cmid"], shared["keep"]) == ("office", OWN, "pc1")
    assert (shared["machines_to_rearm"], shared["machines_to_rearm_locally"]) == ([], ["pc2", "pc10"])
    found = summarize(results, 30)
    assert "1 set of duplicate CMIDs" in found["summary"]
    assert any("licensing service of Office" in line and "Run OSPPREARM.EXE on pc2, pc10." in line for line in found["lines"])


def test_one_kms_client_of_office_with_a_cmid_needs_no_action() -> None:
    mak = machine("mak", None, product(), office(**{**OFFICE_2010, **MAK}), office_service={"cmid": OWN})
    (shared,) = summarize({"pc": with_2010("pc", OWN), "mak": mak}, 30)["duplicate_cmids"]
    assert (shared["keep"], shared["machines_to_rearm_locally"], shared["not_affected"]) == ("pc", [], ["mak"])
    assert "No action is required" in shared["message"]


@given(st.lists(st.sampled_from(["x", "y", "z", None]), max_size=12))
def test_office_is_counted_by_the_cmid_of_its_licensing_service(cmids: list[str | None]) -> None:
    results = {f"pc{number}": with_2010(f"pc{number}", cmid and f"{cmid}{OWN[1:]}") for number, cmid in enumerate(cmids)}
    row = next(each for each in summarize(results, 30)["kms_counts"] if each["client_type"] == "office")
    assert (row["asking"], row["count"]) == (len(cmids), len({cmid for cmid in cmids if cmid}) + cmids.count(None))
    assert row["count_after_rearm"] == len(cmids)


def test_office_in_two_licensing_services_is_counted_in_both() -> None:
    results = {"pc": machine("pc", None, product(), office(**SUITE_2021), office(**OFFICE_2010), office_service={"cmid": OWN})}
    row = next(each for each in summarize(results, 30)["kms_counts"] if each["client_type"] == "office")
    assert (row["asking"], row["count"]) == (1, 2)


def test_products_are_listed_by_release_with_the_machines_that_are_not_activated() -> None:
    suite = (("ProPlus2021Volume", "ProPlus", "2021", "volume"),)
    results = {
        "pc1": machine("pc1", None, product(), office(**SUITE_2021), office_installations=installed(*suite)),
        "pc2": machine("pc2", None, product(), office(**SUITE_2021, status="notification"), office_installations=installed(*suite)),
        "pc3": machine("pc3", None, office_installations=installed(*suite, ("O365ProPlusRetail", "O365ProPlus", None, "subscription"))),
        "old": machine("old", None, product(), office(**OFFICE_2010)),
    }
    found = summarize(results, 30)
    shown = [(row["product"], row["release"], row["kind"], row["count"], row["not_licensed_machines"]) for row in found["office_products"]]
    assert shown == [
        ("ProPlus", "2021", "volume", 3, ["pc2", "pc3"]),
        ("ProPlus", "2010", "volume", 1, []),
        ("O365ProPlus", None, "subscription", 1, []),
    ]
    expected = "Office: ProPlus 2021 on 3 machines, not activated on 2; ProPlus 2010 on 1 machine; O365ProPlus (subscription) on 1 machine."
    assert expected in found["lines"]


def test_licenses_of_a_subscription_are_neither_a_status_nor_about_to_expire() -> None:
    subscription = {"channel": "subscription", "managed_by": "subscription", "activated_by": None, "grace_minutes": 26 * 1440}
    grace = {"channel": "retail", "managed_by": "subscription", "activated_by": None, "grace_minutes": 0, "status": "notification"}
    found = summarize({"pc": machine("pc", None, product(), office(**subscription), office(**grace))}, 30)
    assert [row["application"] for row in found["statuses"]] == ["windows"]
    assert found["expiring"] == []


def test_release_that_is_no_year_is_sorted_last() -> None:
    listed = [{"kind": "volume", "product": "ProPlus", "release": release} for release in (":", "9" * 5000, "2021", "2024", None)]
    rows = summarize({"pc1": machine("pc1", office_installations=listed)}, 30)["office_products"]
    assert [row["release"] for row in rows][:2] == ["2024", "2021"]
    assert len(rows) == 5
