# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A check of one machine, from options to a result: read, ask the KMS hosts from here, judge.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ._cim.session import CimSession
from ._licensing import check, check_renewal
from ._licensing.check_model import CheckWish, Evidence, Finding
from ._licensing.check_read import read_evidence
from ._licensing.model import Application, Channel
from ._licensing.report import describe
from ._reach import Prober

_SHOWN = 3
"""Findings whose text stands in the message; the others are counted."""


def wish_of(options: Mapping[str, Any]) -> CheckWish:
    """What the task asks of the machine."""
    return CheckWish(
        expected_channels=frozenset(Channel(word) for word in options["expected_channel"] or ()),
        min_days_left=options["min_days_left"],
        renewal=options["renewal"],
        probe=options["probe"],
        clock_tolerance=options["clock_tolerance"],
        fail_on=frozenset(options["fail_on"]),
    )


def check_machine(session: CimSession, applications: frozenset[Application], options: Mapping[str, Any], host: str) -> dict[str, Any]:
    """The result of the task; `host` is the name of the machine in messages."""
    wish = wish_of(options)
    prober = Prober(options["timeout"], options["dns_server"], options["dns_port"])
    evidence = read_evidence(session, applications, wish, lambda: datetime.now(timezone.utc))
    return judged(_with_reach(evidence, wish, prober), wish, host)


def judged(evidence: Evidence, wish: CheckWish, host: str) -> dict[str, Any]:
    """What was found, whether it fails the task, and the state it rests on."""
    found = check.findings(evidence, wish)
    failing = [finding for finding in found if wish.fails(finding)]
    result = {
        "changed": False,
        "passed": not failing,
        "findings": [{**check.describe(finding), "fails": finding in failing} for finding in found],
        **describe(evidence.state),
    }
    return {**result, **_failure(failing, host)} if failing else result


def _with_reach(evidence: Evidence, wish: CheckWish, prober: Prober) -> Evidence:
    """Ask each KMS host once, whatever the number of products that would."""
    if not (wish.renewal and wish.probe):
        return evidence
    clients = check_renewal.clients(evidence.state)
    routes = {check_renewal.route_of(evidence.state, product, evidence.domain) for product in clients}
    return replace(evidence, reach={route: prober.see(route) for route in routes})


def _failure(failing: Sequence[Finding], host: str) -> dict[str, Any]:
    """One line for people, which ends with what to do about the worst of it, and the worst as an error."""
    worst, more = failing[0], len(failing) - _SHOWN
    told = "; ".join(f"[{finding.id}] {finding.text.rstrip('.')}" for finding in failing[:_SHOWN])
    rest = f"; and {more} more in 'findings'" if more > 0 else ""
    step = f" Next: {worst.next_steps[0]}" if worst.next_steps else ""
    return {"failed": True, "msg": f"{host}: {told}{rest}.{step}", "error": _error(worst)}


def _error(finding: Finding) -> dict[str, Any]:
    own = {
        "code": finding.id,
        "symbol": None,
        "meaning": finding.text,
        "cause": finding.text,
        "category": "check",
        "transient": False,
        "reason": None,
        "detail": None,
    }
    return {**own, **(finding.error or {}), "next_steps": list(finding.next_steps)}
