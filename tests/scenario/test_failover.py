# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A KMS host dies and another takes over: clients found through DNS and clients that were set to it, seen by slmgr and the name server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from key_gate import assert_no_keys
from project import ROOT
from stale import stale_texts, stale_values

from . import winrs
from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "failover.yml"
PLAYBOOK = f"{FQCN}.kms_failover"
KEY, OTHER_KEY = "CCCCC-VVVVV-KKKKK-33333-44444", "CCCCC-VVVVV-KKKKK-33333-66666"
OURS = "kms-update"
DNS = {
    "server": "{{ winlab_dns_server }}",
    "server_port": "{{ winlab_dns_port }}",
    "authentication": "tsig",
    "key_name": "{{ winlab_dns_key_name }}",
    "key_secret": "{{ winlab_dns_key_secret }}",
    "key_algorithm": "{{ winlab_dns_key_algorithm }}",
}
MOVED = ("FOUND-01", "FOUND-02", "FOUND-03", "BRANCH", "PINNED", "OWNPIN", "LAPSED")
WAITS = ("the KMS host does not activate yet",)


def failover(lab: Lab, story: str, *, warnings: tuple[str, ...] = (), options: tuple[str, ...] = (), **changes: Any) -> Results:
    """The playbook for the hosts of one domain, whose names begin with the name of the story."""
    variables = {
        "kms_failover_failed_host": f"{story}-1.{story}.example",
        "kms_failover_replacement": f"{story.upper()}-2",
        "kms_failover_host_keys": [{"product_key": KEY}],
        "kms_failover_clients": story,
        "kms_failover_domains": [f"{story}.example"],
        "kms_failover_dns": DNS,
        "kms_failover_probe_retries": 3,
        "kms_failover_probe_delay": 1,
        **changes,
    }
    given = {name: value for name, value in variables.items() if value is not None}
    return lab.run(PLAYBOOK, given, options=options, expected_warnings=warnings)


def statement(results: Results) -> Mapping[str, Any]:
    """What the playbook stated at its end."""
    facts = [result["ansible_facts"] for result in results.run.results("ansible.builtin.set_fact").values()]
    (found,) = (fact["kms_failover_statement"] for fact in facts if "kms_failover_statement" in fact)
    return dict(found)


def failure(results: Results) -> str:
    """The sentence of the task the run ended at."""
    (found,) = (result["msg"] for result in results.values() if result["status"] == "failed")
    return str(found)


def updates(lab: Lab) -> list[dict[str, Any]]:
    """What the playbook sent to the name server since the last run began; the hosts' own updates are signed by another key."""
    return [update for update in lab.client.dns_updates() if update["key"] == OURS]


def published(lab: Lab, domain: str) -> list[str]:
    return sorted(record["host"] for record in lab.client.srv_records(domain))


def pid_of_host(lab: Lab, name: str) -> str:
    """The extended PID of the KMS host key, as the machine itself shows it."""
    return str(host_key(lab, name)["properties"]["ProductKeyID"])


def host_key(lab: Lab, name: str) -> dict[str, Any]:
    (found,) = (product for product in lab.client.machine(name)["products"] if product["channel"] == "csvlk")
    return dict(found)


def pids_of_clients(lab: Lab, names: Iterable[str]) -> set[str]:
    """The extended PIDs of the hosts that activated these machines."""
    products = [product for name in names for product in lab.client.machine(name)["products"]]
    return {product["properties"]["KeyManagementServiceProductKeyID"] for product in products}


def writes(results: Results) -> int:
    return sum(results.writes(name) for name in results.costs)


@dataclass(frozen=True)
class Moved:
    """The story of one domain: foreseen, done, and done once more."""

    forecast: Results
    untouched: tuple[int, int, list[str]]
    done: Results
    again: Results
    sent_again: list[dict[str, Any]]


@pytest.fixture(scope="module")
def moved(lab: Lab) -> Moved:
    """A dead host with clients of all kinds, one of which is turned off."""
    lab.client.crash("MOVED-1")
    lab.client.crash("AWAY")
    wish: dict[str, Any] = {"kms_failover_domains": ["moved.example", "branch.example"], "kms_failover_batch": 4}
    forecast = failover(lab, "moved", options=("--check",), **wish)
    untouched = (writes(forecast), len(updates(lab)), published(lab, "moved.example"))
    done = failover(lab, "moved", **wish, **stale_values())
    again = failover(lab, "moved", **wish, **stale_texts())
    return Moved(forecast, untouched, done, again, updates(lab))


def test_check_mode_says_what_would_be_done_and_touches_nothing(moved: Moved) -> None:
    assert moved.untouched == (0, 0, ["moved-1.moved.example"])
    told = statement(moved.forecast)
    assert (set(told["planned"]), told["proven"], told["complete"]) == (set(MOVED), [], False)
    assert moved.forecast.run.exit_code == 0
    assert moved.forecast.run.results(f"{FQCN}.kms_host")["MOVED-2"]["changed"]


@pytest.mark.smoke
def test_every_client_that_can_be_reached_is_proven_by_what_it_keeps_of_its_host(moved: Moved, lab: Lab) -> None:
    assert statement(moved.done)["proven"] == list(MOVED)
    assert pids_of_clients(lab, MOVED) == {pid_of_host(lab, "MOVED-2")}


@pytest.mark.parametrize("name", ["FOUND-01", "PINNED"])
def test_slmgr_shows_the_new_host(moved: Moved, lab: Lab, name: str) -> None:  # noqa: ARG001 - after it
    text = winrs.slmgr(lab.host_variables(name), "/dlv").casefold()
    assert "moved-2.moved.example:1688" in text
    assert "moved-1" not in text


def test_only_the_new_host_is_published_and_took_over_priority_and_weight_where_it_had_none(moved: Moved, lab: Lab) -> None:  # noqa: ARG001
    assert [published(lab, domain) for domain in ("moved.example", "branch.example")] == [["moved-2.moved.example"]] * 2
    (record,) = lab.client.srv_records("branch.example")
    assert (record["priority"], record["weight"], record["port"]) == (5, 7, 1688)


def test_clients_that_were_set_to_the_dead_host_look_in_dns_again(moved: Moved, lab: Lab) -> None:  # noqa: ARG001 - after it
    for name in ("PINNED", "OWNPIN"):
        machine = lab.client.machine(name)
        assert not machine["service"]["KeyManagementServiceMachine"]
        assert not machine["products"][0]["settings"]["host"]


def test_a_machine_that_asks_no_kms_host_is_left_alone_and_named(moved: Moved) -> None:
    assert statement(moved.done)["left_alone"] == ["BOUGHT"]
    assert moved.done.writes("BOUGHT") == 0


def test_one_that_is_turned_off_stops_nobody_and_is_named(moved: Moved) -> None:
    told = statement(moved.done)
    assert (told["unreachable"], told["complete"], moved.done.run.exit_code) == (["AWAY"], False, 0)
    assert "could not be reached: AWAY" in told["summary"]


def test_the_dead_host_is_never_connected_to(moved: Moved) -> None:
    assert all("MOVED-1" not in task.hosts for run in (moved.done, moved.again) for task in run.run.tasks)


def test_the_next_run_changes_nothing_and_sends_nothing_anywhere(moved: Moved) -> None:
    assert (moved.again.run.changed_hosts(), writes(moved.again), moved.sent_again) == (0, 0, [])
    assert statement(moved.again)["proven"] == list(MOVED)


def test_one_activation_of_the_key_was_spent(moved: Moved, lab: Lab) -> None:  # noqa: ARG001 - after it
    assert moved.done.calls("MOVED-2", "Activate") == 1
    assert moved.again.calls("MOVED-2", "Activate") == 0


def test_no_probe_asks_for_a_licence(moved: Moved) -> None:
    assert moved.done.costs["MOVED-2"]["kms_requests"] == 0


def test_neither_keys_nor_secrets_are_shown(moved: Moved) -> None:
    for run in (moved.forecast, moved.done, moved.again):
        assert_no_keys(run.output)
        assert "c2VjcmV0" not in run.output
        assert KEY not in str([task.hosts for task in run.run.tasks])


def test_whoever_comes_back_is_moved_alone(moved: Moved, lab: Lab) -> None:  # noqa: ARG001 - after it
    lab.client.power_on("AWAY")
    done = failover(lab, "moved", kms_failover_domains=["moved.example", "branch.example"], kms_failover_require_all=True, **stale_values())
    assert (statement(done)["complete"], done.run.exit_code, done.run.changed_hosts()) == (True, 0, 1)
    assert {name for name in done.costs if done.writes(name)} == {"AWAY"}


def test_a_licence_of_the_replacement_is_not_lost_against_the_word_of_the_run_and_else_the_statement_names_it(lab: Lab) -> None:
    lab.client.crash("NAMED-1")
    options: dict[str, Any] = {"kms_failover_domains": [], "kms_failover_pinned": "move"}
    refused = failover(lab, "named", **options, kms_failover_host_keys=[{"product_key": OTHER_KEY}], kms_failover_lose_activation=False)
    assert refused["NAMED-2"]["error"]["code"] == "activation_would_be_lost"
    assert all(refused.writes(name) == 0 for name in ("NAMED-2", "SHORT", "ADDRESS"))


def test_with_require_all_a_client_that_is_missing_fails_the_run(lab: Lab) -> None:
    lab.client.crash("SHORT")
    lab.client.crash("NAMED-1")
    done = failover(
        lab, "named", kms_failover_domains=[], kms_failover_pinned="move", kms_failover_require_all=True,
        kms_failover_failed_names=[lab.address("NAMED-1")], kms_failover_host_keys=[{"product_key": OTHER_KEY}],
    )  # fmt: skip
    lab.client.power_on("SHORT")
    assert (done.run.exit_code, statement(done)["unreachable"]) == (2, ["SHORT"])
    assert "SHORT" in failure(done)
    (lost,) = statement(done)["lost"]
    assert (lost["host"], lost["done"], lost["accepted_by"]) == ("NAMED-2", True, "kms_failover_lose_activation")
    assert lost["activation"].startswith("the activation by retail key ending ")


def test_without_dns_clients_are_set_to_the_new_host_at_the_level_they_were_set_at_before(lab: Lab) -> None:
    done = failover(
        lab, "named", kms_failover_domains=[], kms_failover_pinned="move", kms_failover_failed_names=[lab.address("NAMED-1")],
        kms_failover_host_keys=[{"product_key": OTHER_KEY}],
    )  # fmt: skip
    assert (statement(done)["proven"], updates(lab)) == (["SHORT", "ADDRESS"], [])
    assert {row["kms_host"].casefold() for row in statement(done)["clients"]} == {"named-2.named.example:1688"}
    assert pids_of_clients(lab, ["SHORT", "ADDRESS"]) == {pid_of_host(lab, "NAMED-2")}


@pytest.mark.parametrize("name", ["rebuilt-1.rebuilt.example", "Rebuilt-1.rebuilt.example."])
def test_a_machine_rebuilt_under_its_name_is_told_apart_from_a_mistake(lab: Lab, name: str) -> None:
    lab.client.crash("REBUILT-1")
    lab.client.rebuild("REBUILT-1")
    refused = failover(lab, "rebuilt", kms_failover_replacement="REBUILT-1", kms_failover_failed_host=name)
    assert "set kms_failover_same_name to true" in failure(refused)
    assert (writes(refused), updates(lab)) == (0, [])


@pytest.mark.smoke
def test_after_a_batch_of_clients_that_failed_no_other_is_asked_and_the_statement_names_them(lab: Lab) -> None:
    lab.client.crash("REBUILT-1")
    lab.client.rebuild("REBUILT-1")
    lab.client.set_fault("REB-01", "wmi_fault", method="Activate", hresult=0xC004F074)
    options = {"kms_failover_replacement": "REBUILT-1", "kms_failover_same_name": True, "kms_failover_batch": 1}
    stopped = failover(lab, "rebuilt", **options)
    lab.client.clear_faults()
    assert "1 of the 1 machines of the batch that could be reached failed" in " ".join(stopped.output.split())
    assert "kms_failover_max_fail_percentage" in stopped.output
    assert (stopped.nothing_sent("REB-02"), stopped.nothing_sent("REB-PIN"), stopped.run.exit_code) == (True, True, 2)
    assert {row["name"]: row["proven"] for row in statement(stopped)["clients"]} == dict.fromkeys(("REB-01", "REB-02", "REB-PIN"), False)


def test_a_machine_rebuilt_under_its_name_takes_over_without_any_update_of_dns(lab: Lab) -> None:
    names, before = ("REB-01", "REB-02", "REB-PIN"), pids_of_clients(lab, ["REB-01"])
    done = failover(lab, "rebuilt", kms_failover_replacement="REBUILT-1", kms_failover_same_name=True)
    assert (updates(lab), published(lab, "rebuilt.example")) == ([], ["rebuilt-1.rebuilt.example"])
    assert statement(done)["proven"] == list(names)
    assert pids_of_clients(lab, names) == {pid_of_host(lab, "REBUILT-1")} != before
    assert lab.client.machine("REB-PIN")["service"]["KeyManagementServiceMachine"] == "rebuilt-1.rebuilt.example"


def test_a_mistyped_name_is_refused_also_when_the_replacement_has_a_record_already(lab: Lab) -> None:
    lab.client.crash("PAIR-1")
    refused = failover(lab, "pair", kms_failover_replacement="PAIR-2", kms_failover_failed_host="pair-11.pair.example")
    words = ("pair-11.pair.example has no record", "does not answer is pair-1.pair.example.", "kms_failover_force", "Nothing was touched.")
    assert [word for word in words if word not in failure(refused)] == []
    assert (writes(refused), updates(lab)) == (0, [])


def test_clients_of_a_host_that_survives_are_proven_already(lab: Lab) -> None:
    lab.client.crash("PAIR-1")
    # A text, as an extra variable on the command line is one.
    done = failover(lab, "pair", kms_failover_replacement="PAIR-3", kms_failover_survivors="PAIR-2")
    assert statement(done)["proven"] == ["PAIR-C1", "PAIR-C2", "PAIR-C3", "PAIR-C4"]
    assert [name for name in ("PAIR-C1", "PAIR-C2", "PAIR-C3", "PAIR-C4") if done.writes(name)] == ["PAIR-C4"]
    assert published(lab, "pair.example") == ["pair-2.pair.example", "pair-3.pair.example"]
    assert {host["name"] for host in statement(done)["hosts"]} == {"PAIR-3", "PAIR-2"}


@pytest.fixture(scope="module")
def few(lab: Lab) -> Results:
    """A new host that has counted nobody, with five servers and a workstation."""
    lab.client.crash("FEW-1")
    return failover(lab, "few", warnings=WAITS)


def test_those_that_came_before_the_count_was_met_are_asked_again_in_the_same_run(few: Results, lab: Lab) -> None:
    servers = [f"FEW-S{number}" for number in range(1, 6)]
    assert statement(few)["proven"] == servers
    assert pids_of_clients(lab, servers) == {pid_of_host(lab, "FEW-2")}


def test_one_that_waits_for_the_count_is_no_failure_but_told_with_the_forecast(few: Results) -> None:
    told = statement(few)
    assert (told["waiting_for_count"], told["unproven"], few.run.exit_code) == (["FEW-PC"], [], 0)
    (host,) = told["hosts"]
    servers, clients = host["forecast"]
    assert (servers["met"], clients["met"], clients["missing"], clients["too_few"]) == (True, False, 19, 19)
    assert "19 machines too few" in " ".join(told["lines"])


def test_a_client_that_waits_is_still_licensed_by_the_dead_host(few: Results) -> None:
    (row,) = (row for row in statement(few)["clients"] if row["name"] == "FEW-PC")
    assert (row["proven"], row["expires"] is not None) == (False, True)


def test_a_host_that_still_answers_has_not_failed(lab: Lab) -> None:
    refused = failover(lab, "alive", kms_failover_force="false", kms_failover_same_name="false")
    assert "answers as a KMS host" in failure(refused)
    assert "kms_failover_force" in failure(refused)
    assert (writes(refused), updates(lab)) == (0, [])


def test_a_host_that_was_not_asked_is_not_taken_for_dead(lab: Lab) -> None:
    refused = failover(lab, "alive", kms_failover_probe_networks=[])
    words = ("alive-1.alive.example", "to kms_failover_probe_networks.", "kms_failover_force", "Nothing was touched.")
    assert [word for word in words if word not in failure(refused)] == []
    assert (writes(refused), updates(lab)) == (0, [])


def test_a_host_that_still_answers_is_replaced_when_that_is_meant_and_goes_on_serving_whoever_remembers_it(lab: Lab) -> None:
    done = failover(lab, "alive", kms_failover_force=True)
    assert published(lab, "alive.example") == ["alive-2.alive.example"]
    assert (statement(done)["unproven"], done.run.exit_code) == (["ALIVE-C"], 2)
    assert "not among the living ones" in " ".join(statement(done)["lines"])
    lab.client.crash("ALIVE-1")
    assert statement(failover(lab, "alive"))["complete"]


def test_a_zone_that_takes_no_updates_ends_with_the_commands_for_its_administrator(lab: Lab) -> None:
    lab.client.crash("STATIC-1")
    done = failover(lab, "static", kms_failover_host_keys=[{"product_key": OTHER_KEY}])
    words = failure(done)
    assert "Add-DnsServerResourceRecord" in words
    assert "Remove-DnsServerResourceRecord" in words
    assert "dnscmd" in words
    assert "static-2.static.example" in words.casefold()
    assert host_key(lab, "STATIC-2")["properties"]["LicenseStatus"] == 1
    assert (done.writes("STATIC-C"), published(lab, "static.example")) == (0, ["static-1.static.example"])


def test_a_run_that_stopped_at_dns_spends_no_second_activation(lab: Lab) -> None:
    again = failover(lab, "static", kms_failover_host_keys=[{"product_key": OTHER_KEY}])
    assert (again.run.exit_code, again.calls("STATIC-2", "Activate"), again.writes("STATIC-2")) == (2, 0, 0)


def test_a_failed_host_that_no_record_names_is_refused_while_a_record_names_another_dead_one(lab: Lab) -> None:
    lab.client.crash("STATIC-1")
    refused = failover(lab, "static", kms_failover_failed_host="static-9.static.example")
    words = failure(refused)
    assert [word for word in ("static-9.static.example", "static-1.static.example", "kms_failover_force") if word not in words] == []
    assert (writes(refused), updates(lab)) == (0, [])


def variable_of_role(lab: Lab, variables: dict[str, Any], value: Any) -> Any:
    """What a text with variables of the role comes to after its modules returned these results."""
    tasks = [
        {"ansible.builtin.set_fact": {"__kms_failover_installed": {"host": {"name": "new.a.example", "port": 1688}}}},
        {"ansible.builtin.include_vars": {"file": str(ROOT / "roles" / "kms_failover" / "vars" / "main.yml")}},
        {"ansible.builtin.debug": {"msg": value}},
    ]
    names = {"kms_failover_failed_host": "old.a.example", "kms_failover_replacement_name": "new.a.example"}
    play = {"hosts": ["localhost"], "connection": "local", "gather_facts": False, "tasks": tasks}
    return lab.playbook([play], {**names, **variables})["localhost"]["msg"]


def test_a_host_is_undecided_by_its_names_and_by_its_records(lab: Lab) -> None:
    silent = {"is_kms_host": False, "meaning": "", "next_steps": []}
    probes = [{**silent, "endpoint": f"{state}:1688", "state": state} for state in ("busy", "timeout", "not_asked", "refused")]
    named = [{"host": "old.a.example", "probe": probe} for probe in probes[2:]]
    others = [{"host": host, "probe": probes[0]} for host in ("new.a.example", "other.a.example")]
    found = {
        "__kms_failover_dead": {"endpoints": probes[:2]},
        "__kms_failover_records": {"domains": [{"domain": "a.example", "records": [*named, *others]}]},
    }
    assert variable_of_role(lab, found, "{{ __kms_failover_undecided | map(attribute='state') | list }}") == ["busy", "not_asked"]


@pytest.mark.parametrize(
    ("published", "why"),
    [
        ({"failed": True, "msg": "the runner has gone"}, "the runner has gone"),
        ({"domains": []}, ""),
        ({"domains": [{"domain": "a.example", "records": []}]}, ""),
        (
            {"domains": [{"domain": "a.example", "records": [
                {"host": "new.a.example", "probe": {"is_kms_host": False, "meaning": "No address.", "next_steps": ["Add one."]}},
                {"host": "old.a.example", "probe": {"is_kms_host": False, "meaning": "Dead.", "next_steps": []}},
            ]}]},
            "No address. Add one.",
        ),
    ],
)  # fmt: skip
def test_only_an_answer_under_its_record_lets_the_dead_one_go_and_only_its_own_silence_is_told(
    lab: Lab, published: dict[str, Any], why: str
) -> None:
    records = [{"host": "old.a.example", "port": 1688, "priority": 0, "weight": 0}]
    variables = {
        "__kms_failover_records": {"domains": [{"domain": "a.example", "records": records}]},
        "__kms_failover_published": published,
    }
    told = {"silent": "{{ __kms_failover_silent }}", "why": "{{ __kms_failover_silent_why | join(' ') }}"}
    assert variable_of_role(lab, variables, told) == {"silent": ["a.example"], "why": why}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kms_failover_domains": None}, ("kms_failover_domains", "required")),
        ({"kms_failover_domains": []}, ("kms_failover_domains is empty",)),
        ({"kms_failover_failed_host": "moved-1"}, ("no full name",)),
        ({"kms_failover_clients": "MOVED-2"}, ("kms_failover_clients is MOVED-2", "holds no client", "Nothing was touched.")),
        ({"kms_failover_pinned": "nail"}, ("kms_failover_pinned", "nail")),
        ({"kms_failover_port": 70000}, ("70000",)),
        ({"kms_failover_same_name": True}, ("kms_failover_same_name has to be false",)),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_touched(lab: Lab, changes: dict[str, Any], words: tuple[str, ...]) -> None:
    refused = failover(lab, "moved", **changes)
    assert [word for word in words if word not in failure(refused)] == []
    assert (refused.run.exit_code, writes(refused), updates(lab)) == (2, 0, [])
