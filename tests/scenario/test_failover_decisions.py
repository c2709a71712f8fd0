# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failover refuses before it touches anything, what it does when it is told that this is meant, and what it decides by."""

from __future__ import annotations

from typing import Any

import pytest

from project import ROOT

from .failover_by_hand import OTHER_KEY, failover, failure, host_key, published, report_of, updates, writes
from .harness import Lab

pytestmark = pytest.mark.slow

ESTATE = "failover.yml"


@pytest.mark.parametrize("name", ["rebuilt-1.rebuilt.example", "Rebuilt-1.rebuilt.example."])
def test_a_machine_rebuilt_under_its_name_is_told_apart_from_a_mistake(lab: Lab, name: str) -> None:
    lab.client.crash("REBUILT-1")
    lab.client.rebuild("REBUILT-1")
    refused = failover(lab, "rebuilt", kms_failover_replacement="REBUILT-1", kms_failover_failed_host=name)
    assert "set kms_failover_reuse_name to true" in failure(refused)
    assert (writes(refused), updates(lab)) == (0, [])


def test_a_mistyped_name_is_refused_also_when_the_replacement_has_a_record_already(lab: Lab) -> None:
    lab.client.crash("PAIR-1")
    refused = failover(lab, "pair", kms_failover_replacement="PAIR-2", kms_failover_failed_host="pair-11.pair.example")
    words = (
        "pair-11.pair.example does not have a record",
        "hosts that do not respond: pair-1.pair.example.",
        "kms_failover_skip_checks",
        "Nothing was changed.",
    )
    assert [word for word in words if word not in failure(refused)] == []
    assert (writes(refused), updates(lab)) == (0, [])


def test_a_host_that_still_answers_has_not_failed(lab: Lab) -> None:
    refused = failover(lab, "alive", kms_failover_skip_checks="false", kms_failover_reuse_name="false")
    assert "responds as a KMS host" in failure(refused)
    assert "kms_failover_skip_checks" in failure(refused)
    assert (writes(refused), updates(lab)) == (0, [])


def test_a_host_that_was_not_asked_is_not_taken_for_dead(lab: Lab) -> None:
    refused = failover(lab, "alive", kms_failover_probe_networks=[])
    words = ("alive-1.alive.example", "to kms_failover_probe_networks.", "kms_failover_skip_checks", "Nothing was changed.")
    assert [word for word in words if word not in failure(refused)] == []
    assert (writes(refused), updates(lab)) == (0, [])


def test_a_host_that_still_answers_is_replaced_when_that_is_meant_and_goes_on_serving_whoever_remembers_it(lab: Lab) -> None:
    done = failover(lab, "alive", kms_failover_skip_checks=True)
    assert published(lab, "alive.example") == ["alive-2.alive.example"]
    assert (report_of(done)["machines"]["unverified"], done.run.exit_code) == (["ALIVE-C"], 2)
    assert "is not one of the KMS hosts that work" in " ".join(report_of(done)["lines"])
    lab.client.crash("ALIVE-1")
    assert report_of(failover(lab, "alive"))["complete"]


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
    assert [word for word in ("static-9.static.example", "static-1.static.example", "kms_failover_skip_checks") if word not in words] == []
    assert (writes(refused), updates(lab)) == (0, [])


OLD, NEW = "old.a.example", "new.a.example"
SILENT = {"is_kms_host": False, "meaning": "", "next_steps": []}
RECORDS = {"domains": [{"domain": "a.example", "records": [{"host": OLD, "port": 1688, "priority": 0, "weight": 0}]}]}
WORDS = [
    {"host": NEW, "probe_result": {"is_kms_host": False, "meaning": "No address.", "next_steps": ["Add one."]}},
    {"host": OLD, "probe_result": {"is_kms_host": False, "meaning": "Dead.", "next_steps": []}},
]
PUBLISHED: dict[str, tuple[dict[str, Any], str]] = {
    "nothing could be asked": ({"failed": True, "msg": "the runner has gone"}, "the runner has gone"),
    "no domain": ({"domains": []}, ""),
    "no record": ({"domains": [{"domain": "a.example", "records": []}]}, ""),
    "silence": ({"domains": [{"domain": "a.example", "records": WORDS}]}, "No address. Add one."),
}
"""What was read after the new record was published, and what is told of it."""


def undecided() -> dict[str, Any]:
    """Probes of the names of the dead host and of all records, each with another state."""
    probes = [
        {**SILENT, "endpoint": f"{status}:1688", "status": status} for status in ("busy", "timeout", "not_asked", "connection_refused")
    ]
    named = [{"host": OLD, "probe_result": probe} for probe in probes[2:]]
    others = [{"host": host, "probe_result": probes[0]} for host in (NEW, "other.a.example")]
    return {
        "__kms_failover_failed_probe": {"endpoints": probes[:2]},
        "__kms_failover_records": {"domains": [{"domain": "a.example", "records": [*named, *others]}]},
    }


@pytest.fixture(scope="module")
def decided(lab: Lab) -> dict[str, Any]:
    """What variables of the role come to after its modules returned these results, each case in a play of its own."""
    silence = {"silent": "{{ __kms_failover_not_responding }}", "why": "{{ __kms_failover_not_responding_reasons | join(' ') }}"}
    cases: dict[str, tuple[dict[str, Any], Any]] = {
        "undecided": (undecided(), "{{ __kms_failover_undecided | map(attribute='status') | list }}"),
        **{
            name: ({"__kms_failover_records": RECORDS, "__kms_failover_published": read}, silence)
            for name, (read, _why) in PUBLISHED.items()
        },
    }
    names = {"kms_failover_failed_host": OLD, "kms_failover_replacement_name": NEW}
    plays: list[dict[str, Any]] = []
    for variables, value in cases.values():
        tasks = [
            {"ansible.builtin.set_fact": {"__kms_failover_installed": {"kms_host": NEW, "service": {"listening_port": 1688}}}},
            {"ansible.builtin.include_vars": {"file": str(ROOT / "roles" / "kms_failover" / "vars" / "main.yml")}},
            {"ansible.builtin.debug": {"msg": value}},
        ]
        plays.append({"hosts": ["localhost"], "connection": "local", "gather_facts": False, "vars": variables, "tasks": tasks})
    told = [task for task in lab.playbook(plays, names).run.tasks if task.action == "ansible.builtin.debug"]
    return {name: task.hosts["localhost"]["msg"] for name, task in zip(cases, told, strict=True)}


def test_a_host_is_undecided_by_its_names_and_by_its_records(decided: dict[str, Any]) -> None:
    assert decided["undecided"] == ["busy", "not_asked"]


@pytest.mark.parametrize("name", PUBLISHED)
def test_only_an_answer_under_its_record_lets_the_dead_one_go_and_only_its_own_silence_is_told(decided: dict[str, Any], name: str) -> None:
    assert decided[name] == {"silent": ["a.example"], "why": PUBLISHED[name][1]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"kms_failover_domains": None, "kms_failover_client_mode": "nail"},
            ("kms_failover_domains", "required", "kms_failover_client_mode", "nail"),
        ),
        (
            {"kms_failover_domains": [], "kms_failover_failed_host": "moved-1", "kms_failover_clients": "MOVED-2"},
            (
                "kms_failover_domains is empty",
                "not a full name",
                "kms_failover_clients is MOVED-2",
                "does not match a client",
                "Nothing was changed.",
            ),
        ),
        ({"kms_failover_listening_port": 70000}, ("70000",)),
        ({"kms_failover_reuse_name": True}, ("kms_failover_reuse_name must be false",)),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_touched(lab: Lab, changes: dict[str, Any], words: tuple[str, ...]) -> None:
    refused = failover(lab, "moved", **changes)
    assert [word for word in words if word not in failure(refused)] == []
    assert (refused.run.exit_code, writes(refused), updates(lab)) == (2, 0, [])
