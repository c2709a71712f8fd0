# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that Ansible forks for one task on one machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import gc
from functools import cache
from multiprocessing import parent_process


@cache
def spare_what_was_inherited() -> None:
    """Keep Python from looking for garbage among the objects a worker has from the process it was forked from; once is enough.

    There is none that a process of half a second should look for, and looking writes to the objects, so that the system has to copy
    the memory they are in. Garbage that the worker makes is collected as ever.
    """
    if parent_process() is not None:
        gc.freeze()


__all__ = ["spare_what_was_inherited"]
