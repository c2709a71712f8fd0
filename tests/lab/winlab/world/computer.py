# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulated computer: what it is, and the surroundings it can reach. Everything else works on this."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from .catalogue import OFFICE_HOST_KEYS, Sku, office_host_sku, office_skus, windows_skus
from .clock import Clock
from .editions import Os
from .eventlog import EventLog
from .faults import Faults
from .identity import digits
from .keys import KeyRing
from .network import Resolver
from .registry import Registry
from .registry_content import fresh_registry, write_service
from .state import ServiceState

LCID = {"en": 1033, "ja": 1041}


class Surroundings(Protocol):
    """The estate as one computer sees it."""

    clock: Clock
    faults: Faults
    keys: KeyRing
    resolver: Resolver
    random: Random

    def computer_at(self, address: str) -> Computer | None:
        """The computer that has this IP address."""


@dataclass
class Computer:
    """Facts about one machine and its licensing state.

    `oem_marker` is "present", "missing" (a SLIC table without a Windows marker) or "none" (no SLIC table: self-built, virtual).
    """

    name: str
    address: str
    os: Os
    world: Surroundings = field(repr=False)
    service: ServiceState = field(repr=False)
    language: str = "en"
    domain: str = ""
    office: tuple[str, ...] = ()
    office_host: bool = False
    domain_controller: bool = False
    oem_marker: str = "none"
    virtual: bool = True
    internet: bool = True
    dns_server: bool = True
    skew: timedelta = timedelta(0)
    events: EventLog = field(default_factory=EventLog, repr=False)
    stopped: set[str] = field(default_factory=set, repr=False)
    """Names of services that were stopped."""
    _registry: Registry | None = field(default=None, repr=False)

    @property
    def fqdn(self) -> str:
        """Host name with the domain's DNS suffix."""
        return f"{self.name}.{self.domain}" if self.domain else self.name

    @property
    def lcid(self) -> int:
        """Display language as Windows numbers it."""
        return LCID[self.language]

    @property
    def product_id(self) -> str:
        """The product ID the system page of Windows shows."""
        number = digits(18, "product id", self.name)
        return f"{number[:5]}-{number[5:10]}-{number[10:15]}-AA{number[15:]}"

    @property
    def clock_skew(self) -> timedelta:
        """How far the machine's clock is off."""
        fault = self.world.faults.get(self.name, "clock_skew")
        return self.skew if fault is None else timedelta(minutes=float(fault["minutes"]))

    def now(self) -> datetime:
        """The machine's own time, in UTC."""
        return self.world.clock.now() + self.clock_skew

    def skus(self) -> dict[str, Sku]:
        """All licences installed here by activation ID."""
        if not self.office and not self.office_host:
            return windows_skus(self.os)
        found = dict(windows_skus(self.os))
        for title in self.office:
            found.update({sku.id: sku for sku in office_skus(title)})
        if self.office_host:
            found.update({sku.id: sku for sku in map(office_host_sku, OFFICE_HOST_KEYS)})
        return found

    def fault(self, name: str) -> bool:
        """Whether a fault is on for this machine."""
        return self.world.faults.get(self.name, name) is not None

    @property
    def registry(self) -> Registry:
        """The registry, made when first looked at."""
        if self._registry is None:
            self._registry = fresh_registry(self)
            write_service(self)
        return self._registry

    @property
    def has_registry(self) -> bool:
        """Whether the registry was ever looked at; until then settings live in the service state alone."""
        return self._registry is not None

    def log(self, number: int, *strings: str) -> None:
        """Write an event with the machine's own time."""
        self.events.add(number, self.now(), *strings)
