# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulated computer: what it is, and the surroundings it can reach. Everything else works on this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Protocol

from ..truths import USUAL, Truths
from . import build_revisions
from .addons import addon_skus
from .batch_activation import BatchActivation
from .catalog import CSVLK, Sku, windows_skus
from .clock import Clock
from .editions import Os
from .eventlog import EventLog
from .faults import Faults
from .firewall import DOMAIN, KMS_PORT, OFF, PUBLIC, Firewall
from .identity import digits, machine_uuid
from .keys import KeyRing
from .license_files import Licenses
from .network import Resolver
from .office_catalog import host_sku
from .office_installation import Installation, is_in_ospp
from .publication import Publication, publications
from .registry import Registry
from .registry_content import fresh_registry, local_rules_ignored, write_revision
from .state import ProductState, ServiceState
from .telephone_activation import TelephoneActivation
from .wpa import WpaState

if TYPE_CHECKING:
    from .directories import Directories
    from .files import StoredFile

LCID = {"en": 1033, "ja": 1041}
_UPTIME = timedelta(days=9, hours=3, minutes=17)


class EstateContext(Protocol):
    """The estate as one computer sees it."""

    clock: Clock
    faults: Faults
    keys: KeyRing
    telephone_activation: TelephoneActivation
    batch_activation: BatchActivation
    resolver: Resolver
    directories: Directories
    random: Random

    def computer_at(self, address: str) -> Computer | None:
        """The computer that has this IP address."""

    def published(self, computer: Computer) -> None:
        """A computer's licensing service started, or 24 hours are over: it publishes its SRV records if it is a KMS host."""


@dataclass
class Computer:
    """Facts about one machine and its licensing state.

    `oem_marker` is "present", "missing" (a SLIC table without a Windows marker) or "none" (no SLIC table: self-built, virtual).
    """

    name: str
    address: str
    os: Os
    context: EstateContext = field(repr=False)
    service: ServiceState = field(repr=False)
    language: str = "en"
    domain: str = ""
    office: tuple[Installation, ...] = ()
    office_packs: tuple[str, ...] = ()
    """Volume license packs for Office host keys ("Office LTSC 2021")."""
    domain_controller: bool = False
    oem_marker: str = "none"
    virtual: bool = True
    internet: bool = True
    dns_server: bool = True
    skew: timedelta = timedelta(0)
    events: EventLog = field(default_factory=EventLog, repr=False)
    files: dict[str, StoredFile] = field(default_factory=dict, repr=False)
    """Files that were made, by their full names in lower case."""
    stopped: set[str] = field(default_factory=set, repr=False)
    """Names of services that were stopped."""
    manual: set[str] = field(default_factory=lambda: {"osppsvc"}, repr=False)
    """Names of services that start when they are needed; that of Office is one of them (general knowledge)."""
    _registry: Registry | None = field(default=None, repr=False)
    firewall: Firewall = field(default_factory=Firewall, repr=False)
    updates: frozenset[str] = frozenset()
    """Updates that are installed ("KB5003646")."""
    ubr: int = 1
    """The revision of the build, which cumulative updates raise."""
    outside_clients: int = 0
    """Clients of the organization that are not in the estate file and use this computer when it is a KMS host."""
    crashed: bool = False
    """Whether it lies dead: nothing on it answers or does anything."""
    rebuilds: int = 0
    """How often it was installed anew since the story began."""
    hardware_changes: int = 0
    """How often its hardware changed beyond what Windows tolerates. A new installation changes none of it."""
    next_publication: datetime | None = None
    """When, by the estate's clock, it publishes its SRV records again."""
    restart_seconds: float = 1.0
    """Seconds of real time for which nothing on it answers when somebody has it restart over the network."""
    licenses: Licenses = field(default_factory=Licenses, repr=False)
    """License files that were installed in the licensing service of Windows."""
    office_licenses: Licenses | None = field(default=None, repr=False)
    """Those in OSPP, the licensing service that Office 2010, and any Office on 6.1, brings; None without such an Office."""
    _ospp: ServiceState | None = field(default=None, repr=False)
    restarts_asked: int = 0
    """How often somebody did."""
    _booted: datetime | None = field(default=None, repr=False)

    truths: Truths = USUAL
    """What it does otherwise than the lab assumes of Windows."""
    wpa: WpaState | None = field(default=None, repr=False)
    """Windows Product Activation, where there is no licensing service yet: on Windows Server 2003."""

    @property
    def installation(self) -> str:
        """What identifiers are made from that a new installation makes anew."""
        return f"{self.name}#{self.rebuilds}" if self.rebuilds else self.name

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
        number = digits(18, "product id", self.installation)
        return f"{number[:5]}-{number[5:10]}-{number[10:15]}-AA{number[15:]}"

    @property
    def clock_skew(self) -> timedelta:
        """How far the machine's clock is off."""
        fault = self.context.faults.get(self.name, "clock_skew")
        return self.skew if fault is None else timedelta(minutes=float(fault["minutes"]))

    def now(self) -> datetime:
        """The machine's own time, in UTC."""
        return self.context.clock.now() + self.clock_skew

    @property
    def booted(self) -> datetime:
        """When it was started the last time, by its own clock; some days before the story begins."""
        if self._booted is None:
            self._booted = self.now() - _UPTIME
        return self._booted

    def note_start(self) -> None:
        """It starts, which takes a while: a moment later than everything that happened before."""
        self._booted = self.now() + timedelta(seconds=self.restart_seconds)

    def restart_asked(self) -> bool:
        """Somebody has it restart over the network; False when a program on it holds the restart up, which nobody is told."""
        if self.fault("restart_held_up"):
            return False
        self.restarts_asked += 1
        return True

    @property
    def stays_down(self) -> bool:
        """Whether it hangs when it restarts."""
        return self.fault("restart_hangs")

    def skus(self) -> dict[str, Sku]:
        """All licenses in the licensing service of Windows by activation ID."""
        windows = windows_skus(self.os, self.updates, self.ubr)
        extra = addon_skus(self.os, self.updates, self.ubr)
        if not self.office and not self.office_packs and not self.licenses.skus and not extra:
            return windows
        found = {**windows, **extra, **self.licenses.skus}
        found.update({sku.id: sku for sku in self._brought() if not is_in_ospp(sku, self.os.generation)})
        found.update({sku.id: sku for sku in map(host_sku, self.office_packs)})
        return found

    def _brought(self) -> Iterator[Sku]:
        for installation in self.office:
            yield from installation.skus()

    def brings_ospp(self) -> bool:
        """Whether one of its Office products brings OSPP."""
        return any(is_in_ospp(sku, self.os.generation) for sku in self._brought())

    def ospp_skus(self) -> dict[str, Sku]:
        """The licenses in OSPP by activation ID."""
        if self.office_licenses is None:
            return {}
        return {**self.office_licenses.skus, **{sku.id: sku for sku in self._brought() if is_in_ospp(sku, self.os.generation)}}

    @property
    def ospp(self) -> ServiceState:
        """The state of OSPP. Without an Office that brings it, nothing is in it."""
        if self._ospp is None:
            self._ospp = ServiceState(machine_uuid("ospp cmid", self.installation))
        return self._ospp

    def service_of(self, sku: Sku) -> ServiceState:
        """The licensing service that has a license: that of Windows or that of Office."""
        return self.ospp if is_in_ospp(sku, self.os.generation) else self.service

    @property
    def first_account(self) -> str:
        """The account of somebody at the computer itself."""
        return ""

    def password_of(self, _user: str) -> str | None:
        """The password of an account, None if there is no such account."""
        return None

    def keyed(self) -> list[ProductState]:
        """Products with a key, in whichever licensing service."""
        return self.service.keyed() + (self._ospp.keyed() if self._ospp else [])

    def remove_office(self) -> None:
        """No Office and nothing that belongs to one, as after a new installation of Windows."""
        self.office = self.office_packs = ()
        self.office_licenses = self._ospp = None

    def add_update(self, update: str) -> None:
        """Have an update; a cumulative one raises the revision of the build."""
        self.updates |= {update}
        self.ubr = max(self.ubr, build_revisions.brought_by(self.os, [update]))
        if self._registry is not None:
            write_revision(self._registry, self)

    def fault(self, name: str) -> bool:
        """Whether a fault is on for this machine."""
        return self.context.faults.get(self.name, name) is not None

    @property
    def kms_port(self) -> int:
        """The port the running licensing service takes KMS requests on."""
        return self.service.port_in_use or KMS_PORT

    def serves_kms(self) -> bool:
        """Whether KMS runs here: a KMS host key is installed, and the licensing service runs."""
        running = not self.crashed and "sppsvc" not in self.stopped
        return running and any(product.sku.channel == CSVLK for product in self.service.keyed())

    def kms_reachable(self) -> bool:
        """Whether a client gets through to the KMS of this computer, on the port in use."""
        if not self.serves_kms() or any(self.fault(name) for name in ("kms_host_down", "kms_port_closed", "kms_port_speaks")):
            return False
        profile = DOMAIN if self.domain else PUBLIC
        if self._registry is not None and self.firewall.state != OFF and local_rules_ignored(self._registry, profile):
            return False
        return self.firewall.allows(self.kms_port, profile)

    def publications(self) -> list[Publication]:
        """The SRV records it publishes as a KMS host; empty when it publishes none."""
        return publications(self)

    @property
    def registry(self) -> Registry:
        """The registry, made when first looked at."""
        if self._registry is None:
            self._registry = self.new_registry()
        return self._registry

    def new_registry(self) -> Registry:
        """The registry of a new installation with the state the machine is in."""
        return fresh_registry(self)

    @property
    def has_registry(self) -> bool:
        """Whether the registry was ever looked at; until then settings live in the service state alone."""
        return self._registry is not None

    def forget_registry(self) -> None:
        """The registry is that of a new installation again."""
        self._registry = None

    def log(self, number: int, *strings: str) -> None:
        """Write an event with the machine's own time."""
        self.events.add(number, self.now(), *strings)
