# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find, read, replace, and remove files on the machine that keeps them.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A file is written to a temporary file in the same folder, synced, and renamed, so that no reader finds a part of it.
"""

from __future__ import annotations

import os
import stat
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from .paths import PART, RefusalError, digest_of, expanded, locked_folder, opened, problem_of, resolved, sync

_WILDCARDS = frozenset("*?[")


def survey(request: Any) -> Any:
    """Find the files to read, and check the places of the files to write."""
    return {
        "read": [each for path in request["read"] for each in _matches(path)],
        "write": [{"path": path, **_place(resolved(path))} for path in request["write"]],
        "folders": [{"path": path, **_folder(path, resolved(path))} for path in request["folders"]],
    }


def _matches(path: str) -> Iterator[Any]:
    found = resolved(path)
    if os.path.lexists(found):
        yield _file(path, found)
    elif _WILDCARDS & set(path):
        whole, home = expanded(path), expanded("~") if path.startswith("~") else None
        for each in sorted(Path("/").glob(str(whole.relative_to("/")))):
            if each.is_file():
                yield _file(f"~/{each.relative_to(home)}" if home else str(each), resolved(each))


def _file(shown: str, path: Path) -> Any:
    with opened(path) as stream:
        found = os.fstat(stream.fileno())
    return {"path": shown, "size": found.st_size, "mode": stat.S_IMODE(found.st_mode)}


def _place(path: Path) -> Any:
    """Return the problem of a place for a file, None if a file can be written there, and the mode of the file that is there."""
    mode = None
    if os.path.lexists(path):
        found = path.lstat().st_mode
        if not stat.S_ISREG(found):
            return {"problem": "it is a directory, not a file" if stat.S_ISDIR(found) else "it is not a regular file", "mode": None}
        mode = stat.S_IMODE(found)
    return {"problem": problem_of(path.parent), "mode": mode}


def _folder(shown: str, path: Path) -> Any:
    """Return the problem of a folder that can be created, the folders below, and the files in them. Links are left out."""
    if not os.path.lexists(path):
        return {"problem": problem_of(path.parent), "exists": False, "folders": [], "files": []}
    problem = problem_of(path)
    below = [] if problem else sorted(each for each in path.rglob("*") if not each.is_symlink())
    return {
        "problem": problem,
        "exists": True,
        "folders": [f"{shown}/{each.relative_to(path)}" for each in below if each.is_dir()],
        "files": [_file(f"{shown}/{each.relative_to(path)}", each) for each in below if each.is_file()],
    }


def sizes(paths: list[Path]) -> Any:
    """Return the sizes of files, whose content follows."""
    return {"files": [{"size": path.stat().st_size, "digest": digest_of(path)} for path in paths]}


def send(paths: list[Path], target: BinaryIO) -> None:
    """Write the contents of files in one compressed stream."""
    packer = zlib.compressobj(1)
    for path in paths:
        with opened(path) as stream:
            while part := stream.read(PART):
                target.write(packer.compress(part))
    target.write(packer.flush())


def write(request: Any, source: BinaryIO) -> Any:
    """Replace files, each as a whole, and remove others. The files in "conflicts" were changed by others, and are not replaced."""
    content = Content(source)
    conflicts = [each["path"] for each in request["files"] if not _replace(each, content)]
    for each in request["removed"]:
        path = resolved(each["path"])
        if digest_of(path) == each["digest"]:
            path.unlink()
            with suppress(OSError):  # it has other files
                path.parent.rmdir()
    return {"conflicts": conflicts}


def _replace(file: Any, content: Content) -> bool:
    """Write a file, and return whether it was put in its place.

    The digest of the request is None for any file, an empty text for no file, or that of the file to replace.
    """
    path = resolved(file["path"])
    _create(path.parent, file["folders"])
    number, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as stream:
            content.copy(file["size"], stream)
            stream.flush()
            os.fchmod(number, file["mode"])
            os.fsync(number)
        with locked_folder(path.parent):
            if file["digest"] is not None and digest_of(path) != file["digest"]:
                return False
            Path(name).replace(path)
        sync(path.parent)
    finally:
        with suppress(OSError):
            Path(name).unlink()
    return True


def _create(folder: Path, most: int) -> None:
    """Create the folder of a file, and with it at most this number of folders."""
    if most > 0 and not folder.is_dir():
        _create(folder.parent, most - 1)
        folder.mkdir(mode=0o700, exist_ok=True)


class Content:
    """The contents of files in a request, in one compressed stream."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._unpacker = zlib.decompressobj()
        self._rest = b""

    def copy(self, size: int, target: BinaryIO) -> None:
        """Copy this number of bytes. Raises RefusalError if there are fewer."""
        while size:
            part = self._rest or self._part()
            target.write(part[:size])
            self._rest = part[size:]
            size -= min(size, len(part))

    def _part(self) -> bytes:
        part = b""
        while not part:
            packed = self._unpacker.unconsumed_tail or self._source.read(PART)
            if not packed:
                raise RefusalError("the content of a file did not arrive completely")
            part = self._unpacker.decompress(packed, PART)
        return part


__all__ = ["Content", "send", "sizes", "survey", "write"]
