# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a verified TLS connection to the service, directly or through an HTTP proxy.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Nothing is sent to the service before its certificate is verified. Every error here is one of a question that was not sent.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from .._deadline import Deadline
from .._visible import visible
from .errors import ServiceError, words_of
from .proxies.nested import NestedTls
from .proxies.tunnel import Tunnels
from .settings import Endpoint, HttpProxy, ServiceSettings

Secured: TypeAlias = "ssl.SSLSocket | NestedTls"
"""A verified connection to the service."""


def tls_context(ca_path: str | None) -> ssl.SSLContext:
    """Return a context that verifies certificates. Raises OSError if the certificates of `ca_path` cannot be read."""
    if ca_path is not None and not stat.S_ISREG(os.stat(ca_path).st_mode):  # noqa: PTH116 - a text is what ssl gets too
        raise OSError(errno.EINVAL, "it is not a regular file")  # OpenSSL would wait for a pipe
    context = ssl.create_default_context(cafile=ca_path)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class Connector:
    """Opens connections to the service, as the settings describe it. Several threads can use it."""

    def __init__(self, settings: ServiceSettings, context: ssl.SSLContext) -> None:
        self._endpoint = settings.endpoint
        self._context = context
        proxy = settings.proxy
        self._tunnels = Tunnels(proxy, settings.endpoint, lambda deadline: self._to_proxy(proxy, deadline)) if proxy else None

    def connect(self, deadline: Deadline) -> Secured:
        """Return a connection to the service. Raises ServiceError."""
        raw = self._tunnels.open(deadline) if self._tunnels else _open(self._endpoint, deadline, "service")
        with _handshake(raw, self._endpoint, "service", deadline):
            if not isinstance(raw, ssl.SSLSocket):
                return self._context.wrap_socket(raw, server_hostname=self._endpoint.host)
            nested = NestedTls(raw, self._context, self._endpoint.host)
            nested.settimeout(deadline.left())
            nested.handshake()
            return nested

    def _to_proxy(self, proxy: HttpProxy, deadline: Deadline) -> socket.socket:
        raw = _open(proxy.endpoint, deadline, "proxy")
        if not proxy.is_encrypted:
            return raw
        with _handshake(raw, proxy.endpoint, "proxy", deadline):
            return self._context.wrap_socket(raw, server_hostname=proxy.endpoint.host)


def _open(endpoint: Endpoint, deadline: Deadline, kind: str) -> socket.socket:
    try:
        found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ServiceError(f"{kind}_unresolved", f"{endpoint.host}: {words_of(error)}.") from None
    problem = "no address"
    for family, kind_of_socket, protocol, _name, address in found:
        opened = socket.socket(family, kind_of_socket, protocol)
        try:
            opened.settimeout(_positive(deadline.left()))
            opened.connect(address)
        except OSError as error:
            opened.close()
            problem = f"{address[0]}: {words_of(error)}"
        else:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return opened
    raise ServiceError(f"{kind}_unreachable", f"{endpoint.shown}: {problem}.")


@contextmanager
def _handshake(raw: socket.socket, endpoint: Endpoint, kind: str, deadline: Deadline) -> Iterator[None]:
    """Explain why a connection cannot be encrypted, and end it. Each message of a handshake must arrive within the time that is left."""
    raw.settimeout(_positive(deadline.left()))
    try:
        yield
    except BaseException as error:
        raw.close()
        if isinstance(error, ssl.SSLCertVerificationError):
            raise ServiceError(f"{kind}_untrusted", f"{endpoint.shown}: {visible(error.verify_message)}.") from None
        if isinstance(error, (OSError, UnicodeError, ValueError)):
            raise ServiceError(f"{kind}_no_tls", f"{endpoint.shown}: {words_of(error)}.") from None
        raise


def _positive(seconds: float) -> float:
    """Return a timeout for a socket, for which 0 would mean not to wait at all."""
    return max(seconds, 0.001)
