# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Explanations of the codes with which Windows does not save an event log.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Four return values of BackupEventlog are documented: 8 and 21, which are not the Win32 errors with these numbers, 80, and on Windows
Server 2003, 183. Any other value is a Win32 error or an HRESULT.
"""

from __future__ import annotations

from ..._licensing.catalog.errors import ErrorExplanation, explain, format_code

_WIN32 = 0x80070000
_FILE_EXISTS, _ALREADY_EXISTS = 80, 183
EXISTS = frozenset({_FILE_EXISTS, _ALREADY_EXISTS, _WIN32 | _FILE_EXISTS, _WIN32 | _ALREADY_EXISTS})
"""Codes that mean that a file with this name exists."""

_RIGHTS = (
    "Connect as a local administrator, or as a member of Backup Operators. To save a log, the account must have the right to back up files."
)
_ELSEWHERE = "Do not specify path, or use another directory. The directory of the log always accepts the file."
_LOOK = "Check the directory on the machine. Use another file name, or remove the file if you do not need it."
_TEXTS: dict[int, tuple[str | None, str, str, tuple[str, ...]]] = {
    8: (
        None,
        "The account does not have the right to back up files.",
        "The account does not have SeBackupPrivilege, or it is not enabled.",
        (_RIGHTS,),
    ),
    1314: (
        "ERROR_PRIVILEGE_NOT_HELD",
        "The account does not have the right to back up files.",
        "The account does not have SeBackupPrivilege.",
        (_RIGHTS,),
    ),
    21: (
        None,
        "Windows does not accept this file name.",
        "The directory does not exist, the drive is not local, or a character is not allowed.",
        ("Create the directory, or correct path and file_name.", _ELSEWHERE),
    ),
    87: (
        "ERROR_INVALID_PARAMETER",
        "Windows does not accept this file name.",
        "A character is not allowed.",
        ("Correct the file name.", _ELSEWHERE),
    ),
    3: (
        "ERROR_PATH_NOT_FOUND",
        "The directory does not exist.",
        "The directory or the drive was removed.",
        ("Create the directory.", _ELSEWHERE),
    ),
    5: (
        "ERROR_ACCESS_DENIED",
        "Access to the directory was denied.",
        "The account, or the event log service, does not have permission to write to the directory.",
        (_ELSEWHERE, _RIGHTS),
    ),
    _FILE_EXISTS: (
        "ERROR_FILE_EXISTS",
        "A file with this name exists.",
        "The account cannot see the file, or it is a directory.",
        (_LOOK,),
    ),
    _ALREADY_EXISTS: (
        "ERROR_ALREADY_EXISTS",
        "A file with this name exists.",
        "The account cannot see the file, or it is a directory.",
        (_LOOK,),
    ),
    32: (
        "ERROR_SHARING_VIOLATION",
        "Another program uses the file.",
        "It is usually a backup or antivirus program.",
        ("Run the task again.",),
    ),
    112: (
        "ERROR_DISK_FULL",
        "The disk is full.",
        "The drive does not have enough free space for the log.",
        ("Free space on the drive.", "Use a directory on another drive."),
    ),
}
_NOT_AS_HRESULT = frozenset({8, 21})


def explain_not_saved(code: int, path: str) -> ErrorExplanation:
    """Explain a return value or HRESULT of BackupEventlog for a file."""
    plain = code & 0xFFFF if code & 0xFFFF0000 == _WIN32 else code
    if plain not in _TEXTS or (plain != code and plain in _NOT_AS_HRESULT):
        return explain(code)
    symbol, meaning, cause, steps = _TEXTS[plain]
    return ErrorExplanation(
        code=format_code(code),
        symbol=symbol,
        meaning=meaning,
        cause=f"{cause} The file is {path}.",
        next_steps=steps,
        category="permission" if plain in (5, 8, 1314) else "parameter",
        transient=plain == 32,
        known=True,
    )
