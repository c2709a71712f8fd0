# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends a task that reads many machines if a user or a controller ends the run.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Ansible passes SIGINT and SIGTERM on to the process of a task, which ends at once: a temporary file next to the record file would stay. A
run that is killed, or whose terminal is closed, ends without its tasks. Such a task would read machines for minutes or hours, and then
replace the record file of a later run.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import parent_process
from typing import Any, NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def ended_with_the_run(show: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Raise KeyboardInterrupt in the block after SIGINT or SIGTERM, and call `show` when the block has ended because of it.

    Yield a function that raises KeyboardInterrupt if the process that started this one has ended; call it often. A second signal ends the
    process at once.
    """
    former = _set_handlers()
    try:
        yield _require_parent
    except KeyboardInterrupt:
        # The run might have closed the queue for messages.
        with suppress(Exception):
            show()
        raise
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _set_handlers() -> dict[int, Any]:
    if threading.current_thread() is not threading.main_thread():
        return {}
    return {number: signal.signal(number, _interrupt) for number in _SIGNALS}


def _interrupt(_number: int, _frame: Any) -> NoReturn:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    raise KeyboardInterrupt


def _require_parent() -> None:
    parent = parent_process()
    if parent is not None and parent.pid != os.getppid():
        raise KeyboardInterrupt


__all__ = ["ended_with_the_run"]
