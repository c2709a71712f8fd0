# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the options of a task in a file of a user, without running the task.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

ansible-lint (rule `args`) imports the action plugin of a task, or the module if there is no action plugin, and calls the function `main` of
this file. The options are in the standard input, as a module gets them. If `main` exits, its output is the message of the rule.

The options are those of the file: templates have no value yet, and `module_defaults` are missing. A value with a template is therefore not
checked, but the names of the suboptions in it are. A missing option is not reported, because `module_defaults` might have it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from .misplaced import texts_in
from .rules import EXCLUDES
from .secrets import SecretMask
from .spec import ModuleSpec, Option, unknown_options

_TEMPLATES = ("{{", "{%", "$ANSIBLE_VAULT")
"""Beginnings of a template, and the beginning of a text that Ansible Vault encrypted."""


def check_standard_input(spec: ModuleSpec) -> None:
    """Check the options in the standard input. If an option is wrong, write a message and end the process."""
    arguments = json.load(sys.stdin)["ANSIBLE_MODULE_ARGS"]
    problem = problem_in(spec, arguments)
    if problem:
        sys.stdout.write(json.dumps({"failed": True, "msg": problem}))
        sys.exit(1)


def problem_in(spec: ModuleSpec, arguments: Mapping[str, Any]) -> str | None:
    """Return a message about wrong options, or None. It begins with the name of the module, and does not contain a secret."""
    found = [*_problems_of(arguments, spec.options, ""), *_conflicts(spec, arguments)]
    message = f"{spec.name}: {'; '.join(found)}" if found else None
    return SecretMask(spec.secrets(arguments)).apply(message) if message else None


def _problems_of(given: Mapping[str, Any], options: Mapping[str, Option], where: str) -> Iterator[str]:
    """Yield messages about options, and about the suboptions below them. `where` is the prefix of the messages."""
    unknown = unknown_options(given, options)
    if unknown:
        yield f"{where}{unknown}"
    for name, value in given.items():
        if name in options and value is not None:
            yield from _problems_with(options[name], value, where)


def _problems_with(option: Option, value: Any, where: str) -> Iterator[str]:
    items = value if isinstance(value, list) else [value]
    if option.suboptions and all(isinstance(item, Mapping) for item in items):
        for number, item in enumerate(items, 1):
            position = f"item {number}: " if option.type == "list" else ""
            yield from _problems_of(item, option.suboptions, f"{where}{option.name}: {position}")
    elif _is_literal(value):
        try:
            option.value_of(value)
        except ValueError as wrong:
            yield f"{where}{option.name}: {wrong}"


def _conflicts(spec: ModuleSpec, arguments: Mapping[str, Any]) -> Iterator[str]:
    """Yield messages about two options of the task that cannot be combined. Other rules could be met by `module_defaults`."""
    literal = {name: value for name, value in arguments.items() if _is_literal(value)}
    yield from (problem for rule in spec.rules if rule.kind == EXCLUDES and (problem := rule.problem(literal)))


def _is_literal(value: Any) -> bool:
    return not any(sign in text for text in texts_in(value) for sign in _TEMPLATES)


__all__ = ["check_standard_input", "problem_in"]
