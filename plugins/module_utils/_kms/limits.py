# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limit how many endpoints from machines or DNS are probed, at which addresses, and for how long.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Machines and name servers are not trusted: a setting or an SRV record can cause connections in the network of the operator only within these
limits. The address that is checked is the address of the connection, so that a second DNS response cannot change it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol, TypeVar

from .._deadline import Deadline
from .._networks import Network, parse_address, why_not
from .status import OUT_OF_TIME, ProbeFinding, ProbeStatus

MOST_ENDPOINTS = 16
"""Maximum number of KMS hosts that are probed for one machine. Microsoft's guides recommend two or a few for an organization."""

MOST_CONNECTIONS = 16
"""Maximum number of connections for one machine, for all addresses of all its KMS hosts."""

MOST_ADDRESSES = 4
"""Maximum number of addresses of one name that are probed."""

_MANY_ADDRESSES = ("Remove wrong address records (A and AAAA) of the name.",)

Ask = Callable[[str, int, float], ProbeFinding]
"""Probes one address and port with a timeout in seconds."""

_Result = TypeVar("_Result")


class Shared(Protocol):
    """Results that the machines of a run share, so that a common endpoint is probed once."""

    def ask(self, address: str, port: int, timeout: float, ask: Ask) -> ProbeFinding:
        """Probe, or return the recent result of another machine; NOT_ASKED if the run reached its limit."""


@dataclass
class Limits:
    """The limits for the endpoints of one machine; `networks` are permitted in addition to the default networks."""

    deadline: Deadline
    networks: Sequence[Network] = ()
    shared: Shared | None = None
    endpoints: int = MOST_ENDPOINTS
    connections: int = MOST_CONNECTIONS
    addresses: int = MOST_ADDRESSES
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def ask(self, addresses: Iterable[str], port: int, timeout: float, ask: Ask) -> Iterator[ProbeFinding]:
        """Probe the addresses of one name, one after the other, within the limits."""
        source = iter(addresses)
        for address in islice(source, self.addresses):
            yield self._ask(address, port, timeout, ask)
        if next(source, None) is not None:
            yield ProbeFinding(ProbeStatus.NOT_ASKED, f"The name has more than {self.addresses} addresses.", steps=_MANY_ADDRESSES)

    def left_out(self, was_begun: bool) -> ProbeFinding:
        """Return the result of an endpoint that was not probed, or whose probe did not end in time."""
        if was_begun:
            return ProbeFinding(ProbeStatus.NOT_ASKED, "No time was left.", steps=OUT_OF_TIME)
        return ProbeFinding(ProbeStatus.NOT_ASKED, f"At most {self.endpoints} KMS hosts are probed.")

    def _ask(self, given: str, port: int, timeout: float, ask: Ask) -> ProbeFinding:
        address = parse_address(given)
        if address is None:
            return ProbeFinding(ProbeStatus.UNKNOWN, f"{given!r} is not an address.")
        reason = why_not(address, self.networks)
        if reason:
            return ProbeFinding(ProbeStatus.NOT_ALLOWED, f"{address} is {reason}.")
        left = self.deadline.left()
        if not left:
            return ProbeFinding(ProbeStatus.NOT_ASKED, "No time was left.", steps=OUT_OF_TIME)
        if not self._take():
            return ProbeFinding(ProbeStatus.NOT_ASKED, "The maximum number of connections was reached.")
        seconds = min(timeout, left)
        return self.shared.ask(str(address), port, seconds, ask) if self.shared else ask(str(address), port, seconds)

    def _take(self) -> bool:
        with self._lock:
            self.connections -= 1
            return self.connections >= 0


def side_by_side(jobs: Sequence[Callable[[], _Result]], deadline: Deadline) -> list[_Result | None]:
    """Return the results of the jobs, which run at the same time; None for jobs that did not end before the deadline.

    A job cannot be stopped, but the function does not wait for it. Exceptions of jobs are raised here.
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
