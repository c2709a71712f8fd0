# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules said of one machine, as far as proxy activation is concerned.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure: results of ``activation_info`` and ``mak_client`` in, values out.
"""

from __future__ import annotations

from .._licensing.state.model import Channel, LicenseStatus
from .._task_results import Result
from .model import ProxyRecord, record_of

_SERVER_2003 = "5."


def outcome(result: Result | None) -> str | None:
    """What mak_client says of the activation; None when it did not run, or stopped before there was anything to say."""
    found = ((result or {}).get("activation") or {}).get("outcome")
    return None if found is None else str(found)


def error_of(result: Result | None) -> Result:
    """The error of a module result in its parts; empty when there is none."""
    result = result or {}
    return result.get("error") or (result.get("activation") or {}).get("error") or {}


def computer_name(result: Result | None) -> str:
    """The name a machine gives itself; empty when it was not read."""
    return str(((result or {}).get("machine") or {}).get("computer_name") or "")


def gives_ids_once(result: Result) -> bool:
    """Whether the machine is a Windows Server 2003 or XP: a new installation ID each time one is asked for, and none to look at."""
    return str((result.get("machine") or {}).get("version") or "").startswith(_SERVER_2003)


def maks(result: Result, application: str) -> list[Result]:
    """The products of an application with a MAK, add-ons aside."""
    products = (product for product in result.get("products") or () if product["application"] == application)
    return [product for product in products if product["channel"] == Channel.MAK.value and not product.get("is_addon")]


def is_licensed(product: Result) -> bool:
    """Whether a product needs no activation."""
    return LicenseStatus[str(product["status"]).upper()].is_activated


def record_from(machine: str, result: Result | None, collected_time: str) -> ProxyRecord | None:
    """The record of an installation ID that mak_client has read; None when there is nothing to ask Microsoft.

    `collected_time` is ISO 8601 in UTC. Raises InvalidFieldError for an installation ID that is none.
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
        "installation_id": product["installation_id"],
        "collected_time": collected_time,
    }
    return record_of(values, f"machine {machine}")


def asked_for(result: Result | None) -> Result | None:
    """The product for which mak_client wants a confirmation ID. In check mode there is none as long as its MAK is not installed."""
    products = (result or {}).get("products") or ()
    if outcome(result) != "needs_confirmation_id" or not products:
        return None
    product: Result = products[0]
    return product if product.get("channel") == Channel.MAK.value or gives_ids_once(result or {}) else None
