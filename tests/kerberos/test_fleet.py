# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sixty machines are surveyed, converted to KMS, and moved to another KMS host with tickets only: no password is anywhere in the inventory.

Half of them are reached by each connection. The ticket ends in the middle of the conversion, and later in the middle of the failover; a
new run with a new ticket finishes each of them.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kdc import Kdc
from needed import need

from .domain import ADMIN, FLEET, FQCN, PASSWORD, REALM, STRANGER, Domain, Ended, running_domain, secrets_in, services_of

KEY = "CCCCC-VVVVV-KKKKK-33333-44444"
NAMES = ["kms1", "kms2", *FLEET]
NAME_SERVER = "DNS/ns1.corp.test"
BATCH = 20
ESTATE = f"""
title: members of a domain, who get a KMS host, and later another one
clock: {{ticking: true}}
defaults: {{domain: corp.test, accounts: {{{ADMIN}: not-used}}, listen: {{basic: false, allow_unencrypted: false}}}}
domains:
  corp.test: {{updates: secure, principals: ["{ADMIN}@{REALM}"]}}
microsoft:
  keys:
    - {{key: {KEY}, channel: csvlk, fits: [Server 2022]}}
kms_hosts:
  - {{name: kms1, address: 127.41.9.1, os: Server 2022 Standard, outside_clients: 60}}
machines:
  - {{name: kms2, address: 127.41.9.2, os: Server 2022 Standard, state: grace, outside_clients: 60}}
  - {{name: "pc{{01..60}}", address: 127.41.10.1, os: Windows 11 Enterprise, state: mak_licensed}}
"""
DNS = {"kms_client_dns_server": "{{ winlab_dns_server }}", "kms_client_dns_port": "{{ winlab_dns_port }}"}
CONVERT = {"convert_to_kms_hosts": "clients", "convert_to_kms_serial": BATCH, "kms_client_kms_host": "kms1.corp.test", **DNS}
MOVE = {
    "kms_failover_failed_host": "kms1.corp.test",
    "kms_failover_replacement": "kms2",
    "kms_failover_host_keys": [{"product_key": KEY}],
    "kms_failover_clients": "clients",
    "kms_failover_domains": ["corp.test"],
    "kms_failover_dns": {
        "dns_server": "{{ winlab_dns_server }}",
        "dns_port": "{{ winlab_dns_port }}",
        "authentication": "gss_tsig",
        "server_principal": f"{NAME_SERVER}@{REALM}",
    },
    "kms_failover_serial": BATCH,
    "kms_failover_probe_retries": 3,
    "kms_failover_probe_delay": 1,
}
SHORT = ("-l", "1s")
SURVEY = {f"{FQCN}.activation_fleet_info": {"max_returned_records": 100}, "run_once": True}


@dataclass(frozen=True)
class Story:
    """The runs in their order, and the tickets that the KDC issued for those with the second and with the last one of the account."""

    before: Ended
    broken: Ended
    finished: Ended
    again: Ended
    halted: Ended
    moved: Ended
    still: Ended
    after: Ended
    second: Counter[str]
    last: Counter[str]

    @property
    def runs(self) -> tuple[Ended, ...]:
        """All of them."""
        return (self.before, self.broken, self.finished, self.again, self.halted, self.moved, self.still, self.after)


@pytest.fixture(scope="module")
def fleet(kdc: Kdc, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Domain]:
    """The realm, the machines, and a name server that takes updates with tickets."""
    need("bind")
    services = [*services_of(NAMES), NAME_SERVER]
    kdc.add_principals(dict.fromkeys(services))
    with running_domain(tmp_path_factory.mktemp("fleet"), kdc, ESTATE, kdc.keytab("fleet.keytab", *services)) as domain:
        yield domain


def machines(domain: Domain, **more: Any) -> dict[str, Any]:
    """The inventory: every other machine by psrp."""
    psrp = {name: name for name in FLEET[1::2]}
    winrm = {name: name for name in NAMES if name not in psrp and name != "kms1"}
    return domain.hosts("winrm", winrm, **more) | domain.hosts("psrp", psrp, **more)


def clients(domain: Domain, **more: Any) -> dict[str, Any]:
    """The part of the inventory that moves."""
    return {name: variables for name, variables in machines(domain, **more).items() if name in FLEET}


def run(domain: Domain, playbook: str, variables: Mapping[str, Any], cache: Path) -> Ended:
    """A playbook of the collection, for all machines."""
    return domain.run(
        f"{FQCN}.{playbook}", machines(domain), variables, env=domain.environment(cache, ANSIBLE_FORKS="10"), groups={"clients": FLEET}
    )


def survey(domain: Domain, cache: Path) -> Ended:
    """All clients, read by one task."""
    return domain.play(clients(domain), SURVEY, env=domain.environment(cache))


def as_soon_as(true: Callable[[], bool], then: Callable[[], object], seconds: float = 120) -> None:
    """Do something in the middle of a run."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "the run did not get there"
        time.sleep(0.05)
    then()


def activated(domain: Domain) -> list[str]:
    """The machines whose activation was requested since the run began."""
    return [name for name, cost in domain.client.counters().items() if cost["operations"].get("Invoke:Activate")]


def broken(domain: Domain, playbook: str, variables: Mapping[str, Any], activations: int) -> Ended:
    """A run whose ticket has ended when so many machines were activated: the cache has what it has when the time of a ticket is over."""
    cache, ended = (domain.kdc.ticket(ADMIN, PASSWORD, *life, name=f"{name}-{playbook}") for name, life in (("first", ()), ("over", SHORT)))
    time.sleep(1.5)
    with ThreadPoolExecutor(1) as pool:
        watch = pool.submit(as_soon_as, lambda: len(activated(domain)) >= activations, lambda: shutil.move(ended, cache))
        found = run(domain, playbook, variables, cache)
        watch.result()
    return found


@pytest.fixture(scope="module")
def story(fleet: Domain) -> Story:
    before = survey(fleet, fleet.kdc.ticket(ADMIN, PASSWORD, name="survey"))
    first = broken(fleet, "convert_to_kms", CONVERT, BATCH)
    asked = len(fleet.kdc.asked())
    cache = fleet.kdc.ticket(ADMIN, PASSWORD, name="second")
    finished, again = (run(fleet, "convert_to_kms", CONVERT, cache) for _ in range(2))
    second = fleet.kdc.issued(asked)
    fleet.client.crash("kms1")
    halted = broken(fleet, "kms_failover", MOVE, 1 + BATCH)
    asked = len(fleet.kdc.asked())
    cache = fleet.kdc.ticket(ADMIN, PASSWORD, name="last")
    moved, still = (run(fleet, "kms_failover", MOVE, cache) for _ in range(2))
    after = survey(fleet, cache)
    return Story(before, first, finished, again, halted, moved, still, after, second, fleet.kdc.issued(asked))


def channels(ended: Ended) -> Counter[str]:
    """How many machines have a license of each channel, by the survey."""
    (result,) = ended.run.tasks[-1].hosts.values()
    return Counter(record["result"]["products"][0]["channel"] for record in result["records"])


def report(ended: Ended, name: str = "kms_failover_report") -> Mapping[str, Any]:
    """What a playbook published at its end."""
    facts = [result.get("ansible_facts") or {} for task in ended.run.tasks for result in task.hosts.values()]
    return dict([fact[name] for fact in facts if name in fact][-1])


def done_by(ended: Ended) -> set[str]:
    """The machines that a conversion activated, by its own report."""
    return set(report(ended, "outcome_report")["machines"]["activated"])


def writes(ended: Ended) -> int:
    return sum(cost["writes"] for cost in ended.costs.values())


def test_no_inventory_of_the_story_has_a_secret(story: Story) -> None:
    assert [line for ended in story.runs for line in secrets_in(ended.inventory)] == []


def test_a_secret_in_an_inventory_would_be_found(fleet: Domain, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(f"ansible_user: {ADMIN}\nansible_password: x\nother: {PASSWORD}\n", encoding="utf-8")
    assert len(secrets_in(inventory)) == 2
    assert secrets_in(fleet.inventory)


def test_the_surveys_see_the_fleet_before_and_after(story: Story) -> None:
    assert (channels(story.before), channels(story.after)) == (Counter(mak=60), Counter(gvlk=60))


def test_a_ticket_that_ends_in_mid_run_names_who_is_done_and_who_is_not(story: Story) -> None:
    told, done = report(story.broken, "outcome_report"), done_by(story.broken)
    left = {row["machine"] for row in told["rows"] if row["status"] == "unreachable" and "the ticket has expired" in row["message"]}
    assert (len(done) >= BATCH, len(left) >= BATCH, sorted(done | left)) == (True, True, FLEET)
    assert f"{len(done)} activated, {len(left)} not reached" in " ".join(story.broken.output.split())


def test_a_new_run_with_a_new_ticket_converts_the_others_and_leaves_the_first_alone(story: Story, fleet: Domain) -> None:
    done = done_by(story.broken)
    assert {name for name, cost in story.finished.costs.items() if cost["writes"]} == set(FLEET) - done
    machine = fleet.client.machine
    assert {product["channel"] for name in FLEET for product in machine(name)["products"]} == {"gvlk"}


def test_the_next_conversion_changes_nothing(story: Story) -> None:
    assert (story.again.run.exit_code, story.again.run.changed_hosts(), writes(story.again)) == (0, 0, 0)


def test_a_failover_whose_ticket_ends_names_the_machines_that_were_not_moved(story: Story) -> None:
    told = report(story.halted)["machines"]
    assert (len(told["verified"]) >= BATCH, len(told["unreachable"]) >= BATCH) == (True, True)
    assert sorted([*told["verified"], *told["unreachable"]]) == FLEET


def test_a_new_run_of_the_failover_activates_only_the_others(story: Story) -> None:
    done = report(story.halted)["machines"]["verified"]
    assert [name for name in done if story.moved.costs[name]["writes"]] == []


def test_a_failover_moves_all_machines_and_the_record_with_tickets(story: Story, fleet: Domain) -> None:
    assert sorted(report(story.moved)["machines"]["verified"]) == FLEET
    assert [record["host"] for record in fleet.client.srv_records("corp.test")] == ["kms2.corp.test"]


def test_the_next_failover_changes_nothing(story: Story) -> None:
    assert (story.still.run.exit_code, story.still.run.changed_hosts(), writes(story.still)) == (0, 0, 0)
    assert sorted(report(story.still)["machines"]["verified"]) == FLEET


def test_the_kdc_is_asked_once_for_each_machine_however_many_tasks_and_runs_there_are(story: Story) -> None:
    """Two conversions with one ticket, then two failovers and a survey with another: the machines, and the ticket of the account."""
    fleet = dict.fromkeys([*(f"{name}.corp.test" for name in FLEET), REALM], 1)
    second, last = (Counter({name.partition("/")[2]: count for name, count in found.items()}) for found in (story.second, story.last))
    assert (second, last) == (Counter(fleet), Counter({**fleet, "kms2.corp.test": 1}))
    assert sum(name in FLEET for ended in story.runs for task in ended.run.tasks for name in task.hosts) > 600


def test_an_account_without_rights_changes_nothing_and_every_machine_is_named(story: Story, fleet: Domain) -> None:
    del story
    cache = fleet.kdc.ticket(STRANGER, PASSWORD)
    hosts = clients(fleet, ansible_user=f"{STRANGER}@{REALM}")
    task = {f"{FQCN}.activation_fleet_info": {"fail_on_unreachable": False}, "run_once": True}
    ended = fleet.play(hosts, task, env=fleet.environment(cache))
    (result,) = ended.run.tasks[-1].hosts.values()
    assert [row["machine"] for row in result["unreachable_machines"]] == FLEET
    assert all(f"refused user {STRANGER}@{REALM}" in row["msg"] for row in result["unreachable_machines"])
    assert writes(ended) == 0
