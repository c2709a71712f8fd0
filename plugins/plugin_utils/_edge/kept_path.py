# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resolves the path of a file that playbooks keep on the controller, through trusted links only.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

In a directory that other users can write to, such as /tmp, another user of the controller can create a symbolic link with the name of
a report, and so choose which file of the user who runs Ansible is overwritten.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

from ...module_utils._file_host.paths import RefusalError
from ...module_utils._file_host.paths import resolved as without_links
from .._errors import VolumeActivationError


class UnsafePathError(VolumeActivationError):
    """A path that cannot be used for a file; the text contains the reason and the next step."""

    error_code = "unsafe_path"
    cause = "The value is not a path, its target is a device or a pipe, or another user of the controller can change its target."
    next_steps = ("Specify a file in a directory that only you can write to.",)


def resolved(path: Any) -> str:
    """Return the absolute path with resolved links; parts that do not exist yet are kept.

    Raises UnsafePathError for a text that is not a path, for a link that belongs neither to this user nor to root, for a loop of
    links, and for a path that is not a file, such as a device, because the new file would replace it.
    """
    if not isinstance(path, str) or not path.strip() or "\0" in path:
        raise UnsafePathError("the path of the file is empty, or is not a text")
    try:
        whole = Path(path).expanduser()
    except RuntimeError:
        user = Path(path).parts[0].removeprefix("~")
        raise UnsafePathError(f"the path {path!r} starts with the home directory of the user {user}, which does not exist") from None
    found = _followed(whole.absolute())
    kind = _special(found)
    if kind:
        raise UnsafePathError(f"{found} is {kind}, not a file. Specify a file, or a path that does not exist yet")
    return str(found)


_SPECIAL = (
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
)


def _special(path: Path) -> str:
    """Return a text for a path that is neither a file nor a directory, or an empty text. The path is not opened."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return ""
    return next((kind for is_one, kind in _SPECIAL if is_one(mode)), "")


def _followed(path: Path) -> Path:
    """Return the path without links. Raises UnsafePathError for a link of another user, and for a loop."""
    try:
        return without_links(path)
    except RefusalError as refusal:
        step = "Remove the link, or specify a file in a directory that only you can write to"
        raise UnsafePathError(f"{refusal}. {step}") from None
    except OSError as error:
        raise UnsafePathError(
            f"{path} contains a symbolic link that could not be read ({error.strerror}), maybe because it was changed at the same time"
        ) from None
