# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Summarize the licenses of the machines of a run: status, kind of activation, expiry, and activations used of each MAK.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .._licensing.catalog import esu
from .._licensing.state.model import Channel, LicenseStatus
from .._task_results import Result
from .machines import BY_SUBSCRIPTION, Machine, is_activated, is_left_alone, natural

ACTIVATED_BY = ("kms", "ad", "token", BY_SUBSCRIPTION, "mak", "csvlk", "other")
"""Kinds of activation. "csvlk" is a KMS host that is activated with its own key, "other" is for example retail or OEM."""

_DAY = 24 * 60


def statuses(machines: Sequence[Machine]) -> list[dict[str, Any]]:
    """Return the machines by the status of their products, the worst first, as in the reports 03A and 03B of Configuration Manager.

    A machine without a product key is unlicensed.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for machine in machines:
        pairs = {(product["application"], str(product["status"])) for product in machine.products if not is_left_alone(product)}
        if not machine.products:
            pairs = {("windows", "unlicensed")}
        for pair in pairs:
            found.setdefault(pair, []).append(machine.name)
    rows = [
        {"application": application, "status": status, "count": len(names), "machines": names}
        for (application, status), names in found.items()
    ]
    return sorted(rows, key=lambda row: (row["application"] != "windows", *badness(str(row["status"]))))


def badness(status: str) -> tuple[bool, int]:
    """Return a sort key for the status of a product, the worst first."""
    found = LicenseStatus[status.upper()]
    return found.is_activated, -int(found) if found else -len(LicenseStatus)


def machines_by_activation(machines: Sequence[Machine]) -> dict[str, list[str]]:
    """Return the activated machines by kind of activation."""
    found: dict[str, list[str]] = {way: [] for way in ACTIVATED_BY}
    for machine in machines:
        for way in {way_of(product) for product in machine.leading if is_activated(product)}:
            found[way].append(machine.name)
    return found


def way_of(product: Result) -> str:
    """Return what activated a product, as one of ACTIVATED_BY."""
    channel = str(product["channel"])
    if product.get("activated_by") == BY_SUBSCRIPTION or is_left_alone(product):
        return BY_SUBSCRIPTION
    if channel == Channel.GVLK.value:
        return str(product["activated_by"]) if product.get("activated_by") in ACTIVATED_BY else "other"
    return channel if channel in (Channel.MAK.value, Channel.CSVLK.value) else "other"


def objects_of(products: Iterable[tuple[str, Result]]) -> list[dict[str, Any]]:
    """Return the activation objects that activated products, with their machines, the most used first; `products` have their machines."""
    found: dict[tuple[str, str], list[str]] = {}
    for machine, product in products:
        ad = product.get("ad") or {}
        key = (str(ad.get("object_name") or ""), str(ad.get("object_dn") or ""))
        if any(key) and machine not in found.setdefault(key, []):
            found[key].append(machine)
    ordered = sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
    return [{"object_name": name or None, "object_dn": dn or None, "count": len(own), "machines": own} for (name, dn), own in ordered]


def adba(machines: Sequence[Machine]) -> dict[str, Any] | None:
    """Return the activation objects in use, and the machines that KMS hosts still activated, with the first end of their licenses.

    None if Active Directory activated no machine.
    """
    found = [(machine, product) for machine in machines for product in machine.leading if is_activated(product)]
    by_ad = [(machine.name, product) for machine, product in found if way_of(product) == "ad"]
    by_kms = [(machine, product) for machine, product in found if way_of(product) == "kms"]
    timed = [_expiry(machine, product) for machine, product in by_kms if product.get("grace_minutes")]
    if not by_ad:
        return None
    return {
        "objects": objects_of(by_ad),
        "machines_by_kms": list(dict.fromkeys(machine.name for machine, _product in by_kms)),
        "earliest_expiry": min(timed, key=lambda row: (row["days_left"], str(row["expires"]), natural(row["machine"])), default=None),
    }


def _expiry(machine: Machine, product: Result) -> dict[str, Any]:
    return {"machine": machine.name, "expires": product.get("expires"), "days_left": int(product["grace_minutes"]) // _DAY}


def expiring(machines: Sequence[Machine], within_days: int) -> list[dict[str, Any]]:
    """Return activated products whose license expires within this number of days, the next first; products in grace are left out."""
    found = [row for machine in machines for row in _expiring(machine) if row["days_left"] < within_days]
    return sorted(found, key=lambda row: (row["days_left"], str(row["expires"]), natural(row["machine"]), str(row["product_name"])))


def _expiring(machine: Machine) -> Iterator[dict[str, Any]]:
    for product in machine.result.get("products") or ():
        minutes = product.get("grace_minutes") or 0
        if minutes and is_activated(product) and not is_left_alone(product):
            yield _row(machine, product.get("name"), product.get("channel"), product.get("expires"), int(minutes) // _DAY)
    evaluation = (machine.result.get("windows_product_activation") or {}).get("evaluation_days")
    if evaluation is not None:
        yield _row(machine, (machine.result.get("machine") or {}).get("caption"), Channel.EVALUATION.value, None, int(evaluation))


def _row(machine: Machine, product: Any, channel: Any, expires: Any, days: int) -> dict[str, Any]:
    return {"machine": machine.name, "product_name": product, "channel": channel, "expires": expires, "days_left": days}


def maks(machines: Sequence[Machine]) -> list[dict[str, Any]]:
    """Return every MAK, by its last five characters and its programme, with the machines that it activated and those that it did not.

    Each activated machine used at least one activation. Only Microsoft has the number of activations that are left.
    """
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for machine in machines:
        for product in (*machine.products, *machine.addons):
            if product["channel"] == Channel.MAK.value:
                programme = esu.of_id(product.get("activation_id"))
                key = (str(product["partial_product_key"]), str(product["application"]), programme.name if programme else "")
                _add(found.setdefault(key, _empty(*key)), machine, product)
    return [found[key] for key in sorted(found)]


def _empty(partial_product_key: str, application: str, programme: str) -> dict[str, Any]:
    return {
        "partial_product_key": partial_product_key,
        "application": application,
        "programme": programme or None,
        "licensed_machines": [],
        "not_licensed_machines": [],
        "activations_used": None,
    }


def _add(row: dict[str, Any], machine: Machine, product: Result) -> None:
    names = row["licensed_machines" if is_activated(product) else "not_licensed_machines"]
    if machine.name not in names:
        names.append(machine.name)
    used = machine.result.get("activations_used")
    if used is not None and product in machine.leading:
        row["activations_used"] = (row["activations_used"] or 0) + int(used)
