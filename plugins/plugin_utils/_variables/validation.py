# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the values of role variables against the argument spec of the role, with the answers of a survey in mind. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Ansible's own check refuses an empty text for a boolean, a number, a dictionary, and an option with choices, so that this collection runs
the same validator itself, without the variables that were not answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .answers import kinds_of, read

Options = Mapping[str, Mapping[str, Any]]


def problems(role: str, options: Options, values: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each wrong variable, and what to do; nothing if all are right. A sentence can contain a secret."""
    found = read(role, values, kinds_of(options))
    # Ansible's validator would report an empty secret once more, as missing. It writes to dictionaries of the defaults.
    checked = deepcopy({name: option for name, option in options.items() if name not in found.empty_secrets})
    given = {name: value for name, value in found.values.items() if value is not None}
    errors = ArgumentSpecValidator(checked).validate(given).error_messages
    return [
        *(f"{name} is empty. Set it, or remove the variable and the question of the survey." for name in found.empty_secrets),
        *(_about_limit(name, options.get(name, {}).get("default")) for name in found.empty_limits),
        *map(_sentence, errors),
        *(["Set or correct the variables."] if errors else []),
    ]


def _about_limit(name: str, default: Any) -> str:
    meaning = "no limit" if default is None else str(default)
    return f"{name} is empty. Set it, for example to 10, or remove the variable, which means {meaning}."


def _sentence(error: str) -> str:
    text = f"unknown option {error}" if ". Supported parameters include: " in error else error
    is_name = "_" in text.partition(" ")[0]
    return f"{(text if is_name else text[:1].upper() + text[1:]).rstrip('.')}."


def secrets_in(options: Options, values: Mapping[str, Any]) -> list[str]:
    """Return the texts in the values of options that are secrets, at any depth."""
    return [text for name, value in values.items() if name in options for text in _secret_texts(options[name], value)]


def _secret_texts(option: Mapping[str, Any], value: Any) -> Iterator[str]:
    if option.get("no_log"):
        yield from _texts(value)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _secret_texts(option, part)
    elif isinstance(value, Mapping):
        yield from secrets_in(option.get("options") or {}, value)


def _texts(value: Any) -> Iterator[str]:
    parts = value.values() if isinstance(value, Mapping) else value
    if isinstance(value, (Mapping, list, tuple)):
        for part in parts:
            yield from _texts(part)
    elif value is not None:
        yield str(value).strip()


__all__ = ["Options", "problems", "secrets_in"]
