# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Append lines to a ledger on the machine that keeps it, by the rules of a ledger on the controller.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

from .paths import RefusalError, full_disk, lock, problem_of, resolved, sync

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def check(request: Any) -> Any:
    """Check that lines can be appended, without a change, and return the size of the file. Raises RefusalError or OSError."""
    path = resolved(request["path"])
    if os.path.lexists(path):
        return {"size": size_of(path)}
    problem = problem_of(path.parent)
    if problem:
        raise RefusalError(problem)
    return {"size": 0}


def append(request: Any) -> Any:
    """Append a line. Raises RefusalError or OSError."""
    append_line(resolved(request["path"]), request["line"], in_any_case=request["in_any_case"])
    return {}


def size_of(path: Path) -> int:
    """Return the size of a ledger to which lines can be appended. The path has no links. Raises RefusalError or OSError."""
    number = os.open(path, _FLAGS)
    try:
        _require_own_file(number, path)
        problem = full_disk(os.fstatvfs(number))
        if problem:
            raise RefusalError(problem)
        return os.fstat(number).st_size
    finally:
        os.close(number)


def append_line(path: Path, line: str, *, in_any_case: bool) -> None:
    """Append a line under a lock, and sync it. The path has no links. Raises RefusalError or OSError; no part is then left, if possible."""
    is_new = not path.exists()
    number = os.open(path, _FLAGS | os.O_CREAT, 0o600)
    try:
        _require_own_file(number, path)
        is_locked = lock(number, in_any_case=in_any_case)
        try:
            _write(number, f"{line}\n".encode("ascii"), is_locked=is_locked)
        finally:
            if is_locked:
                fcntl.flock(number, fcntl.LOCK_UN)  # the others do not wait for the disk
        os.fsync(number)
    finally:
        os.close(number)
    if is_new:
        sync(path.parent)


def _write(number: int, data: bytes, *, is_locked: bool) -> None:
    size = os.fstat(number).st_size
    if size and os.pread(number, 1, size - 1) != b"\n":
        data = b"\n" + data
    if os.write(number, data) < len(data):
        if is_locked:
            with suppress(OSError):
                os.ftruncate(number, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _require_own_file(number: int, path: Path) -> None:
    """Raise RefusalError for anything but a file, and for a file that another user put into a directory for everybody."""
    found = os.fstat(number)
    if not stat.S_ISREG(found.st_mode):
        raise RefusalError("it is not a regular file")
    if path.parent.stat().st_mode & stat.S_IWOTH and (found.st_uid not in {0, os.geteuid()} or found.st_nlink > 1):
        raise RefusalError(f"every user can write to {path.parent}, and another user can change or read this file")


__all__ = ["append", "append_line", "check", "size_of"]
