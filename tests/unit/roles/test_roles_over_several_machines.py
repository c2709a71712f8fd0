# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles for failover and key rotation: specs, defaults, README and playbooks agree, and nothing is hidden or made up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.winops.volume_activation.plugins.module_utils._dns.arguments import SRV_RECORD
from published import readme_before_facts

ROOT = Path(__file__).parents[3]
FQCN = "winops.volume_activation"
FIRST = {"kms_failover": "replacement", "kms_key_rotation": "host"}
PUBLISHED = {"kms_failover": {"pending", "report"}, "kms_key_rotation": set[str]()}
"""What the entry points leave for the user."""


def load(role: str, path: str) -> Any:
    return yaml.safe_load((ROOT / "roles" / role / path).read_text(encoding="utf-8"))


def specs(role: str) -> dict[str, dict[str, Any]]:
    return {name: entry["options"] for name, entry in load(role, "meta/argument_specs.yml")["argument_specs"].items()}


def text_of(role: str) -> str:
    files = [*(ROOT / "roles" / role / "tasks").glob("*.yml"), ROOT / "roles" / role / "vars" / "main.yml"]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def imports(role: str) -> Iterator[dict[str, Any]]:
    for play in yaml.safe_load((ROOT / "playbooks" / f"{role}.yml").read_text(encoding="utf-8")):
        for task in play["tasks"]:
            if "ansible.builtin.import_role" in task:
                yield task["ansible.builtin.import_role"]


@pytest.mark.parametrize("role", FIRST)
def test_every_entry_point_has_a_spec_and_the_playbook_calls_it(role: str) -> None:
    entries = set(specs(role))
    assert all((ROOT / "roles" / role / "tasks" / f"{entry}.yml").is_file() for entry in entries)
    called = list(imports(role))
    # The playbook publishes the outcome between the two parts of the entry point report.
    parts = {"compile": "report", "ending": "report"}
    assert {parts.get(found["tasks_from"], found["tasks_from"]) for found in called} == entries
    assert {found["name"] for found in called} == {f"{FQCN}.{role}"}


@pytest.mark.parametrize("role", FIRST)
def test_the_first_entry_point_checks_all_variables_before_anything_is_touched(role: str) -> None:
    found, called = specs(role), next(imports(role))
    assert called["tasks_from"] == FIRST[role]
    assert (
        f"query('{FQCN}.invalid_variables', '{role}', '{FIRST[role]}')"
        in (ROOT / "roles" / role / "tasks" / f"{FIRST[role]}.yml").read_text()
    )
    for entry, options in found.items():
        assert options.items() <= found[FIRST[role]].items(), entry


@pytest.mark.parametrize("role", FIRST)
def test_defaults_are_those_of_the_specs(role: str) -> None:
    expected = {name: option["default"] for name, option in specs(role)[FIRST[role]].items() if "default" in option}
    assert load(role, "defaults/main.yml") == expected


@pytest.mark.parametrize("role", FIRST)
def test_only_keys_are_secret_and_they_all_are(role: str) -> None:
    options = specs(role)[FIRST[role]]
    assert [name for name, option in options.items() if option.get("no_log")] == [f"{role}_host_keys"]


def test_the_options_for_dns_are_those_of_the_module_and_its_secrets_are_secrets() -> None:
    options = specs("kms_failover")["replacement"]["kms_failover_dns"]["options"]
    assert set(options) == set(SRV_RECORD) - {"domains", "records", "state", "exclusive", "refresh", "mode"}
    assert {name for name, option in options.items() if option.get("no_log")} == {"key_secret", "password"}


@pytest.mark.parametrize("role", FIRST)
def test_every_variable_the_tasks_use_is_documented_or_left_by_a_task(role: str) -> None:
    used = set(re.findall(rf"(?<!_)\b{role}_\w+", text_of(role)))
    known = set(specs(role)[FIRST[role]]) | {f"{role}_{name}" for name in PUBLISHED[role]}
    assert used - known == set()
    assert set(specs(role)[FIRST[role]]) <= used


@pytest.mark.parametrize("role", FIRST)
def test_the_readme_lists_every_variable_with_its_default(role: str) -> None:
    rows = dict(re.findall(rf"^\| `({role}_\w+)` \| (.+?) \|", readme_before_facts(ROOT / "roles" / role), re.MULTILINE))
    options = specs(role)[FIRST[role]]
    assert list(rows) == list(options)
    for name, option in options.items():
        default = option.get("default")
        shown = default if isinstance(default, str) else str(default).lower()
        text = "required" if option.get("required") else "not set" if default is None else f"`{shown}`"
        assert rows[name] == text, name


@pytest.mark.parametrize("role", FIRST)
def test_a_role_that_is_taken_whole_says_what_to_do_instead_of_nothing(role: str) -> None:
    (task,) = load(role, "tasks/main.yml")
    assert f"{FQCN}.{role}" in task["ansible.builtin.fail"]["msg"]
    assert "main" not in specs(role)


@pytest.mark.parametrize("role", FIRST)
def test_no_playbook_asks_a_person_anything(role: str) -> None:
    plays = yaml.safe_load((ROOT / "playbooks" / f"{role}.yml").read_text(encoding="utf-8"))
    assert not any("vars_prompt" in play for play in plays)
    assert "ansible.builtin.pause" not in text_of(role)
