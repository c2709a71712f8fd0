# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tasks of one run remember for later tasks: a file in the temporary directory of the run.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A task runs in a process of its own, for each machine, so only a file can keep what it learned. Ansible makes the directory for one run of
one user, and removes it at the end of the run. A file that cannot be read or written is like an empty one: the task does its work again.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

_PAUSE = 0.05
LONGEST_WAIT = 600.0
"""Time in seconds that a task waits for another one that asks the same."""

_LARGEST = 4 * 1024 * 1024


class RunMemory:
    """Values by key, in `NAME.json` of a directory, with files for locks and for a failure beside it."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}.json"
        self._turns = folder / f"{name}.turn"
        self._writers = folder / f"{name}.lock"
        self._failure = folder / f"{name}.failed"

    def read(self) -> dict[str, Any]:
        """Return all values."""
        try:
            with self._path.open("rb") as file:
                found = json.loads(file.read(_LARGEST))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def keep(self, values: Mapping[str, Any]) -> None:
        """Add values, or replace those with the same keys."""
        if not values:
            return
        with suppress(OSError), _locked(self._writers, LONGEST_WAIT):
            new = self._path.with_suffix(f".{os.getpid()}")
            new.write_text(json.dumps({**self.read(), **values}), encoding="utf-8")
            new.replace(self._path)

    @contextmanager
    def turn(self, keys: Collection[str], longest: float = LONGEST_WAIT) -> Iterator[None]:
        """Do the work inside while no other task does, so that the first of many tasks gets what the others read.

        If a task ends without the values of its keys, no other task of the run waits for a turn: each would wait for the same failure.
        """
        with ExitStack() as stack:
            with suppress(OSError):
                if not self._failure.exists():
                    stack.enter_context(_locked(self._turns, longest))
                if self._failure.exists():
                    stack.pop_all().close()
            try:
                yield
            finally:
                if not set(keys) <= set(self.read()):
                    with suppress(OSError):
                        self._failure.touch()


@contextmanager
def _locked(path: Path, longest: float) -> Iterator[None]:
    """Lock a file, or go on without the lock after this number of seconds. Raises OSError."""
    with path.open("ab") as file:
        end = time.monotonic() + longest
        while not _is_locked(file.fileno()) and time.monotonic() < end:
            time.sleep(_PAUSE)
        yield


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
