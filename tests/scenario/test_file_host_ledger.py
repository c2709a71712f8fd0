# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger on another machine has each line before the request is sent, as a ledger on the controller."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.read import read_ledger
from key_gate import assert_no_keys

from .file_host import NAME, Keeper
from .harness import FQCN, Lab
from .interrupt import cut

ESTATE = "ledger.yml"
MAK = "MMMMM-KKKKK-MMMMM-MKR22-TTWX3"
BOOK = f"{FQCN}.convert_to_mak"


def settings(hosts: str, **more: Any) -> dict[str, Any]:
    return {
        "convert_to_mak_hosts": hosts,
        "mak_client_product_key": MAK,
        "mak_client_max_activations": "unlimited",
        "activation_ledger": "~/ledger.jsonl",
        "activation_ledger_file_host": NAME,
        **more,
    }


def test_ledger_of_two_jobs_is_one_file_on_the_file_host(lab: Lab, keeper: Keeper) -> None:
    ledger = keeper.home / "ledger.jsonl"
    first = keeper.job(lab, BOOK, settings("MAK-1:MAK-2"), "--check")
    assert first.run.exit_code == 0, first.output
    assert not ledger.exists()
    assert keeper.requests == 1, "the first task of a run checks the ledger for all others"
    done = keeper.job(lab, BOOK, settings("MAK-1:MAK-2"))
    assert done.run.exit_code == 0, done.output
    assert keeper.job(lab, BOOK, settings("MAK-3")).run.exit_code == 0
    assert stat.S_IMODE(ledger.stat().st_mode) == 0o600
    text = ledger.read_text(encoding="ascii")
    assert_no_keys(text, "the ledger", [MAK])
    found = read_ledger(ledger)
    events = {(entry.inventory_hostname, entry.event, entry.result) for entry in found.entries}
    assert events == {(f"MAK-{number}", event, "done") for number in (1, 2, 3) for event in ("key_installed", "activated")}
    assert len({entry.run_id for entry in found.entries}) == 2
    again = keeper.job(lab, BOOK, settings("MAK-1:MAK-2:MAK-3"))
    assert again.run.changed_hosts() == 0
    assert ledger.read_text(encoding="ascii") == text


@pytest.mark.parametrize(
    ("change", "off", "message"),
    [
        ({}, True, f"Cannot write to the ledger {NAME}:~/ledger.jsonl: The file host {NAME} cannot be reached"),
        ({"activation_ledger_file_host": "files02"}, False, "The file host files02 is not in the inventory"),
        ({"activation_ledger": "~/none/ledger.jsonl"}, False, "does not exist"),
        ({"activation_ledger": "/proc/ledger.jsonl"}, False, "no file can be created in /proc"),
        ({"activation_ledger_file_hots": NAME, "activation_ledger_file_host": None}, False, "did you mean activation_ledger_file_host"),
    ],
)
def test_ledger_that_cannot_be_written_is_refused_before_anything_is_spent(
    lab: Lab, keeper: Keeper, change: dict[str, Any], off: bool, message: str
) -> None:
    if off:
        keeper.switch(off=True)
    given = {name: value for name, value in settings("REFUSED", **change).items() if value is not None}
    done = keeper.job(lab, BOOK, given)
    assert done.run.exit_code == 2
    assert message in " ".join(done.output.split())
    assert done.writes("REFUSED") == 0
    assert list(keeper.home.iterdir()) == []


def test_file_host_that_is_lost_during_a_task_stops_the_next_request(lab: Lab, keeper: Keeper) -> None:
    # The machine is on the network for the check and the first lines.
    client = Path(keeper.variables()["ansible_ssh_executable"])
    lost = f"[ $(wc -l < {keeper.folder}/log) -gt 3 ] || [ -e"
    client.write_text(client.read_text(encoding="utf-8").replace("[ -e", lost), encoding="utf-8")
    done = keeper.job(lab, BOOK, settings("CRASHES"), warnings=("The request was sent. Add its entry to the ledger:",))
    assert done.run.exit_code == 2
    assert done.calls("CRASHES", "Activate") == 0
    assert "because the ledger would not contain it" in done.run.results(f"{FQCN}.mak_client")["CRASHES"]["msg"]
    assert [entry.event for entry in read_ledger(keeper.home / "ledger.jsonl").entries] == ["key_installed"]


def test_killed_job_leaves_on_the_file_host_what_it_did_and_what_it_began(lab: Lab, keeper: Keeper, tmp_path: Path) -> None:
    book, keys = tmp_path / "killed.yml", tmp_path / "keys.yml"
    keys.write_text(json.dumps({"mak": MAK, "activation_ledger": "~/ledger.jsonl", "activation_ledger_file_host": NAME}), encoding="utf-8")
    machine = {"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.add_host": {"name": NAME, **keeper.variables()}}]}
    task = {f"{FQCN}.mak_client": {"product_key": "{{ mak }}"}}
    plays = [machine, {"hosts": "KILLED", "gather_facts": False, "vars_files": [str(keys)], "tasks": [task]}]
    book.write_text(json.dumps(plays), encoding="utf-8")
    lab.client.reset_counters()
    lab.client.set_fault("KILLED", "activate_duration", seconds=600)
    cut(lab, "activate", [(book, {})], lambda: lab.client.counters()["KILLED"]["operations"].get("Invoke:Activate", 0) > 0)
    lab.client.clear_faults()
    key, activation = read_ledger(keeper.home / "ledger.jsonl").entries
    assert (key.event, key.result) == ("key_installed", "done")
    assert (activation.event, activation.result, activation.is_uncertain) == ("activated", "started", True)
