# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a verified TLS connection to the service, directly or through an HTTP proxy.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Nothing is sent to the service before its certificate is verified. Every error here is one of a question that was not sent.
"""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPException, HTTPResponse
from typing import Any

from .._deadline import Deadline
from .._visible import visible
from .errors import ServiceError
from .settings import Endpoint, HttpProxy, ServiceSettings
from .stream import BoundedSocket, StreamError

MOST_PROXY_BYTES = 64 * 1024
"""Maximum number of bytes of the response of a proxy to CONNECT."""

_AUTHENTICATION_REQUIRED = 407


def tls_context(ca_path: str | None) -> ssl.SSLContext:
    """Return a context that verifies certificates. Raises OSError if the certificates of `ca_path` cannot be read."""
    context = ssl.create_default_context(cafile=ca_path)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def connect(settings: ServiceSettings, context: ssl.SSLContext, deadline: Deadline) -> ssl.SSLSocket:
    """Return a connection to the service. Raises ServiceError."""
    proxy = settings.proxy
    raw = _open(proxy.endpoint if proxy else settings.endpoint, deadline, "proxy" if proxy else "service")
    try:
        if proxy:
            _tunnel(raw, proxy, settings.endpoint, deadline)
        return _secured(raw, settings.endpoint, context, deadline)
    except BaseException:
        raw.close()
        raise


def _open(endpoint: Endpoint, deadline: Deadline, kind: str) -> socket.socket:
    try:
        found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ServiceError(f"{kind}_unresolved", f"{endpoint.host}: {_words(error)}.") from None
    problem = "no address"
    for family, kind_of_socket, protocol, _name, address in found:
        opened = socket.socket(family, kind_of_socket, protocol)
        try:
            opened.settimeout(_positive(deadline.left()))
            opened.connect(address)
        except OSError as error:
            opened.close()
            problem = f"{address[0]}: {_words(error)}"
        else:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return opened
    raise ServiceError(f"{kind}_unreachable", f"{endpoint.shown}: {problem}.")


def _secured(raw: socket.socket, endpoint: Endpoint, context: ssl.SSLContext, deadline: Deadline) -> ssl.SSLSocket:
    """Return the encrypted connection. A handshake is a few messages, each of which must arrive within the time that is left."""
    raw.settimeout(_positive(deadline.left()))
    try:
        return context.wrap_socket(raw, server_hostname=endpoint.host)
    except ssl.SSLCertVerificationError as error:
        raise ServiceError("service_untrusted", f"{endpoint.shown}: {visible(error.verify_message)}.") from None
    except (OSError, UnicodeError, ValueError) as error:
        raise ServiceError("service_no_tls", f"{endpoint.shown}: {_words(error)}.") from None


def _tunnel(raw: socket.socket, proxy: HttpProxy, endpoint: Endpoint, deadline: Deadline) -> None:
    """Request a connection to the service from the proxy. Raises ServiceError."""
    lines = [f"CONNECT {endpoint.shown} HTTP/1.1", f"Host: {endpoint.shown}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    stream = BoundedSocket(raw, deadline, MOST_PROXY_BYTES, step=1)
    try:
        stream.send("\r\n".join([*lines, "", ""]).encode())
        response = HTTPResponse(stream, method="CONNECT")  # type: ignore[arg-type]
        response.begin()
    except (OSError, HTTPException, StreamError, ValueError) as error:
        raise ServiceError(
            "proxy_unreachable", f"{proxy.endpoint.shown} did not answer the request as a proxy does: {_words(error)}."
        ) from None
    if response.status == _AUTHENTICATION_REQUIRED:
        raise ServiceError("proxy_authentication", _authentication(proxy, response))
    if not 200 <= response.status < 300:
        raise ServiceError("proxy_refused", f"{proxy.endpoint.shown} returned {response.status} {visible(response.reason)[:80]}.")


def _authentication(proxy: HttpProxy, response: HTTPResponse) -> str:
    """Return what the proxy accepts, and what was sent."""
    offered = [visible(value.split()[0])[:20] for value in response.headers.get_all("Proxy-Authenticate") or () if value.split()]
    accepts = f" It accepts {', '.join(dict.fromkeys(offered))}." if offered else ""
    sent = "rejected the user name and the password" if proxy.authorization else "requires authentication, and no user name is set"
    return f"{proxy.endpoint.shown} {sent}.{accepts}"


def _positive(seconds: float) -> float:
    """Return a timeout for a socket, for which 0 would mean not to wait at all."""
    return max(seconds, 0.001)


def _words(error: Exception) -> str:
    """Return an error of the operating system or of a library in a few words."""
    if isinstance(error, TimeoutError):
        return "no response in time"
    strerror: Any = getattr(error, "strerror", None)
    return visible(str(strerror or error) or type(error).__name__)[:200].rstrip(".")
