# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine's whole state as JSON-able data, for tests and the control API. Keys appear by their last five characters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import kms_host, ospp, spp_view, tokens
from .state import KmsSettings, ProductState

if TYPE_CHECKING:
    from .machine import Machine


def plain(value: Any) -> Any:
    """A value in the types JSON has."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    return value


def _product(machine: Machine, product: ProductState, class_name: str = spp_view.SPP_PRODUCT) -> dict[str, Any]:
    now = machine.now()
    product.settle(now)
    key = machine.context.keys.of(product.key)
    return {
        "channel": product.sku.channel,
        "family": product.sku.family,
        "settings": vars(product.settings),
        "activations_used": None if key is None else key.used,
        "next_attempt": plain(product.next_attempt),
        "properties": plain(spp_view.product_values(machine, product.sku, now, class_name)),
    }


def _office(machine: Machine) -> dict[str, Any]:
    """What there is to know about OSPP."""
    return {
        "cmid": machine.ospp.cmid,
        "rearms_left": machine.ospp.office_rearms_left,
        "settings": vars(machine.ospp.settings),
        "products": [
            _product(machine, product, ospp.PRODUCT)
            for product in machine.ospp.products.values()
            if product.keyed or product.settings != KmsSettings()
        ],
    }


def licensing(machine: Machine) -> dict[str, Any]:
    """What there is to know about the licensing service of a machine."""
    service, now = machine.service, machine.now()
    return {
        "service": plain(spp_view.service_values(machine, now)),
        "rearm_pending": service.rearm_pending,
        "token_licenses": plain(list(tokens.rows_of(machine))),
        "products": [_product(machine, product)
                     for product in service.products.values() if product.keyed or product.settings != KmsSettings()],
        "office": None if machine.office_licenses is None else _office(machine),
        "kms_host": {
            sku_id: {"count": kms_host.current_count(role, now), "clients": sorted(role.seen), "total": role.total, "failed": role.failed,
                     "by_status": list(role.by_status)}
            for sku_id, role in service.hosts.items()
        },
        "firewall": {"state": machine.firewall.state, "rules": [vars(rule) for rule in machine.firewall.rules()]},
        "kms_reachable": machine.kms_reachable(),
        "publications": [vars(record) for record in machine.publications()],
    }  # fmt: skip


def snapshot(machine: Machine) -> dict[str, Any]:
    """Everything about one machine."""
    return {
        "name": machine.name,
        "address": machine.address,
        "fqdn": machine.fqdn,
        "domain": machine.domain,
        "language": machine.language,
        "os": {
            "caption": machine.os.caption,
            "version": machine.os.version_text,
            "edition_id": machine.os.edition.edition_id,
            "server": machine.os.server,
            "ubr": machine.ubr,
            "time": plain(machine.now()),
        },
        "tags": list(machine.tags),
        **machine.licensing_snapshot(),
        "registry": plain(machine.registry.changed()),
        "events": [
            {"id": event.number, "log": event.log, "time": plain(event.time),
            "strings": list(event.strings)} for event in machine.events.newest_first()
        ],
        "files": [{"path": stored.path, "made": plain(stored.made), "records": stored.records} for stored in machine.files.values()],
        "license_files": {
            "windows": list(machine.licenses.titles),
            "office": None if machine.office_licenses is None else list(machine.office_licenses.titles),
        },
        "crashed": machine.crashed,
        "hardware_changes": machine.hardware_changes,
        "updates": sorted(machine.updates),
        "stopped_services": sorted(machine.stopped),
        "faults": machine.context.faults.active().get(machine.name, {}) | machine.context.faults.active().get("*", {}),
    }  # fmt: skip
