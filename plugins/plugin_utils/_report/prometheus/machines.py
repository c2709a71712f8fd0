# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics about single machines, for at most as many machines as the option allows.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterator

from .exposition import Metric, Sample
from .source import MetricSource


def _read(source: MetricSource) -> Iterator[Sample]:
    yield from (((record.inventory_hostname,), int(record.inventory_hostname in source.read)) for record in source.shown)


def _licensed(source: MetricSource) -> Iterator[Sample]:
    for record in source.shown:
        machine = source.read.get(record.inventory_hostname)
        if machine:
            yield (machine.name,), int(machine.is_licensed)


def _expiry(source: MetricSource) -> Iterator[Sample]:
    for record in source.shown:
        found: dict[str, int] = {}
        for application, end in source.ends(record.inventory_hostname):
            found[application] = min(end, found.get(application, end))
        yield from (((record.inventory_hostname, application), end) for application, end in sorted(found.items()))


def _record_time(source: MetricSource) -> Iterator[Sample]:
    yield from (((record.inventory_hostname,), int(record.time.timestamp())) for record in source.shown)


def _omitted(source: MetricSource) -> Iterator[Sample]:
    yield (), len(source.report.records.records) - len(source.shown)


_EXPIRY = "End of the first license of a machine that ends, for each application."

MACHINE_METRICS = (
    Metric("machine_read", "gauge", "Whether a machine was read (1) or not (0).", ("machine",), _read),
    Metric("licensed", "gauge", "Whether a machine that was read is licensed (1) or not (0).", ("machine",), _licensed),
    Metric("expiry_timestamp_seconds", "gauge", _EXPIRY, ("machine", "application"), _expiry),
    Metric("record_timestamp_seconds", "gauge", "Time of the record of a machine.", ("machine",), _record_time),
    Metric("omitted_machines", "gauge", "Number of machines without series of their own.", (), _omitted),
)

__all__ = ["MACHINE_METRICS"]
