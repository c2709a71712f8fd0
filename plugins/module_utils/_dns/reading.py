# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The use case of kms_srv_record_info: the records of each domain, and where their hosts are.

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
from .plan import Change
from .query import read_addresses, read_records
from .render import render
from .service import ServerSettings

MOST_HOSTS = 64
"""Hosts of one domain whose addresses are looked up. Microsoft's guides have two to a few for an organization."""

Addresses: TypeAlias = "tuple[str, ...] | None"
"""Addresses of a host; an empty tuple when it has none, None when nobody could tell."""

Probes = Mapping[tuple[str, int], dict[str, Any]]
"""What a probe said of a host and port, by the key of its record and the port."""


@dataclass
class ZoneReading:
    """What was found of one domain; `addresses` by the key of a record."""

    domain: str
    place: ZoneServer | None = None
    records: RecordSet = field(default_factory=RecordSet)
    addresses: dict[str, Addresses] = field(default_factory=dict)
    problem: DnsError | None = None
    not_looked_up: int = 0
    """Hosts of records whose addresses nobody was asked for."""


def look(domains: Sequence[str], way: ServerSettings, *, addresses: bool = True) -> list[ZoneReading]:
    """All domains, one after the other, with the `addresses` of their hosts or without. Problems are in the findings."""
    return [_look_at(domain, way, addresses) for domain in domains]


def _look_at(domain: str, way: ServerSettings, addresses: bool) -> ZoneReading:
    finding = ZoneReading(domain)
    try:
        limit = way.limit()
        finding.place = find(domain, way.server, way.port, way.timeout, write=False, limit=limit)
        finding.records = read_records(domain, finding.place.endpoint, limit)
        if addresses:
            look_up_hosts(finding, finding.place, limit)
    except DnsError as problem:
        finding.problem = problem
    return finding


def look_up_hosts(finding: ZoneReading, place: ZoneServer, limit: TimeLimit) -> None:
    """Where the hosts of the records are, those that clients try first before the others, as far as number and time allow.

    The resolver of this machine is asked for what the server does not know, and takes as long as it takes, for one host.
    """
    hosts = {record.key: record.host for record in in_order(finding.records.records)}
    for number, (key, host) in enumerate(hosts.items()):
        if number >= MOST_HOSTS or limit.is_over:
            finding.not_looked_up = len(hosts) - number
            return
        finding.addresses[key] = addresses_from(host, place, limit)


_NO_NEWS = ("REFUSED", "not_authoritative")
"""What a server says of names in zones it does not have: nothing about the name."""


def addresses_from(host: str, place: ZoneServer, seconds: Seconds) -> Addresses:
    """Where the host of a record is: asked of the server that has the records, else of the resolver of this machine.

    `seconds` are for each message to the server.
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
    """What is known of each host by all servers together: addresses before doubt, doubt before "it has none"."""
    known: dict[str, Addresses] = {}
    for finding in findings:
        for key, found in finding.addresses.items():
            before = known.get(key, ())
            known[key] = before or found or (None if None in (before, found) else ())
    return known


def described(finding: ZoneReading, probes: Probes) -> dict[str, Any]:
    """Plain data of one domain."""
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
    """What makes the same records elsewhere; nothing where nothing could be read."""
    if finding.place is None or finding.problem:
        return None
    endpoint, records = finding.place.endpoint, finding.records
    again = Change(add=in_order(records.records), ttl=records.ttl or 0)
    return render(name, finding.place.zone.name, endpoint.name or endpoint.address, records, again).as_dict()


def endpoints_of(findings: Sequence[ZoneReading]) -> list[SrvRecord]:
    """Every record whose host can be asked, each host and port once."""
    found = {(record.key, record.port): record for finding in findings for record in finding.records.records}
    return list(found.values())
