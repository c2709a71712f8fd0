# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One question and its answer over TCP, and what the answer is worth.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The socket and the frames are our own. dnspython before 2.9 takes an unsigned answer to a signed request for a success,
and from 2.9 on it hides the response code of such an answer; so the bytes are looked at here, the same way with all
versions. UDP is never used: a closed port shows only as a timeout there, and answers can be forged from anywhere.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from .errors import DnsRequestNotSentError, DnsResponseLostError
from .library import dns

if TYPE_CHECKING:
    from dns.message import Message

HEADER = 12
"""Octets of the header every DNS message starts with."""

_TSIG_ERRORS = {"PeerBadKey": "BADKEY", "PeerBadSignature": "BADSIG", "PeerBadTime": "BADTIME", "PeerBadTruncation": "BADTRUNC"}


@dataclass(frozen=True)
class Endpoint:
    """One address of a name server. The name, when known, is what Kerberos knows the server by."""

    address: str
    port: int = 53
    name: str | None = None

    def __str__(self) -> str:
        if self.name and self.name != self.address:
            return f"{self.name} ({self.address}):{self.port}"
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True)
class DnsResponse:
    """What came back.

    `rcode` is the name of the response code. `flaw` says why it proves nothing: a TSIG error the server reported, or
    unsigned_answer, forged_answer, echoed_request, malformed_answer. Only an answer without a flaw may count as success.
    """

    rcode: str
    flaw: str | None
    message: Message | None = None


class TimeLimit:
    """Seconds for each message and its answer, and for several messages together.

    A server that answers every message just in time would otherwise hold a task up as often as there are messages.
    """

    def __init__(self, each: float, total: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._each = each
        self._total = total
        self._clock = clock
        self._end = clock() + total

    @property
    def is_over(self) -> bool:
        """Whether no time is left for another message."""
        return self._clock() >= self._end

    def next(self, endpoint: Endpoint) -> float:
        """The seconds that the next message may take. Raises NotSent when none are left."""
        left = self._end - self._clock()
        if left <= 0:
            raise DnsRequestNotSentError("timeout", f"{endpoint}: all messages together took longer than {self._total:g} seconds.")
        return min(self._each, left)


Seconds: TypeAlias = "float | TimeLimit"
"""How long one message may take, or what says so of each message in turn."""


def ask(query: Message, endpoint: Endpoint, timeout: Seconds) -> DnsResponse:
    """Send one message over a connection of its own and wait at most `timeout` seconds for all of it.

    Raises NotSent when nothing reached the server, DnsResponseLostError when that is not certain.
    """
    return classify(query, exchange(query.to_wire(), endpoint, timeout))


def exchange(wire: bytes, endpoint: Endpoint, timeout: Seconds) -> bytes:
    """The bytes of the answer, at most the 65535 that fit into a frame. Raises as :func:`ask`."""
    seconds = timeout.next(endpoint) if isinstance(timeout, TimeLimit) else timeout
    deadline = time.monotonic() + seconds
    with _connect(endpoint, seconds) as connection:
        try:
            connection.sendall(len(wire).to_bytes(2, "big") + wire)
            length = int.from_bytes(_receive(connection, 2, deadline), "big")
            return _receive(connection, length, deadline)
        except TimeoutError:
            raise DnsResponseLostError("timeout", f"{endpoint} gave no whole answer within {seconds:g} seconds.") from None
        except (OSError, EOFError):
            raise DnsResponseLostError("connection_lost", f"{endpoint} ended the connection.") from None


def _connect(endpoint: Endpoint, timeout: float) -> socket.socket:
    try:
        return socket.create_connection((endpoint.address, endpoint.port), timeout)
    except TimeoutError:
        raise DnsRequestNotSentError("timeout", f"{endpoint} took no connection within {timeout:g} seconds.") from None
    except ConnectionRefusedError:
        raise DnsRequestNotSentError("connection_refused", f"{endpoint} refuses TCP connections.") from None
    except OSError as error:
        raise DnsRequestNotSentError("name_server_unreachable", f"{endpoint}: {error.strerror or error}.") from None


def _receive(connection: socket.socket, size: int, deadline: float) -> bytes:
    received = b""
    while len(received) < size:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        piece = connection.recv(size - len(received))
        if not piece:
            raise EOFError
        received += piece
    return received


def classify(query: Message, raw: bytes) -> DnsResponse:
    """What these bytes are worth as an answer to the query."""
    if not answers(query, raw):
        return DnsResponse("NOERROR", "malformed_answer")
    rcode = dns.rcode.to_text(dns.rcode.Rcode.make(raw[3] & 0x0F))
    mac = query.mac or b""
    try:
        message = dns.message.from_wire(raw, keyring=query.keyring, request_mac=mac)
    except dns.tsig.PeerError as error:
        return DnsResponse(rcode, _TSIG_ERRORS.get(type(error).__name__, "BADKEY"))
    except dns.exception.DNSException as error:
        return DnsResponse(rcode, _flaw(error, mac, raw))
    if mac and not message.had_tsig:
        return DnsResponse(rcode, "unsigned_answer", message)
    return DnsResponse(rcode, None, message)


def answers(query: Message, raw: bytes) -> bool:
    """Whether ID, opcode and the response bit fit the query."""
    if len(raw) < HEADER:
        return False
    same_id = int.from_bytes(raw[:2], "big") == query.id
    opcode = (raw[2] >> 3) & 0x0F
    return same_id and bool(raw[2] & 0x80) and opcode == query.opcode()


def _flaw(error: Exception, mac: bytes, raw: bytes) -> str:
    if mac and mac in raw:
        return "echoed_request"
    if "requires a TSIG" in str(error):
        return "unsigned_answer"
    if isinstance(error, dns.tsig.BadTime):
        return "BADTIME"
    return "forged_answer" if mac and not isinstance(error, dns.exception.FormError) else "malformed_answer"
