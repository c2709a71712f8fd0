# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role variable that is passed on to an option of a module has the default of this option, so that one word does not do two things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from documented_options import COLLECTION, options_of

ROLES = Path(__file__).parents[3] / "roles"
_VARIABLE = re.compile(r"\{\{ (?:__\w+_in_\w+ \| default\()?(?P<name>[a-z]\w*)(?: \| default\(omit\))?\)? \}\}")


def tasks_of(entry: Any) -> Iterator[dict[str, Any]]:
    """Every task in a file, those within blocks too."""
    for task in entry if isinstance(entry, list) else ():
        yield task
        for part in ("block", "rescue", "always"):
            yield from tasks_of(task.get(part))


def passed(role: Path) -> Iterator[tuple[str, str, str]]:
    """The module, the option, and the variable that alone is its value."""
    for path in sorted((role / "tasks").glob("*.yml")):
        for task in tasks_of(yaml.safe_load(path.read_text(encoding="utf-8"))):
            for key, given in task.items():
                if key.startswith(f"{COLLECTION}.") and isinstance(given, dict):
                    for option, value in given.items():
                        found = _VARIABLE.fullmatch(str(value))
                        if found:
                            yield key.rpartition(".")[2], option, found["name"]


@pytest.mark.parametrize("role", sorted(path.name for path in ROLES.iterdir() if (path / "tasks").is_dir()))
def test_a_variable_has_the_default_of_the_option_it_is_passed_to(role: str) -> None:
    defaults = yaml.safe_load((ROLES / role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    differing = []
    for module, option, variable in passed(ROLES / role):
        documentation = import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{module}").DOCUMENTATION
        default = options_of(documentation)[option].get("default")
        if variable in defaults and defaults[variable] != default:
            differing.append((variable, defaults[variable], default))
    assert differing == []
