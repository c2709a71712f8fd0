# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the simulated machines look up names: they ask the estate's BIND and keep its answers for their TTL.

There is one cache for all machines. A client that the cached records led to no KMS host that answers, or that there were no records for,
goes on with what is cached until its TTL is over; what real Windows does then is not known (see the guide to known limitations).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype

from .clock import Clock
from .network import DNS_ERROR_RCODE_NAME_ERROR, DNS_ERROR_RCODE_SERVER_FAILURE, DNS_INFO_NO_RECORDS, Srv
from .wmi_faults import LicensingError
from .zone import SERVICE, TTL

NEGATIVE_TTL = timedelta(seconds=60)
Answer = TypeVar("Answer")


class BindResolver:
    """The DNS client service of all machines, with its cache kept for the records' TTL."""

    def __init__(self, port: int, clock: Clock) -> None:
        self._port = port
        self._clock = clock
        self._services: dict[str, tuple[datetime, tuple[Srv, ...] | LicensingError]] = {}
        self._addresses: dict[str, tuple[datetime, tuple[str, ...]]] = {}

    def flush(self) -> None:
        """Forget what was looked up."""
        self._services.clear()
        self._addresses.clear()

    def services(self, domain: str) -> tuple[Srv, ...]:
        """SRV records of _vlmcs._tcp in a domain."""
        found = self._cached(self._services, domain.casefold(), self._ask_services)
        if isinstance(found, LicensingError):
            raise LicensingError(found.hresult)
        return found

    def addresses(self, name: str) -> tuple[str, ...]:
        """IP addresses of a name."""
        return self._cached(self._addresses, name.casefold(), self._ask_addresses)

    def _cached(self, cache: dict[str, tuple[datetime, Answer]], name: str, ask: Callable[[str], tuple[timedelta, Answer]]) -> Answer:
        now = self._clock.now()
        kept = cache.get(name)
        if kept is not None and now < kept[0]:
            return kept[1]
        lifetime, answer = ask(name)
        cache[name] = (now + lifetime, answer)
        return answer

    def _query(self, name: str, kind: dns.rdatatype.RdataType) -> dns.message.Message:
        query = dns.message.make_query(dns.name.from_text(name), kind)
        answer, _tcp = dns.query.udp_with_fallback(query, "127.0.0.1", timeout=2, port=self._port)
        return answer

    def records_now(self, domain: str) -> list[dict[str, str | int]]:
        """The SRV records the server has at this moment, by priority, weight, port and target, past the cache."""
        _lifetime, found = self._ask_services(domain)
        if isinstance(found, LicensingError):
            if found.hresult == DNS_ERROR_RCODE_SERVER_FAILURE:
                raise ValueError(f"the DNS server does not answer for {domain}")
            return []
        rows = sorted((record.priority, record.weight, record.port, record.target.casefold()) for record in found)
        return [{"priority": row[0], "weight": row[1], "port": row[2], "host": row[3]} for row in rows]

    def _ask_services(self, domain: str) -> tuple[timedelta, tuple[Srv, ...] | LicensingError]:
        try:
            answer = self._query(f"{SERVICE}.{domain}", dns.rdatatype.SRV)
        except (OSError, dns.exception.DNSException):
            return timedelta(0), LicensingError(DNS_ERROR_RCODE_SERVER_FAILURE)
        if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN, dns.rcode.REFUSED):
            return timedelta(0), LicensingError(DNS_ERROR_RCODE_SERVER_FAILURE)
        # REFUSED: a domain this server does not have, which in the lab's closed network means no such name.
        if answer.rcode() != dns.rcode.NOERROR:
            return NEGATIVE_TTL, LicensingError(DNS_ERROR_RCODE_NAME_ERROR)
        records = tuple(
            Srv(rdata.priority, rdata.weight, rdata.port, rdata.target.to_text(omit_final_dot=True))
            for rrset in answer.answer
            for rdata in rrset
            if rrset.rdtype == dns.rdatatype.SRV
        )
        return (timedelta(seconds=answer.answer[0].ttl), records) if records else (NEGATIVE_TTL, LicensingError(DNS_INFO_NO_RECORDS))

    def _ask_addresses(self, name: str) -> tuple[timedelta, tuple[str, ...]]:
        found: list[str] = []
        for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
            try:
                answer = self._query(name, kind)
            except (OSError, dns.exception.DNSException):
                return timedelta(0), ()
            found += [rdata.address for rrset in answer.answer for rdata in rrset if rrset.rdtype == kind]
        return (timedelta(seconds=TTL) if found else NEGATIVE_TTL), tuple(found)
