# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All rules of a check over what was read, and the result in plain data.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..._licensing.policies.deviations import deviations
from . import host as check_host
from . import license as check_license
from . import renewal as check_renewal
from .model import FINDINGS, CheckData, CheckFinding, CheckSettings

_EVENTS_STEPS = ("Use an account with the right to read the event logs, such as an administrator of the machine.",)


def findings(evidence: CheckData, desired: CheckSettings) -> tuple[CheckFinding, ...]:
    """Return all findings of a check, the worst first."""
    found = (
        *_evidence(evidence),
        *_policies(evidence, desired),
        *check_license.findings(evidence, desired),
        *check_renewal.findings(evidence, desired),
        *check_host.findings(evidence, desired),
    )
    order = list(FINDINGS)
    once = {(finding.id, finding.message): finding for finding in found}
    return tuple(sorted(once.values(), key=lambda finding: order.index(finding.id)))


def _evidence(evidence: CheckData) -> Iterator[CheckFinding]:
    if evidence.events is None:
        message = "Cannot read the log Application of the machine, so its last requests are not known."
        yield CheckFinding("events_not_read", message, _EVENTS_STEPS)


def _policies(evidence: CheckData, desired: CheckSettings) -> Iterator[CheckFinding]:
    if evidence.policy is None or desired.policy is None:
        return
    for wrong in deviations(evidence.policy, desired.policy):
        message = f"The policy {wrong.name} is different: {wrong.place} is {wrong.found}, expected: {wrong.expected}."
        steps = (f"Set {wrong.name} with activation_policy.", "If the value changes again, look for a Group Policy that sets it.")
        yield CheckFinding("policy_mismatch", message, steps)


def describe(finding: CheckFinding) -> dict[str, Any]:
    """A finding in the shape of the results."""
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "message": finding.message,
        "product_name": finding.product_name,
        "next_steps": list(finding.next_steps),
        "error": dict(finding.error) if finding.error else None,
    }
