# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP proxy that knows CONNECT and leads to the batch activation service and nowhere else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

from winlab.protocol.batch.access import Access
from winlab.protocol.batch.faults import BatchFaults
from winlab.protocol.batch.log import ProxiedConnection
from winlab.protocol.http_proxy import HttpProxy, tunnel


@dataclass(frozen=True)
class Destination:
    """The names under which clients ask for the service, and where it is."""

    targets: frozenset[str]
    address: str
    port: int


class Proxy(HttpProxy):
    """One proxy beside the service."""

    def __init__(self, port: int, destination: Destination, faults: BatchFaults, log: list[ProxiedConnection], access: Access) -> None:
        super().__init__(port, log, access)
        self._destination = destination
        self._faults = faults

    def status_for(self, method: str, target: str) -> int:
        """What the proxy answers to somebody whom it lets through: 405 for what is no CONNECT, 403 for other destinations."""
        fault = self._faults.take("batch_proxy_status")
        if fault is not None:
            return int(fault["status"])
        if method != "CONNECT":
            return HTTPStatus.METHOD_NOT_ALLOWED
        return HTTPStatus.OK if target.lower() in self._destination.targets else HTTPStatus.FORBIDDEN

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, logged: ProxiedConnection) -> None:
        drop = self._faults.take("batch_proxy_drop")
        if drop is not None and "after_bytes" not in drop:
            writer.transport.abort()
            return
        place = self._destination
        # Its own address as the source tells the service who came through the proxy.
        upstream = await asyncio.open_connection(place.address, place.port, local_addr=(place.address, 0))
        await tunnel(reader, writer, upstream, logged, None if drop is None else int(drop["after_bytes"]))
