# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook runs that are killed at a defined point, workers and modules too, and runs at the same time."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from playbook import PROGRAMS, Run, run_playbook
from processes import left_behind
from project import ROOT, environment

from .harness import Lab

MARK = "WINOPS_TEST_INTERRUPTED"
PATIENCE_SECONDS = 180.0


def settings(lab: Lab) -> dict[str, str]:
    """What a killed run leaves lying about goes with the folder of the test."""
    return {"ANSIBLE_FORKS": "20", "ANSIBLE_LOCAL_TEMP": str(lab.folder / "tmp"), "ANSIBLE_REMOTE_TEMP": str(lab.folder / "tmp")}


def cut(lab: Lab, phase: str, books: Sequence[tuple[str | Path, Mapping[str, Any]]], is_there: Callable[[], bool]) -> None:
    """Start playbooks, each with its variables, and kill all of them as soon as the lab shows that they are in a phase."""
    assert not is_there(), f"{phase}: an earlier run has come so far already"
    mark = uuid.uuid4().hex
    log = lab.folder / f"cut-{phase}.txt"
    processes: list[subprocess.Popen[bytes]] = []
    with log.open("w", encoding="utf-8") as output:
        try:
            for book, variables in books:
                command = [
                    str(PROGRAMS / "ansible-playbook"),
                    "-i",
                    str(lab.inventory),
                    str(book),
                    "--extra-vars",
                    json.dumps(dict(variables)),
                ]
                processes.append(subprocess.Popen(
                    command, cwd=ROOT, env=environment(**settings(lab), **{MARK: mark}), stdin=subprocess.DEVNULL, stdout=output,
                    stderr=output, start_new_session=True,
                ))  # fmt: skip
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not is_there():
                ended = [process for process in processes if process.poll() is not None]
                assert not ended, f"{phase}: a run ended by itself: {log.read_text(encoding='utf-8')[-2000:]}"
                assert time.monotonic() < deadline, f"{phase} was not reached: {log.read_text(encoding='utf-8')[-2000:]}"
                time.sleep(0.02)
            assert all(process.poll() is None for process in processes), f"{phase}: a run was over already"
        finally:
            kill(processes, mark)


def kill(processes: Sequence[subprocess.Popen[bytes]], mark: str) -> None:
    """The process groups first; workers that left them are found by the mark they inherited."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    while left := left_behind(mark, grace_seconds=0, name=MARK):
        for line in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(line.split()[0]), signal.SIGKILL)


def at_once(lab: Lab, books: Sequence[Path]) -> list[Run]:
    """Run playbooks side by side, each as a controller of its own."""

    def one(number: int) -> Run:
        with (lab.folder / f"controller{number}.txt").open("w", encoding="utf-8") as output:
            record = lab.folder / f"controller{number}.json"
            return run_playbook(books[number], lab.inventory, record, variables={}, output=output, env=settings(lab))

    with ThreadPoolExecutor(len(books)) as pool:
        return list(pool.map(one, range(len(books))))
