# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Summarize the Office products of the machines of a run by product and release.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The installed products are those of the results. A result without them still has the names of the licenses with a key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .._licensing.office.names import parse
from .._task_results import Result
from .machines import Machine, is_activated, is_left_alone

_YEAR_DIGITS = 4
_VOLUME, _RETAIL, _SUBSCRIPTION = "volume", "retail", "subscription"


def office_products(machines: Sequence[Machine]) -> list[dict[str, Any]]:
    """Return the machines of each Office product, the newest release first. The activation of Microsoft 365 is not visible."""
    found: dict[tuple[str, str, str | None], dict[str, Any]] = {}
    for machine in machines:
        for kind, product, release in dict.fromkeys(_installed(machine)):
            row = found.setdefault((kind, product, release), _empty(kind, product, release))
            row["machines"].append(machine.name)
            if kind != _SUBSCRIPTION:
                is_licensed = any(is_activated(each) for each in _of(machine, product, release))
                row["licensed_machines" if is_licensed else "not_licensed_machines"].append(machine.name)
    rows = [{**row, "count": len(row["machines"])} for row in found.values()]
    return sorted(rows, key=lambda row: (row["kind"] == _SUBSCRIPTION, -_year(row["release"]), row["product"], row["kind"]))


def _year(release: str | None) -> int:
    """Return the year of a release, or 0 without one. A record can have been edited."""
    return int(release) if release and len(release) == _YEAR_DIGITS and release.isdecimal() else 0


def _empty(kind: str, product: str, release: str | None) -> dict[str, Any]:
    return {
        "product": product,
        "release": release,
        "kind": kind,
        "count": 0,
        "machines": [],
        "licensed_machines": [],
        "not_licensed_machines": [],
    }


def _installed(machine: Machine) -> Iterator[tuple[str, str, str | None]]:
    """Yield the kind, the product, and the release of each installed Office."""
    listed = machine.result.get("office_installations")
    if listed is not None:
        for each in listed:
            yield each["kind"], each["product"], each["release"]
        return
    for product in machine.products:
        name = parse(str(product.get("name") or "")) if product["application"] == "office" and product["channel"] != "csvlk" else None
        if name and not is_left_alone(product):
            yield _VOLUME if name.is_volume else _RETAIL, name.product, name.release


def _of(machine: Machine, product: str, release: str | None) -> Iterator[Result]:
    """Yield the products with a key of one Office product."""
    for each in machine.products:
        name = parse(str(each.get("name") or "")) if each["application"] == "office" else None
        if name and name.product == product and release in (name.release, None):
            yield each
