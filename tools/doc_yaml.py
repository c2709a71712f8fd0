# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write fields and options as YAML in the style of the modules: on one line if they fit, otherwise folded at the line length."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

WIDTH = 140


def render(fields: Mapping[str, Any], indent: int = 0) -> str:
    """Return the fields as block YAML. Raises ValueError if the YAML does not load as the same fields."""
    text = "\n".join(line for name, value in fields.items() for line in _entry(name, value, indent)) + "\n"
    if yaml.safe_load(text) != fields:
        raise ValueError(f"cannot be written as YAML: {', '.join(fields)}")
    return text


def _entry(name: str, value: Any, indent: int) -> Iterator[str]:
    start = f"{' ' * indent}{name}:"
    line = f"{start} {_inline(value)}"
    if len(line) <= WIDTH and _is_flat(value) and (indent or not isinstance(value, Mapping)):
        yield line
    elif isinstance(value, Mapping):
        yield start
        for key, item in value.items():
            yield from _entry(key, item, indent + 2)
    elif isinstance(value, list):
        yield start
        for item in value:
            yield from _folded(f"{' ' * (indent + 2)}- {_inline(item)}", indent + 4)
    else:
        yield from _folded(line, indent + 2)


def _is_flat(value: Any) -> bool:
    """Return whether a value is readable on one line: no fields within fields, and no sentences in a list."""
    if isinstance(value, Mapping):
        return not {"contains", "suboptions"} & set(value) and _is_flat(value.get("description"))
    return not (isinstance(value, list) and any(str(item).endswith(".") for item in value) and len(value) > 1)


def _folded(line: str, indent: int) -> list[str]:
    return textwrap.wrap(line, WIDTH, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)


def _inline(value: Any) -> str:
    return _scalar(value) if isinstance(value, str) else _flow(value)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_flow(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return _scalar(value, in_flow=True) if isinstance(value, str) else json.dumps(value)


def _scalar(text: str, *, in_flow: bool = False) -> str:
    """Return a text without quotes if YAML loads it as the same text, otherwise in quotes."""
    if not (in_flow and ":" in text) and _load(f"[{text}]" if in_flow else f"- {text}") == [text]:
        return text
    single = "'" + text.replace("'", "''") + "'"
    return single if "\\" in text and text.isprintable() else json.dumps(text, ensure_ascii=False)


def _load(source: str) -> Any:
    try:
        return yaml.safe_load(source)
    except yaml.YAMLError:
        return None
