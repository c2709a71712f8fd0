# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Share the results of probes between the threads of one process: machines that find their KMS host the same way have the same result.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Without this, each of 10,000 machines would query DNS for the same records. The results of single endpoints are shared with other processes
in files, see :mod:`shared`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .._licensing.kms.route import HostAnswer, ProbeResult, Route
from .prober import Prober, RouteProber
from .shared import BAD_FOR, GOOD_FOR

_MOST = 1024
"""Number of different routes that are kept. Machines that lie can have any number of them."""


@dataclass
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    result: ProbeResult | None = None
    until: float = 0.0


class SharedRoutes:
    """The results of one task by route and settings. Each route is probed by one thread, and others with the same route wait for it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[Hashable, _Entry] = {}

    def prober(self, own: Prober) -> RouteProber:
        """Return a prober for one machine, which uses the results of others with the same settings, or its `own` prober."""
        return _SharedProber(self, own)

    def probe(self, settings: Hashable, route: Route, own: RouteProber) -> ProbeResult:
        """Return a recent result, or probe the route."""
        entry = self._entry((settings, route))
        with entry.lock:
            if entry.result is None or self._clock() >= entry.until:
                entry.result = own.probe(route)
                entry.until = self._clock() + (GOOD_FOR if _is_good(entry.result) else BAD_FOR)
            return entry.result

    def _entry(self, key: Hashable) -> _Entry:
        with self._lock:
            if key not in self._entries and len(self._entries) >= _MOST:
                self._entries.clear()
            return self._entries.setdefault(key, _Entry())


@dataclass(frozen=True)
class _SharedProber:
    routes: SharedRoutes
    own: Prober

    def probe(self, route: Route) -> ProbeResult:
        own = self.own
        settings: tuple[Any, ...] = (own.probe_timeout, own.dns_timeout, own.server, own.port, tuple(own.networks))
        return self.routes.probe(settings, route, own)


def _is_good(result: ProbeResult) -> bool:
    return result.problem is None and all(answer.answers for answer in _answers(result))


def _answers(result: ProbeResult) -> Iterator[HostAnswer]:
    yield from (answer for answer in (result.fixed, result.cached) if answer is not None)
    yield from result.published or ()


__all__ = ["SharedRoutes"]
