# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KMS host that the registry sets for all of Windows, which stays when a task about a MAK clears the KMS settings.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import replace

from ..._cim.session import CimSession
from ..._licensing.kms.application_level import read_settings_of_windows, stays_text
from ..._licensing.mak.model import MakDesired
from ..._licensing.plan.plan import LicensePlan


def with_warning(session: CimSession, desired: MakDesired, plan: LicensePlan) -> LicensePlan:
    """Return the plan with a warning about this KMS host. A plan that changes nothing is returned without reading the registry.

    One request, and one for each value. Raises UnreachableError.
    """
    if not desired.clear_kms_settings or plan.is_empty or plan.is_beside_windows:
        return plan
    warning = stays_text(read_settings_of_windows(session, plan.state))
    return replace(plan, warnings=(*plan.warnings, warning)) if warning else plan
