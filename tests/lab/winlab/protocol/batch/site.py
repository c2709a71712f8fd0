# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The batch activation service and its proxies on their sockets."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from winlab.interfaces import BatchActivation, BatchListen
from winlab.protocol.batch import soap
from winlab.protocol.batch.access import Account, basic, everybody, windows
from winlab.protocol.batch.log import ProxiedConnection
from winlab.protocol.batch.proxy import Destination, Proxy
from winlab.protocol.batch.service import BatchService
from winlab.protocol.http_proxy import LARGEST_HEAD
from winlab.protocol.ntlm import AccountFiles
from winlab.protocol.sockets import BACKLOG, listening_socket
from winlab.protocol.tls import Authority, LazyContext, Owner

HOST_NAME = "activation.sls.microsoft.com"
"""The name of the real service. The proxies lead it to the lab, and the lab's certificate has it."""
PROXY_NAME = "proxy.winlab.example"
"""In the certificate of the proxy whose own connection is encrypted, beside its address."""
_SHUTDOWN_SECONDS = 1.0


class BatchSite:
    """Everything that listens for batch activation, from :meth:`start` to :meth:`close`."""

    def __init__(self, batch: BatchActivation, listen: BatchListen, authority: Authority, files: AccountFiles) -> None:
        self._listen = listen
        self._batch = batch
        self._authority = authority
        self._files = files
        self._web: web.Server | None = None
        self._servers: list[asyncio.Server] = []
        self._proxies: list[Proxy] = []
        self.service = BatchService(batch, listen.address, several=listen.several_requests)
        self.connections: list[ProxiedConnection] = []

    async def start(self) -> None:
        """Listen; raises OSError."""
        listen, loop = self._listen, asyncio.get_running_loop()
        self._web = web.Server(self.service.handle, access_log=None, auto_decompress=False)
        context = LazyContext.of(self._authority, Owner(HOST_NAME, listen.address))
        # Where the service is to be reached through a proxy only, it has a port that only the proxies know.
        sock = listening_socket(listen.address, 0 if listen.only_through_proxy else listen.port)
        self._servers.append(await loop.create_server(self._web, sock=sock, ssl=context, backlog=BACKLOG))
        targets = frozenset({f"{listen.address}:{listen.port}", f"{HOST_NAME}:443"})
        destination = Destination(targets, listen.address, sock.getsockname()[1])
        account = Account(listen.proxy_user, listen.proxy_password)
        tls = LazyContext.of(self._authority, Owner(PROXY_NAME, listen.address))
        for port, access, encryption in (
            (listen.proxy_port, everybody, None),
            (listen.basic_proxy_port, basic(account), None),
            (listen.windows_proxy_port, windows(account, self._files), None),
            (listen.tls_proxy_port, basic(account), tls),
        ):
            proxy = Proxy(port, destination, self.service.faults, self.connections, access)
            self._proxies.append(proxy)
            sock = listening_socket(listen.address, port)
            self._servers.append(await asyncio.start_server(proxy.connected, sock=sock, limit=LARGEST_HEAD, ssl=encryption))

    async def close(self) -> None:
        """Stop listening and end every connection."""
        for server in self._servers:
            server.close()
        for proxy in self._proxies:
            await proxy.close()
        self.service.clear_faults()
        if self._web is not None:
            await self._web.shutdown(_SHUTDOWN_SECONDS)

    def forget(self) -> None:
        """Begin new logs. What was counted stays."""
        self.service.requests.clear()
        self.service.most_at_once = 0
        self.connections.clear()

    def describe(self) -> dict[str, Any]:
        """Where everything is; name and password of the proxy are the lab's own and open nothing else."""
        listen = self._listen
        return {
            "url": f"https://{listen.address}:{listen.port}{soap.PATH}",
            "ca": str(self._authority.path),
            "proxy": f"http://{listen.address}:{listen.proxy_port}",
            "basic_proxy": f"http://{listen.address}:{listen.basic_proxy_port}",
            "windows_proxy": f"http://{listen.address}:{listen.windows_proxy_port}",
            "tls_proxy": f"https://{listen.address}:{listen.tls_proxy_port}",
            "proxy_user": listen.proxy_user,
            "proxy_password": listen.proxy_password,
        }

    def inventory_variables(self) -> dict[str, str]:
        """The same as variables of all hosts of an inventory."""
        found = self.describe()
        return {
            "winlab_batch_activation_url": found["url"],
            "winlab_batch_activation_ca": found["ca"],
            "winlab_http_proxy": found["proxy"],
            "winlab_http_proxy_basic": found["basic_proxy"],
            "winlab_http_proxy_windows": found["windows_proxy"],
            "winlab_http_proxy_tls": found["tls_proxy"],
            "winlab_http_proxy_user": found["proxy_user"],
            "winlab_http_proxy_password": found["proxy_password"],
        }

    def state(self) -> dict[str, Any]:
        """Where everything is, and the book by product key."""
        return {**self.describe(), "most_at_once": self.service.most_at_once, "keys": self._batch.book()}
