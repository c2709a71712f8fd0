# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tasks of a run remember: processes take turns, a failure holds nobody up, and a broken file is an empty one."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.actions.run_memory import RunMemory

TASKS = 8


def memory_in(folder: Path) -> RunMemory:
    return RunMemory(folder, "answers")


def together(folder: Path, *, is_answered: bool) -> tuple[int, int]:
    """Many tasks ask the same at the same time: how many have asked, and how many at a time at most."""
    start, lock, asked, now, most = threading.Barrier(TASKS), threading.Lock(), [0], [0], [0]
    everybody_asks = threading.Barrier(TASKS - 1)

    def task() -> None:
        memory = memory_in(folder)
        start.wait(20)
        with memory.turn(["mak"]):
            if "mak" in memory.read():
                return
            with lock:
                asked[0] += 1
                number = asked[0]
                now[0] += 1
                most[0] = max(most[0], now[0])
            if not is_answered and number > 1:
                everybody_asks.wait(20)
            with lock:
                now[0] -= 1
            memory.keep({"mak": 7} if is_answered else {})

    threads = [threading.Thread(target=task) for _ in range(TASKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return asked[0], most[0]


def test_the_first_task_asks_and_the_others_read(tmp_path: Path) -> None:
    assert together(tmp_path, is_answered=True) == (1, 1)


def test_after_a_failure_nobody_waits_for_a_turn(tmp_path: Path) -> None:
    """Otherwise 500 machines would wait for a time limit one after the other."""
    asked, most = together(tmp_path, is_answered=False)
    assert (asked, most >= TASKS - 1) == (TASKS, True)


def test_values_are_added_and_replaced(tmp_path: Path) -> None:
    memory_in(tmp_path).keep({"a": [1, "T"], "b": 2})
    memory_in(tmp_path).keep({"b": 3})
    assert memory_in(tmp_path).read() == {"a": [1, "T"], "b": 3}
    assert memory_in(tmp_path / "other").read() == {}


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000])
def test_a_broken_file_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "answers.json").write_bytes(content)
    assert memory_in(tmp_path).read() == {}
    memory_in(tmp_path).keep({"a": 1})
    assert memory_in(tmp_path).read() == {"a": 1}


def test_a_directory_that_is_gone_stops_nobody(tmp_path: Path) -> None:
    memory = memory_in(tmp_path / "gone")
    with memory.turn(["a"]):
        memory.keep({"a": 1})
    assert memory.read() == {}


def test_an_error_inside_of_a_turn_comes_out_and_ends_the_turn(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="defect"), memory_in(tmp_path).turn(["a"]):
        raise OSError("defect")
    with memory_in(tmp_path).turn(["a"]), memory_in(tmp_path).turn(["a"]):
        pass


def test_a_turn_that_does_not_end_is_not_waited_for_longer_than_the_limit(tmp_path: Path) -> None:
    with memory_in(tmp_path).turn(["a"]), memory_in(tmp_path).turn(["a"], longest=0):
        assert memory_in(tmp_path).read() == {}
