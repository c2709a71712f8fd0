# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the results of the modules for one machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The input are results of ``activation_info`` and ``mak_client``.
"""

from __future__ import annotations

from .._licensing.state.model import Channel, LicenseStatus
from .._task_results import Result, task_failure
from .model import ProxyRecord, record_of

_SERVER_2003 = "5."
_BEFORE_THE_KEY = ("needs_confirmation_id", "planned")
"""Outcomes in check mode of a machine on which the run would install the MAK."""


def outcome(result: Result | None) -> str | None:
    """Return the outcome of the activation from mak_client, or None if the module did not run or failed before the activation."""
    found = ((result or {}).get("activation") or {}).get("outcome")
    return None if found is None else str(found)


def error_of(result: Result | None) -> Result:
    """Return the error of a module result; empty if there is none."""
    result = result or {}
    return result.get("error") or (result.get("activation") or {}).get("error") or {}


def computer_name(result: Result | None) -> str:
    """Return the name that a machine reports; empty if it was not read."""
    return str(((result or {}).get("machine") or {}).get("computer_name") or "")


def gives_ids_once(result: Result) -> bool:
    """Whether the machine runs Windows Server 2003 or XP, which returns a new installation ID each time, and does not show it again."""
    return str((result.get("machine") or {}).get("version") or "").startswith(_SERVER_2003)


def maks(result: Result, application: str) -> list[Result]:
    """Return the products of an application with a MAK. Each add-on of Windows has a MAK and an installation ID of its own."""
    products = (product for product in result.get("products") or () if product["application"] == application)
    return [product for product in products if product["channel"] == Channel.MAK.value]


def is_licensed(product: Result) -> bool:
    """Whether a product does not need an activation."""
    return LicenseStatus[str(product["status"]).upper()].is_activated


def record_from(machine: str, result: Result | None, collected_time: str) -> ProxyRecord | None:
    """Return the record of an installation ID that mak_client has read, or None if no confirmation ID is required.

    `collected_time` is ISO 8601 in UTC. Raises InvalidFieldError for an invalid installation ID.
    """
    product = asked_for(result)
    if product is None or not product.get("installation_id"):
        return None
    values = {
        "machine": machine,
        "computer_name": computer_name(result),
        "application": product.get("application"),
        "product_name": product.get("name"),
        "activation_id": product.get("activation_id"),
        "partial_product_key": product.get("partial_product_key"),
        # Windows Server 2003 has a product ID of another kind, with which Microsoft's service for confirmation IDs cannot be asked.
        "extended_pid": None if gives_ids_once(result or {}) else product.get("extended_pid"),
        "installation_id": product["installation_id"],
        "collected_time": collected_time,
    }
    return record_of(values, f"machine {machine}")


def will_show_id(result: Result | None) -> bool:
    """Whether the machine shows its installation ID only after the run has installed the MAK, which is so in check mode."""
    result = result or {}
    is_stopped = result.get("skipped") or task_failure(result) is not None
    return not is_stopped and outcome(result) in _BEFORE_THE_KEY and asked_for(result) is None and not gives_ids_once(result)


def asked_for(result: Result | None) -> Result | None:
    """Return the product that needs a confirmation ID, or None. In check mode, it is None until the MAK is installed.

    The license of an add-on is for a MAK before it has a key.
    """
    products = (result or {}).get("products") or ()
    if outcome(result) != "needs_confirmation_id" or not products:
        return None
    product: Result = products[0]
    has_mak = product.get("channel") == Channel.MAK.value and bool(product.get("partial_product_key"))
    return product if has_mak or gives_ids_once(result or {}) else None
