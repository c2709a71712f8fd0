# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""meta/playbook_specs.yml describes each playbook as it is. test_variable_names compares the names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from published import load

ROOT = Path(__file__).parents[3]
SPECS: dict[str, Any] = load(ROOT / "meta" / "playbook_specs.yml")["playbook_specs"]
TYPES = {"str", "list", "dict", "bool", "int", "float", "path", "raw"}
_FIRST_SET = re.compile(r"\[(\w+) \| default\(''\), (\d+)\] \| reject")
_DEFAULT = re.compile(r"(\w+) \| default\('?(\w+)'?, true\)")
NOT_A_DEFAULT = {"none", "omit", "false"}


def text_of(playbook: str) -> str:
    return (ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8")


def test_every_playbook_has_a_specification() -> None:
    assert set(SPECS) == {path.stem for path in (ROOT / "playbooks").glob("*.yml")}


@pytest.mark.parametrize("playbook", SPECS)
def test_a_specification_has_the_form_of_an_argument_specification(playbook: str) -> None:
    assert set(SPECS[playbook]) == {"short_description", "roles", "options"}
    for name, option in SPECS[playbook]["options"].items():
        assert set(option) <= {"description", "type", "elements", "default", "required", "choices"}, name
        assert option["type"] in TYPES
        assert ("elements" in option) == (option["type"] == "list")
        assert all(sentence.endswith(".") for sentence in option["description"])


@pytest.mark.parametrize("playbook", SPECS)
def test_a_specification_names_entry_points_with_options(playbook: str) -> None:
    for role, entries in SPECS[playbook]["roles"].items():
        described = load(ROOT / "roles" / role / "meta" / "argument_specs.yml")["argument_specs"]
        assert all(described[entry].get("options") for entry in entries)


@pytest.mark.parametrize("playbook", SPECS)
def test_a_default_of_a_specification_is_that_of_the_playbook(playbook: str) -> None:
    used = dict(_FIRST_SET.findall(text_of(playbook))) | {
        name: value for name, value in _DEFAULT.findall(text_of(playbook)) if value not in NOT_A_DEFAULT
    }
    for name, value in used.items():
        if name in SPECS[playbook]["options"]:
            assert str(SPECS[playbook]["options"][name].get("default")).lower() == value.lower(), name


def test_the_defaults_of_playbooks_are_found() -> None:
    """Otherwise the test above could not fail."""
    assert dict(_FIRST_SET.findall(text_of("convert_to_kms")))["convert_to_kms_serial"] == "50"
    assert dict(_DEFAULT.findall(text_of("activation_check")))["activation_check_hosts"] == "windows"
