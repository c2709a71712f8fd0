# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The formats of a report. To add one, add its option to the module activation_report, and a line to `FORMATS`.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .document import render_json
from .html.page import render as render_html
from .model import Report
from .prometheus.metrics import render_prometheus
from .spreadsheets.ledger import render_ledger
from .spreadsheets.machines import render_machines
from .spreadsheets.products import render_products


@dataclass(frozen=True)
class Format:
    """One format: the option with the path of its file, and a pure function that returns the content.

    `mode` is the mode of the file. If it is None, an existing file keeps its mode, and a new file can be read by its owner only.
    The name of the file must end with `suffix`.
    """

    name: str
    option: str
    render: Callable[[Report], str]
    mode: int | None = None
    suffix: str = ""


FORMATS = (
    Format("html", "html_path", render_html),
    Format("machines_csv", "machines_csv_path", render_machines),
    Format("products_csv", "products_csv_path", render_products),
    Format("ledger_csv", "ledger_csv_path", render_ledger),
    Format("json", "json_path", render_json),
    # node_exporter runs as another user.
    Format("prometheus", "prometheus_path", render_prometheus, mode=0o644, suffix=".prom"),
)

__all__ = ["FORMATS", "Format"]
