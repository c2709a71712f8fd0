# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access to the registry over WMI (StdRegProv), for data that the licensing classes do not contain.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

All keys are under HKEY_LOCAL_MACHINE. StdRegProv returns Win32 codes, for example 2 for a key or value that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ..._cim.session import CimError, CimInstance, CimPath, CimSession, CimValue, MalformedResponseError

REGISTRY = CimPath("StdRegProv", {}, "root/default")
CURRENT_VERSION = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
SPP_KEY = rf"{CURRENT_VERSION}\SoftwareProtectionPlatform"
"""The key with the settings of the licensing service on Windows 7, Server 2008 R2, and later."""

SPP_KEY_32 = r"SOFTWARE\Wow6432Node\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
"""The view of the same key for 32-bit programs. It does not exist on a 32-bit Windows."""

REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD, REG_MULTI_SZ, REG_QWORD = 1, 2, 3, 4, 7, 11
_TYPES = {
    REG_SZ: ("REG_SZ", "String", "sValue"),
    REG_EXPAND_SZ: ("REG_EXPAND_SZ", "ExpandedString", "sValue"),
    REG_BINARY: ("REG_BINARY", "Binary", "uValue"),
    REG_DWORD: ("REG_DWORD", "DWORD", "uValue"),
    REG_MULTI_SZ: ("REG_MULTI_SZ", "MultiString", "sValue"),
    REG_QWORD: ("REG_QWORD", "QWORD", "uValue"),
}
"""Each type with its own methods: its name, the name in its methods, and the argument with the data."""

_HKLM = 0x80000002
_NOT_FOUND = 2
_KEY_SET_VALUE = 2
_LONGEST_NUMBER = 10
"""Maximum number of digits of a type or a byte."""


@dataclass(frozen=True)
class RegistryValue:
    """One value. `data` is its text for every type, or None if the data was not read or cannot be read."""

    name: str
    kind: int
    data: str | None = None

    @property
    def type_name(self) -> str:
        """The name of the type, such as REG_SZ, or its number for a rare type."""
        return _TYPES[self.kind][0] if self.kind in _TYPES else f"type {self.kind}"

    def __str__(self) -> str:
        return self.type_name if self.data is None else f"{self.type_name} {self.data or '(empty)'}"


@dataclass(frozen=True)
class RegistryKey:
    """The content of a key: its values by lower-case name, and the names of its subkeys, or None if the subkeys were not read."""

    values: Mapping[str, RegistryValue] = field(default_factory=dict)
    subkeys: tuple[str, ...] | None = None

    def value(self, name: str) -> RegistryValue | None:
        """Return a value by its name, ignoring case."""
        return self.values.get(name.lower())


def path(key: str) -> str:
    """Return the path of a key for messages."""
    return rf"HKLM\{key}"


def read_key(session: CimSession, key: str, names: Iterable[str] = ()) -> RegistryKey | None:
    """Read the names and types of all values of a key, and the data of the values in `names`. Return None if the key does not exist.

    One request, and one for each existing value in `names`. Raises CimError and MalformedResponseError, which name the key.
    """
    try:
        listed = _call(session, "EnumValues", key)
        if listed is None:
            return None
        found = _listed(listed)
        read = {name.lower(): _with_data(session, key, found[name.lower()]) for name in names if name.lower() in found}
    except CimError as error:
        raise CimError(error.code, error.text, f"reading {path(key)} in the registry") from error
    except ValueError as problem:
        raise MalformedResponseError(f"the machine returned invalid data for {path(key)}: {problem}.") from problem
    return RegistryKey({**found, **read})


def with_subkeys(session: CimSession, key: str, found: RegistryKey) -> RegistryKey:
    """Return the key with the names of its subkeys. One request."""
    below = _call(session, "EnumKey", key)
    return replace(found, subkeys=below.texts("sNames")) if below else found


def _listed(listed: CimInstance) -> dict[str, RegistryValue]:
    """Return the values by their names in lower case. The default value has an empty name."""
    names, types = listed.texts("sNames"), listed.texts("Types")
    if len(names) != len(types):
        raise ValueError(f"it has {len(names)} names, but {len(types)} types of values")
    return {name.lower(): RegistryValue(name, _integer(kind)) for name, kind in zip(names, types, strict=True)}


def _integer(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise ValueError(f"{text[:40]!r} is not an integer")
    return int(text)


def _with_data(session: CimSession, key: str, value: RegistryValue) -> RegistryValue:
    if value.kind not in _TYPES:
        return value
    _name, method, argument = _TYPES[value.kind]
    answer = _call(session, f"Get{method}Value", key, value.name)
    return value if answer is None else RegistryValue(value.name, value.kind, _text(value.kind, answer.texts(argument)))


def _text(kind: int, parts: tuple[str, ...]) -> str:
    if kind == REG_BINARY:
        return bytes(map(_integer, parts)).hex()
    return " | ".join(parts)


def multi_string(session: CimSession, key: str, name: str) -> tuple[str, ...] | None:
    """Read a REG_MULTI_SZ value, or return None if it does not exist. Raises CimError, also for another type."""
    found = _call(session, "GetMultiStringValue", key, name)
    return None if found is None else found.texts("sValue")


def string(session: CimSession, key: str, name: str) -> str | None:
    """Read a REG_SZ value, or return None if it does not exist or is empty. Raises CimError, also for another type."""
    found = _call(session, "GetStringValue", key, name)
    return None if found is None else found.text("sValue")


def dword(session: CimSession, key: str, name: str) -> int | None:
    """Read a REG_DWORD value, or return None if it does not exist. Raises CimError, also for another type."""
    found = _call(session, "GetDWORDValue", key, name)
    return None if found is None else found.integer("uValue", 0, 0xFFFFFFFF)


def has_key(session: CimSession, key: str) -> bool:
    """Return whether a key exists."""
    return _call(session, "EnumKey", key) is not None


def can_write(session: CimSession, key: str) -> bool:
    """Return whether the account can change the values of a key. One request. Raises CimError and MalformedResponseError."""
    answer = _call(session, "CheckAccess", key, required=_KEY_SET_VALUE)
    return bool(answer and answer.boolean("bGranted"))


def delete(session: CimSession, key: str, name: str) -> None:
    """Remove a value. A value that does not exist is not an error. Raises CimError and CimUnknownOutcomeError."""
    try:
        session.invoke(REGISTRY, "DeleteValue", {**place(key), "sValueName": name})
    except CimError as error:
        if error.code != _NOT_FOUND:
            raise


def _call(session: CimSession, method: str, key: str, name: str | None = None, required: int | None = None) -> CimInstance | None:
    others: Mapping[str, CimValue] = {"sValueName": name, "uRequired": required}
    arguments = {**place(key), **{argument: value for argument, value in others.items() if value is not None}}
    try:
        return session.invoke(REGISTRY, method, arguments, read_only=True).outputs
    except CimError as error:
        if error.code == _NOT_FOUND:
            return None
        raise


def setter(value: RegistryValue) -> str:
    """Return the name of the method that writes a value of this type."""
    return f"Set{_TYPES[value.kind][1]}Value"


def value_arguments(key: str, value: RegistryValue) -> dict[str, CimValue]:
    """Return the arguments of :func:`setter` for a type with one text or number."""
    return {**place(key), "sValueName": value.name, _TYPES[value.kind][2]: value.data}


def write_value(session: CimSession, key: str, value: RegistryValue) -> None:
    """Write a value and its type. Raises CimError and CimUnknownOutcomeError."""
    session.invoke(REGISTRY, setter(value), value_arguments(key, value))


def create_key(session: CimSession, key: str) -> None:
    """Create a key. A key that exists is not an error. Raises CimError and CimUnknownOutcomeError."""
    session.invoke(REGISTRY, "CreateKey", place(key))


def delete_key(session: CimSession, key: str) -> None:
    """Remove a key without subkeys. Raises CimError and CimUnknownOutcomeError."""
    session.invoke(REGISTRY, "DeleteKey", place(key))


def place(key: str) -> dict[str, CimValue]:
    """Return the arguments that identify a key."""
    return {"hDefKey": _HKLM, "sSubKeyName": key}
