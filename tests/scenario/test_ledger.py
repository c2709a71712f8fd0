# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger contains every key, activation, confirmation ID, and rearm of a run, and agrees with the machines and with Microsoft."""

from __future__ import annotations

import json
import stat
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.model import Ledger, LedgerEntry
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.read import read_ledger
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.totals import entries_by_machine, key_uses
from key_gate import assert_no_keys

from .harness import FQCN, Lab, Results

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
    keys = {"mak": MAK, "spent": SPENT, "retail": RETAIL, "host_key": HOST_KEY}
    named = {} if ledger is None else {"activation_ledger": str(ledger)}
    return lab.playbook(book, {**keys, **named, **more}, env={"ANSIBLE_FORKS": "20"}, expected_warnings=warnings)


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


def test_print(story: Story) -> None:
    print(story.text)
    assert 0
