# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as one HTML file, which loads nothing and can send nothing.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The Content-Security-Policy allows only the style and the script of this file, by their hashes. A text of a machine that got into the page
as an element or as a script would therefore still do nothing.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..model import Report
from ..texts import Texts
from . import attention, charts, counts, headline, history, ledger, tables
from .embedded import embedded
from .rows import MachineRow, rows_of

_FOLDER = Path(__file__).parent
_SCRIPTS = ("data", "csv", "filter", "table", "machine", "main")
"""The files of the script in their order."""

_SHOWN_MACHINES = 12
"""Number of machines that a reason names; the table shows the others."""


def render(report: Report) -> str:
    """Return the report as HTML."""
    style, script = _read("style.css"), "".join(_read(f"script/{name}.js") for name in _SCRIPTS)
    policy = "; ".join(
        ("default-src 'none'", f"script-src {_hash(script)}", f"style-src {_hash(style)}", "base-uri 'none'", "form-action 'none'")
    )
    texts, rows = Texts(report.language), rows_of(report)
    page = _environment().get_template("page.html.j2")
    return page.render(policy=policy, style=style, script=script, data=embedded(report, rows, texts), **_view(report, rows, texts))


@cache
def _environment() -> Environment:
    # Every text is escaped, whatever machine it comes from.
    loader = FileSystemLoader(_FOLDER / "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["address"] = _address
    return environment


def _view(report: Report, rows: list[MachineRow], texts: Texts) -> dict[str, Any]:
    """Return the values of the templates."""
    kms_counts, more_hosts = counts.kms_counts(report, texts)
    return {
        "text": texts,
        "language": report.language,
        "title": report.title or texts("report.title"),
        "as_of": f"{report.report_time:%Y-%m-%d %H:%M}",
        "machine_count": len(rows),
        "shown_machines": _SHOWN_MACHINES,
        "known_machines": {row.name for row in rows},
        "figures": headline.figures(report, rows, texts),
        "groups": attention.groups(report, rows, texts),
        "status_bars": charts.status_bars(rows, texts),
        "channel_bars": charts.channel_bars(rows, texts),
        "activation_bars": charts.activation_bars(report, texts),
        "office_bars": charts.office_bars(rows, texts),
        "expiry": charts.expiry(report, rows, texts),
        "kms_counts": kms_counts,
        "more_hosts": more_hosts,
        "mak_uses": counts.mak_uses(report, texts),
        "versions": counts.versions(rows, texts),
        "has_ledger": report.ledger is not None,
        "tables": [
            *history.history_tables(report, texts),
            *tables.alarm_tables(report, texts),
            *tables.section_tables(report, texts),
            *ledger.damaged_tables(report, texts),
        ],
    }


def _address(part: str) -> str:
    """Return a part of an address of this page, which the script separates by slashes."""
    return quote(part, safe="")


def _read(name: str) -> str:
    """Return a file without its license header, which the page has once."""
    text = (_FOLDER / "templates" / name).read_text(encoding="utf-8")
    return text.partition("*/\n")[2]


def _hash(text: str) -> str:
    """Return the source of a style or script in a policy. The browser hashes the text between the tags."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


__all__ = ["render"]
