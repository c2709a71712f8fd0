# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Append lines to a ledger on the controller, safely for many processes at the same time.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Each line is written with one call at the end of the file, under a lock, and then synced to the disk. A process that is killed, or a full
disk, can leave the beginning of a line; the next line then begins on a line of its own.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..._licensing.recording.entry import LARGEST_LEDGER, LedgerError
from ..kept_path import UnsafePathError, resolved

_MODE = 0o600
_SPARE_BYTES = 64 * 1024
"""Minimum free space on the disk before a task begins."""

_LOCK_SECONDS, _PAUSE_SECONDS = 10.0, 0.02
_NO_LOCKS = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
"""Not blocking, for a named pipe that someone put in the place of the file."""


class LedgerFile:
    """The file of a ledger. Links in its path are resolved, and must belong to this user or to root."""

    def __init__(self, path: Any) -> None:
        """Raises LedgerError for a value that cannot be the path of a file."""
        try:
            self.path = Path(resolved(path))
        except UnsafePathError as error:
            raise LedgerError(f"Cannot use the ledger {path!r}: {error.message}.") from None
        if not Path(path).expanduser().is_absolute():
            step = "Set activation_ledger to an absolute path, for example in {{ playbook_dir }}, so that every run uses the same file."
            raise LedgerError(f"Cannot use the ledger {path!r}: the path is not absolute.", (step,))

    def check(self) -> None:
        """Check that lines can be appended, without changing anything. Raises LedgerError."""
        try:
            if not os.path.lexists(self.path):
                self._check_directory()
                return
            number = os.open(self.path, _FLAGS)
            try:
                self._check_file(number)
            finally:
                os.close(number)
        except OSError as error:
            raise self._problem(_reason(error)) from None

    def append(self, line: str, *, in_any_case: bool = False) -> None:
        """Append a line, which has no line feed. Raises LedgerError; the file then does not contain a part of the line, if possible.

        :param in_any_case: Append also without the lock, if another program does not release it.
        """
        data = f"{line}\n".encode("ascii")
        try:
            number = os.open(self.path, _FLAGS | os.O_CREAT, _MODE)
            try:
                self._check_kind(number)
                is_new = self._write(number, data, in_any_case=in_any_case)
                os.fsync(number)
            finally:
                os.close(number)
            if is_new:
                self._sync_directory()
        except OSError as error:
            raise self._problem(_reason(error)) from None

    def _write(self, number: int, data: bytes, *, in_any_case: bool) -> bool:
        """Write at the end of the file, and return whether the file was empty."""
        is_locked = self._lock(number, in_any_case=in_any_case)
        try:
            size = os.fstat(number).st_size
            is_cut = size > 0 and os.pread(number, 1, size - 1) != b"\n"
            data = b"\n" + data if is_cut else data
            if os.write(number, data) < len(data):
                if is_locked:
                    with suppress(OSError):
                        os.ftruncate(number, size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            if is_locked:
                fcntl.flock(number, fcntl.LOCK_UN)  # the others do not wait for the disk
        return size == 0

    def _lock(self, number: int, *, in_any_case: bool) -> bool:
        """Lock the file, and return whether it is locked; some network file systems do not have locks."""
        deadline = time.monotonic() + _LOCK_SECONDS
        while (is_locked := _try_lock(number)) is None and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)
        if is_locked is None and not in_any_case:
            raise self._problem(f"another program has locked it for {_LOCK_SECONDS:.0f} seconds")
        return bool(is_locked)

    def _check_directory(self) -> None:
        folder = self.path.parent
        if not folder.is_dir():
            raise self._problem(f"{folder} is not a directory" if folder.exists() else f"the directory {folder} does not exist")
        if not os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
            raise self._problem(f"the user who runs Ansible cannot create files in {folder}")
        self._check_space(os.statvfs(folder))

    def _check_file(self, number: int) -> None:
        self._check_kind(number)
        self._check_space(os.fstatvfs(number))
        size = os.fstat(number).st_size
        if size > LARGEST_LEDGER:
            step = "Rename the file, and keep it. The next task begins a new one."
            raise self._problem(f"it has {size} bytes, and the maximum is {LARGEST_LEDGER}", step)

    def _check_kind(self, number: int) -> None:
        """Raise LedgerError for anything but a file, and for a file that another user put into a directory for everybody."""
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode):
            raise self._problem("it is not a regular file")
        is_shared = self.path.parent.stat().st_mode & stat.S_IWOTH
        if is_shared and (found.st_uid not in (0, os.geteuid()) or found.st_nlink > 1):
            raise self._problem(f"every user can write to {self.path.parent}, and another user can change or read this file")

    def _check_space(self, found: os.statvfs_result) -> None:
        if found.f_bavail * found.f_frsize < _SPARE_BYTES:
            raise self._problem("the disk is full")

    def _sync_directory(self) -> None:
        """Sync the directory of a new file. Some file systems cannot do this."""
        with suppress(OSError):
            number = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(number)
            finally:
                os.close(number)

    def _problem(self, reason: str, *next_steps: str) -> LedgerError:
        return LedgerError(f"Cannot write to the ledger {self.path}: {reason}.", next_steps)


def _try_lock(number: int) -> bool | None:
    """Lock a file without waiting. Return True, None if another process has the lock, or False if the file system does not have locks."""
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return False
        raise
    return True


def _reason(error: OSError) -> str:
    kinds = {
        errno.EACCES: "the user who runs Ansible cannot write to it",
        errno.EPERM: "the user who runs Ansible cannot write to it",
        errno.ENOENT: "its directory does not exist",
        errno.EISDIR: "it is a directory",
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota of the user who runs Ansible is used up",
        errno.EFBIG: "it has reached the maximum size of a file",
        errno.EROFS: "the file system is read-only",
        errno.ELOOP: "it was replaced by a symbolic link",
        errno.ENXIO: "it is not a regular file",
    }
    return kinds.get(error.errno or 0, f"{error.strerror or error}")


__all__ = ["LedgerFile"]
