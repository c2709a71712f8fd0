# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module is documented in the same way, and ansible-doc prints it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from .documented_modules import (
    ALL_MODULES,
    CONTROLLER_MODULES,
    MODULES,
    ONCE_FOR_A_PLAY,
    PYTHON_MODULES,
    ROOT,
    as_list,
    leaves,
    options_of,
)

TYPES = ("str", "int", "bool", "list", "dict", "path")


@pytest.mark.parametrize("name", ALL_MODULES)
def test_every_option_and_every_returned_field_is_described_and_typed(name: str) -> None:
    module = ALL_MODULES[name]
    for option, described in options_of(module).items():
        assert all(sentence.endswith(".") for sentence in as_list(described["description"])), option
        assert described["type"] in TYPES, option
    returned = yaml.safe_load(module.RETURN)
    assert all("returned" in field for field in returned.values())
    for path, field in leaves(returned):
        assert {"description", "type"} <= set(field), path
        assert "contains" in field or "sample" in field or field["type"] == "dict", path


@pytest.mark.parametrize("path", sorted((ROOT / "plugins" / "filter").glob("*.yml")), ids=lambda path: path.stem)
def test_every_filter_says_since_when_it_exists(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["DOCUMENTATION"]["version_added"]


@pytest.mark.parametrize("name", ALL_MODULES)
def test_every_module_says_since_when_it_exists(name: str) -> None:
    assert yaml.safe_load(ALL_MODULES[name].DOCUMENTATION)["version_added"]


def test_every_module_has_an_action_plugin() -> None:
    assert {path.stem for path in (ROOT / "plugins" / "action").glob("*.py")} == set(ALL_MODULES)


def test_ansible_doc_prints_every_module_without_a_warning(printed: Mapping[str, Any]) -> None:
    assert all(page["examples"] and page["return"] for page in printed.values())
    for name in MODULES:
        assert "become" in " ".join(printed[name]["doc"]["notes"])
        assert printed[name]["doc"]["attributes"]["async"]["support"] == "none"
    for name in CONTROLLER_MODULES:
        assert printed[name]["doc"]["attributes"]["bypass_host_loop"]["support"] == ("full" if name in ONCE_FOR_A_PLAY else "none")
    for name in PYTHON_MODULES | CONTROLLER_MODULES:
        assert printed[name]["doc"]["attributes"]["platform"]["platforms"] == "posix"
        assert {"check_mode", "diff_mode", "idempotent"} <= set(printed[name]["doc"]["attributes"])
