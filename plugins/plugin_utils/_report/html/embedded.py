# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data that the script of the page draws the table and the pages of machines from.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..explanations import Explanations
from ..model import Report
from ..product_facts import covered_of, days_left, expiry_of, kms_of, status_of
from ..texts import Texts
from .columns import Cell, TextList, columns_of
from .rows import MachineRow

MACHINE = (
    "name", "computer_name", "system", "version", "edition", "type", "language", "state", "status", "channel", "activated_by", "severity",
    "expires", "days_left", "kms_host", "partial_product_key", "office", "time", "stale", "cmid", "rearms", "kms_count", "is_kms_host",
    "message", "about", "code", "meaning", "cause", "steps", "esu", "installations", "sources",
)  # fmt: skip
PRODUCT = (
    "machine", "product", "application", "channel", "status", "partial_product_key", "reason_code", "reason", "activated_by", "expires",
    "days_left", "permanent", "kms_host", "source", "activation_type", "ad_object_name", "ad_object_dn", "covered", "activation_id",
    "extended_pid", "installation_id",
)  # fmt: skip
_TEXTS = (
    "table", "column", "machine", "status", "state", "channel", "key", "activated_by", "activation_type", "severity", "source",
    "application", "report",
)  # fmt: skip
FINDING = ("machine", "id", "severity", "message", "about", "code", "meaning", "steps")
_LEVEL = 6
"""Level of the compression. A higher level takes three times as long, and saves a few percent."""


def embedded(report: Report, rows: Sequence[MachineRow], texts: Texts) -> str:
    """Return the data as base64 of deflated JSON, in which no text of a machine can end the element that contains it."""
    explanations = Explanations(report.language)
    held = TextList()
    data = {
        "language": report.language,
        "machines": columns_of((_machine(row, texts, explanations) for row in rows), MACHINE, held),
        "products": columns_of(_products(rows, explanations), PRODUCT, held),
        "findings": columns_of(_findings(rows, explanations), FINDING, held),
    }
    whole = {
        **data,
        "strings": held.texts,
        "texts": texts.groups(*_TEXTS),
        "finding": {name: texts.label("finding", name) for name in texts.groups("finding")["finding"]},
    }
    return base64.b64encode(zlib.compress(json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode(), _LEVEL)).decode("ascii")


def _products(rows: Sequence[MachineRow], explanations: Explanations) -> Iterator[Mapping[str, Cell]]:
    for number, row in enumerate(rows):
        for product in row.products:
            covered = covered_of(row.machine.result, product)
            yield {"machine": number, **_product(product, explanations), "covered": None if covered is None else "yes" if covered else "no"}


def _findings(rows: Sequence[MachineRow], explanations: Explanations) -> Iterator[Mapping[str, Cell]]:
    for number, row in enumerate(rows):
        for finding in row.findings:
            yield {"machine": number, **_finding(finding, explanations)}


def _machine(row: MachineRow, texts: Texts, explanations: Explanations) -> dict[str, Cell]:
    result, facts, leading = row.machine.result, row.facts, row.leading or {}
    service = row.machine.service if row.facts else {}
    error = explanations.of_error(result.get("error")) if row.message else None
    return {
        "name": row.name,
        "computer_name": facts.get("computer_name"),
        "system": facts.get("caption"),
        "version": facts.get("version"),
        "edition": facts.get("edition_id"),
        "type": facts.get("product_type"),
        "language": facts.get("language"),
        "state": row.state,
        "status": row.status,
        "channel": row.channel,
        "activated_by": row.activated_by,
        "severity": row.severity,
        "expires": _date(leading),
        "days_left": days_left(leading) if _date(leading) else None,
        "kms_host": kms_of(leading) if leading else None,
        "partial_product_key": leading.get("partial_product_key"),
        "office": row.office_status,
        "time": f"{row.time:%Y-%m-%d %H:%M}",
        "stale": row.is_stale,
        "cmid": row.machine.cmid if service else None,
        "rearms": row.machine.rearms_left if service else None,
        "kms_count": service.get("current_count"),
        "is_kms_host": bool(service.get("is_kms_host")),
        "message": row.message,
        "about": explanations.meaning_of_state(row.state),
        "code": error.code if error else None,
        "meaning": error.meaning if error else None,
        "cause": error.cause if error else None,
        "steps": list(error.next_steps) if error else [],
        "esu": [_esu(each, texts) for each in result.get("esu") or ()] if facts else [],
        "installations": [_office(each, texts) for each in result.get("office_installations") or ()] if facts else [],
        "sources": list(row.sources),
    }


def _product(product: Mapping[str, Any], explanations: Explanations) -> dict[str, Cell]:
    reason, expires = explanations.of_reason(product.get("reason")), _date(product)
    return {
        "product": product.get("name"),
        "application": product["application"],
        "channel": product["channel"],
        "status": status_of(product),
        "partial_product_key": product.get("partial_product_key"),
        "reason_code": reason.code if reason else None,
        "reason": reason.meaning if reason else None,
        "activated_by": product.get("activated_by"),
        "expires": expires,
        "days_left": days_left(product) if expires else None,
        "permanent": bool(product.get("permanent")),
        "kms_host": kms_of(product),
        "source": (product.get("kms") or {}).get("source") if kms_of(product) else None,
        "activation_type": product.get("activation_type"),
        "ad_object_name": (product.get("ad") or {}).get("object_name"),
        "ad_object_dn": (product.get("ad") or {}).get("object_dn"),
        "activation_id": product.get("activation_id"),
        "extended_pid": product.get("extended_pid"),
        "installation_id": product.get("installation_id"),
    }


def _finding(finding: Mapping[str, Any], explanations: Explanations) -> dict[str, Cell]:
    error = explanations.of_error(finding.get("error"))
    return {
        "id": finding["id"],
        "severity": finding["severity"],
        "message": finding["message"],
        "about": explanations.meaning_of_finding(str(finding["id"])),
        "code": error.code if error else None,
        "meaning": error.meaning if error else None,
        "steps": explanations.steps_of(finding),
    }


def _date(product: Mapping[str, Any]) -> str | None:
    found = expiry_of(product) if product else None
    return f"{found:%Y-%m-%d}" if found else None


def _esu(found: Mapping[str, Any], texts: Texts) -> str:
    return texts(f"machine.esu_{'active' if found['licensed'] else 'inactive'}", programme=found["programme"], date=found["ends"])


def _office(found: Mapping[str, Any], texts: Texts) -> str:
    name = f"{found['product']} {found['release']}" if found.get("release") else str(found["product"])
    return f"{name} ({texts.label('office_kind', found['kind'])})"


__all__ = ["embedded"]
