# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End all processes that a command started, also if the command is stopped. A variable in the environment marks these processes."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

MARKER = "WINOPS_STARTED_BY"
GRACE_SECONDS = 3.0
"""Time for a process to end after a signal."""


INTERRUPTED = 130
"""Exit code of a stopped command, as in shells after Ctrl+C."""


def run_main(main: Callable[[], int]) -> NoReturn:
    """Run the main function of a command that starts processes. SIGTERM and SIGHUP have the same effect as Ctrl+C."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # A signal that is ignored, as nohup does, stays ignored.
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    try:
        code = main()
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        code = INTERRUPTED
    sys.exit(code)


def _marked(mark: str, name: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            marked = f"{name}={mark}".encode() in (entry / "environ").read_bytes().split(b"\0")
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            # The process ended, or belongs to another user.
            continue
        # A zombie process has no command line.
        if marked and command:
            found.append(f"{entry.name} {command}")
    return found


def left_behind(mark: str, grace_seconds: float = GRACE_SECONDS, name: str = MARKER) -> list[str]:
    """Return the processes with this mark that did not end within the grace time, as "PID command line".

    `name` is the variable with the mark. Without /proc, the result is empty.
    """
    if not Path("/proc").is_dir():
        return []
    deadline = time.monotonic() + grace_seconds
    while (found := _marked(mark, name)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def end_left_behind(mark: str) -> None:
    """Send SIGTERM to the processes with MARKER=mark, including those in other sessions."""
    for line in left_behind(mark, grace_seconds=1.0):
        with contextlib.suppress(OSError):
            os.kill(int(line.split()[0]), signal.SIGTERM)
