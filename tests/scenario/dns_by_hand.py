# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SRV records as somebody enters them by hand: dnspython alone, nothing of the collection."""

from __future__ import annotations

from collections.abc import Iterable

import dns.query
import dns.rcode
import dns.tsig
import dns.update

from .harness import Lab


def publish(lab: Lab, domain: str, endpoints: Iterable[tuple[str, int]]) -> None:
    """Add a record with priority and weight 0 for each host of the domain and port."""
    told = lab.client.dns()
    update = dns.update.UpdateMessage(domain, keyring=dns.tsig.Key(told["key_name"], told["key_secret"], told["key_algorithm"]))
    for host, port in endpoints:
        update.add("_vlmcs._tcp", 300, "SRV", f"0 0 {port} {host}.{domain}.")
    assert dns.query.tcp(update, told["server"], timeout=10, port=told["port"]).rcode() == dns.rcode.NOERROR
