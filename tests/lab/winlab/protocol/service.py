# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All endpoints of an estate on their sockets, and the faults that concern them."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from winlab.interfaces import BatchActivation, Machine, MachineProxy
from winlab.protocol import transport_faults
from winlab.protocol.batch.site import BatchSite
from winlab.protocol.client_certificates import ClientAuthorities
from winlab.protocol.endpoint import Endpoint, Listen
from winlab.protocol.http_server import HttpServer
from winlab.protocol.inspection import Inspection
from winlab.protocol.kerberos import use_keytab
from winlab.protocol.kms_ports import KmsPorts
from winlab.protocol.machine_proxies import MachineProxies
from winlab.protocol.ntlm import AccountFiles
from winlab.protocol.sockets import BACKLOG, listening_socket, raise_file_limit
from winlab.protocol.tls import Authority, LazyContext, Owner

CLIENTS = "clients"
"""Folder of client certificates beside that of the lab's authority."""
_SHUTDOWN_SECONDS = 1.0
_LAST_ANSWER_SECONDS = 0.2
"""A machine that restarts still sends the answer to whoever asked for it."""
_JUST_ACCEPTED_SECONDS = 0.01
"""A connection accepted a moment before its listener closes would have nobody to close it: it is let in first."""
_log = logging.getLogger("winlab")


class ListeningMachine(Machine, Protocol):
    """A machine that knows how it listens."""

    @property
    def listen(self) -> Listen: ...


class Service:
    """Serves the machines of an estate until closed."""

    def __init__(
        self,
        machines: Iterable[ListeningMachine],
        run_dir: Path,
        batch: BatchActivation | None = None,
        keytab: Path | None = None,
        proxies: Iterable[MachineProxy] = (),
    ) -> None:
        self.endpoints: Mapping[str, Endpoint] = {machine.name: Endpoint(machine, machine.listen) for machine in machines}
        self.authority = Authority(run_dir / "tls")
        self.clients: ClientAuthorities | None = None
        self._files = AccountFiles(run_dir / "accounts")
        for endpoint in self.endpoints.values():
            if endpoint.listen.certificate:
                self.clients = self.clients or ClientAuthorities(run_dir / "tls" / CLIENTS)
                endpoint.clients = self.clients
        self._kerberos = keytab is not None
        if keytab is not None:
            use_keytab(keytab, run_dir)
        self.batch = None if batch is None or batch.listen is None else BatchSite(batch, batch.listen, self.authority, self._files)
        addresses = (endpoint.machine.address for endpoint in self.endpoints.values())
        self.proxies = MachineProxies(proxies, addresses, self._files)
        self._server: HttpServer | None = None
        self._listening: dict[str, list[asyncio.Server]] = {}
        self._kms_ports = KmsPorts()
        self._busy = asyncio.Lock()
        self._restarts: dict[str, asyncio.Task[None]] = {}
        self._inspections: list[tuple[Inspection, asyncio.Server]] = []
        for endpoint in self.endpoints.values():
            endpoint.changed = self._changed

    async def start(self) -> None:
        """Listen everywhere; on failure nothing stays open."""
        raise_file_limit(sum(len(list(self._sockets(endpoint))) for endpoint in self.endpoints.values()))
        self._server = HttpServer(self._files, kerberos=self._kerberos)
        try:
            await self.sync()
            for endpoint in self.endpoints.values():
                await self._inspect(endpoint)
            await self.proxies.start()
            if self.batch is not None:
                await self.batch.start()
        except OSError:
            await self.close()
            raise

    async def _open(self, endpoint: Endpoint) -> None:
        assert self._server is not None
        machine, loop = endpoint.machine, asyncio.get_running_loop()
        servers = self._listening.setdefault(machine.name, [])
        if servers:
            return
        for port, context in self._sockets(endpoint):
            self._server.add(machine.address, port, endpoint)
            sock = listening_socket(machine.address, port)
            server = await loop.create_server(self._server, sock=sock, ssl=context, backlog=BACKLOG)
            if self._listening.get(machine.name) is not servers:  # refused meanwhile
                server.close()
                return
            servers.append(server)

    async def sync(self) -> None:
        """Listen, or not, as every machine's state wants it: a crashed one nowhere, a KMS host on its port.

        After anything that may have changed more than the one machine a request was for. Raises OSError.
        """
        for endpoint in self.endpoints.values():
            await self._sync(endpoint)
            await self._kms_ports.sync(endpoint)

    async def _changed(self, endpoint: Endpoint) -> None:
        """After a request at one machine. A KMS port that cannot be opened is the lab's trouble and not that of the request."""
        if endpoint.machine.restarts_asked != endpoint.restarts_seen:
            endpoint.restarts_seen, endpoint.away = endpoint.machine.restarts_asked, True
            self._restarts[endpoint.machine.name] = asyncio.ensure_future(self._restart(endpoint))
        try:
            await self._kms_ports.sync(endpoint)
        except OSError as error:
            _log.error("%s", error.strerror)

    async def _restart(self, endpoint: Endpoint) -> None:
        """Be away for a while. A machine that hangs is away until the faults are cleared."""
        await asyncio.sleep(_LAST_ANSWER_SECONDS)
        await self.interrupt(endpoint.machine.name)
        await asyncio.sleep(endpoint.machine.restart_seconds)
        del self._restarts[endpoint.machine.name]
        if not endpoint.machine.stays_down:
            endpoint.away = False
            await self._sync(endpoint)

    def is_restarting(self, machine: str) -> bool:
        """Whether a machine is away because of a restart and comes back by itself, unless it hangs."""
        return machine in self._restarts

    async def interrupt(self, machine: str) -> None:
        """Everything a machine does for its clients ends at once, without an answer; :meth:`sync` lets it listen again. Raises KeyError."""
        endpoint = self.endpoints[machine]
        async with self._busy:
            await asyncio.sleep(_JUST_ACCEPTED_SECONDS)
            self._refuse(endpoint)
            await endpoint.close()

    async def _sync(self, endpoint: Endpoint) -> None:
        async with self._busy:
            if endpoint.machine.crashed or endpoint.away or endpoint.faults.is_on("refuse_connections"):
                self._refuse(endpoint)
            else:
                await self._open(endpoint)

    def _sockets(self, endpoint: Endpoint) -> Iterator[tuple[int, ssl.SSLContext | None]]:
        listen, machine = endpoint.listen, endpoint.machine
        if listen.http_port is not None:
            yield listen.http_port, None
        if listen.https_port is not None:
            owner = Owner(machine.name, machine.address, listen.certificate_hash, tls_1_3=bool(listen.tls_1_3))
            context = LazyContext.of(self.authority, owner)
            if endpoint.clients is not None:
                endpoint.clients.admit(context)
            yield listen.https_port, context

    async def _inspect(self, endpoint: Endpoint) -> None:
        """Put the device in front of a machine that has one."""
        machine, listen = endpoint.machine, endpoint.listen
        if listen.inspection_port is None or listen.https_port is None:
            return
        device = Inspection(machine.address, listen.https_port, str(self.authority.path))
        context = LazyContext.of(self.authority, Owner(machine.name, machine.address, suffix="-inspection"))
        sock = listening_socket(machine.address, listen.inspection_port)
        self._inspections.append((device, await asyncio.start_server(device.connected, sock=sock, ssl=context)))

    def _refuse(self, endpoint: Endpoint) -> None:
        servers = self._listening.pop(endpoint.machine.name, ())
        for server in servers:
            server.close()
        if servers and self._server is not None:
            self._server.abort(endpoint)

    def _chosen(self, machine: str) -> list[Endpoint]:
        return list(self.endpoints.values()) if machine == "*" else [self.endpoints[machine]]

    def set_fault(self, machine: str, fault: str, **options: Any) -> None:
        """Switch a transport fault on at one machine or at all ("*"); KeyError or ValueError when there is no such thing."""
        for endpoint in self._chosen(machine):
            endpoint.faults.set(fault, **options)
            if fault == "refuse_connections":
                self._refuse(endpoint)

    async def clear_faults(self) -> None:
        """Switch all transport faults off; a machine that hung comes up."""
        for endpoint in self.endpoints.values():
            endpoint.faults.clear()
            endpoint.away = self.is_restarting(endpoint.machine.name)
            await self._sync(endpoint)
        if self.batch is not None:
            self.batch.service.clear_faults()

    @staticmethod
    def is_transport_fault(fault: str) -> bool:
        """Whether a fault belongs to the protocol package; all others belong to the simulation."""
        return fault in transport_faults.NAMES

    async def close(self) -> None:
        """Stop listening, end running requests, close every connection."""
        self._kms_ports.close()
        if self.batch is not None:
            await self.batch.close()
        await self.proxies.close()
        for device, listening in self._inspections:
            listening.close()
            await device.close()
        for task in self._restarts.values():
            task.cancel()
        await asyncio.gather(*self._restarts.values(), asyncio.sleep(_JUST_ACCEPTED_SECONDS), return_exceptions=True)
        for servers in self._listening.values():
            for server in servers:
                server.close()
        for endpoint in self.endpoints.values():
            await endpoint.close()
        if self._server is not None:
            await self._server.shutdown(_SHUTDOWN_SECONDS)
            for endpoint in self.endpoints.values():
                self._server.abort(endpoint)
            await asyncio.sleep(0)
        self._listening.clear()
