# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics about KMS hosts and MAKs.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..._licensing.catalog.thresholds import THRESHOLDS
from .exposition import Metric, Sample
from .source import MOST_KEYS, MetricSource

_FEWEST = min(THRESHOLDS.values())
_LAST_FIVE = 5


def _kms_hosts(source: MetricSource) -> Iterator[Sample]:
    yield (), len(source.report.summary["kms_hosts"])


def _counted(source: MetricSource) -> Iterator[Sample]:
    for row in source.hosts:
        if row["current_count"] is not None:
            yield (row["machine"], "windows"), row["current_count"]
        if row["office_count"] is not None:
            yield (row["machine"], "office"), row["office_count"]


def _required(source: MetricSource) -> Iterator[Sample]:
    for row in source.hosts:
        if row["current_count"] is not None:
            yield (row["machine"], "windows"), row["required_count"] or _FEWEST
        if row["office_count"] is not None:
            yield (row["machine"], "office"), THRESHOLDS["office"]


def _requests(source: MetricSource) -> Iterator[Sample]:
    yield from (((row["machine"],), row["request_count"]) for row in source.hosts if row["request_count"] is not None)


def _failed_requests(source: MetricSource) -> Iterator[Sample]:
    yield from (((row["machine"],), row["failed_request_count"]) for row in source.hosts if row["failed_request_count"] is not None)


def _alarms(source: MetricSource) -> Iterator[Sample]:
    """Yield 1 for an alarm that is raised, and 0 for one that is not. An alarm that is not known has no sample."""
    shown = [row["machine"] for row in source.hosts]
    for alarm in source.report.summary["kms_alarms"]:
        raised, ok = set(alarm["machines"]), set(alarm["ok_machines"])
        for machine in shown:
            if machine in raised or machine in ok:
                yield (machine, alarm["finding_id"], alarm["severity"]), int(machine in raised)


def _mak_machines(source: MetricSource) -> Iterator[Sample]:
    for row in source.maks:
        labels = (row["partial_product_key"][-_LAST_FIVE:], row["application"], row["programme"] or "")
        yield (*labels, "true"), len(row["licensed_machines"])
        yield (*labels, "false"), len(row["not_licensed_machines"])


def _budgets(source: MetricSource) -> Iterator[Sample]:
    yield from (((key[-_LAST_FIVE:],), number) for key, number in sorted(source.report.mak_budgets.items())[:MOST_KEYS])


def _remaining(source: MetricSource) -> Iterator[Sample]:
    yield from (((key[-_LAST_FIVE:],), number) for key, number in sorted(source.report.maks_left.items())[:MOST_KEYS])


def _in_ledger(source: MetricSource) -> Iterator[Sample]:
    uses = sorted((source.report.ledger.maks if source.report.ledger else {}).items())
    yield from (((key[-_LAST_FIVE:],), use.activations_used) for key, use in uses[:MOST_KEYS])


def _without_result(source: MetricSource) -> Iterator[Sample]:
    if source.report.ledger:
        yield (), len(source.report.ledger.uncertain)


_MAK = ("partial_product_key", "application", "programme", "activated")
_USED = "Number of activations of a MAK that are used in the ledgers."
_OPEN = "Number of requests in the ledgers whose result is not known, without those of a run that can still go on."
_LEFT = "Number of activations that Microsoft has left for a MAK."

HOST_METRICS = (
    Metric("kms_hosts", "gauge", "Number of machines that are KMS hosts.", (), _kms_hosts),
    Metric("kms_counted_clients", "gauge", "Number of clients that a KMS host counts.", ("machine", "application"), _counted),
    Metric("kms_required_clients", "gauge", "Number of clients that a KMS host must count.", ("machine", "application"), _required),
    Metric("kms_requests_total", "counter", "Number of requests that a KMS host has received.", ("machine",), _requests),
    Metric("kms_failed_requests_total", "counter", "Number of these requests that failed.", ("machine",), _failed_requests),
    Metric("kms_alarm", "gauge", "Whether an alarm is raised for a KMS host (1) or not (0).", ("machine", "id", "severity"), _alarms),
    Metric("mak_machines", "gauge", "Number of machines with a MAK, by whether it is activated.", _MAK, _mak_machines),
    Metric("mak_budget_activations", "gauge", "Number of activations that a MAK may use.", ("partial_product_key",), _budgets),
    Metric("mak_remaining_activations", "gauge", _LEFT, ("partial_product_key",), _remaining),
    Metric("mak_ledger_activations_total", "counter", _USED, ("partial_product_key",), _in_ledger),
    Metric("ledger_unknown_requests", "gauge", _OPEN, (), _without_result),
)

__all__ = ["HOST_METRICS"]
