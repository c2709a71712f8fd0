# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ports on which KMS hosts listen, open exactly while a client would get through (interfaces.Machine.kms_service)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from winlab.protocol.endpoint import Endpoint
from winlab.protocol.rpc import Connections, KmsConnection
from winlab.protocol.sockets import listening_socket


@dataclass
class _Listener:
    """What listens on one machine, and who is connected to it."""

    port: int
    speech: str
    server: asyncio.Server
    connections: Connections

    def close(self) -> None:
        self.server.close()
        self.connections.end()


class KmsPorts:
    """All open KMS ports of an estate."""

    def __init__(self) -> None:
        self._open: dict[str, _Listener] = {}
        self._busy = asyncio.Lock()
        """Opening takes more than one step: two at a time would both open a port, or leave open what is to be closed."""

    async def sync(self, endpoint: Endpoint) -> None:
        """Open or close the port of one machine as its state wants it; raises OSError when it cannot be opened."""
        async with self._busy:
            await self._sync(endpoint)

    async def _sync(self, endpoint: Endpoint) -> None:
        wanted = endpoint.machine.kms_service()
        there = self._open.get(endpoint.machine.name)
        if (None if there is None else (there.port, there.speech)) == wanted:
            return
        if there is not None:
            del self._open[endpoint.machine.name]
            there.close()
        if wanted is not None:
            self._open[endpoint.machine.name] = await _listen(endpoint, *wanted)

    def close(self) -> None:
        """Close all of them."""
        for listener in self._open.values():
            listener.close()
        self._open.clear()


async def _listen(endpoint: Endpoint, port: int, speech: str) -> _Listener:
    connections = Connections()
    sock = listening_socket(endpoint.machine.address, port)
    note = _counting(endpoint)
    server = await asyncio.get_running_loop().create_server(lambda: KmsConnection(speech, port, connections, note), sock=sock)
    return _Listener(port, speech, server, connections)


def _counting(endpoint: Endpoint) -> Callable[[str], None]:
    """Counts into the counters the endpoint has at that moment: a reset replaces them."""

    def note(what: str) -> None:
        counters = endpoint.counters
        if what == "bind":
            counters.kms_binds += 1
        else:
            counters.kms_requests += 1

    return note
