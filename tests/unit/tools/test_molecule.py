# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Molecule scenarios: each role and each playbook of a workflow has one, and two of them can run at the same time.

The inventory is written by hand, for people to read; it names the machines of the estate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
import yaml

from project import FQCN, ROOT
from winlab.simulation.estate import load_estate

MOLECULE = ROOT / "extensions" / "molecule"
SCENARIOS = sorted(path.parent.name for path in MOLECULE.glob("*/molecule.yml") if path.parent.name != "default")
OF_WORKFLOWS = (
    "activation_check",
    "activation_merge",
    "activation_report",
    "convert_to_kms",
    "kms_failover",
    "kms_to_adba",
    "proxy_collect",
    "proxy_deposit",
    "proxy_request",
)
"""Playbooks that are nodes of the workflows for AWX."""
READERS = {"activation_check", "activation_merge", "activation_report"}
"""Scenarios that change nothing on a machine, so that they can have the same machines."""


def load(path: Path) -> object:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def values(node: object) -> Iterator[str]:
    """All texts of a playbook but the names of plays and tasks."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "name":
                yield from values(value)
    elif isinstance(node, list):
        for value in node:
            yield from values(value)
    else:
        yield str(node)


def machines_of(scenario: str) -> set[str]:
    """The machines of the inventory that the playbooks of a scenario name, also by their group."""
    groups = yaml.safe_load((MOLECULE / "inventory.yml").read_text(encoding="utf-8"))["all"]["children"]
    found: set[str] = set()
    for path in (MOLECULE / scenario / "prepare.yml", MOLECULE / scenario / "converge.yml"):
        words = {word for text in values(load(path) if path.exists() else []) for word in re.split(r"[:,/\s]+", text)}
        found |= {name for group, content in groups.items() for name in content["hosts"] if {group, name} & words}
    return found


def test_every_role_has_a_scenario_of_its_name() -> None:
    assert sorted(path.name for path in (ROOT / "roles").iterdir() if path.name not in SCENARIOS) == []


def test_every_playbook_of_a_workflow_is_run_by_a_scenario() -> None:
    plays = [play for name in SCENARIOS for play in yaml.safe_load((MOLECULE / name / "converge.yml").read_text(encoding="utf-8"))]
    imported = {play.get("ansible.builtin.import_playbook", "").removeprefix(f"{FQCN}.") for play in plays}
    assert sorted(set(OF_WORKFLOWS) - imported) == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_converges_twice_and_is_verified(name: str) -> None:
    usual = yaml.safe_load((MOLECULE / "config.yml").read_text(encoding="utf-8"))["scenario"]["test_sequence"]
    scenario = yaml.safe_load((MOLECULE / name / "molecule.yml").read_text(encoding="utf-8"))["scenario"]
    assert scenario["name"] == name
    sequence = scenario.get("test_sequence", usual)
    assert sequence[-3:] == ["converge", "idempotence", "verify"]
    assert ("prepare" in sequence) is (MOLECULE / name / "prepare.yml").exists()
    assert (MOLECULE / name / "tests" / f"test_{name}.py").exists()


def test_verifications_do_not_use_the_collection() -> None:
    files = [*MOLECULE.glob("*.py"), *MOLECULE.glob("*/tests/*.py")]
    assert len(files) > len(SCENARIOS)
    assert [path.name for path in files if "ansible_collections" in path.read_text(encoding="utf-8")] == []


def test_two_scenarios_at_the_same_time_do_not_change_the_same_machine() -> None:
    found = {name: machines_of(name) for name in SCENARIOS}
    assert {name for name, machines in found.items() if not machines} == {"controller_content"}
    shared = [(one, other) for one, other in combinations(SCENARIOS, 2) if found[one] & found[other] and not {one, other} <= READERS]
    assert shared == []


def test_the_list_of_scenarios_in_the_documentation_is_complete() -> None:
    (line,) = (line for line in (ROOT / "TESTING.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `molecule` |"))
    assert [name for name in SCENARIOS if f"`{name}`" not in line] == []


def test_the_inventory_names_the_machines_of_the_estate_in_their_groups() -> None:
    inventory = yaml.safe_load((ROOT / "extensions" / "molecule" / "inventory.yml").read_text(encoding="utf-8"))["all"]
    written = {
        (group, name, host["ansible_host"]) for group, content in inventory["children"].items() for name, host in content["hosts"].items()
    }
    estate = load_estate(ROOT / "tests" / "lab" / "estates" / "molecule.yml")
    simulated = {(tag, machine.name, machine.address) for machine in estate.machines.values() for tag in machine.tags}
    assert written == simulated


def test_the_account_of_the_inventory_is_one_of_the_estate() -> None:
    variables = yaml.safe_load((ROOT / "extensions" / "molecule" / "inventory.yml").read_text(encoding="utf-8"))["all"]["vars"]
    estate = load_estate(ROOT / "tests" / "lab" / "estates" / "molecule.yml")
    accounts = [machine.accounts for machine in estate.machines.values()]
    assert all(account[variables["ansible_user"]].password == variables["ansible_password"] for account in accounts)
