# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which server to write to, and which zone: the server of the task, else the primary the SOA record names.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

All reading and writing for a domain stays on the one address found here. Each AD domain controller is a writable
primary, and what one of them was told reaches the others only later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .._hosts import is_address
from .._resolver import system_addresses
from .errors import DnsError, DnsRequestNotSentError
from .exchange import Endpoint, TimeLimit
from .library import dns
from .model import srv_owner_name
from .query import Zone, read_zone, zone_in


@dataclass(frozen=True)
class ZoneServer:
    """Where the records of a domain are kept. `passed_over` is what was wrong with the server that should have been it."""

    zone: Zone
    endpoint: Endpoint
    passed_over: DnsError | None = None


def addresses_of(name: str) -> Sequence[str]:
    """The addresses of a host by the system's own resolver, in its order.

    Raises DnsError `name_not_found` when there are none, and `resolver` when it could not tell.
    """
    try:
        found = system_addresses(name)
    except OSError:
        raise DnsError("resolver_failed", f"The name is {name!r}.") from None
    if not found:
        raise DnsError("name_not_found", f"The name is {name!r}.")
    return found


def find(domain: str, server: str | None, port: int, timeout: float, *, write: bool = True, limit: TimeLimit | None = None) -> ZoneServer:
    """The place of a domain's records. To read, a server that has them in its cache will do. Raises DnsError.

    `limit` bounds the messages to name servers; the resolvers of this machine have `timeout` seconds for each of theirs.
    """
    candidates = _named(server, port) if server else _looked_up(domain, port, timeout)
    trouble: DnsError | None = None
    for endpoint in candidates:
        try:
            zone = read_zone(domain, endpoint, limit or timeout)
        except DnsError as problem:
            trouble = trouble or problem
            continue
        if zone.authoritative or not write:
            return ZoneServer(zone, endpoint, trouble)
        trouble = trouble or DnsError("not_authoritative", f"{endpoint} was asked for the zone of {domain}.")
    raise trouble or DnsError("no_such_zone", f"The domain is {domain}.")


def _named(server: str, port: int) -> Iterator[Endpoint]:
    """Each address of the server the task names."""
    name = None if is_address(server) else server.rstrip(".")
    for address in [server] if name is None else addresses_of(name):
        yield Endpoint(address, port, name)


def _looked_up(domain: str, port: int, timeout: float) -> Iterator[Endpoint]:
    """The primary by name, then the other name servers of the zone, then the resolvers themselves (an AD member asks its DCs)."""
    resolver = _resolver(timeout)
    zone = zone_by_resolver(domain, resolver)
    for name in dict.fromkeys((zone.primary, *_name_servers(zone.name, resolver))):
        try:
            found = addresses_of(name)
        except DnsError:
            continue
        yield from (Endpoint(address, port, name) for address in found)
    for nameserver in resolver.nameservers:
        address = str(getattr(nameserver, "address", nameserver))
        if is_address(address):
            yield Endpoint(address, port)


def _resolver(timeout: float) -> dns.resolver.Resolver:
    try:
        resolver = dns.resolver.Resolver()
    except dns.exception.DNSException:
        raise DnsError("no_such_zone", "No resolver is configured on this machine, so set dns_server.") from None
    resolver.lifetime = timeout
    return resolver


def zone_by_resolver(domain: str, resolver: dns.resolver.Resolver) -> Zone:
    """Ask the system's resolvers for the SOA record; it comes along with a negative answer too. Raises DnsError."""
    name = srv_owner_name(domain)
    owner = dns.name.from_text(name)
    try:
        response = resolver.resolve(owner, "SOA", raise_on_no_answer=False, search=False).response
    except dns.resolver.NXDOMAIN as error:
        none: Any = error
        response = none.response(owner)
    except dns.exception.Timeout:
        raise DnsRequestNotSentError("timeout", "The resolvers of this machine did not answer.") from None
    except dns.exception.DNSException:
        raise DnsError("no_such_zone", "The resolvers of this machine find no zone for it, so set dns_server.") from None
    zone = zone_in(response, name)
    if zone is None:
        raise DnsError("no_such_zone", f"The resolvers of this machine were asked for {name}.")
    if "." not in zone.name and zone.name.casefold() != domain.casefold():
        # A misspelled domain leads to the zone of a registry, and nobody's update belongs there.
        raise DnsError("no_such_zone", f"The nearest zone above {domain} is {zone.name}; if that is meant, set dns_server.")
    return zone


def _name_servers(zone: str, resolver: dns.resolver.Resolver) -> Sequence[str]:
    try:
        found = resolver.resolve(dns.name.from_text(zone), "NS", search=False)
    except dns.exception.DNSException:
        return []
    return sorted(data.target.to_text(omit_final_dot=True) for data in found)
