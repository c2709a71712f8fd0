# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in the estate's network: which KMS hosts a domain publishes and where a name leads.

Two resolvers: :class:`NoDns` for an estate without DNS, and resolver.BindResolver, which asks a real server.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from .wmi_faults import LicensingError

DNS_ERROR_RCODE_SERVER_FAILURE = 0x8007232A
DNS_ERROR_RCODE_NAME_ERROR = 0x8007232B
DNS_ERROR_RCODE_REFUSED = 0x8007232D
DNS_ERROR_RCODE_NOTAUTH = 0x80072331
DNS_ERROR_RCODE_BADSIG = 0x80072338
DNS_INFO_NO_RECORDS = 0x8007251D
DNS_ERROR_NO_DNS_SERVERS = 0x8007267C


@dataclass(frozen=True)
class Srv:
    """One SRV record of _vlmcs._tcp."""

    priority: int
    weight: int
    port: int
    target: str


class Resolver(Protocol):
    """Looks up names, as the DNS client service of a machine does."""

    def services(self, domain: str) -> tuple[Srv, ...]:
        """SRV records of _vlmcs._tcp in a domain; raises LicensingError 8007232B (no such name), 8007251D (no such record), 8007232A."""

    def addresses(self, name: str) -> tuple[str, ...]:
        """IP addresses of a name, none when it does not resolve."""

    def flush(self) -> None:
        """Forget what was looked up."""


class NoDns:
    """An estate without a DNS server: names of its machines resolve (as from a hosts file), SRV records do not."""

    def __init__(self, hosts: Mapping[str, str]) -> None:
        self._hosts = {name.casefold(): address for name, address in hosts.items()}

    def services(self, domain: str) -> tuple[Srv, ...]:  # noqa: ARG002  # the port has it
        """Always fails: there is no DNS server."""
        raise LicensingError(DNS_ERROR_NO_DNS_SERVERS)

    def addresses(self, name: str) -> tuple[str, ...]:
        """The machine's address."""
        found = self._hosts.get(name.casefold().rstrip("."))
        return () if found is None else (found,)

    def flush(self) -> None:
        """Nothing is kept."""


@lru_cache(maxsize=4096)
def literal_address(text: str) -> str | None:
    """The address when the text is an IPv4 or IPv6 literal, plain or in brackets."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return None
