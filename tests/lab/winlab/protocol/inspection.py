# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device on the way to a machine that ends TLS and begins it anew, as proxies with TLS inspection and some load balancers do.

Clients trust its certificate, which is of the lab's authority and for the same names, but it is not the machine's. The device passes
on what it reads.
"""

from __future__ import annotations

import asyncio
import ssl

from winlab.protocol.connections import CHUNK, Connections


class Inspection(Connections):
    """The device in front of one machine; serve its connections with :meth:`connected`."""

    def __init__(self, address: str, port: int, authority: str) -> None:
        super().__init__()
        self._address = address
        self._port = port
        self._trusting = ssl.create_default_context(cafile=authority)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, out = await asyncio.open_connection(self._address, self._port, ssl=self._trusting)
        ways = [asyncio.ensure_future(_pump(reader, out)), asyncio.ensure_future(_pump(upstream, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            out.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
