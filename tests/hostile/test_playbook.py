# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook over many hostile machines side by side: each is unreachable with its reason, and an honest one among them is served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from explained import assert_failures_explained
from playbook import Run, run_playbook
from winlab.client import LabClient

from . import behaviors, between
from .listeners import ADDRESS, NETWORK, Listener

ESTATE = "played.yml"
READ, WRITTEN, HONEST = (f"127.{NETWORK}.32.{number}" for number in (10, 11, 12))
PASSWORD = "Lab-Passw0rd!"
FQCN = "winops.volume_activation"
PAGES = {**behaviors.TOO_SLOW, **behaviors.TOO_MUCH, **behaviors.UNFIT, "endless_pull": behaviors.ENDLESS_QUERIES["endless_pull"]}
REASONS = {
    "trickled_body": "no complete response in time",
    "trickled_headers": "no complete response in time",
    "unfolding": "compressed",
    "endless_pull": "more memory than a task can use",
    "deep": "100004 elements",
    "redirect": "redirect, which the module does not follow",
    "redirect_after_token": "redirect, which the module does not follow",
    "nobody_asked": "without authentication",
    **dict.fromkeys(
        ("huge_body", "huge_refusal", "endless_chunks", "one_huge_chunk", "negative_length", "huge_headers"), "more than 1024 KiB"
    ),
    **dict.fromkeys(("endless_continue", "huge_challenge"), "more than 1024 KiB"),
    "between_winrm": "was not encrypted although the session is",
    "between_psrp": "was not encrypted although the session is",
}
# What the slow ones take in real time: a second to work, and the least margin there is.
SHORT = {
    "ansible_winrm_operation_timeout_sec": 1,
    "ansible_winrm_read_timeout_sec": 2,
    "ansible_psrp_operation_timeout": 1,
    "ansible_psrp_read_timeout": 2,
}


def winrm(address: str, port: int, auth: str) -> dict[str, Any]:
    secure = {"ansible_winrm_message_encryption": "always"} if auth == "ntlm" else {}
    known = {"ansible_connection": "winrm", "ansible_winrm_scheme": "http", "ansible_winrm_transport": auth}
    return {**known, **secure, "ansible_host": address, "ansible_port": port}


def psrp(address: str, port: int, auth: str) -> dict[str, Any]:
    encryption = "always" if auth == "ntlm" else "never"
    known = {"ansible_connection": "psrp", "ansible_psrp_protocol": "http", "ansible_psrp_auth": auth}
    return {**known, "ansible_psrp_message_encryption": encryption, "ansible_host": address, "ansible_port": port}


@dataclass(frozen=True)
class Story:
    """What each machine came to, and who was asked for it."""

    run: Run
    info: Mapping[str, Mapping[str, Any]]
    fleet: Mapping[str, Any]
    written: Mapping[str, Any]
    elsewhere: Listener
    writes: Mapping[str, int]


def _first_write_in_clear(there: between.Between, request: between.Request, hand_on: between.Pass) -> bytes:
    """Let the four reads of a task through, and answer its first write in clear once the machine has carried it out."""
    if there.encrypted == 5:
        return between.in_clear_after_passing_on(500, between.FAULT)(there, request, hand_on)
    return between.as_bytes(hand_on())


@pytest.fixture(scope="module")
def story(lab: LabClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """One run: activation_info on all machines at once, and kms_client on the one whose write is answered by somebody else."""
    folder = tmp_path_factory.mktemp("playbook")
    with ExitStack() as stack:

        def listen(behavior: behaviors.Behavior, pace: float = 0.0) -> int:
            listener = Listener(behavior, pace)
            stack.callback(listener.close)
            return listener.port

        elsewhere = Listener(lambda _: [behaviors.head(200, length=0)])
        stack.callback(elsewhere.close)
        hosts: dict[str, Any] = {}
        for number, (name, behavior) in enumerate(PAGES.items()):
            by = (winrm, psrp)[number % 2]
            hosts[name] = by(ADDRESS, listen(behavior, 0.5 if name in behaviors.TOO_SLOW else 0.0), "basic")
        logons = {
            **{name: behaviors.LOGONS[name] for name in ("huge_challenge", "nobody_asked")},
            "redirect": behaviors.redirect(elsewhere.port, ADDRESS),
            "redirect_after_token": behaviors.redirect_after_token(elsewhere.port, ADDRESS),
        }
        for number, (name, behavior) in enumerate(logons.items()):
            hosts[name] = (winrm, psrp)[number % 2](ADDRESS, listen(behavior), "ntlm")
        for name, by in {"between_winrm": winrm, "between_psrp": psrp}.items():
            hosts[name] = by(ADDRESS, stack.enter_context(between.standing_between(READ, between.ANSWERS_IN_CLEAR["page"])).port, "ntlm")
        hosts["honest"] = winrm(HONEST, 5985, "ntlm")
        writer = winrm(ADDRESS, stack.enter_context(between.standing_between(WRITTEN, _first_write_in_clear)).port, "ntlm")

        inventory, book = folder / "inventory.yml", folder / "book.yml"
        login = {"ansible_user": "LabAdmin", "ansible_password": PASSWORD, "ansible_become": False}
        groups = {
            "hostile": {"hosts": {name: {**known, **SHORT} for name, known in hosts.items()}},
            "writer": {"hosts": {"writer": writer}},
        }
        inventory.write_text(yaml.safe_dump({"all": {"vars": login, "children": groups}}), encoding="utf-8")
        play = {"gather_facts": False, "strategy": "free"}
        options = {"machines": ["hostile"], "max_returned_records": 100, "fail_on_failed": False, "fail_on_unreachable": False}
        at_once = {f"{FQCN}.activation_fleet_info": options}
        set_host = {"kms_host": "kms1.corp.lab", "activate": False}
        plays = [
            {"name": "Read", "hosts": "hostile", **play, "tasks": [{"name": "Read", f"{FQCN}.activation_info": {}}]},
            {
                "name": "Read all",
                "hosts": "localhost",
                "connection": "local",
                "gather_facts": False,
                "tasks": [{"name": "Read all", **at_once}],
            },
            {"name": "Write", "hosts": "writer", **play, "tasks": [{"name": "Write", f"{FQCN}.kms_client": set_host}]},
        ]
        book.write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
        with (folder / "output.txt").open("w", encoding="utf-8") as output:
            run = run_playbook(book, inventory, folder / "record.json", output=output, options=("--forks", "12"))
        for task in run.tasks:
            assert_failures_explained(task.action, task.hosts)
        counted = {name: counters["writes"] for name, counters in lab.counters().items()}
        (fleet,) = run.results(f"{FQCN}.activation_fleet_info").values()
        yield Story(run, run.results(f"{FQCN}.activation_info"), fleet, run.results(f"{FQCN}.kms_client")["writer"], elsewhere, counted)


@pytest.mark.parametrize("name", [*PAGES, *(name for name in REASONS if name not in PAGES)])
def test_a_hostile_machine_is_unreachable_with_its_reason(name: str, story: Story) -> None:
    result = story.info[name]
    assert result["status"] == "unreachable", result
    assert REASONS.get(name, "") in result["msg"]
    assert "\n" not in result["msg"]


def test_an_honest_machine_among_them_is_served(story: Story) -> None:
    assert (story.info["honest"]["status"], story.info["honest"]["machine"]["computer_name"]) == ("ok", "HONEST")


def test_one_task_for_all_of_them_has_the_same_reasons_and_reads_the_honest_one(story: Story) -> None:
    records = {record["inventory_hostname"]: record["result"] for record in story.fleet["records"]}
    assert set(records) == set(story.info)
    assert (story.fleet["read_count"], records["honest"]["machine"]["computer_name"]) == (1, "HONEST")
    for name, reason in REASONS.items():
        assert (records[name].get("unreachable"), reason in records[name]["msg"], "\n" in records[name]["msg"]) == (True, True, False), name
    assert all(result.get("unreachable") for name, result in records.items() if name != "honest")


def test_nothing_of_a_logon_went_to_another_host(story: Story) -> None:
    assert story.elsewhere.requests == []


def test_a_write_that_somebody_else_answered_is_decided_by_the_state_and_sent_once(story: Story) -> None:
    written = story.written
    assert (written["status"], written["changed"]) == ("ok", True), written
    assert written["after"]["kms_host"] == "kms1.corp.lab"
    assert all(step["done"] for step in written["steps"])
    assert story.writes["WRITTEN"] == len(written["steps"])


def test_the_controller_stays_within_its_memory(story: Story) -> None:
    assert story.run.peak_rss_mib < 200
