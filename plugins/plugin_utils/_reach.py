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

from collections.abc import Sequence
from dataclasses import dataclass

from ..module_utils._dns import library
from ..module_utils._dns.discover import addresses_of
from ..module_utils._dns.errors import DnsProblem
from ..module_utils._dns.exchange import Endpoint as Server
from ..module_utils._dns.query import read_addresses
from ..module_utils._dns.reading import addresses_in, endpoints_of, look
from ..module_utils._dns.service import Way
from ..module_utils._hosts import comparable, is_address
from ..module_utils._kms.probe import Probe, probe, probe_all
from ..module_utils._kms.states import State
from ..module_utils._resolver import system_addresses
from ._licensing.check_model import Endpoint, HostAnswer, Reach, Route


@dataclass(frozen=True)
class Prober:
    """How to ask: `timeout` in seconds for each address; the name server to ask, or None for the resolver of the controller."""

    timeout: int
    server: str | None = None
    port: int = 53

    def see(self, route: Route) -> Reach:
        """Ask along the route, as far as needed: DNS only when the host that was found the last time does not answer."""
        if route.fixed:
            return Reach(fixed=self._ask(route.fixed))
        cached = self._ask(route.cached) if route.cached else None
        if route.domain is None or (cached and cached.answers):
            return Reach(cached=cached)
        return self._see_published(route.domain, cached)

    def _ask(self, endpoint: Endpoint) -> HostAnswer:
        if endpoint.address:
            found = probe(endpoint.host, endpoint.port, self.timeout, lambda _name: [str(endpoint.address)])
            if found.is_kms_host:
                return _answer(found)
        return _answer(probe(endpoint.host, endpoint.port, self.timeout, self._resolve))

    def _see_published(self, domain: str, cached: HostAnswer | None) -> Reach:
        if library.MISSING:
            missing = DnsProblem("dnspython_missing")
            return Reach(cached=cached, problem=_words(missing))
        findings = look([domain], Way(self.server, self.port, self.timeout))
        problem = findings[0].problem
        if problem:
            return Reach(cached=cached, problem=_words(problem))
        known = addresses_in(findings)
        asked = [(record.host, record.port) for record in endpoints_of(findings)]
        answers = probe_all(asked, self.timeout, lambda name: known.get(comparable(name) or "") or self._resolve(name))
        return Reach(cached=cached, published=tuple(map(_answer, answers)))

    def _resolve(self, name: str) -> Sequence[str]:
        """The name server of the task knows the hosts of the machine's network; without one it is the controller's resolver."""
        if self.server and not library.MISSING:
            try:
                return self._from_server(name, self.server)
            except DnsProblem as problem:
                raise OSError(str(problem)) from None
        return system_addresses(name)

    def _from_server(self, name: str, server: str) -> Sequence[str]:
        address = server if is_address(server) else addresses_of(server)[0]
        return read_addresses(name, Server(address, self.port), self.timeout)


def _answer(found: Probe) -> HostAnswer:
    return HostAnswer(found.endpoint, found.is_kms_host, found.state != State.UNKNOWN.value, found.meaning, found.next_steps)


def _words(problem: DnsProblem) -> tuple[str, tuple[str, ...]]:
    described = problem.as_dict()
    steps = described["next_steps"]
    return str(described["meaning"]), tuple(steps) if isinstance(steps, list) else ()
