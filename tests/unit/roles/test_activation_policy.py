# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role is the module under other names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.winops.volume_activation.plugins.modules import activation_policy

ROLE = Path(__file__).parents[3] / "roles" / "activation_policy"
PREFIX = "activation_policy_"
OPTIONS: dict[str, dict[str, Any]] = yaml.safe_load(activation_policy.DOCUMENTATION)["options"]
DEFAULTS = {f"{PREFIX}{name}": option["default"] for name, option in OPTIONS.items() if "default" in option}


def load(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


def test_every_option_of_the_module_is_a_variable_of_the_role_with_its_default() -> None:
    specs = load("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    assert {name: spec["default"] for name, spec in specs.items() if "default" in spec} == load("defaults/main.yml") == DEFAULTS
    for name, option in OPTIONS.items():
        spec = specs[f"{PREFIX}{name}"]
        assert (spec["type"], spec.get("choices")) == (option["type"], option.get("choices")), name


def test_the_task_passes_every_variable_on() -> None:
    ((task,),) = (block["block"] for block in load("tasks/main.yml") if "block" in block)
    passed = {name: f"{PREFIX}{name}" if f"{PREFIX}{name}" in DEFAULTS else f"{PREFIX}{name} | default(omit)" for name in OPTIONS}
    assert task["winops.volume_activation.activation_policy"] == {name: f"{{{{ {value} }}}}" for name, value in passed.items()}


def test_the_readme_lists_every_variable_with_its_default() -> None:
    text = (ROLE / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(rf"^\| `({PREFIX}\w+)` \| (not set|`\w+`) \|", text, re.MULTILINE))
    assert listed == {
        **dict.fromkeys((f"{PREFIX}{name}" for name in OPTIONS), "not set"),
        **{name: f"`{value}`" for name, value in DEFAULTS.items()},
    }
