# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find processes that a command should have ended, by a mark in their environment."""

from __future__ import annotations

import os
import time
from pathlib import Path

MARKER = "WINOPS_STARTED_BY"
GRACE_SECONDS = 3.0
"""How long a process that was told to end may take."""


def _marked(mark: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            marked = f"{MARKER}={mark}".encode() in (entry / "environ").read_bytes().split(b"\0")
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            # Gone meanwhile, or somebody else's.
            continue
        # A process that ended and was not waited for has no command line any more.
        if marked and command:
            found.append(f"{entry.name} {command}")
    return found


def left_behind(mark: str, grace_seconds: float = GRACE_SECONDS) -> list[str]:
    """Processes, as "PID command line", that carry MARKER=mark and did not end within the grace time.

    Linux only: elsewhere, without /proc, nothing is found.
    """
    if not Path("/proc").is_dir():
        return []
    deadline = time.monotonic() + grace_seconds
    while (found := _marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found
