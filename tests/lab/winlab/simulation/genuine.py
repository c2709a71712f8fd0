# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows that Microsoft's validation found not to be genuine, and how it becomes genuine again.

Facts: the recovery section of the volume activation guide (a key that was marked, 30 days of grace, system files that were
changed), events 8208, 8209, 12304 and 12305 of licensing section 5. Which codes 8209 names is inferred from their names.
"""

from __future__ import annotations

from .catalog import GVLK
from .computer import Computer
from .facts import WINDOWS
from .identity import machine_uuid
from .state import GRACE, NON_GENUINE, REASON_NOT_GENUINE, ProductState
from .wmi_faults import LicensingError

REVOKED, TAMPERED = "revoked", "tampered"
SL_E_VALIDATION_BLOCKED_PRODUCT_KEY = 0xC004C4A2
SYSTEM_FILES_CHANGED = 0x8004FE21
SL_E_EVALUATION_FAILED = 0xC004E003
WININET_E_NAME_NOT_RESOLVED = 0x80072EE7
REASONS = {"ok": 0, REVOKED: SL_E_VALIDATION_BLOCKED_PRODUCT_KEY, TAMPERED: SYSTEM_FILES_CHANGED}
"""What an estate file may say of a machine, and the reason event 8209 gives then."""


def _template(computer: Computer) -> str:
    return machine_uuid("genuine template", computer.os.service_version)


def begin(computer: Computer, how: str) -> None:
    """Validation failed: the key was revoked, or system files were changed. The key of a client is public and stays what it is."""
    if not REASONS[how]:
        return
    computer.service.tampered = how == TAMPERED
    for product in computer.service.keyed():
        if product.sku.application_id != WINDOWS:
            continue
        product.status, product.reason, product.ends = NON_GENUINE, REASON_NOT_GENUINE, computer.now() + GRACE
        key = computer.context.keys.of(product.key)
        if how == REVOKED and key is not None and product.sku.channel != GVLK:
            key.blocked = "activate"
    note(computer, REASONS[how])


def note(computer: Computer, reason: int) -> None:
    """Windows is not genuine from now on, and the log says why."""
    computer.service.not_genuine.add(WINDOWS)
    computer.log(8208, f"hr=0x{reason:08X}", _template(computer))
    computer.log(8209, f"0x{reason:08X}", WINDOWS)


def refuse_tampered(computer: Computer) -> None:
    """Nothing activates a Windows whose files were changed; raises LicensingError."""
    if computer.service.tampered:
        raise LicensingError(SL_E_EVALUATION_FAILED)


def validate(computer: Computer, product: ProductState, activated_by: str) -> None:
    """After an activation: genuine again when Microsoft can be asked and the key that activated it is not a revoked one."""
    application = product.sku.application_id
    if application not in computer.service.not_genuine:
        return
    key = computer.context.keys.of(activated_by)
    if computer.fault("no_internet") or not computer.internet:
        computer.log(8208, f"hr=0x{WININET_E_NAME_NOT_RESOLVED:08X}", _template(computer))
    elif key is not None and key.blocked:
        note(computer, SL_E_VALIDATION_BLOCKED_PRODUCT_KEY)
    else:
        computer.service.not_genuine.discard(application)
        computer.log(12304, _template(computer))
        computer.log(12305, application)
