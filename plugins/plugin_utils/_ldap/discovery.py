# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the domain controllers of a domain by their SRV records.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The names are those for the certificate and for Kerberos. Every domain controller of every domain of a forest has the activation objects
of the forest, so that any of them can be used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...module_utils._dns import library
from ...module_utils._dns.discover import addresses_of
from ...module_utils._dns.errors import DnsError
from ...module_utils._dns.exchange import NameServer
from ...module_utils._dns.query import ask_for
from ...module_utils._hosts import is_address, parse_host
from .._errors import InvalidOptionsError
from .channel import Connect, connect
from .errors import DirectoryError, DirectoryUnreachableError, shown
from .opening import open_directory
from .options import DEFAULT_TIMEOUT, DirectoryTarget, Logon
from .session import Directory

dns = library.dns
DNS_PORT = 53
MOST_SERVERS = 50
"""Domain controllers that are returned at most; a domain can have hundreds."""


def find_servers(
    domain: str, *, dns_server: str | None = None, dns_port: int = DNS_PORT, timeout: float = DEFAULT_TIMEOUT
) -> tuple[str, ...]:
    """Return the names of domain controllers, the preferred first: by priority, then weight, then name (RFC 2782).

    `dns_server` is a name or an address; without it, the resolvers of the controller are asked. `timeout` is in seconds for each message.
    Raises InvalidOptionsError for an invalid domain, and DirectoryError `directory_not_found` or `directory_library_missing`.
    """
    name = srv_name(domain)
    if library.MISSING:
        raise DirectoryError("directory_library_missing", "Finding a domain controller requires dnspython; or set server.")
    try:
        records = _ask(name, dns_server, dns_port, timeout) if dns_server else _resolve(name, timeout)
    except DnsError as error:
        raise DirectoryError("directory_not_found", f"The name server answered: {str(error).rstrip('.')}.") from None
    servers = tuple(dict.fromkeys(target for _priority, _weight, target in sorted(records) if target))
    if not servers:
        raise DirectoryError("directory_not_found", f"{name} has no SRV record with a name.")
    return servers[:MOST_SERVERS]


def srv_name(domain: str) -> str:
    """Return the name of the SRV records of a domain. Raises InvalidOptionsError."""
    try:
        host = parse_host(domain)
    except ValueError as error:
        raise InvalidOptionsError(f"domain: {error}.") from None
    if is_address(host):
        raise InvalidOptionsError(f"domain is the address {host}, and must be the DNS name of a domain.")
    return f"_ldap._tcp.dc._msdcs.{host}"


def open_first(
    servers: Iterable[str], logon: Logon, *, port: int | None = None, timeout: float = DEFAULT_TIMEOUT, connect: Connect = connect
) -> Directory:
    """Open a session with the first of several servers that answers. Raises the error of the first one if none does.

    The next server is tried only if one cannot be reached. After a refused logon no other is tried, because that could lock the account.
    """
    trouble: DirectoryUnreachableError | None = None
    for server in servers:
        found = _opened(DirectoryTarget(server, port=port, timeout=timeout), logon, connect)
        if isinstance(found, Directory):
            return found
        trouble = trouble or found
    raise trouble or DirectoryError("directory_not_found", "The list of domain controllers is empty.")


def _opened(target: DirectoryTarget, logon: Logon, connect: Connect) -> Directory | DirectoryUnreachableError:
    try:
        return open_directory(target, logon, connect=connect)
    except DirectoryUnreachableError as error:
        return error


def _ask(name: str, server: str, port: int, timeout: float) -> list[tuple[int, int, str]]:
    trouble: DnsError | None = None
    host = None if is_address(server) else server.rstrip(".")
    for address in [server] if host is None else addresses_of(host):
        try:
            answer = ask_for(name, "SRV", NameServer(address, port, host), timeout)
        except DnsError as error:
            trouble = trouble or error
            continue
        owner = dns.name.from_text(name)
        return [record for rrset in answer.answer if rrset.name == owner for record in _records(rrset)]
    raise trouble or DnsError("name_not_found", f"The name is {server!r}.")


def _resolve(name: str, timeout: float) -> list[tuple[int, int, str]]:
    try:
        resolver = dns.resolver.Resolver()
        resolver.lifetime = timeout
        return list(_records(resolver.resolve(dns.name.from_text(name), "SRV", search=False)))
    except dns.exception.DNSException as error:
        reason = shown(str(error)) or type(error).__name__
        raise DirectoryError("directory_not_found", f"{name}: {reason}") from None


def _records(found: Any) -> Iterator[tuple[int, int, str]]:
    """Yield priority, negative weight, and name of each SRV record; names that cannot be host names are left out."""
    for data in found:
        if data.rdtype != dns.rdatatype.SRV:
            continue
        target = data.target.to_text(omit_final_dot=True)
        try:
            yield data.priority, -data.weight, parse_host(target).lower()
        except ValueError:
            continue


__all__ = ["DNS_PORT", "find_servers", "open_first", "srv_name"]
