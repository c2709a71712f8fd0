# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A KMS host as the plain data of a task result.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure; times are ISO 8601 in UTC, intervals minutes.
"""

from __future__ import annotations

from typing import Any

from ....module_utils._hosts import normalize_name
from ..._licensing.catalog.errors import PUBLISHING, explain
from ..._licensing.hosting import firewall as firewalls
from ..._licensing.hosting.model import HostState, KmsHostDesired
from ..._licensing.state.report import describe_product, describe_service, iso
from .plan import record
from .run import HostOutcome


def describe(outcome: HostOutcome) -> dict[str, Any]:
    """Return the results that only kms_host has."""
    state, plan = outcome.state, outcome.plan
    return {
        "kms_host": state.name,
        "service": describe_service(state.licenses),
        "products": [describe_product(state.licenses, product) for product in state.host_products],
        "firewall_info": _describe_firewall(state, plan.desired),
        "dns_publication": _describe_publication(state),
        "srv_records": [record(state, entry) for entry in state.records()] if state.is_publishing else [],
        "stale_srv_records": list(plan.stale_records),
        "activations": describe_activations(outcome),
        "activations_used": activations_used(outcome),
        "service_restarted": outcome.restarted,
    }


def describe_activations(outcome: HostOutcome) -> list[dict[str, Any]]:
    """Return the activation of every KMS host key of the task, in the order of the task."""
    return [dict(outcome.activation_of(part.plan)) for part in outcome.plan.keys]


def activations_used(outcome: HostOutcome) -> int:
    """Return the number of activations of KMS host keys that were used, or in check mode would be used."""
    return sum(part.activations_used for part in outcome.parts[: outcome.reached])


def _describe_firewall(state: HostState, desired: KmsHostDesired) -> dict[str, Any]:
    port = state.port_for(desired)
    is_manual = desired.firewall != firewalls.UNMANAGED and not state.firewall.available
    return {
        "status": state.firewall.state(port),
        "rules": [
            {"name": rule.name, "enabled": rule.enabled, "ports": list(rule.ports), "profiles": list(rule.profiles)}
            for rule in state.firewall.rules
        ],
        "ignored_profiles": list(state.firewall.ignored_profiles),
        "command": firewalls.commands(desired.firewall_state, port) if is_manual else None,
    }


def _describe_publication(state: HostState) -> dict[str, Any]:
    """Return the last publication: a failed one if there is one. Domains that are not in the list any more are ignored.

    All publications count for a machine that is not in a domain, because it is not known where such a machine publishes.
    """
    current = {normalize_name(entry.domain) for entry in state.records()}
    known = [item for item in state.publications if state.domain is None or normalize_name(item.domain) in current]
    last = next((item for item in known if item.code is not None), known[0] if known else None)
    if last is None:
        return {"outcome": "unknown", "domain": None, "event_time": None, "error": None}
    error = None if last.code is None else explain(last.code, context=PUBLISHING).as_dict()
    return {"outcome": "failed" if error else "published", "domain": last.domain, "event_time": iso(last.time), "error": error}
