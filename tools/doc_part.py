# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shared part of the documentation of modules, and the parameters with which one module changes it.

A part is a file of doc_parts with the keys

- `name`: the name of the field, if it differs from the name of the file.
- `field`: one returned field or option. In its descriptions `{word}` is a placeholder.
- `parameters`: the defaults for modules that do not set a parameter.

A parameter is a path in the field, a dot, and the key to set. Without a path, it applies to the field itself:

- `also` adds a sentence to the description, or a list of paragraphs.
- `description`, `returned`, and `sample` replace the value of the part.
- Any other name fills the placeholder of this name. A list of words becomes "V(a), V(b), and V(c)".

Three parameters are lists of paths: `without` removes fields, `only` removes all other fields, and `always_null` is
for fields that are always null in this module. `samples` contains several samples by their paths.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from project import ROOT, ToolError

PARTS = ROOT / "tools" / "doc_parts"
MODULES = ROOT / "plugins" / "modules"
WITHIN = "contains"
SEVERAL = ("without", "only", "always_null", "samples")
REPLACED = ("description", "returned", "sample")
ORDER = ("description", "returned", "type", "elements", "required", "choices", "default", WITHIN, "sample")
COPIED = ("type", "elements", "required", "choices", "default")

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def part_of(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part with the parameters of one module, by the name of its field. Raises ToolError for an invalid parameter."""
    path = PARTS / f"{name}.yml"
    if not path.is_file():
        raise ToolError(f"part {name} does not exist")
    source = yaml.safe_load(path.read_text(encoding="utf-8"))
    field = copy.deepcopy(source["field"])
    _leave_out(field, given)
    defaults = {key: value for key, value in source.get("parameters", {}).items() if _has(field, key.rpartition(".")[0])}
    settings = {key: value for key, value in given.items() if key not in SEVERAL}
    settings |= {f"{path}.sample": sample for path, sample in given.get("samples", {}).items()}
    _set(field, defaults | settings, frozenset(settings))
    for path in given.get("always_null", ()):
        null = _at(field, path)
        null.update(description="Always V(null) here.", sample=None)
        null.pop(WITHIN, None)
    return {source.get("name", name): _in_order(field)}


def options_of(module: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a module with types, choices, and defaults, and one description in which `{name}` is the option."""
    options = documentation_of(MODULES / f"{module}.py")["options"]
    return {
        name: {"description": given["description"].replace("{name}", name), **{key: option[key] for key in COPIED if key in option}}
        for name, option in options.items()
    }


def documentation_of(module: Path) -> dict[str, Any]:
    """Return DOCUMENTATION of a module without importing the module."""
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "DOCUMENTATION":
            documentation: dict[str, Any] = yaml.safe_load(ast.literal_eval(node.value))
            return documentation
    raise ToolError(f"{module.name} has no DOCUMENTATION")


def _leave_out(field: dict[str, Any], given: Mapping[str, Any]) -> None:
    for path in given.get("without", ()):
        parent, _dot, name = path.rpartition(".")
        _at(field, path)
        del _at(field, parent)[WITHIN][name]
    if "only" in given:
        kept = [name for name in given["only"] if _at(field, name)]
        field[WITHIN] = {name: inner for name, inner in field[WITHIN].items() if name in kept}


def _set(field: dict[str, Any], parameters: Mapping[str, Any], given: frozenset[str]) -> None:
    """Set the parameters. Raises ToolError if a parameter of the module has no effect."""
    words: dict[str, dict[str, Any]] = {}
    for key, value in parameters.items():
        path, _dot, what = key.rpartition(".")
        within = _at(field, path)
        if what in REPLACED:
            within[what] = value
        elif what != "also":
            words.setdefault(path, {})[what] = value
    for path, described in _fields(field):
        filled = [_filled(sentence, words.get(path, {})) for sentence in _listed(described["description"])]
        unused = [f"{path}.{name}".lstrip(".") for name in words.get(path, {}) if not _is_in(described["description"], name)]
        wrong = [key for key in unused if key in given]
        if wrong:
            raise ToolError(f"no placeholder for {', '.join(wrong)}")
        also = parameters.get(f"{path}.also".lstrip("."), [])
        paragraphs = [*filled, *also] if isinstance(also, list) else [*filled[:-1], f"{filled[-1]} {also}"]
        described["description"] = paragraphs[0] if len(paragraphs) == 1 else paragraphs


def _is_in(description: str | list[str], name: str) -> bool:
    return any(f"{{{name}}}" in sentence for sentence in _listed(description))


def _filled(sentence: str, words: Mapping[str, Any]) -> str:
    missing = [name for name in _PLACEHOLDER.findall(sentence) if name not in words]
    if missing:
        raise ToolError(f"{', '.join(missing)} is missing for: {sentence}")
    return _PLACEHOLDER.sub(lambda found: _joined(words[found[1]]), sentence)


def _joined(value: str | list[str]) -> str:
    if isinstance(value, str):
        return value
    *first, last = [f"V({word})" for word in value]
    return f"{', '.join(first)}{',' if len(first) > 1 else ''} and {last}" if first else last


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _fields(field: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, field
    for name, inner in field.get(WITHIN, {}).items():
        yield from _fields(inner, f"{path}.{name}".lstrip("."))


def _has(field: dict[str, Any], path: str) -> bool:
    return path in dict(_fields(field))


def _at(field: dict[str, Any], path: str) -> dict[str, Any]:
    if not _has(field, path):
        raise ToolError(f"field {path} does not exist")
    return dict(_fields(field))[path]


def _in_order(field: Mapping[str, Any]) -> dict[str, Any]:
    ordered = {key: field[key] for key in sorted(field, key=ORDER.index)}
    if WITHIN in ordered:
        ordered[WITHIN] = {name: _in_order(inner) for name, inner in ordered[WITHIN].items()}
    return ordered
