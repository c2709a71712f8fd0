# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A name server of the tests with the faults no real one gives on demand. It shares no code with the collection.

It knows one zone, holds SRV records under one name and takes every update whose signature is right. Then it answers, or
does whatever its `fault` says. The message parser is dnspython's, the rest is a socket.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.tsig

ZONE = dns.name.from_text("corp.test")
OWNER = dns.name.from_text("_vlmcs._tcp.corp.test")
KEY = dns.tsig.Key("kms-update", b"secret of the tests", dns.tsig.HMAC_SHA256)
WRONG_KEY = dns.tsig.Key("kms-update", b"another secret", dns.tsig.HMAC_SHA256)

Fault = Callable[[bytes, dns.message.Message, dns.message.Message], bytes | None]
"""From the request as it came, parsed, and the right answer, to the bytes to send; None hangs up."""


class FaultyServer:
    """Answers one connection after the other. `fault` is what happens to answers to updates, `takes` whether they are done.
    `address` is that of every host.

    `pause` seconds after each octet make it drip; `octets` counts those.
    """

    def __init__(self) -> None:
        self.records: dict[str, int] = {}
        self.updates = 0
        self.takes = True
        self.pause = 0.0
        self.octets = 0
        self.messages = 0
        self.address: str | None = None
        self.fault: Fault | None = None
        self.query_fault: Fault | None = None
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and wait for the thread."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _peer = self._socket.accept()
            except OSError:
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        header = connection.recv(2)
        if len(header) < 2:
            return
        raw = b""
        (length,) = struct.unpack("!H", header)
        while len(raw) < length:
            raw += connection.recv(length - len(raw))
        self.messages += 1
        request = dns.message.from_wire(raw, keyring=KEY)
        update = request.opcode() == dns.opcode.UPDATE
        reply = self._updated(request) if update else self._found(request)
        fault = self.fault if update else self.query_fault
        sent = fault(raw, request, reply) if fault else framed(reply.to_wire())
        if sent is not None:
            self._send(connection, sent)

    def _send(self, connection: socket.socket, sent: bytes) -> None:
        """All at once, or octet by octet with a pause after each, until the other side has enough."""
        if not self.pause:
            connection.sendall(sent)
            return
        with suppress(OSError):
            for octet in sent:
                connection.sendall(bytes([octet]))
                self.octets += 1
                time.sleep(self.pause)

    def _updated(self, request: dns.message.Message) -> dns.message.Message:
        self.updates += 1
        for rrset in request.sections[2] if self.takes else ():
            for rdata in rrset:
                if rrset.deleting is not None:
                    self.records.pop(rdata.to_text().lower(), None)
                else:
                    self.records[rdata.to_text().lower()] = rrset.ttl
        return dns.message.make_response(request)

    def _found(self, request: dns.message.Message) -> dns.message.Message:
        reply = dns.message.make_response(request)
        reply.flags |= dns.flags.AA
        question = request.question[0]
        if question.rdtype == dns.rdatatype.SRV and question.name == OWNER and self.records:
            ttl = next(iter(self.records.values()))
            reply.answer.append(dns.rrset.from_text_list(OWNER, ttl, "IN", "SRV", list(self.records)))
        elif question.rdtype == dns.rdatatype.A and self.address:
            reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", self.address))
        else:
            reply.authority.append(dns.rrset.from_text(ZONE, 60, "IN", "SOA", "ns1.corp.test. x.corp.test. 1 2 3 4 5"))
        return reply


@contextmanager
def faulty_server() -> Iterator[FaultyServer]:
    """A running one."""
    server = FaultyServer()
    try:
        yield server
    finally:
        server.close()


def framed(wire: bytes) -> bytes:
    """A message as it goes over TCP."""
    return struct.pack("!H", len(wire)) + wire


def unsigned(_raw: bytes, request: dns.message.Message, _reply: dns.message.Message, rcode: int = 0) -> bytes:
    """Well-formed, and without the signature a signed request has a right to."""
    bare = dns.message.Message(id=request.id)
    bare.flags = dns.flags.QR | dns.opcode.to_flags(dns.opcode.UPDATE)
    bare.set_rcode(dns.rcode.Rcode(rcode))
    return framed(bare.to_wire())


def forged(_raw: bytes, request: dns.message.Message, reply: dns.message.Message) -> bytes:
    """Signed with another secret."""
    fake = dns.message.Message(id=request.id)
    fake.flags = reply.flags
    fake.use_tsig(WRONG_KEY)
    fake.request_mac = request.mac or b""
    return framed(fake.to_wire())


def echoed(raw: bytes, _request: dns.message.Message, _reply: dns.message.Message, rcode: int = 0) -> bytes:
    """What Samba does with errors: the request itself, marked as an answer."""
    return framed(raw[:2] + bytes([raw[2] | 0x80, (raw[3] & 0xF0) | rcode]) + raw[4:])


def overtaken(_raw: bytes, _request: dns.message.Message, reply: dns.message.Message) -> bytes:
    """The prerequisite does not hold, as if somebody had just written."""
    reply.set_rcode(dns.rcode.NXRRSET)
    return framed(reply.to_wire())


def wrong_id(_raw: bytes, _request: dns.message.Message, reply: dns.message.Message) -> bytes:
    """An answer to another question."""
    wire = reply.to_wire()
    return framed(bytes([wire[0] ^ 0xFF]) + wire[1:])


def other_question(_raw: bytes, request: dns.message.Message, reply: dns.message.Message) -> bytes:
    """The right ID, and a sound answer to a question nobody asked."""
    other = dns.message.make_response(dns.message.make_query("other.test", "SOA", id=request.id))
    other.flags = reply.flags
    other.authority = reply.authority
    return framed(other.to_wire())


def in_part(_raw: bytes, _request: dns.message.Message, reply: dns.message.Message) -> bytes:
    """Marked as cut short, which no answer over TCP has to be."""
    reply.flags |= dns.flags.TC
    return framed(reply.to_wire())


def no_answer_bit(raw: bytes, _request: dns.message.Message, _reply: dns.message.Message) -> bytes:
    """A request in place of an answer."""
    return framed(raw)


def truncated(_raw: bytes, _request: dns.message.Message, reply: dns.message.Message) -> bytes:
    """A frame that promises more than comes."""
    return framed(reply.to_wire())[:-5]


def tiny(_raw: bytes, _request: dns.message.Message, _reply: dns.message.Message) -> bytes:
    """A frame too short for a header."""
    return framed(b"abc")


def garbage(raw: bytes, _request: dns.message.Message, _reply: dns.message.Message) -> bytes:
    """The right header and nonsense behind it."""
    return framed(raw[:2] + bytes([raw[2] | 0x80]) + raw[3:12] + b"\xff" * 20)


def hang_up(_raw: bytes, _request: dns.message.Message, _reply: dns.message.Message) -> None:
    """The connection ends without an answer."""


def half_a_length(_raw: bytes, _request: dns.message.Message, _reply: dns.message.Message) -> bytes:
    """One octet of the two that say how long the answer is."""
    return b"\x00"


def late(_raw: bytes, _request: dns.message.Message, _reply: dns.message.Message) -> None:
    """No answer for half a second, and none after it."""
    time.sleep(0.5)


def not_signed(_raw: bytes, _request: dns.message.Message, reply: dns.message.Message) -> bytes:
    """The right records, and no signature although the query had one."""
    reply.tsig = None
    return framed(reply.to_wire())


def noise(_raw: bytes, _request: dns.message.Message, _reply: dns.message.Message) -> bytes:
    """The longest frame there is, without any sense in it."""
    return b"\xff\xff" + bytes(range(256)) * 256


def looping_pointers(raw: bytes, _request: dns.message.Message, _reply: dns.message.Message) -> bytes:
    """Names that point to themselves."""
    header = raw[:2] + b"\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00"
    return framed(header + b"\xc0\x0c\x00\x21\x00\x01" + b"\xc0\x0c" * 20)


def records_named(*targets: str) -> Fault:
    """Records nobody asked for, in an answer without a signature."""

    def fault(raw: bytes, request: dns.message.Message, reply: dns.message.Message) -> bytes:
        if request.question[0].rdtype == dns.rdatatype.SRV:
            values = [f"0 0 {1 + number % 65535} {target}" for number, target in enumerate(targets)]
            reply.answer = [dns.rrset.from_text_list(OWNER, 300, "IN", "SRV", values)]
            reply.authority = []
        return not_signed(raw, request, reply)

    return fault
