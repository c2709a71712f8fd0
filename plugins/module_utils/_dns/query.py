# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The questions a task asks a name server: SOA for the zone, SRV for the records, A and AAAA for their hosts.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Questions are signed only where their answers have to prove what became of an update; see :mod:`service`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import DnsError
from .exchange import Endpoint, Seconds, ask
from .library import dns
from .model import RecordSet, SrvRecord, srv_owner_name

if TYPE_CHECKING:
    from dns.message import Message
    from dns.rrset import RRset

    from .signing import Signer

ANSWERED = ("NOERROR", "NXDOMAIN")
"""Response codes that come with knowledge: the name has such records, or has none, or does not exist."""

NOT_SERVED = ("REFUSED", "NOTAUTH", "SERVFAIL")
"""What servers say of a zone they do not have; Samba says the last one when its forwarder does not answer."""


@dataclass(frozen=True)
class Zone:
    """The zone that holds a name, as a server tells it; `primary` is what its SOA record calls the primary server.

    The primary is a hint: it may be hidden, or have been made up by an installer.
    """

    name: str
    primary: str
    authoritative: bool


def question(name: str, kind: str) -> Message:
    """A query for an absolute name, whatever its final dot."""
    return dns.message.make_query(dns.name.from_text(name), kind)


def ask_for(name: str, kind: str, endpoint: Endpoint, timeout: Seconds, signer: Signer | None = None) -> Message:
    """The answer of the server, whether it has such records or not; with a `signer`, only one that is signed.

    Raises DnsError for any other response code, and for an answer that should be signed and is not.
    """
    asked, told = question(name, kind), f"{endpoint} was asked for {kind} of {name}."
    if signer:
        signer.sign(asked, endpoint)
    answer = ask(asked, endpoint, timeout)
    if answer.message is None or answer.flaw:
        raise DnsError(answer.flaw or "malformed_answer", told)
    if answer.rcode not in ANSWERED:
        raise DnsError(answer.rcode, told)
    # The answer to another question, or a part of it, would look like records that are gone.
    if not asked.is_response(answer.message) or answer.message.flags & dns.flags.TC:
        raise DnsError("malformed_answer", told)
    return answer.message


def zone_in(answer: Message, name: str) -> Zone | None:
    """The zone from the answer to an SOA question for the name: the record is in the answer at an apex, else in the authority.

    Raises DnsError `alias`.
    """
    wanted = dns.name.from_text(name)
    refuse_alias(answer, name)
    for rrset in (*answer.answer, *answer.authority):
        if rrset.rdtype == dns.rdatatype.SOA and wanted.is_subdomain(rrset.name) and rrset.name != dns.name.root:
            authoritative = bool(answer.flags & dns.flags.AA)
            return Zone(_text(rrset.name), _text(rrset[0].mname), authoritative)
    return None


def refuse_alias(answer: Message, name: str) -> None:
    """Raises DnsError when the name is a CNAME: the answer is then about another name, perhaps in another zone."""
    owner = dns.name.from_text(name)
    for rrset in answer.answer:
        if rrset.rdtype == dns.rdatatype.CNAME and rrset.name == owner:
            raise DnsError("cname_found", f"{name} leads to {_text(rrset[0].target)}.")


def read_zone(domain: str, endpoint: Endpoint, timeout: Seconds) -> Zone:
    """The zone of the records of a domain, asked of one server. Raises DnsError."""
    name = srv_owner_name(domain)
    try:
        zone = zone_in(ask_for(name, "SOA", endpoint, timeout), name)
    except DnsError as problem:
        if problem.error_code in NOT_SERVED:
            raise DnsError("no_such_zone", f"{endpoint} was asked for {name} and answered {problem.error_code}.") from None
        raise
    if zone is None:
        raise DnsError("no_such_zone", f"{endpoint} was asked for {name}.")
    return zone


def read_records(domain: str, endpoint: Endpoint, timeout: Seconds, signer: Signer | None = None) -> RecordSet:
    """The records of a domain as this server has them now; with a `signer`, vouched for by its signature. Raises DnsError."""
    name = srv_owner_name(domain)
    answer = ask_for(name, "SRV", endpoint, timeout, signer)
    owner = dns.name.from_text(name)
    refuse_alias(answer, name)
    found = [rrset for rrset in answer.answer if rrset.rdtype == dns.rdatatype.SRV and rrset.name == owner]
    return _record_set(found[0]) if found else RecordSet()


def _record_set(rrset: RRset) -> RecordSet:
    records = tuple(SrvRecord(_text(data.target), data.port, data.priority, data.weight) for data in rrset)
    return RecordSet(rrset.ttl, records)


def read_addresses(host: str, endpoint: Endpoint, timeout: Seconds) -> Sequence[str]:
    """The addresses this server knows for a host, IPv4 first; none when it says that there are none.

    Raises DnsError when it gives neither addresses nor a clear no.
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
            # A referral: the server does not know, and does not ask those who do.
            trouble = DnsError("not_authoritative", f"{endpoint} was asked for {kind} of {host}.")
        found += [data.address for rrset in answer.answer if rrset.rdtype == wanted for data in rrset]
    if trouble and not found:
        raise trouble
    return found


def _text(name: dns.name.Name) -> str:
    """A name without its final dot; the root is a single dot."""
    return name.to_text(omit_final_dot=True)
