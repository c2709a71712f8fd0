# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft's activation service as the lab needs it: it knows the lab's keys, counts activations and says no.

Facts: licensing section 10.3 and 10.9. It reaches nobody and activates nothing real.
"""

from __future__ import annotations

from . import genuine
from .catalog import CSVLK, EVAL, MAK
from .computer import Computer
from .facts import WINDOWS
from .identity import confirmation_id, installation_id, wrong_groups
from .kms_client import SL_E_VL_NOT_WINDOWS_SLP, marker_fault
from .kms_host import new_role
from .state import LICENSED, NOTIFICATION, REASON_GRACE_EXPIRED, ProductState
from .wmi_faults import LicensingError

SL_E_CHPA_PRODUCT_KEY_OUT_OF_RANGE = 0xC004C001
SL_E_CHPA_PRODUCT_KEY_BLOCKED = 0xC004C003
SL_E_CHPA_MAXIMUM_UNLOCK_EXCEEDED = 0xC004C008
SL_E_CHPA_DMAK_LIMIT_EXCEEDED = 0xC004C020
SL_E_CHPA_DMAK_EXTENSION_LIMIT_EXCEEDED = 0xC004C021
SL_E_BASE_SKU_NOT_AVAILABLE = 0xC004F055
"""What the activation of an add-on fails with on a Windows that is not activated: a choice of the lab."""
WININET_E_NAME_NOT_RESOLVED = 0x80072EE7
SL_E_CIDIID_MISMATCHED = 0xC004F031
SL_E_CIDIID_INVALID_CHECK_DIGITS = 0xC004F04D
SL_E_CIDIID_INVALID_DATA_LENGTH = 0xC004F02F
SL_E_CIDIID_INVALID_DATA = 0xC004F02C
SL_E_CIDIID_NOT_BOUND = 0xC004F07F


def activate_online(computer: Computer, product: ProductState) -> None:
    """Activate a MAK, KMS host, retail or OEM license over the internet; raises LicensingError.

    Every call that succeeds costs one activation, also on a machine that is licensed already.
    """
    _refuse_without_windows(computer, product)
    if (
        product.sku.channel == MAK
        and product.sku.application_id == WINDOWS
        and not product.sku.addon
        and marker_fault(computer, "activate")
    ):
        raise LicensingError(SL_E_VL_NOT_WINDOWS_SLP)
    refuse_offline(computer)
    if product.sku.channel == EVAL:
        if product.status == NOTIFICATION:
            raise LicensingError(REASON_GRACE_EXPIRED)
        product.status, product.reason = LICENSED, 0
        return
    spend(computer, product)
    _license(product, computer)


def refuse_offline(computer: Computer) -> None:
    """Raise LicensingError on a computer without the internet."""
    if computer.fault("no_internet") or not computer.internet:
        raise LicensingError(WININET_E_NAME_NOT_RESOLVED)


def _refuse_without_windows(computer: Computer, product: ProductState) -> None:
    """An add-on is activated on an activated Windows only; raises LicensingError."""
    if not product.sku.addon:
        return
    for other in computer.service.keyed():
        if other.sku.application_id == WINDOWS and not other.sku.addon:
            other.settle(computer.now())
            if other.status == LICENSED or computer.service.subscription is not None:
                return
    raise LicensingError(SL_E_BASE_SKU_NOT_AVAILABLE)


def spend(computer: Computer, product: ProductState) -> None:
    """Count one activation of a key; raises LicensingError when Microsoft's service refuses it."""
    key = computer.context.keys.of(product.key)
    if key is None:
        raise LicensingError(SL_E_CHPA_PRODUCT_KEY_OUT_OF_RANGE)
    if key.blocked or computer.fault("key_blocked"):
        raise LicensingError(SL_E_CHPA_PRODUCT_KEY_BLOCKED)
    if key.extension_exceeded:
        raise LicensingError(SL_E_CHPA_DMAK_EXTENSION_LIMIT_EXCEEDED)
    if key.used_up or (key.channel == MAK and computer.fault("mak_exhausted")):
        raise LicensingError(SL_E_CHPA_DMAK_LIMIT_EXCEEDED if key.channel == MAK else SL_E_CHPA_MAXIMUM_UNLOCK_EXCEEDED)
    if key.channel == CSVLK and not key.host_may_activate(computer.name):
        raise LicensingError(SL_E_CHPA_MAXIMUM_UNLOCK_EXCEEDED)
    key.count(computer.name)


def _license(product: ProductState, computer: Computer) -> None:
    product.license_forever()
    if product.sku.channel == CSVLK:
        computer.service.hosts.setdefault(product.sku.id, new_role(product.sku, computer.outside_clients))
    if not product.sku.addon:
        genuine.validate(computer, product, product.key)


def deposit_confirmation(computer: Computer, product: ProductState, iid: str, confirmation: str) -> None:
    """DepositOfflineConfirmationId of a product with a key: activation by telephone; raises LicensingError (licensing facts section 3).

    The confirmation ID is digits only. It consumes nothing here: the telephone service counted when it gave it out.
    """
    _refuse_without_windows(computer, product)
    check_form(confirmation)
    if iid != product.installation_id:
        raise LicensingError(SL_E_CIDIID_MISMATCHED)
    if confirmation != confirmation_id(iid):
        before = (
            installation_id(computer.os, computer.name, changes, product.sku, product.key) for changes in range(computer.hardware_changes)
        )
        outdated = any(confirmation == confirmation_id(old) for old in before)
        raise LicensingError(SL_E_CIDIID_NOT_BOUND if outdated else SL_E_CIDIID_MISMATCHED)
    _license(product, computer)


def check_form(confirmation: str) -> None:
    """Digits, 48 of them, and a check digit in every group of 6."""
    if not (confirmation.isascii() and confirmation.isdigit()):
        raise LicensingError(SL_E_CIDIID_INVALID_DATA)
    if len(confirmation) != 48:
        raise LicensingError(SL_E_CIDIID_INVALID_DATA_LENGTH)
    if wrong_groups(confirmation, 6):
        raise LicensingError(SL_E_CIDIID_INVALID_CHECK_DIGITS)
