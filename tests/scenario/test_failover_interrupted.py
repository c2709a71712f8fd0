# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A failover of 40 clients that is killed in every phase and started again ends as one that nobody interrupts."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from playbook import Run, run_playbook

from .failover_by_hand import DNS, host_key, published
from .harness import FQCN, Lab
from .interrupt import cut, settings

pytestmark = pytest.mark.slow

ESTATE = "failover_interrupted.yml"
PLAYBOOK = f"{FQCN}.kms_failover"
KEYS = {"cut": "CCCCC-VVVVV-KKKKK-44444-33333", "whole": "CCCCC-VVVVV-KKKKK-44444-66666"}
CLIENTS = 40
FAILED = 2


def wish(story: str) -> dict[str, Any]:
    return {
        "kms_failover_failed_host": f"{story}-1.{story}.example",
        "kms_failover_replacement": f"{story.upper()}-2",
        "kms_failover_host_keys": [{"product_key": KEYS[story]}],
        "kms_failover_clients": story,
        "kms_failover_domains": [f"{story}.example", f"{story}-branch.example"],
        "kms_failover_dns": DNS,
        "kms_failover_probe_delay": 1,
        "kms_failover_serial": 10,
    }


@dataclass(frozen=True)
class End:
    """How things stand after a failover, in words that are the same for both."""

    clients: frozenset[tuple[str, int, bool, str, str]]
    records: tuple[str, ...]
    activations_used: int


def end_of(lab: Lab, story: str) -> End:
    """Kind of client, license, whether the new host activated it, and what it is set to, for the machine and for the product."""
    key = host_key(lab, f"{story.upper()}-2")
    found = set()
    for name in lab.names(story):
        machine = lab.client.machine(name)
        (product,) = machine["products"]
        properties = product["properties"]
        is_new = properties["KeyManagementServiceProductKeyID"] == key["properties"]["ProductKeyID"]
        kind = re.sub(r"^\w+-|\d+$", "", name)
        own = product["settings"]["host"] or ""
        found.add((kind, properties["LicenseStatus"], is_new, own, machine["service"]["KeyManagementServiceMachine"] or ""))
    records = [name.replace(story, "") for domain in wish(story)["kms_failover_domains"] for name in published(lab, domain)]
    return End(frozenset(found), tuple(records), key["activations_used"])


@dataclass(frozen=True)
class Story:
    """The cuts, and how things were before them."""

    cuts: list[str]
    before: dict[str, set[str]]


@dataclass(frozen=True)
class Finished:
    """The run that was left in peace, the history of the name server over all of them, and the failover that nobody interrupted."""

    last: Run
    history: list[dict[str, Any]]
    before: dict[str, set[str]]
    whole: End


@pytest.fixture(scope="module")
def whole(lab: Lab) -> End:
    """Nobody interrupts this one."""
    for name in ("CUT-1", "WHOLE-1"):
        lab.client.crash(name)
    lab.run(PLAYBOOK, wish("whole"))
    return end_of(lab, "whole")


@pytest.fixture(scope="module")
def interrupted(lab: Lab, whole: End) -> Story:
    """Each run is killed one phase later than the one before."""
    del whole
    client = lab.client
    client.reset_counters()
    client.set_fault("CUT-2", "activate_duration", seconds=2)
    before = {domain: set(published(lab, domain)) for domain in wish("cut")["kms_failover_domains"]}

    def calls(name: str, method: str) -> int:
        return int(client.counters(name)["operations"].get(f"Invoke:{method}", 0))

    def records() -> set[str]:
        return set(published(lab, "cut-branch.example"))

    def asked() -> int:
        return sum(counts["operations"].get("Invoke:Activate", 0) for name, counts in client.counters().items() if name != "CUT-2")

    def has_key() -> bool:
        return calls("CUT-2", "InstallProductKey") > 0

    phases: dict[str, Callable[[], bool]] = {
        "key installed, activation begins": has_key,
        "activated and probed, not published": lambda: client.counters("CUT-2")["kms_binds"] > 0 and "cut-2.cut.example" not in records(),
        "published, dead record still there": lambda: "cut-2.cut.example" in records(),
        "dead record removed": lambda: "cut-1.cut.example" not in records(),
        "in the middle of the batches": lambda: asked() >= 15,
    }
    for phase, is_there in phases.items():
        cut(lab, phase, [(PLAYBOOK, wish("cut"))], is_there)
    return Story(list(phases), before)


@pytest.fixture(scope="module")
def story(lab: Lab, interrupted: Story, whole: End) -> Finished:
    last = lab.folder / "last.txt"
    with last.open("w", encoding="utf-8") as output:
        run = run_playbook(PLAYBOOK, lab.inventory, lab.folder / "last.json", variables=wish("cut"), output=output, env=settings(lab))
    return Finished(run, lab.client.dns_updates(), interrupted.before, whole)


def test_the_end_is_that_of_a_run_that_nobody_interrupted(story: Finished, lab: Lab) -> None:
    assert story.last.exit_code == 0
    assert end_of(lab, "cut") == story.whole
    assert story.whole.records == ("-2..example", "-2..example")


def test_every_client_is_proven(story: Finished) -> None:
    (facts,) = (
        result["ansible_facts"]["kms_failover_report"]
        for task in story.last.tasks
        for result in task.hosts.values()
        if "kms_failover_report" in result.get("ansible_facts", {})
    )
    assert (facts["complete"], len(facts["machines"]["verified"])) == (True, CLIENTS)


def test_one_activation_of_the_key_was_spent_in_all_runs_together(story: Finished, lab: Lab) -> None:  # noqa: ARG001 - after it
    assert host_key(lab, "CUT-2")["activations_used"] == 1


def test_at_no_moment_was_there_no_record_that_works_once_there_was_one(story: Finished) -> None:
    """A record works when its target is a host that lives; the dead one's is there from the beginning and does not."""
    living = "cut-2.cut.example"
    for domain, start in story.before.items():
        now, has_worked = set(start), False
        for update in story.history:
            if update["zone"] != domain:
                continue
            host = str(update["data"]).split()[-1].casefold().rstrip(".")
            now = now | {host} if update["kind"] == "add" else now - {host}
            has_worked = has_worked or living in now
            assert now, (domain, update)
            assert not has_worked or living in now, (domain, update)
        assert now == {living}


def test_nothing_was_published_or_removed_twice(story: Finished) -> None:
    ours = [(update["zone"], update["kind"], update["data"]) for update in story.history if update["key"] == "kms-update"]
    assert len(ours) == len(set(ours))


def test_no_client_is_asked_when_the_replacement_falls_silent_after_its_probe(story: Finished, lab: Lab) -> None:  # noqa: ARG001 - after it
    lab.client.reset_counters()

    def binds() -> int:
        return int(lab.client.counters("WHOLE-2")["kms_binds"])

    def fall_silent() -> None:
        # It is probed under its record when the run begins, and once more when it has been seen to.
        for _probe in range(2):
            before = binds()
            while binds() <= before:
                time.sleep(0.02)
            time.sleep(0.2)
        lab.client.set_fault("WHOLE-2", "refuse_connections")

    watcher = threading.Thread(target=fall_silent, daemon=True)
    watcher.start()
    results = lab.run(PLAYBOOK, wish("whole"), env=settings(lab))
    lab.client.clear_faults()
    watcher.join()
    assert results.run.exit_code == FAILED
    assert "cannot be read now" in results.output
    assert "No client was changed" in results.output
    assert sum(results.calls(name, "Activate") for name in results.costs) == 0
