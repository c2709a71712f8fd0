# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are killed, runs at the same time, a name server that fails: a second run ends in the desired state, nothing is spent twice."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from playbook import Run

from ..dns.servers.between import dying
from .failover_by_hand import DNS
from .harness import FQCN, Lab, Results
from .interrupt import at_once, cut, settings
from .proxy_by_hand import collect, deposit, licensed, statuses

pytestmark = [pytest.mark.slow]

ESTATE = "interrupted.yml"
MAK, SITE_MAK = "MMMMM-KKKKK-MMMMM-MKF22-TTWX3", "MMMMM-KKKKK-MMMMM-MKF33-TTWX4"
HOST_KEY, FAILOVER_KEY = "CCCCC-VVVVV-KKKKK-FFFFF-22222", "CCCCC-VVVVV-KKKKK-FFFFF-33333"
FIRST = "11111111-1111-4111-8111-111111111111"
PAIR = ("PAIR-W10", "PAIR-W7", "PAIR-S2012R2")
IN_ACTIVATE = ("MIDDLE", "HOST")
KILLED = (*IN_ACTIVATE, "EARLY", "REARM")
TASKS: Mapping[str, Mapping[str, Any]] = {
    "mak_client": {"product_key": "{{ mak }}"},
    "kms_host": {"host_keys": [{"product_key": "{{ host_key }}"}], "firewall": "unmanaged"},
    "rearm": {"cmids": [FIRST], "reboot": True},
}
MODULE = {"HOST": "kms_host", "REARM": "rearm"}
HELD_SECONDS = 600
DOMAINS = ("fails.example", "fails-branch.example")


def book(lab: Lab, hosts: Sequence[str]) -> Path:
    """A playbook with the task of each machine, which none of the others waits for."""
    keys = lab.folder / "keys.yml"
    keys.write_text(yaml.safe_dump({"mak": MAK, "host_key": HOST_KEY}), encoding="utf-8")
    tasks = [
        {
            "name": name,
            f"{FQCN}.{name}": dict(options),
            "when": f"inventory_hostname in {[host for host in hosts if MODULE.get(host, 'mak_client') == name]}",
        }
        for name, options in TASKS.items()
    ]
    play = {"name": "Spend", "hosts": list(hosts), "gather_facts": False, "strategy": "free", "vars_files": [str(keys)], "tasks": tasks}
    path = lab.folder / f"{'-'.join(hosts).lower()}.yml"
    path.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    return path


def result(run: Run, host: str) -> Mapping[str, Any]:
    """What the one task said that was not skipped on the machine."""
    (found,) = (task.hosts[host] for task in run.tasks if host in task.hosts and task.hosts[host]["status"] != "skipped")
    return dict(found)


def used(lab: Lab, host: str, channel: str) -> int:
    """Activations of the key of a machine, by the count of Microsoft."""
    (product,) = (product for product in lab.client.machine(host)["products"] if product["channel"] == channel)
    return int(product["activations_used"])


def marks(lab: Lab, host: str) -> list[str]:
    """Values that runs left in the registry."""
    return re.findall(r"WinopsActivation-[\w+-]+", json.dumps(lab.client.machine(host)["registry"]))


@dataclass(frozen=True)
class Story:
    """The run that follows the killed ones at once, and the two controllers' runs, of which the first has the machines that are left."""

    marked: Mapping[str, list[str]]
    again: Results
    deposited: Results
    pair: list[Run]


@pytest.fixture(scope="module")
def story(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Story:
    client, file = lab.client, tmp_path_factory.mktemp("site") / "site.json"
    collect(lab, "SITE", file, SITE_MAK)
    site = {"proxy_activation_hosts": "SITE", "proxy_activation_file": str(file), "proxy_activation_returned": [str(answered(lab, file))]}
    client.reset_counters()
    for name in IN_ACTIVATE:
        client.set_fault(name, "activate_duration", seconds=HELD_SECONDS)
    for name, method in (("EARLY", "EnumValues"), ("SITE", "DepositOfflineConfirmationId")):
        client.set_fault(name, "delay", method=method, milliseconds=30_000)
    client.set_fault("REARM", "restart_held_up")
    points = {
        **dict.fromkeys(IN_ACTIVATE, "Activate"),
        "EARLY": "SetStringValue",
        "REARM": "Reboot",
        "SITE": "DepositOfflineConfirmationId",
    }
    cut(lab, "everywhere", [(book(lab, KILLED), {}), (f"{FQCN}.proxy_deposit", site)], lambda: have_called(lab, points))
    marked = {name: marks(lab, name) for name in (*IN_ACTIVATE, "EARLY")}
    # The machines go on activating until the next run has come so far that it sees the mark of the one that is dead.
    client.reset_counters()
    ending = threading.Thread(target=end_activations, args=(lab,), daemon=True)
    ending.start()
    again = lab.run(book(lab, IN_ACTIVATE), expected_warnings=("worked on the same product",), env=settings(lab))
    ending.join()
    deposited = deposit(lab, "SITE", file, SITE_MAK)
    client.advance(minutes=10)
    for name in PAIR:
        client.set_fault(name, "activate_duration", seconds=2)
    pair = at_once(lab, [book(lab, (*PAIR, "EARLY", "REARM")), book(lab, PAIR)])
    client.clear_faults()
    return Story(marked, again, deposited, pair)


def have_called(lab: Lab, points: Mapping[str, str]) -> bool:
    """Whether each of the machines was asked for its method."""
    return all(lab.client.counters(name)["operations"].get(f"Invoke:{method}", 0) for name, method in points.items())


def end_activations(lab: Lab) -> None:
    while not have_called(lab, dict.fromkeys(IN_ACTIVATE, "EnumValues")):
        time.sleep(0.05)
    lab.client.clear_faults()


def answered(lab: Lab, file: Path) -> Path:
    """A copy of the file with what Microsoft says on the telephone."""
    content = json.loads(file.read_text(encoding="utf-8"))
    for record in content["records"]:
        record["confirmation_id"] = lab.client.phone(record["installation_id"])
    target = file.parent / "returned.json"
    target.write_text(json.dumps(content), encoding="utf-8")
    return target


@pytest.mark.parametrize("name", [*IN_ACTIVATE, "EARLY"])
def test_a_killed_run_leaves_its_mark(story: Story, name: str) -> None:
    assert len(story.marked[name]) == 1


def test_a_run_right_after_one_that_was_killed_in_activate_waits_for_the_machine_and_spends_nothing(story: Story, lab: Lab) -> None:
    middle = result(story.again.run, "MIDDLE")
    assert (middle["status"], middle["changed"], middle["activations_used"]) == ("ok", False, 0)
    assert middle["activation"]["outcome"] == "already_licensed"
    assert story.again.calls("MIDDLE", "Activate") == 0
    assert licensed(lab, "MIDDLE")


def test_a_kms_host_whose_run_was_killed_in_activate_is_finished_and_spends_nothing_more(story: Story, lab: Lab) -> None:
    host = result(story.again.run, "HOST")
    assert (host["status"], host["activations_used"], story.again.calls("HOST", "Activate")) == ("ok", 0, 0)
    assert host["products"][0]["status"] == "licensed"
    assert (host["service_restarted"], used(lab, "HOST", "csvlk")) == (True, 1)


def test_a_rearm_whose_run_was_killed_before_the_restart_is_restarted_and_not_rearmed_again(story: Story, lab: Lab) -> None:
    rearm = result(story.pair[0], "REARM")
    assert (rearm["status"], rearm["rearms_used"], rearm["rebooted"]) == ("ok", 0, True)
    assert lab.client.machine("REARM")["service"]["ClientMachineID"] != FIRST


def test_a_deposit_whose_run_was_killed_is_finished_by_the_next_one(story: Story, lab: Lab) -> None:
    assert story.deposited.run.exit_code == 0
    # The deposit that nobody waited for may have come first.
    assert statuses(story.deposited) in ({"SITE": "activated"}, {"SITE": "already_licensed"})
    assert licensed(lab, "SITE")


@pytest.mark.parametrize("name", PAIR)
def test_two_controllers_on_one_machine_spend_one_activation_together(story: Story, name: str) -> None:
    told = [result(run, name) for run in story.pair]
    assert [one["status"] for one in told] == ["ok", "ok"]
    assert sorted(one["activations_used"] for one in told) == [0, 1]
    assert {one["after"]["status"] for one in told} == {"licensed"}


def test_a_run_that_was_killed_before_activate_is_followed_by_one_that_activates(story: Story) -> None:
    early = result(story.pair[0], "EARLY")
    assert (early["status"], early["activations_used"]) == ("ok", 1)
    assert any("did not end properly" in warning for warning in early["warnings"])


def test_all_runs_together_spent_one_activation_a_machine_and_left_no_mark(story: Story, lab: Lab) -> None:  # noqa: ARG001 - after it
    assert used(lab, "MIDDLE", "mak") == len((*PAIR, "MIDDLE", "EARLY"))
    assert {name: marks(lab, name) for name in (*PAIR, *KILLED[:3])} == {name: [] for name in (*PAIR, *KILLED[:3])}


@pytest.fixture(scope="module")
def failovers(lab: Lab) -> tuple[Results, list[dict[str, Any]], Results]:
    """A failover whose name server takes the first removal of an old record and dies, the updates until then, and the next failover."""
    lab.client.crash("FAILS-1")
    own = lab.client.dns()
    with dying(int(own["port"]), updates=2) as port:
        first = failover(
            lab,
            port,
            "The records could not be read after the update: connection_refused",
            "so the commands do not depend on the current records",
        )
    sent = lab.client.dns_updates()
    return first, sent, failover(lab, int(own["port"]))


def failover(lab: Lab, port: int, *warnings: str) -> Results:
    variables = {
        "kms_failover_failed_host": "fails-1.fails.example",
        "kms_failover_replacement": "FAILS-2",
        "kms_failover_host_keys": [{"product_key": FAILOVER_KEY}],
        "kms_failover_clients": "fails",
        "kms_failover_domains": list(DOMAINS),
        "kms_failover_dns": {**DNS, "dns_port": port, "dns_timeout": 5},
        "kms_failover_probe_delay": 1,
    }
    return lab.run(f"{FQCN}.kms_failover", variables, expected_warnings=warnings)


def test_a_name_server_that_dies_after_the_removal_leaves_it_open_what_became_of_it(failovers: tuple[Results, Any, Results]) -> None:
    first, sent, _second = failovers
    assert [update["kind"] for update in sent if update["key"] == "kms-update"] == ["add", "delete"]
    told = " ".join(str(first["FAILS-2"]["msg"]).split())
    assert first.run.exit_code != 0
    assert "The replacement is published and responds. It was not confirmed that the record of the failed host is removed" in told
    assert "Whether the update was done is not known." in told
    assert first.calls("FAILS-SRV", "Activate") == 0


def test_the_next_failover_ends_as_wished_and_spends_and_publishes_nothing_twice(failovers: tuple[Results, Any, Results], lab: Lab) -> None:
    _first, sent, second = failovers
    assert second.run.exit_code == 0
    assert [[record["host"] for record in lab.client.srv_records(domain)] for domain in DOMAINS] == [["fails-2.fails.example"]] * 2
    ours = [
        (update["zone"], update["kind"], update["data"]) for update in (*sent, *lab.client.dns_updates()) if update["key"] == "kms-update"
    ]
    assert len(ours) == len(set(ours))
    assert (used(lab, "FAILS-2", "csvlk"), second.calls("FAILS-SRV", "Activate")) == (1, 1)
