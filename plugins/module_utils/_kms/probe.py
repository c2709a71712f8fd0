# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe whether a KMS host listens at a name and port, from the machine that runs this code.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

One TCP connection to each address of the name until one answers, one bind on it, and the answer sorted into a word. No license
request is ever sent: nothing is activated and no host counts the machine that asks. A host accepts the interface as soon as it has a
KMS host key, activated or not, so the word "available" promises no activation.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from .._hosts import is_address, with_port
from .._resolver import system_addresses
from . import pdu
from .limits import Limits, side_by_side
from .status import MEANINGS, NEXT_STEPS, ProbeFinding, ProbeStatus

Resolver = Callable[[str], Sequence[str]]
"""Returns the addresses of a name in the order to try them; empty if there is none. Raises OSError if the name cannot be resolved."""

MOST_AT_ONCE = 32
"""Number of probes that run at the same time."""

_STATUSES = {
    pdu.PduVerdict.ACCEPTED: ProbeStatus.AVAILABLE,
    pdu.PduVerdict.NO_ROOM: ProbeStatus.BUSY,
    pdu.PduVerdict.REJECTED: ProbeStatus.NOT_KMS,
}
_NOBODY_THERE = (errno.EHOSTUNREACH, errno.EHOSTDOWN)


@dataclass(frozen=True)
class Probe:
    """What one probe found. `address` and `response_time_ms` (from the start of the connection to the answer) belong to the address
    that answered, and are None when none did."""

    endpoint: str
    host: str
    port: int
    address: str | None
    status: str
    is_kms_host: bool
    response_time_ms: int | None
    meaning: str
    next_steps: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the probe as plain data."""
        return {**asdict(self), "next_steps": list(self.next_steps)}


def probe(host: str, port: int, timeout: float, resolve: Resolver | None = None, limits: Limits | None = None) -> Probe:
    """Ask one host; never raises because of what a host or the network does.

    `timeout` is in seconds for connection and answer together, for each address. Finding the addresses of a name takes as long as
    the resolver takes. Without `resolve` the names are looked up as any other program here would. `limits` belong to endpoints that a
    machine or DNS named; without them the operator named the endpoint.
    """
    findings = []
    for finding in _findings(host, port, timeout, resolve or system_addresses, limits):
        findings.append(finding)
        if finding.status is ProbeStatus.AVAILABLE:
            break
    order = list(ProbeStatus)
    return _report(host, port, min(findings, key=lambda finding: order.index(finding.status)))


def probe_all(endpoints: Iterable[tuple[str, int]], timeout: float, resolve: Resolver | None = None) -> list[Probe]:
    """Return one probe for each host and port, in their order. Duplicates are probed once, and probes run at the same time."""
    wanted = list(endpoints)
    once = list(dict.fromkeys(wanted))
    if not once:
        return []
    with ThreadPoolExecutor(max_workers=min(len(once), MOST_AT_ONCE)) as pool:
        found = dict(zip(once, pool.map(lambda endpoint: probe(endpoint[0], endpoint[1], timeout, resolve), once), strict=True))
    return [found[endpoint] for endpoint in wanted]


def probe_within(endpoints: Sequence[tuple[str, int]], timeout: float, resolve: Resolver, limits: Limits) -> list[Probe]:
    """Return one probe for each host and port from machines or DNS, in their order. Duplicates are probed once, within the limits."""
    once = list(dict.fromkeys(endpoints))
    jobs = [partial(probe, host, port, timeout, resolve, limits) for host, port in once[: limits.endpoints]]
    asked = dict(zip(once, side_by_side(jobs, limits.deadline), strict=False))
    found = {endpoint: asked.get(endpoint) or _report(*endpoint, limits.left_out(endpoint in asked)) for endpoint in once}
    return [found[endpoint] for endpoint in endpoints]


def _findings(host: str, port: int, timeout: float, resolve: Resolver, limits: Limits | None) -> Iterable[ProbeFinding]:
    """Yield one result for each address, or one result with the reason why there is no address."""
    try:
        addresses = [host] if is_address(host) else list(resolve(host))
    except OSError as error:
        yield ProbeFinding(ProbeStatus.UNKNOWN, f"The name could not be looked up: {_error_text(error)}.")
        return
    if not addresses:
        yield ProbeFinding(ProbeStatus.UNRESOLVED, "")
    if limits is None:
        yield from (_ask(address, port, timeout) for address in addresses)
    else:
        yield from limits.ask(addresses, port, timeout, _ask)


def _ask(address: str, port: int, timeout: float) -> ProbeFinding:
    """Connect, send the bind, and classify the response."""
    started = time.monotonic()
    try:
        connection = socket.create_connection((address, port), timeout=timeout)
    except OSError as error:
        return _not_connected(error, timeout)
    with connection:
        try:
            connection.sendall(pdu.bind())
            answer = _receive(connection, started + timeout)
            finding = _classify(answer)
        except TimeoutError:
            return ProbeFinding(
                ProbeStatus.TIMEOUT, f"The host accepted the connection, and did not send a valid response within {timeout:g} seconds."
            )
        except OSError as error:
            return ProbeFinding(ProbeStatus.CLOSED, f"{_error_text(error)}.")
    if finding.status is ProbeStatus.CLOSED:
        return finding
    return ProbeFinding(finding.status, finding.detail, address, round((time.monotonic() - started) * 1000))


def _receive(connection: socket.socket, deadline: float) -> bytes:
    """Return a complete message, or the bytes before the connection ended or the message became invalid. Raises TimeoutError."""
    received, wanted = b"", pdu.HEADER
    while len(received) < wanted:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        piece = connection.recv(wanted - len(received))
        if not piece:
            break
        received += piece
        # Whatever greets or answers in lines is known by its first octet, and may never send sixteen.
        if received[0] != 5:
            break
        if len(received) == pdu.HEADER:
            wanted = _announced(received)
    return received


def _announced(header: bytes) -> int:
    try:
        return pdu.answer_length(header)
    except pdu.PduError:
        return len(header)


def _classify(message: bytes) -> ProbeFinding:
    if not message:
        return ProbeFinding(ProbeStatus.CLOSED, "")
    if message.startswith(b"HTTP/"):
        return ProbeFinding(ProbeStatus.NOT_KMS, "It is a web server.")
    try:
        answer = pdu.read_answer(message)
    except pdu.PduError as error:
        return ProbeFinding(ProbeStatus.NOT_KMS, f"The host did not send a response to an RPC bind: {error}.")
    status = _STATUSES[answer.verdict]
    return ProbeFinding(status, "" if status is ProbeStatus.AVAILABLE else f"{answer.detail[0].upper()}{answer.detail[1:]}.")


def _not_connected(error: OSError, timeout: float) -> ProbeFinding:
    if isinstance(error, ConnectionRefusedError):
        return ProbeFinding(ProbeStatus.CONNECTION_REFUSED, "")
    if isinstance(error, ConnectionResetError):
        return ProbeFinding(ProbeStatus.CLOSED, f"{_error_text(error)}.")
    if isinstance(error, TimeoutError):
        # The kernel gives up by itself after minutes, when the task allows more than that.
        return ProbeFinding(ProbeStatus.TIMEOUT, f"The connection was not made within {timeout:g} seconds.")
    if error.errno in _NOBODY_THERE:
        return ProbeFinding(ProbeStatus.UNREACHABLE, f"{_error_text(error)}.")
    return ProbeFinding(ProbeStatus.UNKNOWN, f"This machine could not open a connection: {_error_text(error)}.")


def _error_text(error: OSError) -> str:
    return str(error.strerror or error)


def _report(host: str, port: int, finding: ProbeFinding) -> Probe:
    status = finding.status
    return Probe(
        endpoint=with_port(host, port),
        host=host,
        port=port,
        address=finding.address,
        status=status.value,
        is_kms_host=status is ProbeStatus.AVAILABLE,
        response_time_ms=finding.response_time_ms,
        meaning=f"{MEANINGS[status]} {finding.detail}".strip(),
        next_steps=finding.steps or NEXT_STEPS[status],
    )
