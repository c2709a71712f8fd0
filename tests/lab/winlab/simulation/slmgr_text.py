# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What slmgr.vbs prints, in English and Japanese (data/slmgr_texts.json).

English labels: public knowledge of slmgr's output. Japanese labels of /dli and /dlv: the samples in seed document 002; the
other Japanese lines are the lab's own wording.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from .facts import read_facts

if TYPE_CHECKING:
    from .machine import Machine

NEWLINE = "\r\n"

_FACTS = read_facts("slmgr_texts")
TEXTS: Mapping[str, Mapping[str, str]] = _FACTS["lines"]
ERRORS: Mapping[int, Mapping[str, str]] = {int(code, 16): texts for code, texts in _FACTS["errors"].items()}


class Stop(Exception):
    """Nothing more to do: this is the line to end with."""


def moment(value: datetime, language: str) -> str:
    """A date and time as VBScript prints it for the language."""
    hour = value.hour % 12 or 12
    if language == "ja":
        return f"{value.year}/{value.month:02d}/{value.day:02d} {value.hour}:{value:%M:%S}"
    return f"{value.month}/{value.day}/{value.year} {hour}:{value:%M:%S} {'PM' if value.hour >= 12 else 'AM'}"


def say(language: str, name: str, *values: object) -> str:
    """One line of output."""
    return TEXTS[name][language].format(*values)


def error_line(language: str, code: int) -> str:
    """The line slmgr ends with when a call failed."""
    known = ERRORS.get(code)
    text = known[language] if known else say(language, "error_other", code)
    return say(language, "error", code, text)


def logo(machine: Machine) -> str:
    """What cscript prints without //nologo."""
    version = {(6, 1): "5.8", (6, 2): "5.8", (6, 3): "5.8"}.get(machine.os.generation, "5.812")
    first = f"Microsoft (R) Windows Script Host Version {version}"
    return first + NEWLINE + "Copyright (C) Microsoft Corporation. All rights reserved." + NEWLINE * 2


def script_not_found(machine: Machine, path: str) -> str:
    """What cscript says about a script that is not there."""
    if machine.language == "ja":
        return f'入力エラー: スクリプト ファイル "{path}" が見つかりません。{NEWLINE}'
    return f'Input Error: Can not find script file "{path}".{NEWLINE}'
