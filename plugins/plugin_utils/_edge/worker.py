# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the process that Ansible forks for one task on one machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress
from functools import cache
from multiprocessing import parent_process


@cache
def freeze_inherited_objects() -> None:
    """Exclude the objects that a worker inherits from the garbage collection; only the first call has an effect.

    A worker runs about half a second. The garbage collection would write to the inherited objects, so that the system must copy their
    memory pages. New objects of the worker are collected as usual.
    """
    if parent_process() is not None:
        gc.freeze()


@cache
def return_freed_memory() -> None:
    """Let the C library use two arenas of memory for all threads; only the first call has an effect.

    glibc uses eight arenas for each processor, and keeps in each what a thread has used once. 150 threads that read a large response one
    after the other would take hundreds of megabytes. Another C library is left as it is.
    """
    if parent_process() is not None:
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


_M_ARENA_MAX = -8
"""Number of this parameter in malloc.h of glibc."""

__all__ = ["freeze_inherited_objects", "return_freed_memory"]
