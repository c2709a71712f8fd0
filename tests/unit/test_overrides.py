# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide to overrides has every option that overrides a refusal, with the words of the refusals, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

import documented_options

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_overrides.rst").read_text(encoding="utf-8")
SOURCES = [*(ROOT / "plugins").rglob("*.py")]
MODULES = sorted((ROOT / "plugins" / "modules").glob("*.py"))
SPECS = sorted((ROOT / "roles").glob("*/meta/argument_specs.yml"))

_ROW = re.compile(r"^   \* - (?P<option>.+)\n     - (?P<words>.+)\n     - (?P<risk>.+)", re.MULTILINE)
_OPTION = re.compile(r":ansopt:`winops\.volume_activation\.(\w+)#module:(\w+)`|``(\w+)``")
_CLAIM = re.compile(r"\b[Oo]verrides (the error codes? (?:V\(\w+\)(?:, | and )?)+|th(?:is|ese)\b)")
_ADVICE = re.compile(r"""(?:"|, (?:or |and )?)[Ss]et (\w+)(?:: (?:true|false))?(?=[ .,"])""")


def text(description: str | list[str]) -> str:
    return description if isinstance(description, str) else " ".join(description)


def options_of(path: Path) -> dict[str, Mapping[str, Any]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = next(node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DOCUMENTATION")
    return documented_options.options_of(ast.literal_eval(found.value))


def documented() -> Iterator[tuple[str, str]]:
    """Every option and role variable with its description."""
    for path in MODULES:
        for name, option in options_of(path).items():
            yield f"{path.stem}.{name}", text(option["description"])
    for path in SPECS:
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].values():
            for name, option in (entry.get("options") or {}).items():
                yield name, text(option.get("description", ""))


def claims() -> dict[str, set[str]]:
    """What overrides which refusals, by the documentation of the options."""
    found = {name: _CLAIM.search(description) for name, description in documented()}
    return {name: set(re.findall(r"V\((\w+)\)", claim.group(1))) for name, claim in found.items() if claim}


def rows() -> dict[str, set[str]]:
    """The same by the guide."""
    found = {}
    for row in _ROW.finditer(GUIDE):
        option = _OPTION.search(row["option"])
        if option and " of a playbook" not in row["option"]:
            module, name, variable = option.groups()
            found[f"{module}.{name}" if module else variable] = set(re.findall(r"``(\w+)``", row["words"]))
    return found


def test_the_guide_has_the_options_that_say_they_override_and_no_other() -> None:
    assert len(claims()) > 20
    assert rows() == claims()


def test_the_variables_of_playbooks_in_the_guide_are_variables_of_playbooks() -> None:
    named = [_OPTION.search(row["option"]) for row in _ROW.finditer(GUIDE) if " of a playbook" in row["option"]]
    playbooks = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "playbooks").glob("*.yml"))
    assert [found.group(3) for found in named if found and f"_{found.group(3)} |" not in playbooks] == []


def test_every_row_of_the_guide_says_what_is_risked() -> None:
    risks = [row["risk"] for row in _ROW.finditer(GUIDE)]
    assert len(risks) >= len(rows())
    assert all(len(risk) > len("nothing") for risk in risks)


def test_every_refusal_that_an_option_overrides_is_one() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in SOURCES if "modules" not in path.parts)
    words = {word for overridden in claims().values() for word in overridden}
    assert sorted(word for word in words if f'"{word}"' not in code) == []


def test_every_option_that_a_refusal_offers_as_the_way_on_says_that_it_overrides() -> None:
    """A refusal that says "Set lose_activation" names an option of a module. Such an option is in the guide, or says something else.

    A check does not refuse anything, and its next steps name settings."""
    sources = [path for path in SOURCES if {"_licensing", "_jobs"} & set(path.parts) and "activation_check" not in path.parts]
    offered = {name for path in sources for name in _ADVICE.findall(path.read_text(encoding="utf-8"))}
    overriding = {name.partition(".")[2] for name in claims() if "." in name}
    assert {
        "allow_unknown_key",
        "allow_edition_mismatch",
        "check_compatibility",
        "convert_kms_host",
        "rollback",
        "lose_activation",
    } <= offered
    switches = {name for path in MODULES for name, option in options_of(path).items() if option["type"] == "bool"}
    assert sorted((offered & switches) - overriding) == []


def test_losing_an_activation_is_one_option_with_one_wording_in_every_module_that_can() -> None:
    losing = {name: description for name, description in documented() if name.endswith(".lose_activation")}
    assert set(losing) == {
        f"{module}.lose_activation" for module in ("kms_client", "mak_client", "product_key", "kms_host", "rearm", "token_license")
    }
    assert len(set(losing.values())) == 1
    for path in MODULES:
        option = options_of(path).get("lose_activation", {"type": "bool", "default": False})
        assert (option["type"], option["default"]) == ("bool", False)
