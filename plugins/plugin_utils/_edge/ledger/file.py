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
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ....module_utils._file_host import ledger
from ....module_utils._file_host.paths import RefusalError, full_disk
from ..._licensing.recording.entry import LARGEST_LEDGER, LedgerError
from ..kept_path import UnsafePathError, resolved


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
        if not os.path.lexists(self.path):
            self._check_directory()
            return
        with self._explained():
            size = ledger.size_of(self.path)
        if size > LARGEST_LEDGER:
            step = "Rename the file, and keep it. The next task begins a new one."
            raise self._problem(f"it has {size} bytes, and the maximum is {LARGEST_LEDGER}", step)

    def append(self, line: str, *, in_any_case: bool = False) -> None:
        """Append a line, which has no line feed. Raises LedgerError; the file then does not contain a part of the line, if possible.

        :param in_any_case: Append also without the lock, if another program does not release it.
        """
        with self._explained():
            ledger.append_line(self.path, line, in_any_case=in_any_case)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise LedgerError for what a file host would refuse too."""
        try:
            yield
        except RefusalError as refusal:
            raise self._problem(str(refusal)) from None
        except OSError as error:
            raise self._problem(_reason(error)) from None

    def _check_directory(self) -> None:
        folder = self.path.parent
        if not folder.is_dir():
            raise self._problem(f"{folder} is not a directory" if folder.exists() else f"the directory {folder} does not exist")
        if not os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
            raise self._problem(f"the user who runs Ansible cannot create files in {folder}")
        problem = full_disk(os.statvfs(folder))
        if problem:
            raise self._problem(problem)

    def _problem(self, reason: str, *next_steps: str) -> LedgerError:
        return LedgerError(f"Cannot write to the ledger {self.path}: {reason}.", next_steps)


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
