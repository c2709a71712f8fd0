# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines a WinRS shell of a machine understands, the second and independent way to look at it.

cmd built-ins (dir as /b of one name), hostname, shutdown /r, reg, netsh, cscript slmgr.vbs and ospp.vbs, ospprearm, and PowerShell as
far as unwrapping what Ansible's raw action sends around one simple command. Everything else is "not recognized", exit code 9009 from cmd
and 1 from PowerShell.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..interfaces import CommandOutcome
from . import netsh, office_programs, ospp_vbs, reg, slmgr, slmgr_text
from .wmi_faults import LicensingError

if TYPE_CHECKING:
    from .machine import Machine

NEWLINE = "\r\n"
_TOKEN = re.compile(r'(?:[^\s"]|"[^"]*")+')
_WRAPPER = re.compile(
    r"^(set-strictmode\b|\$\w+(:\w+)?\s*=|\[console\]|exit\s+\$lastexitcode|if\s*\(-not\s+\$\?\)|try\s*\{|chcp\b)", re.IGNORECASE
)
_UNKNOWN = {
    "en": "'{name}' is not recognized as an internal or external command," + NEWLINE + "operable program or batch file." + NEWLINE,
    "ja": "'{name}' は、内部コマンドまたは外部コマンド、"
    + NEWLINE
    + "操作可能なプログラムまたはバッチ ファイルとして認識されていません。"
    + NEWLINE,
}
_PS_UNKNOWN = {
    "en": "{name} : The term '{name}' is not recognized as the name of a cmdlet, function, script file, or operable program.",
    "ja": "{name} : 用語 '{name}' は、コマンドレット、関数、スクリプト ファイル、または操作可能なプログラムの名前として認識されません。",
}
_NOT_FOUND = {"en": "File Not Found", "ja": "ファイルが見つかりません"}
_NOT_ENCODED = "Cannot process the command because the value specified with -EncodedCommand is not properly encoded." + NEWLINE

Tool = Callable[["Machine", Sequence[str]], Awaitable[CommandOutcome]]


def split(line: str) -> list[str]:
    """Words of a command line; double quotes keep blanks together and are taken off."""
    return [token.replace('"', "") for token in _TOKEN.findall(line)]


def _tool(machine: Machine, program: str) -> Tool | None:
    """What runs a program, None when this Windows does not have it."""
    return None if program in machine.MISSING else TOOLS.get(program)


def _program(word: str) -> str:
    """Name of a program without its folder and extension, in lower case."""
    name = word.replace("/", "\\").rpartition("\\")[2].casefold()
    return re.sub(r"\.(exe|com|cmd|bat)$", "", name)


async def _echo(_machine: Machine, words: Sequence[str]) -> CommandOutcome:
    return CommandOutcome(" ".join(words) + NEWLINE, "", 0)


async def _hostname(machine: Machine, _words: Sequence[str]) -> CommandOutcome:
    return CommandOutcome(machine.name + NEWLINE, "", 0)


async def _ver(machine: Machine, _words: Sequence[str]) -> CommandOutcome:
    return CommandOutcome(f"{NEWLINE}Microsoft Windows [Version {machine.os.version_text}]{NEWLINE}", "", 0)


async def _whoami(machine: Machine, _words: Sequence[str]) -> CommandOutcome:
    account = next(iter(machine.accounts), "administrator")
    return CommandOutcome(f"{machine.name}\\{account}".lower() + NEWLINE, "", 0)


async def _dir(machine: Machine, words: Sequence[str]) -> CommandOutcome:
    """dir /b of one name: of a file its name, of a folder what was saved in it."""
    names = [word.casefold().rstrip("\\") for word in words if not word.startswith("/")]
    found = [stored.path for full, stored in machine.files.items() if names and (full == names[0] or full.rpartition("\\")[0] == names[0])]
    if not found:
        return CommandOutcome("", _NOT_FOUND[machine.language] + NEWLINE, 1)
    return CommandOutcome("".join(path.rpartition("\\")[2] + NEWLINE for path in found), "", 0)


async def _exit(_machine: Machine, words: Sequence[str]) -> CommandOutcome:
    codes = [word for word in words if word.casefold() != "/b"]
    return CommandOutcome("", "", int(codes[0]) if codes and codes[0].lstrip("-").isdecimal() else 0)


async def _shutdown(machine: Machine, words: Sequence[str]) -> CommandOutcome:
    if any(word.casefold() in ("/r", "-r", "/g") for word in words) and machine.restart_asked():
        machine.restart()
    return CommandOutcome("", "", 0)


async def _cmd(machine: Machine, words: Sequence[str]) -> CommandOutcome:
    for index, word in enumerate(words):
        if word.casefold() in ("/c", "/k"):
            return await run_words(machine, list(words[index + 1 :]))
    return CommandOutcome("", "", 0)


async def _cscript(machine: Machine, words: Sequence[str]) -> CommandOutcome:
    rest = [word for word in words if not word.startswith("//")]
    silent_logo = any(word.casefold() in ("//nologo", "//b") for word in words)
    logo = "" if silent_logo else slmgr_text.logo(machine)
    if not rest:
        return CommandOutcome(logo, "", 0)
    script, version = _program(rest[0]), office_programs.version_of(machine, rest[0])
    if script == "ospp.vbs" and version:
        text, code = await ospp_vbs.run(machine, version, rest[1:])
    elif script == "slmgr.vbs" and script not in machine.MISSING:
        text, code = await slmgr.run(machine, rest[1:])
    else:
        text, code = slmgr_text.script_not_found(machine, rest[0]), 1
    return CommandOutcome(logo + text, "", code)


async def _ospprearm(machine: Machine, words: Sequence[str]) -> CommandOutcome:
    """OSPPREARM.EXE of the Office whose folder the first word names."""
    version = office_programs.version_of(machine, words[0])
    if not version:
        return CommandOutcome("", _UNKNOWN[machine.language].format(name=words[0]), 9009)
    try:
        lines = office_programs.rearm(machine, version, words[1].casefold() if len(words) > 1 else "")
    except LicensingError as error:
        return CommandOutcome(f"An error occurred: 0x{error.hresult:08X}{NEWLINE}", "", 1)
    return CommandOutcome(NEWLINE.join(lines) + NEWLINE, "", 0)


async def _powershell(machine: Machine, words: Sequence[str]) -> CommandOutcome:
    for index, word in enumerate(words):
        option = word.casefold().lstrip("-/")
        if option and "encodedcommand".startswith(option) and option[0] == "e" and not option.startswith("ex"):
            script = _decode("".join(words[index + 1 : index + 2]))
            return CommandOutcome("", _NOT_ENCODED, 1) if script is None else await _script(machine, script)
        if option and ("command".startswith(option) and option[0] == "c"):
            return await _script(machine, " ".join(words[index + 1 :]))
    return CommandOutcome("", "", 0)


def _decode(text: str) -> str | None:
    try:
        return base64.b64decode(text, validate=True).decode("utf-16-le")
    except (binascii.Error, UnicodeDecodeError):
        return None


async def _script(machine: Machine, script: str) -> CommandOutcome:
    """Run the simple commands of a script one after the other; lines of Ansible's wrapper are passed over."""
    out, errors, code = "", "", 0
    for line in re.split(r"[\r\n;]+", script):
        command = line.strip().removeprefix("&").strip()
        if not command or command in "{}" or _WRAPPER.match(command):
            continue
        words = [word.strip("'") for word in split(command)]
        if _tool(machine, _program(words[0])) is None:
            errors += _PS_UNKNOWN[machine.language].format(name=words[0]) + NEWLINE
            code = 1
            continue
        outcome = await run_words(machine, words)
        out, errors, code = out + outcome.stdout, errors + outcome.stderr, outcome.exit_code
    return CommandOutcome(out, errors, code)


TOOLS: Mapping[str, Tool] = {
    "echo": _echo,
    "hostname": _hostname,
    "ver": _ver,
    "whoami": _whoami,
    "dir": _dir,
    "exit": _exit,
    "shutdown": _shutdown,
    "cmd": _cmd,
    "cscript": _cscript,
    "slmgr": lambda machine, words: _cscript(machine, ["//nologo", "slmgr.vbs", *words]),
    "slmgr.vbs": lambda machine, words: _cscript(machine, ["//nologo", "slmgr.vbs", *words]),
    "ospprearm": _ospprearm,
    "reg": reg.run,
    "netsh": netsh.run,
    "powershell": _powershell,
}


async def run_words(machine: Machine, words: Sequence[str]) -> CommandOutcome:
    """Run a command line that is split into words."""
    if not words:
        return CommandOutcome("", "", 0)
    program = _program(words[0])
    tool = _tool(machine, program)
    if tool is None:
        return CommandOutcome("", _UNKNOWN[machine.language].format(name=words[0]), 9009)
    slow = machine.context.faults.get(machine.name, "program_start")
    if slow and slow["program"] == program:
        await asyncio.sleep(int(slow["milliseconds"]) / 1000)
    return await tool(machine, words if program == "ospprearm" else words[1:])


async def run(machine: Machine, command: str, arguments: Sequence[str]) -> CommandOutcome:
    """Run what a WinRS client sends: a command, or a whole line, and further arguments."""
    return await run_words(machine, split(" ".join([command, *arguments])))
