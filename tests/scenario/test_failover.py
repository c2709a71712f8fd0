# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A KMS host dies and another takes over: clients found through DNS and clients that were set to it, seen by slmgr and the name server."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import pytest

from key_gate import assert_no_keys
from project import ROOT
from stale import stale_texts, stale_values

from . import winrs
from .failover_by_hand import KEY, OTHER_KEY, failover, failure, pid_of_host, pids_of_clients, published, report_of, updates, writes
from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "failover.yml"
MOVED = ("FOUND-01", "FOUND-02", "FOUND-03", "BRANCH", "PINNED", "OWNPIN", "LAPSED")
WAITS = ("The KMS host does not activate the machine yet",)


WISH: dict[str, Any] = {"kms_failover_domains": ["moved.example", "branch.example"], "kms_failover_serial": 4}


@dataclass(frozen=True)
class Sent:
    """A run, how much it wrote to machines and sent to the name server, and who is published then."""

    results: Results
    told: tuple[int, int, list[str]]


@pytest.fixture(scope="module")
def forecast(lab: Lab) -> Sent:
    """A dead host with clients of all kinds, one of which is turned off."""
    lab.client.crash("MOVED-1")
    lab.client.crash("AWAY")
    results = failover(lab, "moved", options=("--check",), **WISH)
    return Sent(results, (writes(results), len(updates(lab)), published(lab, "moved.example")))


@pytest.fixture(scope="module")
def done(lab: Lab, forecast: Sent) -> Results:
    del forecast
    return failover(lab, "moved", **WISH, **stale_values())


@pytest.fixture(scope="module")
def again(lab: Lab, done: Results) -> Sent:
    del done
    results = failover(lab, "moved", **WISH, **stale_texts())
    return Sent(results, (writes(results), len(updates(lab)), published(lab, "moved.example")))


def test_check_mode_says_what_would_be_done_and_touches_nothing(forecast: Sent) -> None:
    assert forecast.told == (0, 0, ["moved-1.moved.example"])
    told = report_of(forecast.results)
    assert (set(told["machines"]["planned"]), told["machines"]["verified"], told["complete"]) == (set(MOVED), [], False)
    assert forecast.results.run.exit_code == 0
    assert forecast.results.run.results(f"{FQCN}.kms_host")["MOVED-2"]["changed"]


@pytest.mark.smoke
def test_every_client_that_can_be_reached_is_proven_by_what_it_keeps_of_its_host(done: Results, lab: Lab) -> None:
    assert report_of(done)["machines"]["verified"] == list(MOVED)
    assert pids_of_clients(lab, MOVED) == {pid_of_host(lab, "MOVED-2")}


@pytest.mark.parametrize("name", ["FOUND-01", "PINNED"])
def test_slmgr_shows_the_new_host(again: Sent, lab: Lab, name: str) -> None:  # noqa: ARG001 - after it
    text = winrs.slmgr(lab.host_variables(name), "/dlv").casefold()
    assert "moved-2.moved.example:1688" in text
    assert "moved-1" not in text


def test_only_the_new_host_is_published_and_took_over_priority_and_weight_where_it_had_none(again: Sent, lab: Lab) -> None:  # noqa: ARG001
    assert [published(lab, domain) for domain in ("moved.example", "branch.example")] == [["moved-2.moved.example"]] * 2
    (record,) = lab.client.srv_records("branch.example")
    assert (record["priority"], record["weight"], record["port"]) == (5, 7, 1688)


def test_clients_that_were_set_to_the_dead_host_look_in_dns_again(again: Sent, lab: Lab) -> None:  # noqa: ARG001 - after it
    for name in ("PINNED", "OWNPIN"):
        machine = lab.client.machine(name)
        assert not machine["service"]["KeyManagementServiceMachine"]
        assert not machine["products"][0]["settings"]["host"]


def test_a_machine_that_asks_no_kms_host_is_left_alone_and_named(done: Results) -> None:
    assert report_of(done)["machines"]["not_affected"] == ["BOUGHT"]
    assert done.writes("BOUGHT") == 0


def test_one_that_is_turned_off_stops_nobody_and_is_named(done: Results) -> None:
    told = report_of(done)
    assert (told["machines"]["unreachable"], told["complete"], done.run.exit_code) == (["AWAY"], False, 0)
    assert "could not be reached: AWAY" in told["summary"]


def test_the_dead_host_is_never_connected_to(done: Results, again: Sent) -> None:
    assert all("MOVED-1" not in task.hosts for run in (done, again.results) for task in run.run.tasks)


def test_the_next_run_changes_nothing_and_sends_nothing_anywhere(again: Sent) -> None:
    assert (again.results.run.changed_hosts(), *again.told) == (0, 0, 0, ["moved-2.moved.example"])
    assert report_of(again.results)["machines"]["verified"] == list(MOVED)


def test_one_activation_of_the_key_was_spent(done: Results, again: Sent, lab: Lab) -> None:  # noqa: ARG001 - after it
    assert done.calls("MOVED-2", "Activate") == 1
    assert again.results.calls("MOVED-2", "Activate") == 0


def test_no_probe_asks_for_a_license(done: Results) -> None:
    assert done.costs["MOVED-2"]["kms_requests"] == 0


def test_neither_keys_nor_secrets_are_shown(forecast: Sent, done: Results, again: Sent) -> None:
    for run in (forecast.results, done, again.results):
        assert_no_keys(run.output)
        assert "c2VjcmV0" not in run.output
        assert KEY not in str([task.hosts for task in run.run.tasks])


def test_whoever_comes_back_is_moved_alone(again: Sent, lab: Lab) -> None:  # noqa: ARG001 - after it
    lab.client.power_on("AWAY")
    done = failover(lab, "moved", kms_failover_domains=WISH["kms_failover_domains"], kms_failover_require_all=True, **stale_values())
    assert (report_of(done)["complete"], done.run.exit_code, done.run.changed_hosts()) == (True, 0, 1)
    assert {name for name in done.costs if done.writes(name)} == {"AWAY"}


def test_a_license_of_the_replacement_is_not_lost_against_the_word_of_the_run_and_else_the_statement_names_it(lab: Lab) -> None:
    lab.client.crash("NAMED-1")
    options: dict[str, Any] = {"kms_failover_domains": [], "kms_failover_client_mode": "reassign"}
    refused = failover(lab, "named", **options, kms_failover_host_keys=[{"product_key": OTHER_KEY}])
    assert refused["NAMED-2"]["error"]["code"] == "activation_would_be_lost"
    assert all(refused.writes(name) == 0 for name in ("NAMED-2", "SHORT", "ADDRESS"))


def test_with_require_all_a_client_that_is_missing_fails_the_run(lab: Lab) -> None:
    lab.client.crash("SHORT")
    lab.client.crash("NAMED-1")
    done = failover(
        lab, "named", kms_failover_domains=[], kms_failover_client_mode="reassign", kms_failover_require_all=True,
        kms_failover_failed_names=[lab.address("NAMED-1")], kms_failover_host_keys=[{"product_key": OTHER_KEY}],
        kms_failover_lose_activation=True,
    )  # fmt: skip
    lab.client.power_on("SHORT")
    assert (done.run.exit_code, report_of(done)["machines"]["unreachable"]) == (2, ["SHORT"])
    assert "SHORT" in failure(done)
    (lost,) = report_of(done)["lost_activations"]
    assert (lost["machine"], lost["done"], lost["allowed_by"]) == ("NAMED-2", True, "kms_failover_lose_activation")
    assert " with the retail key ending in " in lost["loses"]


def test_without_dns_clients_are_set_to_the_new_host_at_the_level_they_were_set_at_before(lab: Lab) -> None:
    done = failover(
        lab, "named", kms_failover_domains=[], kms_failover_client_mode="reassign", kms_failover_failed_names=[lab.address("NAMED-1")],
        kms_failover_host_keys=[{"product_key": OTHER_KEY}],
    )  # fmt: skip
    assert (report_of(done)["machines"]["verified"], updates(lab)) == (["SHORT", "ADDRESS"], [])
    assert {row["kms_host"].casefold() for row in report_of(done)["rows"]} == {"named-2.named.example"}
    assert pids_of_clients(lab, ["SHORT", "ADDRESS"]) == {pid_of_host(lab, "NAMED-2")}


@pytest.mark.smoke
def test_after_a_batch_of_clients_that_failed_no_other_is_asked_and_the_statement_names_them(lab: Lab) -> None:
    lab.client.crash("REBUILT-1")
    lab.client.rebuild("REBUILT-1")
    lab.client.set_fault("REB-01", "wmi_fault", method="Activate", hresult=0xC004F074)
    options = {"kms_failover_replacement": "REBUILT-1", "kms_failover_reuse_name": True, "kms_failover_serial": 1}
    stopped = failover(lab, "rebuilt", **options)
    lab.client.clear_faults()
    assert "1 of the 1 machines of the batch that could be reached failed" in " ".join(stopped.output.split())
    assert "kms_failover_max_fail_percentage" in stopped.output
    assert (stopped.nothing_sent("REB-02"), stopped.nothing_sent("REB-PIN"), stopped.run.exit_code) == (True, True, 2)
    assert {row["machine"]: row["verified"] for row in report_of(stopped)["rows"]} == dict.fromkeys(("REB-01", "REB-02", "REB-PIN"), False)


def test_a_machine_rebuilt_under_its_name_takes_over_without_any_update_of_dns(lab: Lab) -> None:
    names, before = ("REB-01", "REB-02", "REB-PIN"), pids_of_clients(lab, ["REB-01"])
    done = failover(lab, "rebuilt", kms_failover_replacement="REBUILT-1", kms_failover_reuse_name=True)
    assert (updates(lab), published(lab, "rebuilt.example")) == ([], ["rebuilt-1.rebuilt.example"])
    assert report_of(done)["machines"]["verified"] == list(names)
    assert pids_of_clients(lab, names) == {pid_of_host(lab, "REBUILT-1")} != before
    assert lab.client.machine("REB-PIN")["service"]["KeyManagementServiceMachine"] == "rebuilt-1.rebuilt.example"


@pytest.mark.quick
def test_clients_of_a_host_that_survives_are_proven_already(lab: Lab) -> None:
    lab.client.crash("PAIR-1")
    # A text, as an extra variable on the command line is one.
    done = failover(lab, "pair", kms_failover_replacement="PAIR-3", kms_failover_other_hosts="PAIR-2")
    assert report_of(done)["machines"]["verified"] == ["PAIR-C1", "PAIR-C2", "PAIR-C3", "PAIR-C4"]
    assert [name for name in ("PAIR-C1", "PAIR-C2", "PAIR-C3", "PAIR-C4") if done.writes(name)] == ["PAIR-C4"]
    assert published(lab, "pair.example") == ["pair-2.pair.example", "pair-3.pair.example"]
    assert {host["machine"] for host in report_of(done)["kms_hosts"]} == {"PAIR-3", "PAIR-2"}


@pytest.fixture(scope="module")
def few(lab: Lab) -> Results:
    """A new host that has counted nobody, with five servers and a workstation."""
    lab.client.crash("FEW-1")
    return failover(lab, "few", warnings=WAITS)


def test_those_that_came_before_the_count_was_met_are_asked_again_in_the_same_run(few: Results, lab: Lab) -> None:
    servers = [f"FEW-S{number}" for number in range(1, 6)]
    assert report_of(few)["machines"]["verified"] == servers
    assert pids_of_clients(lab, servers) == {pid_of_host(lab, "FEW-2")}


def test_one_that_waits_for_the_count_is_no_failure_but_told_with_the_forecast(few: Results) -> None:
    told = report_of(few)
    assert (told["machines"]["waiting_for_count"], told["machines"]["unverified"], few.run.exit_code) == (["FEW-PC"], [], 0)
    (host,) = told["kms_hosts"]
    servers, clients = host["forecast"]
    assert (servers["reached"], clients["reached"], clients["missing_count"], clients["shortfall"]) == (True, False, 19, 19)
    assert "19 machines missing" in " ".join(told["lines"])


def test_the_guide_shows_the_report_of_this_run(few: Results) -> None:
    guide = (ROOT / "docs" / "docsite" / "rst" / "guide_failover.rst").read_text(encoding="utf-8")
    assert textwrap.indent("\n".join(report_of(few)["shown"]), "   ") in guide


def test_a_client_that_waits_is_still_licensed_by_the_dead_host(few: Results) -> None:
    (row,) = (row for row in report_of(few)["rows"] if row["machine"] == "FEW-PC")
    assert (row["verified"], row["expires"] is not None) == (False, True)
