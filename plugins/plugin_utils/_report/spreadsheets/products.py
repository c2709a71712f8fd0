# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The products with a key of a report as CSV, one line for each. The columns have the names of the results of activation_info.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The installation ID is left out: Excel would round its 63 digits. The files of MAK proxy activation have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..model import Report
from ..product_facts import covered_of, days_left, expiry_of, status_of
from .cells import SpreadsheetColumn, spreadsheet
from .machines import MachineLine, machine_lines, time_text


@dataclass(frozen=True)
class ProductLine:
    """One product of one machine."""

    line: MachineLine
    product: Mapping[str, Any]

    def part(self, name: str) -> Mapping[str, Any]:
        """Return a dictionary of the product; empty if it does not have it."""
        return self.product.get(name) or {}

    @property
    def kms(self) -> Mapping[str, Any]:
        """Return the settings as a KMS client; empty for a product that is none."""
        return self.part("kms") if self.product["channel"] == "gvlk" else {}


def render_products(report: Report) -> str:
    """Return the products as CSV."""
    return spreadsheet(PRODUCT_COLUMNS, _lines(report), report.csv_delimiter)


def _lines(report: Report) -> Iterator[ProductLine]:
    for line in machine_lines(report):
        for product in (*line.machine.products, *line.machine.addons) if line.was_read else ():
            yield ProductLine(line, product)


def _of(*names: str) -> Iterator[SpreadsheetColumn]:
    def reader(name: str) -> Callable[[ProductLine], Any]:
        return lambda line: line.product.get(name)

    yield from (SpreadsheetColumn(name, reader(name)) for name in names)


def _of_kms(*names: str) -> Iterator[SpreadsheetColumn]:
    def reader(name: str) -> Callable[[ProductLine], Any]:
        return lambda line: line.kms.get(name)

    yield from (SpreadsheetColumn(name, reader(name)) for name in names)


PRODUCT_COLUMNS = (
    SpreadsheetColumn("inventory_hostname", lambda line: line.line.record.inventory_hostname),
    SpreadsheetColumn("computer_name", lambda line: line.line.part("machine").get("computer_name")),
    SpreadsheetColumn("time", lambda line: time_text(line.line.record)),
    SpreadsheetColumn("stale", lambda line: line.line.is_stale),
    *_of("name", "application", "activation_id", "channel", "edition", "is_addon", "primary", "partial_product_key", "extended_pid"),
    SpreadsheetColumn("status", lambda line: status_of(line.product)),
    SpreadsheetColumn("reason_code", lambda line: line.part("reason").get("code")),
    SpreadsheetColumn("reason_meaning", lambda line: line.part("reason").get("meaning")),
    *_of("expires"),
    SpreadsheetColumn("days_left", lambda line: days_left(line.product) if expiry_of(line.product) else None),
    *_of("permanent", "activated_by", "managed_by", "licensing_service", "activation_type"),
    *_of_kms("kms_host", "kms_port", "source", "host_extended_pid", "required_count"),
    SpreadsheetColumn("current_count", lambda line: line.part("host_role").get("current_count")),
    SpreadsheetColumn("ad_object_name", lambda line: line.part("ad").get("object_name")),
    SpreadsheetColumn("ad_object_dn", lambda line: line.part("ad").get("object_dn")),
    SpreadsheetColumn("covered", lambda line: covered_of(line.line.record.result, line.product)),
)

__all__ = ["PRODUCT_COLUMNS", "ProductLine", "render_products"]
