# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics in the text format of Prometheus, as the textfile collector of node_exporter reads it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The names follow the conventions of Prometheus: a prefix for the source, base units such as seconds, `_total` for counters only. `_count`
is not used, because it belongs to histograms. The collector does not accept times of samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from .source import MetricSource

PREFIX = "windows_activation_"

Sample = tuple[Sequence[object], int]
"""The values of the labels, in their order, and the value."""


@dataclass(frozen=True)
class Metric:
    """One metric. `kind` is "gauge" or "counter", and `labels` are the names of its labels.

    `read` yields the samples, each with other values of the labels. A metric without samples is not written: its facts are not known.
    """

    name: str
    kind: str
    description: str
    labels: Sequence[str]
    read: Callable[[MetricSource], Iterable[Sample]]

    @property
    def full_name(self) -> str:
        """Return the name with the prefix of all metrics."""
        return f"{PREFIX}{self.name}"

    def lines(self, source: MetricSource) -> Iterator[str]:
        """Yield the lines of the metric with their line feeds."""
        samples = list(self.read(source))
        if samples:
            yield f"# HELP {self.full_name} {_escaped(self.description)}\n"
            yield f"# TYPE {self.full_name} {self.kind}\n"
        for values, value in samples:
            yield f"{self.full_name}{self._labels(values)} {value}\n"

    def _labels(self, values: Sequence[object]) -> str:
        pairs = [f'{name}="{_escaped(str(value), quote=True)}"' for name, value in zip(self.labels, values, strict=True)]
        return f"{{{','.join(pairs)}}}" if pairs else ""


def _escaped(text: str, *, quote: bool = False) -> str:
    found = text.replace("\\", "\\\\").replace("\n", "\\n")
    return found.replace('"', '\\"') if quote else found


__all__ = ["PREFIX", "Metric", "Sample"]
