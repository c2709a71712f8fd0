# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A check of one machine: read the state, probe the KMS hosts from the controller, and return the findings.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ..._cim.session import CimSession
from ..._errors import ErrorExplanation, sentence, with_next_step
from ..._jobs.activation_check import adba as check_adba
from ..._jobs.activation_check import findings as check
from ..._jobs.activation_check import renewal as check_renewal
from ..._jobs.activation_check.model import CheckData, CheckFinding, CheckSettings
from ..._jobs.activation_check.read import read_check_data
from ..._licensing.catalog import esu
from ..._licensing.catalog.findings import Severity
from ..._licensing.office.report import describe_with_office
from ..._licensing.policies.model import DesiredPolicies
from ..._licensing.state.model import Channel
from ..._licensing.state.scope import APPLICATIONS
from ..._probing.prober import RouteProber
from ..._probing.verification import prober_of
from ..generations import EVERY
from ..result import with_warnings

_SHOWN = 3
"""Number of findings in the message of the task; the others are counted."""

CAUSES = {
    Severity.ERROR: "The machine is not in the expected activation state, or will not stay in it.",
    Severity.WARNING: "The machine might have a problem.",
    Severity.INFO: "The task fails for this finding because of fail_on.",
}


def settings_of(options: Mapping[str, Any]) -> CheckSettings:
    """Return the settings of the check from the options of the task."""
    return CheckSettings(
        expected_channels=frozenset(Channel(channel) for channel in options["expected_channels"] or ()),
        min_days_left=options["min_days_left"],
        renewal=options["renewal"],
        probe=options["probe"],
        clock_tolerance=options["clock_tolerance"],
        policy=DesiredPolicies(**options["policy"]) if options["policy"] else None,
        esu=esu.named(options["esu"]) if options["esu"] else None,
        fail_on=frozenset(options["fail_on"]),
        activation_objects=None if options["activation_objects"] is None else tuple(options["activation_objects"]),
    )


def check_machine(session: CimSession, options: Mapping[str, Any], host: str, prober: RouteProber | None = None) -> dict[str, Any]:
    """Read and check a machine, and return the result of the task; `host` is the name of the machine in messages.

    `prober` probes the KMS hosts; without it, the machine has a prober of its own.
    """
    desired = settings_of(options)
    data = read_check_data(session, APPLICATIONS[options["application"]], desired, lambda: datetime.now(timezone.utc), EVERY)
    return result_of(_with_probe_results(data, desired, prober or prober_of(options)), desired, host)


def result_of(data: CheckData, desired: CheckSettings, host: str) -> dict[str, Any]:
    """Return the findings, whether they fail the task, and the state of the machine."""
    found = check.findings(data, desired)
    failing = [finding for finding in found if desired.is_failure(finding)]
    result = {
        "changed": False,
        "passed": not failing,
        "findings": [{**check.describe(finding), "is_failure": finding in failing} for finding in found],
        "skipped_records": data.skipped_records,
        "clock_difference_minutes": data.clock_difference_minutes if desired.clock_tolerance else None,
        "object_coverage": check_adba.coverage(data, desired),
        "domain_membership": check_adba.membership(data),
        **describe_with_office(data.state, data.office),
        "msg": f"{host}: {summary_of(found, desired)}.",
    }
    result = with_warnings(result, host, _unread(data))
    return {**result, **_failure(failing, host)} if failing else result


def _unread(data: CheckData) -> tuple[str, ...]:
    """Return a warning about a rule that was not checked because the machine refused its data."""
    edition = f"The module could not check whether the key is for the edition in the registry: {data.unread_edition}."
    tokens = f"The module could not read the issuance licenses of token-based activation: {data.unread_token_licenses}."
    return (*((edition,) if data.unread_edition else ()), *((tokens,) if data.unread_token_licenses else ()))


def summary_of(found: Sequence[CheckFinding], desired: CheckSettings) -> str:
    """Return the numbers of findings by severity, none of which fails the task, as a text."""
    counts = {severity: sum(finding.severity is severity for finding in found) for severity in Severity}
    numbers = ", ".join(_number(count, severity) for severity, count in counts.items() if count)
    if not numbers:
        return "no findings"
    return f"{numbers} (not in fail_on: {', '.join(sorted(desired.fail_on)) or 'empty'})"


def _number(count: int, severity: Severity) -> str:
    """Return a number of findings of one severity, such as '2 errors'; the plural of info is info."""
    return f"{count} {severity.value}{'s' if count > 1 and severity is not Severity.INFO else ''}"


def _with_probe_results(data: CheckData, desired: CheckSettings, prober: RouteProber) -> CheckData:
    """Probe each KMS host once, even if several products use it."""
    if not (desired.renewal and desired.probe):
        return data
    clients = check_renewal.clients(data)
    routes = {check_renewal.route_of(data.state, product, data.domain) for product in clients}
    return replace(data, probe_results={route: prober.probe(route) for route in routes})


def _failure(failing: Sequence[CheckFinding], host: str) -> dict[str, Any]:
    """Return a message that ends with the next step for the most severe finding, and this finding as an error."""
    more = len(failing) - _SHOWN
    summary = "; ".join(f"[{finding.id}] {finding.message.rstrip('.')}" for finding in failing[:_SHOWN])
    rest = f"; and {more} more in 'findings'" if more > 0 else ""
    error = _error(failing[0])
    return {"failed": True, "msg": with_next_step(f"{host}: {summary}{rest}", error), "error": error}


def _error(finding: CheckFinding) -> dict[str, Any]:
    """Return a finding as an error: the meaning is its message, the other keys come from its Windows error code, if it has one."""
    own = ErrorExplanation(
        finding.id, None, sentence(finding.message), CAUSES[finding.severity], finding.next_steps, "check", transient=False
    )
    kept = {"meaning": own.meaning, "next_steps": list(finding.next_steps)}
    return {**own.as_dict(), **(finding.error or {}), **kept}
