# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The preparation of messages, and their exchange over one unencrypted connection without a proxy.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A session has one machine and one connection, and all its messages have the same form. The general code of requests and urllib3 would
take more processor time than the exchange itself: each worker process runs this code for the first time, so that the system copies its
memory pages. Connections with TLS or through a proxy use the pools of urllib3, which configure them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from requests import Request, Session

with suppress(ImportError):  # the transports report what is missing
    from requests import PreparedRequest
    from requests import exceptions as failures
    from requests.structures import CaseInsensitiveDict
    from requests.utils import select_proxy
    from urllib3 import HTTPResponse
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProtocolError
    from urllib3.util.connection import is_connection_dropped

_PLAIN = re.compile(r"https?://[a-z0-9][a-z0-9.-]*:(?:[1-9][0-9]{0,3}|[1-5][0-9]{4})/[A-Za-z0-9_/-]*")
"""A URL that requests would not change."""


def prepared(session: Session, request: Request, prepare: Callable[[Request], PreparedRequest]) -> PreparedRequest:
    """Return what `prepare`, the method of the session, returns. Only messages that need more than their length and the logon use it."""
    extra = request.headers or request.params or request.files or request.json or request.cookies or request.auth or session.cookies
    if extra or not isinstance(request.data or b"", bytes) or not _PLAIN.fullmatch(str(request.url)):
        return prepare(request)
    message = PreparedRequest()
    message.method, message.url, message.headers = request.method, request.url, CaseInsensitiveDict[Any](session.headers)
    message.body = request.data or None
    message.prepare_content_length(message.body)
    message.prepare_auth(session.auth, str(request.url))
    return message


def is_direct(url: str, proxies: Any) -> bool:
    """Return whether the connection to a URL has neither TLS nor a proxy. IPv6 addresses are left to the pools, which read their zones."""
    return url.startswith("http://") and "[" not in url and not (proxies and select_proxy(url, proxies))


class DirectExchange:
    """Exchanges messages over a connection that it keeps; `connect` makes a connection for a host and a port.

    Raises the same exceptions of requests as its adapter.
    """

    def __init__(self, connect: Callable[[str, int | None], Any]) -> None:
        self._connect = connect
        self._kept: Any = None

    def send(self, request: PreparedRequest, path: str, seconds: float) -> HTTPResponse:
        """Send a request, and return the response before its body is read. `seconds` is the time limit for a new connection."""
        connection = self._connection(str(request.url))
        connection.timeout = seconds
        try:
            return self._exchange(connection, request, path)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Close the connection; safe to call twice."""
        if self._kept is not None:
            self._kept.close()

    def _connection(self, url: str) -> Any:
        parts = urlsplit(url)
        kept = self._kept
        if kept is None or (kept.host, kept.port) != (parts.hostname, parts.port or kept.default_port):
            self.close()
            kept = self._kept = self._connect(str(parts.hostname), parts.port)
        elif kept.sock is not None and is_connection_dropped(kept):
            kept.close()
        return kept

    def _exchange(self, connection: Any, request: PreparedRequest, path: str) -> HTTPResponse:
        is_sent = False
        try:
            # The machine can respond before it has read the message, and close the connection.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.ask(request, path)
            is_sent = True
            received = connection.answer()
        except NewConnectionError as error:
            raise failures.ConnectionError(error, request=request) from error
        except ConnectTimeoutError as error:
            raise failures.ConnectTimeout(error, request=request) from error
        except TimeoutError as error:
            kind = failures.ReadTimeout if is_sent else failures.ConnectionError
            raise kind(ProtocolError("Connection aborted.", error), request=request) from error
        except (OSError, HTTPException) as error:
            raise failures.ConnectionError(ProtocolError("Connection aborted.", error), request=request) from error
        return HTTPResponse(
            body=received,
            headers=received.headers.items(),
            status=received.status,
            version=received.version,
            reason=received.reason,
            preload_content=False,
            decode_content=False,
            original_response=received,
            request_method=request.method,
        )


__all__ = ["DirectExchange", "is_direct", "prepared"]
