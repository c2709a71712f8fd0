# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role is the module under other names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.winops.volume_activation.plugins.modules import kms_client
from documented_options import options_of
from published import readme_before_facts

ROLE = Path(__file__).parents[3] / "roles" / "kms_client"
PREFIX = "kms_client_"
COMPUTED = ("application", "products", "remove_leftover_keys", "kms_host_info")
"""Options that a playbook can pass in private variables, which have precedence over those of the role."""

OPTIONS = options_of(kms_client.DOCUMENTATION)


def load(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


SPECS: dict[str, dict[str, Any]] = load("meta/argument_specs.yml")["argument_specs"]["main"]["options"]


def test_every_option_of_the_module_is_a_variable_of_the_role() -> None:
    assert sorted(SPECS) == sorted(f"{PREFIX}{name}" for name in OPTIONS)
    for name, option in OPTIONS.items():
        spec = SPECS[f"{PREFIX}{name}"]
        assert (spec["type"], spec.get("choices")) == (option["type"], option.get("choices")), name


def test_defaults_are_those_of_the_module_except_for_the_key() -> None:
    """ansible-core 2.22 would hide the default of a no_log variable, here the word auto, wherever it occurs."""
    expected = {f"{PREFIX}{name}": option["default"] for name, option in OPTIONS.items() if "default" in option and name != "product_key"}
    assert load("defaults/main.yml") == expected
    assert {name: spec["default"] for name, spec in SPECS.items() if "default" in spec} == expected


def test_the_keys_are_the_only_secrets() -> None:
    assert [name for name, spec in SPECS.items() if spec.get("no_log")] == [f"{PREFIX}product_key", f"{PREFIX}fallback_key"]


def test_the_task_passes_every_variable_on_and_leaves_out_what_is_not_set() -> None:
    ((task,),) = (block["block"] for block in load("tasks/main.yml") if "block" in block)
    passed = task["winops.volume_activation.kms_client"]
    assert sorted(passed) == sorted(OPTIONS)
    for name, value in passed.items():
        omitted = "" if f"{PREFIX}{name}" in load("defaults/main.yml") else " | default(omit)"
        given = f"default({PREFIX}{name}){omitted}" if name in COMPUTED else ""
        assert value == (f"{{{{ __{PREFIX}in_{name} | {given} }}}}" if given else f"{{{{ {PREFIX}{name}{omitted} }}}}")


def test_the_readme_lists_every_variable_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(kms_client_\w+)` \| (.+?) \|", readme_before_facts(ROLE), re.MULTILINE))
    assert list(rows) == list(SPECS)
    for name, spec in SPECS.items():
        default = spec.get("default")
        text = "not set" if default is None else f"`{str(default).lower()}`"
        assert rows[name] == text, name
