# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A name server that names far too many KMS hosts, and the addresses they lead to, which count who comes."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset

HOSTS = 1500
ADDRESSES = 32
"""Enough that a probe which asks one address once still meets more of them than it may."""


class HostileDns:
    """Answers any question over TCP; `prefix` begins the addresses, such as 127.41.215."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.questions: list[tuple[str, str]] = []
        self.connections = 0
        self._selector = selectors.DefaultSelector()
        self._dns = socket.create_server((f"{prefix}.1", 0), backlog=64)
        self._doors = [socket.create_server((f"{prefix}.101", 0), backlog=64)]
        self._doors += [socket.create_server((f"{prefix}.{101 + number}", self.kms_port), backlog=64) for number in range(1, ADDRESSES)]
        for listener in (self._dns, *self._doors):
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def server(self) -> str:
        """Where it listens."""
        return f"{self.prefix}.1"

    @property
    def port(self) -> int:
        """The port of the name server."""
        return int(self._dns.getsockname()[1])

    @property
    def kms_port(self) -> int:
        """The port that all records name."""
        return int(self._doors[0].getsockname()[1])

    def close(self) -> None:
        """Stop listening."""
        self._stopped.set()
        self._thread.join()
        for listener in (self._dns, *self._doors):
            listener.close()

    def _serve(self) -> None:
        while not self._stopped.is_set():
            for key, _events in self._selector.select(0.05):
                listener = key.fileobj
                assert isinstance(listener, socket.socket)
                connection, _peer = listener.accept()
                with connection:
                    connection.settimeout(5)
                    if listener is self._dns:
                        self._answer(connection)
                    else:
                        self.connections += 1

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            size = int.from_bytes(connection.recv(2, socket.MSG_WAITALL), "big")
            asked = dns.message.from_wire(connection.recv(size, socket.MSG_WAITALL))
            wire = self._reply(asked).to_wire()
            connection.sendall(len(wire).to_bytes(2, "big") + wire)

    def _reply(self, asked: dns.message.Message) -> dns.message.Message:
        (question,) = asked.question
        kind, name = dns.rdatatype.to_text(question.rdtype), question.name.to_text()
        self.questions.append((kind, name))
        reply = dns.message.make_response(asked)
        reply.flags |= dns.flags.AA
        if kind == "SOA":
            zone = name.removeprefix("_vlmcs._tcp.")
            reply.authority.append(dns.rrset.from_text(zone, 300, "IN", "SOA", f"ns.{zone} admin.{zone} 1 2 3 4 5"))
        elif kind == "SRV":
            reply.answer.append(dns.rrset.from_text(name, 300, "IN", "SRV", *[f"0 0 {self.kms_port} h{n}.x." for n in range(HOSTS)]))
        elif kind == "A":
            number = int(name.partition(".")[0].removeprefix("h")) % ADDRESSES
            reply.answer.append(dns.rrset.from_text(name, 300, "IN", "A", f"{self.prefix}.{101 + number}"))
        return reply


@contextlib.contextmanager
def hostile_dns(prefix: str) -> Iterator[HostileDns]:
    """The server for the length of a block."""
    server = HostileDns(prefix)
    try:
        yield server
    finally:
        server.close()
