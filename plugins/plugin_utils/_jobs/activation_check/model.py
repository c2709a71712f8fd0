# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check of a machine asks for, what it rests on, and what it finds.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from ..._licensing.events.kms import KmsEvent
from ..._licensing.hosting.publication import Publication
from ..._licensing.kms.route import ProbeResult, Route
from ..._licensing.policies.model import DesiredPolicies, PolicyState
from ..._licensing.state.genuine import CheckEvent
from ..._licensing.state.model import ActivationState, Channel, LicensedProduct


class Severity(Enum):
    """How much a finding weighs: an error is a machine that is not activated or will not stay so, a warning wants a look."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


SEVERITIES = tuple(severity.value for severity in Severity)

FINDINGS: Mapping[str, Severity] = {
    "no_product_key": Severity.ERROR,
    "not_genuine": Severity.ERROR,
    "csvlk_on_client": Severity.ERROR,
    "not_licensed": Severity.ERROR,
    "gvlk_mismatch": Severity.ERROR,
    "unexpected_channel": Severity.ERROR,
    "expires_soon": Severity.ERROR,
    "kms_host_not_responding": Severity.ERROR,
    "no_kms_host": Severity.ERROR,
    "last_request_failed": Severity.ERROR,
    "last_request_unanswered": Severity.ERROR,
    "clock_skew": Severity.ERROR,
    "policy_mismatch": Severity.ERROR,
    "dns_publishing_failed": Severity.ERROR,
    "kms_host_failed_to_start": Severity.ERROR,
    "renewal_overdue": Severity.WARNING,
    "renewal_not_checked": Severity.WARNING,
    "cached_kms_host_not_responding": Severity.WARNING,
    "oem_marker_missing": Severity.WARNING,
    "count_below_threshold": Severity.WARNING,
    "no_kms_activity": Severity.WARNING,
    "events_not_read": Severity.WARNING,
    "evaluation": Severity.WARNING,
    "activated_by_ad": Severity.INFO,
    "awaiting_validation": Severity.INFO,
}
"""Every finding there is and how much it weighs, the worst first."""


@dataclass(frozen=True)
class CheckFinding:
    """One finding of a check: a `message` without the name of the host, and the next steps.

    `product_name` is None for the machine as a whole. `error` has the shape of the results if a code of Windows is behind the finding.
    """

    id: str
    message: str
    next_steps: tuple[str, ...]
    product_name: str | None = None
    error: Mapping[str, Any] | None = None

    @property
    def severity(self) -> Severity:
        """Fixed for each finding."""
        return FINDINGS[self.id]


@dataclass(frozen=True)
class CheckSettings:
    """What is asked of the machine.

    No `expected_channels` means any; `min_days_left` 0, `clock_tolerance` 0 (minutes) and no `policy` ask for nothing. `fail_on` holds
    severities and names of findings.
    """

    expected_channels: frozenset[Channel] = frozenset()
    min_days_left: int = 0
    renewal: bool = True
    probe: bool = True
    clock_tolerance: int = 0
    policy: DesiredPolicies | None = None
    fail_on: frozenset[str] = frozenset()

    def is_failure(self, finding: CheckFinding) -> bool:
        """Whether this finding makes the task fail."""
        return not self.fail_on.isdisjoint((finding.id, finding.severity.value))


@dataclass(frozen=True)
class CheckData:
    """What a check rests on.

    `now` is the controller's clock at the moment the machine was asked for its own. `edition_id` comes from the registry, and `domain`
    is the DNS domain of the machine, each None where nobody asked or knows. `events` are newest first, None when the machine refused
    them, and so are `genuine_events`, which are about the genuine validation. `kms_requests` is the number of requests a
    KMS host has logged of late, None when it was not asked for. `start_failure` is the code with which the Key Management Service did not
    start the last time, None when it did. `failures` has by activation ID the code with which Microsoft refused a product the last time.
    `skipped_records` is the number of records of the logs that make no sense.
    """

    state: ActivationState
    now: datetime
    edition_id: str | None = None
    domain: str | None = None
    events: tuple[KmsEvent, ...] | None = ()
    publications: tuple[Publication, ...] = ()
    kms_requests: int | None = None
    start_failure: int | None = None
    policy: PolicyState | None = None
    genuine_events: tuple[CheckEvent, ...] = ()
    failures: Mapping[str, int] = field(default_factory=dict)
    reach: Mapping[Route, ProbeResult] = field(default_factory=dict)
    skipped_records: int = 0


def is_kms_client(product: LicensedProduct) -> bool:
    """Whether a KMS host is to renew it."""
    return product.channel is Channel.GVLK
