# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an HTTP status without a SOAP message means.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The kernel of Windows (HTTP.sys) can respond before WinRM receives a message; proxies and load balancers have their own statuses.
If a status is defined as a rejection, the request was not carried out. A 5xx does not prove that: a gateway returns 502, 503, and
504 also for a message that it has forwarded. After a write, the state of the machine must be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .proxy import Proxy
from .transport import RequestNotSentError, ResponseLostError

PAUSE = 2.0
"""Seconds before a read is repeated after a 503 response without a Retry-After header."""
LONGEST_PAUSE = 10.0
"""Maximum Retry-After in seconds; for a longer one, the request is not repeated."""

_BY_SETTINGS = "Another service listens on the port, or WinRM is configured for another path."
_BY_PROXY_OR_HTTP_SYS = "HTTP.sys of the machine, a proxy, or a load balancer responded before the request reached WinRM."
_LOOK_BETWEEN = "Check the proxies and load balancers between the controller and the machine."
_LOOK_AT_WINRM = "Check the log Microsoft-Windows-WinRM/Operational on the machine."
_HTTP_KEY = r"HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters"


@dataclass(frozen=True)
class _Meaning:
    message: str
    steps: tuple[str, ...]
    cause: str = _BY_PROXY_OR_HTTP_SYS


_REFUSED = {
    400: _Meaning(
        "the request was rejected before it reached WinRM",
        (
            "Set ansible_host to the name or address of the WinRM listener.",
            f"If the account is in many groups and has a large Kerberos ticket, raise MaxFieldLength and MaxRequestBytes in {_HTTP_KEY}.",
        ),
    ),
    403: _Meaning("no WS-Management service at this address", ("Check ansible_port, the path, and WinRM.",), _BY_SETTINGS),
    404: _Meaning("no WS-Management service at this address", ("Check ansible_port, the path, and WinRM.",), _BY_SETTINGS),
    405: _Meaning("no WS-Management service at this address", ("Check ansible_port, the path, and WinRM.",), _BY_SETTINGS),
    407: _Meaning(
        "a proxy requires authentication",
        (_LOOK_BETWEEN,),
        "A proxy between the controller and the machine accepts only requests of authenticated users.",
    ),
    411: _Meaning(
        "the length of the request is missing",
        (_LOOK_BETWEEN,),
        "The module sends the header Content-Length, which WinRM requires. A proxy or a load balancer removed this header.",
    ),
    413: _Meaning(
        "the request is larger than the machine or a proxy accepts",
        (
            "Check MaxEnvelopeSizekb with 'winrm get winrm/config' on the machine: the default is 500, or 150 before Windows 8.",
            _LOOK_BETWEEN,
        ),
    ),
}
"""Statuses that reject a request: it was certainly not carried out."""

_LONG_HEADER = _Meaning(
    "the headers of the request are too long",
    (
        "An account in many groups has a large Kerberos ticket: use one with fewer groups, or raise MaxFieldLength and MaxRequestBytes.",
        f"The limits are in {_HTTP_KEY}, and apply after a restart of the machine.",
        "Without delegation, the ticket is smaller: ansible_winrm_kerberos_delegation and ansible_psrp_negotiate_delegate.",
    ),
)
_TOO_LONG = re.compile(rb"too\s+long", re.IGNORECASE)
"""In the page of HTTP.sys for the reasons RequestLength and FieldLength."""

_OPEN = {
    500: _Meaning("the service failed and did not return a reason", (_LOOK_AT_WINRM,)),
    502: _Meaning("a proxy or load balancer did not receive a valid response from the machine", (_LOOK_BETWEEN,)),
    504: _Meaning("a proxy or load balancer did not receive a response from the machine in time", (_LOOK_BETWEEN,)),
}
_BUSY = {
    429: _Meaning("too many requests at once", ("Lower forks or use serial, then run the task again.",)),
    503: _Meaning(
        "the service is not available",
        ("Check that WinRM runs and that the machine is neither overloaded nor restarting, then run the task again.",),
    ),
}
_IN_CLEAR = "Windows rejects unencrypted messages: use https, or use ntlm, kerberos, or credssp with message encryption."


@dataclass(frozen=True)
class Exchange:
    """The message that received a status.

    `sent` is False during the logon. `clear` is True if the message was not encrypted. `retry_after` is the header Retry-After.
    """

    endpoint: str
    sent: bool = True
    clear: bool = False
    retry_after: str = ""
    proxy: Proxy | None = None


def from_status(exchange: Exchange, status: int, body: bytes) -> RequestNotSentError | ResponseLostError:
    """Return the error for a status other than 401."""
    sent = exchange.sent
    if status == 400 and not body.strip():
        # HTTP.sys sends this for an encrypted message if it has closed the security context of an idle connection.
        return ResponseLostError("HTTP 400 without a body; the session of this connection has expired", again=True, sent=sent)
    first = exchange.proxy.steps if exchange.proxy else ()
    through = f", through {exchange.proxy.name}" if exchange.proxy else ""
    refused = _REFUSED.get(status)
    if status == 400 and _TOO_LONG.search(body):
        refused = _LONG_HEADER
    if refused is not None:
        message = f"{exchange.endpoint} returned HTTP {status}{through}: {refused.message}."
        return RequestNotSentError(message, (*first, *refused.steps), cause=refused.cause, transient=False)
    if status in _BUSY:
        return _busy(exchange, status, through, first)
    meaning = _OPEN.get(status)
    if meaning is None:
        return ResponseLostError(f"HTTP {status}{through} without a SOAP message", again=False, sent=sent, steps=first)
    steps = (_IN_CLEAR, *meaning.steps) if status == 500 and exchange.clear else meaning.steps
    return ResponseLostError(f"HTTP {status}{through}: {meaning.message}", again=False, sent=sent, steps=(*first, *steps))


def as_lost(exchange: Exchange, status: int, body: bytes) -> ResponseLostError:
    """Return the error for a status of an unknown sender: even a rejection does not prove that the message was not carried out."""
    found = from_status(exchange, status, body)
    if isinstance(found, ResponseLostError):
        return found
    return ResponseLostError(
        f"unencrypted HTTP {status} in an encrypted session: {_REFUSED[status].message}",
        again=False,
        sent=exchange.sent,
        steps=found.next_steps,
    )


def _busy(exchange: Exchange, status: int, through: str, first: tuple[str, ...]) -> ResponseLostError:
    """Return the error for a temporary status; it is not repeated if the response requests a long pause."""
    meaning, pause = _BUSY[status], _pause(exchange.retry_after)
    message = f"HTTP {status}{through}: {meaning.message}"
    if pause > LONGEST_PAUSE:
        return ResponseLostError(
            f"{message} for another {pause:g} seconds", again=False, sent=exchange.sent, steps=(*first, *meaning.steps)
        )
    return ResponseLostError(message, again=True, sent=exchange.sent, steps=(*first, *meaning.steps), pause=pause)


def _pause(retry_after: str) -> float:
    """Return the seconds of a Retry-After header. A date in the header is ignored, because it depends on clocks."""
    text = retry_after.strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 9 else PAUSE


__all__ = ["LONGEST_PAUSE", "PAUSE", "Exchange", "as_lost", "from_status"]
