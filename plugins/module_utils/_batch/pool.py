# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask several questions at the same time, and stop if the service or the network fails.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from .._deadline import Deadline
from .errors import ServiceError

MOST_FAILURES = 3
"""Number of failures in a row after which no other question is asked."""

_LAST_MOMENT = 2.0
"""Time in seconds after the deadline in which a question that was asked can still end."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass
class Breaker:
    """Whether to ask another question. Each question that gets lost can cost an activation, so a few failures end the work.

    A question that could not be sent ends it at once if no question had an answer: neither a proxy nor a certificate is there for the next
    question.
    """

    reason: ServiceError | None = None
    _failures: int = 0
    _has_answers: bool = False

    def note(self, error: ServiceError | None) -> None:
        """Note the outcome of a question; None for an answer. A refusal by the service is an answer too."""
        if error is None or not (error.is_not_sent or error.is_lost):
            self._failures, self._has_answers = 0, True
            return
        self._failures += 1
        if self._failures >= MOST_FAILURES or (error.is_not_sent and not self._has_answers):
            self.reason = self.reason or error


@dataclass
class Pool(Generic[_Item, _Result]):
    """Runs `work` for items, at most `at_once` at the same time.

    The first item is done alone, because it shows whether the service responds. `work` returns the result and its error, or None instead
    of the error.
    """

    work: Callable[[_Item], tuple[_Result, ServiceError | None]]
    at_once: int
    deadline: Deadline
    breaker: Breaker = field(default_factory=Breaker)
    _results: dict[int, _Result] = field(default_factory=dict)
    _failure: BaseException | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, items: Sequence[_Item]) -> list[_Result | None]:
        """Return the result of each item; None for items that were not begun or that did not end before the deadline.

        Exceptions of `work` are raised here, after the other items that were begun.
        """
        numbered = enumerate(items)
        self._side_by_side(numbered, 1, first_only=True)
        self._side_by_side(numbered, self.at_once)
        if self._failure:
            raise self._failure
        with self._lock:
            return [self._results.get(number) for number in range(len(items))]

    def _side_by_side(self, numbered: Iterator[tuple[int, _Item]], count: int, *, first_only: bool = False) -> None:
        threads = [threading.Thread(target=self._take, args=(numbered, first_only), daemon=True) for _number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            # A name server can keep a thread longer than any timeout of a socket.
            thread.join(self.deadline.left() + _LAST_MOMENT)

    def _take(self, numbered: Iterator[tuple[int, _Item]], first_only: bool) -> None:
        while self.deadline.left():
            with self._lock:
                item = None if self.breaker.reason or self._failure else next(numbered, None)
            if item is None:
                return
            try:
                result, error = self.work(item[1])
            except BaseException as failure:  # noqa: BLE001 - it is raised in the thread that waits
                self._failure = failure
                return
            with self._lock:
                self._results[item[0]] = result
                self.breaker.note(error)
            if first_only:
                return
