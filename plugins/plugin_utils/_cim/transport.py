# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface between the WS-Management session and a transport, and the errors of a transport.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The errors distinguish whether the machine might have carried out the message: a read can be repeated, but not a write that might have
installed a product key. Therefore a transport raises RequestNotSentError only if it is certain.
"""

from __future__ import annotations

from typing import Protocol

from .._errors import UnreachableError
from .limits import Room

NEXT_WHEN_DROPPED = "Check that the machine is not restarting and that no firewall or proxy closes the connection, then run the task again."


class RequestNotSentError(UnreachableError):
    """The message was certainly not carried out: refused connection, unknown name, failed TLS handshake, or no such endpoint."""


class CredentialsRejectedError(RequestNotSentError):
    """The machine returned 401. If the connection worked before, the authenticated session might have expired."""

    category = "permission"
    cause = (
        "The user name or the password is wrong, the account is locked, the machine requires another authentication method, or WinRM does"
        " not accept the account because it lacks rights."
    )
    transient = False


class ResponseLostError(Exception):
    """No response to a message that might have reached the machine.

    `reason` is human-readable and does not contain a part of the message. `again` is whether a new connection can help, for example
    after a dropped connection, but not if the machine does not respond. `sent` is False if the failure occurred during the logon,
    before the message was sent. `steps` are the next steps, if the default ones do not fit. `pause` is the time in seconds before a
    second attempt, and `cause` the usual cause, if the default one does not fit.
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
    """Sends SOAP messages to one machine and returns the responses."""

    @property
    def endpoint(self) -> str:
        """Return the URL that messages are sent to; error messages show it."""

    @property
    def encrypted(self) -> bool:
        """Return whether TLS or message encryption proves that the machine sent the last response."""

    def send(self, message: bytes, timeout: float) -> bytes:
        """Send a message, and return the body of the response, including SOAP faults. It must be complete within `timeout` seconds.

        Raises RequestNotSentError, CredentialsRejectedError, or ResponseLostError.
        """

    def share(self, room: Room) -> None:
        """Keep no more of a response than a room allows."""

    def reset(self) -> None:
        """Drop the connection; the next message opens a new one and logs on again."""


__all__ = ["NEXT_WHEN_DROPPED", "CredentialsRejectedError", "RequestNotSentError", "ResponseLostError", "Transport"]
