# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""reg.exe: query, add, delete on the machine's registry, with the output people and scripts parse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..interfaces import CommandOutcome
from .registry import REG_BINARY, REG_DWORD, REG_MULTI_SZ, REG_QWORD, TYPE_NAMES, Data, RegistryValue

if TYPE_CHECKING:
    from .machine import Machine

NEWLINE = "\r\n"
_HIVES = {"hklm": ("HKLM", "HKEY_LOCAL_MACHINE"), "hkcu": ("HKCU", "HKEY_CURRENT_USER"), "hku": ("HKU", "HKEY_USERS"),
          "hkcr": ("HKCR", "HKEY_CLASSES_ROOT"), "hkcc": ("HKCC", "HKEY_CURRENT_CONFIG")}  # fmt: skip
_LONG = {long.casefold(): entry for entry in _HIVES.values() for long in (entry[1],)}
_KINDS = {name.casefold(): kind for kind, name in TYPE_NAMES.items()}
_TEXTS = {
    "missing": ("ERROR: The system was unable to find the specified registry key or value.",
                "エラー: 指定されたレジストリ キーまたは値が見つかりませんでした"),
    "syntax": ("ERROR: Invalid syntax.", "エラー: 無効な構文です。"),
    "invalid_key": ("ERROR: Invalid key name.", "エラー: 無効なキー名です。"),
    "done": ("The operation completed successfully.", "この操作を正しく終了しました。"),
    "default": ("(Default)", "(既定)"),
}  # fmt: skip


_SOFTWARE, _SOFTWARE_32 = "HKLM\\SOFTWARE\\", "HKLM\\SOFTWARE\\Wow6432Node\\"
_SHARED = (_SOFTWARE + "Policies", _SOFTWARE + r"Microsoft\Windows\CurrentVersion\Policies", _SOFTWARE + "Wow6432Node")
"""Keys 32-bit programs share with 64-bit ones; all others below HKLM\\SOFTWARE they have apart."""


class _Wrong(Exception):
    """Something to say on stderr, exit code 1."""


def _say(machine: Machine, name: str) -> str:
    return _TEXTS[name][1 if machine.language == "ja" else 0]


def _path(text: str) -> tuple[str, str]:
    """The path as stored and as reg.exe prints it."""
    hive, _slash, rest = text.strip("\\").partition("\\")
    entry = _HIVES.get(hive.casefold()) or _LONG.get(hive.casefold())
    if entry is None:
        raise _Wrong("invalid_key")
    tail = f"\\{rest}" if rest else ""
    return entry[0] + tail, entry[1] + tail


def _seen(machine: Machine, path: str, options: Mapping[str, str]) -> str:
    """The path as stored for the view that /reg:32 or /reg:64 asks for; Windows before Vista has neither."""
    if not options.keys() & {"/reg:32", "/reg:64"}:
        return path
    if machine.os.generation < (6, 0):
        raise _Wrong("syntax")
    folded = f"{path}\\".casefold()
    is_shared = any(folded.startswith(f"{key}\\".casefold()) for key in _SHARED)
    if "/reg:64" in options or is_shared or not folded.startswith(_SOFTWARE.casefold()):
        return path
    return _SOFTWARE_32 + path[len(_SOFTWARE) :]


def _options(words: Sequence[str], with_value: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0).casefold()
        if not word.startswith("/"):
            raise _Wrong("syntax")
        if word in with_value:
            if not rest:
                raise _Wrong("syntax")
            found[word] = rest.pop(0)
        else:
            found[word] = ""
    return found


def _shown(data: Data, kind: int) -> str:
    if kind in (REG_DWORD, REG_QWORD):
        return f"0x{int(str(data)):x}"
    if isinstance(data, bytes):
        return data.hex().upper()
    if isinstance(data, tuple):
        return "\\0".join(data)
    return str(data)


def _line(machine: Machine, value: RegistryValue) -> str:
    name = value.name or _say(machine, "default")
    return f"    {name}    {TYPE_NAMES[value.kind]}    {_shown(value.data, value.kind)}{NEWLINE}"


def _query_key(machine: Machine, path: str, shown: str, name: str | None, deep: bool) -> str:
    key = machine.registry.key(path)
    assert key is not None
    values = [value for value in key.values.values() if name is None or value.name.casefold() == name.casefold()]
    text = ""
    if values or (name is None and not deep):
        text = NEWLINE + shown + NEWLINE + "".join(_line(machine, value) for value in values)
    for child in machine.registry.subkeys(path):
        if deep:
            text += _query_key(machine, f"{path}\\{child}", f"{shown}\\{child}", name, deep)
        elif name is None:
            text += f"{shown}\\{child}{NEWLINE}"
    return text


def _query(machine: Machine, words: Sequence[str]) -> str:
    path, shown = _path(words[0])
    options = _options(words[1:], ("/v", "/f", "/t"))
    name = "" if "/ve" in options else options.get("/v")
    path = _seen(machine, path, options)
    if machine.registry.key(path) is None:
        raise _Wrong("missing")
    text = _query_key(machine, path, shown, name, "/s" in options)
    if not text and name is not None:
        raise _Wrong("missing")
    return text + NEWLINE


def _data(kind: int, text: str, separator: str) -> Data:
    try:
        if kind in (REG_DWORD, REG_QWORD):
            return int(text or "0", 0)
        if kind == REG_BINARY:
            return bytes.fromhex(text)
    except ValueError as error:
        raise _Wrong("syntax") from error
    return tuple(part for part in text.split(separator) if part) if kind == REG_MULTI_SZ else text


def _add(machine: Machine, words: Sequence[str]) -> str:
    path, _shown_path = _path(words[0])
    options = _options(words[1:], ("/v", "/t", "/d", "/s"))
    path = _seen(machine, path, options)
    machine.registry.create(path)
    if "/v" in options or "/ve" in options:
        kind = _KINDS.get(options.get("/t", "reg_sz").casefold())
        if kind is None:
            raise _Wrong("syntax")
        machine.registry.set(path, options.get("/v", ""), kind, _data(kind, options.get("/d", ""), options.get("/s") or "\\0"))
    return _say(machine, "done") + NEWLINE


def _delete(machine: Machine, words: Sequence[str]) -> str:
    path, _shown_path = _path(words[0])
    options = _options(words[1:], ("/v",))
    path = _seen(machine, path, options)
    key = machine.registry.key(path)
    if key is None:
        raise _Wrong("missing")
    if "/va" in options:
        for value in list(key.values.values()):
            machine.registry.delete_value(path, value.name)
    elif "/v" in options or "/ve" in options:
        if not machine.registry.delete_value(path, options.get("/v", "")):
            raise _Wrong("missing")
    else:
        _delete_tree(machine, path)
    return _say(machine, "done") + NEWLINE


def _delete_tree(machine: Machine, path: str) -> None:
    for child in machine.registry.subkeys(path):
        _delete_tree(machine, f"{path}\\{child}")
    machine.registry.delete_key(path)


_VERBS = {"query": _query, "add": _add, "delete": _delete}


async def run(machine: Machine, words: Sequence[str]) -> CommandOutcome:
    """reg query|add|delete KEY ...; exit code 1 and a line on stderr when it fails."""
    verb = _VERBS.get(words[0].casefold()) if words else None
    try:
        if verb is None or len(words) < 2:
            raise _Wrong("syntax")
        return CommandOutcome(verb(machine, words[1:]), "", 0)
    except _Wrong as error:
        return CommandOutcome("", _say(machine, str(error)) + NEWLINE, 1)
