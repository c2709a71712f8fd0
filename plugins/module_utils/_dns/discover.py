# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the zone of a domain and its server: the server of the task, or the primary server of the SOA record.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

All queries and updates for a domain use the one address that is found here. Each AD domain controller is a writable primary, and a change
on one of them reaches the others only after replication.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .._hosts import is_address
from .._resolver import system_addresses
from .errors import DnsError, DnsRequestNotSentError
from .exchange import NameServer, TimeLimit
from .library import dns
from .model import srv_owner_name
from .query import Zone, read_zone, zone_in


@dataclass(frozen=True)
class ZoneServer:
    """The zone and the server with the records of a domain. `passed_over` is the error of a preferred server that was not used."""

    zone: Zone
    endpoint: NameServer
    passed_over: DnsError | None = None


def addresses_of(name: str) -> Sequence[str]:
    """Return the addresses of a host from the resolver of the system, in its order.

    Raises DnsError `name_not_found` if there is none, and `resolver_failed` if the resolver failed.
    """
    try:
        found = system_addresses(name)
    except OSError:
        raise DnsError("resolver_failed", f"The name is {name!r}.") from None
    if not found:
        raise DnsError("name_not_found", f"The name is {name!r}.")
    return found


def find(domain: str, server: str | None, port: int, timeout: float, *, write: bool = True, limit: TimeLimit | None = None) -> ZoneServer:
    """Return the zone and the server of the records of a domain. If `write` is false, a caching server is accepted. Raises DnsError.

    `limit` is for the messages to name servers; each query to the resolvers of this machine can take `timeout` seconds.
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


def _named(server: str, port: int) -> Iterator[NameServer]:
    """Yield each address of the server of the task."""
    name = None if is_address(server) else server.rstrip(".")
    for address in [server] if name is None else addresses_of(name):
        yield NameServer(address, port, name)


def _looked_up(domain: str, port: int, timeout: float) -> Iterator[NameServer]:
    """Yield the primary server, then the other name servers of the zone, then the resolvers (of an AD member, these are its DCs)."""
    resolver = _resolver(timeout)
    zone = zone_by_resolver(domain, resolver)
    for name in dict.fromkeys((zone.primary, *_name_servers(zone.name, resolver))):
        try:
            found = addresses_of(name)
        except DnsError:
            continue
        yield from (NameServer(address, port, name) for address in found)
    for nameserver in resolver.nameservers:
        address = str(getattr(nameserver, "address", nameserver))
        if is_address(address):
            yield NameServer(address, port)


def _resolver(timeout: float) -> dns.resolver.Resolver:
    try:
        resolver = dns.resolver.Resolver()
    except dns.exception.DNSException:
        raise DnsError("no_such_zone", "No resolver is configured on this machine. Set dns_server.") from None
    resolver.lifetime = timeout
    return resolver


def zone_by_resolver(domain: str, resolver: dns.resolver.Resolver) -> Zone:
    """Query the resolvers of the system for the SOA record, which a negative response contains too. Raises DnsError."""
    name = srv_owner_name(domain)
    owner = dns.name.from_text(name)
    try:
        response = resolver.resolve(owner, "SOA", raise_on_no_answer=False, search=False).response
    except dns.resolver.NXDOMAIN as error:
        none: Any = error
        response = none.response(owner)
    except dns.exception.Timeout:
        raise DnsRequestNotSentError("timeout", "The resolvers of this machine did not respond.") from None
    except dns.exception.DNSException:
        raise DnsError("no_such_zone", "The resolvers of this machine did not find a zone for the domain. Set dns_server.") from None
    zone = zone_in(response, name)
    if zone is None:
        raise DnsError("no_such_zone", f"The resolvers of this machine were queried for {name}.")
    if "." not in zone.name and zone.name.casefold() != domain.casefold():
        # A mistyped domain leads to the zone of a registry, which must not get the update.
        raise DnsError("no_such_zone", f"The nearest zone above {domain} is {zone.name}. To use this zone, set dns_server.")
    return zone


def _name_servers(zone: str, resolver: dns.resolver.Resolver) -> Sequence[str]:
    try:
        found = resolver.resolve(dns.name.from_text(zone), "NS", search=False)
    except dns.exception.DNSException:
        return []
    return sorted(data.target.to_text(omit_final_dot=True) for data in found)
