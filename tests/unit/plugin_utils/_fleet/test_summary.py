# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is true of many machines together: nothing is lost, duplicates are found, counts are those of a KMS host."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.machines import STATES
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.summary import summarize

from .results import BROKEN, MAK, SKIPPED, UNREACHABLE, kms_host, machine, office, product, server_2003

CMIDS = [f"{number:08x}-9a0f-4f3a-8f57-0d2f4a1c9b11" for number in range(6)]
KEYS = {"gvlk": {}, "mak": MAK, "ad": {"activated_by": "ad"}, "grace": {"status": "initial_grace", "activated_by": None}}

fleets = st.lists(
    st.one_of(
        st.sampled_from([UNREACHABLE, BROKEN, SKIPPED, {}, None]),
        st.tuples(
            st.sampled_from(CMIDS),
            st.sampled_from(sorted(KEYS)),
            st.sampled_from(["client", "server", "domain_controller"]),
            st.integers(0, 2),
        ),
    ),
    max_size=25,
).map(lambda drawn: {f"pc{number}": _built(f"pc{number}", one) for number, one in enumerate(drawn)})


def _built(name: str, drawn: Any) -> Any:
    if not isinstance(drawn, tuple):
        return drawn
    cmid, key, kind, rearms = drawn
    return machine(name, cmid, product(**KEYS[key]), kind=kind, rearms=rearms)


def summary(results: dict[str, Any], days: int = 30) -> dict[str, Any]:
    return summarize(results, days)


def only(found: dict[str, Any]) -> dict[str, Any]:
    (one,) = found["duplicate_cmids"]
    assert isinstance(one, dict)
    return one


def count(found: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(row for row in found["kms_counts"] if row["client_type"] == kind)


@given(fleets)
def test_every_machine_is_in_exactly_one_state_and_each_that_was_read_is_licensed_or_not(results: dict[str, Any]) -> None:
    found = summary(results)
    states = Counter(name for state in STATES for name in found["machines"][state])
    assert states == Counter(results.keys())
    assert sorted(found["licensed_machines"] + found["not_licensed_machines"]) == sorted(found["machines"]["read"])
    assert set(found["read_errors"]) == set(results) - set(found["machines"]["read"])


@given(fleets, st.randoms(use_true_random=False))
def test_the_order_of_the_results_does_not_matter(results: dict[str, Any], shuffler: random.Random) -> None:
    names = list(results)
    shuffler.shuffle(names)
    assert summary({name: results[name] for name in names}) == summary(results)


@given(fleets)
def test_every_cmid_on_several_machines_is_told_once_with_all_of_them_and_no_other_is(results: dict[str, Any]) -> None:
    found = summary(results)["duplicate_cmids"]
    owners: dict[str, set[str]] = {}
    for name, result in results.items():
        if result and "products" in result:
            owners.setdefault(result["service"]["cmid"], set()).add(name)
    assert {each["cmid"]: set(each["machines"]) for each in found} == {cmid: names for cmid, names in owners.items() if len(names) > 1}
    assert len(found) == len({each["cmid"] for each in found})


@given(fleets)
def test_each_machine_of_a_set_has_one_part_and_nobody_who_asks_no_kms_host_is_rearmed(results: dict[str, Any]) -> None:
    for each in summary(results)["duplicate_cmids"]:
        parts = [*([each["keep"]] if each["keep"] else []), *each["machines_to_rearm"], *each["no_rearms_left"], *each["not_affected"]]
        assert sorted(parts) == sorted(each["machines"])
        for name in each["machines_to_rearm"]:
            (shown,) = results[name]["products"]
            assert (shown["channel"], shown["activated_by"] == "ad") == ("gvlk", False)
            assert results[name]["service"]["windows_rearms_left"] > 0


@given(fleets)
def test_when_the_duplicates_are_rearmed_each_counts_as_one(results: dict[str, Any]) -> None:
    found = summary(results)
    asking = sum(count(found, kind)["asking"] for kind in ("client", "server"))
    stuck = sum(len(each["no_rearms_left"]) for each in found["duplicate_cmids"])
    rearmed = sum(len(each["machines_to_rearm"]) for each in found["duplicate_cmids"])
    for kind in ("client", "server"):
        row = count(found, kind)
        assert row["count_after_rearm"] == asking - stuck == row["count"] + rearmed
        assert row["reached"] == (row["missing_count"] == 0) == (row["count"] >= row["required_count"])


def test_a_machine_under_two_names_is_no_duplicate_of_itself_and_counts_once() -> None:
    found = summary({"pc1": machine("pc1"), "pc1.example": machine("pc1")})
    assert found["duplicate_cmids"] == []
    assert found["same_machines"] == [["pc1", "pc1.example"]]
    assert count(found, "client")["asking"] == 1


def test_clones_that_even_kept_their_computer_name_are_told_apart_by_their_hardware() -> None:
    clones = {name: machine("image", CMIDS[0], product(installation_id=name)) for name in ("a", "b")}
    assert only(summary(clones))["machines"] == ["a", "b"]


@pytest.mark.parametrize(
    ("others", "keep"),
    [
        ({"pc2": machine("pc2", CMIDS[0]), "pc10": machine("pc10", CMIDS[0])}, "pc2"),
        ({"pc1": machine("pc1", CMIDS[0]), "srv": machine("srv", CMIDS[0], kind="server")}, "srv"),
        ({"srv": machine("srv", CMIDS[0], kind="server"), "z-dc": machine("z-dc", CMIDS[0], kind="domain_controller")}, "z-dc"),
        ({"dc": machine("dc", CMIDS[0], kind="domain_controller"), "pc": machine("pc", CMIDS[0], rearms=0)}, "pc"),
        ({"dc": machine("dc", CMIDS[0], kind="domain_controller"), "pc": machine("pc", CMIDS[0], product(**MAK), office())}, "pc"),
    ],
)
def test_that_machine_keeps_the_cmid_for_which_a_rearm_is_worst(others: dict[str, Any], keep: str) -> None:
    assert only(summary(others))["keep"] == keep


def test_a_set_in_which_nobody_asks_kms_hosts_needs_nothing() -> None:
    found = summary({name: machine(name, CMIDS[0], product(**MAK)) for name in ("a", "b")})
    assert (only(found)["keep"], only(found)["machines_to_rearm"], only(found)["not_affected"]) == (None, [], ["a", "b"])
    assert "No action is required" in only(found)["message"]
    assert "duplicate" not in found["summary"]


def test_those_that_cannot_be_rearmed_any_more_are_named() -> None:
    found = summary({name: machine(name, CMIDS[0], rearms=0) for name in ("a", "b", "c")})
    assert (only(found)["keep"], only(found)["no_rearms_left"]) == ("a", ["b", "c"])
    assert any("No rearm is left on b, c" in line for line in found["lines"])


def test_windows_server_2003_and_an_empty_cmid_are_no_duplicates() -> None:
    nothing = "00000000-0000-0000-0000-000000000000"
    results = {**{name: server_2003(name) for name in ("o1", "o2")}, **{name: machine(name, nothing) for name in ("a", "b")}}
    found = summary(results)
    assert found["duplicate_cmids"] == []
    assert count(found, "client")["count"] == 2
    assert found["machines_by_activation"]["other"] == ["o1", "o2"]


def test_clients_and_servers_make_up_one_count_and_office_another() -> None:
    results = {f"s{number}": machine(f"s{number}", kind="server") for number in range(4)}
    results |= {f"p{number}": machine(f"p{number}", None, product(), office()) for number in range(3)}
    found = summary(results)
    assert [(row["client_type"], row["asking"], row["count"], row["reached"]) for row in found["kms_counts"]] == [
        ("server", 4, 7, True),
        ("client", 3, 7, False),
        ("office", 3, 3, False),
    ]
    assert (
        "Windows: 7 machines of this run use KMS hosts and count as 7, enough for servers (5), 18 too few for clients (25)."
        in found["lines"]
    )


def test_office_with_a_licensing_service_of_its_own_counts_by_machine() -> None:
    seven = {"machine": {"computer_name": "x", "product_type": "client", "version": "6.1.7601"}}
    results = {name: {**machine(name, CMIDS[0], product(), office()), **seven} for name in ("a", "b")}
    assert (count(summary(results), "office")["count"], count(summary(results), "client")["count"]) == (2, 1)


@pytest.mark.parametrize(("clients", "current", "required", "maximum"), [(0, 8, 5, 10), (1, 8, 5, 50), (0, 31, 5, 50), (0, None, 25, 50)])
def test_a_kms_host_counts_twice_what_the_most_demanding_who_ask_it_need(
    clients: int, current: int | None, required: int, maximum: int
) -> None:
    results = {"kms": kms_host("kms", current, required), "srv": machine("srv", kind="server")}
    results |= {f"pc{number}": machine(f"pc{number}") for number in range(clients)}
    (host,) = summary(results)["kms_hosts"]
    assert host["maximum_count"] == maximum


def test_rearming_raises_the_count_of_a_kms_host_up_to_its_cap() -> None:
    clones = {f"pc{number}": machine(f"pc{number}", CMIDS[0]) for number in range(10)}
    (host,) = summary({"kms": kms_host("kms", 24), **clones})["kms_hosts"]
    assert (host["count_after_rearm"], host["failed_request_count"]) == (33, 4)
    (host,) = summary({"kms": kms_host("kms", 48), **clones})["kms_hosts"]
    assert host["count_after_rearm"] == 50


def test_a_host_key_on_a_client_by_mistake_makes_no_kms_host() -> None:
    slip = product(channel="csvlk", status="initial_grace", activated_by=None)
    assert summary({"pc": machine("pc", None, slip)})["kms_hosts"] == []


def test_what_activated_the_machines_is_told_and_active_directory_asks_no_kms_host() -> None:
    keys = {"kms": {}, "ad": {"activated_by": "ad"}, "token": {"activated_by": "token"}, "mak": MAK, "retail": {"channel": "retail"}}
    keys["e5"] = {"channel": "retail", "status": "notification", "activated_by": "subscription"}
    found = summary({name: machine(name, None, product(**key)) for name, key in keys.items()})
    ways = {"kms": ["kms"], "ad": ["ad"], "token": ["token"], "subscription": ["e5"], "mak": ["mak"], "csvlk": [], "other": ["retail"]}
    assert found["machines_by_activation"] == ways
    assert count(found, "client")["asking"] == 1
    assert (
        "Machines activated by KMS: 1, by Active Directory: 1, by a token: 1, by a subscription: 1, by a MAK: 1, by another key: 1."
        in found["lines"]
    )


def test_licenses_that_end_soon_are_told_the_next_first_and_grace_is_no_license() -> None:
    days = {"late": 20, "later": 29, "fine": 30, "next": 3}
    results = {name: machine(name, None, product(grace_minutes=1440 * left + 60)) for name, left in days.items()}
    results["grace"] = machine("grace", None, product(status="initial_grace", grace_minutes=1440))
    results["trial"] = server_2003("trial", evaluation_days=14)
    found = summary(results)
    assert [(row["machine"], row["days_left"]) for row in found["expiring"]] == [("next", 3), ("trial", 14), ("late", 20), ("later", 29)]
    assert "4 licenses expire within 30 days, the first on next in 3 days: next, trial, late, later." in found["lines"]
    assert summary(results, 0)["expiring"] == []


def test_a_mak_is_told_with_whom_it_activated_and_what_was_spent() -> None:
    results = {f"m{number}": machine(f"m{number}", None, product(**MAK), activations_used=number % 2) for number in range(3)}
    results["m3"] = machine("m3", None, product(**{**MAK, "status": "notification"}))
    (mak,) = summary(results)["maks"]
    assert (mak["partial_product_key"], mak["licensed_machines"], mak["not_licensed_machines"]) == ("TTWX3", ["m0", "m1", "m2"], ["m3"])
    assert mak["activations_used"] == 1


def test_a_check_that_failed_has_read_the_machine_and_its_findings_are_added_up() -> None:
    silent = {
        "id": "kms_host_not_responding",
        "severity": "error",
        "message": "It does not respond.",
        "next_steps": ["Check that it is up."],
    }
    overdue = {"id": "renewal_overdue", "severity": "warning", "message": "It is overdue.", "next_steps": []}
    results = {
        "a": machine("a", failed=True, msg="a: silent", findings=[silent, silent, overdue]),
        "b": machine("b", failed=True, msg="b: silent", findings=[silent]),
    }
    found = summary(results)
    assert found["machines"]["read"] == ["a", "b"]
    assert [(row["id"], row["count"], row["machines"]) for row in found["findings"]] == [
        ("kms_host_not_responding", 2, ["a", "b"]),
        ("renewal_overdue", 1, ["a"]),
    ]
    assert found["lines"][0] == "Error kms_host_not_responding on 2 machines: a, b. Next: Check that it is up."
    assert "2 with errors" in found["summary"]


def test_sentences_cut_long_lists_short_and_the_data_does_not() -> None:
    results = dict.fromkeys((f"pc{number}" for number in range(1, 13)), UNREACHABLE)
    found = summary(results)
    assert found["lines"] == ["12 machines of 12 could not be reached: pc1, pc2, pc3, pc4, pc5, pc6, pc7, pc8 and 4 more."]
    assert found["machines"]["unreachable"] == [f"pc{number}" for number in range(1, 13)]
    assert found["read_errors"]["pc1"] == "connection refused"
    assert found["summary"] == "0 of 12 machines licensed; 12 could not be reached."


def test_with_many_sets_of_duplicates_the_largest_are_told_in_sentences_and_the_others_are_counted() -> None:
    names = {f"pc{number}-{part}": f"cmid{number}" for number in range(12) for part in range(number + 2)}
    found = summary({name: machine(name, cmid) for name, cmid in names.items()})
    told = [line for line in found["lines"] if "CMID" in line and "machines" in line]
    assert (len(found["duplicate_cmids"]), len(told)) == (12, 9)
    assert told[0].startswith("CMID cmid11 is on 13 machines: ")
    assert told[-1] == "4 more CMIDs are on several machines."


def test_statuses_are_told_the_worst_first_and_a_machine_without_a_key_is_unlicensed() -> None:
    results = {status: machine(status, None, product(status=status)) for status in ("licensed", "notification", "initial_grace")}
    results["bare"] = {**machine("bare"), "products": [], "licensed": False}
    found = summary(results)
    assert [(row["status"], row["machines"]) for row in found["statuses"]] == [
        ("unlicensed", ["bare"]),
        ("notification", ["notification"]),
        ("initial_grace", ["initial_grace"]),
        ("licensed", ["licensed"]),
    ]


def test_a_run_without_machines_has_a_summary() -> None:
    assert summary({})["summary"] == "0 of 0 machines licensed."


def test_extended_security_updates_are_counted_by_programme_and_their_maks_too() -> None:
    def addon(status: str = "licensed") -> dict[str, Any]:
        shown = {
            "name": "ESU",
            "activation_id": "1043add5-23b1-4afb-9a0f-64343c8f3f8d",
            "is_addon": True,
            "primary": False,
            "status": status,
        }
        return product(**{**MAK, **shown, "partial_product_key": "TTWY3"})

    def esu(*, licensed: bool) -> list[dict[str, Any]]:
        return [{"programme": "windows_10_year_2", "year": 2, "licensed": licensed, "ends": "2027-10-12"}]

    results = {
        "pc1": machine("pc1", None, product(), addon(), esu=esu(licensed=True)),
        "pc2": machine("pc2", None, product(), addon("unlicensed"), esu=esu(licensed=False)),
        "pc3": machine("pc3", None, product(**MAK), esu=[]),
    }
    found = summary(results)
    assert found["esu"] == [
        {"programme": "windows_10_year_2", "year": 2, "ends": "2027-10-12", "licensed_machines": ["pc1"], "not_licensed_machines": ["pc2"]}
    ]
    assert [(mak["partial_product_key"], mak["programme"], mak["licensed_machines"]) for mak in found["maks"]] == [
        ("TTWX3", None, ["pc3"]),
        ("TTWY3", "windows_10_year_2", ["pc1"]),
    ]
    assert "Extended Security Updates windows_10_year_2 (until 2027-10-12): activated on 1 machine, not activated on pc2." in found["lines"]
    assert (found["licensed_machines"], found["machines_by_activation"]["kms"]) == (["pc1", "pc2", "pc3"], ["pc1", "pc2"])


def test_a_rearm_would_end_extended_security_updates_so_that_such_a_machine_keeps_a_shared_cmid() -> None:
    shown = {"name": "ESU", "activation_id": "1043add5-23b1-4afb-9a0f-64343c8f3f8d", "is_addon": True, "primary": False}
    addon = product(**{**MAK, **shown, "partial_product_key": "TTWY3"})
    results = {"pc1": machine("pc1", "shared", product()), "pc2": machine("pc2", "shared", product(), addon)}
    (duplicates,) = summary(results)["duplicate_cmids"]
    assert (duplicates["keep"], duplicates["machines_to_rearm"]) == ("pc2", ["pc1"])
    assert "a rearm would end the activation by its own key" in duplicates["message"]
