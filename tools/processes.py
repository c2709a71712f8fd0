# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command ends what it started: however it is stopped itself, and found by a mark in the environment otherwise."""

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
"""How long a process that was told to end may take."""


INTERRUPTED = 130
"""Exit code of a command that was stopped, as shells have it for Ctrl+C."""


def run_main(main: Callable[[], int]) -> NoReturn:
    """The frame of a command that starts processes: being told to end, or losing the terminal, is the same as Ctrl+C."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Whoever had it ignored, as nohup does, keeps that.
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
            # Gone meanwhile, or somebody else's.
            continue
        # A process that ended and was not waited for has no command line any more.
        if marked and command:
            found.append(f"{entry.name} {command}")
    return found


def left_behind(mark: str, grace_seconds: float = GRACE_SECONDS, name: str = MARKER) -> list[str]:
    """Processes, as "PID command line", that carry the mark in the variable of that name and did not end within the grace time.

    Linux only: elsewhere, without /proc, nothing is found.
    """
    if not Path("/proc").is_dir():
        return []
    deadline = time.monotonic() + grace_seconds
    while (found := _marked(mark, name)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def end_left_behind(mark: str) -> None:
    """Tell the processes that carry MARKER=mark to end, those too that made themselves independent of us."""
    for line in left_behind(mark, grace_seconds=1.0):
        with contextlib.suppress(OSError):
            os.kill(int(line.split()[0]), signal.SIGTERM)
