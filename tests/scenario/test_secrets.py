# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key gate: no full product key and no password in what a run says and leaves, at the highest verbosity, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from key_gate import find_leaks, known_keys

from .harness import FQCN, Lab, Results

ESTATE = "secrets.yml"
KMS = "kms01.secrets.example"
MAK = "MMMMM-KKKKK-MMMMM-XYW22-TTWX3"
BLOCKED = "RRRRR-TTTTT-RRRRR-XYW33-TTWX4"
UNKNOWN = "MMMMM-KKKKK-MMMMM-XYW44-TTWX6"
TYPO = "MMMMM-KKKKK-MMMMM-XYW44-TTWX"
PASSWORD = "Lab-Passw0rd!"


@dataclass(frozen=True)
class Traces:
    """All that a run said and left, by where it is."""

    results: Results
    texts: Mapping[str, str]

    def leaks(self) -> list[str]:
        """Every full key, and every secret of these tests that has lost its form."""
        found = [str(leak) for place, text in self.texts.items() for leak in find_leaks(text, place, (MAK, BLOCKED, UNKNOWN))]
        return found + [f"{place}: {secret}" for place, text in self.texts.items() for secret in (TYPO, PASSWORD) if secret in text]


def trace(lab: Lab, plays: list[dict[str, Any]], variables: Mapping[str, Any], warnings: tuple[str, ...] = ()) -> Traces:
    """Run plays with everything switched on that writes something down: -vvvv, diff, a log file, a fact cache, JSON of all results."""
    log, facts = lab.folder / "ansible.log", lab.folder / "facts"
    log.unlink(missing_ok=True)
    env = {
        "ANSIBLE_LOG_PATH": str(log),
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(facts),
        "ANSIBLE_DIFF_ALWAYS": "1",
    }
    results = lab.playbook(plays, variables, verbosity=4, expected_warnings=warnings, env=env)
    texts = {"output": results.output, "log": log.read_text(encoding="utf-8"), "results": newest(lab.folder, "record*.json")}
    for path in [*facts.rglob("*"), *(lab.folder / "lab").rglob("*")]:
        # named is a copy of BIND's own program, the inventory holds the password for Ansible.
        if path.is_file() and path.name not in ("named", "inventory.yml"):
            texts[str(path.relative_to(lab.folder))] = path.read_text(encoding="utf-8", errors="surrogateescape")
    return Traces(results, texts)


def newest(folder: Path, pattern: str) -> str:
    """The content of the file that was written last."""
    return max(folder.glob(pattern), key=lambda path: path.stat().st_mtime_ns).read_text(encoding="utf-8")


def play(hosts: list[str], module: str, options: Mapping[str, Any], **keywords: Any) -> dict[str, Any]:
    """A task whose result also becomes a fact that is kept."""
    return {
        "name": f"{module} on {', '.join(hosts)}",
        "hosts": hosts,
        "gather_facts": False,
        "ignore_errors": True,
        "tasks": [
            {"name": "Work", f"{FQCN}.{module}": options, "register": "said", **keywords},
            {"name": "Keep", "ansible.builtin.set_fact": {"kept": "{{ said }}", "cacheable": True}},
        ],
    }


@pytest.fixture(scope="module")
def traces(lab: Lab) -> Traces:
    """Keys that are taken, refused, lost on the way, mistyped, in a loop, forced; over winrm and psrp."""
    lab.client.set_fault("DROPPED", "drop_before_reply", method="InstallProductKey", times=1, executed=False)
    keys = {"mak": MAK, "blocked": BLOCKED, "unknown": UNKNOWN, "typo": TYPO, "bare": MAK.replace("-", "")}
    looped = play(["INSTALL"], "product_key", {"product_key": "{{ item }}"}, loop=["{{ mak }}"])
    plays = [
        play(["CONVERT", "CONVERT-PSRP"], "kms_client", {"kms_host": KMS}),
        play(["INSTALL"], "product_key", {"product_key": "{{ mak }}"}, check_mode=True),
        play(["INSTALL"], "product_key", {"product_key": "{{ mak }}", "clear_from_registry": True}),
        play(["REJECTED"], "product_key", {"product_key": "{{ unknown }}"}),
        play(["REJECTED"], "product_key", {"product_key": "{{ typo }}"}),
        play(["REJECTED"], "product_key", {"product_key": "{{ bare }}"}),
        play(["REJECTED"], "kms_client", {"product_key": "{{ mak }}"}),
        play(["REJECTED"], "kms_client", {"kms_host": "{{ mak }}"}),
        play(["REJECTED"], "kms_client", {"product_kee": "{{ mak }}"}),
        play(["BLOCKED"], "product_key", {"product_key": "{{ blocked }}"}),
        play(["DROPPED"], "product_key", {"product_key": "{{ mak }}"}),
        play(["REMOVED"], "product_key", {"state": "absent"}),
        play(["INSTALL"], "kms_client", {"product_key": "{{ unknown }}", "force": True}),
        # Ansible itself puts the item into what a loop registers, so nothing of it is kept here.
        {**looped, "tasks": looped["tasks"][:1]},
    ]
    return trace(lab, plays, keys, ("the item of the loop holds a full product key",))


@pytest.mark.smoke
def test_no_run_leaves_a_full_key_or_a_password_anywhere(traces: Traces) -> None:
    assert traces.leaks() == []


def test_the_runs_did_work_with_the_keys(traces: Traces) -> None:
    costs = traces.results.costs
    asked = ("CONVERT", "CONVERT-PSRP", "INSTALL", "REJECTED", "BLOCKED", "DROPPED")
    assert [name for name in asked if not costs[name]["operations"].get("Invoke:InstallProductKey")] == []


def test_what_is_searched_is_really_there(traces: Traces) -> None:
    assert "TTWX3" in traces.texts["output"]
    assert "TTWX3" in traces.texts["results"]
    assert "TTWX3" in traces.texts["log"]
    assert any("TTWX3" in text for place, text in traces.texts.items() if place.startswith("facts"))
    assert any(place.startswith("lab") for place in traces.texts)
    assert "ESTABLISH WINRM CONNECTION" in traces.texts["output"] or "<127." in traces.texts["output"]


def test_every_gvlk_the_conversions_used_is_among_the_keys_searched_for(traces: Traces) -> None:
    work = [task for task in traces.results.run.tasks if task.action == f"{FQCN}.kms_client"]
    endings = {work[0].hosts[name]["after"]["product_key"] for name in ("CONVERT", "CONVERT-PSRP")}
    assert endings <= {key[-5:] for key in known_keys()}


def test_a_planted_leak_is_found_wherever_it_goes(lab: Lab) -> None:
    leak = [
        {
            "name": "A careless playbook",
            "hosts": ["CONVERT"],
            "gather_facts": False,
            "tasks": [{"name": "Tell", "ansible.builtin.set_fact": {"told": "{{ mak }}", "cacheable": True}}],
        }
    ]
    found = trace(lab, leak, {"mak": MAK}).leaks()
    places = {entry.split(":")[0].split("/")[0] for entry in found}
    assert {"output", "log", "results", "facts"} <= places
    assert all(MAK not in entry for entry in found)
