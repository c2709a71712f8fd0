# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the KMS hosts a machine would ask answer, seen from the controller.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The one place on the controller's side that opens sockets of its own: the probe and the DNS questions that the modules of the same
purpose run where they are delegated to. What it sees is the network of the controller, which need not be that of the machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from ...module_utils._dns import library
from ...module_utils._dns.discover import addresses_of
from ...module_utils._dns.errors import DnsError
from ...module_utils._dns.exchange import Endpoint as Server
from ...module_utils._dns.model import in_order
from ...module_utils._dns.query import read_addresses
from ...module_utils._dns.reading import ZoneReading as Published
from ...module_utils._dns.reading import addresses_from, endpoints_of, look
from ...module_utils._dns.service import ServerSettings
from ...module_utils._hosts import is_address, with_port
from ...module_utils._kms.limits import MOST_ENDPOINTS, Deadline, Limits, Shared, side_by_side
from ...module_utils._kms.probe import Probe, probe_within
from ...module_utils._kms.status import NOT_PROBED, TOO_MANY_NAMED
from ...module_utils._networks import Network
from ...module_utils._resolver import system_addresses
from .._licensing.catalog.cloud import cloud_of
from .._licensing.kms.route import Endpoint, HostAnswer, ProbeResult, Route

DNS_STAGES = 2
"""Stages with messages to name servers, finding the name server and reading its records. One stage with probes follows."""

_NOT_PROBED = frozenset(status.value for status in NOT_PROBED)


@dataclass(frozen=True)
class Prober:
    """How to ask for one machine, with timeouts in seconds; `server` is the name server to ask, None for the controller's resolver.

    `probe_timeout` is for each address of a KMS host, `dns_timeout` for each message to a name server. `networks` are those that the
    operator allows in addition to the usual ones, `shared` what the machines of a run share, `clock` a steady clock.
    """

    probe_timeout: int
    dns_timeout: int
    server: str | None = None
    port: int = 53
    networks: Sequence[Network] = ()
    shared: Shared | None = None
    clock: Callable[[], float] = time.monotonic

    @cached_property
    def limits(self) -> Limits:
        """One deadline and one budget for the machine, from the first question on."""
        return Limits(Deadline.after(DNS_STAGES * self.dns_timeout + self.probe_timeout, self.clock), self.networks, self.shared)

    def see(self, route: Route) -> ProbeResult:
        """Ask along the route, as far as needed: DNS only when the host that was found the last time does not answer."""
        if route.fixed:
            return ProbeResult(fixed=self._ask(route.fixed))
        cached = self._ask(route.cached) if route.cached else None
        if route.domain is None or (cached and cached.answers):
            return ProbeResult(cached=cached)
        return self._see_published(route.domain, cached)

    def _ask(self, endpoint: Endpoint) -> HostAnswer:
        known = endpoint.address
        if known and not cloud_of(endpoint.host):
            (found,) = probe_within([(endpoint.host, endpoint.port)], self.probe_timeout, lambda _name: [known], self.limits)
            if found.is_kms_host:
                return _answer(found)
        return self._ask_all([(endpoint.host, endpoint.port)], self._resolve)[0]

    def _ask_all(self, endpoints: Sequence[tuple[str, int]], resolve: Callable[[str], Sequence[str]]) -> list[HostAnswer]:
        """An answer for each endpoint; the KMS of a cloud is never asked."""
        asked = [endpoint for endpoint in endpoints if not cloud_of(endpoint[0])]
        found = dict(zip(asked, probe_within(asked, self.probe_timeout, resolve, self.limits), strict=True))
        return [_answer(found[endpoint]) if endpoint in found else _of_cloud(*endpoint) for endpoint in endpoints]

    def _see_published(self, domain: str, cached: HostAnswer | None) -> ProbeResult:
        if library.MISSING:
            missing = DnsError("dnspython_missing")
            return ProbeResult(cached=cached, problem=_words(missing))
        way = ServerSettings(self.server, self.port, self.dns_timeout)
        (findings,) = side_by_side([partial(look, [domain], way, addresses=False)], self.limits.deadline)
        if findings is None:
            return ProbeResult(cached=cached, problem=_words(DnsError("timeout", f"{domain} was looked up.")))
        (finding,) = findings
        if finding.problem:
            return ProbeResult(cached=cached, problem=_words(finding.problem))
        records = in_order(tuple(endpoints_of(findings)))
        asked = [(record.host, record.port) for record in records[:MOST_ENDPOINTS]]
        answers = self._ask_all(asked, lambda name: self._published_at(name, finding))
        return ProbeResult(cached=cached, published=tuple(answers), unasked=len(records) - len(asked), unasked_steps=TOO_MANY_NAMED)

    def _published_at(self, name: str, finding: Published) -> Sequence[str]:
        """Where a host of a record is: by the server that has the record, else by the resolver of the controller."""
        addresses = addresses_from(name, finding.place, self.dns_timeout) if finding.place else None
        if addresses is None:
            raise OSError("neither the name server nor the resolver of the controller could tell")
        return addresses

    def _resolve(self, name: str) -> Sequence[str]:
        """The name server of the task knows the hosts of the machine's network; without one it is the controller's resolver."""
        if self.server and not library.MISSING:
            try:
                return self._from_server(name, self.server)
            except DnsError as problem:
                raise OSError(str(problem)) from None
        return system_addresses(name)

    def _from_server(self, name: str, server: str) -> Sequence[str]:
        address = server if is_address(server) else addresses_of(server)[0]
        return read_addresses(name, Server(address, self.port), self.dns_timeout)


def _answer(found: Probe) -> HostAnswer:
    return HostAnswer(found.endpoint, found.is_kms_host, found.status not in _NOT_PROBED, found.meaning, found.next_steps)


def _of_cloud(host: str, port: int) -> HostAnswer:
    cloud = cloud_of(host)
    return HostAnswer(with_port(host, port), False, False, cloud.meaning if cloud else "", cloud.next_steps if cloud else ())


def _words(problem: DnsError) -> tuple[str, tuple[str, ...]]:
    described = problem.as_dict()
    steps = described["next_steps"]
    return str(described["meaning"]), tuple(steps) if isinstance(steps, list) else ()
