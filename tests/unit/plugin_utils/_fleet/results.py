# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as activation_info and activation_check leave them, as far as the summary of a fleet looks at them."""

from __future__ import annotations

from typing import Any

GVLK = "T83GX"
UNREACHABLE = {"unreachable": True, "changed": False, "msg": "Task failed: connection refused"}
BROKEN = {"failed": True, "changed": False, "msg": "the machine refused the query"}
SKIPPED = {"skipped": True, "changed": False}


def product(**more: Any) -> dict[str, Any]:
    """A licensed KMS client of Windows."""
    usual: dict[str, Any] = {
        "name": "Windows(R), Professional edition",
        "application": "windows",
        "application_id": "55c92734-d682-4d71-983e-d6ec3f16059f",
        "activation_id": "2de67392-b7a7-462a-b1ca-108dd189f588",
        "channel": "gvlk",
        "is_addon": False,
        "primary": True,
        "partial_product_key": GVLK,
        "installation_id": None,
        "status": "licensed",
        "grace_minutes": 259200,
        "expires": "2027-05-19T10:00:00Z",
        "activated_by": "kms",
        "activation_type": "all",
        "host_role": None,
    }
    return {**usual, **more}


MAK = {"channel": "mak", "partial_product_key": "TTWX3", "activated_by": None, "grace_minutes": 0, "expires": None}


def office(**more: Any) -> dict[str, Any]:
    """A licensed KMS client of Office."""
    shown = {"name": "Office 21", "application": "office", "application_id": "0ff1ce15-a989-479d-af46-f275c6370663", "primary": False}
    return product(**{**shown, "activation_id": "office", "partial_product_key": "6F7TH", **more})


def machine(
    name: str, cmid: str | None = None, *products: dict[str, Any], kind: str = "client", rearms: int | None = 1000, **more: Any
) -> dict[str, Any]:
    """A machine that was read; each has hardware and a CMID of its own unless told."""
    shown = [{**each, "installation_id": each["installation_id"] or f"hardware of {name}"} for each in (products or (product(),))]
    return {
        "changed": False,
        "machine": {"computer_name": name.upper(), "product_type": kind, "version": "10.0.19045", "caption": "Microsoft Windows"},
        "licensed": any(each["primary"] and each["status"] == "licensed" for each in shown),
        "service": {"cmid": cmid or f"cmid of {name}", "windows_rearms_left": rearms, "is_kms_host": False, "required_count": 25},
        "windows_product_activation": None,
        "products": shown,
        **more,
    }


def kms_host(name: str, count: int | None, required: int = 25, **more: Any) -> dict[str, Any]:
    """An activated KMS host."""
    side = {"current_count": count, "request_counters": {}}
    key = product(channel="csvlk", partial_product_key="66666", activated_by=None, grace_minutes=0, expires=None, host_role=side)
    found = machine(name, None, key, kind="server", **more)
    requests = {"total": 120, "failed": 4}
    return {**found, "service": {**found["service"], "is_kms_host": True, "required_count": required, "request_counters": requests}}


def server_2003(name: str, **more: Any) -> dict[str, Any]:
    """A Windows Server 2003, which has neither a licensing service nor a CMID."""
    shown = product(channel="unknown", partial_product_key=None, activation_id=None, activated_by=None, grace_minutes=0, expires=None)
    activation = {"evaluation_days": None, **more}
    found = machine(name, None, shown, kind="server", windows_product_activation=activation)
    return {**found, "service": None, "machine": {**found["machine"], "version": "5.2.3790"}}
