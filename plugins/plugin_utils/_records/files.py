# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read and write record files on the controller.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The caller has resolved the path and checked its links (`_edge/kept_path.py`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType

from .._atomic_file import AtomicFile
from .._errors import VolumeActivationError
from .._regular_file import open_regular
from .merge import MergedRecords, merge
from .model import LONGEST_LINE, InvalidRecordError, Record, SharedValues, record_of

_WILDCARDS = re.compile(r"[*?[]")


class RecordsFileError(VolumeActivationError):
    """A record file cannot be read or written. The text contains the path, the line, and the reason."""

    error_code = "records_file"
    cause = "The file or its directory does not exist, its permissions do not allow the access, or the disk is full."
    next_steps = ("Check the path, and that the user who runs Ansible can read and write it.",)


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of a file in its order. Raises RecordsFileError at the first line that cannot be used."""
    number = 0
    shared = SharedValues()
    try:
        with open_regular(path) as content, io.TextIOWrapper(content, "utf-8") as stream:
            while line := stream.readline(LONGEST_LINE + 1):
                number += 1
                if line.strip():
                    yield record_of(line, shared)
    except InvalidRecordError as error:
        raise RecordsFileError(f"{path}, line {number}: {error}", error.next_steps, cause=error.cause) from None
    except UnicodeError:
        raise RecordsFileError(f"{path}, line {number + 1}: the line is not UTF-8") from None
    except OSError as error:
        raise RecordsFileError(f"{path} cannot be read: {error.strerror}") from None


def read_all(patterns: Sequence[str], now: datetime, stale_after_days: int | None) -> MergedRecords:
    """Return the newest record of each machine in the files that the patterns match. Raises RecordsFileError."""
    return merge({str(path): read_records(path) for path in matched(patterns)}, now, stale_after_days)


def matched(patterns: Sequence[str], error: type[VolumeActivationError] = RecordsFileError) -> list[Path]:
    """Return the paths, or the files that they match as patterns, each once. Raises the error if a pattern does not match a file."""
    return list(dict.fromkeys(path for pattern in patterns for path in _matched(pattern, error)))


def _matched(pattern: str, error: type[VolumeActivationError]) -> list[Path]:
    path = Path(pattern)
    if path.exists() or not _WILDCARDS.search(pattern):
        return [path]
    found = sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    if not found:
        raise error(f"no file matches {pattern}")
    return found


def mode_of(text: str | None) -> int | None:
    """Return file permissions, which an option contains as an octal text."""
    return None if text is None else int(text, 8)


def check_writable(path: Path) -> None:
    """Raise RecordsFileError if a record file cannot be written, so that no machine is read in vain. Nothing is left behind."""
    with suppress(_AbandonedError), RecordWriter(path):
        raise _AbandonedError


class _AbandonedError(Exception):
    """The file is not needed."""


class RecordWriter:
    """Writes a record file. The file appears, or replaces an older one, when the block ends without an exception.

    An existing file keeps its mode. A new one can be read by its owner only, because it names machines, domains, and users.
    """

    def __init__(self, path: Path, mode: int | None = None) -> None:
        self._path = path
        self._file = AtomicFile(path, mode)

    def __enter__(self) -> RecordWriter:
        """Create the temporary file in the same directory. Raises RecordsFileError, so that nothing is read in vain."""
        try:
            self._file.__enter__()
        except OSError as error:
            raise self._not_written(error) from None
        return self

    def add(self, record: Record) -> None:
        """Write one record. Raises RecordsFileError."""
        self.add_line(record.limited().line())

    def add_line(self, line: str) -> None:
        """Write the line of a record, without its line feed. Raises RecordsFileError."""
        try:
            self._file.write(f"{line}\n")
        except OSError as error:
            raise self._not_written(error) from None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Put the file in its place, or remove the temporary file after an exception."""
        try:
            self._file.__exit__(kind, error, trace)
        except OSError as problem:
            raise self._not_written(problem) from None

    def _not_written(self, error: OSError) -> RecordsFileError:
        return RecordsFileError(f"{self._path} cannot be written: {error.strerror}")


__all__ = ["RecordWriter", "RecordsFileError", "check_writable", "matched", "mode_of", "read_all", "read_records"]
