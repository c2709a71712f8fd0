# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the copies of the files of a file host are on the controller, and which file a copy is of.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The copies are in the temporary directory of the run. Ansible creates it for one run of one user, and removes it at the end.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from ansible import constants

from ..kept_path import UnsafePathError

_FOLDER = "file_host"


def root() -> Path:
    """Return the folder of all copies of this run."""
    return Path(constants.DEFAULT_LOCAL_TMP) / _FOLDER


def place(path: Any) -> str:
    """Return a path of a file host in its normal form. A relative path is in the home directory of the user there.

    Raises UnsafePathError for a text that is not a path, and for the home directory of another user.
    """
    if not isinstance(path, str) or not path.strip() or "\0" in path:
        raise UnsafePathError("the path of the file is empty, or is not a text")
    text = path.strip()
    if text.startswith("/"):
        return posixpath.normpath(f"/{text.lstrip('/')}")
    inner = posixpath.normpath(text.removeprefix("~/"))
    if text.startswith("~") and not text.startswith("~/"):
        raise UnsafePathError(f"the path {path!r} on a file host can begin with / or ~/ only")
    if inner == ".." or inner.startswith("../"):
        raise UnsafePathError(f"the path {path!r} leads out of the home directory of the user on the file host. Specify an absolute path")
    return f"~/{inner}"


def copy_of(host: str, path: Any) -> str:
    """Return the path of the copy of a file. Raises UnsafePathError."""
    return f"{root() / quote(host, safe='')}/{place(path).lstrip('/')}"


def named(value: Any) -> Any:
    """Return a value, in whose texts each path of a copy is that of the file on its file host, such as files01:/srv/report.html."""
    folder = str(root())
    copies = re.compile(rf"{re.escape(folder)}/([^/\s]+)(/~)?(?=/)")
    return _named(value, folder, copies)


def named_if_copied(result: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a task with the names of files instead of the paths of copies, if this run has copies."""
    found: dict[str, Any] = named(result) if root().is_dir() else result
    return found


def _named(value: Any, folder: str, copies: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return copies.sub(lambda found: f"{unquote(found[1])}:{'~' if found[2] else ''}", value) if folder in value else value
    if isinstance(value, Mapping):
        return {_named(name, folder, copies): _named(inner, folder, copies) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_named(inner, folder, copies) for inner in value]
    return value


__all__ = ["copy_of", "named", "named_if_copied", "place", "root"]
