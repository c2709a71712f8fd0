# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The estate: all machines with the network, the clock, Microsoft's service and the switchboard of faults around them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any

from . import build, estate_batch, estate_keys, lifecycle, publication, timeline
from .batch_activation import BatchActivation
from .clock import Clock
from .computer import Computer
from .directories import Directories
from .dns_service import NO_DNS, DnsService
from .estate_accounts import DEFAULT_ACCOUNTS, read_accounts
from .estate_directories import read_directories
from .estate_file import EstateError, Node, read_file
from .estate_logon import read_listen
from .estate_proxies import read_proxies
from .faults import Faults
from .keys import KeyRing
from .machine import Listen, Machine
from .network import NoDns, Resolver
from .publication import Publisher
from .snapshot import snapshot
from .states import KmsPeer
from .telephone_activation import TelephoneActivation
from .zone import FIRST_OWNER, NO_UPDATES, SECURE, Zone

ESTATE_ENTRIES = ("title", "seed", "clock", "accounts", "defaults", "dns", "domains", "kms_hosts", "microsoft", "machines", "http_proxies",
                  "directories")  # fmt: skip
COUNT_VARIABLE = "WINLAB_MACHINES_COUNT"


class Estate:
    """A running estate. Make one with :func:`load_estate`; DNS is there between start and stop."""

    def __init__(self, root: Node, count: int | None) -> None:
        root.mapping(ESTATE_ENTRIES)
        self.title = str(root.value.get("title", ""))
        self.clock = _clock(root.child("clock"))
        self.random = Random(root.child("seed", 1).integer())
        self.faults = Faults()
        microsoft = root.child("microsoft")
        microsoft.mapping(("keys", "batch_activation"))
        self.keys = KeyRing(estate_keys.read_keys(microsoft.child("keys")))
        self.telephone_activation = TelephoneActivation(self.keys, self.faults)
        listen = estate_batch.read_batch(microsoft.child("batch_activation"))
        self.batch_activation = BatchActivation(self.keys, self.faults, self.telephone_activation, listen)
        self.http_proxies = read_proxies(root.child("http_proxies"))
        self.directories = Directories(read_directories(root.child("directories"), self.keys))
        self.resolver: Resolver = NoDns({})
        self._machines: dict[str, Machine] = {}
        self._by_address: dict[str, Machine] = {}
        self._zones: dict[str, Zone] = {}
        self.publisher: Publisher | None = None
        """Sends the SRV records of KMS hosts; there is one while the DNS server runs."""
        self._dns: DnsService | None = None
        self._uses_dns = root.child("dns", "bind").one_of("bind", "none") == "bind"
        _Builder(self, root).run(count)
        if listen is not None and listen.address in self._by_address:
            raise microsoft.child("batch_activation").fail(f"{self._by_address[listen.address].name} has {listen.address} already")
        self.resolver = NoDns({machine.fqdn: machine.address for machine in self._machines.values()})

    @property
    def machines(self) -> Mapping[str, Machine]:
        """Machines by name, KMS hosts among them."""
        return self._machines

    def computer_at(self, address: str) -> Computer | None:
        """The machine at an address."""
        return self._by_address.get(address)

    def add(self, machine: Machine, where: Node) -> None:
        """Take a machine in; names and addresses are unique."""
        if machine.name in self._machines:
            raise where.fail(f"there are two machines named {machine.name}")
        if machine.address in self._by_address:
            raise where.fail(f"{machine.name} and {self._by_address[machine.address].name} both have {machine.address}")
        self._machines[machine.name] = machine
        self._by_address[machine.address] = machine

    def zone(self, domain: str) -> Zone:
        """The DNS zone of a domain, made when first asked for."""
        return self._zones.setdefault(domain, Zone(domain))

    async def start(self, run_dir: str | Path, keytab: Path | None = None) -> None:
        """Start the DNS server with its files in `run_dir`; raises BindMissing when there is no named.

        `keytab` has the key DNS/NAME with which the server accepts the tickets of the principals that a domain names.
        """
        if self._uses_dns and self._zones:
            self._dns = await DnsService.start(Path(run_dir) / "dns", self._zones, self.clock, keytab)
            self.resolver = self._dns.resolver
            self.publisher = self._dns.publisher
        self.directories.start(Path(run_dir) / "directories", kerberos=keytab is not None)
        for machine in self._machines.values():
            self.published(machine)

    async def stop(self) -> None:
        """Stop the directories and the DNS server; safe to call twice."""
        self.directories.stop()
        if self._dns is not None:
            await self._dns.stop()
            self._dns = self.publisher = None

    @property
    def dns_port(self) -> int | None:
        """Port of the DNS server on 127.0.0.1, None when there is none."""
        return None if self._dns is None else self._dns.port

    def dns(self) -> dict[str, Any]:
        """The DNS server: server, port, zones, key_name, key_algorithm; all empty without one."""
        return dict(NO_DNS) if self._dns is None else self._dns.describe()

    def inventory_variables(self) -> dict[str, Any]:
        """Variables of all hosts of an inventory: how to update DNS records, and the first directory."""
        return {**self.directories.variables(""), **({} if self._dns is None else self._dns.inventory_variables())}

    def srv_records(self, domain: str) -> list[dict[str, Any]]:
        """The SRV records of a domain now; raises KeyError for a domain without a zone here."""
        if self._dns is None:
            raise KeyError(domain)
        return self._dns.records(domain)

    def dns_updates(self) -> list[dict[str, Any]]:
        """Dynamic updates since the start or the last reset, in order (see update_log)."""
        return [] if self._dns is None else self._dns.updates()

    def reset_dns_updates(self) -> None:
        """Begin a new history of updates."""
        if self._dns is not None:
            self._dns.forget_updates()

    def snapshot(self, name: str) -> dict[str, Any]:
        """Everything there is to know about a machine, as JSON-able data; raises KeyError."""
        return snapshot(self._machines[name])

    def set_fault(self, machine: str, fault: str, **params: Any) -> None:
        """Switch a fault on for a machine or for "*"; raises ValueError for an unknown machine, fault or parameter."""
        if machine != "*" and machine not in self._machines:
            raise ValueError(f"no machine {machine!r} in this estate")
        self.faults.set(machine, fault, **params)
        self.resolver.flush()

    def clear_faults(self) -> None:
        """Switch all faults off."""
        self.faults.clear()
        self.resolver.flush()

    def published(self, computer: Computer) -> None:
        """A KMS host publishes its SRV records, now and again in 24 hours; other computers do nothing."""
        records = computer.publications()
        computer.next_publication = self.clock.now() + publication.EVERY if records else None
        if records:
            publication.announce(computer, records, self.publisher)

    def crash(self, name: str) -> None:
        """A machine dies: WinRM, KMS and publishing stop until power_on or rebuild; raises KeyError."""
        lifecycle.crash(self._machines[name])

    def power_on(self, name: str) -> None:
        """A crashed machine starts again as it was; raises KeyError."""
        lifecycle.power_on(self._machines[name])

    def rebuild(self, name: str) -> None:
        """A machine is installed anew under its old name and address; raises KeyError."""
        lifecycle.rebuild(self._machines[name])

    def change_hardware(self, name: str) -> None:
        """Hardware of a machine is replaced, more of it than Windows tolerates; raises KeyError."""
        lifecycle.change_hardware(self._machines[name])

    def install_update(self, name: str, update: str) -> None:
        """Install an update on a machine and restart it; raises KeyError, and ValueError for what is no update."""
        lifecycle.install_update(self._machines[name], update)

    def leave_domain(self, name: str) -> None:
        """A machine leaves its domain, which the licensing service notices when it starts; raises KeyError."""
        lifecycle.leave_domain(self._machines[name])

    def join_domain(self, name: str, domain: str) -> None:
        """A machine joins a domain; raises KeyError, and ValueError for a domain without a directory."""
        if not self.directories.has(domain):
            raise ValueError(f"the domain {domain} has no directory")
        lifecycle.join_domain(self._machines[name], domain.casefold())

    def phone(self, installation_id: str) -> str:
        """What Microsoft's telephone service answers to an installation ID; raises ValueError with what it says when it refuses."""
        return self.telephone_activation.answer(installation_id)

    def advance(self, span: timedelta) -> None:
        """Let time pass: renewals and retries of all KMS clients happen on the way."""
        with self.directories.time_passes():
            timeline.advance(self.clock, list(self._machines.values()), span)


class _Builder:
    """Reads the entries in the order they depend on each other."""

    def __init__(self, estate: Estate, root: Node) -> None:
        self._estate, self._root = estate, root
        entries = dict(root.child("defaults").mapping())
        accounts = read_accounts(root.child("accounts", DEFAULT_ACCOUNTS), {})
        listen = read_listen(Node(entries.pop("listen", {}), f"{root.where}.defaults.listen"), Listen())
        self._defaults = build.Defaults(listen, accounts, entries)
        self._hosts: dict[str, KmsPeer] = {}

    def run(self, count: int | None) -> None:
        for node in self._root.child("kms_hosts").items():
            self._add_host(node)
        self._check_defaults()
        entries = list(self._root.child("machines").items())
        for node, size in zip(entries, build.sizes(entries, count), strict=True):
            for machine in build.machines(node, self._estate, self._defaults, self._hosts, size):
                self._estate.add(machine, node)
        self._fill_zones()

    def _check_defaults(self) -> None:
        Node(dict(self._defaults.entries), f"{self._root.where}.defaults").mapping(build.MACHINE_ENTRIES)

    def _add_host(self, node: Node) -> None:
        machine, told = build.kms_host(node, self._estate, self._defaults)
        self._estate.add(machine, node)
        self._hosts[machine.name.casefold()] = KmsPeer(machine, bool(told.domains))
        for domain in told.domains:
            self._hosts.setdefault(domain, KmsPeer(machine, True))
            self._estate.zone(domain).add_service(told.priority, told.weight, machine.kms_port, machine.fqdn, machine.name)

    def _fill_zones(self) -> None:
        domains = self._root.child("domains")
        for name in domains.mapping():
            domain = domains.child(str(name))
            domain.mapping(("hosts", "srv", "updates", "principals"))
            zone = self._estate.zone(str(name))
            for host, address in domain.child("hosts").mapping().items():
                zone.add_address(f"{host}.{name}", Node(address, f"{domain.where}.hosts.{host}").address())
            zone.principals = domain.child("principals", []).texts()
            silent = domain.child("srv", "auto").one_of("auto", "none") == "none"
            if silent:
                zone.remove_services()
            # A domain that begins without records stays so, unless the file says who may change that.
            zone.updates = domain.child("updates", NO_UPDATES if silent else SECURE).one_of(SECURE, FIRST_OWNER, NO_UPDATES)
        for name in self._estate.directories.domains:
            planned = self._estate.directories.planned(name)
            assert planned is not None
            self._estate.zone(name).add_directory(planned.host, planned.address, planned.port)
        for machine in self._estate.machines.values():
            if machine.domain:
                self._estate.zone(machine.domain).add_address(machine.fqdn, machine.address)


def _clock(node: Node) -> Clock:
    node.mapping(("start", "ticking"))
    start = node.child("start").value
    if start is not None and not isinstance(start, datetime):
        raise node.child("start").fail("must be a time such as 2026-11-20T09:00:00Z")
    if start is not None and start.tzinfo is None:
        start = start.replace(tzinfo=timezone.utc)
    return Clock(start, ticking=node.child("ticking", True).flag())


def load_estate(path: str | Path, settings: Mapping[str, Any] | None = None) -> Estate:
    """Read an estate file.

    `settings` overrides: "machines.count" is the total of all machine entries that have a count (also from the environment
    variable WINLAB_MACHINES_COUNT). Raises EstateError naming the place in the file.
    """
    wanted = dict(settings or {})
    count = wanted.pop("machines.count", os.environ.get(COUNT_VARIABLE))
    if wanted:
        raise EstateError(f"unknown setting {', '.join(wanted)}; known: machines.count")
    try:
        number = None if count in (None, "") else int(str(count))
    except ValueError as error:
        raise EstateError(f"machines.count must be a whole number, not {count!r}") from error
    return Estate(read_file(Path(path)), number)


__all__ = ["Estate", "EstateError", "load_estate"]
