# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the registry over WMI (StdRegProv): what no licensing class shows.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Everything here is below HKEY_LOCAL_MACHINE. StdRegProv answers with Win32 codes, 2 for a key or value that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ..._cim.session import CimError, CimInstance, CimPath, CimSession, CimValue, MalformedResponseError

REGISTRY = CimPath("StdRegProv", {}, "root/default")
CURRENT_VERSION = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
SPP_KEY = rf"{CURRENT_VERSION}\SoftwareProtectionPlatform"
"""Where Windows 7, Server 2008 R2 and later keep the settings of the licensing service."""

SPP_KEY_32 = r"SOFTWARE\Wow6432Node\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
"""The same key as 32-bit programs see it; there is none on a 32-bit Windows."""

REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD, REG_MULTI_SZ, REG_QWORD = 1, 2, 3, 4, 7, 11
_TYPES = {
    REG_SZ: ("REG_SZ", "String", "sValue"),
    REG_EXPAND_SZ: ("REG_EXPAND_SZ", "ExpandedString", "sValue"),
    REG_BINARY: ("REG_BINARY", "Binary", "uValue"),
    REG_DWORD: ("REG_DWORD", "DWORD", "uValue"),
    REG_MULTI_SZ: ("REG_MULTI_SZ", "MultiString", "sValue"),
    REG_QWORD: ("REG_QWORD", "QWORD", "uValue"),
}
"""Each type that has methods of its own: its name, what its methods are called, and the argument that holds the data."""

_HKLM = 0x80000002
_NOT_FOUND = 2
_LONGEST_NUMBER = 10
"""Digits of a type, or of a byte."""


@dataclass(frozen=True)
class RegistryValue:
    """One value; `data` is its text whatever the type, None when it was not read or cannot be."""

    name: str
    kind: int
    data: str | None = None

    @property
    def type_name(self) -> str:
        """REG_SZ and its like; the number for a type that is rare."""
        return _TYPES[self.kind][0] if self.kind in _TYPES else f"type {self.kind}"

    def __str__(self) -> str:
        return self.type_name if self.data is None else f"{self.type_name} {self.data or '(empty)'}"


@dataclass(frozen=True)
class RegistryKey:
    """What is in a key: its values by lower-case name, and the names of the keys below, None when they were not asked for."""

    values: Mapping[str, RegistryValue] = field(default_factory=dict)
    subkeys: tuple[str, ...] | None = None

    def value(self, name: str) -> RegistryValue | None:
        """A value in any spelling of its name."""
        return self.values.get(name.lower())


def path(key: str) -> str:
    """A key as people write it."""
    return rf"HKLM\{key}"


def read_key(session: CimSession, key: str, names: Iterable[str] = ()) -> RegistryKey | None:
    """The names and types of all values of a key, None when there is no such key: one request, and one for the data of each of `names`
    that is there, of whatever type. Raises CimError and MalformedResponseError, which name the key."""
    try:
        listed = _ask(session, "EnumValues", key)
        if listed is None:
            return None
        found = _listed(listed)
        read = {name.lower(): _with_data(session, key, found[name.lower()]) for name in names if name.lower() in found}
    except CimError as error:
        raise CimError(error.code, error.text, f"reading {path(key)} in the registry") from error
    except ValueError as problem:
        raise MalformedResponseError(f"what the machine reports of {path(key)} makes no sense: {problem}.") from problem
    return RegistryKey({**found, **read})


def with_subkeys(session: CimSession, key: str, found: RegistryKey) -> RegistryKey:
    """The same key with the names of the keys directly below: one request."""
    below = _ask(session, "EnumKey", key)
    return replace(found, subkeys=below.texts("sNames")) if below else found


def _listed(listed: CimInstance) -> dict[str, RegistryValue]:
    """The default value is listed with an empty name."""
    names, types = listed.texts("sNames"), listed.texts("Types")
    if len(names) != len(types):
        raise ValueError(f"it lists {len(names)} names and {len(types)} types of values")
    return {name.lower(): RegistryValue(name, _whole(kind)) for name, kind in zip(names, types, strict=True)}


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise ValueError(f"{text[:40]!r} is no whole number")
    return int(text)


def _with_data(session: CimSession, key: str, value: RegistryValue) -> RegistryValue:
    if value.kind not in _TYPES:
        return value
    _name, method, argument = _TYPES[value.kind]
    answer = _ask(session, f"Get{method}Value", key, value.name)
    return value if answer is None else RegistryValue(value.name, value.kind, _text(value.kind, answer.texts(argument)))


def _text(kind: int, parts: tuple[str, ...]) -> str:
    if kind == REG_BINARY:
        return bytes(map(_whole, parts)).hex()
    return " | ".join(parts)


def multi_string(session: CimSession, key: str, name: str) -> tuple[str, ...] | None:
    """A REG_MULTI_SZ value, None when it is not there. Raises CimError for another type and for a refusal."""
    found = _ask(session, "GetMultiStringValue", key, name)
    return None if found is None else found.texts("sValue")


def string(session: CimSession, key: str, name: str) -> str | None:
    """A REG_SZ value, None when it is not there or empty. Raises CimError for another type and for a refusal."""
    found = _ask(session, "GetStringValue", key, name)
    return None if found is None else found.text("sValue")


def dword(session: CimSession, key: str, name: str) -> int | None:
    """A REG_DWORD value, None when it is not there. Raises CimError for another type and for a refusal."""
    found = _ask(session, "GetDWORDValue", key, name)
    return None if found is None else found.integer("uValue", 0, 0xFFFFFFFF)


def has_key(session: CimSession, key: str) -> bool:
    """Whether a key is there."""
    return _ask(session, "EnumKey", key) is not None


def delete(session: CimSession, key: str, name: str) -> None:
    """Remove a value; one that is not there is no failure. Raises CimError and CimUnknownOutcomeError."""
    try:
        session.invoke(REGISTRY, "DeleteValue", {**place(key), "sValueName": name})
    except CimError as error:
        if error.code != _NOT_FOUND:
            raise


def _ask(session: CimSession, method: str, key: str, name: str | None = None) -> CimInstance | None:
    arguments: Mapping[str, CimValue] = {**place(key), **({} if name is None else {"sValueName": name})}
    try:
        return session.invoke(REGISTRY, method, arguments, read_only=True).outputs
    except CimError as error:
        if error.code == _NOT_FOUND:
            return None
        raise


def setter(value: RegistryValue) -> str:
    """The method that writes a value of this type."""
    return f"Set{_TYPES[value.kind][1]}Value"


def value_arguments(key: str, value: RegistryValue) -> dict[str, CimValue]:
    """The arguments of :func:`setter`, for a type that holds one text or number."""
    return {**place(key), "sValueName": value.name, _TYPES[value.kind][2]: value.data}


def write_value(session: CimSession, key: str, value: RegistryValue) -> None:
    """Write a value at once, whatever type it had. Raises CimError and CimUnknownOutcomeError."""
    session.invoke(REGISTRY, setter(value), value_arguments(key, value))


def create_key(session: CimSession, key: str) -> None:
    """Make a key; one that is there is no failure. Raises CimError and CimUnknownOutcomeError."""
    session.invoke(REGISTRY, "CreateKey", place(key))


def delete_key(session: CimSession, key: str) -> None:
    """Remove a key that has no keys below. Raises CimError and CimUnknownOutcomeError."""
    session.invoke(REGISTRY, "DeleteKey", place(key))


def place(key: str) -> dict[str, CimValue]:
    """The arguments that name a key."""
    return {"hDefKey": _HKLM, "sSubKeyName": key}
