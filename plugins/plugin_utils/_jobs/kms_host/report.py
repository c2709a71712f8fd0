# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A KMS host as the plain data of a task result.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure; times are ISO 8601 in UTC, intervals minutes.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ....module_utils._hosts import normalize_name
from ..._licensing.catalog.errors import explain
from ..._licensing.hosting import firewall as firewalls
from ..._licensing.hosting.model import HostState, KmsHostDesired
from ..._licensing.state.model import LicensedProduct
from ..._licensing.state.report import iso
from .plan import record
from .run import HostOutcome

_WITH_INSTALLATION_ID = frozenset({"needs_confirmation_id", "failed", "not_requested"})


def describe_host(state: HostState, desired: KmsHostDesired) -> dict[str, Any]:
    """The part `host` of a result."""
    service = state.licenses.service
    side = next((product.kms_host for product in state.host_products if product.kms_host.enabled), service.kms_host)
    return {
        "name": state.name,
        "port": state.port,
        "enabled": state.is_licensed_host,
        "count": side.current_count,
        "requests": asdict(side.requests),
        "host_keys": [_describe_key(product) for product in state.host_products],
        "intervals": {"activation": service.kms.activation_interval, "renewal": service.kms.renewal_interval},
        "dns_publishing": service.dns_publishing,
        "low_priority": service.low_priority,
        "firewall": _describe_firewall(state, desired),
        "dns_publication": _describe_publication(state),
        "srv_records": [record(state, entry) for entry in state.records()] if state.is_publishing else [],
    }


def describe_activations(outcome: HostOutcome) -> list[dict[str, Any]]:
    """What became of every host key of the task, in its order."""
    found = []
    for part in outcome.plan.keys:
        report = outcome.activation_of(part.plan)
        product = outcome.state.product_with(part.key.partial_product_key)
        needs_id = product is not None and report["outcome"] in _WITH_INSTALLATION_ID
        found.append(
            {
                "product_key": part.key.partial_product_key,
                "outcome": report["outcome"],
                "attempts": report["attempts"],
                "installation_id": product.installation_id if product and needs_id else None,
                "error": report["error"],
            }
        )
    return found


def spent(outcome: HostOutcome) -> int:
    """Activations of host keys that were spent, or in check mode would be."""
    return sum(part.activations_used for part in outcome.parts[: outcome.reached])


def _describe_key(product: LicensedProduct) -> dict[str, Any]:
    return {
        "product_key": product.partial_product_key,
        "name": product.name,
        "application": product.application.value,
        "activation_id": product.activation_id,
        "status": product.status.name.lower(),
        "extended_pid": product.extended_pid,
        "installation_id": product.installation_id,
        "count": product.kms_host.current_count,
    }


def _describe_firewall(state: HostState, desired: KmsHostDesired) -> dict[str, Any]:
    port = state.port_for(desired)
    by_hand = desired.firewall != firewalls.UNMANAGED and not state.firewall.available
    return {
        "state": state.firewall.state(port),
        "rules": [
            {"name": rule.name, "enabled": rule.enabled, "ports": list(rule.ports), "profiles": list(rule.profiles)}
            for rule in state.firewall.rules
        ],
        "ignored_profiles": list(state.firewall.ignored_profiles),
        "command": firewalls.commands(desired.firewall_state, port) if by_hand else None,
    }


def _describe_publication(state: HostState) -> dict[str, Any]:
    """A domain where it failed says more than those where it worked; one that was taken off the list says nothing any more.

    Outside a domain nobody knows in which one the machine publishes by itself, so that all of them count.
    """
    current = {normalize_name(entry.domain) for entry in state.records()}
    known = [item for item in state.publications if state.domain is None or normalize_name(item.domain) in current]
    last = next((item for item in known if item.code is not None), known[0] if known else None)
    if last is None:
        return {"outcome": "unknown", "domain": None, "time": None, "error": None}
    error = None if last.code is None else explain(last.code).as_dict()
    return {"outcome": "failed" if error else "published", "domain": last.domain, "time": iso(last.time), "error": error}
