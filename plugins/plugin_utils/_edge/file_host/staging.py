# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of the files of a file host: made before the work, and put back after it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A run works on the copies as on files of the controller. A register in the temporary directory of the run has what each copy was when it was
made or last put back, so that only changed files are put back, and a file that others have changed meanwhile is noticed.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from ..._errors import VolumeActivationError
from .channel import FileHost, FileHostError
from .places import copy_of, place, root

MOST_BYTES = 512 * 1024 * 1024
"""Maximum size of all files of one task together."""

MOST_FILES = 20_000
_BATCH = 32 * 1024 * 1024
_PART = 1024 * 1024
_SECONDS = 600
_TIME = "%Y%m%dT%H%M%SZ"
_TOO_LARGE = ("Keep older files in another folder, or name fewer files.",)


class FileChangedError(VolumeActivationError):
    """Another process changed a file on the file host during the run. The text contains the names of both files."""

    error_code = "file_changed"
    cause = "Two runs, or a person and a run, wrote the file at the same time."
    next_steps = (
        "Compare both files, keep one under the name of the file, and run the playbook again. Only one run at a time can write it.",
    )


@dataclass(frozen=True)
class Wanted:
    """Paths on the file host: files to read, which can be patterns; files to write; and folders to read and write with all below them."""

    read: Sequence[str] = ()
    write: Sequence[str] = ()
    folders: Sequence[str] = ()

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Wanted:
        """Return the paths of a task in their normal form. Raises UnsafePathError."""
        lists = {name: [place(path) for path in options[name] if path] for name in ("read", "write", "folders")}
        return cls(**{name: tuple(dict.fromkeys(paths)) for name, paths in lists.items()})


class Staging:
    """The copies of the files of one file host."""

    def __init__(self, host: FileHost) -> None:
        self._host = host
        self._own = root() / quote(host.name, safe="")
        self._register_path = root() / f".{quote(host.name, safe='')}.json"

    def stage(self, wanted: Wanted) -> list[str]:
        """Copy the files, and return their paths. Raises FileHostError, also if a file could not be written later."""
        answer, _none = self._host.request("survey", seconds=_SECONDS, read=wanted.read, write=wanted.write, folders=wanted.folders)
        self._require_places([*answer["write"], *answer["folders"]])
        found = {each["path"]: each for each in [*answer["read"], *(each for folder in answer["folders"] for each in folder["files"])]}
        self._require_bounds(found)
        self._own.mkdir(mode=0o700, parents=True, exist_ok=True)
        register = self._register()
        for path in [*wanted.read, *wanted.write]:
            self._copy(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in answer["folders"]:
            self._make_folder(folder)
        register.update(self._placeholders(answer["write"], found, register))
        for batch in _batches(list(found.values())):
            register.update(self._fetched(batch))
        for path in set(wanted.read) - found.keys():  # a copy of an earlier batch, of a file that is gone
            with suppress(OSError):
                self._copy(path).unlink()
            register[path] = {"digest": "", "state": None}
        self._keep(register)
        return sorted(found)

    def put_back(self, wanted: Wanted, *, unchanged: bool, check: bool) -> list[str]:
        """Write the copies that have changed, and return the paths of the files. Raises FileHostError.

        Raises FileHostError, or FileChangedError after it has written the other files.

        :param unchanged: Fail for a file that others have changed since it was copied; the copy is then put beside the file.
        :param check: Write nothing.
        """
        register = self._register()
        files = [each for each in self._changed(wanted, register) if _state(self._copy(each["path"])) is not None]
        gone = [
            {"path": path, "digest": known["digest"]}
            for path, known in register.items()
            if known["digest"] and any(path.startswith(f"{folder}/") for folder in wanted.folders) and not self._copy(path).exists()
        ]
        if (files or gone) and not check:
            for each in files:
                each["digest"] = register.get(each["path"], {}).get("digest") if unchanged else None
            self._write(files, gone, register)
        return [each["path"] for each in [*files, *gone]]

    def _write(self, files: Sequence[Mapping[str, Any]], gone: Sequence[Mapping[str, Any]], register: dict[str, Any]) -> None:
        digests: dict[str, str] = {}
        content = list(self._packed([each["path"] for each in files], digests))
        answer, _none = self._host.request("write", content, seconds=_SECONDS, files=files, removed=gone)
        conflicts = set(answer["conflicts"])
        for each in files:
            if each["path"] not in conflicts:
                register[each["path"]] = {"digest": digests[each["path"]], "state": _state(self._copy(each["path"]))}
        for each in gone:
            del register[each["path"]]
        self._keep(register)
        if conflicts:
            self._put_beside([each for each in files if each["path"] in conflicts])

    def _put_beside(self, files: Sequence[Mapping[str, Any]]) -> None:
        """Write files whose places were taken to other names, and raise FileChangedError."""
        now = datetime.now(timezone.utc).strftime(_TIME)
        beside = [{**each, "path": _beside(each["path"], now), "digest": ""} for each in files]
        content = list(self._packed([each["path"] for each in files], {}))
        self._host.request("write", content, seconds=_SECONDS, files=beside, removed=())
        pairs = zip(files, beside, strict=True)
        texts = [f"{self._name(each['path'])} (that of this run is {self._name(other['path'])})" for each, other in pairs]
        raise FileChangedError(f"Another process changed a file during this run, and it was not overwritten: {', '.join(texts)}.")

    def _changed(self, wanted: Wanted, register: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the request for each copy that was written after it was made."""
        below = [(path, folder) for folder in wanted.folders for path in self._below(folder)]
        for path, folder in [*((path, None) for path in wanted.write), *below]:
            copy = self._copy(path)
            state = _state(copy)
            if state is None or state == register.get(path, {}).get("state"):
                continue
            depth = len(PurePosixPath(path).relative_to(folder).parts) if folder else 0
            yield {"path": path, "size": copy.stat().st_size, "mode": copy.stat().st_mode & 0o777, "folders": depth, "digest": None}

    def _below(self, folder: str) -> list[str]:
        own = self._copy(folder)
        return sorted(f"{folder}/{path.relative_to(own)}" for path in own.rglob("*") if path.is_file() and not path.is_symlink())

    def _packed(self, paths: Sequence[str], digests: dict[str, str]) -> Iterator[bytes]:
        packer = zlib.compressobj(1)
        for path in paths:
            digest = hashlib.sha256()
            with self._copy(path).open("rb") as stream:
                while part := stream.read(_PART):
                    digest.update(part)
                    yield packer.compress(part)
            digests[path] = digest.hexdigest()
        yield packer.flush()

    def _fetched(self, files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Copy files of one batch, and return their entries in the register."""
        answer, packed = self._host.request("read", seconds=_SECONDS, paths=[each["path"] for each in files])
        content = self._unpacked(packed)
        entries = {}
        for each, sent in zip(files, answer["files"], strict=True):
            own, content = content[: sent["size"]], content[sent["size"] :]
            if hashlib.sha256(own).hexdigest() != sent["digest"]:
                raise FileHostError(f"{self._name(each['path'])} was changed while it was read.", ("Run the task again.",))
            copy = self._copy(each["path"])
            copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _create(copy, own, each["mode"])
            entries[each["path"]] = {"digest": sent["digest"], "state": _state(copy)}
        return entries

    def _unpacked(self, packed: bytes) -> bytes:
        try:
            return zlib.decompressobj().decompress(packed, MOST_BYTES)
        except zlib.error as error:
            raise FileHostError(f"The reply of the file host {self._host.name} is damaged: {error}.") from None

    def _placeholders(self, places: Sequence[Mapping[str, Any]], found: Mapping[str, Any], register: Mapping[str, Any]) -> dict[str, Any]:
        """Create an empty copy of each file that is only written, so that the new one keeps its mode, and return the entries."""
        entries = {}
        for each in places:
            path = each["path"]
            copy = self._copy(path)
            if path in found or (path in register and _state(copy) != register[path]["state"]):
                continue
            with suppress(OSError):
                copy.unlink()
            if each["mode"] is not None:
                _create(copy, b"", each["mode"])
            entries[path] = {"digest": None, "state": _state(copy)}
        return entries

    def _make_folder(self, folder: Mapping[str, Any]) -> None:
        self._copy(folder["path"]).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder["exists"]:
            for path in (folder["path"], *folder["folders"]):
                self._copy(path).mkdir(mode=0o700, parents=True, exist_ok=True)

    def _require_places(self, places: Sequence[Mapping[str, Any]]) -> None:
        problems = [f"{self._name(each['path'])}: {each['problem']}" for each in places if each["problem"]]
        if problems:
            raise FileHostError(f"The file host {self._host.name} cannot keep these files: {'; '.join(problems)}.")

    def _require_bounds(self, found: Mapping[str, Any]) -> None:
        size = sum(each["size"] for each in found.values())
        if size > MOST_BYTES:
            raise FileHostError(f"The files on {self._host.name} have {size} bytes together; the maximum is {MOST_BYTES}.", _TOO_LARGE)
        if len(found) > MOST_FILES:
            raise FileHostError(f"{len(found)} files on {self._host.name} match; the maximum is {MOST_FILES}.", _TOO_LARGE)

    def _copy(self, path: str) -> Path:
        return Path(copy_of(self._host.name, path))

    def _name(self, path: str) -> str:
        return f"{self._host.name}:{path}"

    def _register(self) -> dict[str, Any]:
        try:
            found = json.loads(self._register_path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return dict(found)

    def _keep(self, register: Mapping[str, Any]) -> None:
        self._register_path.write_text(json.dumps(register), encoding="utf-8")


def _batches(files: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Yield files in groups of a limited size; a larger file is a group of its own."""
    batch: list[Mapping[str, Any]] = []
    for each in files:
        if batch and sum(other["size"] for other in batch) + each["size"] > _BATCH:
            yield batch
            batch = []
        batch.append(each)
    if batch:
        yield batch


def _create(path: Path, content: bytes, mode: int) -> None:
    """Replace a copy by a new file."""
    with suppress(FileNotFoundError):
        path.unlink()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        os.fchmod(descriptor, mode | 0o600)


def _state(path: Path) -> list[int] | None:
    """Return what changes if a file is written, or None if there is no file."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return [found.st_ino, found.st_mtime_ns, found.st_size]


def _beside(path: str, now: str) -> str:
    whole = PurePosixPath(path)
    return str(whole.with_name(f"{whole.stem}.{now}{whole.suffix}"))


__all__ = ["MOST_BYTES", "MOST_FILES", "FileChangedError", "Staging", "Wanted"]
