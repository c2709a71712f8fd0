# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings of a check, and how severe each of them is.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Severity(Enum):
    """The severity of a finding. An error means that the machine is not activated or will not stay activated."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


SEVERITIES = tuple(severity.value for severity in Severity)

FINDINGS: Mapping[str, Severity] = {
    "no_product_key": Severity.ERROR,
    "office_no_key": Severity.ERROR,
    "not_genuine": Severity.ERROR,
    "csvlk_on_client": Severity.ERROR,
    "not_licensed": Severity.ERROR,
    "esu_missing": Severity.ERROR,
    "esu_not_licensed": Severity.ERROR,
    "gvlk_mismatch": Severity.ERROR,
    "unexpected_channel": Severity.ERROR,
    "expires_soon": Severity.ERROR,
    "kms_host_not_responding": Severity.ERROR,
    "no_kms_host": Severity.ERROR,
    "last_request_failed": Severity.ERROR,
    "last_request_unanswered": Severity.ERROR,
    "kms_not_allowed": Severity.ERROR,
    "no_object_covers": Severity.ERROR,
    "left_the_domain": Severity.ERROR,
    "token_license_missing": Severity.ERROR,
    "token_license_not_authorized": Severity.ERROR,
    "token_license_expires_soon": Severity.ERROR,
    "clock_skew": Severity.ERROR,
    "policy_mismatch": Severity.ERROR,
    "dns_publishing_failed": Severity.ERROR,
    "kms_host_failed_to_start": Severity.ERROR,
    "renewal_timer_failed": Severity.ERROR,
    "office_not_read": Severity.WARNING,
    "kms_host_of_application": Severity.WARNING,
    "renewal_overdue": Severity.WARNING,
    "renewal_not_checked": Severity.WARNING,
    "cached_kms_host_not_responding": Severity.WARNING,
    "object_too_old": Severity.WARNING,
    "activated_by_kms_although_ad": Severity.WARNING,
    "oem_marker_missing": Severity.WARNING,
    "count_below_threshold": Severity.WARNING,
    "no_kms_activity": Severity.WARNING,
    "events_not_read": Severity.WARNING,
    "evaluation": Severity.WARNING,
    "esu_ended": Severity.WARNING,
    "unknown_genuine_status": Severity.WARNING,
    "leftover_key": Severity.WARNING,
    "activated_by_ad": Severity.INFO,
    "awaiting_validation": Severity.INFO,
    "managed_by_subscription": Severity.INFO,
    "esu_not_for_this_windows": Severity.INFO,
}
"""All findings with their severity, the most severe first."""

__all__ = ["FINDINGS", "SEVERITIES", "Severity"]
