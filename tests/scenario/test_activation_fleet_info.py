# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task for many machines: the records are what a task for each machine returns, over any connection, and whatever is wrong."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from explained import assert_explained

from .documented import task_complaints
from .harness import FQCN, Lab, Results

ESTATE = "connections.yml"
MODULE = f"{FQCN}.activation_fleet_info"
MACHINES = [
    "WINRM-BASIC", "WINRM-NTLM", "WINRM-TLS", "WINRM-TLS-NTLM", "PSRP-NTLM", "PSRP-TLS", "PSRP-BASIC", "WINRM-NTLM-W7",
]  # fmt: skip
LIKE_THE_FIRST = ["VAULTED", "TEMPLATED", "OF-THE-PLAY", "WITH-FACTS"]
"""Other names of WINRM-BASIC, with the password in another place."""

NOT_READ = {
    "UNDEFINED": "host_variables",
    "WITH-SSH": "wrong_connection",
    "WITH-NONSENSE": "wrong_connection",
    "localhost": "wrong_connection",
    "WITH-BECOME": "not_applicable",
    "WRONG-TRANSPORT": "connection_options",
    "WRONG-CHECK": "invalid_options",
    "WRONG-PORT": "host_variables",
    "PASSWORD-AS-PORT": "host_variables",
}
UNREACHABLE = {"OFF": "connection refused", "WRONG-PASSWORD": "refused user LabAdmin", "SILENT": "within 3 seconds"}
FORBIDDEN_FACT = "ansible_winrm_transport"
"""Ansible removes the facts that would set an option of a connection."""

SECRET = "Vaulted-Secret-77"
LATER = ("current_time", "trusted_time", "expires", "grace_minutes", "time", "kms_expires")
"""Values that differ between two runs."""


@dataclass(frozen=True)
class Story:
    """The same machines in one task, and in a task for each of them."""

    fleet: Results
    tasks: Results
    file: Path

    @property
    def result(self) -> Mapping[str, Any]:
        """The result of the one task."""
        (found,) = self.fleet.values()
        return found

    @property
    def records(self) -> dict[str, Mapping[str, Any]]:
        """The results in the record file."""
        lines = [json.loads(line) for line in self.file.read_text(encoding="ascii").splitlines()]
        return {line["inventory_hostname"]: line["result"] for line in lines}


@pytest.fixture(scope="module")
def silent() -> Iterator[int]:
    """A port that accepts connections and never responds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.fixture(scope="module")
def inventory(lab: Lab, silent: int) -> tuple[str, ...]:
    """The options for an inventory with machines whose variables are everywhere, or wrong."""
    first = lab.host_variables("WINRM-BASIC")
    password = first.pop("ansible_password")
    with_password = {**first, "ansible_password": password}
    key = lab.folder / "vault-password"
    key.write_text("of the vault\n", encoding="utf-8")
    hosts: dict[str, dict[str, Any]] = {
        "VAULTED": first,
        "TEMPLATED": {
            **first,
            "ansible_host": "{{ own_address }}",
            "own_address": first["ansible_host"],
            "ansible_password": "{{ of_group }}",
        },
        "OF-THE-PLAY": {**first, "ansible_password": "{{ play_password }}"},
        "WITH-FACTS": {**first, "ansible_password": "{{ ansible_facts.password_of_facts }}"},
        "UNDEFINED": {**first, "ansible_password": "{{ nobody_sets_this }}"},
        "WITH-SSH": {"ansible_connection": "ssh", "ansible_host": "192.0.2.1"},
        "WITH-NONSENSE": {**with_password, "ansible_connection": "nonsense"},
        "localhost": {"ansible_connection": "local"},
        "WITH-BECOME": {**with_password, "ansible_become": True},
        "WRONG-TRANSPORT": {**with_password, "ansible_winrm_transport": "basci"},
        "WRONG-CHECK": {**with_password, "days": -1},
        "WRONG-PORT": {**with_password, "ansible_port": "x5985"},
        "PASSWORD-AS-PORT": {**first, "ansible_password": SECRET, "ansible_port": SECRET},
        "OFF": {**with_password, "ansible_port": 1},
        "WRONG-PASSWORD": {**first, "ansible_password": SECRET},
        "SILENT": {**with_password, "ansible_host": "127.0.0.1", "ansible_port": silent},
    }
    folder = lab.folder / "more"
    (folder / "host_vars").mkdir(parents=True)
    (folder / "group_vars").mkdir()
    inventory = {"all": {"children": {"more": {"hosts": hosts, "vars": {"of_group": "{{ of_all }}"}}}}}
    (folder / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    (folder / "group_vars" / "all.yml").write_text(yaml.safe_dump({"of_all": password, "days": 30}), encoding="utf-8")
    (folder / "host_vars" / "VAULTED.yml").write_text(encrypted({"ansible_password": password}, key), encoding="utf-8")
    return ("-i", str(folder / "hosts.yml"), "--vault-password-file", str(key))


def encrypted(variables: Mapping[str, str], key: Path) -> str:
    """A file of variables as ansible-vault encrypts it."""
    from ansible.parsing.vault import VaultLib, VaultSecret  # noqa: PLC0415 - not in every run of the tests

    vault = VaultLib([("default", VaultSecret(key.read_bytes().strip()))])
    return str(vault.encrypt(yaml.safe_dump(dict(variables)).encode()).decode())


def book(lab: Lab, name: str, task: Mapping[str, Any], hosts: str = "windows:more:!KMS01") -> Path:
    """A playbook with one task and variables of the play."""
    play = {
        "name": "Scenario",
        "hosts": hosts,
        "gather_facts": False,
        "vars": {"play_password": "{{ of_all }}"},
        "tasks": [{"name": "Do it", **task}],
    }
    path = lab.folder / name
    path.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    return path


def check_options() -> dict[str, Any]:
    return {"min_days_left": "{{ days }}", "probe": False, "fail_on": []}


@pytest.fixture(scope="module")
def story(lab: Lab, inventory: tuple[str, ...]) -> Story:
    file = lab.folder / "records.jsonl"
    options = {"check": check_options(), "record_path": str(file), "machine_timeout": 3}
    facts: dict[str, Any] = {"env": {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(lab.folder / "facts")}}
    removed: dict[str, Any] = {**facts, "expected_warnings": (f"Removed restricted key from module data: {FORBIDDEN_FACT}",)}
    cached = {"password_of_facts": "{{ of_all }}", FORBIDDEN_FACT: "nonsense", "cacheable": True}
    first = {"ansible.builtin.set_fact": cached, "vars": {"ansible_password": "not used"}}
    lab.run(book(lab, "facts.yml", first, "WITH-FACTS"), options=inventory, **facts)
    one = {MODULE: options, "delegate_to": "localhost", "ignore_errors": True}
    fleet = lab.run(book(lab, "fleet.yml", one), options=inventory, **removed)
    task = {f"{FQCN}.activation_check": check_options(), "ignore_errors": True, "ignore_unreachable": True}
    names = ":".join([*MACHINES, *LIKE_THE_FIRST, "OFF", "WRONG-PASSWORD", "WITH-SSH", "WITH-BECOME", "WRONG-TRANSPORT", "WRONG-CHECK"])
    return Story(fleet, lab.run(book(lab, "tasks.yml", task, names), options=inventory, **removed), file)


def lasting(value: Any) -> Any:
    """A value without what differs between two runs, and without what Ansible adds."""
    if isinstance(value, Mapping):
        dropped = ("invocation", "status", "ansible_facts", "_ansible_no_log", "_ansible_delegated_vars", *LATER)
        return {name: lasting(inner) for name, inner in value.items() if name not in dropped}
    return [lasting(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.quick
@pytest.mark.smoke
@pytest.mark.parametrize("name", [*MACHINES, *LIKE_THE_FIRST])
def test_a_machine_that_can_be_read_has_the_result_of_a_task_of_its_own(story: Story, name: str) -> None:
    assert story.records[name]["passed"] is True
    assert lasting(story.records[name]) == lasting(story.tasks[name])


@pytest.mark.parametrize("name", ["OFF", "WRONG-PASSWORD", "WITH-SSH", "WITH-BECOME", "WRONG-TRANSPORT", "WRONG-CHECK"])
def test_a_machine_that_cannot_be_read_has_the_error_of_a_task_of_its_own(story: Story, name: str) -> None:
    mine, own = story.records[name], story.tasks[name]
    assert (mine["error"], mine["msg"]) == (own["error"], own["msg"])
    assert bool(mine.get("unreachable")) == (own["status"] == "unreachable")


@pytest.mark.parametrize("name", NOT_READ)
def test_wrong_variables_of_one_machine_are_its_own_record_and_nothing_is_sent_to_it(story: Story, name: str) -> None:
    record = story.records[name]
    assert (record["failed"], record["error"]["code"]) == (True, NOT_READ[name])
    assert_explained(record)


@pytest.mark.parametrize("name", UNREACHABLE)
def test_a_machine_that_does_not_respond_or_refuses_the_logon_is_unreachable_and_holds_up_nobody(story: Story, name: str) -> None:
    record = story.records[name]
    assert (record["unreachable"], UNREACHABLE[name] in record["msg"]) == (True, True)
    assert_explained(record)


def test_the_result_counts_every_machine_once_and_names_those_that_failed(story: Story) -> None:
    counts = [story.result[f"{what}_count"] for what in ("machine", "read", "failed", "unreachable")]
    assert counts == [len(story.records), len(MACHINES) + len(LIKE_THE_FIRST), len(NOT_READ), len(UNREACHABLE)]
    assert {row["machine"] for row in story.result["failed_machines"]} == set(NOT_READ)
    assert {row["machine"] for row in story.result["unreachable_machines"]} == set(UNREACHABLE)
    assert (story.result["status"], story.result["error"]["code"]) == ("failed", "machines_failed")
    assert task_complaints("activation_fleet_info", story.result) == []


def test_the_records_are_in_the_order_of_the_play_in_the_file_and_in_the_result(story: Story) -> None:
    returned = [record["inventory_hostname"] for record in story.result["records"]]
    assert returned == list(story.records)
    assert returned[: len(MACHINES)] == MACHINES
    assert stat.S_IMODE(story.file.stat().st_mode) == 0o600


def test_the_cost_of_a_machine_is_that_of_a_task_of_its_own(story: Story) -> None:
    for name in set(MACHINES) - {"WINRM-BASIC"}:
        mine, own = story.fleet.costs[name], story.tasks.costs[name]
        assert [mine[what] for what in ("requests", "tcp_connections", "shells")] == [
            own[what] for what in ("requests", "tcp_connections", "shells")
        ]


def test_no_password_is_in_the_records_or_in_the_output_at_any_verbosity(lab: Lab, inventory: tuple[str, ...]) -> None:
    file = lab.folder / "verbose.jsonl"
    task = {MODULE: {"record_path": str(file), "machine_timeout": 3, "fail_on_failed": False, "fail_on_unreachable": False}}
    done = lab.run(book(lab, "verbose.yml", {**task, "delegate_to": "localhost"}), options=(*inventory, "-vvvv"), verbosity=4)
    for password in ("Lab-Passw0rd!", SECRET):
        assert password not in file.read_text(encoding="ascii")
        assert password not in done.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parallel_machines": 0}, "parallel_machines: 0 is not a number of machines from 1 to 500"),
        ({"check": {"min_days": 3}}, "activation_check: unknown option min_days; did you mean min_days_left"),
        ({"check": {"application": "all"}}, "check: application must be an option of the task"),
        ({"check": {"esu": "windows_10_year_1"}, "application": "office"}, "esu cannot be combined with application: office"),
        ({"record_path": "/nowhere/at/all.jsonl"}, "/nowhere/at/all.jsonl cannot be written: No such file or directory"),
        ({"record_path": "/dev/null"}, "/dev/null is a character device, not a file"),
        ({"record_mode": "worldwide"}, "'worldwide' is not an octal text"),
        ({"machines": ["no-such-group"]}, "no machine of the inventory and the limit of the run matches no-such-group"),
        ({"machines": ["WINRM-BASIC", " "]}, "machines contains an empty pattern. To read all machines, specify all"),
        ({"hosts": "windows"}, "unknown option hosts"),
    ],
)
def test_wrong_options_are_refused_before_any_machine_is_asked(lab: Lab, options: Mapping[str, Any], message: str) -> None:
    done = lab.play(
        MACHINES, {MODULE: dict(options)}, expected_warnings=("no-such-group",) if "no-such-group" in options.get("machines", ()) else ()
    )
    (result,) = done.values()
    assert message in result["msg"]
    assert all(done.nothing_sent(name) for name in MACHINES)


def test_async_is_refused(lab: Lab) -> None:
    done = lab.play(MACHINES, {MODULE: {}, "async": 30, "poll": 5})
    assert "does not support async" in done["WINRM-BASIC"]["msg"]
    assert all(done.nothing_sent(name) for name in MACHINES)


def test_machines_outside_of_the_play_are_read_by_a_pattern_within_the_limit_of_the_run(lab: Lab, inventory: tuple[str, ...]) -> None:
    task = {MODULE: {"machines": ["windows", "!KMS01"], "fail_on_failed": False}}
    path = book(lab, "pattern.yml", task, "localhost")
    everything = lab.run(path, options=inventory)["localhost"]
    assert [record["inventory_hostname"] for record in everything["records"]] == MACHINES
    some = lab.run(path, options=(*inventory, "--limit", "localhost,PSRP-NTLM,KMS01"))["localhost"]
    assert [record["inventory_hostname"] for record in some["records"]] == ["PSRP-NTLM"]


def test_with_serial_the_task_runs_for_each_batch_and_leaves_out_machines_that_failed_before(lab: Lab) -> None:
    tasks = [
        {"name": "Fail", "ansible.builtin.fail": {"msg": "on purpose"}, "when": "inventory_hostname == 'PSRP-TLS'"},
        {"name": "Read", MODULE: {}},
    ]
    done = lab.playbook([{"name": "Scenario", "hosts": MACHINES, "gather_facts": False, "serial": 3, "tasks": tasks}])
    read = [[record["inventory_hostname"] for record in result["records"]] for result in done.run.results(MODULE).values()]
    assert read == [MACHINES[:3], ["WINRM-TLS-NTLM", "PSRP-NTLM"], MACHINES[6:]]


def test_a_deadline_ends_the_task_with_the_records_that_there_are(lab: Lab, inventory: tuple[str, ...]) -> None:
    file = lab.folder / "deadline.jsonl"
    lab.client.set_fault("WINRM-NTLM", "delay", milliseconds=60_000)
    options = {"record_path": str(file), "deadline": 4, "parallel_machines": 2, "machines": ["WINRM-NTLM", "SILENT", "WINRM-TLS"]}
    done = lab.run(book(lab, "deadline.yml", {MODULE: options, "delegate_to": "localhost"}), options=inventory)
    lab.client.clear_faults()
    (result,) = done.values()
    records = {record["inventory_hostname"]: record["result"] for record in result["records"]}
    assert {name: bool(record.get("unreachable")) for name, record in records.items()} == {
        "WINRM-NTLM": True,
        "SILENT": True,
        "WINRM-TLS": False,
    }
    assert (records["WINRM-TLS"]["error"]["code"], done.nothing_sent("WINRM-TLS")) == ("not_read", True)
    assert len(file.read_text(encoding="ascii").splitlines()) == 3
    for record in records.values():
        assert_explained(record)


def test_the_timeout_of_the_task_ends_it_and_keeps_the_older_file(lab: Lab, inventory: tuple[str, ...]) -> None:
    file = lab.folder / "timeout.jsonl"
    file.write_text("older\n", encoding="utf-8")
    task = {MODULE: {"record_path": str(file), "machines": ["SILENT", "WINRM-BASIC"]}, "timeout": 2, "delegate_to": "localhost"}
    done = lab.run(book(lab, "timeout.yml", task), options=inventory)
    (result,) = done.values()
    assert (result["error"]["code"], result["timedout"]["period"]) == ("task_timeout", 2)
    assert file.read_text(encoding="utf-8") == "older\n"
    assert [path.name for path in lab.folder.glob("*timeout.jsonl*")] == ["timeout.jsonl"]


@pytest.mark.parametrize("given", [{}, {"record_path": "check-mode.jsonl"}])
def test_without_a_path_and_in_check_mode_the_records_are_in_a_temporary_file(lab: Lab, given: Mapping[str, str]) -> None:
    options = {name: str(lab.folder / value) for name, value in given.items()}
    read = {"name": "Read", MODULE: options, "register": "fleet"}
    count = {
        "name": "Count",
        "ansible.builtin.debug": {"msg": "{{ lookup('ansible.builtin.file', fleet.record_path).splitlines() | length }}"},
    }
    play = {
        "name": "Scenario",
        "hosts": MACHINES,
        "gather_facts": False,
        "check_mode": bool(given),
        "tasks": [read, {**count, "run_once": True}],
    }
    done = lab.playbook([play])
    fleet, counted = (done.run.results(action)["WINRM-BASIC"] for action in (MODULE, "ansible.builtin.debug"))
    assert (fleet["read_count"], fleet["changed"], str(counted["msg"])) == (len(MACHINES), False, str(len(MACHINES)))
    assert not Path(fleet["record_path"]).exists()
    assert not (lab.folder / "check-mode.jsonl").exists()


def test_the_result_is_not_longer_than_asked_for(lab: Lab) -> None:
    file = lab.folder / "few.jsonl"
    done = lab.play(MACHINES, {MODULE: {"record_path": str(file), "max_returned_records": 7}})
    assert done["WINRM-BASIC"]["records"] is None
    assert len(file.read_text(encoding="ascii").splitlines()) == len(MACHINES)
