# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A result against the RETURN documentation of its module: every documented field is there, has its type, and nothing else is."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import yaml

_NUMBER = re.compile(r"\[\d+\]")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "path": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "dict": (dict,),
    "list": (list,),
}
NEVER_NULL = frozenset(
    [
        "machine",
        "machine.computer_name",
        "machine.caption",
        "machine.version",
        "machine.build",
        "machine.product_type",
        "machine.language",
        "machine.current_time",
        "licensed",
        "service",
        "service.version",
        "service.cmid",
        "service.is_kms_host",
        "service.listening_port",
        "service.request_counters",
        "service.oem_marker",
        "service.windows_rearms_left",
        "products",
        "products[].name",
        "products[].description",
        "products[].application",
        "products[].application_id",
        "products[].activation_id",
        "products[].channel",
        "products[].edition",
        "products[].is_addon",
        "products[].primary",
        "products[].status",
        "products[].status_code",
        "products[].grace_minutes",
        "products[].permanent",
        "products[].kms",
        "products[].urls",
        "steps",
        "steps[].action",
        "steps[].description",
        "steps[].done",
        "before",
        "before.status",
        "after",
        "after.status",
        "activation",
        "activation.outcome",
        "activation.attempts",
        "error.code",
        "error.meaning",
        "error.next_steps",
        "error.category",
        "error.transient",
    ]
)
"""Fields that say something about every machine; the others may be null where there is nothing to say."""


@cache
def documentation(module: str) -> Mapping[str, Any]:
    """RETURN of a module, which many tests want."""
    found = importlib.import_module(f"ansible_collections.winops.volume_activation.plugins.modules.{module}")
    documented: Mapping[str, Any] = yaml.load(found.RETURN, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return documented


def complaints(value: Any, documented: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Everything in which a dictionary departs from the documentation of its fields."""
    for name in sorted(set(value) - set(documented)):
        yield f"{path}{name} is not documented"
    for name, field in documented.items():
        if name in value:
            yield from _field(value[name], field, f"{path}{name}")
        else:
            yield f"{path}{name} is missing"


def task_complaints(module: str, result: Mapping[str, Any]) -> list[str]:
    """Everything in which the result of a task that worked departs from the documentation of its module."""
    left_out = {"error", *({"warnings"} - set(result))}  # warnings are returned only if there are any
    documented = {key: field for key, field in documentation(module).items() if key not in left_out}
    return list(complaints({key: result[key] for key in documented if key in result}, documented))


def _field(value: Any, field: Mapping[str, Any], path: str) -> Iterator[str]:
    if value is None:
        if _NUMBER.sub("[]", path) in NEVER_NULL:
            yield f"{path} is null"
        return
    if not isinstance(value, _TYPES[field["type"]]) or (field["type"] == "int" and isinstance(value, bool)):
        yield f"{path} is {type(value).__name__} {value!r}, not {field['type']}"
        return
    contains = field.get("contains")
    if contains and isinstance(value, dict):
        yield from complaints(value, contains, f"{path}.")
    if contains and isinstance(value, list):
        for number, element in enumerate(value):
            yield from complaints(element, contains, f"{path}[{number}].")
