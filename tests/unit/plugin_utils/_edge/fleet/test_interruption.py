# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that reads many machines ends with its run: files are cleaned up after a signal, and nobody reads for a run that is over."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.fleet.interruption import ended_with_the_run
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.files import RecordWriter


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_during_the_writing_removes_the_temporary_file_and_says_how_far_the_task_came(tmp_path: Path, number: int) -> None:
    shown: list[str] = []
    former = signal.getsignal(number)

    def write() -> None:
        with ended_with_the_run(lambda: shown.append("12 of 35")), RecordWriter(tmp_path / "a.jsonl") as writer:
            writer.add_line("{}")
            os.kill(os.getpid(), number)
            time.sleep(5)

    with pytest.raises(KeyboardInterrupt):
        write()
    assert (list(tmp_path.iterdir()), shown, signal.getsignal(number)) == ([], ["12 of 35"], former)


def test_a_message_that_cannot_be_shown_does_not_hide_the_end() -> None:
    with pytest.raises(KeyboardInterrupt), ended_with_the_run(Path("/nowhere/at/all").touch):
        raise KeyboardInterrupt


def test_the_handlers_are_those_of_before_after_a_task_that_ended_by_itself() -> None:
    former = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with ended_with_the_run(lambda: None) as require_run:
        require_run()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == former


def test_without_a_main_thread_no_handler_is_set() -> None:
    former = signal.getsignal(signal.SIGTERM)
    found: list[Any] = []

    def task() -> None:
        with ended_with_the_run(lambda: None):
            found.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=task)
    thread.start()
    thread.join()
    assert found == [former]


def test_a_task_whose_run_was_killed_ends_by_itself(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    fork = multiprocessing.get_context("fork")
    run = fork.Process(target=_run_that_is_killed, args=(ended,))
    run.start()
    run.join()
    end = time.monotonic() + 10
    while not ended.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert ended.exists()


def _run_that_is_killed(ended: Path) -> None:
    worker = multiprocessing.get_context("fork").Process(target=_work, args=(ended,))
    worker.start()
    while not ended.with_name("begun").exists():
        time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGKILL)


def _work(ended: Path) -> None:
    with ended_with_the_run(ended.touch) as require_run:
        require_run()
        ended.with_name("begun").touch()
        while True:
            require_run()
            time.sleep(0.02)
