# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The products and the licensing service that a task about a key applies to.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from typing import NoReturn

from ..office.names import is_subscription
from ..problems import OfficeNotReadError, TaskRefusedError
from .model import OSPP_PRODUCT, SPP_PRODUCT, ActivationState, Application, Channel, LicensedProduct, LicensingService

APPLICATIONS = {
    "windows": frozenset({Application.WINDOWS}),
    "office": frozenset({Application.OFFICE}),
    "all": frozenset(Application),
}
"""The applications whose licenses a task reads, by the value of its option `application`."""


def keyed(state: ActivationState, application: Application, activation_id: str | None) -> tuple[LicensedProduct, ...]:
    """Return the products of an application that have a key, limited to one activation ID if there is one."""
    wanted = guid(activation_id)
    return tuple(product for product in state.keyed(application) if not wanted or product.activation_id == wanted)


def replaced(
    state: ActivationState, application: Application, activation_id: str | None, found_license: LicensedProduct | None = None
) -> tuple[LicensedProduct, ...]:
    """Return the products whose key a new key replaces, as far as this is known before the key is installed.

    Windows has one key. Each add-on and each Office product has its own key. `found_license` is the license with the ID `activation_id`,
    with or without a key, or None if it was not read. Without an ID, the new key can replace the key of any Office product, but not one
    of a subscription.
    """
    wanted = guid(activation_id)
    if application is not Application.WINDOWS:
        return tuple(product for product in keyed(state, application, activation_id) if not is_subscription(product))
    same = tuple(product for product in state.keyed(Application.WINDOWS) if wanted and product.activation_id == wanted)
    is_addon_key = found_license.is_addon if found_license else any(product.is_addon for product in same)
    return same if is_addon_key else state.keyed(Application.WINDOWS, addons=False)


def guid(text: str | None) -> str | None:
    """Return a GUID in the format of the model: lower case, without braces."""
    return text.strip("{}").lower() if text else None


def service_for(state: ActivationState, application: Application, products: tuple[LicensedProduct, ...]) -> LicensingService:
    """Return the licensing service for a key.

    Before Windows 8, Office has its own licensing service. Since Windows 8, only Office 2010 has its own.
    """
    if application is not Application.OFFICE or state.office_service is None:
        return state.service
    is_with_windows = any(product.class_name == SPP_PRODUCT for product in products)
    return state.service if is_with_windows else state.office_service


def product_class(service: LicensingService) -> str:
    """Return the class of the products of a service."""
    return SPP_PRODUCT if service.class_name.startswith("SoftwareLicensing") else OSPP_PRODUCT


def refuse_host(state: ActivationState, product: LicensedProduct, doing: str, next_step: str) -> None:
    """Raise TaskRefusedError if the product makes the machine a KMS host. `doing` is what the task would do with its key."""
    if product.channel is Channel.CSVLK or product.kms_host.enabled:
        raise TaskRefusedError(
            "is_kms_host",
            f"{state.os.computer_name} is a KMS host by its key ending in {product.partial_product_key}: "
            f"{doing} it would stop it activating other machines.",
            (next_step,),
        )


def refuse_unread(state: ActivationState) -> None:
    """Raise OfficeNotReadError for a change of Office if its licenses could not be read.

    The machine might have a key, or a licensing service for the key, that the module does not know.
    """
    if state.notes:
        unknown = "The installed Office keys, and the licensing service for Office, are not known."
        raise OfficeNotReadError(
            "office_not_read",
            f"{state.os.computer_name}: {state.notes[0].strip().rstrip('.')}. {unknown}",
            (
                "Repair or remove this Office. Its service is osppsvc (Office Software Protection Platform).",
                "Run activation_info with application: all. If it does not return a warning, run the task again.",
            ),
        )


def refuse_unknown_id(state: ActivationState, activation_id: str) -> NoReturn:
    """Raise TaskRefusedError for the key of a license that the machine does not have. Such a key could only replace another key."""
    raise TaskRefusedError(
        "activation_id_unknown",
        f"{state.os.computer_name} does not have the license {activation_id}.",
        ("Correct activation_id, or install the update that contains this license.",),
    )


def refuse_several(state: ActivationState, products: tuple[LicensedProduct, ...], next_step: str) -> None:
    """Raise TaskRefusedError if more than one product matches."""
    if len(products) > 1:
        listed = "; ".join(f"{product.name} (key ending in {product.partial_product_key}, {product.activation_id})" for product in products)
        raise TaskRefusedError(
            "several_products", f"{len(products)} products of {state.os.computer_name} have a key: {listed}.", (next_step,)
        )
