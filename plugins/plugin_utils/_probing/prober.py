# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe the KMS hosts of a machine from the controller.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

This is the only code of the action plugins that opens its own sockets, for the probe and for DNS queries. The modules with the same purpose
run on the host to which their task is delegated. The network of the controller can differ from that of the machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Protocol

from ...module_utils._deadline import Deadline
from ...module_utils._dns import library
from ...module_utils._dns.discover import addresses_of
from ...module_utils._dns.errors import DnsError
from ...module_utils._dns.exchange import NameServer as Server
from ...module_utils._dns.model import in_order
from ...module_utils._dns.query import read_addresses
from ...module_utils._dns.reading import ZoneReading as Published
from ...module_utils._dns.reading import addresses_from, endpoints_of, look
from ...module_utils._dns.service import ServerSettings
from ...module_utils._hosts import is_address, with_port
from ...module_utils._kms.limits import MOST_ENDPOINTS, Limits, Shared, side_by_side
from ...module_utils._kms.probe import Probe, probe_within
from ...module_utils._kms.status import NOT_PROBED, TOO_MANY_NAMED
from ...module_utils._networks import Network
from ...module_utils._resolver import system_addresses
from .._licensing.catalog.cloud import cloud_of
from .._licensing.kms.route import HostAnswer, KmsEndpoint, ProbeResult, Route

DNS_STAGES = 2
"""Number of stages with DNS messages: finding the name server, and reading its records. One stage with probes follows."""

_NOT_PROBED = frozenset(status.value for status in NOT_PROBED)


class RouteProber(Protocol):
    """Probes the KMS hosts of a machine."""

    def probe(self, route: Route) -> ProbeResult:
        """Probe the KMS hosts of the route; see :meth:`Prober.probe`."""


@dataclass(frozen=True)
class Prober:
    """The settings of the probe for one machine; `server` is the name server, or None for the resolver of the controller.

    `probe_timeout` (seconds) is for each address of a KMS host, `dns_timeout` for each message to a name server. `networks` are permitted
    in addition to the default networks. `shared` are the results that the machines of a run share, `clock` is a monotonic clock in seconds.
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
        """Return the limits for the machine, whose deadline begins with the first query."""
        return Limits(Deadline.after(DNS_STAGES * self.dns_timeout + self.probe_timeout, self.clock), self.networks, self.shared)

    def probe(self, route: Route) -> ProbeResult:
        """Probe the KMS hosts of the route. DNS is queried only if there is no fixed host, and the cached host does not respond."""
        if route.fixed:
            return ProbeResult(fixed=self._probe_host(route.fixed))
        cached = self._probe_host(route.cached) if route.cached else None
        if route.domain is None or (cached and cached.answers):
            return ProbeResult(cached=cached)
        return self._probe_published(route.domain, cached)

    def _probe_host(self, endpoint: KmsEndpoint) -> HostAnswer:
        known = endpoint.address
        if known and not cloud_of(endpoint.host):
            (found,) = probe_within([(endpoint.host, endpoint.port)], self.probe_timeout, lambda _name: [known], self.limits)
            if found.is_kms_host:
                return _answer(found)
        return self._probe_all([(endpoint.host, endpoint.port)], self._resolve)[0]

    def _probe_all(self, endpoints: Sequence[tuple[str, int]], resolve: Callable[[str], Sequence[str]]) -> list[HostAnswer]:
        """Return a result for each endpoint. The KMS host of a cloud provider is never probed."""
        probed = [endpoint for endpoint in endpoints if not cloud_of(endpoint[0])]
        found = dict(zip(probed, probe_within(probed, self.probe_timeout, resolve, self.limits), strict=True))
        return [_answer(found[endpoint]) if endpoint in found else _of_cloud(*endpoint) for endpoint in endpoints]

    def _probe_published(self, domain: str, cached: HostAnswer | None) -> ProbeResult:
        if library.MISSING:
            missing = DnsError("dnspython_missing")
            return ProbeResult(cached=cached, problem=_explain(missing))
        settings = ServerSettings(self.server, self.port, self.dns_timeout)
        (findings,) = side_by_side([partial(look, [domain], settings, addresses=False)], self.limits.deadline)
        if findings is None:
            return ProbeResult(cached=cached, problem=_explain(DnsError("timeout", f"{domain} was looked up.")))
        (finding,) = findings
        if finding.problem:
            return ProbeResult(cached=cached, problem=_explain(finding.problem))
        records = in_order(tuple(endpoints_of(findings)))
        probed = [(record.host, record.port) for record in records[:MOST_ENDPOINTS]]
        answers = self._probe_all(probed, lambda name: self._published_at(name, finding))
        return ProbeResult(cached=cached, published=tuple(answers), unasked=len(records) - len(probed), unasked_steps=TOO_MANY_NAMED)

    def _published_at(self, name: str, finding: Published) -> Sequence[str]:
        """Return the addresses of a host of a record, from the server with the record, or from the resolver of the controller."""
        addresses = addresses_from(name, finding.place, self.dns_timeout) if finding.place else None
        if addresses is None:
            raise OSError("neither the name server nor the resolver of the controller returned an address")
        return addresses

    def _resolve(self, name: str) -> Sequence[str]:
        """Return the addresses of a name, from the name server of the task, or from the resolver of the controller if there is none."""
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


def _explain(problem: DnsError) -> tuple[str, tuple[str, ...]]:
    described = problem.as_dict()
    steps = described["next_steps"]
    return str(described["meaning"]), tuple(steps) if isinstance(steps, list) else ()
