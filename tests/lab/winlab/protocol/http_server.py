# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP for all machines of an estate: one aiohttp server behind as many listening sockets as the machines have."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage
from aiohttp.web_protocol import RequestHandler
from multidict import CIMultiDict

from winlab.caller import CALLER
from winlab.protocol import auth, sealing
from winlab.protocol.auth import Challenge, Connection
from winlab.protocol.channel_binding import ChannelBinding
from winlab.protocol.client_certificates import MUTUAL, certificate_of
from winlab.protocol.endpoint import Answer, Endpoint
from winlab.protocol.http_page import HttpPage, page_of
from winlab.protocol.ntlm import AccountFiles
from winlab.protocol.tls import LazyContext
from winlab.protocol.transport_faults import BEFORE_LOGON, Dropped

_SERVER = "Microsoft-HTTPAPI/2.0"
_SOAP = "application/soap+xml;charset=UTF-8"
_KEEP_ALIVE = 120.0
_LARGEST_BODY = 4 << 20
_MAX_FIELD_LENGTH = _MAX_REQUEST_BYTES = 16384
"""Defaults of HTTP.sys for one header, and for the request line and all headers together (MaxFieldLength, MaxRequestBytes)."""
_MUCH_LONGER = 1 << 20
"""Above the limits, so that the lab, and not the library, answers."""
_TOO_LONG = (
    b"<HTML><HEAD><TITLE>Bad Request</TITLE></HEAD><BODY><h2>Bad Request - Request Too Long</h2><hr>"
    b"<p>HTTP Error 400. The size of the request headers is too long.</p></BODY></HTML>"
)


class HttpServer(web.Server):
    """Knows every open connection and the machine behind it."""

    def __init__(self, files: AccountFiles, *, kerberos: bool = False) -> None:
        super().__init__(
            self._handle,
            request_factory=self._new_request,
            access_log=None,
            keepalive_timeout=_KEEP_ALIVE,
            auto_decompress=False,
            max_line_size=_MUCH_LONGER,
            max_field_size=_MUCH_LONGER,
        )
        self._files = files
        self._kerberos = kerberos
        self._endpoints: dict[tuple[str, int], Endpoint] = {}
        self._known: dict[RequestHandler, Connection] = {}

    def add(self, address: str, port: int, endpoint: Endpoint) -> None:
        """Serve a machine on one more socket address."""
        self._endpoints[(address, port)] = endpoint

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        endpoint = self._endpoints[transport.get_extra_info("sockname")[:2]]
        endpoint.counters.tcp_connections += 1
        client = transport.get_extra_info("peername")[0]
        tls = transport.get_extra_info("sslcontext")
        binding = ChannelBinding(endpoint.listen.cbt_hardening_level, tls.end_point) if isinstance(tls, LazyContext) else None
        self._known[handler] = Connection(endpoint, tls is not None, client, self._kerberos, binding)

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        self._known.pop(handler, None)

    def abort(self, endpoint: Endpoint) -> None:
        """Reset every connection to a machine."""
        for handler, connection in list(self._known.items()):
            if connection.endpoint is endpoint and handler.transport is not None:
                handler.transport.abort()

    def _new_request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> web.BaseRequest:
        return web.BaseRequest(message, payload, protocol, writer, task, self._loop, client_max_size=_LARGEST_BODY)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = self._known[request.protocol]
        endpoint = connection.endpoint
        try:
            body = await _body(request)
        except ConnectionError:  # the client was killed while it sent
            return web.Response()
        endpoint.counters.bytes_in += _size_of_request(request) + len(body)
        try:
            response = await self._answer(connection, request, body)
        except Dropped:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        endpoint.counters.bytes_out += _size_of_response(response)
        return response

    async def _answer(self, connection: Connection, request: web.BaseRequest, body: bytes) -> web.Response:
        endpoint = connection.endpoint
        if _is_too_long(request):
            endpoint.counters.auth_requests += 1
            refusal = web.Response(status=400, body=_TOO_LONG, headers=_headers({"Content-Type": "text/html; charset=us-ascii"}))
            refusal.force_close()
            return refusal
        early = _before_logon(connection, request, body)
        if early is not None:
            return early
        header = request.headers.get("Authorization")
        if header == MUTUAL and connection.tls and endpoint.clients is not None and request.transport is not None:
            connection.certificate = await certificate_of(request.transport, post_handshake=endpoint.listen.post_handshake)
        user = auth.authenticate(connection, header, self._files)
        if isinstance(user, Challenge):
            return _challenge(endpoint, user)
        if not endpoint.admits(user):
            connection.context = connection.basic = connection.last_token = None
            return _challenge(endpoint, Challenge(auth.offers(connection)))
        if body and request.path == "/wsman" and request.method == "POST":
            response = await self._serve(connection, request, body, user)
        else:
            response = _without_message(endpoint, request)
        if connection.last_token is not None:
            response.headers["WWW-Authenticate"] = connection.last_token
            connection.last_token = None
        return response

    async def _serve(self, connection: Connection, request: web.BaseRequest, body: bytes, user: str) -> web.Response:
        endpoint, context = connection.endpoint, connection.context
        content_type = request.headers.get("Content-Type", "")
        protocol = None
        if sealing.is_sealed(content_type):
            protocol = sealing.protocol_of(content_type, context)
            if protocol is None:
                return _empty(415)
            try:
                if context is None or not context.complete:
                    return _empty(400)
                body = sealing.unseal(body, context, protocol)
            except sealing.NotSealed:
                return _empty(400)
        elif (refused := _refused_in_clear(connection, content_type)) is not None:
            return _empty(refused)
        CALLER.set(auth.caller_of(connection, user))
        answer = await endpoint.serve(body, user, connection.client)
        if answer.page is not None:
            return _page(answer.page)
        if protocol is not None and context is not None:
            plain = answer.text.encode()
            body = sealing.seal(plain, context, protocol)
            response = _response(answer.status, body, sealing.content_type(protocol, len(plain), endpoint.machine.truths.encrypted_header))
        else:
            response = _response(answer.status, answer.text.encode(), _SOAP)
        if answer.cut_after is not None:
            _cut(request, response, answer)
        return response


def _is_too_long(request: web.BaseRequest) -> bool:
    """Whether HTTP.sys refuses the headers, as it does with a large ticket of an account in many groups."""
    longest = max((len(name) + len(value) for name, value in request.raw_headers), default=0)
    return longest > _MAX_FIELD_LENGTH or _size_of_request(request) > _MAX_REQUEST_BYTES


def _is_soap(content_type: str) -> bool:
    """Whether a request in clear says that it is SOAP 1.2 in UTF-8 or UTF-16, or nothing at all, as a client of another vendor does."""
    kind, _, parameters = content_type.lower().partition(";")
    charset = parameters.replace(" ", "").replace('"', "")
    return kind.strip() in ("", "application/soap+xml") and charset in ("", "charset=utf-8", "charset=utf-16")


def _refused_in_clear(connection: Connection, content_type: str) -> int | None:
    """The status that a message gets because it is not encrypted by WinRM; None where it is let in."""
    if not _is_soap(content_type):
        return 415
    return None if connection.tls or connection.endpoint.listen.allow_unencrypted else 500


def _before_logon(connection: Connection, request: web.BaseRequest, body: bytes) -> web.Response | None:
    """The answer where nobody needs to know who asks: to a fault that strikes, or to an Identify without a logon."""
    endpoint = connection.endpoint
    if endpoint.faults.take("http_400_empty") is not None:
        return _empty(400)
    page = endpoint.faults.take("http_status", BEFORE_LOGON)
    if page is not None:
        return _page(page_of(page))
    if endpoint.faults.take("unauthorized") is not None:
        return _challenge(endpoint, Challenge(auth.offers(connection)))
    return _introduction(endpoint, request, body)


def _introduction(endpoint: Endpoint, request: web.BaseRequest, body: bytes) -> web.Response | None:
    """What an Identify gets whose client says that it does not log on; None for every other request."""
    if not body or request.path != "/wsman" or request.headers.get("WSMANIDENTIFY", "").lower() != "unauthenticated":
        return None
    if not _is_soap(request.headers.get("Content-Type", "")):
        return _empty(415)
    answer = endpoint.introduce(body)
    if answer is None:
        return None
    endpoint.counters.auth_requests += 1
    return _response(answer.status, answer.text.encode(), _SOAP)


async def _body(request: web.BaseRequest) -> bytes:
    if not request.body_exists:
        return b""
    if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    return await request.read()


def _headers(extra: Mapping[str, str] | None = None) -> CIMultiDict[str]:
    return CIMultiDict({"Server": _SERVER, **(extra or {})})


def _response(status: int, body: bytes, content_type: str) -> web.Response:
    return web.Response(status=status, body=body, headers=_headers({"Content-Type": content_type}))


def _page(page: HttpPage) -> web.Response:
    return web.Response(status=page.status, body=page.body, headers=_headers(page.headers))


def _empty(status: int) -> web.Response:
    return web.Response(status=status, headers=_headers())


def _challenge(endpoint: Endpoint, challenge: Challenge) -> web.Response:
    endpoint.counters.auth_requests += 1
    headers = _headers()
    for offer in challenge.offers:
        headers.add("WWW-Authenticate", offer)
    return web.Response(status=401, headers=headers)


def _without_message(endpoint: Endpoint, request: web.BaseRequest) -> web.Response:
    if request.path != "/wsman":
        return _empty(404)
    if request.method != "POST":
        return _empty(405)
    endpoint.counters.auth_requests += 1  # the end of a handshake made with an empty body
    return _empty(200)


def _cut(request: web.BaseRequest, response: web.Response, answer: Answer) -> None:
    """Send the head and the first bytes of the body, then close."""
    body = response.body
    assert isinstance(body, bytes)
    assert answer.cut_after is not None
    if request.transport is None:
        return
    head = f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}\r\nContent-Type: {response.headers['Content-Type']}\r\n"
    request.transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[: answer.cut_after])
    request.transport.close()


def _size_of_request(request: web.BaseRequest) -> int:
    line = len(request.method) + len(request.rel_url.raw_path_qs) + 12
    return line + sum(len(name) + len(value) + 4 for name, value in request.raw_headers) + 2


def _size_of_response(response: web.Response) -> int:
    """Approximate by the headers aiohttp adds (status line, Date, Content-Length)."""
    body = response.body
    return (len(body) if isinstance(body, bytes) else 0) + sum(len(k) + len(v) + 4 for k, v in response.headers.items()) + 80
