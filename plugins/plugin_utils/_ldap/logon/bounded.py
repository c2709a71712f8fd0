# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work of a library that has a time limit of its own, within the time limit of the task.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The Kerberos library asks every KDC of a realm several times, about half a minute for each one that is silent, and cannot be told to stop.
So it works in a thread, which is left alone when the time is over: it ends by itself, and does not keep the process from ending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from ....module_utils._deadline import Deadline

_T = TypeVar("_T")


class OutOfTimeError(Exception):
    """The work did not end within the time limit."""


class _Work(Generic[_T]):
    """The outcome of the work, one of both or neither."""

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = work
        self.result: list[_T] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        """Do the work."""
        try:
            self.result.append(self._work())
        except BaseException as error:  # noqa: BLE001  # raised again in the thread that waits
            self.error = error


def within(deadline: Deadline, work: Callable[[], _T]) -> _T:
    """Return what the work returns, and raise what it raises. Raises OutOfTimeError after the deadline."""
    task = _Work(work)
    thread = threading.Thread(target=task.run, name="Kerberos", daemon=True)
    thread.start()
    thread.join(deadline.left())
    if task.error is not None:
        raise task.error
    if not task.result:
        raise OutOfTimeError
    return task.result[0]


__all__ = ["OutOfTimeError", "within"]
