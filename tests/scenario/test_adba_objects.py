# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""adba_object creates activation objects through machines: once, as whom, what it costs, what is refused before the key is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from .harness import FQCN, Lab, Results

pytestmark = pytest.mark.slow

ESTATE = "adba_objects.yml"
KEY, SECOND, THIRD, BLOCKED = (f"CCCCC-VVVVV-KKKKK-22222-{tail}" for tail in ("33333", "44444", "66666", "77777"))
ONLINE = "DoActiveDirectoryOnlineActivation"
OFFLINE = "GenerateActiveDirectoryOfflineActivationId"
DEPOSIT = "DepositActiveDirectoryOfflineActivationConfirmation"
READ: dict[str, Any] = {
    "server": "{{ winlab_directory_server }}",
    "address": "{{ winlab_directory_address }}",
    "port": "{{ winlab_directory_tls_port }}",
    "authentication": "simple",
    "principal": "reader@{{ winlab_directory_domain }}",
    "password": "{{ winlab_directory_accounts.reader.password }}",
    "ca_file": "{{ winlab_directory_ca_file }}",
}
CORP: dict[str, Any] = {name: value.replace("winlab_", "hostvars.DC.winlab_") for name, value in READ.items()}


def task(key: str = KEY, where: Mapping[str, Any] = READ, **options: Any) -> dict[str, Any]:
    return {f"{FQCN}.adba_object": {"product_key": f"{{{{ keys['{key[-5:]}'] }}}}", **where, **options}}


def run(lab: Lab, host: str, *tasks: Mapping[str, Any], **settings: Any) -> tuple[Results, list[Mapping[str, Any]]]:
    """Run tasks on one machine, each to its end; their results, and what they cost together."""
    keywords = settings.pop("keywords", {})
    patient = [{"name": "Do it", **each, "ignore_errors": True} for each in tasks]
    play = {"name": "Objects", "hosts": host, "gather_facts": False, **keywords, "tasks": patient}
    variables = {"keys": {key[-5:]: key for key in (KEY, SECOND, THIRD, BLOCKED)}}
    done = lab.playbook([play], variables, **settings)
    return done, [found.hosts[host] for found in done.run.tasks]


def objects(lab: Lab, domain: str = "corp.lab") -> list[str]:
    """The names of the objects of a directory."""
    return sorted(found["name"] for found in lab.client.directory(domain)["objects"])


@pytest.fixture(autouse=True)
def as_before(lab: Lab) -> Iterator[None]:
    """Each test begins with one object."""
    assert objects(lab) == ["Old servers"]
    yield
    names = [name for name in objects(lab) if name != "Old servers"]
    boss = {**READ, "principal": "boss@corp.lab", "password": "{{ winlab_directory_accounts.boss.password }}"}
    remove = [{f"{FQCN}.adba_object": {"state": "absent", "name": name, **boss}} for name in names]
    if remove:
        run(lab, "DC", *remove)


@pytest.mark.parametrize("host", ["DC", "MEMBER"])
def test_a_domain_controller_and_a_member_with_credssp_create_the_object_once(lab: Lab, host: str) -> None:
    planned, (forecast,) = run(lab, host, task(name="Servers"), keywords={"check_mode": True, "diff": True})
    assert (forecast["changed"], forecast["activations_used"], forecast["object"]) == (True, 1, None)
    assert [(step["action"], step["done"]) for step in forecast["steps"]] == [("activate", False)]
    assert "name: Servers" in forecast["diff"]["after"]
    assert planned.writes(host) == 0
    assert objects(lab) == ["Old servers"]

    first, (made,) = run(lab, host, task(name="Servers", max_activations=1), keywords={"diff": True})
    assert (made["changed"], made["activations_used"], made["object"]["name"]) == (True, 1, "Servers")
    assert made["object"]["partial_product_key"] == "33333"
    assert made["machine"]["computer_name"]
    assert made["directory"]["account"]
    assert first.calls(host, ONLINE) == 1
    assert objects(lab) == ["Old servers", "Servers"]

    second, (again,) = run(lab, host, task(name="Servers", max_activations=0))
    assert (again["changed"], again["activations_used"], again["steps"]) == (False, 0, [])
    assert again["object"] == made["object"]
    assert (second.writes(host), second.calls(host, ONLINE)) == (0, 0)


@pytest.mark.quick
def test_an_object_with_the_key_under_another_name_is_the_object_of_the_task(lab: Lab) -> None:
    run(lab, "DC", task(name="Servers"))
    done, (again,) = run(lab, "DC", task(name="Another name"), expected_warnings=("DC: The object with the key has another name",))
    assert again["changed"] is False
    assert done.writes("DC") == 0


@pytest.mark.parametrize(("host", "logon"), [("NTLM", "NTLM"), ("BASIC", "Basic"), ("PSRP", "NTLM")])
def test_without_delegation_a_member_is_refused_before_the_key_is_sent(lab: Lab, host: str, logon: str) -> None:
    done, (refused,) = run(lab, host, task())
    assert refused["error"]["code"] == "no_delegation"
    assert f"the connection uses {logon}" in refused["msg"]
    assert "domain controller" in refused["error"]["next_steps"][0]
    assert (done.writes(host), done.calls(host, ONLINE)) == (0, 0)
    assert objects(lab) == ["Old servers"]


@pytest.mark.parametrize(
    ("host", "where", "options", "code"),
    [
        ("ALONE", CORP, {}, "not_domain_member"),
        ("PLANT", CORP, {}, "other_forest"),
        ("OLD", READ, {}, "not_supported_by_windows"),
        ("DC", READ, {"name": "OLD servers"}, "activation_object_name_taken"),
        ("DC", READ, {"max_activations": 0}, "activation_budget"),
        ("DC", READ, {"name": "x" * 65}, "invalid_options"),
        ("DC", {**READ, "password": "Wrong-Passw0rd!"}, {}, "directory_logon_failed"),
    ],
)
def test_what_cannot_work_is_refused_before_the_key_is_sent(
    lab: Lab, host: str, where: Mapping[str, Any], options: Mapping[str, Any], code: str
) -> None:
    done, (refused,) = run(lab, host, task(KEY, where, **options))
    assert refused["error"]["code"] == code
    assert (done.writes(host), done.calls(host, ONLINE)) == (0, 0)
    assert objects(lab) == ["Old servers"]


@pytest.mark.parametrize("strategy", ["free", "ansible.builtin.host_pinned"])
def test_run_once_does_not_count_with_a_strategy_that_ignores_it(lab: Lab, strategy: str) -> None:
    tasks = [{"name": "Do it", **task(name="Once"), "run_once": True, "ignore_errors": True}]
    both = {"name": "Objects", "hosts": ["DC", "MEMBER"], "gather_facts": False, "strategy": strategy, "tasks": tasks}
    done = lab.playbook([both], {"keys": {KEY[-5:]: KEY}}, expected_warnings=("run_once",))
    assert {result["error"]["code"] for result in done.values()} == {"several_machines"}
    assert all(done.nothing_sent(host) for host in ("DC", "MEMBER"))


def test_a_loop_around_an_include_counts_for_the_maximum(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "create.yml"
    file.write_text(yaml.safe_dump([{"name": "Do it", **task(max_activations=1), "ignore_errors": True}]), encoding="utf-8")
    done, _results = run(lab, "DC", {"ansible.builtin.include_tasks": str(file), "loop": [1, 2]})
    assert done.calls("DC", ONLINE) == 0
    assert objects(lab) == ["Old servers"]


def test_an_empty_list_of_machines_does_not_permit_deleting_the_last_object(lab: Lab) -> None:
    boss = {**READ, "principal": "boss@corp.lab", "password": "{{ winlab_directory_accounts.boss.password }}"}
    absent = {"state": "absent", "name": "Old servers", "machines": [], **boss}
    _done, (refused,) = run(lab, "DC", {f"{FQCN}.adba_object": absent})
    assert refused["error"]["code"] == "last_activation_object"
    assert objects(lab) == ["Old servers"]


def test_a_play_with_several_machines_is_refused_unless_one_of_them_runs_the_task(lab: Lab) -> None:
    variables = {"keys": {KEY[-5:]: KEY}}
    both = {
        "name": "Objects",
        "hosts": ["DC", "MEMBER"],
        "gather_facts": False,
        "tasks": [{"name": "Do it", **task(), "ignore_errors": True}],
    }
    done = lab.playbook([both], variables)
    assert {result["error"]["code"] for result in done.values()} == {"several_machines"}
    assert all(done.nothing_sent(host) for host in ("DC", "MEMBER"))
    once = {**both, "tasks": [{"name": "Do it", **task(name="Once"), "run_once": True}]}
    lab.playbook([once], variables)
    assert objects(lab) == ["Old servers", "Once"]


def test_by_telephone_the_installation_id_comes_first_and_the_confirmation_id_creates_the_object(lab: Lab) -> None:
    planned, (checked,) = run(lab, "DC", task(SECOND, activation_method="telephone"), keywords={"check_mode": True})
    assert (checked["changed"], checked["installation_id"]) == (False, None)
    assert planned.calls("DC", OFFLINE) == 0, "check mode does not send the key"
    first, (waiting,) = run(lab, "DC", task(SECOND, activation_method="telephone"))
    assert waiting["changed"] is False
    assert "confirmation_id" in waiting["msg"]
    iid = waiting["installation_id"]
    assert iid.isdigit()
    assert (first.calls("DC", OFFLINE), first.writes("DC")) == (1, 0)
    cid = lab.client.phone(iid)
    stale = task(SECOND, activation_method="telephone", confirmation_id=cid, installation_id=f"{iid[:-1]}{(int(iid[-1]) + 1) % 10}")
    right = task(SECOND, activation_method="telephone", confirmation_id=cid, installation_id=iid, name="By telephone")
    done, (refused, made) = run(lab, "DC", stale, right)
    assert refused["error"]["code"] == "stale_installation_id"
    assert (made["changed"], made["activations_used"]) == (True, 0)
    assert made["object"]["name"] == "By telephone"
    assert (done.calls("DC", DEPOSIT), done.calls("DC", ONLINE)) == (1, 0)


def test_a_refusal_of_microsoft_is_explained_and_leaves_nothing(lab: Lab) -> None:
    _done, (failed,) = run(lab, "DC", task(BLOCKED))
    assert failed["error"]["code"].startswith("0xC004C0")
    assert (failed["changed"], failed["activations_used"], failed["object"]) == (False, 0, None)
    assert failed["directory"]["server"] == "dc1.corp.lab"
    assert objects(lab) == ["Old servers"]


def test_an_account_without_rights_in_the_directory_is_told_so_and_that_microsoft_might_have_counted(lab: Lab) -> None:
    done, (failed,) = run(lab, "CLERK", task())
    assert failed["error"]["code"] == "0x80072098"
    assert failed["error"]["category"] == "ad"
    assert "CN=Activation Objects" in failed["error"]["next_steps"][0]
    assert "Microsoft might have counted an activation" in failed["msg"]
    assert done.calls("CLERK", ONLINE) == 1
    assert objects(lab) == ["Old servers"]


def test_a_domain_controller_that_the_machine_does_not_reach_is_named(lab: Lab) -> None:
    lab.client.set_fault("MEMBER", "directory_down")
    try:
        _done, (failed,) = run(lab, "MEMBER", task())
    finally:
        lab.client.clear_faults()
    assert failed["error"]["code"] == "0x8007203A"
    assert "nltest" in failed["error"]["next_steps"][0]


def test_after_a_lost_response_the_directory_decides_and_the_key_is_sent_once(lab: Lab) -> None:
    lab.client.set_fault("MEMBER", "drop_before_reply", action="Invoke", method=ONLINE, times=1, executed=True)
    try:
        done, (made,) = run(lab, "MEMBER", task(name="Lost"))
    finally:
        lab.client.clear_faults()
    assert (made["changed"], made["activations_used"], made["object"]["name"]) == (True, 1, "Lost")
    assert done.calls("MEMBER", ONLINE) == 1


def test_the_key_is_never_shown_and_the_ledger_has_the_activation(lab: Lab) -> None:
    ledger = lab.folder / "ledger.jsonl"
    tasks = [{**each, "vars": {"activation_ledger": str(ledger)}} for each in (task(THIRD, name="Ledger"), task(BLOCKED))]
    done, (made, failed) = run(lab, "DC", *tasks, verbosity=4)
    assert made["changed"] is True
    assert failed["error"]["symbol"]
    for text in (done.output, json.dumps([made, failed]), ledger.read_text(encoding="utf-8")):
        assert THIRD not in text
        assert BLOCKED not in text
        assert "Read-Passw0rd" not in text
    last = {entry["id"]: entry for entry in map(json.loads, ledger.read_text(encoding="utf-8").splitlines())}
    shown = [(entry["event"], entry["partial_product_key"], entry["result"], entry["activations_used"]) for entry in last.values()]
    assert shown == [("activated", "66666", "done", 1), ("activated", "77777", "failed", 0)]
    assert {entry["channel"] for entry in last.values()} == {"csvlk"}
