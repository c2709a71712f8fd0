# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All metrics of a report, and the file for the textfile collector of node_exporter.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from ..model import Report
from .exposition import Metric
from .fleet import FLEET_METRICS
from .hosts import HOST_METRICS
from .machines import MACHINE_METRICS
from .source import MetricSource

METRICS: tuple[Metric, ...] = (*FLEET_METRICS, *HOST_METRICS, *MACHINE_METRICS)


def render_prometheus(report: Report) -> str:
    """Return the metrics in the text format of Prometheus."""
    source = MetricSource(report)
    return "".join(line for metric in METRICS for line in metric.lines(source))


__all__ = ["METRICS", "render_prometheus"]
