# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the entries of a task come from: the run, the job of AWX, the user, and the playbook.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import uuid
from collections.abc import Mapping
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

_PROCESSES = Path("/proc")
_START_TIME = 19
"""Index of the start time among the fields after the name of the command in /proc/PID/stat."""

_LOADED = uuid.uuid4().hex
"""Distinguishes processes on a system without /proc. Ansible loads action plugins before it forks workers, so that all workers have it."""


def origin_of(task: Any, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of all entries of a task. `variables` are the variables of the task."""
    return {
        "run_id": run_id(),
        "job_id": _text_of(variables, "awx_job_id", "tower_job_id"),
        "user": _text_of(variables, "awx_user_name", "tower_user_name") or _user(),
        "controller": os.uname().nodename,
        "playbook": _playbook_of(task),
        "play": _text_of(variables, "ansible_play_name"),
    }


def run_id() -> str:
    """Return an identifier of this run of ansible-playbook: 16 hexadecimal digits, the same in all its workers.

    A worker is a child of the process of the run. The start time of that process and of the system make the identifier unique.
    """
    parent = parent_process()
    number = parent.pid if parent else os.getpid()
    try:
        started = (_PROCESSES / str(number) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[_START_TIME]
        since = f"{started} {(_PROCESSES / 'sys/kernel/random/boot_id').read_text(encoding='utf-8')}"
    except (OSError, ValueError, IndexError):
        since = _LOADED
    return hashlib.sha256(f"{os.uname().nodename} {number} {since}".encode()).hexdigest()[:16]


def _text_of(variables: Mapping[str, Any], *names: str) -> str | None:
    """Return the first of some variables that is a text or a number."""
    values = (variables.get(name) for name in names)
    return next((str(value) for value in values if isinstance(value, (str, int)) and value != ""), None)


def _user() -> str:
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _playbook_of(task: Any) -> str | None:
    """Return the file of the play, None for an ad hoc command. The task itself can be in a role or in an included file."""
    block = getattr(task, "_parent", None)
    while block is not None and getattr(block, "_play", None) is None:
        block = getattr(block, "_parent", None)
    path = str(block._play.get_path()) if block is not None else ""
    return path.rpartition(":")[0] or None


__all__ = ["origin_of", "run_id"]
