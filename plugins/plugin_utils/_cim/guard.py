# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits for one message: a deadline, a number of bytes, and the responses that are accepted.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

pywinrm and pypsrp read a complete response before the caller can check it, follow redirects during the logon, decompress
bodies, and accept an unencrypted response to an encrypted request. All of their traffic, including the logon, goes through an
adapter of requests. :func:`guard_session` replaces this adapter; every byte is counted when it is read from the socket (ADR 24).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from .connection import MAX_BYTES, Connection, DirectExchange, ReadBudget, RejectedResponseError, TlsConnection, is_direct

if TYPE_CHECKING:
    from requests import PreparedRequest, Request, Response, Session
    from requests.adapters import HTTPAdapter
    from requests.structures import CaseInsensitiveDict
    from urllib3 import HTTPResponse
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
else:
    HTTPAdapter = object  # the transports report what is missing
    with suppress(ImportError):
        from requests import PreparedRequest
        from requests.adapters import HTTPAdapter
        from requests.structures import CaseInsensitiveDict
        from urllib3 import HTTPResponse
        from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


_ENCRYPTED = ("multipart/encrypted;", "multipart/x-multi-encrypted;")
_SPNEGO = 'protocol="application/HTTP-SPNEGO-session-encrypted"'
_KERBEROS = 'protocol="application/HTTP-Kerberos-session-encrypted"'
_BOUNDARY = 'boundary="Encrypted Boundary"'
_LONGEST_HEADER = 160
_PLAIN = re.compile(r"https?://[a-z0-9][a-z0-9.-]*:(?:[1-9][0-9]{0,3}|[1-5][0-9]{4})/[A-Za-z0-9_/-]*")
"""A URL that requests would not change."""


class ClearTextResponseError(RejectedResponseError):
    """The request was encrypted and the response is not. Another host can have sent it, whatever its status is."""

    def __init__(self, status: int, body: bytes, header: str = "") -> None:
        problem = "the response was not encrypted although the session is"
        if header.lower().startswith("multipart/"):
            problem = f"the encrypted response has the Content-Type {header[:_LONGEST_HEADER]!r}, which is not the documented one"
        super().__init__(f"{problem}, so another host might have sent it; the response was not used")
        self.status = status
        self.empty = not body.strip()
        self.resembles_response = status < 400 or b"Envelope" in body


def guard_session(session: Session, budget: ReadBudget) -> None:
    """Guard a new session of requests before its first request; a second call has no effect.

    The libraries have already read proxies and CA bundles from the environment; requests would read it three times for each message.
    """
    if "prepare_request" not in vars(session):
        session.prepare_request = partial(_prepared, session, prepare=session.prepare_request)  # type: ignore[method-assign]
    session.trust_env = False
    session.max_redirects = 0
    session.headers["Accept-Encoding"] = "identity"
    for scheme in ("http://", "https://"):
        adapter = session.get_adapter(scheme)
        if not isinstance(adapter, Guard):
            session.mount(scheme, Guard(adapter, budget))


class Guard(HTTPAdapter):
    """Sends requests like the adapter that it replaces, within the budget, and rejects responses that must not be used."""

    def __init__(self, replaced: Any, budget: ReadBudget) -> None:
        self._budget = budget
        pool_options = replaced.poolmanager.connection_pool_kw
        self._kept = {name: pool_options[name] for name in ("key_password",) if name in pool_options}
        self._pool_classes = {
            "http": partial(self._pool, HTTPConnectionPool, Connection),
            "https": partial(self._pool, HTTPSConnectionPool, TlsConnection),
        }
        super().__init__(max_retries=replaced.max_retries)
        self._direct = DirectExchange(partial(Connection, budget=budget)) if not replaced.max_retries.total else None
        self.presumes_negotiate = False
        """Whether the next request without a logon gets the response 401 with the method Negotiate, and is not sent."""

    def connect_by(self, connection_class: type[Connection]) -> None:
        """Open unencrypted connections with this class, starting with the next connection."""
        self._direct = DirectExchange(partial(connection_class, budget=self._budget))

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        """Create pools of guarded connections."""
        super().init_poolmanager(connections, maxsize, block, **options, **self._kept)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        """Guard connections through a proxy, including the response to CONNECT."""
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = self._pool_classes
        return manager

    def close(self) -> None:
        """Close all connections; safe to call twice."""
        super().close()
        if self._direct is not None:
            self._direct.close()

    def _pool(self, pool_class: Any, connection_class: Any, *arguments: Any, **options: Any) -> Any:
        pool = pool_class(*arguments, **options)
        pool.ConnectionCls = partial(connection_class, budget=self._budget)
        return pool

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> Response:
        """Exchange one message; logon handlers call this for each of theirs. Raises RejectedResponseError and errors of requests."""
        if self.presumes_negotiate and "Authorization" not in request.headers:
            self.presumes_negotiate = False
            offer = HTTPResponse(io.BytesIO(), {"WWW-Authenticate": "Negotiate"}, 401, preload_content=False)
            return self.build_response(request, offer)
        connect = timeout[0] if isinstance(timeout, tuple) else timeout
        left = self._budget.wait()
        connect = min(connect or left, left)
        if self._direct is not None and is_direct(str(request.url), proxies):
            answered = self._direct.send(request, self.request_url(request, proxies), connect)
            response = self.build_response(request, answered)
        else:
            response = super().send(request, stream, (connect, left), verify, cert, proxies)
        self._budget.retry_after = response.headers.get("Retry-After", "")
        response.headers.pop("Proxy-Authenticate", None)  # requests_ntlm would log on to the proxy as the account of the machine
        try:
            _verify_response(request, response)
        except RejectedResponseError:
            response.close()
            raise
        response.encoding = "utf-8"  # pypsrp reads the text; detecting the charset of hostile bytes takes seconds
        return response


def _prepared(session: Session, request: Request, prepare: Callable[[Request], PreparedRequest]) -> PreparedRequest:
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


def _verify_response(request: PreparedRequest, response: Response) -> None:
    """Raise RejectedResponseError if the response must not be used."""
    status = response.status_code
    if 300 <= status < 400:
        raise RejectedResponseError("the machine returned a redirect, which the module does not follow")
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise RejectedResponseError("the response is compressed, although the request did not allow compression")
    requested = str(request.headers.get("Content-Type", ""))
    if requested.startswith(_ENCRYPTED):
        if not _is_encrypted(requested, response.headers.get("Content-Type", "")):
            raise ClearTextResponseError(status, response.content, response.headers.get("Content-Type", ""))
    elif not request.body and "Authorization" not in request.headers and status < 300:
        raise RejectedResponseError(
            "the machine accepted the request without authentication, so messages to the machine cannot be encrypted"
        )


def _is_encrypted(requested: str, returned: str) -> bool:
    """Return whether both libraries decrypt a response with the Content-Type `returned`: it must be exactly the one that Windows sends.

    pywinrm searches for the protocol of its request, and uses any other response as it is. pypsrp checks the beginning, and builds
    a regular expression from the boundary.
    """
    kind, *parameters = (part.strip() for part in returned.split(";"))
    protocols = {part.strip() for part in requested.split(";") if part.strip().startswith("protocol=")}
    if _KERBEROS in protocols:  # only requests of pypsrp, which decrypts both
        protocols.add(_SPNEGO)
    return f"{kind};" in _ENCRYPTED and len(parameters) == 2 and parameters[0] in protocols and parameters[1] == _BOUNDARY


__all__ = ["MAX_BYTES", "ClearTextResponseError", "Connection", "Guard", "ReadBudget", "RejectedResponseError", "guard_session"]
