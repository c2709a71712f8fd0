# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an estate file says of the Office products of a machine, and how each begins.

An entry is a title, for a product without a key, or a mapping with a state. Volume products have a GVLK from setup; grace, notification
and KMS activation are those of Windows (Office facts section 1.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from . import spp
from .catalog import GVLK, MAK, RETAIL
from .computer import Computer
from .estate_file import Node
from .facts import OFFICE, WINDOWS
from .identity import digits
from .keys import invent
from .office_catalog import GRACE_KEY, SUBSCRIPTION, VOLUME, find_product, product_sku
from .office_installation import SUBSCRIPTIONS, Installation, refuse_misfit
from .state import LICENSED, NOTIFICATION, REASON_GRACE_EXPIRED, KmsSettings, ProductState
from .states import KmsPeer, activated_by

ENTRIES = ("product", "state", "click_to_run", "retail", "installed", "key", "kms_host", "kms_port", "days_since_activation",
           "shared_computer", "device_based", "subscription_licenses")  # fmt: skip
VOLUME_STATES = ("no_key", "grace", "notification", "kms_licensed", "mak_licensed", "mak_unactivated")
RETAIL_STATES = ("no_key", "grace", "notification", "licensed")
NO_KEY = "no_key"
_SUBSCRIPTION_DAYS = 26
"""Days an old subscription license goes on, as in a public listing."""


@dataclass(frozen=True)
class Office:
    """One Office product, how it begins and what an administrator set for it."""

    installation: Installation
    state: str = NO_KEY
    key: str = ""
    days: float | None = None
    settings: KmsSettings = field(default_factory=KmsSettings)


def read_office(node: Node, generation: tuple[int, int]) -> tuple[Office, ...]:
    """All Office products of a machine entry."""
    if isinstance(node.value, str):
        return (_one(node, generation),)
    return tuple(_one(item, generation) for item in node.items())


def _one(node: Node, generation: tuple[int, int]) -> Office:
    entry = Node({"product": node.value}, node.where) if isinstance(node.value, str) else node
    entry.mapping(ENTRIES)
    try:
        installation = _installation(entry)
        refuse_misfit(installation, generation)
    except ValueError as error:
        raise node.fail(str(error)) from error
    states = {VOLUME: VOLUME_STATES, RETAIL: RETAIL_STATES}.get(installation.kind, (NO_KEY,))
    days = entry.child("days_since_activation")
    port = entry.child("kms_port", 0).integer(0, 65535)
    return Office(
        installation, entry.child("state", NO_KEY).one_of(*states), str(entry.value.get("key") or ""),
        None if days.value is None else days.number(), KmsSettings(str(entry.value.get("kms_host") or ""), port),
    )  # fmt: skip


def _installation(entry: Node) -> Installation:
    title = entry.child("product").text()
    present = entry.child("installed", True).flag()
    if title in SUBSCRIPTIONS:
        return Installation(
            title, None, SUBSCRIPTION, True, present, entry.child("subscription_licenses", False).flag(),
            entry.child("shared_computer", False).flag(), entry.child("device_based", False).flag(),
        )  # fmt: skip
    product = find_product(title)
    retail = entry.child("retail", False).flag()
    always = retail or product.year >= "2019" or product.click_to_run
    click_to_run = entry.child("click_to_run", always).flag()
    if click_to_run and not always:
        product = find_product(f"{title} (Click-to-Run)")  # only four products of 2016 have a volume edition of their own there
    if always and not click_to_run:
        raise ValueError(f"{title} is Click-to-Run and nothing else")
    if retail and product.year < "2016":
        raise ValueError(f"the lab has no retail Click-to-Run of {product.year}")
    return Installation(product.title, product, RETAIL if retail else VOLUME, click_to_run, present)


def read_applications(node: Node, computer: Computer) -> None:
    """The settings of an application, `host` or `host:port`, which no WMI class shows."""
    for name in node.mapping(("office", "windows")):
        host, _colon, port = node.child(name).text().partition(":")
        if port and not port.isdecimal():
            raise node.child(name).fail(f"{port!r} is no port")
        application = OFFICE if name == "office" else WINDOWS
        computer.service.applications[application] = KmsSettings(host, int(port or 0))


def begin_office(computer: Computer, offices: tuple[Office, ...], peers: Mapping[str, KmsPeer]) -> None:
    """Put every Office product of a computer into its state; raises ValueError."""
    for office in offices:
        installation = office.installation
        if installation.product is None:
            _begin_subscription(computer, installation)
            continue
        if office.settings != KmsSettings():
            sku = product_sku(installation.product, GVLK)
            spp.product_of(computer, sku).settings = KmsSettings(**vars(office.settings))
        if office.state != NO_KEY:
            _BEGIN[office.state](computer, office, _peer(computer, office, peers))


def _peer(computer: Computer, office: Office, peers: Mapping[str, KmsPeer]) -> KmsPeer | None:
    host = office.settings.host or computer.service.settings.host
    return peers.get(host.split(".")[0].casefold()) or peers.get(computer.domain)


def _put(computer: Computer, office: Office, channel: str) -> ProductState:
    """Install a key: the given one, the GVLK, or one the lab makes up."""
    product = office.installation.product
    assert product is not None
    sku = product_sku(product, channel)
    key = office.key
    if not key:
        key = sku.setup_key.key if sku.setup_key else computer.context.keys.for_product(channel, product.title).key
    return spp.put_key(computer, sku, key)


def _first_key(office: Office) -> str:
    return GVLK if office.installation.kind == VOLUME else GRACE_KEY


def _grace(computer: Computer, office: Office, _peer: KmsPeer | None) -> None:
    _put(computer, office, _first_key(office)).begin_grace(computer.now())


def _notification(computer: Computer, office: Office, _peer: KmsPeer | None) -> None:
    product = _put(computer, office, _first_key(office))
    product.status, product.reason = NOTIFICATION, REASON_GRACE_EXPIRED
    product.retry_later(computer.now())


def _kms_licensed(computer: Computer, office: Office, peer: KmsPeer | None) -> None:
    if peer is None:
        raise ValueError("kms_licensed needs a KMS host in kms_hosts")
    product = _put(computer, office, GVLK)
    days = int(digits(3, "days", computer.name)) % 7 if office.days is None else office.days
    activated_by(computer, product, peer, days)


def _mak_licensed(computer: Computer, office: Office, _peer: KmsPeer | None) -> None:
    product = _put(computer, office, MAK)
    product.license_forever()
    key = computer.context.keys.of(product.key)
    if key is not None:
        key.count(computer.name)


def _mak_unactivated(computer: Computer, office: Office, _peer: KmsPeer | None) -> None:
    _put(computer, office, MAK).begin_grace(computer.now())


def _retail(computer: Computer, office: Office, _peer: KmsPeer | None) -> None:
    _put(computer, office, RETAIL).license_forever()


_BEGIN: Mapping[str, Callable[[Computer, Office, KmsPeer | None], None]] = {
    "grace": _grace,
    "notification": _notification,
    "kms_licensed": _kms_licensed,
    "mak_licensed": _mak_licensed,
    "mak_unactivated": _mak_unactivated,
    "licensed": _retail,
}


def _begin_subscription(computer: Computer, installation: Installation) -> None:
    """The licenses of an old subscription, and the key of its setup, which ran out long ago."""
    for sku in installation.skus():
        product = spp.put_key(computer, sku, invent(sku.channel, sku.title))
        if sku.channel == SUBSCRIPTION:
            product.status, product.reason, product.ends = LICENSED, 0, computer.now() + timedelta(days=_SUBSCRIPTION_DAYS)
        else:
            product.status, product.reason = NOTIFICATION, REASON_GRACE_EXPIRED
