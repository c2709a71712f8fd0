# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics about all machines of a report together. Their number does not grow with the number of machines.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..._fleet.licenses import ACTIVATED_BY
from ..._fleet.machines import STATES
from ..._licensing.catalog import esu
from ..._licensing.catalog.findings import FINDINGS
from ..._licensing.state.model import Channel
from ..product_facts import status_of
from .exposition import Metric, Sample
from .source import MetricSource

OTHER = "other"
"""The label of findings of a newer release, so that a record file cannot invent labels."""

_COVERED = {"true": True, "false": False, "unknown": None}
_CHANNELS = frozenset(channel.value for channel in Channel)


def _report_time(source: MetricSource) -> Iterator[Sample]:
    yield (), int(source.report.report_time.timestamp())


def _oldest_record(source: MetricSource) -> Iterator[Sample]:
    if source.report.records.records:
        yield (), int(min(record.time for record in source.report.records.records).timestamp())


def _machines(source: MetricSource) -> Iterator[Sample]:
    for state in STATES:
        yield (state,), len(source.report.summary["machines"][state])


def _licensed(source: MetricSource) -> Iterator[Sample]:
    yield ("true",), len(source.report.summary["licensed_machines"])
    yield ("false",), len(source.report.summary["not_licensed_machines"])


def _stale(source: MetricSource) -> Iterator[Sample]:
    if source.report.stale_after_days is not None:
        yield (), len(source.report.records.stale)


def _checked(source: MetricSource) -> Iterator[Sample]:
    yield (), _checked_count(source)


def _checked_count(source: MetricSource) -> int:
    return sum("findings" in machine.result for machine in source.read.values())


def _products(source: MetricSource) -> Iterator[Sample]:
    found: Counter[tuple[str, str, str]] = Counter()
    for machine in source.read.values():
        for product in (*machine.products, *machine.addons):
            channel = str(product["channel"])
            found[str(product["application"]), channel if channel in _CHANNELS else Channel.UNKNOWN.value, status_of(product)] += 1
    yield from sorted(found.items())


def _activated(source: MetricSource) -> Iterator[Sample]:
    for way in ACTIVATED_BY:
        yield (way,), len(source.report.summary["machines_by_activation"][way])


def _covered(source: MetricSource) -> Iterator[Sample]:
    """Yield the machines whose check knew the activation objects, by the product that an object covers least."""
    known = [rows for machine in source.read.values() if (rows := machine.result.get("object_coverage"))]
    for label, covered in _COVERED.items():
        if known:
            yield (label,), sum(_least({row.get("covered") for row in rows}) is covered for rows in known)


def _least(answers: set[bool | None]) -> bool | None:
    return next(answer for answer in (False, None, True) if answer in answers)


def _expiring(source: MetricSource) -> Iterator[Sample]:
    yield (), len(source.report.summary["expiring"])


def _findings(source: MetricSource) -> Iterator[Sample]:
    """Yield every finding that this release knows, so that a finding that ends becomes 0 instead of disappearing."""
    if not _checked_count(source):
        return
    known = {row["id"]: row["count"] for row in source.report.summary["findings"]}
    for finding, severity in FINDINGS.items():
        yield (severity.value, finding), known.get(finding, 0)
    others: Counter[str] = Counter()
    for row in source.report.summary["findings"]:
        if row["id"] not in FINDINGS:
            others[row["severity"]] += row["count"]
    yield from (((severity, OTHER), count) for severity, count in sorted(others.items()))


def _duplicates(source: MetricSource) -> Iterator[Sample]:
    actions = ("machines_to_rearm", "machines_to_rearm_locally", "no_rearms_left")
    yield (), sum(any(each[name] for name in actions) for each in source.report.summary["duplicate_cmids"])


def _kms_clients(source: MetricSource) -> Iterator[Sample]:
    for row in source.report.summary["kms_counts"]:
        yield (row["client_type"],), row["asking"]


def _countable(source: MetricSource) -> Iterator[Sample]:
    yield from {(row["application"],): row["count"] for row in source.report.summary["kms_counts"]}.items()


def _esu_machines(source: MetricSource) -> Iterator[Sample]:
    for row in source.report.summary["esu"]:
        if row["programme"] in esu.names():
            yield (row["programme"], "true"), len(row["licensed_machines"])
            yield (row["programme"], "false"), len(row["not_licensed_machines"])


def _esu_end(source: MetricSource) -> Iterator[Sample]:
    for row in source.report.summary["esu"]:
        if row["programme"] in esu.names():
            yield (row["programme"],), esu.named(row["programme"]).end_timestamp


FLEET_METRICS = (
    Metric("report_timestamp_seconds", "gauge", "Time at which the report was made.", (), _report_time),
    Metric("oldest_record_timestamp_seconds", "gauge", "Time at which the machine with the oldest record was read.", (), _oldest_record),
    Metric("machines", "gauge", "Number of machines by whether they were read.", ("read_status",), _machines),
    Metric("licensed_machines", "gauge", "Number of machines that were read, by whether they are licensed.", ("licensed",), _licensed),
    Metric("stale_machines", "gauge", "Number of machines whose record is older than the option stale_after_days.", (), _stale),
    Metric("checked_machines", "gauge", "Number of machines that activation_check has checked.", (), _checked),
    Metric("products", "gauge", "Number of products with a key.", ("application", "channel", "status"), _products),
    Metric("activated_machines", "gauge", "Number of activated machines by what activated them.", ("activated_by",), _activated),
    Metric(
        "object_coverage_machines",
        "gauge",
        "Number of checked machines by whether an activation object covers them.",
        ("covered",),
        _covered,
    ),
    Metric("expiring_licenses", "gauge", "Number of activated licenses that end within the option expiring_within_days.", (), _expiring),
    Metric("findings", "gauge", "Number of machines with a finding of activation_check.", ("severity", "id"), _findings),
    Metric("duplicate_cmids", "gauge", "Number of client machine IDs that several KMS clients share.", (), _duplicates),
    Metric("kms_clients", "gauge", "Number of machines that use KMS hosts.", ("client_type",), _kms_clients),
    Metric("kms_countable_clients", "gauge", "Number of these machines as a KMS host counts them.", ("application",), _countable),
    Metric(
        "esu_machines", "gauge", "Number of machines with a key for Extended Security Updates.", ("programme", "activated"), _esu_machines
    ),
    Metric(
        "esu_end_timestamp_seconds", "gauge", "End of the last day of a programme for Extended Security Updates.", ("programme",), _esu_end
    ),
)

__all__ = ["FLEET_METRICS", "OTHER"]
