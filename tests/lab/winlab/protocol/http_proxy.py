# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all HTTP proxies of the lab do: read requests, let users in or not, and connect a client with its destination."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from http import HTTPStatus

from winlab.protocol.batch.access import Access, Refusal
from winlab.protocol.batch.log import ProxiedConnection
from winlab.protocol.connections import CHUNK, Connections
from winlab.protocol.http_page import page_of

LARGEST_HEAD = 16 << 10
"""Bytes of the line and the headers of a request."""
_HEAD_SECONDS = 30.0


class HttpProxy(Connections):
    """One proxy; serve its connections with :meth:`connected`."""

    def __init__(self, port: int, log: list[ProxiedConnection], access: Access) -> None:
        super().__init__()
        self._port = port
        self._log = log
        self._access = access

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        check = self._access()
        while True:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_SECONDS)
            line, *rest = head.decode("latin-1").split("\r\n")
            method, target, _version = line.split(" ")
            pairs = (each.partition(":") for each in rest if each)
            headers = {name.strip(): value.strip() for name, _, value in pairs}
            given = next((value for name, value in headers.items() if name.lower() == "proxy-authorization"), "")
            user = check(given)
            status = HTTPStatus.PROXY_AUTHENTICATION_REQUIRED if isinstance(user, Refusal) else self.status_for(method, target)
            logged = ProxiedConnection(self._port, method, target, headers, status, given.partition(" ")[0].lower())
            self._log.append(logged)
            if isinstance(user, Refusal):
                await refuse(writer, status, *(("Proxy-Authenticate", offer) for offer in user.offers), keeps=user.keeps)
                if not user.keeps:
                    return
                continue
            logged.user = user
            if status == HTTPStatus.OK:
                await self.pass_on(reader, writer, logged)
            else:
                await refuse(writer, status)
            return

    @abstractmethod
    def status_for(self, method: str, target: str) -> int:
        """What the proxy answers to somebody whom it lets through; 200: it passes on."""

    @abstractmethod
    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, logged: ProxiedConnection) -> None:
        """Serve a request that gets through, until the end of its connection."""


async def tunnel(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    logged: ProxiedConnection,
    most: int | None = None,
) -> None:
    """Connect a client with its destination, for no more than `most` bytes of answers."""
    source, out = upstream
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    await writer.drain()
    up = asyncio.ensure_future(_pump(reader, out, logged, "bytes_up", None))
    try:
        if not await _pump(source, writer, logged, "bytes_down", most):
            writer.transport.abort()
    finally:
        up.cancel()
        out.close()
        await asyncio.gather(up, return_exceptions=True)


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, logged: ProxiedConnection, count: str, most: int | None
) -> bool:
    """Pass bytes on until the end; returns False when there were more than `most`."""
    try:
        while data := await reader.read(CHUNK):
            if most is not None and getattr(logged, count) + len(data) > most:
                return False
            setattr(logged, count, getattr(logged, count) + len(data))
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        writer.transport.abort()
    return True


async def refuse(writer: asyncio.StreamWriter, status: int, *more: tuple[str, str], keeps: bool = False) -> None:
    """Answer with a page, and with these headers in the place of the page's own; `keeps`: the connection stays open."""
    page = page_of({"status": status})
    named = {name for name, _value in more} | ({"Connection"} if keeps else set())
    headers = [*((name, value) for name, value in page.headers.items() if name not in named), *more]
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in headers)]
    writer.write("\r\n".join([*lines, f"Content-Length: {len(page.body)}", "", ""]).encode() + page.body)
    await writer.drain()
