# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger contains every key, activation, confirmation ID, and rearm of a run, and agrees with the machines and with Microsoft."""

from __future__ import annotations

import getpass
import json
import stat
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.model import Ledger, LedgerEntry
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.read import parse_ledger, read_ledger
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.totals import entries_by_machine, key_uses
from key_gate import assert_no_keys
from playbook import Ended, new_process

from .harness import FQCN, Lab, Results
from .interrupt import cut

pytestmark = pytest.mark.slow

ESTATE = "ledger.yml"
MAK, SPENT, OTHER = "MMMMM-KKKKK-MMMMM-MKR22-TTWX3", "MMMMM-KKKKK-MMMMM-MKR33-TTWX4", "MMMMM-KKKKK-MMMMM-MKR44-TTWX6"
RETAIL, HOST_KEY = "RRRRR-TTTTT-RRRRR-MKR66-TTWX7", "CCCCC-VVVVV-KKKKK-MKR77-TTWX8"
KMS: Mapping[str, Any] = {"kms_host": "kms01.ledger.example"}
TASKS: Mapping[str, tuple[str, Mapping[str, Any], tuple[str, ...]]] = {
    "Use a MAK": ("mak_client", {"product_key": "{{ mak }}"}, (*(f"MAK-{number}" for number in range(1, 7)), "LOST")),
    "Use a spent MAK": ("mak_client", {"product_key": "{{ spent }}"}, ("SPENT",)),
    "Use a retail key": ("mak_client", {"product_key": "{{ retail }}"}, ("RETAIL", "OLD")),
    "Deposit": ("mak_client", {"activation_method": "telephone", "confirmation_id": "{{ told }}"}, ("PHONE",)),
    "Use KMS": ("kms_client", {**KMS, "lose_activation": True}, (*(f"MOVES-{number}" for number in range(1, 5)), "CLIENT-1", "CLIENT-2")),
    "Use KMS for Office": ("kms_client", {**KMS, "application": "office"}, ("OFFICE",)),
    "Host": ("kms_host", {"host_keys": [{"product_key": "{{ host_key }}"}], "firewall": "unmanaged"}, ("HOST",)),
    "Rearm": ("rearm", {"max_days_left": 7, "force": True}, ("REARM",)),
    "Remove": ("product_key", {"state": "absent", "lose_activation": True}, ("REMOVE",)),
}
TWENTY = [name for _module, _options, names in TASKS.values() for name in names]
FAILING = {"SPENT", "RETAIL"}


def plays(names: Iterable[str], **keywords: Any) -> list[dict[str, Any]]:
    """One play for some of the machines, in which no machine waits for another."""
    tasks = [
        {"name": title, f"{FQCN}.{module}": dict(options), "when": f"inventory_hostname in {list(hosts)}", "ignore_errors": True}
        for title, (module, options, hosts) in TASKS.items()
    ]
    return [{"name": "Change licenses", "hosts": list(names), "gather_facts": False, "strategy": "free", "tasks": tasks, **keywords}]


def run(lab: Lab, book: list[dict[str, Any]], ledger: Path | str | None, warnings: tuple[str, ...] = (), **more: Any) -> Results:
    """Run plays with a ledger; all machines at once if there are many."""
    keys = {"mak": MAK, "spent": SPENT, "retail": RETAIL, "host_key": HOST_KEY}
    named = {} if ledger is None else {"activation_ledger": str(ledger)}
    return lab.playbook(
        book, {**keys, **named, **more}, env={"ANSIBLE_FORKS": "20"} if len(book[0]["hosts"]) > 5 else None, expected_warnings=warnings
    )


@dataclass(frozen=True)
class Story:
    """What the ledger contains after check mode, the run, and a second run."""

    path: Path
    was_there: bool
    done: Results
    first: Ledger
    text: str
    again: str

    def of(self, name: str) -> list[LedgerEntry]:
        return list(entries_by_machine(self.first)[name])


@pytest.fixture(scope="module")
def story(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Story:
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    (product,) = lab.client.machine("PHONE")["products"]
    told = lab.client.phone(str(product["properties"]["OfflineInstallationId"]))
    run(lab, plays(TWENTY, check_mode=True), path, told=told)
    was_there = path.exists()
    lab.client.set_fault("LOST", "drop_before_reply", action="Invoke", method="Activate", executed=True, times=1)
    done = run(lab, plays(TWENTY), path, ("Restart the Office programs",), told=told)
    text = path.read_text(encoding="ascii")
    first = read_ledger(path)
    run(lab, plays([name for name in TWENTY if name not in FAILING | {"REARM"}]), path, ("accepts a key only while",), told=told)
    return Story(path, was_there, done, first, text, path.read_text(encoding="ascii"))


SPENDING = {**{f"MAK-{number}": 1 for number in range(1, 7)}, "LOST": 1, "OLD": 1, "HOST": 1}
EVENTS: Mapping[str, list[tuple[str, str, str | None]]] = {
    "MAK-1": [("key_installed", "done", "TTWX3"), ("activated", "done", "TTWX3")],
    "LOST": [("key_installed", "done", "TTWX3"), ("activated", "done", "TTWX3")],
    "MOVES-1": [("key_installed", "done", "J464C"), ("activated", "done", "J464C")],
    "CLIENT-1": [("key_installed", "done", "2YT43"), ("activated", "done", "2YT43")],
    "OFFICE": [("key_installed", "done", "6F7TH"), ("activated", "done", "6F7TH")],
    "HOST": [("host_key_installed", "done", "TTWX8"), ("activated", "done", "TTWX8")],
    "REARM": [("rearmed", "done", "2YT43")],
    "REMOVE": [("key_removed", "done", "TTWX6")],
    "OLD": [("key_installed", "done", "TTWX7"), ("activated", "done", "TTWX7")],
    "PHONE": [("confirmation_id_deposited", "done", "TTWX6")],
    "SPENT": [
        ("key_installed", "done", "TTWX4"), ("activated", "failed", "TTWX4"), ("key_installed", "done", "T83GX"),
        ("activated", "done", "T83GX"),
    ],
    "RETAIL": [("key_installed", "done", "TTWX7"), ("key_installed", "done", "T83GX"), ("activated", "done", "T83GX")],
}  # fmt: skip


def test_every_line_is_whole_though_twenty_forks_wrote_at_once(story: Story) -> None:
    lines = [json.loads(line) for line in story.text.splitlines()]
    assert story.text.endswith("}\n")
    assert story.first.problems == ()
    assert len(lines) > len(story.first.entries) > len(TWENTY)
    assert {line["schema"] for line in lines} == {1}
    assert sorted(entries_by_machine(story.first)) == sorted(TWENTY)
    assert not any(entry.is_uncertain for entry in story.first.entries)


@pytest.mark.parametrize("name", EVENTS)
def test_entries_are_what_was_done_to_the_machine(story: Story, name: str) -> None:
    assert [(entry.event, entry.result, entry.partial_product_key) for entry in story.of(name)] == EVENTS[name]


def test_activations_agree_with_microsoft_and_with_the_result(story: Story, lab: Lab) -> None:
    used = Counter({entry.inventory_hostname: entry.activations_used or 0 for entry in story.first.entries if entry.activations_used})
    assert dict(used) == SPENDING
    assert {name: story.done[name]["activations_used"] for name in SPENDING} == SPENDING
    counted: Counter[str | None] = Counter()
    for use in key_uses(story.first):
        counted[use.partial_product_key] += use.activations_used
    of_microsoft = {key["partial_key"][-5:]: key["used"] for key in lab.client.batch()["keys"]}
    assert {ending: counted[ending] for ending in ("TTWX3", "TTWX4", "TTWX7")} == {
        "TTWX3": of_microsoft["TTWX3"] - len([name for name in TWENTY if name.startswith("MOVES")]),
        "TTWX4": of_microsoft["TTWX4"],
        "TTWX7": of_microsoft["TTWX7"],
    }


def test_the_last_key_of_each_machine_is_the_one_that_it_has(story: Story, lab: Lab) -> None:
    for name in TWENTY:
        keys = [entry for entry in story.of(name) if entry.event in ("key_installed", "host_key_installed") and entry.result == "done"]
        shown = {product["properties"].get("PartialProductKey") for product in lab.client.machine(name)["products"]}
        assert not keys or name == "OLD" or keys[-1].partial_product_key in shown, name
    assert lab.client.machine("REMOVE")["products"] == []


@pytest.mark.smoke
def test_an_entry_says_where_it_comes_from(story: Story) -> None:
    assert len({entry.run_id for entry in story.first.entries}) == 1
    for entry in story.first.entries:
        assert (entry.play, entry.job_id, entry.user) == ("Change licenses", None, getpass.getuser())
        assert Path(str(entry.playbook)).name.startswith("run")
        assert (entry.inventory_hostname.upper(), entry.application) == (entry.computer_name, entry.application)
        assert entry.started_time is not None
        assert entry.started_time <= entry.time
        assert (entry.product_name, entry.description) != (None, None)
    modules = {entry.inventory_hostname: entry.module for entry in story.first.entries}
    assert (modules["HOST"], modules["REARM"], modules["REMOVE"]) == ("kms_host", "rearm", "product_key")


def test_an_entry_says_what_was_lost_and_how(story: Story) -> None:
    key, activation = story.of("MOVES-1")
    assert key.loses == "the activation of Windows(R), ServerStandard edition with the MAK ending in TTWX3"
    assert (activation.method, activation.channel, activation.application) == ("kms", "gvlk", "windows")
    assert (story.of("OFFICE")[1].application, story.of("PHONE")[0].method) == ("office", "telephone")
    (rearmed,) = story.of("REARM")
    assert (rearmed.rearms_used, rearmed.consumes) == (1, "1 rearm of 1000")
    assert story.of("SPENT")[1].code == "0xC004C020"
    assert [entry.channel for entry in story.of("RETAIL")] == ["retail", "gvlk", "gvlk"]


def test_check_mode_and_a_second_run_write_nothing(story: Story) -> None:
    assert not story.was_there
    assert story.again == story.text


def test_the_file_is_private_and_has_no_key(story: Story) -> None:
    assert stat.S_IMODE(story.path.stat().st_mode) == 0o600
    assert_no_keys(story.text, "the ledger", [MAK, SPENT, OTHER, RETAIL, HOST_KEY])


def only(module: str, host: str, options: Mapping[str, Any], **keywords: Any) -> list[dict[str, Any]]:
    task = {"name": "Change the license", f"{FQCN}.{module}": dict(options)}
    return [{"name": "One machine", "hosts": [host], "gather_facts": False, "tasks": [task], **keywords}]


USE_MAK = {"product_key": "{{ mak }}"}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("{{ folder }}/none/ledger.jsonl", "the directory {folder}/none does not exist"),
        ("{{ folder }}", "it is a directory"),
        ("/dev/full", "a character device, not a file"),
        ("ledger.jsonl", "the path is not absolute"),
        ("{{ not_there }}/ledger.jsonl", "could not be templated"),
        ("{{ [folder] }}", "not a text"),
        ("{{ folder }}/link", "replaced"),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_a_ledger_that_cannot_be_written_refuses_before_anything_is_sent(
    lab: Lab, tmp_path: Path, value: str, reason: str, check: bool
) -> None:
    if value.endswith("link"):
        (tmp_path / "link").symlink_to(tmp_path / "link")
        reason = "contains a loop of symbolic links"
    results = run(lab, only("mak_client", "REFUSED", USE_MAK, check_mode=check), value, folder=str(tmp_path))
    refused = results["REFUSED"]
    assert (refused["status"], refused["error"]["code"], refused["changed"]) == ("failed", "ledger_failed", False)
    assert reason.format(folder=tmp_path) in refused["msg"]
    assert results.nothing_sent("REFUSED")


def test_tasks_that_spend_nothing_do_not_need_a_ledger(lab: Lab) -> None:
    results = run(lab, only("activation_info", "REFUSED", {}), "/none/ledger.jsonl")
    assert results["REFUSED"]["status"] == "ok"
    results = run(lab, only("activation_policy", "REFUSED", {"notifications": "enabled"}, check_mode=True), "/none/ledger.jsonl")
    assert results["REFUSED"]["status"] == "ok"


def test_a_ledger_costs_no_request(lab: Lab, story: Story, tmp_path: Path) -> None:
    del story
    for ledger in (None, tmp_path / "ledger.jsonl"):
        assert run(lab, only("kms_client", "CLIENT-1", KMS), ledger).requests("CLIENT-1") == 3
    assert not (tmp_path / "ledger.jsonl").exists()


def test_no_ledger_is_written_without_the_variable_or_with_an_empty_one(lab: Lab) -> None:
    for value in (None, "", "{{ none }}"):
        assert run(lab, only("kms_client", "KMS01", {}, check_mode=True), value)["KMS01"]["error"]["code"] == "is_kms_host"


def limited(lab: Lab, folder: Path, size: int) -> Lab:
    """A lab whose runs cannot write files beyond a size, as on a full disk; the workers inherit the limit."""

    def start(command: Sequence[str], settings: Mapping[str, str], output: IO[str] | None) -> Ended:
        return new_process(["prlimit", f"--fsize={size}", *command], settings, output)

    return Lab(lab.client, lab.inventory, folder, start)


def filled(path: Path) -> int:
    """A ledger of a size that no other file of a run has."""
    size = 64 * 1024 * 1024
    with path.open("wb") as stream:
        stream.seek(size - 1)
        stream.write(b"\n")
    return size


def test_a_full_disk_ends_the_task_before_the_request(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    size = filled(path)
    results = limited(lab, tmp_path, size + 100).playbook(only("mak_client", "FULL", USE_MAK), {"mak": MAK, "activation_ledger": str(path)})
    failed = results["FULL"]
    assert (failed["status"], failed["error"]["code"], failed["changed"]) == ("failed", "ledger_failed", False)
    assert "The module did not install the MAK ending in TTWX3" in failed["msg"]
    assert (results.calls("FULL", "InstallProductKey"), path.stat().st_size) == (0, size)


def test_a_disk_that_is_full_after_a_request_is_told_with_the_entry(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    size = filled(path)
    results = limited(lab, tmp_path, size + 1000).playbook(
        only("mak_client", "FULL-LATE", USE_MAK), {"mak": MAK, "activation_ledger": str(path)}, expected_warnings=("Add its entry",)
    )
    failed = results["FULL-LATE"]
    assert (failed["status"], failed["error"]["code"], failed["changed"], failed["activations_used"]) == (
        "failed",
        "ledger_failed",
        True,
        0,
    )
    assert "The module did not activate the MAK ending in TTWX3 online" in failed["msg"]
    assert results.calls("FULL-LATE", "Activate") == 0
    told = [warning.partition("to the ledger: ")[2] for warning in failed["warnings"] if "Add its entry" in warning]
    (entry,) = parse_ledger(f"{line}\n".encode() for line in told).entries
    assert (entry.event, entry.result, entry.inventory_hostname) == ("key_installed", "done", "FULL-LATE")
    with path.open("rb") as stream:
        stream.seek(size)
        (left,) = parse_ledger(stream.readlines()).entries
    assert (left.id, left.is_uncertain) == (entry.id, True)


def test_a_killed_run_leaves_what_it_did_and_what_it_began(lab: Lab, tmp_path: Path) -> None:
    ledger, book, keys = tmp_path / "ledger.jsonl", tmp_path / "killed.yml", tmp_path / "keys.yml"
    keys.write_text(json.dumps({"mak": MAK, "activation_ledger": str(ledger)}), encoding="utf-8")
    book.write_text(json.dumps(only("mak_client", "KILLED", USE_MAK, vars_files=[str(keys)])), encoding="utf-8")
    lab.client.reset_counters()
    lab.client.set_fault("KILLED", "activate_duration", seconds=600)
    cut(lab, "activate", [(book, {})], lambda: called(lab, "KILLED", "Activate"))
    key, activation = read_ledger(ledger).entries
    assert (key.event, key.result) == ("key_installed", "done")
    assert (activation.event, activation.result, activation.is_uncertain, activation.activations_used) == (
        "activated",
        "started",
        True,
        None,
    )
    lab.client.clear_faults()
    # The machine goes on, so that a second run finds nothing to spend, and the ledger does not claim to know who did it.
    text = ledger.read_text(encoding="utf-8")
    again = lab.run(book)
    assert (again["KILLED"]["status"], again["KILLED"]["changed"]) == ("ok", False)
    assert ledger.read_text(encoding="utf-8") == text


def called(lab: Lab, name: str, method: str) -> bool:
    return bool(lab.client.counters(name)["operations"].get(f"Invoke:{method}", 0))


def test_a_machine_that_crashes_while_it_activates_is_unknown(lab: Lab, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    lab.client.set_fault("CRASHES", "activate_duration", seconds=600)

    def crash() -> None:
        while not called(lab, "CRASHES", "Activate"):
            time.sleep(0.05)
        lab.client.crash("CRASHES")

    crashing = threading.Thread(target=crash, daemon=True)
    lab.client.reset_counters()
    crashing.start()
    results = run(lab, only("mak_client", "CRASHES", USE_MAK), ledger, ("mark of this run stays",))
    crashing.join()
    lab.client.clear_faults()
    assert results["CRASHES"]["status"] == "unreachable"
    activation = read_ledger(ledger).entries[-1]
    assert (activation.event, activation.result, activation.activations_used) == ("activated", "unknown", None)
    assert activation.code == "unreachable"


def test_confirmation_ids_that_were_requested_are_entries(lab: Lab, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    found = lab.all("activation_info", ["PROXY", "PROXY-SPENT"])
    names = ("installation_id", "extended_pid", "partial_product_key", "activation_id", "application")
    records = [
        {"machine": name, **{field: product[field] for field in names}} for name, result in found.items() for product in result["products"]
    ]
    batch = lab.client.batch()
    way = {"service_url": batch["url"], "ca_path": batch["ca"], "use_proxy": False, "check_remaining": False}
    options = {"records": records, "journal_path": str(tmp_path / "journal"), **way}
    book = only("mak_confirmation_id", "localhost", options, connection="local")
    run(lab, [{**book[0], "check_mode": True}], ledger)
    assert not ledger.exists()
    for value in (tmp_path / "none" / "ledger.jsonl", ledger, ledger):
        run(lab, book, value)
        if value is not ledger:
            assert lab.client.batch_requests() == []
    entries = read_ledger(ledger).entries
    told = {entry.inventory_hostname: (entry.event, entry.result, entry.activations_used, entry.method) for entry in entries}
    assert told["PROXY"] == ("confirmation_id_requested", "done", 1, "proxy")
    assert told["PROXY-SPENT"] == ("confirmation_id_requested", "failed", 0, "proxy")
    assert {entry.partial_product_key for entry in entries} == {"TTWX6", "TTWX4"}
    assert [entry.code for entry in entries if entry.inventory_hostname == "PROXY-SPENT"] == ["0x7F", "0x7F"]
    assert len([entry for entry in entries if entry.inventory_hostname == "PROXY"]) == 1
    assert all(entry.product_name is None and entry.channel == "mak" and entry.extended_pid for entry in entries)
