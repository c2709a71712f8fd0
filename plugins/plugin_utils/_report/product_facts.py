# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts about one product that several formats and the comparison of reports show.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .._fleet.machines import is_activated, is_left_alone


def status_of(product: Mapping[str, Any]) -> str:
    """Return the status of a product. A Windows that a subscription activates is licensed, whatever its key shows."""
    return "licensed" if product.get("activated_by") == "subscription" else str(product["status"])


def expiry_of(product: Mapping[str, Any]) -> datetime | None:
    """Return when the license of an activated product ends, or None if it does not end or is not known."""
    if not product.get("expires") or not is_activated(product) or is_left_alone(product):
        return None
    try:
        return datetime.fromisoformat(str(product["expires"]).replace("Z", "+00:00"))
    except ValueError:
        return None


def days_left(product: Mapping[str, Any]) -> int | None:
    """Return the whole days that the license of a product is valid, or None if it does not end."""
    minutes = product.get("grace_minutes")
    return int(minutes) // (24 * 60) if minutes else None


def covered_of(result: Mapping[str, Any], product: Mapping[str, Any]) -> bool | None:
    """Return whether an activation object covers a product of a result, or None if the check did not know this."""
    rows = (row for row in result.get("object_coverage") or () if row.get("activation_id") == product.get("activation_id"))
    return next((row.get("covered") for row in rows), None)


def kms_of(product: Mapping[str, Any]) -> str | None:
    """Return the KMS host that a product uses, with its port, or None."""
    kms = product.get("kms") or {}
    if product["channel"] != "gvlk" or not kms.get("kms_host"):
        return None
    host, port = str(kms["kms_host"]), kms.get("kms_port")
    name = f"[{host}]" if ":" in host else host
    return f"{name}:{port}" if port else name


__all__ = ["covered_of", "days_left", "expiry_of", "kms_of", "status_of"]
