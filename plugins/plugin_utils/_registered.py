# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the registered result of a task says of a machine, as far as several filters want to know it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure: results of ``activation_info`` and the like in, plain values out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Result = Mapping[str, Any]


def trouble(result: Result | None, unsaid: str = "the module failed") -> tuple[str, str] | None:
    """Whether a task did not come to its end, as a state and why; None when it did. A task that never ran is no trouble."""
    if not result:
        return None
    message = str(result.get("msg") or "").removeprefix("Task failed: ")  # ansible-core 2.19 and later say so beforehand
    if result.get("unreachable"):
        return "unreachable", message or "it could not be reached"
    return ("failed", message or unsaid) if result.get("failed") else None


def client_type(result: Result) -> str | None:
    """Servers need a count of 5, everything else one of 25; None when the result does not tell."""
    found = (result.get("machine") or {}).get("product_type")
    return None if found is None else "client" if found == "client" else "server"


def kms_count(result: Result, application: str) -> int | None:
    """The count of the host keys of an application; what the service says where no product has it."""
    keys = [product for product in result.get("products") or () if product["channel"] == "csvlk" and product["application"] == application]
    counts = [key["host_role"]["current_count"] for key in keys if key["host_role"]]
    known = [count for count in counts if count is not None]
    if known:
        return int(max(known))
    return (result.get("service") or {}).get("current_count") if application == "windows" else None
