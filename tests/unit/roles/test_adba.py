# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role for Active Directory-based activation: specification, defaults, README, tasks, and playbook agree, and checking comes first."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.modules import adba_object_info
from documented_options import options_of
from published import readme_before_facts

ROOT = Path(__file__).parents[3]
ROLE = ROOT / "roles" / "adba"
FQCN = "winops.volume_activation"
ENTRIES = ["check", "create", "convert", "report"]


def load(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


SPECS: dict[str, dict[str, Any]] = {name: entry["options"] for name, entry in load("meta/argument_specs.yml")["argument_specs"].items()}


def tasks_with(file: str, module: str) -> list[dict[str, Any]]:
    tasks = [inner for task in load(f"tasks/{file}.yml") for inner in task.get("block", [task])]
    return [task for task in tasks if f"{FQCN}.{module}" in task]


def test_the_whole_role_runs_its_entry_points_in_order() -> None:
    assert [task["ansible.builtin.import_tasks"] for task in load("tasks/main.yml")] == [f"{name}.yml" for name in ENTRIES]
    assert set(SPECS) == {"main", *ENTRIES}
    for entry in ENTRIES:
        assert SPECS[entry].items() <= SPECS["main"].items()


def test_defaults_are_those_of_the_specification() -> None:
    assert load("defaults/main.yml") == {name: spec["default"] for name, spec in SPECS["main"].items() if "default" in spec}


def test_the_readme_lists_every_variable_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(adba_\w+)` \| (.+?) \|", readme_before_facts(ROLE), re.MULTILINE))
    assert list(rows) == list(SPECS["main"])
    for name, spec in SPECS["main"].items():
        default = spec.get("default")
        shown = default if isinstance(default, str) else str(default).lower()
        assert rows[name] == ("not set" if default is None else f"`{shown}`"), name


@pytest.mark.parametrize(("file", "module"), [("objects", "adba_object_info"), ("object", "adba_object")])
def test_every_option_of_the_directory_is_passed_on(file: str, module: str) -> None:
    """Otherwise the role would use another connection than the module that a user tried before."""
    described = set(options_of(adba_object_info.DOCUMENTATION)) - {"csvlk_products"}
    given = SPECS["main"]["adba_directory"]["options"]
    assert set(given) == described
    (task,) = tasks_with(file, module)
    passed = task[f"{FQCN}.{module}"]
    assert {name: re.sub(r" \| default\(omit(, true)?\)", "", passed[name]) for name in described} == {
        name: f"{{{{ __adba_directory.{name} }}}}" for name in described
    }
    assert {name for name, spec in given.items() if spec.get("no_log")} == {"password"}


def test_machines_are_read_and_stop_nobody_before_one_is_changed() -> None:
    (check,), (convert,) = tasks_with("check", "activation_check"), tasks_with("convert", "kms_client")[:1]
    assert (check["vars"], check[f"{FQCN}.activation_check"]["fail_on"]) == ({"__volume_activation_collect": True}, [])
    assert convert["when"] == "__adba_decision.status == 'ready'"
    assert convert[f"{FQCN}.kms_client"]["activation_type"] == "ad"


def test_the_object_is_predicted_before_and_created_after_all_machines_were_checked() -> None:
    (task,) = tasks_with("object", "adba_object")
    assert (task["run_once"], task["check_mode"]) == (True, "{{ __adba_is_forecast or ansible_check_mode }}")
    (create,) = load("tasks/create.yml")
    assert "not __adba_plan.stopped" in create["when"]


@pytest.mark.parametrize("place", [1, 2, 3])
def test_the_playbook_checks_all_moves_in_batches_and_reports_all(place: int) -> None:
    plays = yaml.safe_load((ROOT / "playbooks" / "kms_to_adba.yml").read_text(encoding="utf-8"))
    called = [
        task["ansible.builtin.import_role"]["tasks_from"] for task in plays[place - 1]["tasks"] if "ansible.builtin.import_role" in task
    ]
    assert called == [["check", "create"], ["convert"], ["compile"]][place - 1]
    assert ("serial" in plays[place - 1]) == (place == 2)
