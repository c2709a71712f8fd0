# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings, the data, and the findings of a check of a machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from ..._licensing.ad.objects import KnownObject
from ..._licensing.catalog.esu import Programme
from ..._licensing.catalog.findings import FINDINGS, Severity
from ..._licensing.events.kms import KmsEvent
from ..._licensing.hosting.publication import Publication
from ..._licensing.kms.route import ProbeResult, Route
from ..._licensing.office.installed import InstalledOffice
from ..._licensing.office.leftovers import ids_of, leftovers
from ..._licensing.policies.model import DesiredPolicies, PolicyState
from ..._licensing.state.genuine import CheckEvent
from ..._licensing.state.model import ActivationState, Channel, LicensedProduct
from ..._licensing.tokens.model import TokenLicense


@dataclass(frozen=True)
class CheckFinding:
    """One finding of a check: a `message` without the name of the host, and the next steps.

    `product_name` is None for a finding about the machine. `error` has the shape of the results if a code of Windows is behind the finding.
    """

    id: str
    message: str
    next_steps: tuple[str, ...]
    product_name: str | None = None
    error: Mapping[str, Any] | None = None

    @property
    def severity(self) -> Severity:
        """The severity, which is fixed for each finding."""
        return FINDINGS[self.id]


@dataclass(frozen=True)
class CheckSettings:
    """The rules of a check.

    Without `expected_channels`, all channels are allowed. With `min_days_left` 0, `clock_tolerance` 0 (minutes), or `policy` None, the
    rule is not checked. `esu` is the programme that the machine must have a license for. `fail_on` contains severities and IDs of findings.
    `activation_objects` are those of the forest of the machine, or None if they are not known.
    """

    expected_channels: frozenset[Channel] = frozenset()
    min_days_left: int = 0
    renewal: bool = True
    probe: bool = True
    clock_tolerance: int = 0
    policy: DesiredPolicies | None = None
    esu: Programme | None = None
    fail_on: frozenset[str] = frozenset()
    activation_objects: tuple[KnownObject, ...] | None = None

    def is_failure(self, finding: CheckFinding) -> bool:
        """Return whether this finding makes the task fail."""
        return not self.fail_on.isdisjoint((finding.id, finding.severity.value))


@dataclass(frozen=True)
class CheckData:
    """The data of a check.

    `now` is the clock of the controller when the clock of the machine was read. `edition_id` is from the registry, and `domain` is the DNS
    domain of the machine. Both are None if they were not read, and so is `in_domain`. `unread_edition` is why the machine refused the
    edition. `events` are newest first, or None if the log could not be read, or with `might_be_hidden` if it shows nothing to an account
    that might not have the right to read it.
    `genuine_events` are the events of the genuine validation. `kms_requests` is the number of recent requests in the log of a KMS host, or
    None if it was not read. `start_failure` is the code of the last start of the Key Management Service, or None if it succeeded, and
    `timer_failure` that of its renewal timer.
    `failures` contains, by activation ID, the code with which Microsoft last rejected a product. `skipped_records` is the number of log
    records that are not valid. `esu_prepared` is whether a machine without a key for the
    required Extended Security Updates has the license for it, or None if this was not read. `office` is what Office is installed.
    `token_licenses` are the issuance licenses, or None if they were not read, and `unread_token_licenses` is why the machine refused them.
    """

    state: ActivationState
    now: datetime
    edition_id: str | None = None
    unread_edition: str = ""
    domain: str | None = None
    in_domain: bool | None = None
    events: tuple[KmsEvent, ...] | None = ()
    might_be_hidden: bool = False
    publications: tuple[Publication, ...] = ()
    kms_requests: int | None = None
    start_failure: int | None = None
    timer_failure: int | None = None
    policy: PolicyState | None = None
    genuine_events: tuple[CheckEvent, ...] = ()
    failures: Mapping[str, int] = field(default_factory=dict)
    probe_results: Mapping[Route, ProbeResult] = field(default_factory=dict)
    skipped_records: int = 0
    esu_prepared: bool | None = None
    office: InstalledOffice = field(default_factory=InstalledOffice)
    token_licenses: tuple[TokenLicense, ...] | None = None
    unread_token_licenses: str = ""

    @cached_property
    def unused(self) -> frozenset[str]:
        """The activation IDs of Office keys that are not in use."""
        return ids_of(leftovers(self.state, self.office))

    @property
    def clock_difference(self) -> timedelta:
        """How far the clock of the machine is ahead of the clock of the controller; negative if it is behind."""
        return self.state.os.time - self.now

    @property
    def clock_difference_minutes(self) -> int:
        """The same in minutes, rounded."""
        return round(self.clock_difference.total_seconds() / 60)


def is_kms_client(product: LicensedProduct) -> bool:
    """Return whether the product is a KMS client."""
    return product.channel is Channel.GVLK
