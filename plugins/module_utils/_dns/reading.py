# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run kms_srv_record_info: read the records of each domain, and the addresses of their hosts.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .discover import ZoneServer, addresses_of, find
from .errors import DnsError
from .exchange import Seconds, TimeLimit
from .model import RecordSet, SrvRecord, in_order, srv_owner_name
from .plan import RecordChange
from .query import read_addresses, read_records
from .render import render
from .service import ServerSettings

MOST_HOSTS = 64
"""Maximum number of hosts of one domain whose addresses are looked up. Microsoft's guides recommend two or a few for an organization."""

Addresses: TypeAlias = "tuple[str, ...] | None"
"""Addresses of a host; an empty tuple if it has none, None if this is not known."""

Probes = Mapping[tuple[str, int], dict[str, Any]]
"""Probe results by the key of the record and the port."""


@dataclass
class ZoneReading:
    """The result of reading one domain; `addresses` by the key of a record."""

    domain: str
    place: ZoneServer | None = None
    records: RecordSet = field(default_factory=RecordSet)
    addresses: dict[str, Addresses] = field(default_factory=dict)
    problem: DnsError | None = None
    not_looked_up: int = 0
    """Number of hosts whose addresses were not looked up."""


def look(domains: Sequence[str], settings: ServerSettings, *, addresses: bool = True) -> list[ZoneReading]:
    """Read all domains, one after the other, with or without the `addresses` of their hosts. Errors are in the results."""
    return [_look_at(domain, settings, addresses) for domain in domains]


def _look_at(domain: str, settings: ServerSettings, addresses: bool) -> ZoneReading:
    finding = ZoneReading(domain)
    try:
        limit = settings.limit()
        finding.place = find(domain, settings.server, settings.port, settings.timeout, write=False, limit=limit)
        finding.records = read_records(domain, finding.place.endpoint, limit)
        if addresses:
            look_up_hosts(finding, finding.place, limit)
    except DnsError as problem:
        finding.problem = problem
    return finding


def look_up_hosts(finding: ZoneReading, place: ZoneServer, limit: TimeLimit) -> None:
    """Look up the addresses of the hosts, in the order in which clients try them, within the limits of number and time.

    The resolver of this machine is used for names that the server does not have. Its time for one host is not limited.
    """
    hosts = {record.key: record.host for record in in_order(finding.records.records)}
    for number, (key, host) in enumerate(hosts.items()):
        if number >= MOST_HOSTS or limit.is_over:
            finding.not_looked_up = len(hosts) - number
            return
        finding.addresses[key] = addresses_from(host, place, limit)


_NO_NEWS = ("REFUSED", "not_authoritative")
"""Error codes for names in zones that the server does not have, which do not show whether the name exists."""


def addresses_from(host: str, place: ZoneServer, seconds: Seconds) -> Addresses:
    """Return the addresses of the host of a record, from the server with the records, or from the resolver of this machine.

    `seconds` is the time limit for each message to the server.
    """
    if host == ".":
        return ()
    trouble = None
    try:
        found = read_addresses(host, place.endpoint, seconds)
        if found:
            return tuple(found)
    except DnsError as problem:
        trouble = problem.error_code
    try:
        return tuple(addresses_of(host))
    except DnsError as problem:
        sure = trouble is None or (trouble in _NO_NEWS and problem.error_code == "name_not_found")
        return () if sure else None


def addresses_in(findings: Sequence[ZoneReading]) -> dict[str, Addresses]:
    """Return the addresses of each host from all servers. Addresses take precedence over unknown, and unknown over none."""
    known: dict[str, Addresses] = {}
    for finding in findings:
        for key, found in finding.addresses.items():
            before = known.get(key, ())
            known[key] = before or found or (None if None in (before, found) else ())
    return known


def described(finding: ZoneReading, probes: Probes) -> dict[str, Any]:
    """Return one domain as plain data."""
    place, name = finding.place, srv_owner_name(finding.domain)
    priorities = sorted({record.priority for record in finding.records.records})
    return {
        "domain": finding.domain,
        "name": name,
        "zone": place.zone.name if place else None,
        "dns_server": str(place.endpoint) if place else None,
        "ttl": finding.records.ttl,
        "records": [
            {
                **record.as_dict(),
                "order": priorities.index(record.priority) + 1,
                "addresses": list(finding.addresses.get(record.key) or ()),
                "probe_result": probes.get((record.key, record.port)),
            }
            for record in in_order(finding.records.records)
        ],
        "rendered": _rendered(finding, name),
        "not_looked_up": finding.not_looked_up,
        "error": finding.problem.as_dict() if finding.problem else None,
    }


def _rendered(finding: ZoneReading, name: str) -> dict[str, list[str]] | None:
    """Return commands that create the same records on another server, or None if the records were not read."""
    if finding.place is None or finding.problem:
        return None
    endpoint, records = finding.place.endpoint, finding.records
    again = RecordChange(add=in_order(records.records), ttl=records.ttl or 0)
    return render(name, finding.place.zone.name, endpoint.name or endpoint.address, records, again).as_dict()


def endpoints_of(findings: Sequence[ZoneReading]) -> list[SrvRecord]:
    """Return the records to probe, each host and port once."""
    found = {(record.key, record.port): record for finding in findings for record in finding.records.records}
    return list(found.values())
