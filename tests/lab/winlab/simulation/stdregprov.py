# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""StdRegProv in root/default: the registry over WMI. Failures are return values: 2 not found, 5 refused, 1 wrong type, 6 bad hive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ..interfaces import MethodAnswer, Value
from . import other_truths
from .arguments import Argument
from .computer import Computer
from .registry import HIVES, REG_BINARY, REG_DWORD, REG_EXPAND_SZ, REG_MULTI_SZ, REG_QWORD, REG_SZ, Data, Key, Registry, RegistryValue
from .schema import Method, declare

NOT_FOUND, ACCESS_DENIED, INVALID_FUNCTION, INVALID_HANDLE = 2, 5, 1, 6
HKLM = 0x80000002

_READ = {
    "GetStringValue": (REG_SZ, "sValue", "string"), "GetExpandedStringValue": (REG_EXPAND_SZ, "sValue", "string"),
    "GetDWORDValue": (REG_DWORD, "uValue", "uint32"), "GetQWORDValue": (REG_QWORD, "uValue", "uint64"),
    "GetMultiStringValue": (REG_MULTI_SZ, "sValue", "string[]"), "GetBinaryValue": (REG_BINARY, "uValue", "uint8[]"),
}  # fmt: skip
_WRITE = {name.replace("Get", "Set"): entry for name, entry in _READ.items()}
WRITING = frozenset({*_WRITE, "CreateKey", "DeleteKey", "DeleteValue"})
"""The methods that change the registry."""
_KEY = {"hDefKey": "uint32", "sSubKeyName": "string"}
_VALUE = {**_KEY, "sValueName": "string"}

STDREGPROV = declare(
    "StdRegProv",
    (),
    {},
    (
        Method("EnumKey", _KEY, {"sNames": "string[]"}, optional=True),
        Method("EnumValues", _KEY, {"sNames": "string[]", "Types": "sint32[]"}, optional=True),
        Method("CreateKey", _KEY, {}, optional=True),
        Method("DeleteKey", _KEY, {}, optional=True),
        Method("DeleteValue", _VALUE, {}, optional=True),
        Method("CheckAccess", {**_KEY, "uRequired": "uint32"}, {"bGranted": "boolean"}, optional=True),
        *(Method(name, _VALUE, {out: cim_type}, optional=True) for name, (_kind, out, cim_type) in _READ.items()),
        *(Method(name, {**_VALUE, out: cim_type}, {}, optional=True) for name, (_kind, out, cim_type) in _WRITE.items()),
    ),
    namespace="root/default",
)


def call(computer: Computer, method: str, arguments: Mapping[str, Argument]) -> MethodAnswer:
    """Run one method. A missing hDefKey means HKEY_LOCAL_MACHINE, a missing value name the default value."""
    return other_truths.registry_answer(computer.truths, lambda: _call(computer, method, arguments))


def _call(computer: Computer, method: str, arguments: Mapping[str, Argument]) -> MethodAnswer:
    hive = HIVES.get(cast(int, arguments["hDefKey"]) if arguments["hDefKey"] is not None else HKLM)
    if hive is None:
        return MethodAnswer(INVALID_HANDLE)
    below = str(arguments["sSubKeyName"] or "").strip("\\")
    path = f"{hive}\\{below}" if below else hive
    name = str(arguments.get("sValueName") or "")
    if method in _READ:
        return _read(computer, path, name, *_READ[method])
    if method in _WRITE:
        return _write(computer, path, name, _WRITE[method][0], arguments[_WRITE[method][1]])
    return _key_method(computer, method, path, name)


def _read(computer: Computer, path: str, name: str, kind: int, out: str, _cim_type: str) -> MethodAnswer:
    found = computer.registry.get(path, name)
    if found is None:
        return MethodAnswer(NOT_FOUND)
    if found.kind != kind and not (kind == REG_SZ and found.kind == REG_EXPAND_SZ):
        return MethodAnswer(INVALID_FUNCTION)
    data = found.data
    if isinstance(data, bytes):
        return MethodAnswer(0, {out: tuple(str(byte) for byte in data)})
    return MethodAnswer(0, {out: cast(Value, data)})


def _write(computer: Computer, path: str, name: str, kind: int, given: Argument) -> MethodAnswer:
    if computer.registry.key(path) is None:
        return MethodAnswer(NOT_FOUND)
    data: Data
    if kind == REG_BINARY:
        data = bytes(int(text) for text in cast("tuple[str, ...]", given or ()))
    elif kind == REG_MULTI_SZ:
        data = cast("tuple[str, ...]", given or ())
    elif kind in (REG_DWORD, REG_QWORD):
        data = cast(int, given or 0)
    else:
        data = str(given or "")
    computer.registry.set(path, name, kind, data)
    return MethodAnswer(0)


def _key_method(computer: Computer, method: str, path: str, name: str) -> MethodAnswer:
    if method == "CreateKey":
        if "\\" not in path:
            return MethodAnswer(ACCESS_DENIED)
        computer.registry.create(path)
        return MethodAnswer(0)
    key = computer.registry.key(path)
    return MethodAnswer(NOT_FOUND) if key is None else _on_key(computer.registry, key, method, path, name)


def _on_key(registry: Registry, key: Key, method: str, path: str, name: str) -> MethodAnswer:
    if method == "EnumKey":
        return MethodAnswer(0, {"sNames": tuple(registry.subkeys(path))})
    if method == "EnumValues":
        values: list[RegistryValue] = sorted(key.values.values(), key=lambda value: value.name.casefold())
        return MethodAnswer(0, {"sNames": tuple(value.name for value in values), "Types": tuple(str(value.kind) for value in values)})
    if method == "DeleteKey":
        return MethodAnswer(0 if registry.delete_key(path) else ACCESS_DENIED)
    if method == "DeleteValue":
        return MethodAnswer(0 if registry.delete_value(path, name) else NOT_FOUND)
    return MethodAnswer(0, {"bGranted": True})
