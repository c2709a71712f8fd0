# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed Office as the plain data of a task result, and as text for messages.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from typing import Any

from ....module_utils._hosts import DEFAULT_PORT
from ..state.model import ActivationState, Application, LicensingService
from ..state.report import describe
from .click_to_run import SUBSCRIPTION, Installation
from .installed import BY_SUBSCRIPTION, InstalledOffice, installations
from .leftovers import ids_of, leftovers
from .names import is_subscription

NOT_VISIBLE = "Its activation belongs to the user who signs in, and WMI does not show it."
"""Sentence about Microsoft 365."""


def describe_with_office(state: ActivationState, office: InstalledOffice) -> dict[str, Any]:
    """Return the result of :func:`describe` with the installed Office.

    If only Office was requested, `licensed` ignores keys that are not in use, and licenses of a subscription beside other licenses.
    """
    found = describe(state)
    notes = [f"{state.os.computer_name}: {note}" for note in office.notes]
    warnings = [*found.get("warnings", ()), *notes]
    return {
        **found,
        **({"warnings": warnings} if warnings else {}),
        "msg": " ".join([found["msg"], *about_subscription(office)]),
        "licensed": found["licensed"] if Application.WINDOWS in state.applications else _is_licensed(state, office),
        "office_service": describe_office_service(state.office_service),
        "office_installations": describe_installations(state, office),
    }


def describe_installations(state: ActivationState, office: InstalledOffice) -> list[dict[str, Any]]:
    """Return the installed Office products as result data."""
    return [_describe(each, office) for each in installations(state, office)]


def describe_office_service(service: LicensingService | None) -> dict[str, Any] | None:
    """Return the licensing service of Office, or None if Office does not have one. It has a CMID of its own."""
    if service is None:
        return None
    return {
        "version": service.version,
        "cmid": service.cmid,
        "kms_host": service.kms.host,
        "kms_port": (service.kms.port or DEFAULT_PORT) if service.kms.host else service.kms.port,
        "host_caching": service.host_caching,
    }


def about_subscription(office: InstalledOffice) -> tuple[str, ...]:
    """Return a sentence about Microsoft 365, if it is installed."""
    found = ", ".join(each.release_id for each in office.of_kind(SUBSCRIPTION))
    return (f"Microsoft 365 is installed ({found}). {NOT_VISIBLE}",) if found else ()


def _describe(installation: Installation, office: InstalledOffice) -> dict[str, Any]:
    is_managed = installation.kind == SUBSCRIPTION
    licensing = office.microsoft_365 if is_managed else None
    return {
        "release_id": installation.release_id or None,
        "product": installation.product,
        "release": installation.release,
        "kind": installation.kind,
        "managed_by": BY_SUBSCRIPTION if is_managed else None,
        "shared_computer_licensing": licensing.shared_computer if licensing else None,
        "device_based_licensing": licensing.device_based if licensing else None,
    }


def _is_licensed(state: ActivationState, office: InstalledOffice) -> bool:
    unused = ids_of(leftovers(state, office))
    keyed = [product for product in state.keyed(Application.OFFICE, addons=False) if product.activation_id not in unused]
    own = [product for product in keyed if not is_subscription(product)]
    if own:
        return all(product.status.is_activated for product in own)
    return any(product.status.is_activated for product in keyed)
