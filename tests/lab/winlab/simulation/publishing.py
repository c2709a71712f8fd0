# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KMS hosts writing their SRV records into DNS by signed dynamic updates, and what the event log says about it.

Facts: dns.md section 3, licensing section 5: event 12294 names the domain that was published, 12293 the code and the domain that was not.
A host adds its record and removes nothing, not even the one with the port it had before; whether real Windows replaces that is not known.
Who owns a name is the lab's own book-keeping, because BIND has no owners: see Zone.updates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dns.exception
import dns.name
import dns.query
import dns.rcode
import dns.tsig
import dns.update

from .computer import Computer
from .network import (
    DNS_ERROR_RCODE_BADSIG,
    DNS_ERROR_RCODE_NAME_ERROR,
    DNS_ERROR_RCODE_NOTAUTH,
    DNS_ERROR_RCODE_REFUSED,
    DNS_ERROR_RCODE_SERVER_FAILURE,
)
from .publication import NOT_PUBLISHED, PUBLISHED, Publication
from .zone import ALGORITHM, FIRST_OWNER, HOSTS, SERVICE, TTL, TsigKey, Zone

ADMINISTRATOR = "*"
"""Owner of a name that no machine made: no machine account may change it."""
SECONDS = 2.0
_CODES = {dns.rcode.NOERROR: 0, dns.rcode.REFUSED: DNS_ERROR_RCODE_REFUSED, dns.rcode.NOTAUTH: DNS_ERROR_RCODE_NOTAUTH}


def signed_update(domain: str, key: TsigKey) -> dns.update.UpdateMessage:
    """An update of a zone, to be signed with a key of the lab."""
    return dns.update.UpdateMessage(f"{domain}.", keyring=dns.tsig.Key(key.name, key.secret, ALGORITHM))


class DnsPublisher:
    """Sends what KMS hosts publish to the estate's DNS server.

    `history` yields the updates so far (see update_log), of which the first addition to a name tells who made it.
    """

    def __init__(self, port: int, zones: Mapping[str, Zone], history: Callable[[], Sequence[Mapping[str, Any]]]) -> None:
        self._port = port
        self._zones = {domain.casefold(): zone for domain, zone in zones.items()}
        self._history = history
        self._owners = {zone.domain: _first_owner(zone) for zone in zones.values() if zone.publishes}

    def __call__(self, computer: Computer, publications: Sequence[Publication]) -> None:
        """Publish each record and write down in the computer's log how that went."""
        for publication in publications:
            code = self._publish(computer, publication)
            if code:
                computer.log(NOT_PUBLISHED, f"0x{code:08X}", publication.domain)
            else:
                computer.log(PUBLISHED, publication.domain)

    def _publish(self, computer: Computer, publication: Publication) -> int:
        """0, or the code of event 12293."""
        zone = self._zones.get(publication.domain.casefold())
        if zone is None:
            return DNS_ERROR_RCODE_NAME_ERROR
        if zone.updates == FIRST_OWNER and self._owner(zone, computer.name) != computer.name:
            return DNS_ERROR_RCODE_BADSIG
        code = self._send(zone, publication)
        if code == 0:
            self._owners.setdefault(zone.domain, computer.name)
        return code

    def _owner(self, zone: Zone, candidate: str) -> str:
        """Who made the name; the candidate when nobody has. It stays with its maker when its last record is deleted."""
        if zone.domain in self._owners:
            return self._owners[zone.domain]
        if any(update["zone"] == zone.domain and update["kind"] == "add" for update in self._history()):
            return self._owners.setdefault(zone.domain, ADMINISTRATOR)
        return candidate

    def _send(self, zone: Zone, publication: Publication) -> int:
        update = signed_update(zone.domain, HOSTS)
        target = dns.name.from_text(publication.target)  # absolute, or it would be taken as a name in the zone
        update.add(SERVICE, TTL, "SRV", f"{publication.priority} {publication.weight} {publication.port} {target}")
        try:
            answer = dns.query.tcp(update, "127.0.0.1", timeout=SECONDS, port=self._port)
        except (OSError, EOFError, dns.exception.DNSException):
            return DNS_ERROR_RCODE_SERVER_FAILURE
        return _CODES.get(answer.rcode(), DNS_ERROR_RCODE_SERVER_FAILURE)


def _first_owner(zone: Zone) -> str:
    return zone.creator or ADMINISTRATOR
