# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every name server of the tests offers: an address, the records it holds, and how many updates reached it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.update

from server_process import LOOPBACK, Process, free_port

KEY_NAME = "kms-update"
KEY_SECRET = "c2VjcmV0IG9mIHRoZSB0ZXN0cywgZm9yIG5vIHNlcnZlcg=="
"""Made up. The tests look for it in everything a run prints."""


@dataclass
class Received:
    """How many DNS updates reached a server while it was watched."""

    updates: int = -1


class NameServer(ABC):
    """A name server on a free port of 127.0.0.1, with one folder for all its files."""

    process: Process

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        folder.mkdir(parents=True)

    @abstractmethod
    def start(self) -> None:
        """Start it and wait for its first answer."""

    @abstractmethod
    def updates_received(self) -> int:
        """DNS updates that arrived since the start, whatever became of them: counted by the server itself."""

    def stop(self) -> None:
        """End it."""
        self.process.stop()

    @contextmanager
    def watched(self) -> Iterator[Received]:
        """Count the updates that arrive inside the block."""
        before, counted = self.updates_received(), Received()
        yield counted
        counted.updates = self.updates_received() - before

    def publish(self, domain: str, record: str) -> None:
        """Add a record as a KMS host does by itself, whatever is there: "priority weight port name."."""
        key = dns.tsig.Key(KEY_NAME, KEY_SECRET, dns.tsig.HMAC_SHA256)
        update = dns.update.UpdateMessage(domain, keyring=key)
        update.add("_vlmcs._tcp", 3600, "SRV", record)
        answer = dns.query.tcp(update, LOOPBACK, timeout=5, port=self.port)
        assert answer.rcode() == dns.rcode.NOERROR, answer

    def published(self, domain: str) -> dict[str, tuple[int, int, int]]:
        """The KMS hosts of a domain as the server tells them: lower case name to priority, weight, port."""
        return dict(self.records(f"_vlmcs._tcp.{domain}"))

    def records(self, name: str) -> list[tuple[str, tuple[int, int, int]]]:
        """Every SRV record of a name."""
        return [
            (rdata.target.to_text(omit_final_dot=True).lower(), (rdata.priority, rdata.weight, rdata.port))
            for rrset in self._ask(name).answer
            for rdata in rrset
        ]

    def ttl(self, domain: str) -> int | None:
        """The time to live of a domain's SRV records in seconds; None without records."""
        return next((rrset.ttl for rrset in self._ask(f"_vlmcs._tcp.{domain}").answer), None)

    def _ask(self, name: str) -> dns.message.Message:
        return dns.query.tcp(dns.message.make_query(name, dns.rdatatype.SRV), LOOPBACK, timeout=5, port=self.port)
