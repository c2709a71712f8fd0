# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send one DNS message over TCP, and validate the response.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The code uses its own socket and frames. dnspython before 2.9 accepts an unsigned response to a signed request, and from 2.9 on it hides
the response code of such a response. Therefore this code reads the bytes itself, with all versions. UDP is not used, because a closed port
shows only as a timeout, and responses can be forged.
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
"""Number of octets of the header of a DNS message."""

_TSIG_ERRORS = {"PeerBadKey": "BADKEY", "PeerBadSignature": "BADSIG", "PeerBadTime": "BADTIME", "PeerBadTruncation": "BADTRUNC"}


@dataclass(frozen=True)
class NameServer:
    """One address of a name server, with its name if it is known, which Kerberos needs."""

    address: str
    port: int = 53
    name: str | None = None

    def __str__(self) -> str:
        if self.name and self.name != self.address:
            return f"{self.name} ({self.address}):{self.port}"
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True)
class DnsResponse:
    """A response.

    `rcode` is the name of the response code. `flaw` is why the response cannot be trusted: a TSIG error that the server reported, or
    unsigned_answer, forged_answer, echoed_request, malformed_answer. Only a response without a flaw can be a success.
    """

    rcode: str
    flaw: str | None
    message: Message | None = None


class TimeLimit:
    """A time limit in seconds for each message with its response, and for several messages together.

    Without the common limit, a server that responds to every message just in time would delay the task for each message.
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

    def next(self, endpoint: NameServer) -> float:
        """Return the time in seconds for the next message. Raises DnsRequestNotSentError if no time is left."""
        left = self._end - self._clock()
        if left <= 0:
            raise DnsRequestNotSentError("timeout", f"{endpoint}: all messages together took longer than {self._total:g} seconds.")
        return min(self._each, left)


Seconds: TypeAlias = "float | TimeLimit"
"""Time limit in seconds for one message, or a limit for several messages."""


def ask(query: Message, endpoint: NameServer, timeout: Seconds) -> DnsResponse:
    """Send one message over its own connection, and wait at most `timeout` seconds for the response.

    Raises DnsRequestNotSentError if the message did not reach the server, DnsResponseLostError if this is not certain.
    """
    return classify(query, exchange(query.to_wire(), endpoint, timeout))


def exchange(wire: bytes, endpoint: NameServer, timeout: Seconds) -> bytes:
    """Return the bytes of the response, at most the 65535 bytes of a frame. Raises the same exceptions as :func:`ask`."""
    seconds = timeout.next(endpoint) if isinstance(timeout, TimeLimit) else timeout
    deadline = time.monotonic() + seconds
    with _connect(endpoint, seconds) as connection:
        try:
            connection.sendall(len(wire).to_bytes(2, "big") + wire)
            length = int.from_bytes(_receive(connection, 2, deadline), "big")
            return _receive(connection, length, deadline)
        except TimeoutError:
            raise DnsResponseLostError("timeout", f"{endpoint} did not send a complete response within {seconds:g} seconds.") from None
        except (OSError, EOFError):
            raise DnsResponseLostError("connection_lost", f"{endpoint} closed the connection.") from None


def _connect(endpoint: NameServer, timeout: float) -> socket.socket:
    try:
        return socket.create_connection((endpoint.address, endpoint.port), timeout)
    except TimeoutError:
        raise DnsRequestNotSentError("timeout", f"{endpoint} did not accept a connection within {timeout:g} seconds.") from None
    except ConnectionRefusedError:
        raise DnsRequestNotSentError("connection_refused", f"{endpoint} refused the TCP connection.") from None
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
    """Return the response in these bytes, with its flaw if it cannot be trusted."""
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
    """Whether the ID, the opcode, and the response bit match the query."""
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
