# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry `directories` of an estate file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from winlab.directory.names import escape

from . import activation_objects
from .catalog import CSVLK, HOST_KEYS, Sku, host_key_sku
from .directories import DomainDirectory
from .editions import parse_os
from .estate_file import Node
from .identity import digits, extended_pid, machine_uuid
from .keys import KeyRing, LabKey
from .office_catalog import HOST_KEYS as OFFICE_HOST_KEYS
from .office_catalog import host_sku

if TYPE_CHECKING:
    from winlab.directory.tree import Tree

OWN_ENTRIES = ("forest", "name", "address", "port", "tls_port", "accounts", "objects", "read_only", "schema", "container")
REAL_ENTRIES = ("server", "address", "port", "tls_port", "ca_file", "account", "password", "accounts")
OBJECT_ENTRIES = ("name", "display_name", "host_key", "key", "age_days", "method")
ACCOUNT_ENTRIES = ("password", "rights", "state")
RIGHTS = ("reader", "admin", "none")
STATES = ("locked", "disabled", "expired", "password_expired", "password_must_change")
DEFAULT_PORT, DEFAULT_TLS_PORT = 10389, 10636
MACHINES = "winlab-machines"
"""The account of the simulated machines in a directory of the lab's own."""
_SOME_OS = "Server 2025 Standard"


class Planned(Protocol):
    """A directory before it runs."""

    @property
    def address(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def forest(self) -> str: ...
    @property
    def objects(self) -> tuple[PlannedObject, ...]: ...
    def start(self, folder: Path, trees: dict[str, Tree], *, kerberos: bool) -> DomainDirectory: ...


@dataclass(frozen=True)
class PlannedObject:
    """An activation object that is there when the story begins."""

    name: str
    display_name: str
    sku: Sku
    key: str = field(repr=False)
    age: timedelta
    by_telephone: bool

    @property
    def extended_pid(self) -> str:
        """The extended PID of its host key."""
        return extended_pid(parse_os(_SOME_OS), "activation object", self.sku, self.key,
                            when=datetime(2026, 1, 2, tzinfo=timezone.utc), lcid=1033)  # fmt: skip

    def dn(self, forest: str) -> str:
        """Its distinguished name in a forest."""
        above = ("Activation Objects", "Microsoft SPP", "Services", "Configuration")
        return ",".join([f"CN={escape(self.name)}", *(f"CN={each}" for each in above), *(f"DC={label}" for label in forest.split("."))])

    def attributes(self) -> dict[str, Any]:
        """What it is in the directory."""
        made = activation_objects.attributes(self.sku, self.key, self.extended_pid)
        if self.by_telephone:
            iid = digits(63, "iid", self.name, self.sku.id)
            made = activation_objects.by_telephone(made, iid, digits(48, "cid", iid))
        return {**made, **({"displayName": self.display_name} if self.display_name else {})}


@dataclass(frozen=True)
class OwnDirectory:
    """A directory that the lab runs."""

    domain: str
    forest: str
    host: str
    address: str
    port: int
    tls_port: int
    accounts: Mapping[str, Mapping[str, str]] = field(repr=False)
    objects: tuple[PlannedObject, ...]
    read_only: bool
    schema: int
    container: bool

    def start(self, folder: Path, trees: dict[str, Tree], *, kerberos: bool) -> DomainDirectory:
        """Run it; `trees` has what is in the forests that run already. Raises OSError."""
        from winlab.directory.accounts import DirectoryAccount, Settings  # noqa: PLC0415  # only estates with directories need ldap3
        from winlab.directory.client import Target  # noqa: PLC0415
        from winlab.directory.server import DirectoryServer  # noqa: PLC0415
        from winlab.directory.tree import Tree  # noqa: PLC0415

        tree = trees.get(self.forest)
        if tree is None:
            tree = trees[self.forest] = Tree(self.forest, schema=self.schema, container=self.container)
            tree.add_domain(self.forest)
        tree.add_domain(self.domain)
        for each in self.objects:
            tree.create(each.name, each.attributes(), datetime.now(timezone.utc) - each.age)
        password = machine_uuid("machine account", self.domain)
        known = {name: DirectoryAccount(name, account["password"], account["rights"], account.get("state", ""))
                 for name, account in self.accounts.items()}  # fmt: skip
        known[MACHINES] = DirectoryAccount(MACHINES, password)
        settings = Settings(self.domain, self.forest, self.host, self.address, self.port, self.tls_port, known, read_only=self.read_only)
        server = DirectoryServer(settings, tree, folder, kerberos=kerberos)
        server.start()
        target = Target(self.host, self.address, self.tls_port, server.authority.path)
        return DomainDirectory(self.domain, target, f"{MACHINES}@{self.domain}", password, self.accounts, self.port, server)


@dataclass(frozen=True)
class RealDirectory:
    """A domain controller that runs without the lab."""

    domain: str
    host: str
    address: str
    port: int
    tls_port: int
    ca_file: Path
    account: str
    password: str = field(repr=False)
    accounts: Mapping[str, Mapping[str, str]] = field(repr=False)
    objects: tuple[PlannedObject, ...] = ()

    @property
    def forest(self) -> str:
        """Its forest, which the lab does not know."""
        return self.domain

    def start(self, folder: Path, trees: dict[str, Tree], *, kerberos: bool) -> DomainDirectory:
        """It runs already."""
        from winlab.directory.client import Target  # noqa: PLC0415  # only estates with directories need ldap3

        del folder, trees, kerberos
        target = Target(self.host, self.address, self.tls_port, self.ca_file)
        return DomainDirectory(self.domain, target, self.account, self.password, self.accounts, self.port)


def read_directories(node: Node, keys: KeyRing) -> dict[str, Planned]:
    """The directories by domain, in lower case; raises EstateError."""
    found: dict[str, Planned] = {}
    for name in node.mapping():
        child, domain = node.child(str(name)), str(name).casefold()
        found[domain] = _real(domain, child) if "server" in child.mapping() else _own(domain, child, keys)
    _check_forests(node, found)
    return found


def _check_forests(node: Node, found: Mapping[str, Planned]) -> None:
    for domain, planned in found.items():
        if not isinstance(planned, OwnDirectory) or planned.forest == domain:
            continue
        if not isinstance(found.get(planned.forest), OwnDirectory):
            raise node.child(domain).fail(f"the forest {planned.forest} has no directory of the lab's own")
        if list(found).index(planned.forest) > list(found).index(domain) or planned.objects:
            raise node.child(domain).fail("a domain of a forest comes behind the forest, which has the objects")


def _own(domain: str, node: Node, keys: KeyRing) -> OwnDirectory:
    node.mapping(OWN_ENTRIES)
    label = node.child("name", "dc1").text()
    schema = node.child("schema", 69).integer(13, 99)
    has_container = node.child("container", schema >= 48).flag()
    objects = tuple(_object(item, keys, domain) for item in node.child("objects").items())
    if len({each.name.casefold() for each in objects}) < len(objects):
        raise node.child("objects").fail("two objects have one name")
    if objects and not (has_container and schema >= 48):
        raise node.child("objects").fail("there is no container for them")
    return OwnDirectory(
        domain, node.child("forest", domain).text().casefold(), f"{label}.{domain}", _loopback(node.child("address")),
        node.child("port", DEFAULT_PORT).integer(1, 65535), node.child("tls_port", DEFAULT_TLS_PORT).integer(1, 65535),
        _accounts(node.child("accounts")), objects, node.child("read_only", False).flag(), schema, has_container,
    )  # fmt: skip


def _real(domain: str, node: Node) -> RealDirectory:
    node.mapping(REAL_ENTRIES)
    account = node.child("account").text()
    port = node.child("port", 636).integer(1, 65535)
    return RealDirectory(
        domain, node.child("server").text(), node.child("address", node.child("server").value).text(),
        389 if port == 636 else port, node.child("tls_port", port).integer(1, 65535), Path(node.child("ca_file").text()),
        account if "@" in account or "\\" in account or "=" in account else f"{account}@{domain}", node.child("password").text(),
        _accounts(node.child("accounts")),
    )  # fmt: skip


def _loopback(node: Node) -> str:
    address = node.address()
    if not address.startswith("127."):
        raise node.fail(f"{address} is not in 127.0.0.0/8: the lab listens on loopback only")
    return address


def _accounts(node: Node) -> dict[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    for name in node.mapping():
        child = node.child(str(name))
        child.mapping(ACCOUNT_ENTRIES)
        state = child.child("state")
        found[str(name)] = {
            "password": child.child("password").text(),
            "rights": child.child("rights", "reader").one_of(*RIGHTS),
            **({} if state.value is None else {"state": state.one_of(*STATES)}),
        }
    return found


def object_sku(name: str) -> Sku:
    """The license of a host key by its name; raises ValueError."""
    if name in OFFICE_HOST_KEYS:
        return host_sku(name)
    found = next((key for key in HOST_KEYS if key.name == name), None)
    if found is None:
        raise ValueError(f"{name!r} is no host key; known: {', '.join([*(key.name for key in HOST_KEYS), *OFFICE_HOST_KEYS])}")
    return host_key_sku(found)


def _object(node: Node, keys: KeyRing, domain: str) -> PlannedObject:
    node.mapping(OBJECT_ENTRIES)
    try:
        sku = object_sku(node.child("host_key").text())
    except ValueError as error:
        raise node.child("host_key").fail(str(error)) from error
    assert sku.host_key is not None
    key = _key(node.child("key"), keys, sku)
    key.count(f"forest of {domain}")
    text, age = node.child("display_name"), timedelta(days=node.child("age_days", 0).number(0, 10_000))
    return PlannedObject(
        node.child("name", f"{sku.host_key.name} activation object").text(), "" if text.value is None else text.text(), sku, key.key,
        age, node.child("method", "online").one_of("online", "telephone") == "telephone",
    )  # fmt: skip


def _key(node: Node, keys: KeyRing, sku: Sku) -> LabKey:
    assert sku.host_key is not None
    if node.value is None:
        return keys.for_product(CSVLK, sku.host_key.name)
    found = keys.of(node.text())
    if found is None or found.channel != CSVLK or sku.host_key.name not in found.fits:
        raise node.fail(f"no host key of microsoft.keys for {sku.host_key.name} ends in {node.text()[-5:]}")
    return found
