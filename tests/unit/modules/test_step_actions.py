# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RETURN documents each identifier of a step that a plan of the module can contain, with the steps of a rollback.

The identifiers come from the source: the functions that the job of the module can call, and the literals in them.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

PLUGINS = Path(__file__).parents[3] / "plugins"
JOBS = PLUGINS / "plugin_utils" / "_jobs"
MODULES = (
    "activation_policy",
    "kms_client",
    "kms_event_archive",
    "kms_host",
    "license_file",
    "mak_client",
    "product_key",
    "rearm",
    "token_license",
)
EXTRA_JOBS = {"mak_client": ("server_2003",)}
NEVER = {
    "mak_client": {
        "restore_kms_host", "restart_service", "set_activation_type", "set_host_caching", "set_kms_host", "set_kms_port",
        "set_lookup_domain",
    }
}  # fmt: skip
"""Steps of shared functions that a module does not reach: mak_client only clears KMS settings, and not those of a whole application."""
MAKERS = ("Step", "_step", "_write", "_setting")
"""The calls whose first argument is the identifier of a step."""

Function = tuple[Path, str]


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def functions(file: Path) -> dict[str, ast.AST]:
    """The functions and classes of a file by name."""
    return {node.name: node for node in tree(file).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


@cache
def constants(file: Path) -> dict[str, str]:
    """The text constants of a file by name, with those of a tuple assignment."""
    found = {}
    for node in tree(file).body:
        if isinstance(node, ast.Assign):
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            names = node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else node.targets
            pairs = zip(names, values, strict=False)
            found.update({n.id: v.value for n, v in pairs if isinstance(n, ast.Name) and isinstance(v, ast.Constant)})
    return {name: value for name, value in found.items() if isinstance(value, str)}


@cache
def imports(file: Path) -> dict[str, tuple[Path, str | None]]:
    """The names that a file imports from this collection: a file, and the name in it or None for the file itself."""
    found: dict[str, tuple[Path, str | None]] = {}
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = file.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            for alias in node.names:
                inner = base / f"{alias.name}.py"
                found[alias.asname or alias.name] = (inner, None) if inner.exists() else (base.with_suffix(".py"), alias.name)
    return found


def called(file: Path, node: ast.AST) -> Iterator[Function]:
    """The functions that a piece of code names, in this file or in the files it imports."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and inner.id in functions(file):
            yield file, inner.id
        elif isinstance(inner, ast.Name) and (source := imports(file).get(inner.id)) and source[1] and source[0].exists():
            yield source[0], source[1]
        elif isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            source = imports(file).get(inner.value.id)
            if source and source[1] is None:
                yield source[0], inner.attr


def text_of(file: Path, node: ast.expr) -> Iterator[str]:
    """The texts that an argument can have."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*text_of(file, node.body), *text_of(file, node.orelse))
    elif isinstance(node, ast.Name):
        source = imports(file).get(node.id)
        found = constants(source[0]).get(node.id) if source else constants(file).get(node.id)
        if found:
            yield found


def literals(file: Path, node: ast.AST) -> Iterator[str]:
    """The identifiers of the steps that a piece of code makes."""
    for call in (inner for inner in ast.walk(node) if isinstance(inner, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id in MAKERS and call.args:
            yield from text_of(file, call.args[0])
        for keyword in call.keywords:
            if keyword.arg == "action":
                yield from text_of(file, keyword.value)


def actions_of(module: str) -> set[str]:
    """The identifiers of all steps that the job of a module can make."""
    jobs = (module, *EXTRA_JOBS.get(module, ()))
    waiting = [(file, name) for job in jobs for file in (JOBS / job).glob("*.py") for name in functions(file)]
    seen, found = set(waiting), set()
    while waiting:
        file, name = waiting.pop()
        node = functions(file).get(name)
        if node is None:
            continue
        found |= set(literals(file, node))
        for following in set(called(file, node)) - seen:
            seen.add(following)
            waiting.append(following)
    return found


def documented(module: str) -> str:
    """The documentation of the identifiers, as one text."""
    result = importlib.import_module(f"ansible_collections.winops.volume_activation.plugins.modules.{module}").RETURN
    return str(yaml.safe_load(result)["steps"]["contains"]["action"]["description"])


@pytest.mark.parametrize("module", MODULES)
def test_each_action_of_a_plan_is_in_return(module: str) -> None:
    actions, text = actions_of(module), documented(module)
    assert actions, "the source does not contain any identifier"
    named = set(re.findall(r"V\((\w+)\)", text))
    generic = {action for action in actions if action.replace("_product_", "_") in named} if "contain V(product)" in text else set()
    assert sorted(actions - named - generic) == sorted(NEVER.get(module, ()))


def test_the_steps_of_a_rollback_are_found() -> None:
    assert {"restore_kms_host", "restore_product_key", "activate_again"} <= actions_of("kms_client")
    assert "restore_product_key" in actions_of("kms_host")
