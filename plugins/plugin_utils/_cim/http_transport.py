# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The common part of both transports: the address of the machine, and the error handling for one message.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from math import ceil
from typing import Any

from .guard import ClearTextResponseError, ReadBudget, RejectedResponseError
from .http_status import Exchange, as_lost, from_status
from .limits import Room
from .logon.peer import PeerAddress
from .logon.refusal import credentials_refused
from .proxy import Proxy, proxy_of
from .transport import RequestNotSentError, ResponseLostError
from .transport_errors import from_exception

_BINDING = ("kerberos", "negotiate", "ntlm")
"""Methods that bind a logon to the TLS connection."""


def is_bound(endpoint: str, method: str, switch: Any) -> bool | None:
    """Return :attr:`PeerAddress.is_bound`; `switch` is the value of the variable, which is not set if it is None."""
    if method not in _BINDING or not endpoint.lower().startswith("https:"):
        return None
    return switch is None or bool(switch)


class HttpTransport(ABC):
    """A :class:`Transport` over the HTTP layer of pywinrm or pypsrp; no other code can use this layer at the same time."""

    def __init__(
        self,
        wire: Any,
        peer: PeerAddress,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wire = wire
        self._budget = ReadBudget(clock)
        self._peer = peer

    @property
    def endpoint(self) -> str:
        """Return the URL of the WinRM listener."""
        return self._peer.endpoint

    @property
    def encrypted(self) -> bool:
        """See :attr:`Transport.encrypted`."""
        return self.endpoint.lower().startswith("https:") or self._wire.encryption is not None

    def send(self, message: bytes, timeout: float) -> bytes:
        """See :meth:`Transport.send`."""
        self._budget.begin(timeout)
        self._allow(ceil(timeout))
        outcome = self._attempt(message)
        if isinstance(outcome, bytes):
            return outcome
        # The libraries would send the next message over the incomplete session, maybe unencrypted.
        self.reset()
        # Raised outside of every except block, because the exceptions of the libraries contain the message.
        raise outcome

    def share(self, room: Room) -> None:
        """See :meth:`Transport.share`."""
        self._budget.room = room

    def reset(self) -> None:
        """See :meth:`Transport.reset`."""
        self._hang_up()
        self._wire.session = None
        self._wire.encryption = None  # it belongs to the closed connection

    def _failure(self, error: Exception, *, sent: bool) -> RequestNotSentError | ResponseLostError:
        """Return the error for an exception; `sent` as for :func:`from_exception`."""
        if isinstance(error, ClearTextResponseError) and not error.resembles_response:
            return self._refused_in_clear(error)
        if isinstance(error, RejectedResponseError):
            return self._rejected(error, sent=sent)
        return from_exception(self._peer, error, sent=sent, proxy=self._proxy())

    def _status(self, status: int, body: bytes, *, sent: bool) -> RequestNotSentError | ResponseLostError:
        """Return the error for a status without a SOAP message; `sent` as for :func:`from_exception`."""
        return credentials_refused(self._peer, self._proxy()) if status == 401 else from_status(self._exchange(sent=sent), status, body)

    def _rejected(self, error: RejectedResponseError, *, sent: bool) -> ResponseLostError:
        """Return the error for a response that is not used; a proxy on the way is the first to check."""
        lost, proxy = error.lost(sent=sent), self._proxy()
        if proxy is not None:
            lost.steps = (*proxy.steps, *lost.steps)
            lost.reason = f"{lost.reason}, through {proxy.name}"
        return lost

    def _refused_in_clear(self, error: ClearTextResponseError) -> ResponseLostError:
        """Return the error for an unencrypted status in an encrypted session; the message might have reached the machine."""
        if error.status == 401:
            return ResponseLostError("HTTP 401; the session of this connection has expired", again=True)
        return as_lost(self._exchange(sent=True), error.status, b"" if error.empty else b"-")

    def _exchange(self, *, sent: bool) -> Exchange:
        return Exchange(self.endpoint, sent, clear=not self.encrypted, retry_after=self._budget.retry_after, proxy=self._proxy())

    def _proxy(self) -> Proxy | None:
        """Return the proxy between the controller and the machine, or None for a direct connection."""
        return proxy_of(self.endpoint, getattr(self._wire.session, "proxies", None), self._wire.proxy, self._peer.proxy_variable)

    @abstractmethod
    def _allow(self, seconds: int) -> None:
        """Set the time to wait for a response."""

    @abstractmethod
    def _attempt(self, message: bytes) -> bytes | RequestNotSentError | ResponseLostError:
        """Log on if required, and send one message. Return the response or an error."""

    @abstractmethod
    def _hang_up(self) -> None:
        """Close the connection; safe to call twice."""


__all__ = ["HttpTransport", "is_bound"]
