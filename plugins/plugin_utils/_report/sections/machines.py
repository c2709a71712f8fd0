# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reports 02C, 03A, 03B, 04A, 04B, and 05A of Configuration Manager: licenses by machine, status, and product, and the KMS hosts.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A product without a key is not in these sections, because Windows has the licenses of many editions that are not installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..._fleet.licenses import way_of
from ..._fleet.machines import Machine, is_activated, natural
from ..._task_results import Result
from ..model import Report
from .model import ReportSection

_PRODUCT = (
    "machine", "product_name", "application", "channel", "status", "licensed", "partial_product_key", "activated_by", "expires",
    "permanent", "kms_host", "kms_port", "activation_type", "ad_object_name",
)  # fmt: skip
_STATUS = ("application", "status")
_NAME = ("product_name", "application")
_HOST = (
    "machine", "computer_name", "licensed", "listening_port", "current_count", "required_count", "maximum_count", "office_count",
    "request_count", "failed_request_count",
)  # fmt: skip


def licenses_of_machines(_report: Report, machines: Sequence[Machine]) -> ReportSection:
    """Return 02C: every product with a key of every machine. Configuration Manager shows one machine at a time."""
    return ReportSection.of("02C", _PRODUCT, (_license(machine, product) for machine, product in _keyed(machines)))


def count_by_status(report: Report, _machines: Sequence[Machine]) -> ReportSection:
    """Return 03A: the number of machines with a product in each status, the worst first."""
    return ReportSection.of(
        "03A", (*_STATUS, "machine_count"), ({**row, "machine_count": row["count"]} for row in report.summary["statuses"])
    )


def machines_by_status(report: Report, _machines: Sequence[Machine]) -> ReportSection:
    """Return 03B: the machines with a product in each status, the worst first."""
    rows = ({**row, "machine": machine} for row in report.summary["statuses"] for machine in row["machines"])
    return ReportSection.of("03B", (*_STATUS, "machine"), rows)


def count_by_product(_report: Report, machines: Sequence[Machine]) -> ReportSection:
    """Return 04A: the number of machines with each product, the most frequent first."""
    found: dict[tuple[str, str], set[str]] = {}
    for machine, product in _keyed(machines):
        found.setdefault(_name(product), set()).add(machine.name)
    rows = [{**dict(zip(_NAME, name, strict=True)), "machine_count": len(names)} for name, names in found.items()]
    return ReportSection.of("04A", (*_NAME, "machine_count"), sorted(rows, key=lambda row: (-row["machine_count"], row["product_name"])))


def machines_by_product(_report: Report, machines: Sequence[Machine]) -> ReportSection:
    """Return 04B: the machines with each product, by the name of the product."""
    rows = (_license(machine, product) for machine, product in _keyed(machines))
    columns = (*_NAME, "machine", "channel", "status", "licensed")
    return ReportSection.of("04B", columns, sorted(rows, key=lambda row: (row["product_name"], natural(row["machine"]))))


def kms_hosts(report: Report, machines: Sequence[Machine]) -> ReportSection:
    """Return 05A: the machines that are KMS hosts, with their counts."""
    ports = {machine.name: machine.service.get("listening_port") for machine in machines}
    rows = ({**row, "listening_port": ports.get(row["machine"])} for row in report.summary["kms_hosts"])
    return ReportSection.of("05A", _HOST, rows)


def _keyed(machines: Sequence[Machine]) -> Iterator[tuple[Machine, Result]]:
    for machine in machines:
        for product in (*machine.products, *machine.addons):
            yield machine, product


def _name(product: Result) -> tuple[str, str]:
    """Return the name and the application. A product of which no name was read has its activation ID."""
    return str(product.get("name") or product.get("activation_id") or ""), str(product["application"])


def _license(machine: Machine, product: Result) -> dict[str, Any]:
    kms = product.get("kms") or {} if product["channel"] == "gvlk" else {}
    name, application = _name(product)
    return {
        "machine": machine.name,
        "product_name": name,
        "application": application,
        "channel": product["channel"],
        "status": product["status"],
        "licensed": is_activated(product),
        "partial_product_key": product.get("partial_product_key"),
        "activated_by": way_of(product) if is_activated(product) else None,
        "expires": product.get("expires"),
        "permanent": product.get("permanent"),
        "kms_host": kms.get("kms_host"),
        "kms_port": kms.get("kms_port"),
        "activation_type": product.get("activation_type"),
        "ad_object_name": (product.get("ad") or {}).get("object_name"),
    }


__all__ = ["count_by_product", "count_by_status", "kms_hosts", "licenses_of_machines", "machines_by_product", "machines_by_status"]
