# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which clients are proven, and which records a replacement takes over: single machines, and rules over all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.failover import (
    extended_pids,
    takeover,
    verify_client,
)

OLD, NEW = "kms1.corp.example", "kms2.corp.example"
OLD_PID, NEW_PID = "03612-00206-471-000001-03-1033-17763.0000-1002026", "03612-00206-471-000002-03-1033-20348.0000-3242026"


def host(pid: str | None = NEW_PID, **changes: Any) -> dict[str, Any]:
    key = {"channel": "csvlk", "application": "windows", "status": "licensed", "extended_pid": pid, "host_role": {"current_count": 30}}
    return {"products": [{**key, **changes}], "service": {"current_count": 30, "renewal_interval": 10080}}


def client(pid: str | None = NEW_PID, *, service_host: str | None = None, **changes: Any) -> dict[str, Any]:
    """What activation_info says of a client that DNS led to its host."""
    kms = {"kms_host": NEW, "kms_port": 1688, "source": "discovered", "scope": None, "host_extended_pid": pid, **changes.pop("kms", {})}
    product = {
        "primary": True,
        "channel": "gvlk",
        "status": "licensed",
        "activated_by": "kms",
        "expires": "2027-05-19T10:00:00Z",
        "kms": kms,
    }
    return {"machine": {"product_type": "server"}, "service": {"kms_host": service_host}, "products": [{**product, **changes}]}


def pinned(scope: str, to: str = OLD) -> dict[str, Any]:
    return {"kms": {"kms_host": to, "source": "configured", "scope": scope}, "service_host": to if scope == "service" else None}


def test_a_client_that_a_living_host_activated_is_proven() -> None:
    found = verify_client(client(), [host()], [OLD])
    assert found == {
        "status": "verified", "verified": True, "message": None, "client_type": "server", "licensed": True, "kms_host": NEW,
        "kms_port": 1688, "host_extended_pid": NEW_PID, "expires": "2027-05-19T10:00:00Z", "failed_host_scope": None,
        "overridden": False,
    }  # fmt: skip


def test_a_name_proves_nothing_the_extended_pid_does() -> None:
    found = verify_client(client(OLD_PID), [host()])
    assert (found["status"], found["kms_host"]) == ("unverified", NEW)
    assert OLD_PID in found["message"]


@pytest.mark.parametrize("scope", ["service", "product"])
def test_a_client_that_is_set_to_the_failed_host_is_not_proven_whoever_activated_it(scope: str) -> None:
    found = verify_client(client(**pinned(scope)), [host()], [OLD])
    assert (found["status"], found["failed_host_scope"], found["overridden"]) == ("unverified", scope, False)
    assert "configured to use the failed KMS host" in found["message"]


def test_a_registry_setting_for_all_of_windows_counts_and_says_where_it_is() -> None:
    found = verify_client(client(**pinned("application")), [host()], [OLD])
    assert (found["status"], found["failed_host_scope"], found["overridden"]) == ("unverified", "application", False)
    assert found["message"].startswith("The registry setting for all of Windows")
    beneath = client(kms={"source": "configured", "scope": "product", "application_kms_host": OLD})
    assert (verify_client(beneath, [host()], [OLD])["failed_host_scope"], verify_client(beneath, [host()], [OLD])["overridden"]) == (
        "application",
        True,
    )


@pytest.mark.parametrize("spelling", ["KMS1.corp.example", "kms1.corp.example.", "kms1", "KMS1", "192.0.2.9", "2001:DB8::9"])
def test_the_failed_host_is_known_by_its_short_name_and_its_addresses(spelling: str) -> None:
    assert (
        verify_client(client(**pinned("service", spelling)), [host()], [OLD, "192.0.2.9", "2001:db8::9"])["failed_host_scope"] == "service"
    )


def test_a_host_of_the_same_short_name_elsewhere_is_another_host() -> None:
    assert verify_client(client(**pinned("service", "kms1.lab.example")), [host()], [OLD])["verified"]


def test_a_setting_of_the_machine_below_the_products_own_still_counts_and_is_told_apart() -> None:
    found = verify_client(client(kms={"source": "configured", "scope": "product"}, service_host=OLD), [host()], [OLD])
    assert (found["status"], found["failed_host_scope"], found["overridden"]) == ("unverified", "service", True)


def test_a_host_rebuilt_under_its_name_leaves_the_settings_but_not_the_proof() -> None:
    assert verify_client(client(**pinned("service")), [host()], [])["verified"]
    assert not verify_client(client(OLD_PID, **pinned("service")), [host()], [])["verified"]


@pytest.mark.parametrize("status", ["unlicensed", "initial_grace", "notification", "out_of_tolerance_grace", "non_genuine_grace"])
def test_a_client_that_is_not_licensed_is_not_proven(status: str) -> None:
    found = verify_client(client(status=status), [host()])
    assert (found["status"], found["licensed"], found["message"]) == ("unverified", False, "The machine is not licensed.")


def test_extended_grace_counts_as_licensed_as_slmgr_has_it() -> None:
    assert verify_client(client(status="extended_grace"), [host()])["verified"]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"channel": "mak"}, "a MAK"),
        ({"channel": "csvlk"}, "KMS host key"),
        ({"channel": "oem"}, "oem"),
        ({"activated_by": "ad"}, "Active Directory"),
        ({"activated_by": "token"}, "token"),
    ],
)
def test_a_machine_that_asks_no_kms_host_is_left_alone(changes: dict[str, Any], word: str) -> None:
    found = verify_client(client(OLD_PID, **changes), [host()], [OLD])
    assert (found["status"], found["verified"]) == ("not_affected", False)
    assert word in found["message"]


def test_a_machine_without_a_key_is_left_alone() -> None:
    assert verify_client({"machine": {"product_type": "client"}, "products": []}, [host()])["status"] == "not_affected"


def test_who_could_not_be_reached_or_read_is_told_with_the_words_of_the_failure() -> None:
    gone = verify_client({"unreachable": True, "msg": "connection refused"}, [host()])
    denied = verify_client({"failed": True, "msg": "access denied"}, [host()])
    absent = verify_client({}, [host()])
    assert [(found["status"], found["message"]) for found in (gone, denied, absent)] == [
        ("unreachable", "connection refused"), ("unread", "access denied"), ("unread", "The task did not run on the machine."),
    ]  # fmt: skip


def test_what_kms_client_left_behind_proves_as_much_as_a_reading() -> None:
    product = client()["products"][0]
    assert verify_client({"products": [product], "changed": True}, [host()], [OLD])["verified"]


def test_only_activated_host_keys_prove_anything() -> None:
    assert extended_pids([host(), host(OLD_PID, status="unlicensed"), host("x", channel="gvlk"), host(None), {}]) == {NEW_PID}
    assert not verify_client(client(), [host(status="initial_grace")])["verified"]


pids = st.sampled_from([OLD_PID, NEW_PID, None])
statuses = st.sampled_from(["licensed", "extended_grace", "unlicensed", "notification"])
names = st.sampled_from([OLD, NEW, "kms1", "other.example", None])
scopes = st.sampled_from(["service", "product"])


@given(pids, statuses, names, scopes, names, st.lists(pids, max_size=3))
def test_proven_is_licensed_by_a_living_host_with_nothing_set_to_the_failed_one(
    pid: str | None, status: str, own: str | None, scope: str, below: str | None, living: list[str | None]
) -> None:
    kms = {"kms_host": own, "source": "configured", "scope": scope} if own else {}
    machine = client(pid, status=status, kms=kms, service_host=own if own and scope == "service" else below)
    found = verify_client(machine, [host(each) for each in living], [OLD])
    named = {name for name in (own, machine["service"]["kms_host"]) if name}
    assert found["verified"] == (
        status in ("licensed", "extended_grace") and pid is not None and pid in living and named.isdisjoint({OLD, "kms1"})
    )
    assert (found["failed_host_scope"] is None) == named.isdisjoint({OLD, "kms1"})
    assert (found["message"] is None) == found["verified"]


def domain(*records: dict[str, Any]) -> dict[str, Any]:
    return {"domain": "corp.example", "records": list(records)}


def record(name: str, *, port: int = 1688, priority: int = 0, weight: int = 0, answers: bool | None = None) -> dict[str, Any]:
    probe = None if answers is None else {"is_kms_host": answers}
    return {"host": name, "port": port, "priority": priority, "weight": weight, "probe_result": probe}


WISH = {"host": NEW, "port": 1689, "priority": None, "weight": None}


def test_priority_and_weight_of_the_failed_host_are_taken_over() -> None:
    (found,) = takeover([domain(record(OLD, priority=10, weight=5))], OLD, WISH)
    assert found["record"] == {"host": NEW, "port": 1689, "priority": 10, "weight": 5}
    assert found["remove"]


def test_a_record_of_its_own_is_not_turned_into_that_of_the_failed_host() -> None:
    (found,) = takeover([domain(record(OLD, priority=10), record(f"{NEW.upper()}.", priority=3, weight=7))], OLD, WISH)
    assert found["record"] == {"host": NEW, "port": 1689, "priority": 3, "weight": 7}


def test_what_is_given_wins_and_nothing_known_is_zero() -> None:
    assert takeover([domain(record(OLD, priority=10))], OLD, {**WISH, "priority": 2})[0]["record"]["priority"] == 2
    assert takeover([domain()], OLD, WISH)[0] == {
        "domain": "corp.example", "record": {"host": NEW, "port": 1689, "priority": 0, "weight": 0}, "remove": False, "is_available": None,
        "failed_host_is_available": None, "failed_host_probe_results": [], "message": None,
    }  # fmt: skip


def test_numbers_may_come_as_text_and_nothing_as_an_empty_one() -> None:
    (found,) = takeover([domain(record(OLD, priority=10, weight=5))], OLD, {"host": NEW, "port": "1689", "priority": "2", "weight": ""})
    assert found["record"] == {"host": NEW, "port": 1689, "priority": 2, "weight": 5}


def test_the_record_of_a_host_rebuilt_under_its_name_is_never_removed() -> None:
    (found,) = takeover([domain(record(OLD, priority=4))], OLD, {**WISH, "host": OLD.upper()})
    assert (found["remove"], found["record"]["priority"]) == (False, 4)


def test_the_probes_of_both_are_told() -> None:
    (found,) = takeover([domain(record(OLD, answers=False), record(NEW, answers=True))], OLD, WISH)
    assert (found["is_available"], found["failed_host_is_available"]) == (True, False)


def test_the_probes_of_all_records_of_the_failed_host_are_told() -> None:
    asked = domain(record(OLD, answers=False), record(f"{OLD.upper()}.", port=1689, answers=True), record(NEW, answers=True))
    (found,) = takeover([asked], OLD, WISH)
    assert found["failed_host_probe_results"] == [{"is_kms_host": False}, {"is_kms_host": True}]
    assert found["failed_host_is_available"]


def test_a_domain_that_could_not_be_read_has_no_record_to_remove() -> None:
    assert takeover([{"domain": "a.example", "records": None, "error": {"code": "SERVFAIL"}}], OLD, WISH)[0]["remove"] is False
