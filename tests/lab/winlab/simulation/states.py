# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states an estate file may put a machine in, such as mak_licensed or pinned_dead_host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from . import genuine, host_matrix, kms_host, spp
from .catalog import CSVLK, EVAL, GVLK, HOST_KEYS, MAK, OEM_DM, OEM_SLP, OFFICE_HOST_KEYS, RETAIL, Sku, office_host_sku
from .computer import Computer
from .facts import WINDOWS
from .identity import digits
from .keys import invent
from .state import (
    GRACE,
    KMS_VALIDITY,
    LICENSED,
    NON_GENUINE,
    NOTIFICATION,
    REASON_GRACE_EXPIRED,
    REASON_NO_LICENSE,
    REASON_NOT_GENUINE,
    REASON_PRODUCT_USER_RIGHT,
    ProductState,
    Subscription,
)


@dataclass(frozen=True)
class Options:
    """What a machine entry may add to its state."""

    kms_host: str = ""
    days_since_activation: float | None = None
    host_key: str = ""
    key: str = ""
    pin: str = "service"


@dataclass(frozen=True)
class KmsPeer:
    """The KMS host a licensed client was activated by before the story begins."""

    computer: Computer
    published: bool


def _sku(computer: Computer, channel: str) -> Sku | None:
    for sku in computer.skus().values():
        if sku.application_id == WINDOWS and sku.channel == channel and sku.family == computer.os.edition.edition_id:
            return sku
    return None


def _product_name(computer: Computer) -> str:
    return f"{computer.os.release.name} {computer.os.edition.name}"


def _put(computer: Computer, channel: str, key: str = "") -> ProductState:
    """Install a key of this channel: the given one, the GVLK, or one the lab makes up."""
    sku = _sku(computer, channel)
    if sku is None:
        raise ValueError(f"{_product_name(computer)} has no license of the {channel} channel")
    if not key:
        key = sku.setup_key.key if sku.setup_key is not None else computer.context.keys.for_product(channel, _product_name(computer)).key
    return spp.put_key(computer, sku, key)


def _volume_or_retail(computer: Computer) -> ProductState:
    return _put(computer, GVLK if _sku(computer, GVLK) is not None else RETAIL)


def _no_key(_computer: Computer, _options: Options, _peer: KmsPeer | None) -> None:
    """No key at all."""


def _unlicensed(computer: Computer, _options: Options, _peer: KmsPeer | None) -> None:
    product = _volume_or_retail(computer)
    product.status, product.reason = 0, REASON_NO_LICENSE
    product.retry_later(computer.now())


def _grace(computer: Computer, _options: Options, _peer: KmsPeer | None) -> None:
    _volume_or_retail(computer).begin_grace(computer.now())


def _notification(computer: Computer, _options: Options, _peer: KmsPeer | None) -> None:
    product = _volume_or_retail(computer)
    product.status, product.reason = NOTIFICATION, REASON_GRACE_EXPIRED
    product.retry_later(computer.now())


def _mak_licensed(computer: Computer, options: Options, _peer: KmsPeer | None) -> None:
    product = _put(computer, MAK, options.key)
    product.license_forever()
    key = computer.context.keys.of(product.key)
    if key is not None:
        key.count(computer.name)


def _mak_unactivated(computer: Computer, options: Options, _peer: KmsPeer | None) -> None:
    _put(computer, MAK, options.key).begin_grace(computer.now())


def _retail(computer: Computer, _options: Options, _peer: KmsPeer | None) -> None:
    _put(computer, RETAIL).license_forever()


def _subscription(computer: Computer, _options: Options, _peer: KmsPeer | None) -> None:
    """Raised from Pro to this edition by the subscription of the user who signed in; the generic key of the edition is installed."""
    if computer.os.release.server or "Enterprise" not in computer.os.edition.edition_id:
        raise ValueError(f"no subscription raises Windows to {_product_name(computer)}")
    _put(computer, RETAIL).license_forever()
    ends = computer.now() + timedelta(days=30)
    computer.service.subscription = Subscription(1, 0, f"{_product_name(computer)}", ends)


def _subscription_notification(computer: Computer, options: Options, peer: KmsPeer | None) -> None:
    """The same as slmgr shows some of these machines: the key is not licensed, the subscription is."""
    _subscription(computer, options, peer)
    for product in computer.service.keyed():
        product.status, product.reason = NOTIFICATION, REASON_NO_LICENSE


def _oem(computer: Computer, _options: Options, _peer: KmsPeer | None) -> None:
    _put(computer, OEM_DM if computer.os.generation >= (6, 2) else OEM_SLP).license_forever()


def _retail_unactivated(computer: Computer, _options: Options, _peer: KmsPeer | None) -> None:
    """Set up with a retail key, and not activated yet."""
    _put(computer, RETAIL).begin_grace(computer.now())


def _oem_unactivated(computer: Computer, _options: Options, _peer: KmsPeer | None) -> None:
    """As the manufacturer's image leaves it until Microsoft was asked once."""
    _put(computer, OEM_DM if computer.os.generation >= (6, 2) else OEM_SLP).begin_grace(computer.now())


def _oem_no_marker(computer: Computer, _options: Options, _peer: KmsPeer | None) -> None:
    """Bought with an OEM Windows, firmware with a SLIC table but without the Windows marker; reimaged from volume media."""
    computer.oem_marker, computer.virtual = "missing", False
    _put(computer, GVLK).begin_grace(computer.now())


def _wrong_key(computer: Computer, _options: Options, _peer: KmsPeer | None) -> None:
    """A retail key that Microsoft refuses, and the grace is over."""
    product = _put(computer, RETAIL, invent(RETAIL, "wrong", int(digits(6, computer.name))))
    product.status, product.reason = NOTIFICATION, REASON_GRACE_EXPIRED


def _non_genuine(computer: Computer, options: Options, _peer: KmsPeer | None) -> None:
    product = _put(computer, MAK, options.key)
    product.status, product.reason, product.ends = NON_GENUINE, REASON_NOT_GENUINE, computer.now() + GRACE
    genuine.note(computer, genuine.SL_E_VALIDATION_BLOCKED_PRODUCT_KEY)


def _evaluation(computer: Computer, options: Options, _peer: KmsPeer | None) -> None:
    product = _put(computer, EVAL)
    product.status, product.reason = LICENSED, 0
    product.ends = computer.now() + spp.EVALUATION - timedelta(days=options.days_since_activation or 0)


def _activated_by(computer: Computer, product: ProductState, peer: KmsPeer, days: float) -> None:
    """Put the product where a KMS activation some days ago left it."""
    then = computer.now() - timedelta(days=days)
    product.license_by_kms(then)
    role = next(iter(peer.computer.service.hosts.values()))
    role.total += 1
    role.by_status[2] += 1
    kms_host.remember(role, computer.service.cmid, product.sku.required_count, then)
    product.host_pid = next(key.extended_pid for key in peer.computer.service.keyed() if key.sku.id in peer.computer.service.hosts)
    product.discovered_address = peer.computer.address
    if peer.published and not computer.service.settings.host:
        product.discovered_host, product.discovered_port = peer.computer.fqdn, peer.computer.service.listening_port or 1688
        product.discovered_in = computer.service.settings.lookup_domain or computer.domain


def _kms_licensed(computer: Computer, options: Options, peer: KmsPeer | None) -> None:
    product = _put(computer, GVLK)
    if peer is None:
        raise ValueError("kms_licensed needs a KMS host in kms_hosts")
    days = options.days_since_activation
    _activated_by(computer, product, peer, int(digits(3, "days", computer.name)) % 7 if days is None else days)
    _pin(computer, product, options.kms_host, options.pin)


def _pin(computer: Computer, product: ProductState, host: str, level: str) -> None:
    """Name the KMS host in the settings of the service or of the one product."""
    computer.service.settings.host, product.settings.host = (host, "") if level == "service" else ("", host)


def _pinned_dead_host(computer: Computer, options: Options, _peer: KmsPeer | None) -> None:
    """Activated long ago by a host that is gone, and still pinned to it."""
    product = _put(computer, GVLK)
    days = 200 if options.days_since_activation is None else options.days_since_activation
    product.status, product.reason = LICENSED, REASON_PRODUCT_USER_RIGHT
    product.ends = computer.now() + KMS_VALIDITY - timedelta(days=days)
    product.activated_by = 2
    product.retry_later(computer.now())
    product.host_pid = f"{digits(5, 'gone')}-{digits(5, 'host')}-000-000000-03-1033-9600.0000-0012020"
    _pin(computer, product, options.kms_host or f"old-kms.{computer.domain or 'invalid'}", options.pin)


def _host_sku(computer: Computer, name: str) -> Sku:
    """The license of a host key, the one of the computer's own generation without a name; a needed update is installed."""
    need = host_matrix.need_of(computer.os, name)
    if need is not None and not need.is_met(computer.updates, computer.ubr):
        computer.add_update(need.updates[0])
    for sku in computer.skus().values():
        if sku.host_key is not None and (sku.host_key.name == name or (not name and sku.host_key.level == computer.os.release.kms_level)):
            return sku
    known = ", ".join(key.name for key in HOST_KEYS)
    raise ValueError(f"{_product_name(computer)} takes no host key {name!r} (known host keys: {known})")


def _office_sku(computer: Computer, family: str) -> Sku:
    """The license of an Office host key, which comes with its license pack."""
    add_office_pack(computer, family)
    return office_host_sku(family)


def add_office_pack(computer: Computer, family: str) -> None:
    """Install the volume license pack of an Office generation; raises ValueError when it does not install on this Windows."""
    if family not in OFFICE_HOST_KEYS:
        raise ValueError(f"{family!r} is none of the Office host keys {', '.join(OFFICE_HOST_KEYS)}")
    if computer.os.generation <= (6, 1):
        raise ValueError("Office on 6.1 uses the OfficeSoftwareProtection classes, which the lab does not simulate yet")
    if not host_matrix.takes_pack(computer.os, family):
        raise ValueError(f"the volume license pack of {family} does not install on {_product_name(computer)}")
    if family not in computer.office_packs:
        computer.office_packs += (family,)


def install_host_key(computer: Computer, name: str) -> None:
    """Make the computer an activated KMS host for a host key ("Server 2022", "Office LTSC 2021")."""
    sku = _office_sku(computer, name) if name.startswith("Office ") else _host_sku(computer, name)
    assert sku.host_key is not None
    key = computer.context.keys.for_product(CSVLK, sku.host_key.name)
    key.count(computer.name)
    product = spp.put_key(computer, sku, key.key)
    product.license_forever()
    computer.service.hosts[sku.id] = kms_host.new_role(sku, computer.outside_clients)


def _kms_host(computer: Computer, options: Options, _peer: KmsPeer | None) -> None:
    install_host_key(computer, options.host_key)


def _csvlk_on_client(computer: Computer, options: Options, _peer: KmsPeer | None) -> None:
    """A KMS host key on a machine that should be a client, not activated."""
    sku = _host_sku(computer, options.host_key)
    assert sku.host_key is not None
    spp.put_key(computer, sku, computer.context.keys.for_product(CSVLK, sku.host_key.name).key).begin_grace(computer.now())


def fresh_installation(computer: Computer) -> None:
    """What setup leaves: the key its media came with, in initial grace."""
    product = _put(computer, EVAL) if computer.os.evaluation else _volume_or_retail(computer)
    product.begin_grace(computer.now())
    if computer.os.evaluation:
        product.ends = computer.now() + spp.EVALUATION


Begin = Callable[[Computer, Options, KmsPeer | None], None]
"""Puts a computer into a state."""
STATES: Mapping[str, Begin] = {
    "no_key": _no_key,
    "unlicensed": _unlicensed,
    "grace": _grace,
    "notification": _notification,
    "mak_licensed": _mak_licensed,
    "mak_unactivated": _mak_unactivated,
    "kms_licensed": _kms_licensed,
    "pinned_dead_host": _pinned_dead_host,
    "wrong_key": _wrong_key,
    "evaluation": _evaluation,
    "retail": _retail,
    "retail_unactivated": _retail_unactivated,
    "oem": _oem,
    "subscription": _subscription,
    "subscription_notification": _subscription_notification,
    "oem_unactivated": _oem_unactivated,
    "oem_no_marker": _oem_no_marker,
    "non_genuine": _non_genuine,
    "csvlk_on_client": _csvlk_on_client,
    "kms_host": _kms_host,
}
