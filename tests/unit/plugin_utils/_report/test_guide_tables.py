# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the guides have what the formats have, in the same order."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from sample_fleet import sample_report

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.alarms import ALARMS
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.document import document
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.prometheus.metrics import METRICS
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.sections.catalog import SECTIONS
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.spreadsheets.machines import MACHINE_COLUMNS
from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.spreadsheets.products import PRODUCT_COLUMNS

ROOT = Path(__file__).parents[4]
GUIDES = ROOT / "docs" / "docsite" / "rst"
_ROW = re.compile(r"^   \* - (.*)((?:\n     .*)*)", re.MULTILINE)


def tables(guide: str) -> list[list[list[str]]]:
    """Return the rows of each list-table of a guide without its heading, each as its cells, without the marks of literals."""
    parts = (GUIDES / f"{guide}.rst").read_text(encoding="utf-8").split(".. list-table::")[1:]
    return [
        [[cell.strip(" `") for cell in re.split(r"\n     -(?: |$)", "".join(row), flags=re.MULTILINE)] for row in _ROW.findall(part)][1:]
        for part in parts
    ]


def test_tables_of_the_formats() -> None:
    machines, products, fields, sections, alarms = tables("guide_report_formats")
    assert [row[0] for row in machines] == [column.name for column in MACHINE_COLUMNS]
    assert [row[0] for row in products] == [column.name for column in PRODUCT_COLUMNS]
    assert [row[0] for row in fields] == list(document(sample_report(1)))
    assert [row[0] for row in sections] == list(SECTIONS)
    assert [[cell.strip("`") for cell in row[:2]] for row in alarms] == [[alarm.monitor, alarm.finding] for alarm in ALARMS]


def test_tables_of_monitoring() -> None:
    metrics, alerts = tables("guide_monitoring")
    described = [[metric.name, metric.kind, ", ".join(f"``{label}``" for label in metric.labels), metric.description] for metric in METRICS]
    assert [[row[0], row[1], row[2] and f"``{row[2]}``", row[3]] for row in metrics] == described
    groups = yaml.safe_load((ROOT / "extensions" / "monitoring" / "prometheus-alerts.yml").read_text(encoding="utf-8"))["groups"]
    assert [row[0] for row in alerts] == [rule["alert"] for group in groups for rule in group["rules"]]
