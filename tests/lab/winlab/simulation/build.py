# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the entries of an estate file to machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeAlias

from . import genuine, hosting, publication, states
from .computer import EstateContext
from .earlier_events import earlier_events
from .editions import Os, parse_os
from .estate_accounts import read_accounts
from .estate_addons import begin_addons, read_revision
from .estate_file import Node, addresses, expand_names
from .estate_logon import of_release, read_listen, read_mappings
from .estate_tokens import begin_tokens
from .estate_truths import read_truths
from .firewall import CLOSED, OFF, OPEN, Firewall
from .identity import machine_uuid
from .license_files import Licenses
from .lifecycle import UPDATE
from .machine import Listen, Machine
from .machine_2003 import machine_type
from .office_states import Office, begin_office, read_applications, read_office
from .rights import Account
from .served import VISTA
from .state import KmsSettings, ServiceState, first_rearms

MACHINE_ENTRIES = ("name", "address", "count", "os", "build", "language", "state", "domain", "listen", "tags", "accounts", "office",
                   "oem_marker", "virtual", "internet", "dns_server", "clock_skew_minutes", "cmid", "kms_host", "kms_port",
                   "lookup_domain", "host_caching", "activation_type", "days_since_activation", "key", "host_key", "outside_clients",
                   "listening_port", "domain_controller", "firewall", "updates", "office_host_packs", "publish", "pin", "events",
                   "genuine", "rearms_left", "restart_seconds", "office_service", "application_kms_host", "ubr", "esu",
                   "truths", "certificate_mappings", "token_licenses",
                   "left_domain")  # fmt: skip
KMS_HOST_ENTRIES = ("name", "address", "os", "build", "language", "domain", "listen", "tags", "accounts", "host_key", "office_host_keys",
                    "outside_clients", "listening_port", "publish", "priority", "weight", "activated", "firewall", "updates",
                    "office_host_packs", "events", "genuine", "restart_seconds", "ubr", "esu", "truths",
                    "certificate_mappings")  # fmt: skip
_PORTS = range(1, 65536)
KmsPeers: TypeAlias = Mapping[str, states.KmsPeer]


@dataclass(frozen=True)
class Publication:
    """A KMS host's SRV records."""

    domains: tuple[str, ...]
    priority: int
    weight: int


@dataclass(frozen=True)
class Defaults:
    """What every machine has unless its entry says otherwise."""

    listen: Listen
    accounts: Mapping[str, Account]
    entries: Mapping[str, Any]


def _os(node: Node) -> Os:
    build = node.child("build")
    try:
        return parse_os(node.child("os").text(), None if build.value is None else build.integer(1))
    except ValueError as error:
        raise node.child("os").fail(str(error)) from error


def _settings(node: Node) -> KmsSettings:
    port, kind = node.child("kms_port", 0), node.child("activation_type", 0)
    return KmsSettings(
        node.child("kms_host").text() if node.child("kms_host").value else "",
        port.integer(0, 65535),
        node.child("lookup_domain").text() if node.child("lookup_domain").value else "",
        kind.integer(0, 3),
    )


def _common(node: Node, context: EstateContext, defaults: Defaults, os: Os, *, name: str, address: str) -> Machine:
    cmid = node.child("cmid")
    rearms = node.child("rearms_left", first_rearms(os)).integer()
    service = ServiceState(cmid.text() if cmid.value else machine_uuid("cmid", name), rearms_left=rearms)
    machine = machine_type(os)(
        name, address, os, context, service,
        language=node.child("language", "en").one_of("en", "ja"),
        domain=node.child("domain").text() if node.child("domain").value else "",
        listen=of_release(read_listen(node.child("listen"), defaults.listen), os, _updates(node.child("updates"))),
        tags=node.child("tags", []).texts(),
        accounts=read_accounts(node.child("accounts"), defaults.accounts),
        certificate_mappings=read_mappings(node.child("certificate_mappings")),
        updates=_updates(node.child("updates")),
        outside_clients=node.child("outside_clients", 0).integer(),
        restart_seconds=node.child("restart_seconds", 1.0).number(),
    )  # fmt: skip
    machine.truths = machine.service.truths = read_truths(node.child("truths"))
    machine.ubr = read_revision(node.child("ubr"), os, machine.updates)
    try:
        for family in node.child("office_host_packs", []).texts():
            hosting.add_office_pack(machine, family)
    except ValueError as error:
        raise node.child("office_host_packs").fail(str(error)) from error
    return machine


def _updates(node: Node) -> frozenset[str]:
    found = frozenset(node.texts() if node.value else ())
    if any(UPDATE.fullmatch(name) is None for name in found):
        raise node.fail("an update is named like KB5003646")
    return found


def _firewall(node: Node, machine: Machine, usual: str) -> Firewall:
    told = node.child("firewall", usual)
    state = OFF if told.value is False else told.one_of(OPEN, CLOSED, OFF)  # YAML reads a bare off as false
    return Firewall(machine.os.server, state, machine.kms_port)


def _publishing(machine: Machine, domains: tuple[str, ...], priority: int, weight: int) -> None:
    """Make a KMS host publish these domains by itself; without its own among them an administrator has turned that off."""
    own = machine.domain.casefold()
    machine.service.dns_publishing = own in [domain.casefold() for domain in domains]
    if machine.service.dns_publishing:
        usual = (priority, weight) == (0, 0)
        machine.service.publish_list = tuple(
            publication.line(domain, priority, weight) for domain in domains if domain.casefold() != own or not usual
        )


def kms_host(node: Node, context: EstateContext, defaults: Defaults) -> tuple[Machine, Publication]:
    """One entry of kms_hosts: a machine that is a KMS host already."""
    merged = _merged(node, defaults, KMS_HOST_ENTRIES)
    name, os = merged.child("name").text(), _os(merged)
    if os.generation < VISTA:
        raise merged.child("os").fail(f"{os.release.name} is no KMS host here")
    machine = _common(merged, context, defaults, os, name=name, address=addresses(merged.child("address"), 1)[0])
    earlier_events(merged.child("events"), machine)
    try:
        if merged.child("host_key").value is not False:
            hosting.install_host_key(machine, merged.child("host_key").text() if merged.child("host_key").value else "")
        for family in merged.child("office_host_keys", []).texts():
            hosting.install_host_key(machine, family)
    except (ValueError, KeyError) as error:
        raise merged.child("host_key").fail(str(error)) from error
    if not merged.child("activated", True).flag():
        for product in machine.service.keyed():
            product.begin_grace(machine.now())
    genuine.begin(machine, merged.child("genuine", "ok").one_of(*genuine.REASONS))
    begin_addons(merged.child("esu"), machine)
    machine.service.listening_port = merged.child("listening_port", 0).integer(0, 65535)
    machine.firewall = _firewall(merged, machine, OPEN)
    domains = merged.child("publish", [machine.domain] if machine.domain else []).texts()
    publication = Publication(domains, merged.child("priority", 0).integer(0, 65535), merged.child("weight", 0).integer(0, 65535))
    if machine.domain:
        _publishing(machine, domains, publication.priority, publication.weight)
    return machine, publication


def _merged(node: Node, defaults: Defaults, allowed: tuple[str, ...]) -> Node:
    given = node.mapping(allowed)
    return Node({**{name: value for name, value in defaults.entries.items() if name in allowed}, **given}, node.where)


def group_size(node: Node) -> int | None:
    """The count a machine entry gives, None when its name says how many."""
    count = node.child("count")
    return None if count.value is None else count.integer(0, 100_000)


def sizes(entries: list[Node], total: int | None) -> list[int | None]:
    """How many machines each entry makes when the total of all entries with a count is overridden."""
    counts = [group_size(entry) for entry in entries]
    planned = sum(size for size in counts if size is not None)
    if total is None or planned == 0:
        return list(counts)
    sizes: list[int | None] = []
    given, seen = 0, 0
    for size in counts:
        if size is None:
            sizes.append(None)
            continue
        seen += size
        share = total * seen // planned - given
        sizes.append(share)
        given += share
    return sizes


def machines(node: Node, context: EstateContext, defaults: Defaults, hosts: KmsPeers, count: int | None) -> list[Machine]:
    """All machines of one entry; `count` overrides how many."""
    merged = _merged(node, defaults, MACHINE_ENTRIES)
    names = expand_names(merged.child("name"), count if count is not None else group_size(merged))
    places = addresses(merged.child("address"), len(names))
    template = _template(merged, context, defaults)
    return [template.make(name, address, hosts) for name, address in zip(names, places, strict=True)]


@dataclass(frozen=True)
class _Template:
    """One machine entry, checked once and stamped out many times."""

    node: Node
    context: EstateContext
    sample: Machine
    settings: KmsSettings
    options: states.Options
    state: str
    office: tuple[Office, ...]
    skew: timedelta
    publish: tuple[str, ...] | None

    def make(self, name: str, address: str, hosts: KmsPeers) -> Machine:
        sample, node = self.sample, self.node
        cmid = node.value.get("cmid") or machine_uuid("cmid", name)
        service = ServiceState(cmid, KmsSettings(**vars(self.settings)), host_caching=sample.service.host_caching,
                               rearms_left=sample.service.rearms_left)  # fmt: skip
        service.listening_port = sample.service.listening_port
        machine = type(sample)(
            name, address, sample.os, self.context, service, sample.language, sample.domain, sample.office, sample.office_packs,
            sample.domain_controller, sample.oem_marker, sample.virtual, sample.internet, sample.dns_server, self.skew,
            listen=sample.listen, tags=sample.tags, accounts=sample.accounts,
            certificate_mappings=sample.certificate_mappings, updates=sample.updates, ubr=sample.ubr,
            outside_clients=sample.outside_clients, firewall=replace(sample.firewall), restart_seconds=sample.restart_seconds,
            office_licenses=Licenses() if sample.office_licenses else None,
        )  # fmt: skip
        machine.truths = service.truths = sample.truths
        if self.publish is not None:
            _publishing(machine, self.publish, 0, 0)
        if machine.truths.stopped_service == "fails":
            machine.stopped.add("sppsvc")
        earlier_events(node.child("events"), machine)
        begin_tokens(node.child("token_licenses"), machine)
        peer = hosts.get(self.options.kms_host.split(".")[0].casefold()) or hosts.get(machine.domain)
        try:
            machine.STATES[self.state](machine, self.options, peer)
        except ValueError as error:
            raise node.child("state").fail(f"{self.state}: {error}") from error
        if node.child("left_domain", False).flag():
            machine.domain = ""
        genuine.begin(machine, node.child("genuine", "ok").one_of(*genuine.REASONS))
        begin_addons(node.child("esu"), machine)
        read_applications(node.child("application_kms_host"), machine)
        try:
            begin_office(machine, self.office, hosts)
        except ValueError as error:
            raise node.child("office").fail(str(error)) from error
        return machine


def _template(node: Node, context: EstateContext, defaults: Defaults) -> _Template:
    sample = _common(node, context, defaults, _os(node), name="template", address="127.0.0.1")
    sample.oem_marker = node.child("oem_marker", "none").one_of("present", "missing", "none")
    sample.virtual = node.child("virtual", True).flag()
    sample.internet = node.child("internet", True).flag()
    sample.dns_server = node.child("dns_server", True).flag()
    sample.domain_controller = node.child("domain_controller", False).flag()
    sample.service.host_caching = node.child("host_caching", True).flag()
    sample.service.listening_port = node.child("listening_port", 0).integer(0, 65535)
    settings, days = _settings(node), node.child("days_since_activation")
    options = states.Options(settings.host, None if days.value is None else days.number(), str(node.value.get("host_key") or ""),
                             str(node.value.get("key") or ""), node.child("pin", "service").one_of("service", "product"))  # fmt: skip
    office = read_office(node.child("office"), sample.os.generation)
    sample.office = tuple(each.installation for each in office)
    sample.office_licenses = Licenses() if node.child("office_service", False).flag() or sample.brings_ospp() else None
    state = node.child("state", sample.USUAL_STATE).one_of(*sample.STATES)
    sample.firewall = _firewall(node, sample, OPEN if state == "kms_host" else CLOSED)
    skew = timedelta(minutes=node.child("clock_skew_minutes", 0).number(-1e6, 1e6))
    return _Template(node, context, sample, settings, options, state, office, skew, _publish(node, state))


def _publish(node: Node, state: str) -> tuple[str, ...] | None:
    """Return the domains a machine publishes: for a KMS host without an entry none, for other machines what Windows does (None)."""
    if node.child("publish").value is not None:
        return node.child("publish").texts()
    return () if state == "kms_host" else None
