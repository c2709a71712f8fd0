# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A product that moves from one type of volume activation to another, such as from KMS to Active Directory.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The activation type only permits: a product that KMS activated stays licensed with the type of Active Directory until its license
ends. It must therefore be activated again. If this fails, the previous type is restored, so that Windows can renew the license.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..plan.plan import RollbackPlan
from ..state.model import ActivationType, LicensedProduct, LicensingService
from .setting_steps import set_activation_type

RESTORE_TYPE = "restore_activation_type"
"""The action that restores the previous activation type."""

_ACTIVATED_FROM_AFAR = (ActivationType.AD, ActivationType.KMS)


def must_activate_again(product: LicensedProduct | None, kind: ActivationType | None) -> bool:
    """Return whether an activated product was activated in a way that the activation type does not permit.

    Also true if the type was set by an earlier run that ended before the activation. False for tokens, which need a person at the machine.
    """
    used = product.used_type if product else None
    return kind in _ACTIVATED_FROM_AFAR and used is not None and used is not kind


def type_rollback(
    product: LicensedProduct | None, service: LicensingService | None, kind: ActivationType | None
) -> Callable[[LicensedProduct], RollbackPlan | None] | None:
    """Return what restores the previous activation type if the activation fails, or None if there is nothing to restore.

    :param product: The product as it was read before the task.
    :param service: The licensing service, or None if only the setting of the product changes.
    :param kind: The activation type of the task, or None if the task does not set it.

    The returned function gets the product as it was read before its activation: if it did not show the new type then, it has a type of its
    own, which the task set too.
    """
    before = product.allowed_type if product else None
    if product is None or before is None or kind in (None, ActivationType.TOKEN, before):
        return None
    if kind is not ActivationType.AD and not product.status.is_activated:
        return None  # no license would be kept, and Windows itself tries the KMS host again
    former: ActivationType = before

    def of(found: LicensedProduct) -> RollbackPlan:
        own = service is None or found.allowed_type is not kind
        targets = ([service.path] if service else []) + ([found.path] if own else [])
        restored = tuple(replace(set_activation_type(target, former), action=RESTORE_TYPE) for target in targets)
        return RollbackPlan(f"the previous activation type ({former.name.lower()})", restored, is_of_settings=True)

    return of


__all__ = ["RESTORE_TYPE", "must_activate_again", "type_rollback"]
