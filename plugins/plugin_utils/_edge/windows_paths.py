# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validators of the path and the file name of a saved event log.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import re

from .._jobs.kms_event_archive.plan import DATE, EXTENSION

_DEVICES = frozenset({"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10))})


def windows_path(value: str) -> str:
    """Return the full path of a directory or a file on a local drive of the machine, with backslashes."""
    text = value.strip().replace("/", "\\")
    if text.startswith("\\\\"):
        raise ValueError(
            f"'{value}' is on another machine, and the KMS host cannot log on to that machine; use a directory on a local drive"
        )
    if "%" in text:
        raise ValueError(f"'{value}' contains a variable, which the module does not replace; write the full path")
    drive, _slash, rest = text.partition("\\")
    if not re.fullmatch(r"[A-Za-z]:", drive) or not _slash:
        raise ValueError(f"'{value}' is not a full path, which starts with a drive such as C:\\")
    parts = rest.rstrip("\\").split("\\") if rest.strip("\\") else []
    *folders, name = parts or [""]
    if any(DATE in folder for folder in folders) or (DATE in name and not name.lower().endswith(EXTENSION)):
        raise ValueError(f"{DATE} is allowed only in the file name")
    for part in folders:
        _file_part(part)
    if name.lower().endswith((".evt", EXTENSION)):
        file_name(name)
    elif name:
        _file_part(name)
    return "\\".join([drive, *parts]) if parts else f"{drive}\\"


def file_name(value: str) -> str:
    """Return the name of a saved event log, which can contain the placeholder of the date."""
    if value.lower().endswith(".evt"):
        raise ValueError(f"{value!r} ends in .evt, the format of Windows Server 2003; the file name must end in .evtx")
    if not value.lower().endswith(EXTENSION) or value.lower() == EXTENSION:
        raise ValueError(f"{value!r} is not a valid file name: it must end in {EXTENSION}")
    _file_part(value.replace(DATE, ""))
    return value


def _file_part(part: str) -> None:
    """Raise ValueError for a name in a path that Windows does not allow."""
    wrong = sorted(set(re.findall(r'[<>:"|?*\\/{}\x00-\x1f\x7f]', part)))
    if wrong:
        raise ValueError(
            f"{part!r} contains {' '.join(map(repr, wrong))}, which is not allowed in a file name; {DATE} is replaced with the date"
        )
    if not part or part != part.rstrip(" .") or part.partition(".")[0].upper() in _DEVICES:
        raise ValueError(f"{part!r} is not a valid name of a file or directory in Windows")
