# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A registry: a tree of keys shared by all machines of one Windows, and what a machine changed in it.

Key and value names keep their spelling and are found in any case. Paths are "HKLM\\SOFTWARE\\..." with backslashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Data = str | int | bytes | tuple[str, ...]

REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD, REG_MULTI_SZ, REG_QWORD = 1, 2, 3, 4, 7, 11
TYPE_NAMES = {REG_SZ: "REG_SZ", REG_EXPAND_SZ: "REG_EXPAND_SZ", REG_BINARY: "REG_BINARY", REG_DWORD: "REG_DWORD",
REG_MULTI_SZ: "REG_MULTI_SZ",
              REG_QWORD: "REG_QWORD"}  # fmt: skip
HIVES = {0x80000000: "HKCR", 0x80000001: "HKCU", 0x80000002: "HKLM", 0x80000003: "HKU", 0x80000005: "HKCC"}


@dataclass(frozen=True)
class RegistryValue:
    """One value: its name as written, its type and its data."""

    name: str
    kind: int
    data: Data


@dataclass
class Key:
    """One key: its own name as written and its values by lower-case name."""

    name: str
    values: dict[str, RegistryValue] = field(default_factory=dict)


class Registry:
    """The keys of one machine over a base that is never changed."""

    def __init__(self, base: Mapping[str, Key]) -> None:
        self._base = base
        self._own: dict[str, Key | None] = {}

    def key(self, path: str) -> Key | None:
        """The key at this path, None when there is none. Not to be changed through the result."""
        folded = path.casefold()
        return self._own[folded] if folded in self._own else self._base.get(folded)

    def subkeys(self, path: str) -> list[str]:
        """Names of the keys directly below, sorted as Windows does."""
        start = path.casefold() + "\\"
        found = {}
        for folded in (*self._base, *self._own):
            if folded.startswith(start) and "\\" not in folded[len(start) :]:
                key = self.key(folded)
                if key is not None:
                    found[folded] = key.name
        return [found[folded] for folded in sorted(found)]

    def create(self, path: str) -> Key:
        """Make a key and those above it; returns a key that may be changed."""
        parent, _slash, name = path.rpartition("\\")
        if parent and self.key(parent) is None:
            self.create(parent)
        folded = path.casefold()
        key = self._own.get(folded)
        if key is None:
            shared = self.key(path)
            key = Key(shared.name, dict(shared.values)) if shared is not None else Key(name)
            self._own[folded] = key
        return key

    def set(self, path: str, name: str, kind: int, data: Data) -> None:
        """Write a value, making the key when it is missing."""
        self.create(path).values[name.casefold()] = RegistryValue(name, kind, data)

    def get(self, path: str, name: str) -> RegistryValue | None:
        """A value, None when the key or the value is missing."""
        key = self.key(path)
        return None if key is None else key.values.get(name.casefold())

    def delete_value(self, path: str, name: str) -> bool:
        """Remove a value; False when it was not there."""
        if self.get(path, name) is None:
            return False
        del self.create(path).values[name.casefold()]
        return True

    def delete_key(self, path: str) -> bool:
        """Remove a key without subkeys; False when it is missing or has some."""
        if self.key(path) is None or self.subkeys(path):
            return False
        self._own[path.casefold()] = None
        return True

    def changed(self) -> dict[str, dict[str, Data] | None]:
        """What the machine wrote, by path in lower case; None for a deleted key."""
        return {
            path: None if key is None else {value.name: value.data for value in key.values.values()}
            for path, key in sorted(self._own.items())
        }


def build_base(values: Mapping[str, Mapping[str, tuple[int, Data]]]) -> dict[str, Key]:
    """A base tree from paths with their values; keys above are made."""
    base: dict[str, Key] = {}
    for path, entries in values.items():
        parts = path.split("\\")
        for depth in range(1, len(parts) + 1):
            base.setdefault("\\".join(parts[:depth]).casefold(), Key(parts[depth - 1]))
        base[path.casefold()].values.update({name.casefold(): RegistryValue(name, kind, data) for name, (kind, data) in entries.items()})
    return base
