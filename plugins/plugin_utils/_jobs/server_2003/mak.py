# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a MAK task on Windows Server 2003.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The input is the current and the desired state, the output is a plan or an exception. Windows accepts a key only while activation is
required, and does not show the installed key. The plan therefore sets the key with each attempt.
"""

from __future__ import annotations

from typing import Any

from ....module_utils import _phone as phone
from ..._licensing.mak.consumption import idle_outcome, refuse_consumption
from ..._licensing.mak.model import SETTINGS, MakDesired
from ..._licensing.plan.activation import Activation
from ..._licensing.plan.plan import LicensePlan
from ..._licensing.plan.step import Step
from ..._licensing.state.model import WINDOWS_ID, ActivationState, Application, LicensedProduct
from ..._licensing.state.served import refuse
from ..._licensing.state.target import Target
from .generation import ProductActivationGeneration
from .model import WPA_CLASS, ProductActivation
from .provider import Wpa, path

_UNSUPPORTED_OPTIONS = (
    ("activation_id", "does not have activation IDs"),
    ("esu", "does not have add-on licenses"),
    ("installation_id", "creates a new installation ID for each request, so the IDs cannot be compared"),
    ("edition_id", "does not report for which edition it accepts a key"),
    ("clear_kms_settings", "does not support KMS"),
    ("convert_kms_host", "does not support KMS"),
)
"""Options that this version of Windows does not support, with the reason."""


def plan(state: ActivationState, desired: MakDesired) -> LicensePlan:
    """Return the plan. Raises TaskRefusedError for options that this version of Windows does not support."""
    _refuse_unsupported_options(state, desired)
    activation = _activation_of(state)
    provider = Wpa(state.os, path(activation), activation.files)
    product = state.products[0]
    wanted = _activation(desired, product, activation)
    refuse_consumption(desired, wanted)
    return LicensePlan(
        state=state,
        steps=_steps(desired, product, provider),
        before=settings_dict(product),
        after={**settings_dict(product), **({"status": "licensed"} if wanted else {})},
        warnings=_warnings(state, desired, product, wanted),
        target=Target(WPA_CLASS, (WINDOWS_ID,), None),
        activation=wanted,
        outcome_if_idle=idle_outcome(desired, product),
        provider=provider,
        compare=lambda read: settings_dict(read.products[0]),
        reread=provider.read_again,
    )


def _activation_of(state: ActivationState) -> ProductActivation:
    if not isinstance(state.generation, ProductActivationGeneration):
        raise TypeError(f"{state.os.computer_name} was not read as Windows Server 2003")
    return state.generation.activation


def settings_dict(product: LicensedProduct) -> dict[str, Any]:
    """Return the data for before and after, in the format of later Windows versions."""
    known = {"partial_product_key": None, "channel": product.channel.value, "status": product.status.name.lower()}
    return {**known, **dict.fromkeys(SETTINGS)}


def _steps(desired: MakDesired, product: LicensedProduct, provider: Wpa) -> tuple[Step, ...]:
    """Return the steps. A new key would invalidate a confirmation ID, so the key is not set together with one."""
    if product.status.is_activated or desired.confirmation_id:
        return ()
    steps = [_set_key(desired, product, provider)] if desired.product_key else []
    return (*steps, _fetch(provider)) if desired.takes_confirmation_id else tuple(steps)


def _set_key(desired: MakDesired, product: LicensedProduct, provider: Wpa) -> Step:
    key = desired.product_key
    description = f"set the product key ending in {key.partial_product_key if key else '?'}"
    return Step("install_product_key", provider.where, "SetProductKey", description, key=key, product=product)


def _fetch(provider: Wpa) -> Step:
    return Step(
        "get_installation_id",
        provider.where,
        "GetInstallationID",
        "get a new installation ID, which invalidates the previous one",
        run=lambda session, _timer: provider.fetch_installation_id(session),
    )


def _activation(desired: MakDesired, product: LicensedProduct, activation: ProductActivation) -> Activation | None:
    if product.status.is_activated or not desired.activate:
        return None
    if desired.confirmation_id:
        description = f"activate {activation.server_name} with its confirmation ID"
        return Activation(description, confirmation_id=desired.confirmation_id, method=desired.activation_method)
    if desired.takes_confirmation_id:
        return None
    return Activation(f"activate {activation.server_name} online", desired.retry_timeout, consumes="1 activation of its product key")


def _warnings(state: ActivationState, desired: MakDesired, product: LicensedProduct, wanted: Activation | None) -> tuple[str, ...]:
    if product.status.is_activated and desired.product_key:
        partial_product_key = desired.product_key.partial_product_key
        return (
            f"the key ending in {partial_product_key} was not set: Windows Server 2003 accepts a key only while activation is required",
        )
    found: list[str] = []
    if desired.confirmation_id and desired.product_key:
        found.append(
            f"the key ending in {desired.product_key.partial_product_key} was not set, because that would invalidate the confirmation ID"
        )
    if wanted and wanted.confirmation_id:
        found += (f"confirmation ID: {hint}" for hint in phone.hints(wanted.confirmation_id, phone.BEFORE_VISTA))
    if desired.takes_confirmation_id and not product.status.is_activated:
        found += state.generation.warnings()
    return tuple(found)


def _refuse_unsupported_options(state: ActivationState, desired: MakDesired) -> None:
    if desired.application is not Application.WINDOWS:
        refuse(state.os, "does not have a licensing service for Office", "Do not specify application for this machine.")
    for option, why in _UNSUPPORTED_OPTIONS:
        if getattr(desired, option):
            refuse(state.os, why, f"Do not specify {option} for this machine.")
