# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All rules of a check, and their findings as result data.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..._licensing.catalog.findings import FINDINGS
from ..._licensing.policies.deviations import deviations
from . import adba as check_adba
from . import esu as check_esu
from . import host as check_host
from . import license as check_license
from . import office as check_office
from . import renewal as check_renewal
from . import tokens as check_tokens
from .model import CheckData, CheckFinding, CheckSettings

_HIDDEN = (
    "The event logs show nothing to this account, which is not an administrator of the machine, so it is not known whether they are empty"
    " or cannot be read."
)
_EVENTS_STEPS = ("Add the account to the local group Event Log Readers, or use an administrator of the machine.",)


def findings(data: CheckData, desired: CheckSettings) -> tuple[CheckFinding, ...]:
    """Return all findings of a check, the most severe first."""
    found = (
        *_unread_log(data),
        *_policies(data, desired),
        *check_license.findings(data, desired),
        *check_office.findings(data),
        *check_esu.findings(data, desired),
        *check_adba.findings(data, desired),
        *check_tokens.findings(data, desired),
        *check_renewal.findings(data, desired),
        *check_host.findings(data, desired),
    )
    order = list(FINDINGS)
    once = {(finding.id, finding.message): check_office.with_application(data, finding) for finding in found}
    return tuple(sorted(once.values(), key=lambda finding: order.index(finding.id)))


def _unread_log(data: CheckData) -> Iterator[CheckFinding]:
    if data.events is None:
        message = _HIDDEN if data.might_be_hidden else "Cannot read the event logs of the machine, so its last requests are not known."
        yield CheckFinding("events_not_read", message, _EVENTS_STEPS)


def _policies(data: CheckData, desired: CheckSettings) -> Iterator[CheckFinding]:
    if data.policy is None or desired.policy is None:
        return
    for wrong in deviations(data.policy, desired.policy):
        message = f"The policy {wrong.name} is different: {wrong.place} is {wrong.found}, expected: {wrong.expected}."
        steps = (f"Set {wrong.name} with activation_policy.", "If the value changes again, look for a Group Policy that sets it.")
        yield CheckFinding("policy_mismatch", message, steps)


def describe(finding: CheckFinding) -> dict[str, Any]:
    """Return a finding in the format of the results."""
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "message": finding.message,
        "product_name": finding.product_name,
        "next_steps": list(finding.next_steps),
        "error": dict(finding.error) if finding.error else None,
    }
