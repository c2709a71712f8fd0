# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which classes, properties and methods a generation of Windows has.

The licensing classes come from the facts with the release each member appeared in; the others are declared where they
are served. A class is looked up without regard to case, as WMI does, and answers in its own spelling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from .facts import read_facts

Version = tuple[int, ...]


@dataclass(frozen=True)
class Method:
    """A method: parameter and result names with their CIM types."""

    name: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    optional: bool = False


@dataclass(frozen=True)
class CimClass:
    """One class as one generation of Windows has it. `properties` maps names to CIM types."""

    name: str
    namespace: str
    keys: tuple[str, ...]
    properties: Mapping[str, str]
    methods: Mapping[str, Method]
    spelling: Mapping[str, str]
    """Lower-case property name to the real one."""

    def method(self, name: str) -> Method | None:
        """The method of this name, which WS-Management takes letter by letter."""
        return self.methods.get(name)


def declare(
    name: str, keys: tuple[str, ...], properties: Mapping[str, str], methods: tuple[Method, ...] = (), namespace: str = "root/cimv2"
) -> CimClass:
    """A class from its plain description."""
    return CimClass(
        name,
        namespace,
        keys,
        dict(properties),
        {method.name: method for method in methods},
        {text.casefold(): text for text in properties},
    )


def _version(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))


def _here(entry: Mapping[str, Any], version: Version) -> bool:
    since, until = _version(entry.get("since", "6.0")), entry.get("until")
    return since <= version and (until is None or version[:2] <= _version(until))


@cache
def _licensing_facts() -> Mapping[str, Any]:
    return {name.casefold(): {"name": name, **entry} for name, entry in read_facts("wmi_classes").items()}


@lru_cache(maxsize=1024)
def licensing_class(name: str, version: Version) -> CimClass | None:
    """A licensing class as this version (major, minor, build) has it; None when it has none of this name."""
    entry = _licensing_facts().get(name.casefold())
    if entry is None or not _here(entry, version):
        return None
    methods = tuple(Method(each["name"], each["in"], each["out"]) for each in entry["methods"] if _here(each, version))
    properties = {each["name"]: each["type"] for each in entry["properties"] if _here(each, version)}
    return declare(entry["name"], tuple(entry["keys"]), properties, methods, entry["namespace"])
