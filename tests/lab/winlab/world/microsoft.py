# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft's activation service as the lab needs it: it knows the lab's keys, counts activations and says no.

Facts: licensing section 10.3 and 10.9. It reaches nobody and activates nothing real.
"""

from __future__ import annotations

from .catalogue import CSVLK, EVAL, MAK
from .computer import Computer
from .identity import check_digit, confirmation_id
from .kms_host import new_role
from .state import LICENSED, NOTIFICATION, REASON_GRACE_EXPIRED, ProductState
from .wmi_faults import LicensingError

SL_E_CHPA_PRODUCT_KEY_OUT_OF_RANGE = 0xC004C001
SL_E_CHPA_PRODUCT_KEY_BLOCKED = 0xC004C003
SL_E_CHPA_MAXIMUM_UNLOCK_EXCEEDED = 0xC004C008
SL_E_CHPA_DMAK_LIMIT_EXCEEDED = 0xC004C020
WININET_E_NAME_NOT_RESOLVED = 0x80072EE7
SL_E_CIDIID_MISMATCHED = 0xC004F031
SL_E_CIDIID_INVALID_CHECK_DIGITS = 0xC004F04D
SL_E_CIDIID_INVALID_DATA_LENGTH = 0xC004F02F
SL_E_CIDIID_INVALID_DATA = 0xC004F02C


def activate_online(computer: Computer, product: ProductState) -> None:
    """Activate a MAK, KMS host, retail or OEM licence over the internet; raises LicensingError.

    Every call that succeeds costs one activation, also on a machine that is licensed already.
    """
    if computer.fault("no_internet") or not computer.internet:
        raise LicensingError(WININET_E_NAME_NOT_RESOLVED)
    if product.sku.channel == EVAL:
        if product.status == NOTIFICATION:
            raise LicensingError(REASON_GRACE_EXPIRED)
        product.status, product.reason = LICENSED, 0
        return
    _spend(computer, product)
    _license(product, computer)


def _spend(computer: Computer, product: ProductState) -> None:
    key = computer.world.keys.of(product.key)
    if key is None:
        raise LicensingError(SL_E_CHPA_PRODUCT_KEY_OUT_OF_RANGE)
    if key.blocked or computer.fault("key_blocked"):
        raise LicensingError(SL_E_CHPA_PRODUCT_KEY_BLOCKED)
    if key.used >= key.activations or (key.channel == MAK and computer.fault("mak_exhausted")):
        raise LicensingError(SL_E_CHPA_DMAK_LIMIT_EXCEEDED if key.channel == MAK else SL_E_CHPA_MAXIMUM_UNLOCK_EXCEEDED)
    if key.channel == CSVLK and not key.host_may_activate(computer.name):
        raise LicensingError(SL_E_CHPA_MAXIMUM_UNLOCK_EXCEEDED)
    key.count(computer.name)


def _license(product: ProductState, computer: Computer) -> None:
    product.license_forever()
    if product.sku.channel == CSVLK:
        computer.service.hosts.setdefault(product.sku.id, new_role(product.sku, computer.outside_clients))


def deposit_confirmation(computer: Computer, product: ProductState, installation_id: str, confirmation: str) -> None:
    """DepositOfflineConfirmationId: activation by telephone; raises LicensingError (licensing facts section 3).

    The lab's telephone service answers an installation ID with identity.confirmation_id.
    """
    digits = "".join(character for character in confirmation if character not in " -")
    if not digits.isdigit():
        raise LicensingError(SL_E_CIDIID_INVALID_DATA)
    if len(digits) != 48:
        raise LicensingError(SL_E_CIDIID_INVALID_DATA_LENGTH)
    if installation_id != product.installation_id or not product.key:
        raise LicensingError(SL_E_CIDIID_MISMATCHED)
    expected = confirmation_id(installation_id)
    if digits != expected:
        raise LicensingError(SL_E_CIDIID_MISMATCHED if _digits_ok(digits) else SL_E_CIDIID_INVALID_CHECK_DIGITS)
    _license(product, computer)


def _digits_ok(digits: str) -> bool:
    return all(check_digit(digits[start : start + 5]) == digits[start + 5] for start in range(0, 48, 6))
