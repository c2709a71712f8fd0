# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths, locks, and digests on the machine that keeps files, which can be the controller.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A path begins with / or ~/, and leads only through links of this user or of root: another user of the machine could choose which file is
written.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

PART = 1024 * 1024
"""Bytes that are read at once."""

SPARE_BYTES = 64 * 1024
"""Minimum free space on the disk."""

_MOST_LINKS = 40
_LOCK_SECONDS, _PAUSE_SECONDS = 10.0, 0.02
_NO_LOCKS = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EBADF})


class RefusalError(Exception):
    """The request cannot be carried out; the text is the reason."""


def expanded(path: str) -> Path:
    """Return a path without ~. Raises RefusalError if the user has no home directory."""
    if not path.startswith("~"):
        return Path(path)
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise RefusalError("the user has no home directory") from None


def resolved(path: str | Path) -> Path:
    """Return the path without links; parts that do not exist yet are kept. Raises RefusalError for a link of another user."""
    whole = expanded(str(path))
    done, waiting, links = Path("/"), list(whole.parts[1:]), 0
    while waiting:
        part = waiting.pop(0)
        here = done.parent if part == ".." else done / part
        if part == ".." or not _is_own_link(here):
            done = here
            continue
        links += 1
        if links > _MOST_LINKS:
            raise RefusalError(f"{path} contains a loop of symbolic links")
        target = here.readlink()
        done = Path("/") if target.is_absolute() else done
        waiting = [*(target.parts[1:] if target.is_absolute() else target.parts), *waiting]
    return done


def _is_own_link(path: Path) -> bool:
    """Whether a path is a link. Raises RefusalError for a link of another user."""
    try:
        found = path.lstat()
    except OSError:
        return False
    if not stat.S_ISLNK(found.st_mode):
        return False
    if found.st_uid not in {0, os.geteuid()}:
        owner = f"another user (UID {found.st_uid}), who can change its target"
        raise RefusalError(f"{path} is a symbolic link that belongs to {owner}")
    return True


def problem_of(folder: Path) -> str | None:
    """Return why no file can be created in a folder, or None."""
    if not folder.is_dir():
        return f"{folder} is not a directory" if folder.exists() else f"the directory {folder} does not exist"
    try:
        number, name = tempfile.mkstemp(prefix=".", dir=folder)
    except OSError as error:
        return f"no file can be created in {folder}: {error.strerror}"
    os.close(number)
    Path(name).unlink()
    return full_disk(os.statvfs(folder))


def full_disk(found: os.statvfs_result) -> str | None:
    """Return that the disk is full, or None."""
    return "the disk is full" if found.f_bavail * found.f_frsize < SPARE_BYTES else None


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a regular file for reading. Raises RefusalError for anything else."""
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(number, "rb") as stream:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise RefusalError(f"{path} is not a regular file")
        yield stream


def digest_of(path: Path) -> str:
    """Return the digest of a file, or an empty text if there is no file."""
    found = hashlib.sha256()
    try:
        with opened(path) as stream:
            while part := stream.read(PART):
                found.update(part)
    except FileNotFoundError:
        return ""
    return found.hexdigest()


def lock(number: int, *, in_any_case: bool) -> bool:
    """Lock a file, and return whether it is locked; some network file systems do not have locks.

    Raises RefusalError if another program has the lock, unless the caller goes on in any case.
    """
    deadline = time.monotonic() + _LOCK_SECONDS
    while (is_locked := _try_lock(number)) is None and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
    if is_locked is None and not in_any_case:
        raise RefusalError(f"another program has locked it for {_LOCK_SECONDS:.0f} seconds")
    return bool(is_locked)


def _try_lock(number: int) -> bool | None:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return False
        raise
    return True


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Let no other run compare and replace a file of a folder at the same time."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        lock(number, in_any_case=False)
        yield
    finally:
        os.close(number)


def sync(folder: Path) -> None:
    """Sync a folder, so that a new name in it outlives a power failure. Some file systems cannot do this."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(number)
        finally:
            os.close(number)


__all__ = [
    "PART", "RefusalError", "digest_of", "expanded", "full_disk", "lock", "locked_folder", "opened", "problem_of", "resolved", "sync",
]  # fmt: skip
