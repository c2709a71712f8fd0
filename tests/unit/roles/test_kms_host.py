# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role is the module under other names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.winops.volume_activation.plugins.modules import kms_host
from documented_options import options_of
from published import readme_before_facts

ROLE = Path(__file__).parents[3] / "roles" / "kms_host"
PREFIX = "kms_host_"
OPTIONS = options_of(kms_host.DOCUMENTATION)


def load(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


SPECS: dict[str, dict[str, Any]] = load("meta/argument_specs.yml")["argument_specs"]["main"]["options"]


def shape(option: Mapping[str, Any], below: str) -> dict[str, Any]:
    """What has to be the same of an option in both places."""
    fields = {name: option.get(name) for name in ("type", "choices", "elements", "required", "default")}
    return {**fields, "options": {name: shape(inner, below) for name, inner in option.get(below, {}).items()}}


def test_every_option_of_the_module_is_a_variable_of_the_role_with_its_suboptions() -> None:
    assert sorted(SPECS) == sorted(f"{PREFIX}{name}" for name in OPTIONS)
    for name, option in OPTIONS.items():
        assert shape(SPECS[f"{PREFIX}{name}"], "options") == shape(option, "suboptions"), name


def test_defaults_are_those_of_the_module() -> None:
    expected = {f"{PREFIX}{name}": option["default"] for name, option in OPTIONS.items() if "default" in option}
    assert load("defaults/main.yml") == expected


def test_the_key_is_the_only_secret() -> None:
    assert not any(spec.get("no_log") for spec in SPECS.values())
    inner = SPECS[f"{PREFIX}host_keys"]["options"]
    assert [name for name, spec in inner.items() if spec.get("no_log")] == ["product_key"]


def test_the_task_passes_every_variable_on_and_leaves_out_what_is_not_set() -> None:
    ((task,),) = (block["block"] for block in load("tasks/main.yml") if "block" in block)
    passed = task["winops.volume_activation.kms_host"]
    assert [f"{PREFIX}{name}" for name in passed] == list(SPECS)
    for name, value in passed.items():
        omitted = "" if f"{PREFIX}{name}" in load("defaults/main.yml") else " | default(omit)"
        assert value == f"{{{{ {PREFIX}{name}{omitted} }}}}"


def test_the_readme_lists_every_variable_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(kms_host_\w+)` \| (.+?) \|", readme_before_facts(ROLE), re.MULTILINE))
    assert list(rows) == list(SPECS)
    for name, spec in SPECS.items():
        default = spec.get("default")
        assert rows[name] == ("not set" if default is None else f"`{str(default).lower()}`"), name
