# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every job has one result, whatever the threads do; a thread that hangs, and a caller that stops, end nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.fleet import pool
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.fleet.pool import Done, in_threads


def hour() -> float:
    return 3600.0


@given(st.lists(st.integers(), max_size=40), st.integers(1, 8))
def test_every_job_is_done_once(jobs: list[int], threads: int) -> None:
    done = list(in_threads(jobs, lambda job: job * 2, threads, hour))
    assert sorted((each.job, each.result) for each in done) == sorted((job, job * 2) for job in jobs)


def test_jobs_are_made_only_as_threads_need_them_and_all_at_once_run_together() -> None:
    made, together = [], threading.Barrier(4, timeout=20)

    def jobs() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    def work(number: int) -> int:
        if number < 4:
            together.wait()
        return number

    results = in_threads(jobs(), work, 4, hour)
    next(results)
    assert len(made) <= 4 + pool._AHEAD
    assert len(list(results)) == 99


def test_after_the_deadline_every_job_still_has_a_result_and_a_thread_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_TICK", 0.01)
    monkeypatch.setattr(pool, "GRACE", 0.05)
    released, left = threading.Event(), [1.0]

    def work(job: int) -> int:
        if job == 0:
            left[0] = -1.0  # the time is over while it runs
            released.wait(20)
        return job

    done = list(in_threads(range(10), work, 1, lambda: left[0]))
    released.set()
    assert sorted(each.job for each in done) == list(range(10))
    assert [each for each in done if each.result is not None] == []
    assert Done(9, None, begun=False) in done


def test_an_exception_of_the_work_is_raised_where_the_results_are_read() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_threads([1, 0], lambda job: 1 // job, 2, hour))


def test_if_the_caller_stops_no_other_job_begins() -> None:
    begun: list[int] = []

    def work(job: int) -> int:
        begun.append(job)
        return job

    results = in_threads(range(1000), work, 2, hour)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(begun) <= 2 + pool._AHEAD + 2
