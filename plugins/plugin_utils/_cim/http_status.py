# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an HTTP status without a SOAP message means.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Windows answers HTTP in its kernel (HTTP.sys) before WinRM sees a message; proxies and load balancers on the way have statuses of
their own. A status that by its definition refuses a request was not carried out. A 5xx says nothing of the kind: a gateway gives
502, 503 and 504 also for a message that it has passed on, so the state of the machine decides after a write.
"""

from __future__ import annotations

from dataclasses import dataclass

from .proxy import Proxy
from .transport import RequestNotSentError, ResponseLostError

PAUSE = 2.0
"""Seconds until a read that met a momentary 503 is sent again, where the answer names none."""
LONGEST_PAUSE = 10.0
"""Seconds; a service that wants a longer pause is not there for this task."""

_BY_SETTINGS = "Another service listens on the port, or WinRM is set up for another path."
_BY_THE_WAY = "Something between the controller and WinRM answered: HTTP.sys of the machine, a proxy or a load balancer."
_LOOK_BETWEEN = "Look at proxies and load balancers between the controller and the machine."
_LOOK_AT_WINRM = "Look at the log Microsoft-Windows-WinRM/Operational on the machine."
_HTTP_PARAMETERS = r"HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters"


@dataclass(frozen=True)
class _Meaning:
    words: str
    steps: tuple[str, ...]
    cause: str = _BY_THE_WAY


_REFUSED = {
    400: _Meaning(
        "the request was refused before WinRM saw it",
        (
            "Set ansible_host to the name or address that the WinRM listener is for.",
            f"For an account in many groups raise MaxFieldLength and MaxRequestBytes in {_HTTP_PARAMETERS}: its Kerberos ticket is large.",
        ),
    ),
    403: _Meaning("no WS-Management service at this address", ("Check ansible_port, the path and WinRM.",), _BY_SETTINGS),
    404: _Meaning("no WS-Management service at this address", ("Check ansible_port, the path and WinRM.",), _BY_SETTINGS),
    405: _Meaning("no WS-Management service at this address", ("Check ansible_port, the path and WinRM.",), _BY_SETTINGS),
    407: _Meaning(
        "a proxy on the way wants a logon",
        (_LOOK_BETWEEN,),
        "A proxy between the controller and the machine takes requests of known users only.",
    ),
    411: _Meaning(
        "the length of the request was lost on the way",
        (_LOOK_BETWEEN,),
        "WinRM takes requests with a Content-Length only, and ours have one.",
    ),
    413: _Meaning(
        "the request is larger than the machine, or a proxy on the way, takes",
        (
            "Look at MaxEnvelopeSizekb in 'winrm get winrm/config' on the machine: its default is 500, and 150 before Windows 8.",
            _LOOK_BETWEEN,
        ),
    ),
}
"""Statuses that refuse a request: it was certainly not carried out."""

_OPEN = {
    500: _Meaning("the service failed, and gave no reason", (_LOOK_AT_WINRM,)),
    502: _Meaning("a proxy or load balancer got no valid answer from the machine", (_LOOK_BETWEEN,)),
    504: _Meaning("a proxy or load balancer got no answer from the machine in time", (_LOOK_BETWEEN,)),
}
_BUSY = {
    429: _Meaning("too many requests at once", ("Lower forks or use serial, then run the task again.",)),
    503: _Meaning(
        "the service is not available",
        ("Check that WinRM runs and that the machine is neither overloaded nor restarting, then run the task again.",),
    ),
}
_IN_CLEAR = "Windows refuses messages in clear: use https, or ntlm, kerberos or credssp with message encryption."


@dataclass(frozen=True)
class Exchange:
    """How the message that met a status went out.

    `sent` is False when only the logon was under way. `clear` is whether it went in clear. `retry_after` is the header of that name.
    """

    endpoint: str
    sent: bool = True
    clear: bool = False
    retry_after: str = ""
    proxy: Proxy | None = None


def from_status(exchange: Exchange, status: int, body: bytes) -> RequestNotSentError | ResponseLostError:
    """What a status says about the message; 401 is the business of the logon."""
    sent = exchange.sent
    if status == 400 and not body.strip():
        # How http.sys answers an encrypted message whose security context it has dropped with an idle connection.
        return ResponseLostError("HTTP 400 without a body; the machine no longer knows this connection", again=True, sent=sent)
    first = exchange.proxy.steps if exchange.proxy else ()
    through = f", through {exchange.proxy.name}" if exchange.proxy else ""
    refused = _REFUSED.get(status)
    if refused is not None:
        words = f"{exchange.endpoint} answered HTTP {status}{through}: {refused.words}."
        return RequestNotSentError(words, (*first, *refused.steps), cause=refused.cause, transient=False)
    if status in _BUSY:
        return _busy(exchange, status, through, first)
    meaning = _OPEN.get(status)
    if meaning is None:
        return ResponseLostError(f"HTTP {status}{through} without a SOAP message", again=False, sent=sent, steps=first)
    steps = (_IN_CLEAR, *meaning.steps) if status == 500 and exchange.clear else meaning.steps
    return ResponseLostError(f"HTTP {status}{through}: {meaning.words}", again=False, sent=sent, steps=(*first, *steps))


def as_lost(exchange: Exchange, status: int, body: bytes) -> ResponseLostError:
    """The same where nobody can tell who wrote the answer: not even a refusal says that the message was not carried out."""
    said = from_status(exchange, status, body)
    if isinstance(said, ResponseLostError):
        return said
    return ResponseLostError(
        f"HTTP {status} in clear in an encrypted session: {_REFUSED[status].words}", again=False, sent=exchange.sent, steps=said.next_steps
    )


def _busy(exchange: Exchange, status: int, through: str, first: tuple[str, ...]) -> ResponseLostError:
    """A status that may be over in a moment, unless the answer itself says that it is not."""
    meaning, pause = _BUSY[status], _pause(exchange.retry_after)
    words = f"HTTP {status}{through}: {meaning.words}"
    if pause > LONGEST_PAUSE:
        return ResponseLostError(f"{words} for another {pause:g} seconds", again=False, sent=exchange.sent, steps=(*first, *meaning.steps))
    return ResponseLostError(words, again=True, sent=exchange.sent, steps=(*first, *meaning.steps), pause=pause)


def _pause(retry_after: str) -> float:
    """Seconds that a Retry-After asks for. The other form of the header, a date, depends on clocks and is not looked at."""
    text = retry_after.strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 9 else PAUSE


__all__ = ["LONGEST_PAUSE", "PAUSE", "Exchange", "as_lost", "from_status"]
