# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The estate's DNS as a whole: the server with its zones, the machines' resolver, the publisher, and what can be asked about all that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .bind import Bind
from .clock import Clock
from .publishing import DnsPublisher
from .resolver import BindResolver
from .update_log import read_updates
from .zone import ADMINISTRATOR, ALGORITHM, Zone

SERVER = "127.0.0.1"
NO_DNS: Mapping[str, Any] = {"server": None, "port": None, "zones": [], "key_name": None, "key_secret": None, "key_algorithm": None}
"""How an estate without a DNS server describes itself."""


class DnsService:
    """A running DNS server. Make one with :meth:`start`."""

    def __init__(self, bind: Bind, zones: Mapping[str, Zone], clock: Clock) -> None:
        self._bind = bind
        self._zones = zones
        self._forgotten = 0
        self._log = bind.log
        self.port = bind.port
        self.resolver = BindResolver(bind.port, clock)
        self.publisher = DnsPublisher(bind.port, zones, self._all_updates)

    @classmethod
    async def start(cls, directory: Path, zones: Mapping[str, Zone], clock: Clock, keytab: Path | None = None) -> DnsService:
        """Start named with its files in a folder; raises BindMissing, BindFailed. `keytab` is for updates signed with tickets."""
        bind = Bind(directory, list(zones.values()), keytab)
        await bind.start()
        return cls(bind, zones, clock)

    async def stop(self) -> None:
        """End named."""
        await self._bind.stop()

    def _log_size(self) -> int:
        try:
            return self._log.stat().st_size
        except FileNotFoundError:
            return 0

    def _lines(self, start: int) -> list[str]:
        try:
            return self._log.read_bytes()[start:].decode("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return []

    def _all_updates(self) -> list[dict[str, Any]]:
        return read_updates(self._lines(0))

    def updates(self) -> list[dict[str, Any]]:
        """Dynamic updates in order, since the start or the last :meth:`forget_updates`."""
        return read_updates(self._lines(self._forgotten))

    def forget_updates(self) -> None:
        """Begin a new history."""
        self._forgotten = self._log_size()

    def records(self, domain: str) -> list[dict[str, Any]]:
        """The SRV records a domain has now, asked of the server; raises KeyError for a domain the estate does not have."""
        if domain.casefold() not in {known.casefold() for known in self._zones}:
            raise KeyError(domain)
        return self.resolver.records_now(domain)

    def describe(self) -> dict[str, Any]:
        """Where the server is, its zones, and the key it takes updates with; the key is the lab's own and opens nothing else."""
        return {
            "server": SERVER,
            "port": self.port,
            "zones": sorted(self._zones),
            "key_name": ADMINISTRATOR.name,
            "key_secret": ADMINISTRATOR.secret,
            "key_algorithm": ALGORITHM,
        }

    def inventory_variables(self) -> dict[str, Any]:
        """What playbooks need to update records; the secret is the lab's own and opens nothing else."""
        return {f"winlab_dns_{name}": value for name, value in self.describe().items() if name != "zones"}
