# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read and write record files on the controller.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The caller has resolved the path and checked its links (`_edge/kept_path.py`).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TextIO

from .._errors import VolumeActivationError
from .model import LONGEST_LINE, InvalidRecordError, Record, record_of

_NEW_FILE = 0o600


class RecordsFileError(VolumeActivationError):
    """A record file cannot be read or written. The text contains the path, the line, and the reason."""

    error_code = "records_file"
    cause = "The file or its directory does not exist, its permissions do not allow the access, or the disk is full."
    next_steps = ("Check the path, and that the user who runs Ansible can read and write it.",)


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of a file in its order. Raises RecordsFileError at the first line that cannot be used."""
    number = 0
    try:
        with path.open(encoding="utf-8", errors="strict") as stream:
            while line := stream.readline(LONGEST_LINE + 1):
                number += 1
                if line.strip():
                    yield record_of(line)
    except InvalidRecordError as error:
        raise RecordsFileError(f"{path}, line {number}: {error}", error.next_steps, cause=error.cause) from None
    except UnicodeError:
        raise RecordsFileError(f"{path}, line {number + 1}: the line is not UTF-8") from None
    except OSError as error:
        raise RecordsFileError(f"{path} cannot be read: {error.strerror}") from None


class RecordWriter:
    """Writes a record file. The file appears, or replaces an older one, when the block ends without an exception.

    An existing file keeps its mode. A new one can be read by its owner only, because it names machines, domains, and users.
    """

    def __init__(self, path: Path, mode: int | None = None) -> None:
        self._path = path
        self._mode = mode
        self._stream: TextIO | None = None
        self._temporary = Path()

    def __enter__(self) -> RecordWriter:
        """Create the temporary file in the same directory. Raises RecordsFileError, so that nothing is read in vain."""
        try:
            if self._path.is_dir():
                raise RecordsFileError(f"{self._path} is a directory, not a file")
            number, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
        except OSError as error:
            raise self._not_written(error) from None
        self._temporary = Path(name)
        self._stream = os.fdopen(number, "w", encoding="ascii")
        return self

    def add(self, record: Record) -> None:
        """Write one record. Raises RecordsFileError."""
        if self._stream is None:
            raise RecordsFileError(f"{self._path} is not open")
        try:
            self._stream.write(f"{record.line()}\n")
        except OSError as error:
            raise self._not_written(error) from None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Put the file in its place, or remove the temporary file after an exception."""
        stream, self._stream = self._stream, None
        try:
            if stream is not None:
                self._close(stream, complete=kind is None)
        except OSError as problem:
            raise self._not_written(problem) from None
        finally:
            with suppress(OSError):
                self._temporary.unlink()

    def _close(self, stream: TextIO, *, complete: bool) -> None:
        with stream:
            if not complete:
                return
            stream.flush()
            os.fchmod(stream.fileno(), self._mode_of_file())
            os.fsync(stream.fileno())
        self._temporary.replace(self._path)

    def _mode_of_file(self) -> int:
        if self._mode is not None:
            return self._mode
        return self._path.stat().st_mode & 0o777 if self._path.exists() else _NEW_FILE

    def _not_written(self, error: OSError) -> RecordsFileError:
        return RecordsFileError(f"{self._path} cannot be written: {error.strerror}")


__all__ = ["RecordWriter", "RecordsFileError", "read_records"]
