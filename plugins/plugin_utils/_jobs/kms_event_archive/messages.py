# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why Windows did not save an event log, in words.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Four return values of BackupEventlog are documented: 8 and 21, which are none of the Win32 errors with these numbers, 80 and, of Windows
Server 2003, 183. Whatever else comes is a Win32 error, plain or as an HRESULT.
"""

from __future__ import annotations

from ..._licensing.catalog.errors import UNKNOWN_SYMBOL, ErrorExplanation, explain, format_code

_WIN32 = 0x80070000
_FILE_EXISTS, _ALREADY_EXISTS = 80, 183
EXISTS = frozenset({_FILE_EXISTS, _ALREADY_EXISTS, _WIN32 | _FILE_EXISTS, _WIN32 | _ALREADY_EXISTS})
"""There is a file of this name."""

_RIGHTS = "Connect as a local administrator, or as a member of Backup Operators: saving a log takes the right to back up files."
_ELSEWHERE = "Leave 'path' out, or name another folder: the one of the log itself always takes the file."
_LOOK = "Look into the folder on the machine. Name another file, or remove this one when it is of no use."
_TEXTS: dict[int, tuple[str, str, str, tuple[str, ...]]] = {
    8: (UNKNOWN_SYMBOL, "The account lacks the right to back up files.", "SeBackupPrivilege is not held or not enabled.", (_RIGHTS,)),
    1314: ("ERROR_PRIVILEGE_NOT_HELD", "The account lacks the right to back up files.", "SeBackupPrivilege is not held.", (_RIGHTS,)),
    21: (
        UNKNOWN_SYMBOL,
        "Windows does not take this file name.",
        "The folder does not exist, the drive is no local one, or a character is not allowed.",
        ("Create the folder, or correct 'path' and 'file_name'.", _ELSEWHERE),
    ),
    87: (
        "ERROR_INVALID_PARAMETER",
        "Windows does not take this file name.",
        "A character is not allowed.",
        ("Correct the name.", _ELSEWHERE),
    ),
    3: ("ERROR_PATH_NOT_FOUND", "The folder does not exist.", "It was removed, or the drive is gone.", ("Create the folder.", _ELSEWHERE)),
    5: (
        "ERROR_ACCESS_DENIED",
        "Access to the folder was denied.",
        "The account, or the event log service in its name, may not write there.",
        (_ELSEWHERE, _RIGHTS),
    ),
    _FILE_EXISTS: ("ERROR_FILE_EXISTS", "There is a file of this name.", "It is hidden from the account, or a folder.", (_LOOK,)),
    _ALREADY_EXISTS: ("ERROR_ALREADY_EXISTS", "There is a file of this name.", "It is hidden from the account, or a folder.", (_LOOK,)),
    32: ("ERROR_SHARING_VIOLATION", "Another program uses the file.", "A backup or antivirus program.", ("Run the task again.",)),
    112: (
        "ERROR_DISK_FULL",
        "The disk is full.",
        "The drive has no room for the log.",
        ("Free space there.", "Name a folder on another drive."),
    ),
}
_NOT_AS_HRESULT = frozenset({8, 21})


def why_not_saved(code: int, path: str) -> ErrorExplanation:
    """What a return value or HRESULT of BackupEventlog means for this file."""
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
