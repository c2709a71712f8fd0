# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A migration to Active Directory: every machine counts once, in one status and one batch, and the first end is the first one."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.adba.migration import STATUSES, migration

from ..results import BROKEN, MAK, SKIPPED, UNREACHABLE, kms_host, machine, office, product

DN = "CN=Server 2022,CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration,DC=corp,DC=example"
AD: dict[str, Any] = {"activated_by": "ad", "ad": {"object_name": "Server 2022", "object_dn": DN}}
KMS: dict[str, Any] = {"kms": {"kms_host": "kms1.corp.example", "kms_port": 1688}}
GRACE: dict[str, Any] = {
    "status": "notification",
    "activated_by": None,
    "reason": {"code": "0xC004F081", "symbol": "SL_E_VL_NOT_FOUND", "meaning": "No activation object was found."},
}


def by_kms(name: str, days: int = 100, **more: Any) -> dict[str, Any]:
    ends = f"2027-{1 + days // 28:02d}-{1 + days % 28:02d}T10:00:00Z"
    return machine(name, None, product(**KMS, grace_minutes=days * 1440 + 30, expires=ends, **more))


def by_ad(name: str, **more: Any) -> dict[str, Any]:
    return machine(name, None, product(**{**AD, **more}))


def row(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in found["rows"] if each["machine"] == name)


machines = st.one_of(
    st.sampled_from([UNREACHABLE, BROKEN, SKIPPED, {}, None]),
    st.integers(0, 180).map(lambda days: by_kms("pc", days)),
    st.sampled_from([{}, MAK, AD, GRACE, {"activated_by": "token"}]).map(lambda more: machine("pc", None, product(**more))),
)
fleets = st.lists(machines, max_size=20).map(lambda drawn: {f"pc{number}": each for number, each in enumerate(drawn)})


@given(fleets, st.integers(1, 5))
def test_every_machine_is_in_one_status_and_one_batch_and_the_batches_add_up(results: dict[str, Any], size: int) -> None:
    names = list(results)
    batches = [names[start : start + size] for start in range(0, len(names), size)]
    found = migration(results, batches)
    assert Counter(name for status in STATUSES for name in found["machines"][status]) == Counter(names)
    assert sum(found["counts"].values()) == found["machine_count"] == len(names)
    if batches:
        assert sorted(name for batch in found["batches"] for name in batch["machines"]) == sorted(names)
        for status in STATUSES:
            assert sum(batch["counts"][status] for batch in found["batches"]) == found["counts"][status]
    assert found["complete"] is (not found["remaining_machines"]) is all(batch["complete"] for batch in found["batches"])
    assert set(found["problems"]) == set(found["failures"]) <= set(found["remaining_machines"])


@given(fleets)
def test_no_license_from_kms_ends_before_the_earliest_one_or_after_the_latest_one(results: dict[str, Any]) -> None:
    found = migration(results, [])
    days = [each["days_left"] for each in found["rows"] if each["status"] == "by_kms" and each["days_left"] is not None]
    assert (found["earliest_expiry"] or {}).get("days_left") == min(days, default=None)
    assert (found["latest_expiry"] or {}).get("days_left") == max(days, default=None)


@given(fleets, st.randoms(use_true_random=False))
def test_the_order_of_the_results_does_not_matter(results: dict[str, Any], shuffler: random.Random) -> None:
    names = list(results)
    shuffler.shuffle(names)
    assert migration({name: results[name] for name in names}, []) == migration(results, [])


def test_a_migration_in_progress_says_who_moved_by_which_object_and_how_long_the_others_have() -> None:
    results = {"pc1": by_ad("pc1"), "pc2": by_kms("pc2", 12), "pc3": by_kms("pc3", 90), "pc10": by_ad("pc10"), "kms": kms_host("kms", 30)}
    found = migration(results, [["pc1", "pc2"], ["pc3", "pc10"]])
    assert found["objects"] == [{"object_name": "Server 2022", "object_dn": DN, "count": 2, "machines": ["pc1", "pc10"]}]
    assert found["earliest_expiry"] == {"machine": "pc2", "expires": "2027-01-13T10:00:00Z", "days_left": 12}
    assert [(each["number"], each["counts"]["by_ad"], each["counts"]["by_kms"]) for each in found["batches"]] == [(1, 1, 1), (2, 1, 1)]
    assert found["summary"] == "5 machines: 2 by Active Directory, 1 by something else, 2 still by KMS."
    assert (
        "2 machines still licensed by KMS: pc2 for 12 more days (until 2027-01-13T10:00:00Z), and the last for 90 more days."
        in found["lines"]
    )
    assert row(found, "kms")["batch"] is None
    assert found["remaining_machines"] == ["pc2", "pc3"]
    assert found["problems"] == []


def test_a_machine_of_a_batch_without_a_result_did_not_run() -> None:
    found = migration({"pc1": by_ad("pc1")}, [["pc1"], ["pc2"]])
    assert (found["machines"]["not_run"], found["complete"], found["batches"][0]["complete"]) == (["pc2"], False, True)


@pytest.mark.parametrize(("allowed", "step"), [("kms", "activation_type: ad"), ("token", "a token"), ("all", "reactivate: true")])
def test_a_machine_that_allows_only_another_type_is_told_to_change_it_first(allowed: str, step: str) -> None:
    assert step in row(migration({"pc1": by_kms("pc1", activation_type=allowed)}, []), "pc1")["next_step"]


@pytest.mark.parametrize(
    ("code", "step"), [("0xC004F081", "activation object"), ("kaputt", "reactivate: true"), (None, "reactivate: true")]
)
def test_a_machine_that_is_not_licensed_has_the_next_step_for_its_code(code: str | None, step: str) -> None:
    reason = {"code": code, "symbol": None, "meaning": "It failed."} if code else None
    found = row(migration({"pc1": machine("pc1", None, product(status="notification", activated_by=None, reason=reason))}, []), "pc1")
    assert step in found["next_step"]
    assert found["message"] == (f"Notification: It failed [{code}]." if code else "Notification.")


def test_a_machine_that_is_too_old_for_active_directory_stays_with_kms_and_the_migration_is_complete() -> None:
    old = by_kms("old")
    old["machine"]["version"] = "6.1.7601"
    found = migration({"old": old, "pc1": by_ad("pc1")}, [])
    assert (found["machines"]["not_supported"], found["complete"], found["earliest_expiry"]) == (["old"], True, None)
    dead = machine("old", None, product(**GRACE))
    dead["machine"]["version"] = "6.1.7601"
    assert migration({"old": dead}, [])["machines"]["not_licensed"] == ["old"]


def test_with_all_applications_a_machine_has_the_status_of_the_product_that_needs_the_most_work() -> None:
    both = machine("pc1", None, product(**AD), office(**KMS))
    statuses = {application: migration({"pc1": both}, [], application)["rows"][0]["status"] for application in ("windows", "office", "all")}
    assert statuses == {"windows": "by_ad", "office": "by_kms", "all": "by_kms"}
    assert migration({"pc1": by_ad("pc1")}, [], "office")["machines"]["by_other"] == ["pc1"]


def test_an_activation_that_failed_says_why_in_the_words_of_its_task_and_one_that_worked_does_not() -> None:
    error = {"code": "0xC004F081", "next_steps": ["Check the activation objects."]}
    failed = {"failed": True, "msg": "pc1: No object was found. Next: Check the activation objects. [0xC004F081]", "error": error}
    found = migration({"pc1": {**by_kms("pc1"), **failed}, "pc2": {**by_ad("pc2"), **failed}}, [])
    assert (row(found, "pc1")["message"], row(found, "pc1")["next_step"]) == ("No object was found.", "Check the activation objects.")
    assert row(found, "pc2")["message"] == "The activation object Server 2022."


def test_a_name_of_an_object_cannot_add_a_line_or_steer_a_terminal() -> None:
    hostile = {"object_name": "A\nB\x1b[2J\u202e", "object_dn": "CN=A\nB"}
    found = migration({"pc1": by_ad("pc1", ad=hostile)}, [])
    for text in (*found["shown"], *(each["message"] for each in found["rows"])):
        assert text.isprintable(), text


def test_results_of_an_older_release_without_objects_are_read() -> None:
    found = migration({"pc1": by_ad("pc1", ad=None), "pc2": machine("pc2", None, product(activated_by="ad"))}, [])
    assert (found["machines"]["by_ad"], found["objects"]) == (["pc1", "pc2"], [])
