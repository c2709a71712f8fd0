# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a machine that is joined to a domain gets itself activated by an activation object of the domain's forest.

Facts: Office and AD facts section 2. Which event comes when is inferred from their strings: 8213 for a KMS ID that no object was read
for, 8214 for an object that cannot be used, 8215 for the license that is not activated by that; 12308 for success.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from . import genuine
from .activation_objects import kms_id
from .computer import Computer
from .directories import SERVER_DOWN
from .state import LICENSED, NOTIFICATION, AdActivation, ProductState
from .wmi_faults import LicensingError

if TYPE_CHECKING:
    from winlab.directory.client import FoundObject

ERROR_NO_SUCH_DOMAIN = 0x8007054B
SL_E_VL_AD_AO_NOT_FOUND = 0xC004F081
SL_E_KEY_BLOCKED = 0xC004C003
SINCE = (6, 2)
"""The first generation whose licensing service asks a directory."""


def is_joined(computer: Computer) -> bool:
    """Whether the computer belongs to a domain that has a directory."""
    return computer.context.directories.has(computer.domain)


def may_ask(computer: Computer, product: ProductState) -> bool:
    """Whether a license can be activated by an object: a KMS client of the service of Windows 8, Server 2012 or later in a domain."""
    is_here = computer.service_of(product.sku) is computer.service
    return product.sku.volume_client and is_here and computer.os.generation >= SINCE and is_joined(computer)


def activate(computer: Computer, product: ProductState) -> None:
    """Activate by an object that covers the license; raises LicensingError."""
    try:
        found = _covering(computer, product)
    except LicensingError as error:
        computer.log(8215, _code(error.hresult), product.sku.id)
        raise
    product.license_by_object(computer.now(), AdActivation(found.name, found.dn, found.sku_id, found.extended_pid))
    computer.log(12308, product.sku.id, found.name, found.dn)
    genuine.validate(computer, product, "")


def _covering(computer: Computer, product: ProductState) -> FoundObject:
    """The object that activates a license: the oldest one that has its KMS ID and can be used. Raises LicensingError."""
    if not computer.domain:
        raise LicensingError(ERROR_NO_SUCH_DOMAIN)
    wanted = kms_id(product.sku, computer.os.server)
    try:
        fitting = [found for found in _objects(computer) if wanted in found.kms_ids] if may_ask(computer, product) else []
        if not fitting:
            raise LicensingError(SL_E_VL_AD_AO_NOT_FOUND)
    except LicensingError as error:
        computer.log(8213, _code(error.hresult), wanted)
        raise
    return _usable(computer, fitting, wanted)


def _usable(computer: Computer, fitting: Iterable[FoundObject], wanted: str) -> FoundObject:
    for found in fitting:
        if not any(key.key[-5:] == found.partial_key and key.blocked for key in computer.context.keys.all()):
            return found
        computer.log(8214, _code(SL_E_KEY_BLOCKED), wanted, found.name, found.dn)
    raise LicensingError(SL_E_KEY_BLOCKED)


def _objects(computer: Computer) -> list[FoundObject]:
    if computer.fault("dns_down") or not computer.dns_server:
        raise LicensingError(ERROR_NO_SUCH_DOMAIN)
    directory = computer.context.directories.of(computer)
    if directory is None or computer.fault("directory_down"):
        raise LicensingError(SERVER_DOWN)
    return directory.objects()


def service_started(computer: Computer) -> None:
    """sppsvc starts: it drops activations by a domain that the computer has left, and renews the others without a word when it cannot."""
    for product in computer.service.keyed():
        if product.ad is None:
            continue
        if not is_joined(computer):
            product.lose_object()
            continue
        product.settle(computer.now())
        if product.status in (LICENSED, NOTIFICATION):
            _renew(computer, product)


def _renew(computer: Computer, product: ProductState) -> None:
    try:
        activate(computer, product)
    except LicensingError:
        product.retry_later(computer.now())


def _code(hresult: int) -> str:
    return f"0x{hresult:08X}"
