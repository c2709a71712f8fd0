# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a file is that playbooks keep on the controller, by links that can be trusted only.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

In a folder that others may write to, such as /tmp, another user of the controller can put a symbolic link where a report is to be, and
with it choose which file of the person who runs Ansible is overwritten.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from .._errors import VolumeActivationError

_MOST_LINKS = 40
"""Links followed until a path counts as a circle, as Linux does."""


class UnsafePathError(VolumeActivationError):
    """A path that cannot be used for a file; the text says why and what to do."""

    error_code = "unsafe_path"
    cause = "The value is not a path, it leads to a device or a pipe, or another user of the controller decides where it leads."
    next_steps = ("Name a file in a folder that only you may write to.",)


def resolved(path: Any) -> str:
    """The absolute path with its links followed; what does not exist yet is taken as it is written.

    Raises UnsafePathError for a text that is no path, for a link that belongs neither to this user nor to root, for a circle of
    links, and for
    what is no file, such as a device: the file that is written would take its place.
    """
    if not isinstance(path, str) or not path.strip() or "\0" in path:
        raise UnsafePathError("the path of the file is empty, or is no text")
    try:
        whole = Path(path).expanduser()
    except RuntimeError:
        user = Path(path).parts[0].removeprefix("~")
        raise UnsafePathError(f"the path {path!r} begins at a home directory, and there is no user {user} who has one") from None
    found = _followed(whole.absolute())
    kind = _special(found)
    if kind:
        raise UnsafePathError(f"{found} is {kind} and no file. Name a file, or a path at which nothing exists yet")
    return str(found)


_SPECIAL = (
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
)


def _special(path: Path) -> str:
    """What a path is besides a file or a folder, in words; nothing for these and for what does not exist. It is not opened."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return ""
    return next((words for is_one, words in _SPECIAL if is_one(mode)), "")


def _followed(path: Path) -> Path:
    done, waiting = Path(path.anchor), list(path.parts[1:])
    links = 0
    while waiting:
        part = waiting.pop(0)
        if part == "..":
            done = done.parent
            continue
        here = done / part
        target = _target(here)
        if target is None:
            done = here
            continue
        links += 1
        if links > _MOST_LINKS:
            raise UnsafePathError(f"{path} leads through a circle of symbolic links")
        if target.is_absolute():
            done = Path(target.anchor)
        waiting = [*(target.parts[1:] if target.is_absolute() else target.parts), *waiting]
    return done


def _target(path: Path) -> Path | None:
    """Where a link leads; None for what is no link or does not exist. Raises UnsafePathError for somebody else's."""
    try:
        found = path.lstat()
    except OSError:
        return None
    if not stat.S_ISLNK(found.st_mode):
        return None
    if found.st_uid not in (0, os.geteuid()):
        raise UnsafePathError(
            f"{path} is a symbolic link that belongs to another user (number {found.st_uid}), who decides where it leads."
            " Remove it, or name a file in a folder that only you may write to"
        )
    try:
        return path.readlink()
    except OSError as error:
        raise UnsafePathError(
            f"{path} is a symbolic link that could not be read ({error.strerror}), maybe because it was changed"
        ) from None
