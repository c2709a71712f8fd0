# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subscription activation of Windows (Enterprise E3 and E5, Education A3 and A5), as the licensing service reports it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The numbers are those that Microsoft documents for Get-SubscriptionLicenseInfo. The service has the columns since later builds of
Windows 10. The product key does not show a subscription, because the upgrade from Pro to Enterprise depends on the user who signs in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ACTIVE = 1

TYPES = {0: "user_based", 120: "not_installed", 9999: "invalid"}
"""Names of the values of SubscriptionType."""

STATUSES = {0: "inactive", ACTIVE: "active", 100: "disabled", 110: "expired", 120: "not_installed"}
"""Names of the values of SubscriptionStatus."""


@dataclass(frozen=True)
class Subscription:
    """The four fields of SoftwareLicensingService. `type` and `status` are the numbers of Windows. `expires` is in UTC.

    An empty field is None.
    """

    type: int | None
    status: int | None
    edition: str | None
    expires: datetime | None

    @property
    def is_active(self) -> bool:
        """Whether a subscription licenses Windows now."""
        return self.status == ACTIVE
