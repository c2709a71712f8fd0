# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each task of the role, and each field of an object, is an option of its module in awx.awx."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import controller_modules
from controller_data import objects_of
from project import ROOT

TASKS = ROOT / "roles" / "controller_content" / "tasks"
MODULE = re.compile(r"\{\{ __controller_content_modules\['(\w+)'\] \}\}")
MODULES = {
    "labels": "label", "credential_types": "credential_type", "execution_environments": "execution_environment", "projects": "project",
    "inventories": "inventory", "inventory_sources": "inventory_source", "notifications": "notification_template",
    "templates": "job_template", "schedules": "schedule", "teams": "team", "roles": "role", "organizations": "organization",
}  # fmt: skip
SITE = {
    "project": "",
    "project_url": "https://git.example.com/x.git",
    "execution_environment_image": "quay.example.com/x:1",
    "inventory_source_path": "inventory.yml",
    "instance_groups": ["default"],
    "verbosity": 1,
    "notification": {
        "notification_type": "webhook",
        "notification_configuration": {"url": "https://hooks.example.com/activation", "http_method": "POST", "headers": {}},
    },
}


@pytest.fixture(scope="module")
def folder() -> Path:
    missing = controller_modules.why_missing()
    if missing:
        pytest.skip(missing)
    return controller_modules.FOLDER / "ansible_collections" / "awx" / "awx" / "plugins" / "modules"


def options_of(folder: Path, module: str) -> dict[str, dict[str, Any]]:
    """The argument specification of a module: options, also by their aliases, with their types and choices."""
    tree = ast.parse((folder / f"{module}.py").read_text(encoding="utf-8"))
    calls = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "argument_spec" and isinstance(node.value, ast.Call)
    ]
    found: dict[str, dict[str, Any]] = {}
    for keyword in (keyword for call in calls for keyword in call.keywords):
        assert isinstance(keyword.value, ast.Call)
        spec = {each.arg: _literal(each.value) for each in keyword.value.keywords}
        found |= dict.fromkeys([str(keyword.arg), *(spec.get("aliases") or [])], spec)
    return found


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def tasks() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each task that runs a module of awx.awx, with the name of the module."""
    for path in TASKS.glob("present.yml"):
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        for task in [inner for entry in entries for inner in entry.get("block", [entry])]:
            if "action" in task:
                match = MODULE.fullmatch(task["action"])
                assert match, task["action"]
                yield match[1], task["args"]


def test_all_modules_of_the_role_are_seen() -> None:
    """Otherwise the tests below could not fail."""
    assert {module for module, _args in tasks()} == {*MODULES.values(), "credential", "workflow_job_template", "workflow_job_template_node"}


def test_each_argument_of_a_task_is_an_option_of_its_module(folder: Path) -> None:
    for module, arguments in tasks():
        assert set(arguments) - set(options_of(folder, module)) == set(), module


@pytest.mark.parametrize(("kind", "module"), MODULES.items())
def test_each_field_of_an_object_is_an_option_that_the_task_passes(folder: Path, kind: str, module: str) -> None:
    specification = options_of(folder, module)
    (passed,) = [arguments for name, arguments in tasks() if name == module]
    for each in objects_of(SITE)[kind]:
        assert set(each) - set(passed) == set()
        for name, value in each.items():
            choices = specification[name].get("choices")
            assert not choices or value in choices, (name, value)
            assert specification[name].get("type") != "bool" or isinstance(value, bool), name


def test_each_field_of_a_node_is_an_option_that_the_tasks_pass(folder: Path) -> None:
    passed = {name for module, arguments in tasks() if module == "workflow_job_template_node" for name in arguments}
    known = set(options_of(folder, "workflow_job_template_node"))
    for workflow in objects_of(SITE)["workflows"]:
        (task, *_others) = [arguments for module, arguments in tasks() if module == "workflow_job_template"]
        assert set(workflow) - set(task) == {"simplified_workflow_nodes"}
        for node in workflow["simplified_workflow_nodes"]:
            assert set(node) <= passed & known
