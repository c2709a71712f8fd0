# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP proxies between the controller and the machines: CONNECT for https, and forwarding for http.

A proxy forwards the requests of one connection over one connection, so that NTLM works through it, unless it is `pooled`: then it has a new
connection to the machine for each request, as proxies with a pool of connections seem to have.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from winlab.interfaces import MachineProxy
from winlab.protocol.batch.access import Access, Account, basic, everybody, windows
from winlab.protocol.batch.log import ProxiedConnection
from winlab.protocol.http_proxy import LARGEST_HEAD, HttpProxy, refuse, tunnel
from winlab.protocol.ntlm import AccountFiles
from winlab.protocol.sockets import listening_socket

_NOT_PASSED_ON = ("proxy-authorization", "proxy-connection")
_PORTAL = b"<html><head><title>Sign in</title></head><body>Sign in to use the network.</body></html>"
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class ForwardingProxy(HttpProxy):
    """One proxy for the machines at some addresses."""

    def __init__(self, settings: MachineProxy, addresses: frozenset[str], log: list[ProxiedConnection], access: Access) -> None:
        super().__init__(settings.port, log, access)
        self._settings = settings
        self._addresses = addresses

    def status_for(self, method: str, target: str) -> int:
        """Its own status, 502 for a machine that is not there, 403 for what is not in the estate."""
        if self._settings.answers is not None:
            return self._settings.answers
        place = _place(method, target)
        return HTTPStatus.OK if place is not None and place[0] in self._addresses else HTTPStatus.FORBIDDEN

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, logged: ProxiedConnection) -> None:
        if self._settings.answers == HTTPStatus.OK:
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(_PORTAL)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + _PORTAL)
            await writer.drain()
            return
        place = _place(logged.method, logged.target)
        assert place is not None
        try:
            upstream = await asyncio.open_connection(*place)
        except OSError:
            await refuse(writer, HTTPStatus.BAD_GATEWAY)
            return
        if logged.method == "CONNECT":
            await tunnel(reader, writer, upstream, logged)
        else:
            await self._forward(reader, writer, upstream, logged)

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, upstream: Stream, logged: ProxiedConnection
    ) -> None:
        method, target, headers = logged.method, logged.target, logged.headers
        try:
            while True:
                await _send(upstream[1], method, target, headers, await reader.readexactly(_length(headers)))
                await _return(upstream[0], writer)
                method, target, headers = await _read_request(reader)
                self._log.append(ProxiedConnection(self._port, method, target, headers, HTTPStatus.OK))
                if self._settings.pooled:
                    upstream[1].close()
                    place = _place(method, target)
                    upstream = await asyncio.open_connection(*(place or ("", 0)))
        finally:
            upstream[1].close()


def _place(method: str, target: str) -> tuple[str, int] | None:
    parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
    try:
        return (parts.hostname, parts.port or 80) if parts.hostname else None
    except ValueError:
        return None


def _length(headers: Mapping[str, str]) -> int:
    return next((int(value) for name, value in headers.items() if name.lower() == "content-length"), 0)


async def _read_request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str]]:
    line, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _version = line.split(" ")
    return method, target, _headers(rest)


def _headers(lines: Iterable[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines if line)
    return {name.strip(): value.strip() for name, _, value in pairs}


async def _send(writer: asyncio.StreamWriter, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
    """Pass a request on, without what is the proxy's."""
    lines = [f"{method} {urlsplit(target).path} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items() if n.lower() not in _NOT_PASSED_ON)]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
    await writer.drain()


async def _return(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass an answer back, which always says its length here."""
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(_length(_headers(head.decode("latin-1").split("\r\n")[1:])))
    writer.write(head + body)
    await writer.drain()


class MachineProxies:
    """All of them on their sockets, from :meth:`start` to :meth:`close`."""

    def __init__(self, settings: Iterable[MachineProxy], addresses: Iterable[str], files: AccountFiles) -> None:
        self._settings = tuple(settings)
        self._addresses = frozenset(addresses)
        self._files = files
        self._open: list[tuple[ForwardingProxy, asyncio.Server]] = []
        self.connections: list[ProxiedConnection] = []

    async def start(self) -> None:
        """Listen; raises OSError."""
        for one in self._settings:
            account = Account(one.user, one.password)
            access = {"everybody": everybody, "basic": basic(account), "windows": windows(account, self._files)}[one.access]
            proxy = ForwardingProxy(one, self._addresses, self.connections, access)
            sock = listening_socket(one.address, one.port)
            self._open.append((proxy, await asyncio.start_server(proxy.connected, sock=sock, limit=LARGEST_HEAD)))

    async def close(self) -> None:
        """Stop listening and end every connection."""
        for proxy, server in self._open:
            server.close()
            with contextlib.suppress(OSError):
                await proxy.close()
        self._open.clear()
