# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states an estate file may put a machine in, such as mak_licensed or pinned_dead_host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from . import activation_objects, ad_client, estate_tokens, genuine, kms_host, spp
from .catalog import CSVLK, EVAL, GVLK, MAK, OEM_DM, OEM_SLP, RETAIL, Sku
from .computer import Computer
from .facts import WINDOWS
from .hosting import host_key_sku, install_host_key, product_name
from .identity import digits, machine_uuid
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
    AdActivation,
    ProductState,
    Subscription,
)
from .token_licenses import TokenGrant, TokenLicense

_FIRST_WITH_TYPES = (6, 2)
"""The first generation that has VLActivationType; before, DisableKeyManagementServiceActivation leaves tokens only."""
_BY_TOKEN = 3


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


def _put(computer: Computer, channel: str, key: str = "") -> ProductState:
    """Install a key of this channel: the given one, the GVLK, or one the lab makes up."""
    sku = _sku(computer, channel)
    if sku is None:
        raise ValueError(f"{product_name(computer)} has no license of the {channel} channel")
    if not key:
        key = sku.setup_key.key if sku.setup_key is not None else computer.context.keys.for_product(channel, product_name(computer)).key
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
        raise ValueError(f"no subscription raises Windows to {product_name(computer)}")
    _put(computer, RETAIL).license_forever()
    ends = computer.now() + timedelta(days=30)
    computer.service.subscription = Subscription(1, 0, f"{product_name(computer)}", ends)


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


def _host_key(computer: Computer, product: ProductState, peer: KmsPeer) -> ProductState:
    """The key of a KMS host that activates a product; of a host for Windows any, of one for Office one that covers the release."""
    service = peer.computer.service
    keys = [key for key in service.keyed() if key.sku.id in service.hosts and key.sku.application_id == product.sku.application_id]
    for key in keys:
        if key.sku.host_key is not None and kms_host.covers(key.sku.host_key, product.sku, computer.os.server):
            return key
    if not keys or product.sku.application_id != WINDOWS:
        raise ValueError(f"{peer.computer.name} has no host key for {product.sku.title or 'Windows'}")
    return keys[0]


def activated_by(computer: Computer, product: ProductState, peer: KmsPeer, days: float) -> None:
    """Put the product where a KMS activation some days ago left it; raises ValueError when the host cannot have done it."""
    key, service = _host_key(computer, product, peer), computer.service_of(product.sku)
    then = computer.now() - timedelta(days=days)
    product.license_by_kms(then)
    role = peer.computer.service.hosts[key.sku.id]
    role.total += 1
    role.by_status[2] += 1
    kms_host.remember(role, service.cmid, product.sku.required_count, then)
    product.host_pid = key.extended_pid
    product.discovered_address = peer.computer.address
    settings = service.effective(product)
    if peer.published and not settings.host:
        product.discovered_host, product.discovered_port = peer.computer.fqdn, peer.computer.service.listening_port or 1688
        product.discovered_in = settings.lookup_domain or computer.domain


def _kms_licensed(computer: Computer, options: Options, peer: KmsPeer | None) -> None:
    product = _put(computer, GVLK)
    if peer is None:
        raise ValueError("kms_licensed needs a KMS host in kms_hosts")
    days = options.days_since_activation
    activated_by(computer, product, peer, int(digits(3, "days", computer.name)) % 7 if days is None else days)
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


def _ad_licensed(computer: Computer, options: Options, _peer: KmsPeer | None) -> None:
    """Activated by an object that the estate file has in the directory of the domain."""
    product, planned = _put(computer, GVLK), computer.context.directories.planned(computer.domain)
    wanted = activation_objects.kms_id(product.sku, computer.os.server)
    objects = () if planned is None else planned.objects
    fitting = [each for each in objects if each.sku.host_key and wanted in activation_objects.kms_ids(each.sku.host_key, WINDOWS)]
    if not fitting or not ad_client.may_ask(computer, product):
        raise ValueError("ad_licensed needs a domain with a directory and in that an object that covers the machine")
    found = fitting[0]
    then = computer.now() - timedelta(days=options.days_since_activation or 0)
    ad = AdActivation(found.display_name or found.name, found.dn(planned.forest), found.sku.id, found.extended_pid) if planned else None
    assert ad is not None
    product.license_by_object(then, ad)


def _token_licensed(computer: Computer, _options: Options, _peer: KmsPeer | None) -> None:
    """Activated by a token, and set to be activated in no other way."""
    product = _put(computer, GVLK)
    issued = next((each for each in computer.licenses.tokens.values() if each.activation_id == product.sku.id), None)
    if issued is None:
        issued = TokenLicense(product.sku.id, estate_tokens.made_up_ilid(product.sku.id))
        computer.licenses.tokens[issued.license_id] = issued
    thumbprint = machine_uuid("token", computer.name).replace("-", "") + machine_uuid("card", computer.name)[:8]
    product.license_by_token(TokenGrant(issued, 1, thumbprint.upper()))
    if computer.os.generation >= _FIRST_WITH_TYPES:
        computer.service.settings.activation_type = computer.service.settings.activation_type or _BY_TOKEN
    else:
        computer.service.activation_disabled = True


def _kms_host(computer: Computer, options: Options, _peer: KmsPeer | None) -> None:
    install_host_key(computer, options.host_key)


def _csvlk_on_client(computer: Computer, options: Options, _peer: KmsPeer | None) -> None:
    """A KMS host key on a machine that should be a client, not activated."""
    sku = host_key_sku(computer, options.host_key)
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
    "token_licensed": _token_licensed,
    "ad_licensed": _ad_licensed,
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
