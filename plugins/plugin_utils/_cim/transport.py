# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the WS-Management session asks of a byte transport, and how a transport reports that it failed.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The distinction that matters is whether the machine may have acted on the message: a read can be repeated, a product
key that may have been installed cannot. A transport therefore says "not sent" only when it knows.
"""

from __future__ import annotations

from typing import Protocol

from .._errors import UnreachableError


class RequestNotSentError(UnreachableError):
    """The message certainly was not carried out: refused connection, unknown name, TLS handshake, no such endpoint."""


class CredentialsRejectedError(RequestNotSentError):
    """The machine answered 401. On a connection that worked before, it may only have forgotten who we are."""

    category = "permission"
    cause = "User name or password are wrong, the account is locked, or the machine takes another kind of authentication."
    transient = False


class ResponseLostError(Exception):
    """No answer to a message that may have arrived.

    `reason` is for people and holds no part of the message. `again` says whether a new connection may help
    (a dropped one does, a machine that keeps silent does not); `sent` is False when the loss happened while
    logging on, before the message itself could leave. `steps` are what to do about it, where that is not obvious.
    `pause` is how many seconds to wait before a second try, `cause` what usually leads to it, where it is not that the machine is down.
    """

    def __init__(
        self, reason: str, *, again: bool, sent: bool = True, steps: tuple[str, ...] = (), pause: float = 0.0, cause: str | None = None
    ) -> None:
        super().__init__(reason)
        self.pause = pause
        self.reason = reason
        self.again = again
        self.sent = sent
        self.steps = steps
        self.cause = cause


class Transport(Protocol):
    """Carries SOAP messages to one machine and brings back what it answers."""

    @property
    def endpoint(self) -> str:
        """The URL messages go to; it is also what a person reads in error messages."""

    @property
    def encrypted(self) -> bool:
        """Whether the last answer came over TLS or by message encryption, so that only the machine can have written it."""

    def send(self, message: bytes, timeout: float) -> bytes:
        """The body of the answer, SOAP faults included, which has to be there as a whole within `timeout` seconds.

        Raises NotSent, CredentialsRefused or Lost.
        """

    def reset(self) -> None:
        """Drop the connection; the next message opens a new one and logs on again."""


__all__ = ["CredentialsRejectedError", "RequestNotSentError", "ResponseLostError", "Transport"]
