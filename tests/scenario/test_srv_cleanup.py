# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clean-up of SRV records by its playbook: it reports, removes only when told to, and leaves every domain a record that works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from stale import stale_values

from . import dns_by_hand
from .documented import task_complaints
from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "srv_cleanup.yml"
DOMAIN, BRANCH, DEAD, STATIC = "cleanup.example", "branch.cleanup.example", "dead.cleanup.example", "static.cleanup.example"
EXPECTED = [f"KMS01.{DOMAIN}.", f"kms03.{DOMAIN}"]
ALIVE = {f"kms01.{DOMAIN}:1688", f"kms03.{DOMAIN}:1689"}
STALE = {
    f"kms02.{DOMAIN}:1688": "not_responding",
    f"kms03.{DOMAIN}:1688": "not_responding",
    f"pc-07.{DOMAIN}:1688": "not_expected",
    f"pc-08.{DOMAIN}:1688": "not_responding",
    f"http.{DOMAIN}:1688": "not_a_kms_host",
    f"silent.{DOMAIN}:1688": "not_responding",
    f"rpc.{DOMAIN}:1688": "not_a_kms_host",
    f"gone.{DOMAIN}:1688": "not_responding",
}
TWICE = "has more than one record"
"""The module says so of KMS03 before it removes the record with the old port."""

ADDED_BY_HAND = [("kms03", 1688), ("http", 1688), ("silent", 1688), ("rpc", 1688), ("gone", 1688)]


def connection(lab: Lab, **changes: Any) -> dict[str, Any]:
    """How the playbook reaches the lab's DNS server."""
    told = lab.client.dns()
    names = ("key_name", "key_secret", "key_algorithm")
    server = {"dns_server": told["server"], "dns_port": told["port"]}
    return {**{name: told[name] for name in names}, **server, "authentication": "tsig", **changes}


def variables_for(lab: Lab, *domains: str, **variables: Any) -> dict[str, Any]:
    """What a person sets, and less patience than by default."""
    quick = {"kms_srv_cleanup_probe_retries": 2, "kms_srv_cleanup_probe_delay": 0, "kms_srv_cleanup_probe_timeout": 1}
    return {"kms_srv_cleanup_domains": list(domains), "kms_srv_cleanup_dns": connection(lab), **quick, **variables}


def clean_up(lab: Lab, *domains: str, warning: str = "", **variables: Any) -> Results:
    """Run the playbook of the collection."""
    told = {**variables_for(lab, *domains, **variables), **stale_values()}
    return lab.run(f"{FQCN}.kms_srv_cleanup", told, expected_warnings=(warning,) if warning else ())


def play_role(lab: Lab, *domains: str, warning: str = "", verbosity: int = 0, check_mode: bool = False, **variables: Any) -> Results:
    """Run the role with its variables in a file, as secrets should be."""
    play = {"name": "Clean up", "hosts": "localhost", "gather_facts": False, "check_mode": check_mode, "roles": [f"{FQCN}.kms_srv_cleanup"]}
    told = variables_for(lab, *domains, **variables)
    return lab.playbook([play], told, verbosity=verbosity, expected_warnings=(warning,) if warning else ())


def report(results: Results) -> dict[str, Any]:
    """The fact the role leaves."""
    facts = [result.get("ansible_facts") or {} for task in results.run.tasks for result in task.hosts.values()]
    (found,) = (fact["kms_srv_cleanup_report"] for fact in facts if "kms_srv_cleanup_report" in fact)
    return dict(found)


def taken_away(results: Results) -> list[list[str]]:
    """What each update took away, as its task says."""
    (updated,) = results.run.results(f"{FQCN}.kms_srv_record").values()
    domains = [one["domains"][0] for one in updated["results"]]
    return [[str(record) for record in domain["before"]["records"] if record not in domain["after"]["records"]] for domain in domains]


def published(lab: Lab, domain: str) -> set[str]:
    """What is in DNS."""
    return {f"{record['host']}:{record['port']}" for record in lab.client.srv_records(domain)}


def sent(lab: Lab) -> list[str]:
    """The updates of the playbook since the start of the last run, as the server logged them."""
    return [f"{one['kind']} {one['data']}" for one in lab.client.dns_updates() if one["key"] == "kms-update"]


@dataclass(frozen=True)
class Seen:
    """A run, what it sent to the name server, and what is published then."""

    results: Results
    sent: list[str]
    left: set[str]


DOMAINS, EXPECTED_HOSTS = (DOMAIN, BRANCH, DEAD), {"kms_srv_cleanup_expected_hosts": EXPECTED}
REMOVE = {**EXPECTED_HOSTS, "kms_srv_cleanup_remove": True}


@pytest.fixture(scope="module")
def looked(lab: Lab) -> Seen:
    """The playbook as people run it: look, check mode, remove, look again. One estate has everything that may be wrong with a record."""
    for name, what in {"HTTP": "http", "SILENT": "silent", "RPC": "other_rpc"}.items():
        lab.client.set_fault(name, "kms_port_speaks", what=what)
    lab.client.crash("KMS02")
    # The port of KMS03 was another one when somebody entered these.
    dns_by_hand.publish(lab, DOMAIN, ADDED_BY_HAND)
    return Seen(clean_up(lab, *DOMAINS, **EXPECTED_HOSTS), sent(lab), published(lab, DOMAIN))


@pytest.fixture(scope="module")
def forecast(lab: Lab, looked: Seen) -> Seen:
    del looked
    return Seen(play_role(lab, *DOMAINS, check_mode=True, warning=TWICE, **REMOVE), sent(lab), published(lab, DOMAIN))


@pytest.fixture(scope="module")
def removed(lab: Lab, forecast: Seen) -> Seen:
    del forecast
    return Seen(clean_up(lab, *DOMAINS, warning=TWICE, **REMOVE), sent(lab), published(lab, DOMAIN))


@pytest.fixture(scope="module")
def again(lab: Lab, removed: Seen) -> Seen:
    del removed
    return Seen(clean_up(lab, *DOMAINS, **REMOVE), sent(lab), published(lab, DOMAIN))


@pytest.mark.quick
def test_the_report_names_every_stale_record_with_its_reason(looked: Seen) -> None:
    records = [record for record in report(looked.results)["records"] if record["domain"] == DOMAIN]
    assert {f"{record['host']}:{record['port']}".lower(): record["status"] for record in records} == STALE
    assert all(record["meaning"] and record["next_steps"] and record["kept_because"] is None for record in records)


def test_the_probe_of_the_records_tells_every_listener_apart(looked: Seen) -> None:
    first = next(task for task in looked.results.run.tasks if task.action == f"{FQCN}.kms_srv_record_info").hosts["localhost"]
    assert task_complaints("kms_srv_record_info", first) == []
    probes = {record["probe_result"]["endpoint"].lower(): record["probe_result"]["status"] for record in first["domains"][0]["records"]}
    assert probes == {
        **dict.fromkeys([*ALIVE, f"pc-07.{DOMAIN}:1688"], "available"),
        **dict.fromkeys([f"{name}.{DOMAIN}:1688" for name in ("kms02", "kms03", "pc-08")], "connection_refused"),
        **dict.fromkeys([f"{name}.{DOMAIN}:1688" for name in ("http", "rpc")], "not_kms"),
        f"silent.{DOMAIN}:1688": "timeout",
        f"gone.{DOMAIN}:1688": "unresolved",
    }


def test_no_license_request_reaches_a_kms_host(looked: Seen) -> None:
    served = {name: looked.results.costs[name] for name in ("KMS01", "KMS03", "PC-07")}
    assert all(cost["kms_binds"] for cost in served.values())
    assert {cost["kms_requests"] for cost in served.values()} == {0}


def test_looking_changes_nothing_and_sends_no_update(looked: Seen) -> None:
    assert looked.results.run.changed_hosts() == 0
    assert looked.sent == []


def test_the_domains_are_summed_up_in_words(looked: Seen) -> None:
    messages = {domain["domain"]: domain["message"] for domain in report(looked.results)["domains"]}
    assert messages[BRANCH] == "Records: 1. Responding KMS hosts: 1. Removable: 0."
    assert messages[DOMAIN] == "Records: 10. Responding KMS hosts: 3. Removable: 8."
    assert "No record is known to work, so no record is removed." in messages[DEAD]


def test_check_mode_foresees_the_removal_and_sends_no_update(looked: Seen, forecast: Seen, removed: Seen) -> None:
    assert forecast.results.run.changed_hosts() == 1
    assert forecast.sent == []
    assert forecast.left == looked.left
    assert taken_away(forecast.results) == taken_away(removed.results)
    assert [len(update) for update in taken_away(removed.results)] == [7, 1]


def test_what_is_stale_is_removed_when_asked_for_and_nothing_else(removed: Seen) -> None:
    assert removed.results.run.changed_hosts() == 1
    assert removed.left == ALIVE
    assert all(update.startswith("delete ") for update in removed.sent)


def test_the_second_run_sends_no_update(again: Seen) -> None:
    assert again.results.run.changed_hosts() == 0
    assert again.sent == []


def test_no_record_goes_from_a_domain_in_which_none_works(removed: Seen, lab: Lab) -> None:
    assert published(lab, DEAD) == {f"kms02.{DOMAIN}:1688"}
    (kept,) = [record for record in report(removed.results)["records"] if record["domain"] == DEAD]
    assert kept["kept_because"].startswith("No record of the domain works")


def test_the_last_record_that_works_stays_although_its_host_is_not_expected(again: Seen, lab: Lab) -> None:  # noqa: ARG001 - after it
    results = clean_up(lab, BRANCH, kms_srv_cleanup_remove=True, kms_srv_cleanup_expected_hosts=[f"kms09.{DOMAIN}"])
    assert published(lab, BRANCH) == {f"kms01.{DOMAIN}:1688"}
    assert [record["status"] for record in report(results)["records"]] == ["not_expected"]
    assert "the last record that works is never removed" in report(results)["records"][0]["kept_because"]


def test_a_zone_that_takes_no_updates_fails_with_the_reason_and_without_the_secret(again: Seen, lab: Lab) -> None:  # noqa: ARG001 - after it
    results = play_role(lab, STATIC, kms_srv_cleanup_remove=True, verbosity=4)
    assert results["localhost"]["status"] == "failed"
    assert "REFUSED" in str(results["localhost"])
    assert lab.client.dns()["key_secret"] not in results.output + str(results.run)
    assert published(lab, STATIC) == {f"kms01.{DOMAIN}:1688", f"kms02.{DOMAIN}:1688"}


def test_a_domain_that_cannot_be_read_fails_at_the_end_when_the_others_are_done(again: Seen, lab: Lab) -> None:  # noqa: ARG001 - after it
    results = clean_up(lab, "nowhere.example", BRANCH)
    assert results["localhost"]["status"] == "failed"
    assert "nowhere.example could not be read. The other domains are done." in results["localhost"]["msg"]
    assert [domain["working"] for domain in report(results)["domains"]] == [0, 1]


def test_short_names_of_expected_hosts_are_refused_in_words(again: Seen, lab: Lab) -> None:  # noqa: ARG001 - after it
    results = clean_up(lab, BRANCH, kms_srv_cleanup_expected_hosts=["kms01"])
    assert "'kms01' is not a full name" in str(results["localhost"]["msg"])
