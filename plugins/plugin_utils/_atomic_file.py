# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a file on the controller so that no reader ever finds a part of it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The caller has resolved the path and checked its links (`_edge/kept_path.py`), and converts OSError to an error of its own.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TextIO

NEW_FILE = 0o600
"""Mode of a new file. Only its owner can read it, because it names machines, domains, and users."""


class AtomicFile:
    """A file that appears, or replaces an older one, when the block ends without an exception.

    An existing file keeps its mode, and a new one gets `NEW_FILE`, unless `mode` is specified. The temporary file is in the same directory.
    """

    def __init__(self, path: Path, mode: int | None = None) -> None:
        self._path = path
        self._mode = mode
        self._stream: TextIO | None = None
        self._temporary = Path()

    def __enter__(self) -> AtomicFile:
        """Create the temporary file. Raises OSError, so that the work for the content is not done in vain."""
        if self._path.is_dir():
            raise IsADirectoryError(0, "it is a directory")
        number, name = tempfile.mkstemp(prefix=f".{self._path.name[:100]}.", dir=self._path.parent)
        self._temporary = Path(name)
        self._stream = os.fdopen(number, "w", encoding="utf-8", newline="")
        return self

    def write(self, text: str) -> None:
        """Add a text, in UTF-8. Raises OSError, also if the file is not open."""
        if self._stream is None:
            raise OSError(0, "it is not open")
        self._stream.write(text)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Put the file in its place, or remove the temporary file after an exception. Raises OSError."""
        stream, self._stream = self._stream, None
        try:
            if stream is not None:
                self._close(stream, complete=kind is None)
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
        return self._path.stat().st_mode & 0o777 if self._path.exists() else NEW_FILE


__all__ = ["NEW_FILE", "AtomicFile"]
