# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads that do the same work for many machines, within a deadline.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The thread that calls :func:`in_threads` makes the jobs, one at a time and only as many as are needed, and gets the results. All code of
Ansible runs in this thread, because Ansible is not thread-safe. A thread that does not return, for example in a name lookup, holds
up nobody: it is a daemon thread, and nobody waits for it after the deadline.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

_Job = TypeVar("_Job")
_Result = TypeVar("_Result")

GRACE = 2.0
"""Seconds after the deadline in which the threads can return: the work itself ends at the deadline."""

_TICK = 0.5
"""Seconds after which the waiting thread looks at the clock."""

_AHEAD = 4
"""Jobs that are made before a thread is free, so that no thread waits for the next job."""


@dataclass(frozen=True)
class Done(Generic[_Job, _Result]):
    """A job and its result; None if the deadline came first, and then whether the work had begun."""

    job: _Job
    result: _Result | None
    begun: bool = True


def in_threads(
    jobs: Iterable[_Job],
    work: Callable[[_Job], _Result],
    threads: int,
    left: Callable[[], float],
    tick: Callable[[], None] = lambda: None,
) -> Iterator[Done[_Job, _Result]]:
    """Yield each job with its result, in the order in which they end. An exception of `work` is raised here.

    `left` returns the seconds until the deadline, which are 0 or negative after it. `tick` is called about twice a second. If the caller
    stops, no other job begins.
    """
    pool = _Pool(work, threads, left)
    source = iter(jobs)
    try:
        yield from pool.results(source, tick)
        for job in source:
            yield Done(job, None, begun=False)
    finally:
        pool.stop()


class _Pool(Generic[_Job, _Result]):
    def __init__(self, work: Callable[[_Job], _Result], threads: int, left: Callable[[], float]) -> None:
        self._work = work
        self._most = threads
        self._left = left
        self._started = 0
        self._is_stopped = False
        self._waiting: SimpleQueue[tuple[int, _Job] | None] = SimpleQueue()
        self._ended: SimpleQueue[tuple[int, _Result | None, bool, BaseException | None]] = SimpleQueue()

    def results(self, jobs: Iterator[_Job], tick: Callable[[], None]) -> Iterator[Done[_Job, _Result]]:
        """Yield results until all jobs that were made have one. After the deadline, no other job is made."""
        running: dict[int, _Job] = {}
        number = 0
        is_over = False
        while True:
            while not is_over and self._left() > 0 and len(running) < self._most + _AHEAD:
                try:
                    running[number] = next(jobs)
                except StopIteration:
                    is_over = True
                    break
                self._begin(number, running[number])
                number += 1
            if not running:
                return
            try:
                done, result, begun, error = self._ended.get(timeout=max(0.0, min(_TICK, self._left() + GRACE)))
            except Empty:
                tick()
                if self._left() + GRACE <= 0:
                    break
                continue
            if error is not None:
                raise error
            yield Done(running.pop(done), result, begun)
            tick()
        for job in running.values():
            yield Done(job, None)

    def _begin(self, number: int, job: _Job) -> None:
        self._waiting.put((number, job))
        if self._started < self._most:
            threading.Thread(target=self._run, daemon=True, name=f"machines-{self._started}").start()
            self._started += 1

    def _run(self) -> None:
        while (taken := self._waiting.get()) is not None:
            number, job = taken
            if self._is_stopped or self._left() <= 0:
                self._ended.put((number, None, False, None))
                continue
            try:
                self._ended.put((number, self._work(job), True, None))
            except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
                self._ended.put((number, None, True, error))

    def stop(self) -> None:
        """Let each thread end when its current job has ended."""
        self._is_stopped = True
        for _thread in range(self._started):
            self._waiting.put(None)


__all__ = ["GRACE", "Done", "in_threads"]
