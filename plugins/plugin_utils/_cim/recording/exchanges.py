# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record the exchanges of a session: the requests and the responses as they are, with their durations.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A recorder keeps a limited number of bytes. A request can contain a product key, so the messages are written only with replacements
(:mod:`pseudonyms`). It is only for tasks that send published keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..limits import MachineLimits, Room
from ..reply import MalformedReplyError, Reply, read_reply
from ..session import CimSession
from ..transport import Transport
from ..wsman import Session

MOST_BYTES = 16 * 1024 * 1024
"""Maximum number of bytes of requests and responses that a recorder keeps. Later exchanges are counted, without their content."""


@dataclass(frozen=True, repr=False)
class RecordedExchange:
    """One request and its response, which is empty if none was received or if the recorder is full.

    `size` is the number of bytes of the response, and `seconds` the duration.
    """

    request: bytes
    response: bytes
    size: int
    seconds: float

    def reply(self) -> Reply | None:
        """Return the response as the session understands it, or None without a response. A session has read it before."""
        try:
            return read_reply(self.response) if self.response else None
        except MalformedReplyError:
            return None


@dataclass
class ExchangeRecorder:
    """The exchanges of a session in their order."""

    exchanges: list[RecordedExchange] = field(default_factory=list)
    kept: int = 0
    is_encrypted: bool = False
    """Whether the last response was encrypted."""

    def add(self, request: bytes, response: bytes, seconds: float) -> None:
        """Keep an exchange, without its content if the recorder is full."""
        size = len(request) + len(response)
        fits = self.kept + size <= MOST_BYTES
        self.kept += size if fits else 0
        self.exchanges.append(RecordedExchange(request if fits else b"", response if fits else b"", len(response), seconds))


class RecordingTransport:
    """A transport that records what another one sends and receives."""

    def __init__(self, transport: Transport, recorder: ExchangeRecorder, clock: Callable[[], float]) -> None:
        self._transport, self._recorder, self._clock = transport, recorder, clock

    @property
    def endpoint(self) -> str:
        """Return the URL that messages are sent to."""
        return self._transport.endpoint

    @property
    def encrypted(self) -> bool:
        """Return whether the last response is from the machine for certain."""
        return self._transport.encrypted

    def send(self, message: bytes, timeout: float) -> bytes:
        """Send a message, and record it with its response. Raises the errors of the transport."""
        start, response = self._clock(), b""
        try:
            response = self._transport.send(message, timeout)
        finally:
            self._recorder.add(message, response, self._clock() - start)
            self._recorder.is_encrypted = self._transport.encrypted
        return response

    def share(self, room: Room) -> None:
        """Share memory with other sessions."""
        self._transport.share(room)

    def reset(self) -> None:
        """Drop the connection."""
        self._transport.reset()


@contextmanager
def recorded(session: CimSession, clock: Callable[[], float], seconds: float) -> Iterator[ExchangeRecorder]:
    """Record everything that a session over WS-Management sends in the block, for which all messages together have `seconds`."""
    if not isinstance(session, Session):
        raise TypeError("the session does not send messages")
    recorder = ExchangeRecorder()
    former = session.carry_by(lambda transport: RecordingTransport(transport, recorder, clock))
    session.limit(MachineLimits(clock() + seconds, seconds))
    try:
        yield recorder
    finally:  # the items of a loop share the session
        session.carry_by(lambda _recording: former)
        session.limit(MachineLimits())


__all__ = ["MOST_BYTES", "ExchangeRecorder", "RecordedExchange", "RecordingTransport", "recorded"]
