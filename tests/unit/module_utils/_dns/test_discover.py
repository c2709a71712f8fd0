# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Without a server in the task the zone is what the resolvers say, unless that cannot be what is meant."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.message
import dns.name
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._dns.discover import zone_by_resolver
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.errors import DnsError


@contextmanager
def resolver_that_says_no(zone: str) -> Iterator[dns.resolver.Resolver]:
    """A resolver that knows no name, and says so with the SOA record of this zone."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            raw, peer = server.recvfrom(4096)
            reply = dns.message.make_response(dns.message.from_wire(raw))
            reply.set_rcode(dns.rcode.NXDOMAIN)
            reply.authority.append(dns.rrset.from_text(zone, 60, "IN", "SOA", "ns1.example. x.example. 1 2 3 4 5"))
            server.sendto(reply.to_wire(), peer)

        threading.Thread(target=serve, daemon=True).start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], server.getsockname()[1], 5
        yield resolver


@pytest.mark.parametrize(("domain", "zone"), [("corp.example", "corp.example"), ("a.b.corp.example", "corp.example"), ("CORP", "corp")])
def test_a_name_that_is_not_there_yet_leads_to_its_zone_all_the_same(domain: str, zone: str) -> None:
    with resolver_that_says_no(f"{zone}.") as resolver:
        found = zone_by_resolver(domain, resolver)
    assert (found.name.lower(), found.primary) == (zone, "ns1.example")


@pytest.mark.parametrize("zone", ["com.", "."])
def test_a_misspelled_domain_leads_to_no_registry(zone: str) -> None:
    with resolver_that_says_no(zone) as resolver, pytest.raises(DnsError, match="no_such_zone"):
        zone_by_resolver("corp.exmaple.com", resolver)
