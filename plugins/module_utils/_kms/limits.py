# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many endpoints that machines or DNS named are asked, at which addresses, and for how long.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A machine and a name server are not trusted: a setting or an SRV record costs the operator's network a connection only within these
limits. An address is judged as it was resolved, and this same address is connected to, so that no second answer of DNS can change it.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol, TypeVar

from .._networks import Network, parse_address, why_not
from .status import OUT_OF_TIME, ProbeFinding, ProbeStatus

MOST_ENDPOINTS = 16
"""KMS hosts that are asked for one machine. Microsoft's guides have two to a few for an organization."""

MOST_CONNECTIONS = 16
"""Connections for one machine, all addresses of all its KMS hosts together."""

MOST_ADDRESSES = 4
"""Addresses of one name that are asked."""

_MANY_ADDRESSES = ("Remove address records (A and AAAA) of the name that are wrong, so that few are left to ask.",)

Ask = Callable[[str, int, float], ProbeFinding]
"""Asks one address and port for so many seconds at most."""

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Deadline:
    """The moment at which everything has to be over, on a steady clock in seconds."""

    at: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> Deadline:
        """So many seconds from now."""
        return cls(clock() + seconds, clock)

    def left(self) -> float:
        """Seconds that are left, 0 when it has passed."""
        return max(0.0, self.at - self.clock())


class Shared(Protocol):
    """What the machines of a run share: an endpoint that many of them have is asked once."""

    def ask(self, address: str, port: int, timeout: float, ask: Ask) -> ProbeFinding:
        """Ask, or give the answer somebody has just got; NOT_ASKED when the run has asked too many."""


@dataclass
class Limits:
    """The limits for the endpoints of one machine; `networks` are those the operator opens besides the usual ones."""

    deadline: Deadline
    networks: Sequence[Network] = ()
    shared: Shared | None = None
    endpoints: int = MOST_ENDPOINTS
    connections: int = MOST_CONNECTIONS
    addresses: int = MOST_ADDRESSES
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def ask(self, addresses: Iterable[str], port: int, timeout: float, ask: Ask) -> Iterator[ProbeFinding]:
        """Ask the addresses of one name, one after the other, as far as the limits go."""
        source = iter(addresses)
        for address in islice(source, self.addresses):
            yield self._ask(address, port, timeout, ask)
        if next(source, None) is not None:
            yield ProbeFinding(ProbeStatus.NOT_ASKED, f"The name has more than {self.addresses} addresses.", steps=_MANY_ADDRESSES)

    def left_out(self, was_begun: bool) -> ProbeFinding:
        """What is said of an endpoint that was not asked, or whose probe did not come to its end."""
        if was_begun:
            return ProbeFinding(ProbeStatus.NOT_ASKED, "The time was over.", steps=OUT_OF_TIME)
        return ProbeFinding(ProbeStatus.NOT_ASKED, f"At most {self.endpoints} KMS hosts are asked.")

    def _ask(self, given: str, port: int, timeout: float, ask: Ask) -> ProbeFinding:
        address = parse_address(given)
        if address is None:
            return ProbeFinding(ProbeStatus.UNKNOWN, f"{given!r} is no address.")
        words = why_not(address, self.networks)
        if words:
            return ProbeFinding(ProbeStatus.NOT_ALLOWED, f"{address} is {words}.")
        left = self.deadline.left()
        if not left:
            return ProbeFinding(ProbeStatus.NOT_ASKED, "The time was over.", steps=OUT_OF_TIME)
        if not self._take():
            return ProbeFinding(ProbeStatus.NOT_ASKED, "No more connections are opened.")
        seconds = min(timeout, left)
        return self.shared.ask(str(address), port, seconds, ask) if self.shared else ask(str(address), port, seconds)

    def _take(self) -> bool:
        with self._lock:
            self.connections -= 1
            return self.connections >= 0


def side_by_side(jobs: Sequence[Callable[[], _Result]], deadline: Deadline) -> list[_Result | None]:
    """The results of the jobs, which run at the same time; None for those that were not done at the deadline.

    A job cannot be stopped, but nobody waits for it. What a job raises is raised here.
    """
    done: queue.Queue[tuple[int, _Result | None, Exception | None]] = queue.Queue()
    for number, job in enumerate(jobs):
        threading.Thread(target=_run, args=(number, job, done), daemon=True).start()
    results: list[_Result | None] = [None] * len(jobs)
    for _job in jobs:
        try:
            number, result, error = done.get(timeout=deadline.left())
        except queue.Empty:
            break
        if error:
            raise error
        results[number] = result
    return results


def _run(number: int, job: Callable[[], _Result], done: queue.Queue[tuple[int, _Result | None, Exception | None]]) -> None:
    try:
        done.put((number, job(), None))
    except Exception as error:  # noqa: BLE001 - it is raised where the results are awaited
        done.put((number, None, error))
