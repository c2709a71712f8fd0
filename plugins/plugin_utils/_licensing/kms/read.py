# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the KMS settings of a machine that no product shows.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from ..._cim.session import CimError, CimSession
from ..registry import values as registry
from ..state.model import ActivationState, ActivationType, Feature


def machine_activation_type(session: CimSession, state: ActivationState) -> ActivationType | None:
    """Return the activation type of the machine (slmgr /act-type), which applies to a product without a key.

    One request, or none for a version of Windows that does not have the setting. None if the type is not set, or the machine does not
    show it.
    """
    if Feature.ACTIVATION_TYPE not in state.service.features:
        return None
    try:
        found = registry.dword(session, registry.SPP_KEY, "VLActivationType")
    except CimError:
        return None
    return ActivationType(found) if found in frozenset(ActivationType) else None
