# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which products a task about a key speaks of, and which service looks after them.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from typing import NoReturn

from ..problems import TaskRefusedError
from .model import OSPP_PRODUCT, SPP_PRODUCT, ActivationState, Application, Channel, LicensedProduct, LicensingService

APPLICATIONS = {
    "windows": frozenset({Application.WINDOWS}),
    "office": frozenset({Application.OFFICE}),
    "all": frozenset(Application),
}
"""Whose licenses a task reads, by the word of its option `application`."""


def keyed(state: ActivationState, application: Application, activation_id: str | None) -> tuple[LicensedProduct, ...]:
    """The products of an application that have a key, narrowed down to one activation ID when there is one."""
    wanted = guid(activation_id)
    return tuple(product for product in state.keyed(application) if not wanted or product.activation_id == wanted)


def replaced(
    state: ActivationState, application: Application, activation_id: str | None, found_license: LicensedProduct | None = None
) -> tuple[LicensedProduct, ...]:
    """The products whose key a new key takes the place of, as far as that is known before the key is installed.

    Windows has one key; an add-on and each product of Office has its own. `found_license` is the license that `activation_id` names, with
    a key or without, where it was read. Without an ID any product of Office could be the one.
    """
    wanted = guid(activation_id)
    if application is not Application.WINDOWS:
        return keyed(state, application, activation_id)
    same = tuple(product for product in state.keyed(Application.WINDOWS) if wanted and product.activation_id == wanted)
    is_beside = found_license.is_addon if found_license else any(product.is_addon for product in same)
    return same if is_beside else state.keyed(Application.WINDOWS, addons=False)


def guid(text: str | None) -> str | None:
    """A GUID as the model has it: lower case, without braces."""
    return text.strip("{}").lower() if text else None


def service_for(state: ActivationState, application: Application, products: tuple[LicensedProduct, ...]) -> LicensingService:
    """Office has a licensing service of its own before Windows 8; from then on it uses that of Windows, Office 2010 excepted."""
    if application is not Application.OFFICE or state.office_service is None:
        return state.service
    is_with_windows = any(product.class_name == SPP_PRODUCT for product in products)
    return state.service if is_with_windows else state.office_service


def product_class(service: LicensingService) -> str:
    """The class of the products a service looks after."""
    return SPP_PRODUCT if service.class_name.startswith("SoftwareLicensing") else OSPP_PRODUCT


def refuse_host(state: ActivationState, product: LicensedProduct, doing: str, way_out: str) -> None:
    """Raise TaskRefusedError when the product makes the machine a KMS host; `doing` says what would happen to its key."""
    if product.channel is Channel.CSVLK or product.kms_host.enabled:
        raise TaskRefusedError(
            "is_kms_host",
            f"{state.os.computer_name} is a KMS host by its key ending in {product.partial_product_key}: "
            f"{doing} it would stop it activating other machines.",
            (way_out,),
        )


def refuse_unread(state: ActivationState) -> None:
    """

    aise TaskRefusedError for a change of Office where its licenses could not be read: its key, or the service that takes it, may be
    there.
    """
    if state.notes:
        unknown = "Which key of Office it has and which service takes one is not known."
        raise TaskRefusedError(
            "office_not_read",
            f"{state.os.computer_name}: {state.notes[0].strip().rstrip('.')}. {unknown}",
            (
                "Repair this Office, or remove it: its service is osppsvc (Office Software Protection Platform).",
                "Run the task again when activation_info with application: all reads the machine without a warning.",
            ),
        )


def refuse_unknown_id(state: ActivationState, activation_id: str) -> NoReturn:
    """Raise TaskRefusedError for a key that is meant for a license the machine does not have: it could only replace another key."""
    raise TaskRefusedError(
        "activation_id_unknown",
        f"{state.os.computer_name} has no license {activation_id}.",
        ("Correct activation_id, or install the update that brings this license.",),
    )


def refuse_several(state: ActivationState, products: tuple[LicensedProduct, ...], way_out: str) -> None:
    """Raise TaskRefusedError when more than one product could be meant."""
    if len(products) > 1:
        listed = "; ".join(f"{product.name} (key ending in {product.partial_product_key}, {product.activation_id})" for product in products)
        raise TaskRefusedError(
            "several_products", f"{len(products)} products of {state.os.computer_name} have a key: {listed}.", (way_out,)
        )
