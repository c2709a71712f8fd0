# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Request a connection to the service from an HTTP proxy (CONNECT), and authenticate in the way that the proxy accepts.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The first request has no credentials, so that a password is not sent in clear text to a proxy that accepts a better way. The way that the
proxy accepts is kept for later connections. NTLM authenticates a connection, so its messages go over one.
"""

from __future__ import annotations

import base64
import binascii
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse

from ..._deadline import Deadline
from ..._visible import visible
from ..errors import ServiceError, words_of
from ..settings import Endpoint, HttpProxy
from ..stream import BoundedSocket, StreamError
from . import ntlm
from .ntlm import NtlmError, NtlmMessages

MOST_PROXY_BYTES = 64 * 1024
"""Maximum number of bytes of the responses of a proxy on one connection."""

_AUTHENTICATION_REQUIRED = 407
_BASIC, _NTLM, _NEGOTIATE = "basic", "ntlm", "negotiate"
_NOT_NTLM = " It does not accept NTLM in Negotiate, and the module does not use Kerberos."
_SHOWN_SCHEMES = 8

_CHALLENGE_PART = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*")+')
_SCHEME = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:[ \t]+(.*))?", re.DOTALL)
"""A scheme, and a message or the first parameter after it. A parameter has an equals sign instead of the space."""

Open = Callable[[Deadline], socket.socket]
"""Returns a new connection to the proxy. Raises ServiceError."""


class Tunnels:
    """Opens connections to the service through a proxy. Several threads can use it: at worst, each finds out what the proxy accepts."""

    def __init__(self, proxy: HttpProxy, endpoint: Endpoint, open_connection: Open) -> None:
        self._proxy = proxy
        self._endpoint = endpoint
        self._open = open_connection
        self._scheme = ""

    def open(self, deadline: Deadline) -> socket.socket:
        """Return a connection to the service, which is not encrypted yet. Raises ServiceError."""
        if self._scheme:
            return self._first_accepted([self._scheme], deadline)
        exchange = self._begin(deadline)
        with exchange.closed_on_failure():
            response = exchange.request()
        if response is None:
            return exchange.source
        exchange.source.close()
        return self._first_accepted(self._usable(response), deadline)

    def _begin(self, deadline: Deadline) -> _ProxyExchange:
        return _ProxyExchange(self._proxy, self._endpoint, self._open(deadline), deadline)

    def _first_accepted(self, schemes: list[str], deadline: Deadline) -> socket.socket:
        """Return a connection. Only a proxy that does not know NTLM gets the password in another way, because others count failures."""
        scheme, *others = schemes
        exchange = self._begin(deadline)
        try:
            with exchange.closed_on_failure():
                response = exchange.authenticate(scheme)
                if response is not None:
                    raise ServiceError("proxy_authentication", _rejected(self._proxy, response))
        except _NoChallengeError as other:
            if not others:
                more = _NOT_NTLM if scheme == _NEGOTIATE else ""
                raise ServiceError("proxy_authentication", _rejected(self._proxy, other.response, more)) from None
            return self._first_accepted(others, deadline)
        self._scheme = scheme
        return exchange.source

    def _usable(self, response: HTTPResponse) -> list[str]:
        """Return the schemes to try, the better ones first. Raises ServiceError."""
        offered = [scheme.casefold() for scheme, _message in challenges(response)]
        proxy = self._proxy.endpoint.shown
        if not self._proxy.username:
            raise ServiceError("proxy_authentication", f"{proxy} requires authentication, and no user name is set.{_accepts(response)}")
        windows = [scheme for scheme in (_NTLM, _NEGOTIATE) if scheme in offered][:1]
        usable = [*(windows if ntlm.HAS_SPNEGO else ()), *(scheme for scheme in (_BASIC,) if scheme in offered)]
        if usable:
            return usable
        reason = (
            "For NTLM and Negotiate, the module needs the Python package pyspnego, which the machine that runs the task does not have."
            if windows
            else "The module supports Basic and NTLM, and NTLM in Negotiate."
        )
        raise ServiceError("proxy_authentication", f"{proxy} requires authentication.{_accepts(response)} {reason}")


class _NoChallengeError(Exception):
    """The proxy did not answer the first message of NTLM with a challenge. In Negotiate, it can mean Kerberos."""

    def __init__(self, response: HTTPResponse) -> None:
        self.response = response
        super().__init__()


class _ProxyExchange:
    """The requests on one connection to the proxy."""

    def __init__(self, proxy: HttpProxy, endpoint: Endpoint, source: socket.socket, deadline: Deadline) -> None:
        self.source = source
        self._proxy = proxy
        self._endpoint = endpoint
        self._deadline = deadline

    @contextmanager
    def closed_on_failure(self) -> Iterator[None]:
        """End the connection if an exception passes."""
        try:
            yield
        except BaseException:
            self.source.close()
            raise

    def authenticate(self, scheme: str) -> HTTPResponse | None:
        """Request the connection with a user name; return None, or the response that rejects it. Raises ServiceError."""
        if scheme == _BASIC:
            return self.request(self._proxy.authorization or "")
        messages = NtlmMessages(self._proxy)
        name = "NTLM" if scheme == _NTLM else "Negotiate"
        response = self.request(_token(name, messages.first()))
        if response is None:
            return None
        challenge = {found.casefold(): message for found, message in challenges(response)}.get(scheme)
        if not challenge or response.will_close:
            raise _NoChallengeError(response)
        try:
            response.read()
            answer = messages.answer(base64.b64decode(challenge, validate=True))
        except (NtlmError, binascii.Error) as error:
            shown = f"{self._proxy.endpoint.shown} sent a challenge of NTLM that is not valid: {words_of(error)}."
            raise ServiceError("proxy_authentication", shown) from None
        except (OSError, HTTPException, StreamError, ValueError) as error:
            raise self._unreadable(error) from None
        return self.request(_token(name, answer))

    def request(self, authorization: str = "") -> HTTPResponse | None:
        """Request the connection; return None, or the response that requires authentication. Raises ServiceError."""
        lines = [f"CONNECT {self._endpoint.shown} HTTP/1.1", f"Host: {self._endpoint.shown}"]
        if authorization:
            lines.append(f"Proxy-Authorization: {authorization}")
        try:
            stream = BoundedSocket(self.source, self._deadline, MOST_PROXY_BYTES, step=1)
            stream.send("\r\n".join([*lines, "", ""]).encode())
            response = HTTPResponse(stream, method="CONNECT")  # type: ignore[arg-type]
            response.begin()
        except (OSError, HTTPException, StreamError, ValueError) as error:
            raise self._unreadable(error) from None
        if response.status == _AUTHENTICATION_REQUIRED:
            return response
        if not 200 <= response.status < 300:
            shown = f"{response.status} {visible(response.reason)[:80]}".rstrip()
            raise ServiceError("proxy_refused", f"{self._proxy.endpoint.shown} returned {shown}.")
        return None

    def _unreadable(self, error: Exception) -> ServiceError:
        return ServiceError(
            "proxy_unreachable", f"{self._proxy.endpoint.shown} did not answer the request as a proxy does: {words_of(error)}."
        )


def challenges(response: HTTPResponse) -> Iterator[tuple[str, str]]:
    """Yield the schemes that a proxy accepts, each with its message or first parameter. A header can contain several schemes."""
    for value in response.headers.get_all("Proxy-Authenticate") or ():
        for part in _CHALLENGE_PART.findall(value):
            found = _SCHEME.fullmatch(part.strip())
            if found and not (found[2] or "").startswith("="):
                yield found[1], found[2] or ""


def _accepts(response: HTTPResponse) -> str:
    offered = list(dict.fromkeys(visible(scheme)[:20] for scheme, _message in challenges(response)))[:_SHOWN_SCHEMES]
    return f" It accepts {', '.join(offered)}." if offered else ""


def _rejected(proxy: HttpProxy, response: HTTPResponse, more: str = "") -> str:
    return f"{proxy.endpoint.shown} rejected the user name and the password.{_accepts(response)}{more}"


def _token(scheme: str, message: bytes) -> str:
    return f"{scheme} {base64.b64encode(message).decode()}"
