# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action group has the modules that take its options, and no other: Ansible passes defaults of a group to all of its modules."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
import yaml

import documented_options

ROOT = Path(__file__).parents[3]
FQCN = documented_options.COLLECTION
GROUPS: dict[str, list[str]] = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_module_defaults.rst").read_text(encoding="utf-8")
DOCUMENTATION = {
    path.stem: import_module(f"ansible_collections.{FQCN}.plugins.modules.{path.stem}").DOCUMENTATION
    for path in sorted((ROOT / "plugins" / "modules").glob("*.py"))
}
OPTIONS = {name: documented_options.options_of(text) for name, text in DOCUMENTATION.items()}


def shared(group: str) -> set[str]:
    """The options that every module of a group takes."""
    return set.intersection(*(set(OPTIONS[module]) for module in GROUPS[group]))


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_has_options_and_every_module_that_takes_them_all(group: str) -> None:
    assert shared(group)
    assert GROUPS[group] == sorted(name for name, options in OPTIONS.items() if shared(group) <= set(options))


@pytest.mark.parametrize("group", GROUPS)
def test_an_option_of_a_group_has_one_type_and_the_same_values_in_all_modules(group: str) -> None:
    for option in shared(group):
        kinds = [{key: OPTIONS[name][option].get(key) for key in ("type", "elements", "choices")} for name in GROUPS[group]]
        assert all(kind == kinds[0] for kind in kinds), option


@pytest.mark.parametrize("module", DOCUMENTATION)
def test_a_module_documents_its_groups(module: str) -> None:
    parsed = yaml.safe_load(DOCUMENTATION[module])
    attributes = parsed.get("attributes", {})
    for name in parsed["extends_documentation_fragment"]:
        file, _dot, part = name.removeprefix(f"{FQCN}.").partition(".")
        fragment = import_module(f"ansible_collections.{FQCN}.plugins.doc_fragments.{file}").ModuleDocFragment
        given = yaml.safe_load(getattr(fragment, (part or "documentation").upper())).get("attributes", {})
        attributes = {**given, **attributes}
    documented = attributes.get("action_group", {"membership": []})["membership"]
    assert sorted(documented) == [f"{FQCN}.{group}" for group in GROUPS if module in GROUPS[group]]


def test_the_guide_names_the_modules_and_the_options_of_each_group() -> None:
    rows = re.findall(r"^   \* - ``(\w+)``\n     - (.+)\n     - (.+(?:\n       .+)*)$", GUIDE, re.MULTILINE)
    named = {group: (re.findall(r"``(\w+)``", modules), set(re.findall(r"``(\w+)``", options))) for group, modules, options in rows}
    assert named == {group: (modules, shared(group)) for group, modules in GROUPS.items()}
