# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the records of a task in a temporary file until all machines were read, and then writes the record file.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The records of 10,000 machines have about 100 MB, so they are not kept in memory. The temporary file has no name: nothing is left if the
task is ended.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from ..._records.files import RecordsFileError, RecordWriter


class Spool:
    """Lines by the name of the machine. `folder` is the directory of the temporary file."""

    def __init__(self, folder: str | None) -> None:
        self._places: dict[str, tuple[int, int]] = {}
        self._file: IO[bytes]
        try:
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        except OSError as error:
            raise RecordsFileError(f"the temporary directory {folder} cannot be used: {error.strerror}") from None

    def __enter__(self) -> Spool:
        """Return the spool."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Remove the temporary file. On a full disk, closing it fails for the same reason as the write that was reported."""
        with suppress(OSError):
            self._file.close()

    def add(self, name: str, line: str) -> None:
        """Keep a line. Raises RecordsFileError."""
        content = line.encode("ascii")
        try:
            start = self._file.seek(0, 2)
            self._file.write(content)
        except OSError as error:
            raise RecordsFileError(f"the temporary file for the records cannot be written: {error.strerror}") from None
        self._places[name] = (start, len(content))

    def write(self, path: Path, mode: int | None, order: Sequence[str]) -> None:
        """Write the lines to a record file, in this order of the machines. Raises RecordsFileError."""
        with RecordWriter(path, mode) as writer:
            for line in self._lines(order):
                writer.add_line(line)

    def _lines(self, order: Sequence[str]) -> Iterator[str]:
        for name in order:
            start, length = self._places[name]
            try:
                self._file.seek(start)  # also writes what is not in the file yet
                content = self._file.read(length)
            except OSError as error:
                raise RecordsFileError(f"the temporary file for the records cannot be read or written: {error.strerror}") from None
            yield content.decode("ascii")


def temporary_path(folder: str) -> Path:
    """Return the path of a new file in a directory that Ansible removes at the end of the run. Raises RecordsFileError."""
    try:
        number, name = tempfile.mkstemp(prefix="records-", suffix=".jsonl", dir=folder)
    except OSError as error:
        raise RecordsFileError(f"the temporary directory {folder} cannot be used: {error.strerror}") from None
    os.close(number)
    return Path(name)


__all__ = ["Spool", "temporary_path"]
