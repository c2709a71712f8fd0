# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify that the Office products of a machine are activated by a KMS host that works, and combine them with Windows.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Each Office product is a KMS client of its own, with its own KMS host and the extended PID of the host that activated it. A KMS host
counts Office apart from Windows. Products without a GVLK, and those of a subscription, do not use a KMS host.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._task_results import Result
from .failover import (
    ACTIVATED,
    NOT_AFFECTED,
    UNREACHABLE,
    UNREAD,
    UNVERIFIED,
    VERIFIED,
    extended_pids,
    failed_host_in,
    read_failure,
    verification,
    verify_client,
)
from .machines import is_left_alone, uses_kms

WAITING, PLANNED = "waiting_for_count", "planned"
_WHERE = {"application": "the registry setting for all of Office"}
_WORST_FIRST = (UNREACHABLE, UNREAD, UNVERIFIED, WAITING, PLANNED, VERIFIED, NOT_AFFECTED)


def verify_machine(
    result: Result, working_hosts: Sequence[Result], failed_hosts: Sequence[str] = (), application: str = "windows"
) -> dict[str, Any]:
    """Verify Windows, Office, or both. `windows_status` is the status of Windows alone, and `office` the verification of Office."""
    windows = verify_client(result, working_hosts, failed_hosts) if application != "office" else None
    office = verify_office(result, working_hosts, failed_hosts) if application != "windows" else None
    return combined(windows, office)


def combined(windows: Mapping[str, Any] | None, office: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return one verification from those of Windows and Office, with the worse status. The fields of a KMS host are those of Windows."""
    shown = {name: value for name, value in (office or {}).items() if name != "next_steps"} or None
    if windows is None or office is None:
        one = windows or office or {}
        rest = {name: value for name, value in one.items() if name != "activation_ids"}
        return {**rest, "windows_status": windows["status"] if windows else None, "office": shown}
    status = next(each for each in _WORST_FIRST if each in (windows["status"], office["status"]))
    messages = [text for text in (windows["message"], office["message"]) if text and (windows["message"] != office["message"])]
    steps = list(dict.fromkeys([*windows.get("next_steps", ()), *office.get("next_steps", ())]))
    return {
        **windows,
        "status": status,
        "verified": status == VERIFIED,
        "message": " ".join(messages) or (None if status in (VERIFIED, NOT_AFFECTED) else windows["message"]),
        **({"next_steps": steps} if "next_steps" in windows else {}),
        "windows_status": windows["status"],
        "office": shown,
    }


def verify_office(result: Result, working_hosts: Iterable[Result], failed_hosts: Sequence[str] = ()) -> dict[str, Any]:
    """Verify the Office products of a machine. `activation_ids` are those of the products that are not verified."""
    stopped = read_failure(result)
    products = [product for product in result.get("products", ()) if _uses_kms(product)]
    if not products:
        status, message = stopped or (NOT_AFFECTED, "Office does not have a product that uses a KMS host.")
        return {**verification(status, message, client_type="office"), "activation_ids": []}
    pids = extended_pids(working_hosts)
    found = [(product, _check(product, pids, failed_hosts)) for product in products]
    wrong = [(product, checked) for product, checked in found if checked["message"]]
    first, _checked = (wrong or found)[0]
    reasons = " ".join(f"{product['name']}: {each['message']}" for product, each in wrong)
    return {
        **verification(UNVERIFIED if wrong else VERIFIED, reasons or None, client_type="office"),
        "licensed": all(product["status"] in ACTIVATED for product in products),
        "kms_host": first["kms"]["kms_host"],
        "kms_port": first["kms"]["kms_port"] if first["kms"]["kms_host"] else None,
        "host_extended_pid": first["kms"]["host_extended_pid"],
        "expires": first["expires"],
        "failed_host_scope": _scope_of(each["scope"] for _product, each in found),
        "overridden": False,
        "activation_ids": [product["activation_id"] for product, _each in wrong],
    }


def _scope_of(scopes: Iterable[str | None]) -> str | None:
    """Return where the failed host is configured. The registry setting of all products comes first, because a task must remove it too."""
    known = [scope for scope in scopes if scope]
    return "application" if "application" in known else next(iter(known), None)


def _uses_kms(product: Result) -> bool:
    has_key = product["application"] == "office" and bool(product["partial_product_key"])
    return has_key and uses_kms(product) and not is_left_alone(product)


def _check(product: Result, pids: set[str], failed_hosts: Sequence[str]) -> dict[str, Any]:
    """Return why a product is not verified, and where the failed host is configured. A product shows the KMS host of the service too."""
    kms = product["kms"]
    scope = failed_host_in(kms, None, failed_hosts)["failed_host_scope"]
    if scope:
        return {"scope": scope, "message": f"{_WHERE.get(scope, 'it')} is still configured to use the failed KMS host."}
    if product["status"] not in ACTIVATED:
        return {"scope": None, "message": "it is not licensed."}
    if kms["host_extended_pid"] in pids:
        return {"scope": None, "message": None}
    pid = kms["host_extended_pid"] or "unknown"
    return {"scope": None, "message": f"the KMS host that activated it is not one of the KMS hosts that work (extended PID: {pid})."}
