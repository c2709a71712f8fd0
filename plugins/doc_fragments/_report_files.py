# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of activation_report for the files that it writes."""

from __future__ import annotations


class ModuleDocFragment:
    """The file of each format, and the options of a format."""

    DOCUMENTATION = r"""
options:
  html_path:
    description:
      - Path of a file on the controller, to which the module writes the report as one HTML file. The file contains everything that a
        browser needs, so that the browser does not load anything else and does not need a network. The directory must exist.
      - A new file gets the mode C(0600), because the report names machines and domains. An existing file keeps its mode.
      - The module fails if a symbolic link in the path belongs to another user than you or root.
    type: path
  machines_csv_path:
    description:
      - Path of a file on the controller, to which the module writes the machines as CSV, with a line for each machine.
      - The columns have the names of the results of M(winops.volume_activation.activation_info). The guide R(Formats of a
        report,ansible_collections.winops.volume_activation.docsite.guide_report_formats) lists them.
      - The files are for spreadsheets. They begin with a byte order mark, and a text that a spreadsheet would run as a formula begins with
        an apostrophe.
      - The mode of the file and the rules for its path are those of O(html_path).
    type: path
  products_csv_path:
    description:
      - Path of a file on the controller, to which the module writes the products with a key as CSV, with a line for each product of each
        machine. The columns and the mode are as for O(machines_csv_path).
    type: path
  ledger_csv_path:
    description:
      - Path of a file on the controller, to which the module writes all requests in the ledgers as CSV, with a line for each request. The
        columns have the names of the fields of a ledger, with the user and the playbook. The mode is as for O(machines_csv_path).
      - The module fails if this option is specified without O(ledger_paths).
    type: path
  csv_delimiter:
    description: Delimiter of the columns in the CSV files. Excel requires the one of its regional settings.
    type: str
    choices: [comma, semicolon]
    default: comma
  json_path:
    description:
      - Path of a file on the controller, to which the module writes the report as one JSON document, with the summary of
        P(winops.volume_activation.activation_summary#filter), and the record of each machine. The guide R(Formats of a
        report,ansible_collections.winops.volume_activation.docsite.guide_report_formats) describes it.
      - The mode of the file and the rules for its path are those of O(html_path).
    type: path
  prometheus_path:
    description:
      - Path of a file on the controller, to which the module writes metrics for Prometheus. The textfile collector of node_exporter reads
        such a file. The guide R(Monitor with Prometheus and
        Grafana,ansible_collections.winops.volume_activation.docsite.guide_monitoring) lists the metrics.
      - The name of the file must end with C(.prom), because the collector ignores other files. The directory must exist.
      - The file gets the mode C(0644), because node_exporter runs as another user.
    type: path
  prometheus_machines:
    description:
      - Maximum number of machines that have metrics of their own. If the report has more machines, these are the machines that are not
        licensed, then those with an error, those that were not read, and those whose license ends next. The other metrics count all
        machines.
      - If set to V(0), no machine has metrics of its own.
      - Must be 0 or greater.
    type: int
    default: 1000
"""
