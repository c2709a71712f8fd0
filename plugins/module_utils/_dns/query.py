# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Query a name server: SOA for the zone, SRV for the records, A and AAAA for their hosts.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Queries are signed only if their responses verify the outcome of an update, see :mod:`service`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import DnsError
from .exchange import NameServer, Seconds, ask
from .library import dns
from .model import RecordSet, SrvRecord, srv_owner_name

if TYPE_CHECKING:
    from dns.message import Message
    from dns.rrset import RRset

    from .signing import Signer

ANSWERED = ("NOERROR", "NXDOMAIN")
"""Response codes of a definite response: the name has such records, has none, or does not exist."""

NOT_SERVED = ("REFUSED", "NOTAUTH", "SERVFAIL")
"""Response codes for a zone that the server does not have. Samba sends the last one if its forwarder does not respond."""


@dataclass(frozen=True)
class Zone:
    """The zone of a name, as a server returns it; `primary` is the primary server of its SOA record.

    The primary server can be hidden, or be a placeholder of an installer.
    """

    name: str
    primary: str
    authoritative: bool


def question(name: str, kind: str) -> Message:
    """Return a query for an absolute name, with or without its final dot."""
    return dns.message.make_query(dns.name.from_text(name), kind)


def ask_for(name: str, kind: str, endpoint: NameServer, timeout: Seconds, signer: Signer | None = None) -> Message:
    """Return the response of the server, with or without records. With a `signer`, the response must be signed.

    Raises DnsError for any other response code, and for a response that must be signed and is not.
    """
    query, detail = question(name, kind), f"{endpoint} was queried for {kind} of {name}."
    if signer:
        signer.sign(query, endpoint)
    answer = ask(query, endpoint, timeout)
    if answer.message is None or answer.flaw:
        raise DnsError(answer.flaw or "malformed_answer", detail)
    if answer.rcode not in ANSWERED:
        raise DnsError(answer.rcode, detail)
    # A response to another query, or an incomplete response, would look as if records were missing.
    if not query.is_response(answer.message) or answer.message.flags & dns.flags.TC:
        raise DnsError("malformed_answer", detail)
    return answer.message


def zone_in(answer: Message, name: str) -> Zone | None:
    """Return the zone from the response to an SOA query, whose record is in the answer section or in the authority section.

    Raises DnsError `cname_found`.
    """
    wanted = dns.name.from_text(name)
    refuse_alias(answer, name)
    for rrset in (*answer.answer, *answer.authority):
        if rrset.rdtype == dns.rdatatype.SOA and wanted.is_subdomain(rrset.name) and rrset.name != dns.name.root:
            authoritative = bool(answer.flags & dns.flags.AA)
            return Zone(_text(rrset.name), _text(rrset[0].mname), authoritative)
    return None


def refuse_alias(answer: Message, name: str) -> None:
    """Raise DnsError if the name is a CNAME, because the response is then for another name, possibly in another zone."""
    owner = dns.name.from_text(name)
    for rrset in answer.answer:
        if rrset.rdtype == dns.rdatatype.CNAME and rrset.name == owner:
            raise DnsError("cname_found", f"{name} leads to {_text(rrset[0].target)}.")


def read_zone(domain: str, endpoint: NameServer, timeout: Seconds) -> Zone:
    """Return the zone of the records of a domain from one server. Raises DnsError."""
    name = srv_owner_name(domain)
    try:
        zone = zone_in(ask_for(name, "SOA", endpoint, timeout), name)
    except DnsError as problem:
        if problem.error_code in NOT_SERVED:
            raise DnsError("no_such_zone", f"{endpoint} was queried for {name} and responded with {problem.error_code}.") from None
        raise
    if zone is None:
        raise DnsError("no_such_zone", f"{endpoint} was queried for {name}.")
    return zone


def read_records(domain: str, endpoint: NameServer, timeout: Seconds, signer: Signer | None = None) -> RecordSet:
    """Return the current records of a domain on this server; with a `signer`, from a signed response. Raises DnsError."""
    name = srv_owner_name(domain)
    answer = ask_for(name, "SRV", endpoint, timeout, signer)
    owner = dns.name.from_text(name)
    refuse_alias(answer, name)
    found = [rrset for rrset in answer.answer if rrset.rdtype == dns.rdatatype.SRV and rrset.name == owner]
    return _record_set(found[0]) if found else RecordSet()


def _record_set(rrset: RRset) -> RecordSet:
    records = tuple(SrvRecord(_text(data.target), data.port, data.priority, data.weight) for data in rrset)
    return RecordSet(rrset.ttl, records)


def read_addresses(host: str, endpoint: NameServer, timeout: Seconds) -> Sequence[str]:
    """Return the addresses of a host from this server, IPv4 first; empty if the server returns that there is none.

    Raises DnsError if the server does not return a definite response.
    """
    found: list[str] = []
    trouble: DnsError | None = None
    for kind in ("A", "AAAA"):
        try:
            answer = ask_for(host, kind, endpoint, timeout)
        except DnsError as problem:
            trouble = problem
            continue
        wanted = dns.rdatatype.from_text(kind)
        if not answer.flags & (dns.flags.AA | dns.flags.RA):
            # A referral: the server does not have the name, and does not query other servers.
            trouble = DnsError("not_authoritative", f"{endpoint} was queried for {kind} of {host}.")
        found += [data.address for rrset in answer.answer if rrset.rdtype == wanted for data in rrset]
    if trouble and not found:
        raise trouble
    return found


def _text(name: dns.name.Name) -> str:
    """Return a name without its final dot; the root is a single dot."""
    return name.to_text(omit_final_dot=True)
